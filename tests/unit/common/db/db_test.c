/* SPDX-License-Identifier: Apache-2.0 */
/* db_test.c -- a commit is durable, an error has its number, and a broken transaction leaves
 * nothing behind. */
#include "pospin_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "db/db.h"

/* SQLite reaches these instead of the C library's, so that syncs can be counted and made to fail.
 */
static int syncs, sync_error;

static int sync_count(int fd, long number)
{
	syncs++;
	if (sync_error == 0)
		return (int)syscall(number, fd);
	errno = sync_error;
	return -1;
}

int fsync(int fd)
{
	return sync_count(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return sync_count(fd, SYS_fdatasync);
}

static const char *const schema[] = {
	"CREATE TABLE post (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> ''));",
	"CREATE TABLE point (post INTEGER REFERENCES post (id), key BLOB, level REAL);"
	"CREATE INDEX point_post ON point (post);",
};

static char *folder;
static char path[512];
static struct pp_db *db;

static int file_make(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/test.db", folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, schema, PP_COUNT(schema)), 0);
	sync_error = 0;
	return 0;
}

static int file_remove(void **state)
{
	(void)state;
	sync_error = 0;
	db = pp_db_close(db);
	pp_test_folder_remove(folder);
	return 0;
}

static struct pp_stmt *prepared(struct pp_db *on, const char *sql)
{
	struct pp_stmt *s = NULL;

	if (pp_db_prepare(on, sql, &s) < 0)
		fail_msg("%s: %s", sql, pp_db_error(on));
	return s;
}

static int64_t number(struct pp_db *on, const char *sql)
{
	struct pp_stmt *s = prepared(on, sql);
	int64_t value;

	assert_int_equal(pp_stmt_step(s), 1);
	value = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return value;
}

static int post_add(struct pp_db *on, const char *name)
{
	struct pp_stmt *s = prepared(on, "INSERT INTO post (name) VALUES (?)");

	pp_stmt_text(s, 1, name);
	return pp_stmt_run(s);
}

static void a_writer_has_wal_full_and_foreign_keys(void **state)
{
	struct pp_stmt *s = prepared(db, "PRAGMA journal_mode");

	(void)state;
	assert_int_equal(pp_stmt_step(s), 1);
	assert_string_equal(pp_column_text(s, 0), "wal");
	pp_stmt_reset(s);
	assert_int_equal(number(db, "PRAGMA synchronous"), 2);
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(db, "PRAGMA busy_timeout"), 5000);
	assert_int_equal(number(db, "PRAGMA wal_autocheckpoint"), 1000);
}

static void a_file_that_cannot_keep_a_wal_is_refused(void **state)
{
	struct pp_db *other = NULL;

	(void)state;
	assert_int_equal(pp_db_open(":memory:", PP_DB_WRITE, &other), -EIO);
	assert_null(other);
}

static void every_commit_is_synced_before_it_returns(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		char name[16];
		int before = syncs;

		snprintf(name, sizeof(name), "post-%d", i);
		assert_int_equal(pp_db_begin(db), 0);
		assert_int_equal(post_add(db, name), 0);
		assert_int_equal(pp_db_commit(db), 0);
		if (syncs == before)
			fail_msg("commit %d was not synced", i);
	}
}

static void a_commit_whose_sync_fails_is_rolled_back(void **state)
{
	(void)state;
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	sync_error = EIO;
	assert_int_equal(pp_db_commit(db), -EIO);
	assert_non_null(strstr(pp_db_error(db), "disk I/O error"));
	sync_error = 0;
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 0);
	assert_int_equal(post_add(db, "a"), 0);
}

static void a_failed_sync_is_a_failing_disk_whatever_the_disk_calls_it(void **state)
{
	(void)state;
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	sync_error = ENOSPC; /* as a disk over the network does */
	assert_int_equal(pp_db_commit(db), -EIO);
}

