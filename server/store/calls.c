/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c -- calls in SQL. */
#include "store/calls.h"

#include <assert.h>
#include <errno.h>

#include "store/incidents.h"

#define COLUMNS                                                                                    \
	"SELECT call_id, c.incident_id, step, c.tenant, ring, agency, contact, c.state FROM call c "

static int row_read(const struct pp_stmt *s, struct pp_call_row *ret_row)
{
	int state = pp_callout_state_parse(pp_column_text(s, 7));
	struct pp_call_row row = { .call_id = pp_column_i64(s, 0),
		.incident_id = pp_column_i64(s, 1),
		.step = pp_column_i64(s, 2),
		.state = (enum pp_callout_state)state };

	if (state < 0 || pp_store_copy(s, 3, row.tenant, sizeof(row.tenant)) < 0 ||
		pp_store_copy(s, 4, row.ring, sizeof(row.ring)) < 0 ||
		pp_store_copy(s, 5, row.agency, sizeof(row.agency)) < 0 ||
		pp_store_copy(s, 6, row.contact, sizeof(row.contact)) < 0)
		return -EIO;
	*ret_row = row;
	return 0;
}

static int row_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_call_row *ret_row)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r;
	r = row_read(s, ret_row);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_call_add(struct pp_db *db, struct pp_call_row *row, const struct pp_call_code *code,
	int64_t now_ms)
{
	int r = pp_store_run(db,
		"INSERT INTO call (tenant, incident_id, ring, step, agency, contact, state, code,"
		" said_by, reason, notified, spoken)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', '', ?9, ?10)",
		PP_ARGS(PP_TEXT(row->tenant), PP_I64(row->incident_id), PP_TEXT(row->ring),
			PP_I64(row->step), PP_TEXT(row->agency), PP_TEXT(row->contact),
			PP_TEXT(pp_callout_state_text(row->state)),
			PP_BLOB(code ? code->hash : NULL, code ? PP_SHA256_SIZE : 0),
			PP_I64(now_ms), PP_TEXT(code ? code->spoken : "")));

	if (r == 0)
		row->call_id = pp_db_last_id(db);
	return r;
}

int pp_store_call(
	struct pp_db *db, const char *tenant, int64_t call_id, struct pp_call_row *ret_row)
{
	return row_first(db, COLUMNS "WHERE call_id = ?1 AND c.tenant = ?2",
		PP_ARGS(PP_I64(call_id), PP_TEXT(tenant)), ret_row);
}

int pp_store_call_again(struct pp_db *db, struct pp_call_row *row,
	char ret_spoken[PP_CALLOUT_CODE_SIZE], int64_t now_ms)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"UPDATE call SET step = ?5, notified = ?6 WHERE call_id = (SELECT call_id FROM call"
		" WHERE incident_id = ?1 AND ring = ?2 AND agency = ?3 AND contact = ?4"
		" AND state = 'notified' AND spoken <> '' ORDER BY call_id DESC LIMIT 1)"
		" RETURNING call_id, spoken",
		PP_ARGS(PP_I64(row->incident_id), PP_TEXT(row->ring), PP_TEXT(row->agency),
			PP_TEXT(row->contact), PP_I64(row->step), PP_I64(now_ms)),
		&s);

	if (r <= 0)
		return r;
	row->call_id = pp_column_i64(s, 0);
	row->state = PP_CALLOUT_IS_NOTIFIED;
	r = pp_store_copy(s, 1, ret_spoken, PP_CALLOUT_CODE_SIZE);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_call_by_code(
	struct pp_db *db, const uint8_t code[PP_SHA256_SIZE], struct pp_call_row *ret_row)
{
	return row_first(db,
		COLUMNS "JOIN incident i ON i.incident_id = c.incident_id AND i.state <> 'closed'"
			" WHERE code = ?1 ORDER BY call_id DESC LIMIT 1",
		PP_ARGS(PP_BLOB(code, PP_SHA256_SIZE)), ret_row);
}

