/* SPDX-License-Identifier: Apache-2.0 */
/* db.c -- the adapter of SQLite: pragmas that make a commit durable, and errors as negative errno.
 */
#include "db/db.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/file.h"
#include "log.h"

#define BUSY_TIMEOUT_MS 5000
#define SYNCHRONOUS_FULL 2
#define STATEMENT_PLACES 64 /* by hash: a writer knows a hundred texts, and looks up one a step */

struct pp_stmt {
	struct pp_stmt *next;
	struct pp_db *db;
	sqlite3_stmt *raw;
	int bind_code; /* the first bind that failed since the last reset */
	char sql[];
};

struct pp_db {
	sqlite3 *raw;
	struct pp_stmt *stmts[STATEMENT_PLACES];
	bool begun; /* between pp_db_begin and its end */
	int last;   /* -errno of the last failure */
	char error[256];
};

void pp_db_set_wait(struct pp_db *db, int ms)
{
	sqlite3_busy_timeout(db->raw, ms);
}

static int constraint_errno(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return -EEXIST;
	default:
		return -EINVAL;
	}
}

static int file_errno(int code, int system)
{
	if (code == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	/* Whatever it was for want of: what was to be on the disk is perhaps not, and is not tried
	 * again by syncing once more. */
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
		return -EIO;
	if (system == ENOSPC || system == EDQUOT)
		return -ENOSPC;
	if ((code & 0xff) == SQLITE_CANTOPEN && (system == ENOENT || system == EACCES))
		return -system;
	return -EIO;
}

static int code_errno(int code, int system)
{
	switch (code & 0xff) {
	case SQLITE_OK:
		return 0;
	case SQLITE_CONSTRAINT:
		return constraint_errno(code);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return file_errno(code, system);
	default:
		return -EINVAL;
	}
}

/* Translates code; keeps a failure's words before a reset or a rollback overwrites them. */
static int db_result(struct pp_db *db, int code)
{
	if (code == SQLITE_OK)
		return 0;
	snprintf(db->error, sizeof(db->error), "%s (%d)", sqlite3_errmsg(db->raw), code);
	db->last = code_errno(code, sqlite3_system_errno(db->raw));
	return db->last;
}

/* SQLite rolls a transaction back by itself when the disk is full or fails. What follows must then
 * not be written outside of it: it is refused with the same error until the caller ends the
 * transaction. */
static int db_ready(const struct pp_db *db)
{
	return db->begun && sqlite3_get_autocommit(db->raw) ? db->last : 0;
}

const char *pp_db_error(const struct pp_db *db)
{
	return db->error;
}

int pp_db_exec(struct pp_db *db, const char *sql)
{
	int r = db_ready(db);

	return r < 0 ? r : db_result(db, sqlite3_exec(db->raw, sql, NULL, NULL, NULL));
}

/* The one integer that sql yields. */
static int db_number(struct pp_db *db, const char *sql, int64_t *ret_value)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, sql, &s);

	if (r < 0)
		return r;
	r = pp_stmt_step(s);
	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret_value = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return 0;
}

/* The answer comes before the change is committed: the statement is run to its end, which may fail,
 * and then the file is as it was, with a rollback journal whose removal nobody syncs. */
static int wal_set(struct pp_db *db)
{
	struct pp_stmt *s;
	bool is_wal;
	int r = pp_db_prepare(db, "PRAGMA journal_mode=WAL", &s);

	if (r < 0)
		return r;
	r = pp_stmt_step(s);
	if (r <= 0)
		return r < 0 ? r : -EIO;
	is_wal = strcmp(pp_column_text(s, 0), "wal") == 0;
	r = pp_stmt_run(s);
	return r < 0 ? r : is_wal ? 0 : -EIO;
}

/* SQLite syncs the name of the log with its first content, and does not care whether that went
 * well: a power cut may then take the log, with all that was committed to it. The first read makes
 * it. */
static int log_name_sync(struct pp_db *db, const char *path)
{
	int64_t ignored;
	int r = db_number(db, "PRAGMA schema_version", &ignored);

	return r < 0 ? r : pp_file_sync_name(path);
}

