/* SPDX-License-Identifier: Apache-2.0 */
/* spool.c -- the spool's tables. */
#include "recorder/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "db/db.h"

#define POISON_MAX 10000
#define BOOTS_MAX 20000
#define CACHE_KIB 256 /* lines are written once and read once, in order */
#define CHECKPOINT_PAGES 1000
#define BOOT_WINDOW_MS 3600000
#define STEP_MS 2000 /* a clock that is slewed stays below it between two looks */

static const char *const scripts[] = {
	"CREATE TABLE line (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);"
	"CREATE TABLE poison (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
	" text TEXT NOT NULL, why TEXT NOT NULL);"
	"CREATE TABLE cursor (only INTEGER PRIMARY KEY CHECK (only = 1), event INTEGER NOT NULL);"
	"INSERT INTO cursor VALUES (1, 0);"
	"CREATE TABLE boot (id INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL,"
	" boot INTEGER NOT NULL, offset INTEGER NOT NULL, UNIQUE (post, boot));",
	/* Of each boot the smallest of this hour and of the one before it; since: the post's clock
	 * when this hour began. clock: what UTC minus CLOCK_MONOTONIC was here. */
	"DROP TABLE boot;"
	"CREATE TABLE boot (id INTEGER PRIMARY KEY AUTOINCREMENT, post TEXT NOT NULL,"
	" boot INTEGER NOT NULL, offset INTEGER NOT NULL, before INTEGER NOT NULL,"
	" since INTEGER NOT NULL, UNIQUE (post, boot));"
	"CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), boot INTEGER NOT NULL,"
	" offset INTEGER NOT NULL);",
	/* A row holds the lines of one message; its id is the number of the last of them. */
	"ALTER TABLE line ADD COLUMN lines INTEGER NOT NULL DEFAULT 1;",
};

struct pp_spool_clock {
	int64_t low_ms, before_ms, since_ms;
};

struct pp_spool {
	struct pp_db *db;
	int64_t limit_bytes;
};

int pp_spool_open(
	const char *path, int64_t limit_bytes, bool read_only, struct pp_spool **ret_spool)
{
	struct pp_spool *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->limit_bytes = limit_bytes;
	r = pp_db_open(path, read_only ? PP_DB_READ : PP_DB_WRITE, &s->db);
	if (r == 0)
		r = pp_db_tune(s->db, CACHE_KIB, CHECKPOINT_PAGES);
	if (r == 0)
		r = pp_db_migrate(s->db, scripts, sizeof(scripts) / sizeof(scripts[0]));
	if (r < 0) {
		pp_spool_close(s);
		return r;
	}
	*ret_spool = s;
	return 0;
}

struct pp_spool *pp_spool_close(struct pp_spool *s)
{
	if (s)
		pp_db_close(s->db);
	free(s);
	return NULL;
}

const char *pp_spool_error(const struct pp_spool *s)
{
	return pp_db_error(s->db);
}

int pp_spool_begin(struct pp_spool *s)
{
	return pp_db_begin(s->db);
}

int pp_spool_commit(struct pp_spool *s)
{
	return pp_db_commit(s->db);
}

void pp_spool_rollback(struct pp_spool *s)
{
	pp_db_rollback(s->db);
}

bool pp_spool_full(struct pp_spool *s)
{
	int64_t bytes;

	return pp_db_size(s->db, &bytes) == 0 && bytes >= s->limit_bytes;
}

int pp_spool_bytes(struct pp_spool *s, int64_t *ret_bytes)
{
	return pp_db_size(s->db, ret_bytes);
}

int pp_spool_add(struct pp_spool *s, const char *text, size_t lines)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db,
		"INSERT INTO line (id, lines, text)"
		" VALUES ((SELECT coalesce(max(id), 0) FROM line) + ?1, ?1, ?2)",
		&q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, (int64_t)lines);
	pp_stmt_text(q, 2, text);
	return pp_stmt_run(q);
}

/* One integer of one row; -ENOENT: no row. */
static int read_one(struct pp_stmt *q, int64_t *ret_value)
{
	int r = pp_stmt_step(q);

	if (r == 1)
		*ret_value = pp_column_i64(q, 0);
	pp_stmt_reset(q);
	return r == 0 ? -ENOENT : r < 0 ? r : 0;
}

int pp_spool_cursor(struct pp_spool *s, int64_t *ret_event)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db, "SELECT event FROM cursor", &q);

	return r < 0 ? r : read_one(q, ret_event);
}

int pp_spool_set_cursor(struct pp_spool *s, int64_t event)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db, "UPDATE cursor SET event = ?", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, event);
	return pp_stmt_run(q);
}

