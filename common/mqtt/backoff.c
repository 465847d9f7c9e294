/* SPDX-License-Identifier: Apache-2.0 */
/* backoff.c -- waits that double, with jitter in their upper half so that a thousand posts do not
 * return at once. */
#include "mqtt/backoff.h"

#include <assert.h>

void pp_backoff_init(struct pp_backoff *b, uint64_t min_us, uint64_t max_us)
{
	assert(min_us > 0 && min_us <= max_us);
	*b = (struct pp_backoff){ .min_us = min_us, .max_us = max_us, .current_us = min_us };
}

uint64_t pp_backoff_next_us(struct pp_backoff *b, uint32_t random)
{
	/* max_us may have been lowered since the last call. */
	uint64_t wait = b->current_us < b->max_us ? b->current_us : b->max_us;

	b->current_us = wait > b->max_us / 2 ? b->max_us : wait * 2;
	uint64_t half = wait / 2, upper = wait - half;
	/* upper * random / 2^32 without overflow for any upper. */
	return half + (upper >> 32) * random + (((upper & UINT32_MAX) * random) >> 32);
}

void pp_backoff_reset(struct pp_backoff *b)
{
	b->current_us = b->min_us;
}
