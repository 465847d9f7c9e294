/* SPDX-License-Identifier: Apache-2.0 */
/* store/ladders.h -- how far the calling for each incident has come, and the clock that its
 * deadlines are of. For the ledger's transaction. */
#ifndef STORE_LADDERS_H
#define STORE_LADDERS_H

#include "dispatch/ladder.h"
#include "store/args.h"

#include "protocol/limits.h"

struct pp_ladder_row {
	int64_t incident_id;
	char tenant[PP_TENANT_MAX + 1];
	char plan[PP_PLAN_ID_MAX + 1]; /* "": the built-in one */
	struct pp_ladder ladder;
};
/* 1: found; 0: the incident has none. */
int pp_store_ladder(struct pp_db *db, int64_t incident_id, struct pp_ladder_row *ret_row);
int pp_store_ladder_put(struct pp_db *db, const struct pp_ladder_row *row);
/* The incident whose deadline is the first of those that are not after now_ms. 1; 0: none. */
int pp_store_ladder_due(struct pp_db *db, int64_t now_ms, int64_t *ret_incident_id);
/* When the next of all is due; PP_LADDER_NEVER: nothing runs. */
int pp_store_ladder_next(struct pp_db *db, int64_t *ret_due_ms);

/* CLOCK_BOOTTIME in ms of a boot (a number of it), as last written down: deadlines are of that
 * boot. 1; 0: none yet. */
struct pp_uptime {
	int64_t boot, ms;
};
int pp_store_uptime(struct pp_db *db, struct pp_uptime *ret_uptime);
int pp_store_uptime_put(struct pp_db *db, const struct pp_uptime *uptime);
/* The machine has booted again: what remained at kept_ms of the boot before remains from the new
 * boot on. */
int pp_store_ladders_rebase(struct pp_db *db, int64_t kept_ms);
/* A step that was fired with the deadline due_ms has by_ms more; one that is over has not. */
struct pp_ladder_delay {
	int64_t incident_id;
	enum pp_ring ring;
	int64_t due_ms, by_ms;
};
int pp_store_ladder_delay(struct pp_db *db, const struct pp_ladder_delay *delay);

/* An operator offers an incident to another one, who has it when he accepts. */
struct pp_hand_over {
	char from[80], to[80];
};
int pp_store_hand_over(
	struct pp_db *db, int64_t incident_id, struct pp_hand_over *ret_offer); /* 1, 0 */
int pp_store_hand_over_put(
	struct pp_db *db, int64_t incident_id, const struct pp_hand_over *offer, int64_t now_ms);
int pp_store_hand_over_end(struct pp_db *db, int64_t incident_id);

/* Each user who holds an open incident ("user:budi"), by tenant and name. fn returns 0 to go on,
 * and may not use db. */
typedef int pp_store_claimer_fn(void *user, const char *tenant, const char *actor);
int pp_store_each_claimer(struct pp_db *db, pp_store_claimer_fn *fn, void *user);
/* The first open incident behind after_id that this user holds. 1; 0: none. */
int pp_store_claim_next(struct pp_db *db, const char *tenant, const char *actor, int64_t after_id,
	int64_t *ret_incident_id);

#endif
