/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c -- from an answer to what is done next. */
#include "recorder/writer.h"

#define SECOND_US UINT64_C(1000000)
#define WAIT_MAX_US (60 * SECOND_US)
#define TOLD_MAX_S 600

void pp_writer_init(struct pp_writer *w)
{
	*w = (struct pp_writer){ .count = PP_BATCH_MAX };
}

static enum pp_writer_next halve(struct pp_writer *w, int64_t sent)
{
	if (sent <= 1)
		return PP_WRITER_POISON;
	w->count = sent / 2;
	return PP_WRITER_AGAIN;
}

static enum pp_writer_next wait_for(struct pp_writer *w, long told_s)
{
	w->failures++;
	w->wait_us = w->wait_us == 0 ? SECOND_US : w->wait_us * 2;
	if (w->wait_us > WAIT_MAX_US)
		w->wait_us = WAIT_MAX_US;
	if (told_s >= 0)
		w->wait_us = (uint64_t)(told_s > TOLD_MAX_S ? TOLD_MAX_S
					: told_s < 1        ? 1
							    : told_s) *
			     SECOND_US;
	return PP_WRITER_WAIT;
}

enum pp_writer_next pp_writer_answered(struct pp_writer *w, const struct pp_writer_answer *answer)
{
	if (answer->error < 0)
		return wait_for(w, -1);
	if (answer->status == 413 || answer->status == 400)
		return halve(w, answer->sent);
	if (answer->status < 200 || answer->status > 299)
		return wait_for(w, answer->retry_after_s);
	w->failures = 0;
	w->wait_us = 0;
	/* Grows back slowly, so that a line which was refused does not cost a full bisection for
	 * its neighbours. */
	w->count = w->count > PP_BATCH_MAX / 2 ? PP_BATCH_MAX : w->count * 2;
	return PP_WRITER_DROP;
}
