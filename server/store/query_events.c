/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c -- the timeline of all, as it is tailed. */
#include "store/query.h"

#include "read.h"

#define OF_PEOPLE "(e.kind GLOB 'user.*' OR e.kind GLOB 'session.*' OR e.kind GLOB 'personal.*')"

int pp_query_events(struct pp_db *db, const struct pp_scope *scope, int64_t after, int64_t limit,
	struct pp_json **ret_json)
{
	const struct event_rows rows = {
		.sql = EVENT_COLUMNS "WHERE event_id > ?1 AND (?2 IS NULL OR e.tenant = ?2)"
				     " AND (?3 OR NOT " OF_PEOPLE
				     ") AND " SCOPE_EVENT("?4", "?5") " ORDER BY event_id LIMIT ?6",
		.args = PP_ARGS(PP_I64(after), PP_TEXT(scope->tenant), PP_I64(scope->people),
			SCOPE_KECAMATAN(scope), SCOPE_UNIT(scope), PP_I64(limit)),
		.notes = scope->notes,
		.contacts = scope->contacts,
	};
	struct pp_json *list = pp_json_list();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, read_events(db, &rows, list));
	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	*ret_json = list;
	return 0;
}

int pp_query_last_event(struct pp_db *db, const char *tenant, int64_t *ret_event)
{
	if (!tenant)
		return pp_store_number(
			db, "SELECT coalesce(max(event_id), 0) FROM event", PP_NO_ARGS, ret_event);
	/* By the chain's index: event ids of a tenant grow with their heights. */
	return pp_store_number(db,
		"SELECT coalesce((SELECT event_id FROM event WHERE tenant = ?1"
		" ORDER BY height DESC LIMIT 1), 0)",
		PP_ARGS(PP_TEXT(tenant)), ret_event);
}

static int chain_read(
	struct pp_db *db, const char *tenant, int64_t after, int64_t limit, struct pp_json *answer)
{
	static const char *const names[] = { "height", "at", "kind", "actor", "incident", "post",
		"point", "body", "previous", "hash" };
	static const char *const head_names[] = { "height", "hash" };
	struct pp_json *list = pp_json_list(), *heads = pp_json_list();
	int r = read_rows(db,
		"SELECT height, at, kind, actor, number, e.post, point, body, lower(hex(previous)),"
		" lower(hex(hash)) FROM event e"
		" LEFT JOIN incident i ON i.incident_id = e.incident_id"
		" WHERE e.tenant = ?1 AND height > ?2 ORDER BY height LIMIT ?3",
		PP_ARGS(PP_TEXT(tenant), PP_I64(after), PP_I64(limit)), "iitttttttt", names, list);

	if (r == 0)
		r = read_rows(db,
			"SELECT height, lower(hex(hash)) FROM event WHERE tenant = ?1"
			" ORDER BY height DESC LIMIT 1",
			PP_ARGS(PP_TEXT(tenant)), "it", head_names, heads);
	(void)pp_json_set_text(answer, "tenant", tenant);
	(void)pp_json_set(answer, "events", list);
	(void)pp_json_set_null(answer, "head");
	if (r == 0 && pp_json_count(heads) == 1)
		(void)pp_json_set(answer, "head", pp_json_copy(pp_json_item(heads, 0)));
	pp_json_free(heads);
	return r;
}

int pp_query_chain(struct pp_db *db, const char *tenant, int64_t after, int64_t limit,
	struct pp_json **ret_json)
{
	struct pp_json *answer = pp_json_object();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, chain_read(db, tenant, after, limit, answer));
	if (r < 0) {
		pp_json_free(answer);
		return r;
	}
	*ret_json = answer;
	return 0;
}
