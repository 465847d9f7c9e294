/* SPDX-License-Identifier: Apache-2.0 */
/* second.c -- the second path's patience, its pauses and its hourly share; and what comes back. */
#include "uplink/second.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define HOUR_US UINT64_C(3600000000)

void pp_second_stir(struct pp_second *s, uint64_t now_us)
{
	if (now_us + s->after_us < s->look_us)
		s->look_us = now_us + s->after_us;
}

/* Whether this hour has room; else when the next one begins is when to look. */
static bool hour_take(struct pp_second *s, uint64_t now_us)
{
	if (s->in_hour == 0 || now_us - s->hour_us >= HOUR_US) {
		s->hour_us = now_us;
		s->in_hour = 0;
	}
	if (s->in_hour == PP_SECOND_HOUR_MAX) {
		s->look_us = s->hour_us + HOUR_US;
		return false;
	}
	s->in_hour++;
	return true;
}

const struct pp_parcel *pp_second_next(
	struct pp_second *s, const struct pp_sender *sender, uint64_t now_us)
{
	const struct pp_overdue rule = { s->after_us, PP_SECOND_AGAIN_US, PP_SECOND_TIMES };
	const struct pp_parcel *parcel;
	uint64_t next_us;

	if (s->flying || now_us < s->look_us)
		return NULL;
	parcel = pp_sender_overdue(sender, &rule, now_us, &next_us);
	if (!parcel) {
		s->look_us = next_us;
		return NULL;
	}
	if (!hour_take(s, now_us))
		return NULL;
	s->flying = true;
	s->epoch = parcel->epoch;
	s->seq = parcel->seq;
	return parcel;
}

void pp_second_done(struct pp_second *s, struct pp_sender *sender, int error, uint64_t now_us)
{
	assert(s->flying);
	s->flying = false;
	if (error == 0 || error == -EBADMSG || error == -EMSGSIZE) {
		/* (What cannot be told is as good as told: the others must not wait for it.) */
		for (unsigned i = 0; i < (error == 0 ? 1 : PP_SECOND_TIMES); i++)
			pp_sender_told(sender, s->epoch, s->seq, now_us);
		s->wait_us = 0;
		s->look_us = now_us;
		return;
	}
	s->in_hour--;
	if (s->wait_us == 0)
		s->wait_us = PP_SECOND_RETRY_FIRST_US;
	s->look_us = now_us + s->wait_us;
	s->wait_us = 2 * s->wait_us < PP_SECOND_RETRY_LAST_US ? 2 * s->wait_us
							       : PP_SECOND_RETRY_LAST_US;
}

int pp_second_read(const struct pp_sender *sender, const char *text, size_t length,
	struct pp_compact_receipt *ret_receipt)
{
	const struct pp_parcel *parcel;
	struct pp_compact_receipt c;
	int r = pp_compact_receipt_read(text, length, &c);

	if (r < 0)
		return r;
	parcel = pp_sender_parcel(sender, c.receipt.epoch, c.receipt.seq);
	if (!parcel || parcel->again) {
		free(c.payload);
		return parcel ? -ESTALE : -ENOENT;
	}
	*ret_receipt = c;
	return 0;
}

uint64_t pp_second_deadline(const struct pp_second *s)
{
	return s->flying ? UINT64_MAX : s->look_us;
}
