/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c -- the timeline of all, as it is tailed. */
#include "store/query.h"

#include "read.h"

int pp_query_events(struct pp_db *db, const char *tenant, int64_t after, int64_t limit,
	struct pp_json **ret_json)
{
	struct pp_json *list = pp_json_list();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(
			db, read_events(db,
				    EVENT_COLUMNS
				    "WHERE event_id > ?1 AND (?2 IS NULL OR e.tenant = ?2)"
				    " ORDER BY event_id LIMIT ?3",
				    PP_ARGS(PP_I64(after), PP_TEXT(tenant), PP_I64(limit)), list));
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