static void settling_writes_the_log_into_the_file_and_syncs_it(void **state)
{
	char wal[600];
	struct stat st;
	int before;

	(void)state;
	snprintf(wal, sizeof(wal), "%s-wal", path);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 0);
	before = syncs;
	assert_int_equal(pp_db_settle(db), 0);
	assert_true(syncs > before);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(post_add(db, "b"), 0);
	sync_error = EIO;
	assert_int_equal(pp_db_settle(db), -EIO);
}

static void settling_waits_for_readers_of_an_older_state_and_for_nobody_else(void **state)
{
	struct pp_db *other;

	(void)state;
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &other), 0);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(pp_db_exec(other, "BEGIN"), 0);
	assert_int_equal(number(other, "SELECT count(*) FROM post"), 1);
	pp_db_set_wait(db, 10);
	assert_int_equal(pp_db_settle(db), 0);
	assert_int_equal(post_add(db, "b"), 0);
	assert_int_equal(pp_db_settle(db), -EBUSY);
	assert_int_equal(pp_db_exec(other, "COMMIT"), 0);
	assert_int_equal(pp_db_settle(db), 0);
	pp_db_close(other);
}

static void a_killed_writer_leaves_what_it_committed_and_no_more(void **state)
{
	int status;
	pid_t child;

	(void)state;
	db = pp_db_close(db);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (pp_db_open(path, PP_DB_WRITE, &db) < 0 || post_add(db, "kept") < 0 ||
			pp_db_begin(db) < 0 || post_add(db, "lost") < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM post WHERE name = 'kept'"), 1);
}

static void errors_have_their_own_number(void **state)
{
	static const struct {
		const char *sql;
		int want;
	} rows[] = {
		{ "INSERT INTO post (name) VALUES ('taken')", -EEXIST },
		{ "INSERT INTO post (id, name) VALUES (1, 'other')", -EEXIST },
		{ "INSERT INTO post (name) VALUES (NULL)", -EINVAL },
		{ "INSERT INTO post (name) VALUES ('')", -EINVAL },
		{ "INSERT INTO point (post) VALUES (99)", -EINVAL },
		{ "INSERT INTO nowhere VALUES (1)", -EINVAL },
		{ "INSERT INTO post (name) VALUES (\"a column\")", -EINVAL },
		{ "NOT SQL", -EINVAL },
	};

	(void)state;
	assert_int_equal(post_add(db, "taken"), 0);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int got = pp_db_exec(db, rows[i].sql);

		if (got != rows[i].want || pp_db_error(db)[0] == '\0')
			fail_msg("%s: got %d, want %d", rows[i].sql, got, rows[i].want);
	}
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 1);
}

static void the_failures_words_are_kept_for_the_log(void **state)
{
	(void)state;
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), -EEXIST);
	pp_db_rollback(db);
	assert_string_equal(pp_db_error(db), "UNIQUE constraint failed: post.name (2067)");
}

static void opening_tells_why_it_failed(void **state)
{
	char other[600];
	struct pp_db *none = NULL;
	int fd;

	(void)state;
	snprintf(other, sizeof(other), "%s/absent.db", folder);
	assert_int_equal(pp_db_open(other, PP_DB_READ, &none), -ENOENT);
	assert_int_equal(access(other, F_OK), -1);
	snprintf(other, sizeof(other), "%s/no/where.db", folder);
	assert_int_equal(pp_db_open(other, PP_DB_WRITE, &none), -ENOENT);
	snprintf(other, sizeof(other), "%s/text", folder);
	fd = open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "this is not a database, it is a text", 36), 36);
	close(fd);
	assert_int_equal(pp_db_open(other, PP_DB_WRITE, &none), -EUCLEAN);
	assert_int_equal(pp_db_open(other, PP_DB_READ, &none), -EUCLEAN);
	assert_null(none);
}

