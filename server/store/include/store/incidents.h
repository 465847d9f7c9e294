/* SPDX-License-Identifier: Apache-2.0 */
/* store/incidents.h -- incidents and their numbers. For the ledger's transaction. */
#ifndef STORE_INCIDENTS_H
#define STORE_INCIDENTS_H

#include "incidents/moves.h"
#include "incidents/place.h"
#include "protocol/state.h"
#include "store/signals.h"

#define PP_PLACE_CODE_MAX 63 /* bytes of a desa's code, and of an RW's name */
struct pp_incident {
	int64_t incident_id;
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1], number[PP_INCIDENT_MAX + 1];
	enum pp_class class;
	enum pp_incident_state state;
	bool silent, late, drill;
	int64_t rev, occurred_ms, opened_ms, signals;
	char acknowledged_by[80], closed_by[80]; /* "": not yet */
	char storm[8];                           /* "", "on", "over" */
	enum pp_mark mark;                       /* DRILL: `drill` is set too */
	bool reported;                           /* a person's report has opened it, or joined it */
	int64_t posts;                           /* so many of them have sent signals, 1 at least */
	int64_t merged_into;                     /* 0: none */
	int64_t facts;                           /* see incidents/trust.h */
	int trust;
	char desa[PP_PLACE_CODE_MAX + 1], rw[PP_PLACE_CODE_MAX + 1]; /* of a place without post */
};

int pp_store_incident_by_id(
	struct pp_db *db, int64_t incident_id, struct pp_incident *ret_incident); /* 1, 0 */
int pp_store_incident_by_number(struct pp_db *db, const char *tenant, const char *number,
	struct pp_incident *ret_incident); /* 1, 0 */

/* The next number of the tenant in that year: "KDL-26-000123". -ENOENT: unknown tenant. */
int pp_store_incident_number(
	struct pp_db *db, const char *tenant, int year, char ret_number[PP_INCIDENT_MAX + 1]);
/* After an older copy of the record was put back, of which `lost` events are gone: numbers of that
 * year, and ids, that they can have used are not given again. */
int pp_store_incident_numbers_skip(struct pp_db *db, const char *tenant, int year, int64_t lost);
int pp_store_tenant_zone(struct pp_db *db, const char *tenant, char ret_zone[40]); /* -ENOENT */
/* Inserts it with rev 0 and no signals: the first one makes it 1. Sets its incident_id. */
int pp_store_incident_add(struct pp_db *db, struct pp_incident *incident);
/* A signal has been attached, or (restored) its alarm has been restored: raises rev. */
int pp_store_incident_signal(struct pp_db *db, struct pp_incident *incident);
/* Whether a further alarm joined the incident from since_ms to now_ms, by itself or because people
 * have made it one with another, or parted it. 1, 0 or -errno. */
int pp_store_incident_joined(
	struct pp_db *db, int64_t incident_id, int64_t since_ms, int64_t now_ms);
/* Not every signal of it came late. */
int pp_store_incident_fresh(struct pp_db *db, struct pp_incident *incident);
int pp_store_incident_restored(struct pp_db *db, struct pp_incident *incident);
/* A person's move: state, its time, who, and the closing code; raises rev. code NULL except for
 * CLOSE. */
int pp_store_incident_move(struct pp_db *db, struct pp_incident *incident, enum pp_move move,
	const char *actor, const char *code, int64_t now_ms);

/* The presses of this epoch that a beat tells: those of open incidents, and of ones closed after
 * closed_ms. The newest PP_OPEN_MAX, the newest first. */
int pp_store_open_presses(struct pp_db *db, const struct pp_origin *o, int64_t closed_ms,
	struct pp_open_press ret_open[PP_OPEN_MAX], size_t *ret_count);

#endif
