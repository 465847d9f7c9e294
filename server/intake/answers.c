/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c -- sealing receipts, beats and progress. */
#include "intake/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/seal.h"

/* Seals a->text under the channel's topic; frees it on failure. */
static int answer_seal(const struct pp_addressee *to, enum pp_channel channel, struct pp_answer *a)
{
	int r = pp_topic_format(to->tenant, to->post, channel, a->topic);

	if (r == 0)
		r = pp_seal(to->key, a->topic, a->text, a->length, a->sig);
	if (r < 0)
		pp_answer_done(a);
	return r;
}

int pp_answer_receipts(const struct pp_addressee *to, const struct pp_receipt *receipts,
	size_t count, struct pp_answer *ret_answer)
{
	int r = pp_receipts_encode(receipts, count, &ret_answer->text, &ret_answer->length);

	return r < 0 ? r : answer_seal(to, PP_CHANNEL_RECEIPT, ret_answer);
}

int pp_answer_beat(
	const struct pp_addressee *to, const struct pp_beat *beat, struct pp_answer *ret_answer)
{
	int r = pp_beat_encode(beat, &ret_answer->text, &ret_answer->length);

	return r < 0 ? r : answer_seal(to, PP_CHANNEL_BEAT, ret_answer);
}

int pp_answer_progress(const struct pp_addressee *to, struct pp_answer *ret_answer)
{
	ret_answer->length = strlen(PP_PROGRESS_PAYLOAD);
	ret_answer->text = strdup(PP_PROGRESS_PAYLOAD);
	if (!ret_answer->text)
		return -ENOMEM;
	return answer_seal(to, PP_CHANNEL_PROGRESS, ret_answer);
}

int pp_answer_command(
	const struct pp_addressee *to, const char *payload, struct pp_answer *ret_answer)
{
	ret_answer->length = strlen(payload);
	ret_answer->text = strdup(payload);
	if (!ret_answer->text)
		return -ENOMEM;
	return answer_seal(to, PP_CHANNEL_COMMAND, ret_answer);
}

void pp_answer_done(struct pp_answer *answer)
{
	free(answer->text);
	answer->text = NULL;
}