static void a_failing_statement_undoes_itself_and_not_the_transaction(void **state)
{
	(void)state;
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(
		pp_db_exec(db, "INSERT INTO post (name) VALUES ('b'), ('c'), ('a')"), -EEXIST);
	assert_int_equal(post_add(db, "d"), 0);
	assert_int_equal(pp_db_commit(db), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM post WHERE name IN ('a', 'd')"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 2);
}

static void a_transaction_given_up_on_a_full_disk_takes_nothing_more(void **state)
{
	static char big[200000];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(number(db, "PRAGMA max_page_count=20"), 20);
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(post_add(db, big), -ENOSPC);
	assert_int_equal(post_add(db, "b"), -ENOSPC);
	assert_int_equal(pp_db_exec(db, "INSERT INTO post (name) VALUES ('c')"), -ENOSPC);
	assert_int_equal(pp_db_commit(db), -ENOSPC);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 0);
	assert_int_equal(post_add(db, "d"), 0);
}

static void a_rollback_without_a_transaction_is_fine(void **state)
{
	(void)state;
	pp_db_rollback(db);
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	pp_db_rollback(db);
	pp_db_rollback(db);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 0);
}

static void a_second_writer_is_told_that_the_file_is_busy(void **state)
{
	struct pp_db *other;

	(void)state;
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &other), 0);
	assert_int_equal(number(other, "PRAGMA busy_timeout=1"), 1);
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(pp_db_begin(other), -EBUSY);
	assert_int_equal(pp_db_commit(db), 0);
	assert_int_equal(pp_db_begin(other), 0);
	pp_db_rollback(other);
	pp_db_close(other);
}

static void a_reader_sees_commits_only_and_cannot_write(void **state)
{
	struct pp_db *reader;

	(void)state;
	assert_int_equal(pp_db_open(path, PP_DB_READ, &reader), 0);
	assert_int_equal(pp_db_begin(db), 0);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(number(reader, "SELECT count(*) FROM post"), 0);
	assert_int_equal(pp_db_commit(db), 0);
	assert_int_equal(number(reader, "SELECT count(*) FROM post"), 1);
	assert_int_equal(post_add(reader, "b"), -EROFS);
	pp_db_close(reader);
}

static void the_data_version_changes_when_another_commits(void **state)
{
	int64_t before, same, after;
	struct pp_db *reader;

	(void)state;
	assert_int_equal(pp_db_open(path, PP_DB_READ, &reader), 0);
	assert_int_equal(pp_db_data_version(reader, &before), 0);
	assert_int_equal(pp_db_data_version(reader, &same), 0);
	assert_int_equal(before, same);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(pp_db_data_version(reader, &after), 0);
	assert_int_not_equal(before, after);
	pp_db_close(reader);
}

static void migrations_run_once_and_are_numbered(void **state)
{
	(void)state;
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(post_add(db, "a"), 0);
	assert_int_equal(pp_db_migrate(db, schema, PP_COUNT(schema)), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 1);
}

static void a_newer_file_is_refused(void **state)
{
	struct pp_db *reader;

	(void)state;
	assert_int_equal(pp_db_migrate(db, schema, 1), -ERANGE);
	assert_int_equal(pp_db_open(path, PP_DB_READ, &reader), 0);
	assert_int_equal(pp_db_migrate(reader, schema, 1), -ERANGE);
	assert_int_equal(pp_db_migrate(reader, schema, 2), 0);
	pp_db_close(reader);
}

static void a_broken_migration_leaves_the_version_before_it(void **state)
{
	const char *const scripts[] = { schema[0], schema[1], "CREATE TABLE third (a INTEGER);",
		"CREATE TABLE fourth (a INTEGER); INSERT INTO nowhere VALUES (1);" };
	struct pp_db *reader;

	(void)state;
	assert_int_equal(pp_db_open(path, PP_DB_READ, &reader), 0);
	assert_int_equal(pp_db_migrate(reader, scripts, 3), -EROFS);
	pp_db_close(reader);
	assert_int_equal(pp_db_migrate(db, scripts, PP_COUNT(scripts)), -EINVAL);
	assert_int_equal(number(db, "PRAGMA user_version"), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'third'"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'fourth'"), 0);
}