static int forget_boots(struct pp_spool *s)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(
		s->db, "DELETE FROM boot WHERE id <= (SELECT max(id) FROM boot) - ?", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, BOOTS_MAX);
	return pp_stmt_run(q);
}

static int boot_write(
	struct pp_spool *s, const char *post, int64_t boot, const struct pp_spool_clock *c)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db,
		"INSERT INTO boot (post, boot, offset, before, since) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (post, boot) DO UPDATE SET offset = ?3, before = ?4, since = ?5",
		&q);

	if (r < 0)
		return r;
	pp_stmt_text(q, 1, post);
	pp_stmt_i64(q, 2, boot);
	pp_stmt_i64(q, 3, c->low_ms);
	pp_stmt_i64(q, 4, c->before_ms);
	pp_stmt_i64(q, 5, c->since_ms);
	r = pp_stmt_run(q);
	return r < 0 ? r : forget_boots(s);
}

static int boot_read(
	struct pp_spool *s, const char *post, int64_t boot, struct pp_spool_clock *ret_clock)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(
		s->db, "SELECT offset, before, since FROM boot WHERE post = ? AND boot = ?", &q);

	if (r < 0)
		return r;
	pp_stmt_text(q, 1, post);
	pp_stmt_i64(q, 2, boot);
	r = pp_stmt_step(q);
	if (r == 1)
		*ret_clock = (struct pp_spool_clock){ pp_column_i64(q, 0), pp_column_i64(q, 1),
			pp_column_i64(q, 2) };
	pp_stmt_reset(q);
	return r;
}

/* Written only where it says something new: once an hour, or when a quicker message has come. */
int pp_spool_offset(struct pp_spool *s, const char *post, const struct pp_spool_seen *seen,
	int64_t *ret_offset_ms)
{
	int64_t observed_ms = seen->arrived_ms - seen->mono_ms;
	struct pp_spool_clock c = { observed_ms, observed_ms, seen->mono_ms };
	int r = boot_read(s, post, seen->boot, &c);
	bool news = r == 0 || observed_ms < c.low_ms;

	if (r == 1 && seen->mono_ms - c.since_ms >= BOOT_WINDOW_MS) {
		c = (struct pp_spool_clock){ observed_ms, c.low_ms, seen->mono_ms };
		news = true;
	} else if (news) {
		c.low_ms = observed_ms;
	}
	if (r >= 0)
		r = news ? boot_write(s, post, seen->boot, &c) : 0;
	if (r == 0)
		*ret_offset_ms = c.low_ms < c.before_ms ? c.low_ms : c.before_ms;
	return r;
}

int pp_spool_look(struct pp_spool *s, int64_t boot, int64_t offset_ms)
{
	struct pp_stmt *q;
	int64_t kept_boot = 0, kept_ms = 0;
	int r = pp_db_prepare(s->db, "SELECT boot, offset FROM clock", &q);

	if (r == 0)
		r = pp_stmt_step(q);
	if (r < 0)
		return r;
	if (r == 1) {
		kept_boot = pp_column_i64(q, 0);
		kept_ms = pp_column_i64(q, 1);
		pp_stmt_reset(q);
	}
	if (r == 1 && kept_boot == boot && offset_ms - kept_ms < STEP_MS &&
		kept_ms - offset_ms < STEP_MS)
		return 0;
	if (r == 1 && kept_boot == boot)
		r = pp_db_exec(s->db, "DELETE FROM boot");
	if (r >= 0)
		r = pp_db_prepare(s->db, "INSERT OR REPLACE INTO clock VALUES (1, ?, ?)", &q);
	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, boot);
	pp_stmt_i64(q, 2, offset_ms);
	r = pp_stmt_run(q);
	return r < 0 ? r : kept_boot == boot;
}

/* The oldest row, which is the caller's to free; -ENOENT: there is none. */
struct row {
	int64_t id, lines;
	char *text;
};
static int row_first(struct pp_spool *s, struct row *ret_row)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db, "SELECT id, lines, text FROM line ORDER BY id LIMIT 1", &q);

	if (r == 0)
		r = pp_stmt_step(q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_row = (struct row){ .id = pp_column_i64(q, 0),
		.lines = pp_column_i64(q, 1),
		.text = strdup(pp_column_text(q, 2)) };
	pp_stmt_reset(q);
	return ret_row->text ? 0 : -ENOMEM;
}

static int row_put(struct pp_spool *s, int64_t id, const char *text)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(
		s->db, "INSERT OR REPLACE INTO line (id, lines, text) VALUES (?, 1, ?)", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, id);
	pp_stmt_text(q, 2, text);
	return pp_stmt_run(q);
}

