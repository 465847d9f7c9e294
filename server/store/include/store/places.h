/* SPDX-License-Identifier: Apache-2.0 */
/* store/places.h -- which posts an incident is of, what is near, what stands beside what. For the
 * ledger's transaction. */
#ifndef STORE_PLACES_H
#define STORE_PLACES_H

#include "incidents/place.h"
#include "store/incidents.h"

struct pp_store_place {
	char post[PP_POST_MAX + 1], desa[PP_PLACE_CODE_MAX + 1], rw[PP_PLACE_CODE_MAX + 1];
	double latitude, longitude;
};
/* Where the registry says that a post stands. 1, 0. */
int pp_store_place(
	struct pp_db *db, const char *tenant, const char *post, struct pp_store_place *ret_place);
struct pp_place pp_store_place_view(const struct pp_store_place *place); /* borrows */
/* 1: there is such a desa; 0. */
int pp_store_desa_exists(struct pp_db *db, const char *tenant, const char *desa);

/* What an alarm of that place may have to do with: open incidents of the post itself, and what is
 * or lately was near. The newest PP_CANDIDATES_MAX. fn returns 0 to go on, and may not use db. */
#define PP_CANDIDATES_MAX 128
typedef int pp_store_candidate_fn(
	void *user, int64_t incident_id, const struct pp_place_incident *candidate);
int pp_store_each_candidate(struct pp_db *db, const char *tenant,
	const struct pp_place_alarm *alarm, pp_store_candidate_fn *fn, void *user);

/* One post of an incident. */
struct pp_incident_post {
	int64_t signals, first_ms, newest_ms;
	char point[PP_POINT_MAX + 1]; /* of its first alarm; "": none yet */
};
/* 1, 0. */
int pp_store_incident_post(
	struct pp_db *db, int64_t incident_id, const char *post, struct pp_incident_post *ret_post);
/* Writes it, for an incident that is open. */
int pp_store_incident_post_put(struct pp_db *db, const struct pp_incident *incident,
	const char *post, const struct pp_incident_post *row);
/* Every post, in order. fn as above; it may use db. */
typedef int pp_store_incident_post_fn(void *user, const char *post);
int pp_store_each_incident_post(
	struct pp_db *db, int64_t incident_id, pp_store_incident_post_fn *fn, void *user);
/* Counts posts that have sent signals, and writes that number, the facts and their level; rev is
 * raised by what has changed them. */
int pp_store_incident_weigh(struct pp_db *db, struct pp_incident *incident);
/* How incidents of a post and class were closed since then. */
int pp_store_incident_history(struct pp_db *db, const struct pp_incident *like, int64_t since_ms,
	int64_t *ret_false, int64_t *ret_real);

/* Both directions. 1: new; 0: they were linked. */
int pp_store_link_put(struct pp_db *db, int64_t incident_id, int64_t other_id, const char *why);
int pp_store_link_remove(struct pp_db *db, int64_t incident_id, int64_t other_id); /* 1, 0 */

/* A report's key, so that the same one again is known. */
int pp_store_report_key_put(struct pp_db *db, int64_t incident_id, const char *key);
int pp_store_incident_by_report(struct pp_db *db, const char *tenant, const char *key,
	struct pp_incident *ret_incident); /* 1, 0 */

/* Everything of `from` becomes that of `into`: signals, keys, posts, links. */
int pp_store_incident_pour(struct pp_db *db, int64_t from, struct pp_incident *into);
/* The signals of one post go over; what the two then consist of is written anew. */
int pp_store_incident_part(
	struct pp_db *db, struct pp_incident *from, const char *post, struct pp_incident *into);
/* Closed by a merge, into another. */
int pp_store_incident_merged(struct pp_db *db, struct pp_incident *incident, int64_t into,
	const char *actor, int64_t now_ms);
/* A state that is further, or a holder where there is none, with the times: taken over from
 * another; raises rev where there is such. */
int pp_store_incident_inherit(
	struct pp_db *db, struct pp_incident *incident, const struct pp_incident *from);
/* Everybody has left it: it is open, and nobody is there. Its times stay. Raises rev. */
int pp_store_incident_leave(struct pp_db *db, struct pp_incident *incident);
/* A real one from now on. Raises rev. */
int pp_store_incident_convert(struct pp_db *db, struct pp_incident *incident, int64_t now_ms);
/* What was sent and said of it as an exercise counts no more: what waits to be sent is withdrawn,
 * codes are over (except of whoever is there), and its ladder has not begun. */
int pp_store_exercise_end(struct pp_db *db, int64_t incident_id, int64_t now_ms);

#endif
