/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.h -- what is told of a batch that is in the record. Private to the room. */
#ifndef ENGINE_OUTCOME_H
#define ENGINE_OUTCOME_H

#include "desk.h"
#include "intake/answers.h"
#include "intake/verify.h"

/* Receipts, one message for each post and PP_RECEIPTS_MAX; beats; progress. What cannot be sent now
 * is asked for again. */
void pp_outcome_publish(
	const struct pp_desk_options *o, struct pp_item *const *items, size_t total);
/* The key that signs for that post. */
const struct pp_key *pp_outcome_key(
	const struct pp_desk_options *o, const char *tenant, const char *post);
/* Publishes and frees one answer. */
void pp_outcome_send(const struct pp_desk_options *o, struct pp_answer *answer);
void pp_outcome_count(struct pp_engine_counts *counts, const struct pp_item *item);
void pp_outcome_count_refusal(struct pp_engine_counts *counts, enum pp_refusal refusal);

#endif
