/* SPDX-License-Identifier: Apache-2.0 */
/* modes.c -- tests and disabled points in SQL. */
#include "store/modes.h"

#include <errno.h>
#include <string.h>

#define COLUMNS "SELECT tenant, post, point, mode, reason, owner, began, until FROM mode "

static int mode_read(const struct pp_stmt *s, struct pp_mode *ret_mode)
{
	struct pp_mode m = { .began_ms = pp_column_i64(s, 6), .until_ms = pp_column_i64(s, 7) };
	int mark = pp_mark_parse(pp_column_text(s, 3));

	if (mark < 0 || pp_store_copy(s, 0, m.tenant, sizeof(m.tenant)) < 0 ||
		pp_store_copy(s, 1, m.post, sizeof(m.post)) < 0 ||
		pp_store_copy(s, 2, m.point, sizeof(m.point)) < 0 ||
		pp_store_copy(s, 4, m.reason, sizeof(m.reason)) < 0 ||
		pp_store_copy(s, 5, m.owner, sizeof(m.owner)) < 0)
		return -EIO;
	m.mark = (enum pp_mark)mark;
	*ret_mode = m;
	return 0;
}

static int mode_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_mode *ret_mode)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r;
	r = mode_read(s, ret_mode);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

/* What the test of before had seen is new in this one. */
static int tested_forget(struct pp_db *db, const struct pp_mode *m)
{
	return pp_store_run(db,
		"DELETE FROM mode_tested WHERE tenant = ?1 AND post = ?2"
		" AND (?3 = '' OR point = ?3)",
		PP_ARGS(PP_TEXT(m->tenant), PP_TEXT(m->post), PP_TEXT(m->point)));
}

int pp_store_mode_put(struct pp_db *db, const struct pp_mode *m)
{
	int r = pp_store_run(db,
		"INSERT INTO mode (tenant, post, point, mode, reason, owner, began, until)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET"
		" reason = ?5, owner = ?6, began = ?7, until = ?8",
		PP_ARGS(PP_TEXT(m->tenant), PP_TEXT(m->post), PP_TEXT(m->point),
			PP_TEXT(pp_mark_text(m->mark)), PP_TEXT(m->reason), PP_TEXT(m->owner),
			PP_I64(m->began_ms), PP_I64(m->until_ms)));

	return r < 0 || m->mark != PP_MARK_TEST ? r : tested_forget(db, m);
}

int pp_store_mode_of(struct pp_db *db, const char *tenant, const char *post, const char *point,
	int64_t now_ms, struct pp_mode *ret_mode)
{
	return mode_first(db,
		COLUMNS "WHERE tenant = ?1 AND post = ?2 AND point IN ('', ?3) AND until > ?4"
			" ORDER BY mode, point DESC LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_TEXT(point), PP_I64(now_ms)), ret_mode);
}

int pp_store_mode_end(struct pp_db *db, struct pp_mode *m)
{
	const char *mark = pp_mark_text(m->mark);
	int r = mode_first(db,
		COLUMNS "WHERE tenant = ?1 AND post = ?2 AND point = ?3 AND mode = ?4",
		PP_ARGS(PP_TEXT(m->tenant), PP_TEXT(m->post), PP_TEXT(m->point), PP_TEXT(mark)), m);

	if (r <= 0)
		return r;
	r = pp_store_run(db,
		"DELETE FROM mode WHERE tenant = ?1 AND post = ?2 AND point = ?3 AND mode = ?4",
		PP_ARGS(PP_TEXT(m->tenant), PP_TEXT(m->post), PP_TEXT(m->point), PP_TEXT(mark)));
	if (r == 0 && m->mark == PP_MARK_TEST)
		r = tested_forget(db, m);
	return r < 0 ? r : 1;
}

int pp_store_mode_due(struct pp_db *db, int64_t now_ms, bool all_tests, struct pp_mode *ret_mode)
{
	return mode_first(db,
		COLUMNS "WHERE until <= ?1 OR (?2 AND mode IN ('test', 'drill'))"
			" ORDER BY until LIMIT 1",
		PP_ARGS(PP_I64(now_ms), PP_I64(all_tests)), ret_mode);
}

int pp_store_mode_at(struct pp_db *db, int64_t incident_id, struct pp_mode *ret_mode)
{
	return mode_first(db,
		COLUMNS "WHERE (tenant, post) IN (SELECT tenant, post FROM incident_post WHERE"
			" incident_id = ?1) AND (mode IN ('test', 'drill') OR EXISTS (SELECT 1"
			" FROM signal s INDEXED BY signal_incident WHERE s.incident_id = ?1"
			" AND s.tenant = mode.tenant"
			" AND s.post = mode.post AND s.point = mode.point))"
			" ORDER BY post, point, mode LIMIT 1",
		PP_ARGS(PP_I64(incident_id)), ret_mode);
}

int pp_store_real_open(struct pp_db *db, const char *tenant, const char *post, char ret_number[40])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT number FROM incident_post c JOIN incident i USING (incident_id)"
		" WHERE c.tenant = ?1 AND c.post = ?2 AND c.closed = 9223372036854775807"
		" AND i.mode = '' AND NOT i.drill ORDER BY incident_id DESC LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_number, 40);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_mode_tested(
	struct pp_db *db, const struct pp_mode *m, const char *point, int64_t now_ms)
{
	return pp_store_change(db,
		"INSERT INTO mode_tested (tenant, post, point, at) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT DO NOTHING",
		PP_ARGS(PP_TEXT(m->tenant), PP_TEXT(m->post), PP_TEXT(point), PP_I64(now_ms)));
}