int pp_store_call_next(
	struct pp_db *db, const struct pp_call_query *query, struct pp_call_row *ret_row)
{
	return row_first(db,
		COLUMNS "WHERE c.incident_id = ?1 AND call_id > ?2 AND c.state = ?3"
			" AND (?4 IS NULL OR ring = ?4) ORDER BY call_id LIMIT 1",
		PP_ARGS(PP_I64(query->incident_id), PP_I64(query->after_id),
			PP_TEXT(pp_callout_state_text(query->state)), PP_TEXT(query->ring)),
		ret_row);
}

int pp_store_call_beside(struct pp_db *db, const struct pp_call_row *call, int64_t after_id,
	struct pp_call_row *ret_row)
{
	return row_first(db,
		COLUMNS "WHERE c.incident_id = ?1 AND agency = ?2 AND contact = ?3 AND call_id > ?4"
			" AND call_id <> ?5 AND (c.state IN ('accepted', 'en-route', 'on-scene')"
			" OR (ring = '' AND c.state = 'notified')) ORDER BY call_id LIMIT 1",
		PP_ARGS(PP_I64(call->incident_id), PP_TEXT(call->agency), PP_TEXT(call->contact),
			PP_I64(after_id), PP_I64(call->call_id)),
		ret_row);
}

/* Which time each state is written into; the first yes counts, whatever follows. */
static const char *const set_sql[PP_CALLOUT_STATE_COUNT] = {
#define SET(columns)                                                                               \
	"UPDATE call SET state = ?2, said_by = ?4, reason = ?5, " columns                          \
	", spoken = '' WHERE call_id = ?1"
	[PP_CALLOUT_IS_NOTIFIED] = SET("notified = ?3"),
	[PP_CALLOUT_IS_ACCEPTED] = SET("accepted = coalesce(accepted, ?3)"),
	[PP_CALLOUT_IS_REFUSED] = SET("ended = ?3"),
	[PP_CALLOUT_IS_EN_ROUTE] = SET("accepted = coalesce(accepted, ?3), en_route = ?3"),
	[PP_CALLOUT_IS_ON_SCENE] = SET("accepted = coalesce(accepted, ?3), on_scene = ?3"),
	[PP_CALLOUT_IS_DONE] = SET("ended = ?3"),
	[PP_CALLOUT_IS_EXPIRED] = SET("ended = ?3"),
	[PP_CALLOUT_IS_STOPPED] = SET("ended = ?3"),
#undef SET
};

int pp_store_call_set(
	struct pp_db *db, const struct pp_call_row *row, const struct pp_call_said *said)
{
	assert(row->state < PP_CALLOUT_STATE_COUNT);
	return pp_store_run(db, set_sql[row->state],
		PP_ARGS(PP_I64(row->call_id), PP_TEXT(pp_callout_state_text(row->state)),
			PP_I64(said->now_ms), PP_TEXT(said->by), PP_TEXT(said->reason)));
}

int pp_store_calls_awaited(
	struct pp_db *db, const struct pp_call_row *like, int64_t *ret_awaited)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT count(*) FROM call WHERE incident_id = ?1 AND ring = ?2 AND step = ?3"
		" AND state = 'notified'",
		PP_ARGS(PP_I64(like->incident_id), PP_TEXT(like->ring), PP_I64(like->step)), &s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret_awaited = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return 0;
}

int pp_store_calls_pour(struct pp_db *db, int64_t from, int64_t into)
{
	int r = pp_store_run(db,
		"UPDATE notification SET incident_id = ?2 WHERE incident_id = ?1 AND call_id IN"
		" (SELECT call_id FROM call WHERE incident_id = ?1)",
		PP_ARGS(PP_I64(from), PP_I64(into)));

	return r < 0 ? r
		     : pp_store_run(db, "UPDATE call SET incident_id = ?2 WHERE incident_id = ?1",
			       PP_ARGS(PP_I64(from), PP_I64(into)));
}