static void values_of_every_type_go_there_and_back(void **state)
{
	struct pp_stmt *s = prepared(db, "INSERT INTO point (post, key, level) VALUES (?, ?, ?)");
	size_t length = 9;

	(void)state;
	assert_int_equal(post_add(db, "a"), 0);
	pp_stmt_i64(s, 1, pp_db_last_id(db));
	pp_stmt_blob(s, 2, "x\0y", 3);
	pp_stmt_real(s, 3, 0.5);
	assert_int_equal(pp_stmt_run(s), 0);
	s = prepared(db, "INSERT INTO point (post, key, level) VALUES (?, ?, ?)");
	pp_stmt_null(s, 1);
	pp_stmt_blob(s, 2, "", 0);
	pp_stmt_text(s, 3, NULL);
	assert_int_equal(pp_stmt_run(s), 0);
	s = prepared(db, "SELECT post, key, level FROM point ORDER BY rowid");
	assert_int_equal(pp_stmt_step(s), 1);
	assert_int_equal(pp_column_i64(s, 0), 1);
	assert_memory_equal(pp_column_blob(s, 1, &length), "x\0y", 3);
	assert_int_equal(length, 3);
	assert_true(pp_column_real(s, 2) > 0.49 && pp_column_real(s, 2) < 0.51);
	assert_int_equal(pp_stmt_step(s), 1);
	assert_true(pp_column_is_null(s, 0) && pp_column_i64(s, 0) == 0);
	assert_non_null(pp_column_blob(s, 1, &length));
	assert_int_equal(length, 0);
	assert_null(pp_column_blob(s, 0, &length));
	assert_null(pp_column_text(s, 2));
	assert_int_equal(pp_stmt_step(s), 0);
}

static void statements_are_kept_and_come_back_clean(void **state)
{
	struct pp_stmt *first = prepared(db, "INSERT INTO post (name) VALUES (?)"), *again;
	char *copy = strdup("INSERT INTO post (name) VALUES (?)");

	(void)state;
	pp_stmt_text(first, 1, "a");
	assert_int_equal(pp_stmt_run(first), 0);
	assert_int_equal(pp_db_changes(db), 1);
	again = prepared(db, copy);
	free(copy);
	assert_ptr_equal(first, again);
	assert_int_equal(pp_stmt_run(again), -EINVAL); /* NOT NULL: the old name is gone */
}

static void a_bad_bind_fails_the_step_that_follows(void **state)
{
	struct pp_stmt *s = prepared(db, "INSERT INTO post (name) VALUES (?)");

	(void)state;
	pp_stmt_i64(s, 2, 7);
	pp_stmt_text(s, 1, "a");
	assert_int_equal(pp_stmt_step(s), -EINVAL);
	assert_int_equal(post_add(db, "b"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 1);
}

static void only_one_statement_is_prepared(void **state)
{
	struct pp_stmt *s = NULL;

	(void)state;
	assert_int_equal(pp_db_prepare(db, "SELECT 1; SELECT 2", &s), -EINVAL);
	assert_int_equal(pp_db_prepare(db, "", &s), -EINVAL);
	assert_null(s);
	assert_int_equal(pp_db_prepare(db, "SELECT 1;\n", &s), 0);
}

static void the_size_counts_pages_in_use(void **state)
{
	int64_t before, full, after;

	(void)state;
	assert_int_equal(pp_db_size(db, &before), 0);
	assert_true(before > 0 && before % 4096 == 0);
	assert_int_equal(pp_db_exec(db, "INSERT INTO point (key) VALUES (zeroblob(100000))"), 0);
	assert_int_equal(pp_db_size(db, &full), 0);
	assert_true(full >= before + 90000);
	assert_int_equal(pp_db_exec(db, "DELETE FROM point"), 0);
	assert_int_equal(pp_db_size(db, &after), 0);
	assert_int_equal(after, before);
}

/* What a disk that hangs must not be able to reach: see PP_DB_ALONE. */
static void a_writer_alone_lets_nobody_in_and_maps_no_file(void **state)
{
	struct pp_db *alone, *other = NULL;
	char shared[600];

	(void)state;
	db = pp_db_close(db);
	snprintf(shared, sizeof(shared), "%s-shm", path);
	assert_int_equal(pp_db_open(path, PP_DB_ALONE, &alone), 0);
	assert_int_equal(post_add(alone, "a"), 0);
	assert_int_equal(access(shared, F_OK), -1);
	assert_int_equal(pp_db_open(path, PP_DB_READ, &other), -EBUSY);
	assert_null(other);
	pp_db_close(alone);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM post"), 1);
}

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, file_make, file_remove)