/* With synchronous=NORMAL a power cut takes commits that were acknowledged: hence set, and read
 * back. */
static int writer_prepare(struct pp_db *db, const char *path)
{
	int64_t value = 0;
	int r = wal_set(db);

	if (r == 0)
		r = pp_db_exec(db, "PRAGMA synchronous=FULL");
	if (r == 0)
		r = db_number(db, "PRAGMA synchronous", &value);
	if (r == 0 && value != SYNCHRONOUS_FULL)
		r = -EIO;
	return r < 0 ? r : log_name_sync(db, path);
}

static int log_result(struct pp_db *db, int code)
{
	if (code == SQLITE_OK)
		return 0;
	snprintf(db->error, sizeof(db->error), "log: %s (%d)", sqlite3_errstr(code), code);
	db->last = code_errno(code, 0);
	return db->last;
}

static int log_look(struct pp_db *db)
{
	sqlite3_int64 left;
	int r = log_result(db, pp_db_log_size(db->raw, &left));

	if (r == 0 && left == 0)
		pp_db_log_carry(db->raw, true);
	return r;
}

static int reader_prepare(struct pp_db *db)
{
	int64_t ignored;
	int r = pp_db_exec(db, "PRAGMA query_only=ON");

	/* The first read is what finds out that the file is not a database. */
	return r < 0 ? r : db_number(db, "PRAGMA schema_version", &ignored);
}

static int db_prepare_mode(struct pp_db *db, const char *path, enum pp_db_mode mode)
{
	int r;

	sqlite3_extended_result_codes(db->raw, 1);
	pp_db_log_carry(db->raw, false);
	pp_db_set_wait(db, BUSY_TIMEOUT_MS);
	/* "name" in double quotes is a column, never silently a text. */
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	r = pp_db_exec(db, "PRAGMA foreign_keys=ON");
	/* Else a large statement wants room in a temporary folder that may be full or unwritable.
	 */
	if (r == 0)
		r = pp_db_exec(db, "PRAGMA temp_store=MEMORY");
	if (r == 0 && mode == PP_DB_ALONE)
		r = pp_db_exec(db, "PRAGMA locking_mode=EXCLUSIVE");
	if (r < 0)
		return r;
	if (mode == PP_DB_READ)
		return reader_prepare(db);
	r = writer_prepare(db, path);
	return r < 0 ? r : log_look(db);
}