/* A row for each line of the oldest row, so that one of them can go without the others. Their
 * numbers are free: nothing stands before the oldest. */
static int row_split(struct pp_spool *s)
{
	struct row row;
	char *rest;
	int r = row_first(s, &row);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rest = row.text;
	for (int64_t id = row.id - row.lines + 1; r == 0 && id <= row.id; id++) {
		char *line = strsep(&rest, "\n");

		r = line ? row_put(s, id, line) : -EBADMSG;
	}
	free(row.text);
	return r;
}

static int row_split_alone(struct pp_spool *s)
{
	int r = pp_db_begin(s->db);

	if (r < 0)
		return r;
	r = row_split(s);
	if (r == 0)
		return pp_db_commit(s->db);
	pp_db_rollback(s->db);
	return r;
}

/* Whole rows of at most `count` lines. Returns how many lines; 0: none, or the first row has more.
 */
static int rows_read(struct pp_spool *s, int64_t count, struct pp_buf *text, int64_t *ret_last)
{
	struct pp_stmt *q;
	int64_t last = 0, lines = 0;
	int r = pp_db_prepare(s->db, "SELECT id, lines, text FROM line ORDER BY id LIMIT ?", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, count);
	while ((r = pp_stmt_step(q)) == 1 && lines + pp_column_i64(q, 1) <= count) {
		const char *row = pp_column_text(q, 2);

		last = pp_column_i64(q, 0);
		lines += pp_column_i64(q, 1);
		pp_buf_add(text, row, strlen(row));
		pp_buf_add(text, "\n", 1);
	}
	pp_stmt_reset(q);
	if (r < 0)
		return r;
	*ret_last = last;
	return text->failed ? -ENOMEM : (int)lines;
}

int pp_spool_peek(struct pp_spool *s, int64_t count, struct pp_buf *text, int64_t *ret_last)
{
	int r = rows_read(s, count, text, ret_last);

	if (r == 0 && count > 0)
		r = row_split_alone(s);
	return r == 0 ? rows_read(s, count, text, ret_last) : r;
}

int pp_spool_drop(struct pp_spool *s, int64_t last)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db, "DELETE FROM line WHERE id <= ?", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, last);
	return pp_stmt_run(q);
}

static int copy_poison(struct pp_spool *s, const char *why)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(s->db,
		"INSERT INTO poison (at, text, why)"
		" SELECT ?, text, ? FROM line ORDER BY id LIMIT 1",
		&q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, pp_clock_wall_ms());
	pp_stmt_text(q, 2, why);
	r = pp_stmt_run(q);
	if (r == 0)
		r = pp_db_prepare(s->db,
			"DELETE FROM poison WHERE id <= (SELECT max(id) FROM poison) - ?", &q);
	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, POISON_MAX);
	return pp_stmt_run(q);
}

int pp_spool_poison(struct pp_spool *s, const char *why)
{
	int r = pp_db_begin(s->db);

	if (r < 0)
		return r;
	r = row_split(s);
	if (r == 0)
		r = copy_poison(s, why);
	if (r == 0)
		r = pp_db_exec(s->db, "DELETE FROM line WHERE id = (SELECT min(id) FROM line)");
	if (r == 0)
		return pp_db_commit(s->db);
	pp_db_rollback(s->db);
	return r;
}

int pp_spool_count(struct pp_spool *s, int64_t *ret_waiting, int64_t *ret_poison)
{
	struct pp_stmt *lines, *poison;
	int r = pp_db_prepare(s->db,
		"SELECT coalesce((SELECT max(id) FROM line)"
		" - (SELECT id - lines FROM line ORDER BY id LIMIT 1), 0)",
		&lines);

	if (r == 0)
		r = pp_db_prepare(s->db, "SELECT count(*) FROM poison", &poison);
	if (r == 0)
		r = read_one(lines, ret_waiting);
	return r < 0 ? r : read_one(poison, ret_poison);
}

int pp_spool_each_poison(struct pp_spool *s, int64_t count, pp_spool_poison_fn *fn, void *user)
{
	struct pp_stmt *q;
	int r = pp_db_prepare(
		s->db, "SELECT at, text, why FROM poison ORDER BY id DESC LIMIT ?", &q);

	if (r < 0)
		return r;
	pp_stmt_i64(q, 1, count);
	while ((r = pp_stmt_step(q)) == 1)
		fn(user, pp_column_i64(q, 0), pp_column_text(q, 1), pp_column_text(q, 2));
	return r;
}