/* Where whoever was called was sent, as his message says; NULL: he had none. */
#define SENT_TO                                                                                    \
	"(SELECT e.post FROM notification n JOIN event e ON e.event_id = n.event_id"               \
	" WHERE n.incident_id = ?1 AND n.call_id = c.call_id AND n.purpose = 'alarm'"              \
	" ORDER BY n.notification_id LIMIT 1)"

int pp_store_calls_sent(
	struct pp_db *db, const struct pp_incident *i, const char *post, struct pp_calls_sent *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT coalesce(sum(state IN ('accepted', 'en-route', 'on-scene', 'done')), 0),"
		" coalesce(sum(state NOT IN ('accepted', 'en-route', 'on-scene', 'done')), 0)"
		" FROM call c WHERE incident_id = ?1 AND ring <> ''"
		" AND coalesce(" SENT_TO ", ?2) = ?3",
		PP_ARGS(PP_I64(i->incident_id), PP_TEXT(i->post), PP_TEXT(post)), &s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret = (struct pp_calls_sent){ pp_column_i64(s, 0), pp_column_i64(s, 1) };
	pp_stmt_reset(s);
	return 0;
}

int pp_store_calls_part(struct pp_db *db, int64_t from, int64_t into, const char *post)
{
	int r = pp_store_run(db,
		"UPDATE call AS c SET incident_id = ?2 WHERE incident_id = ?1 AND ring <> ''"
		" AND state NOT IN ('accepted', 'en-route', 'on-scene', 'done') AND " SENT_TO
		" = ?3",
		PP_ARGS(PP_I64(from), PP_I64(into), PP_TEXT(post)));

	return r < 0 ? r
		     : pp_store_run(db,
			       "UPDATE notification SET incident_id = ?2 WHERE incident_id = ?1"
			       " AND call_id IN (SELECT call_id FROM call WHERE incident_id = ?2)",
			       PP_ARGS(PP_I64(from), PP_I64(into)));
}

int pp_store_calls_wait(struct pp_db *db, int64_t from, int64_t into, const char *ring)
{
#define WAITING "WHERE incident_id = ?1 AND ring = ?3 AND state = 'expired'"
	static const char *const sql[] = {
		"UPDATE notification SET incident_id = ?2 WHERE incident_id = ?1 AND call_id IN"
		" (SELECT call_id FROM call " WAITING ")",
		/* A ring that the other has not has called all whom it knows. */
		"INSERT INTO ladder_ring SELECT DISTINCT ?2, ring, 'spent', 0, 1, 0, 0"
		" FROM call " WAITING " AND ring <> 'fallback'"
		" ON CONFLICT DO UPDATE SET state = 'spent', called = max(1, called)"
		" WHERE state = 'none'",
		"UPDATE call SET incident_id = ?2 " WAITING,
	};
#undef WAITING
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(sql) / sizeof(sql[0]); i++)
		r = pp_store_run(
			db, sql[i], PP_ARGS(PP_I64(from), PP_I64(into), PP_TEXT(ring)));
	return r;
}

int pp_store_calls_arrived_first(struct pp_db *db, int64_t incident_id)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT EXISTS (SELECT 1 FROM incident i JOIN call c USING (incident_id)"
		" WHERE i.incident_id = ?1 AND c.on_scene = i.on_scene)",
		PP_ARGS(PP_I64(incident_id)), &found);

	return r < 0 ? r : found != 0;
}

int pp_store_calls_coming(
	struct pp_db *db, int64_t incident_id, int64_t *ret_coming, int64_t *ret_arrived)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT coalesce(sum(state IN ('accepted', 'en-route') OR"
		" (ring = '' AND state = 'notified')), 0),"
		" coalesce(sum(state = 'on-scene'), 0) FROM call WHERE incident_id = ?1",
		PP_ARGS(PP_I64(incident_id)), &s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret_coming = pp_column_i64(s, 0);
	*ret_arrived = pp_column_i64(s, 1);
	pp_stmt_reset(s);
	return 0;
}
