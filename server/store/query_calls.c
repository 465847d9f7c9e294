/* SPDX-License-Identifier: Apache-2.0 */
/* query_calls.c -- who was called for an incident, and when the next will be. */
#include "read.h"

#include "core/clock.h"

#define CALLS_SHOWN 200 /* the newest */

int read_calls(struct pp_db *db, int64_t incident_id, struct pp_json *list)
{
	static const char *const names[] = { "id", "ring", "step", "agency", "contact", "state",
		"by", "notified", "accepted", "en_route", "on_scene", "ended" };

	return read_rows(db,
		"SELECT call_id, ring, step + 1, agency, contact, state, said_by, notified,"
		" accepted, en_route, on_scene, ended FROM (SELECT * FROM call"
		" WHERE incident_id = ?1 ORDER BY call_id DESC LIMIT ?2) ORDER BY call_id",
		PP_ARGS(PP_I64(incident_id), PP_I64(CALLS_SHOWN)), "itittttiiiii", names, list);
}

/* How far each ring has come. The clock of the deadlines is the machine's. */
int read_ladder(struct pp_db *db, int64_t incident_id, struct pp_json *list)
{
	static const char *const names[] = { "ring", "plan", "state", "step", "next_in" };

	return read_rows(db,
		"SELECT ring, plan, state, step + 1, iif(state = 'running', max(0, due - ?2), NULL)"
		" FROM ladder_ring JOIN ladder USING (incident_id)"
		" WHERE incident_id = ?1 AND state <> 'none' ORDER BY ring = 'fallback',"
		" ring <> 'desk', ring",
		PP_ARGS(PP_I64(incident_id), PP_I64((int64_t)(pp_clock_boot_us() / 1000))), "tttii",
		names, list);
}

static int text_read(
	struct pp_db *db, const char *sql, const struct pp_arg *args, char ret_text[80])
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	ret_text[0] = '\0';
	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_text, 80);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

/* The answer is how long it is from now. */
int read_calling(struct pp_db *db, int64_t incident_id, struct pp_json *incident)
{
	const struct pp_arg *id = PP_ARGS(PP_I64(incident_id));
	char offered[80];
	int64_t due_ms = INT64_MAX, left_ms;
	int r = pp_store_number(db,
		"SELECT coalesce(min(due), 9223372036854775807) FROM ladder_ring"
		" WHERE incident_id = ?1 AND state = 'running'",
		id, &due_ms);

	if (r == 0)
		r = text_read(
			db, "SELECT offered_to FROM hand_over WHERE incident_id = ?1", id, offered);
	if (r < 0)
		return r;
	left_ms = due_ms - (int64_t)(pp_clock_boot_us() / 1000);
	if (due_ms == INT64_MAX)
		(void)pp_json_set_null(incident, "escalates_in");
	else
		(void)pp_json_set_i64(incident, "escalates_in", left_ms > 0 ? left_ms : 0);
	if (offered[0])
		return pp_json_set_text(incident, "offered_to", offered);
	return pp_json_set_null(incident, "offered_to");
}

int read_own_call(struct pp_db *db, int64_t incident_id, const char *unit, struct pp_json *incident)
{
	static const char *const names[] = { "id", "state" };
	struct pp_json *call;
	struct pp_stmt *s;
	int r;

	if (unit == NULL || unit[0] == '\0')
		return pp_json_set_null(incident, "own_call");
	r = pp_store_first(db,
		"SELECT call_id, state FROM call WHERE incident_id = ?1 AND agency = ?2"
		" ORDER BY call_id DESC LIMIT 1",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(unit)), &s);
	if (r <= 0)
		return r < 0 ? r : pp_json_set_null(incident, "own_call");
	call = pp_json_object();
	read_members(s, call, "it", names);
	pp_stmt_reset(s);
	return pp_json_set(incident, "own_call", call);
}
