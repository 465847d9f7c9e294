/* SPDX-License-Identifier: Apache-2.0 */
/* intake/answers.h -- what the server says to posts: encoded, sealed, ready to be published. */
#ifndef INTAKE_ANSWERS_H
#define INTAKE_ANSWERS_H

#include "protocol/limits.h"
#include "protocol/state.h"
#include "protocol/topic.h"

struct pp_answer {
	char topic[PP_TOPIC_MAX];
	char *text; /* freed by pp_answer_done */
	size_t length;
	uint8_t sig[PP_SIGNATURE_SIZE];
};
/* To whom, and under which key. */
struct pp_addressee {
	const struct pp_key *key;
	const char *tenant, *post;
};
int pp_answer_receipts(const struct pp_addressee *to, const struct pp_receipt *receipts,
	size_t count, struct pp_answer *ret_answer); /* 1..PP_RECEIPTS_MAX */
int pp_answer_beat(
	const struct pp_addressee *to, const struct pp_beat *beat, struct pp_answer *ret_answer);
int pp_answer_progress(const struct pp_addressee *to, struct pp_answer *ret_answer);
/* payload: as pp_command_encode made it. */
int pp_answer_command(
	const struct pp_addressee *to, const char *payload, struct pp_answer *ret_answer);
void pp_answer_done(struct pp_answer *answer);

#endif