int pp_db_open(const char *path, enum pp_db_mode mode, struct pp_db **ret_db)
{
	/* A reader opens for writing too, because it may have to recover the shared memory of the
	 * WAL; query_only keeps it from more. SQLite falls back to reading where it may not write.
	 */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, r;
	struct pp_db *db = calloc(1, sizeof(*db));

	if (!db)
		return -ENOMEM;
	if (mode != PP_DB_READ)
		flags |= SQLITE_OPEN_CREATE;
	r = sqlite3_open_v2(path, &db->raw, flags, NULL);
	r = db->raw ? db_result(db, r) : -ENOMEM;
	if (r == 0)
		r = db_prepare_mode(db, path, mode);
	if (r < 0) {
		pp_db_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

struct pp_db *pp_db_close(struct pp_db *db)
{
	int code;

	if (!db)
		return NULL;
	for (size_t i = 0; i < STATEMENT_PLACES; i++) {
		for (struct pp_stmt *s = db->stmts[i], *next; s; s = next) {
			next = s->next;
			sqlite3_finalize(s->raw);
			free(s);
		}
	}
	code = sqlite3_close(db->raw);
	assert(code == SQLITE_OK); /* every statement was ours and is gone */
	free(db);
	return NULL;
}

int pp_db_begin(struct pp_db *db)
{
	int r;

	assert(!db->begun);
	r = pp_db_run(db, "BEGIN IMMEDIATE");
	db->begun = r == 0;
	return r;
}

int pp_db_commit(struct pp_db *db)
{
	int r;

	assert(db->begun);
	r = pp_db_run(db, "COMMIT");
	if (r < 0)
		pp_db_rollback(db);
	db->begun = false;
	return r;
}

void pp_db_rollback(struct pp_db *db)
{
	/* A failing ROLLBACK has rolled back all the same: there is nothing to tell the caller. */
	if (db->begun && !sqlite3_get_autocommit(db->raw))
		(void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	db->begun = false;
}

static int script_run(struct pp_db *db, const char *script, size_t number)
{
	char pragma[64];
	int r = pp_db_exec(db, script);

	if (r < 0)
		return r;
	assert(!sqlite3_get_autocommit(db->raw)); /* a script ends no transaction */
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%zu", number);
	return pp_db_exec(db, pragma);
}

/* The next script, in the transaction that is open. 1: it ran, 0: none is left. */
static int script_next(struct pp_db *db, const char *const *scripts, size_t count)
{
	int64_t version;
	int r = db_number(db, "PRAGMA user_version", &version);

	if (r < 0)
		return r;
	if (version < 0 || (uint64_t)version > count)
		return -ERANGE;
	if ((size_t)version == count)
		return 0;
	r = script_run(db, scripts[version], (size_t)version + 1);
	return r < 0 ? r : 1;
}

/* The version is read again under the lock: another process may have been first. */
static int migrate_one(struct pp_db *db, const char *const *scripts, size_t count)
{
	int r = pp_db_begin(db), committed;

	if (r < 0)
		return r;
	r = script_next(db, scripts, count);
	if (r <= 0) {
		pp_db_rollback(db);
		return r;
	}
	committed = pp_db_commit(db);
	return committed < 0 ? committed : 1;
}

int pp_db_migrate(struct pp_db *db, const char *const *scripts, size_t count)
{
	int64_t version;
	int r = db_number(db, "PRAGMA user_version", &version);

	if (r < 0)
		return r;
	if (version < 0 || (uint64_t)version > count)
		return -ERANGE;
	if ((size_t)version == count)
		return 0;
	do
		r = migrate_one(db, scripts, count);
	while (r > 0);
	return r;
}

int pp_db_tune(struct pp_db *db, unsigned cache_kib, unsigned checkpoint_pages)
{
	char pragmas[96];

	snprintf(pragmas, sizeof(pragmas), "PRAGMA cache_size=-%u; PRAGMA wal_autocheckpoint=%u",
		cache_kib, checkpoint_pages);
	return pp_db_exec(db, pragmas);
}

/* Of a log whose sync has failed the disk may have the beginning alone. If that were still there
 * when the file has the whole already, a power cut would put old pages over new ones. */
int pp_db_settle(struct pp_db *db)
{
	int r = pp_db_begin(db);

	if (r < 0)
		return r;
	r = log_result(db, pp_db_log_write_again(db->raw));
	pp_db_rollback(db);
	if (r == 0)
		r = pp_db_log_empty(db);
	if (r == 0)
		pp_db_log_carry(db->raw, true);
	return r;
}

int64_t pp_db_last_id(const struct pp_db *db)
{
	return sqlite3_last_insert_rowid(db->raw);
}

int64_t pp_db_changes(const struct pp_db *db)
{
	return sqlite3_changes64(db->raw);
}

int pp_db_data_version(struct pp_db *db, int64_t *ret_version)
{
	return db_number(db, "PRAGMA data_version", ret_version);
}

int pp_db_size(struct pp_db *db, int64_t *ret_bytes)
{
	return db_number(db,
		"SELECT (page_count - freelist_count) * page_size"
		" FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
		ret_bytes);
}

static int stmt_new(struct pp_db *db, const char *sql, struct pp_stmt **ret_stmt)
{
	size_t size = strlen(sql) + 1;
	struct pp_stmt *s = calloc(1, sizeof(*s) + size);
	const char *tail;
	int r;

	if (!s)
		return -ENOMEM;
	memcpy(s->sql, sql, size);
	s->db = db;
	r = db_result(db,
		sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->raw, &tail));
	if (r == 0 && (!s->raw || tail[strspn(tail, " \t\n;")] != '\0')) {
		snprintf(db->error, sizeof(db->error), "not exactly one statement");
		r = -EINVAL;
	}
	if (r < 0) {
		sqlite3_finalize(s->raw);
		free(s);
		return r;
	}
	*ret_stmt = s;
	return 0;
}

/* FNV-1a. */
static struct pp_stmt **stmt_place(struct pp_db *db, const char *sql)
{
	uint32_t hash = 2166136261u;

	for (; *sql; sql++)
		hash = (hash ^ (unsigned char)*sql) * 16777619u;
	return &db->stmts[hash % STATEMENT_PLACES];
}

int pp_db_prepare(struct pp_db *db, const char *sql, struct pp_stmt **ret_stmt)
{
	struct pp_stmt **place = stmt_place(db, sql), *fresh;

	for (struct pp_stmt *s = *place; s; s = s->next) {
		if (strcmp(s->sql, sql) != 0)
			continue;
		pp_stmt_reset(s);
		sqlite3_clear_bindings(s->raw);
		*ret_stmt = s;
		return 0;
	}
	int r = stmt_new(db, sql, &fresh);
	if (r < 0)
		return r;
	fresh->next = *place;
	*place = fresh;
	*ret_stmt = fresh;
	return 0;
}

int pp_db_run(struct pp_db *db, const char *sql)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, sql, &s);

	return r < 0 ? r : pp_stmt_run(s);
}

