/* SPDX-License-Identifier: Apache-2.0 */
/* storms.c -- counts and bounds in SQL. */
#include "store/storms.h"

#include <errno.h>

#define COLUMNS                                                                                    \
	"SELECT tenant, post, incident_id, began, count, is_on, untold, told, alerted,"            \
	" first_id, last_id FROM storm "
#define KEY(row) PP_TEXT((row)->tenant), PP_TEXT((row)->post), PP_I64((row)->incident_id)

static int row_read(const struct pp_stmt *s, struct pp_storm_row *ret_row)
{
	struct pp_storm_row row = { .incident_id = pp_column_i64(s, 2),
		.storm = { .began_ms = pp_column_i64(s, 3),
			.count = pp_column_i64(s, 4),
			.on = pp_column_i64(s, 5),
			.untold = pp_column_i64(s, 6),
			.told_ms = pp_column_i64(s, 7),
			.alerted_ms = pp_column_i64(s, 8) },
		.first_id = pp_column_i64(s, 9),
		.last_id = pp_column_i64(s, 10) };

	if (pp_store_copy(s, 0, row.tenant, sizeof(row.tenant)) < 0 ||
		pp_store_copy(s, 1, row.post, sizeof(row.post)) < 0)
		return -EIO;
	*ret_row = row;
	return 0;
}

static int row_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_storm_row *ret_row)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r;
	r = row_read(s, ret_row);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_storm(struct pp_db *db, struct pp_storm_row *row)
{
	int r = row_first(db, COLUMNS "WHERE tenant = ?1 AND post = ?2 AND incident_id = ?3",
		PP_ARGS(KEY(row)), row);

	return r < 0 ? r : 0;
}

int pp_store_storm_put(struct pp_db *db, const struct pp_storm_row *row)
{
	const struct pp_storm *s = &row->storm;

	return pp_store_run(db,
		"INSERT INTO storm VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
		" ON CONFLICT DO UPDATE SET began = ?4, count = ?5, is_on = ?6, untold = ?7,"
		" told = ?8, alerted = ?9, first_id = ?10, last_id = ?11",
		PP_ARGS(KEY(row), PP_I64(s->began_ms), PP_I64(s->count), PP_I64(s->on),
			PP_I64(s->untold), PP_I64(s->told_ms), PP_I64(s->alerted_ms),
			PP_I64(row->first_id), PP_I64(row->last_id)));
}

int pp_store_storm_forget(struct pp_db *db, const struct pp_storm_row *row)
{
	int r = pp_store_run(db,
		"DELETE FROM storm WHERE tenant = ?1 AND post = ?2 AND incident_id = ?3",
		PP_ARGS(KEY(row)));

	return r < 0 ? r
		     : pp_store_run(db, "DELETE FROM storm_point WHERE incident_id = ?1",
			       PP_ARGS(PP_I64(row->incident_id)));
}

int pp_store_storm_due(struct pp_db *db, int64_t now_ms, size_t index, struct pp_storm_row *ret_row)
{
	return row_first(db,
		COLUMNS "WHERE (is_on AND (abs(?1 - began) >= ?2 OR"
			" (untold > 0 AND abs(?1 - told) >= ?3)))"
			" OR (NOT is_on AND abs(?1 - began) >= ?4)"
			" ORDER BY tenant, post, incident_id LIMIT 1 OFFSET ?5",
		PP_ARGS(PP_I64(now_ms), PP_I64(PP_STORM_WINDOW_MS), PP_I64(PP_STORM_COUNT_MS),
			PP_I64(PP_STORM_IDLE_MS), PP_I64((int64_t)index)),
		ret_row);
}

int pp_store_incident_storm(struct pp_db *db, int64_t incident_id, const char *word)
{
	return pp_store_run(db,
		"UPDATE incident SET storm = ?2, rev = rev + 1 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(word)));
}

int pp_store_storm_point(struct pp_db *db, int64_t incident_id, const char *point)
{
	return pp_store_change(db,
		"INSERT INTO storm_point (incident_id, point) VALUES (?1, ?2)"
		" ON CONFLICT DO NOTHING",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(point)));
}

int pp_store_troubles_count(
	struct pp_db *db, const char *tenant, const char *post, int64_t max, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM (SELECT 1 FROM trouble WHERE tenant = ?1 AND post = ?2"
		" LIMIT ?3 + 1)",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_I64(max)), ret_count);
}

int pp_store_epochs_count(struct pp_db *db, const struct pp_origin *o, int64_t since_ms,
	int64_t max, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM (SELECT 1 FROM epoch WHERE tenant = ?1 AND post = ?2"
		" AND first_seen > ?3 LIMIT ?4 + 1)",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post), PP_I64(since_ms), PP_I64(max)),
		ret_count);
}

int pp_store_waiting_count(
	struct pp_db *db, const struct pp_origin *o, int64_t cause, int64_t max, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM (SELECT 1 FROM signal WHERE tenant = ?1 AND post = ?2"
		" AND epoch = ?3 AND cause = ?4 AND cause <> 0 AND incident_id IS NULL"
		" LIMIT ?5 + 1)",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post), PP_TEXT(o->epoch), PP_I64(cause),
			PP_I64(max)),
		ret_count);
}

int pp_store_waiting_end(struct pp_db *db, int64_t signal_id)
{
	return pp_store_run(
		db, "UPDATE signal SET cause = 0 WHERE signal_id = ?1", PP_ARGS(PP_I64(signal_id)));
}
