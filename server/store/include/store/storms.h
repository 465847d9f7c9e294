/* SPDX-License-Identifier: Apache-2.0 */
/* store/storms.h -- what is counted of incidents and posts, and what bounds what a post can make
 * the record keep beside its signals. For the ledger's transaction. */
#ifndef STORE_STORMS_H
#define STORE_STORMS_H

#include "incidents/storm.h"
#include "store/incidents.h"

/* Of an incident, or (incident_id 0) of what the post sends that belongs to none. */
struct pp_storm_row {
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1];
	int64_t incident_id;
	struct pp_storm storm;
	int64_t first_id, last_id; /* signals that are not told yet; 0: none */
};
/* The names and incident_id of *row say which; all else is 0 when nothing is counted. */
int pp_store_storm(struct pp_db *db, struct pp_storm_row *row);
int pp_store_storm_put(struct pp_db *db, const struct pp_storm_row *row);
int pp_store_storm_forget(struct pp_db *db, const struct pp_storm_row *row);
/* The n-th of those for which pp_storm_step or pp_storm_is_idle may have something, in the order of
 * their names. 1, 0. */
int pp_store_storm_due(
	struct pp_db *db, int64_t now_ms, size_t index, struct pp_storm_row *ret_row);
/* Says of an incident that it is a storm, or that it was one ("on", "over"). */
int pp_store_incident_storm(struct pp_db *db, int64_t incident_id, const char *word);
/* Whether that point is told in this storm for the first time: 1, 0. */
int pp_store_storm_point(struct pp_db *db, int64_t incident_id, const char *point);

/* How many troubles of the post stand, max + 1 at most. */
int pp_store_troubles_count(
	struct pp_db *db, const char *tenant, const char *post, int64_t max, int64_t *ret_count);
/* How many of the post's epochs were first seen after since_ms, max + 1 at most. */
int pp_store_epochs_count(struct pp_db *db, const struct pp_origin *o, int64_t since_ms,
	int64_t max, int64_t *ret_count);
/* How many signals wait for that alarm, max + 1 at most. */
int pp_store_waiting_count(struct pp_db *db, const struct pp_origin *o, int64_t cause, int64_t max,
	int64_t *ret_count);
/* It waits for nothing any more, though it belongs to no incident. */
int pp_store_waiting_end(struct pp_db *db, int64_t signal_id);

#endif
