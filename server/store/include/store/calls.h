/* SPDX-License-Identifier: Apache-2.0 */
/* store/calls.h -- who was called for an incident, and what became of it. For the ledger's
 * transaction. */
#ifndef STORE_CALLS_H
#define STORE_CALLS_H

#include "crypto/sign.h"
#include "dispatch/callout.h"
#include "dispatch/plan.h"
#include "protocol/limits.h"
#include "store/args.h"

struct pp_call_row {
	int64_t call_id, incident_id, step;
	char tenant[PP_TENANT_MAX + 1];
	char ring[16];                    /* "": the desk has sent it by itself */
	char agency[80];                  /* id, or the unit's name; "": a person */
	char contact[PP_PLAN_ID_MAX + 1]; /* "": the agency's contacts, all of them */
	enum pp_callout_state state;
};
/* Its one-time code: by its hash an answer finds the call; the digits themselves are kept while it
 * waits, to be said again. */
struct pp_call_code {
	uint8_t hash[PP_SHA256_SIZE];
	char spoken[PP_CALLOUT_CODE_SIZE];
};
/* Sets call_id. code NULL: it has none. */
int pp_store_call_add(struct pp_db *db, struct pp_call_row *row, const struct pp_call_code *code,
	int64_t now_ms);
/* The call of the same incident, ring, agency and contact that waits for an answer is made again,
 * at row's step: sets call_id, and gives its code. 1; 0: there is none. */
int pp_store_call_again(struct pp_db *db, struct pp_call_row *row,
	char ret_spoken[PP_CALLOUT_CODE_SIZE], int64_t now_ms);
int pp_store_call(struct pp_db *db, const char *tenant, int64_t call_id,
	struct pp_call_row *ret_row); /* 1, 0 */
/* The newest call with that code, of an incident that is not closed. 1, 0. */
int pp_store_call_by_code(
	struct pp_db *db, const uint8_t code[PP_SHA256_SIZE], struct pp_call_row *ret_row);
/* The first behind after_id of an incident that is in that state; ring NULL: of any. 1, 0. */
struct pp_call_query {
	int64_t incident_id, after_id;
	const char *ring;
	enum pp_callout_state state;
};
int pp_store_call_next(
	struct pp_db *db, const struct pp_call_query *query, struct pp_call_row *ret_row);
/* Another call of the same incident to the same agency or person, by which he comes or was sent by
 * the desk: the first behind after_id. 1, 0. */
int pp_store_call_beside(struct pp_db *db, const struct pp_call_row *call, int64_t after_id,
	struct pp_call_row *ret_row);
/* Its new state, the time of it, who said so and why. */
struct pp_call_said {
	const char *by, *reason; /* reason "": none */
	int64_t now_ms;
};
int pp_store_call_set(
	struct pp_db *db, const struct pp_call_row *row, const struct pp_call_said *said);
/* How many calls of a step of a ring wait for an answer. */
int pp_store_calls_awaited(
	struct pp_db *db, const struct pp_call_row *like, int64_t *ret_awaited);
/* All of them go with their incident into another, with what they were sent: whoever was told to
 * stay, or has refused, may come to what is left as he might have come to this one. */
int pp_store_calls_pour(struct pp_db *db, int64_t from, int64_t into);
/* Whoever was called for the incident and sent to that post of it, as his message says (without
 * one: to its first): how many of them come, are there or were, and how many may still. */
struct pp_incident;
struct pp_calls_sent {
	int64_t coming, waiting;
};
int pp_store_calls_sent(struct pp_db *db, const struct pp_incident *i, const char *post,
	struct pp_calls_sent *ret_sent);
/* Those of them who neither come nor were there go into what is parted, with what they were sent.
 */
int pp_store_calls_part(struct pp_db *db, int64_t from, int64_t into, const char *post);
/* Those of a ring that have expired, with what they were sent: it waits for them in the other. */
int pp_store_calls_wait(struct pp_db *db, int64_t from, int64_t into, const char *ring);
/* How many of an incident come, or are there. */
int pp_store_calls_coming(
	struct pp_db *db, int64_t incident_id, int64_t *ret_coming, int64_t *ret_arrived);
/* Whether one of its calls has brought the incident on scene, and not the desk's word. 1, 0. */
int pp_store_calls_arrived_first(struct pp_db *db, int64_t incident_id);

#endif