static void bind_note(struct pp_stmt *s, int code)
{
	if (s->bind_code == SQLITE_OK)
		s->bind_code = code;
}

void pp_stmt_i64(struct pp_stmt *s, int index, int64_t value)
{
	bind_note(s, sqlite3_bind_int64(s->raw, index, value));
}

void pp_stmt_real(struct pp_stmt *s, int index, double value)
{
	bind_note(s, sqlite3_bind_double(s->raw, index, value));
}

void pp_stmt_text(struct pp_stmt *s, int index, const char *text)
{
	bind_note(s, sqlite3_bind_text(s->raw, index, text, -1, SQLITE_TRANSIENT));
}

void pp_stmt_blob(struct pp_stmt *s, int index, const void *data, size_t length)
{
	bind_note(s, sqlite3_bind_blob64(s->raw, index, data, length, SQLITE_TRANSIENT));
}

void pp_stmt_null(struct pp_stmt *s, int index)
{
	bind_note(s, sqlite3_bind_null(s->raw, index));
}

static int stmt_fail(struct pp_stmt *s, int code)
{
	int r = db_result(s->db, code);

	pp_stmt_reset(s);
	return r;
}

int pp_stmt_step(struct pp_stmt *s)
{
	int code, r = db_ready(s->db);

	if (r < 0)
		return r;
	if (s->bind_code != SQLITE_OK)
		return stmt_fail(s, s->bind_code);
	code = sqlite3_step(s->raw);
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		return stmt_fail(s, code);
	pp_stmt_reset(s);
	return 0;
}

int pp_stmt_run(struct pp_stmt *s)
{
	int r;

	do
		r = pp_stmt_step(s);
	while (r > 0);
	return r;
}

void pp_stmt_reset(struct pp_stmt *s)
{
	/* It repeats the failure of the last step, which has been returned already. */
	(void)sqlite3_reset(s->raw);
	s->bind_code = SQLITE_OK;
}

int64_t pp_column_i64(const struct pp_stmt *s, int column)
{
	return sqlite3_column_int64(s->raw, column);
}

double pp_column_real(const struct pp_stmt *s, int column)
{
	return sqlite3_column_double(s->raw, column);
}

const char *pp_column_text(const struct pp_stmt *s, int column)
{
	return (const char *)sqlite3_column_text(s->raw, column);
}

const void *pp_column_blob(const struct pp_stmt *s, int column, size_t *ret_length)
{
	const void *data = sqlite3_column_blob(s->raw, column);

	*ret_length = (size_t)sqlite3_column_bytes(s->raw, column);
	/* SQLite gives NULL for an empty blob too; here NULL means NULL. */
	return !data && !pp_column_is_null(s, column) ? "" : data;
}

bool pp_column_is_null(const struct pp_stmt *s, int column)
{
	return sqlite3_column_type(s->raw, column) == SQLITE_NULL;
}