static void texts_by_the_hundred_are_kept_apart(void **state)
{
	struct pp_stmt *s;
	char sql[32];

	(void)state;
	assert_int_equal(pp_db_tune(db, 4096, 2000), 0);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 300; i++) {
			snprintf(sql, sizeof(sql), "SELECT %d", i);
			assert_int_equal(pp_db_prepare(db, sql, &s), 0);
			assert_int_equal(pp_stmt_step(s), 1);
			assert_int_equal(pp_column_i64(s, 0), i);
		}
	}
	assert_int_equal(pp_db_run(db, "CREATE TABLE IF NOT EXISTS once (id)"), 0);
	assert_int_equal(pp_db_run(db, "CREATE TABLE IF NOT EXISTS once (id)"), 0);
	assert_int_equal(pp_db_run(db, "SELECT 1; SELECT 2"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILE(a_writer_has_wal_full_and_foreign_keys),
		ON_FILE(a_file_that_cannot_keep_a_wal_is_refused),
		ON_FILE(a_writer_alone_lets_nobody_in_and_maps_no_file),
		ON_FILE(every_commit_is_synced_before_it_returns),
		ON_FILE(a_commit_whose_sync_fails_is_rolled_back),
		ON_FILE(a_failed_sync_is_a_failing_disk_whatever_the_disk_calls_it),
		ON_FILE(settling_writes_the_log_into_the_file_and_syncs_it),
		ON_FILE(settling_waits_for_readers_of_an_older_state_and_for_nobody_else),
		ON_FILE(a_killed_writer_leaves_what_it_committed_and_no_more),
		ON_FILE(errors_have_their_own_number),
		ON_FILE(the_failures_words_are_kept_for_the_log),
		ON_FILE(opening_tells_why_it_failed),
		ON_FILE(a_failing_statement_undoes_itself_and_not_the_transaction),
		ON_FILE(a_transaction_given_up_on_a_full_disk_takes_nothing_more),
		ON_FILE(a_rollback_without_a_transaction_is_fine),
		ON_FILE(a_second_writer_is_told_that_the_file_is_busy),
		ON_FILE(a_reader_sees_commits_only_and_cannot_write),
		ON_FILE(the_data_version_changes_when_another_commits),
		ON_FILE(migrations_run_once_and_are_numbered),
		ON_FILE(a_newer_file_is_refused),
		ON_FILE(a_broken_migration_leaves_the_version_before_it),
		ON_FILE(values_of_every_type_go_there_and_back),
		ON_FILE(statements_are_kept_and_come_back_clean),
		ON_FILE(a_bad_bind_fails_the_step_that_follows),
		ON_FILE(only_one_statement_is_prepared),
		ON_FILE(texts_by_the_hundred_are_kept_apart),
		ON_FILE(the_size_counts_pages_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
