/* SPDX-License-Identifier: Apache-2.0 */
/* debounce.c -- a level counts after it has held still, and then from the first edge of its
 * bouncing. */
#include "debounce/debounce.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct pp_debounce {
	uint64_t on_us, off_us;
	uint64_t since_us; /* the raw level has been what it is since then */
	uint64_t leave_us; /* while unsettled: the first edge away from the accepted level */
	uint64_t onset_us;
	bool raw, accepted, unsettled;
};

static bool in_range(uint64_t hold_us)
{
	return hold_us >= PP_DEBOUNCE_MIN_US && hold_us <= PP_DEBOUNCE_MAX_US;
}

int pp_debounce_new(uint64_t on_us, uint64_t off_us, struct pp_debounce **ret)
{
	struct pp_debounce *d;

	if (!in_range(on_us) || !in_range(off_us))
		return -ERANGE;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->on_us = on_us;
	d->off_us = off_us;
	*ret = d;
	return 0;
}

struct pp_debounce *pp_debounce_free(struct pp_debounce *d)
{
	free(d);
	return NULL;
}

int pp_debounce_step(struct pp_debounce *d, uint64_t now_us)
{
	uint64_t hold_us = d->raw ? d->on_us : d->off_us;

	/* Subtract, never add: since + hold could wrap. */
	if (now_us - d->since_us < hold_us)
		return 0;
	d->unsettled = false;
	if (d->raw == d->accepted)
		return 0;
	d->accepted = d->raw;
	d->onset_us = d->leave_us;
	return 1;
}

int pp_debounce_feed(struct pp_debounce *d, bool level, uint64_t now_us)
{
	/* The old level held until now, so it is judged first: events are read in batches, long
	 * after they happened. */
	int changed = pp_debounce_step(d, now_us);

	if (level == d->raw)
		return changed;
	d->raw = level;
	d->since_us = now_us;
	if (level == d->accepted)
		return changed;
	if (!d->unsettled || now_us - d->leave_us > PP_DEBOUNCE_TRAIN_US)
		d->leave_us = now_us;
	d->unsettled = true;
	return changed;
}

uint64_t pp_debounce_deadline(const struct pp_debounce *d)
{
	if (d->raw == d->accepted)
		return UINT64_MAX;
	return d->since_us + (d->raw ? d->on_us : d->off_us);
}

bool pp_debounce_level(const struct pp_debounce *d)
{
	return d->accepted;
}

bool pp_debounce_raw(const struct pp_debounce *d)
{
	return d->raw;
}

uint64_t pp_debounce_onset(const struct pp_debounce *d)
{
	return d->onset_us;
}

void pp_debounce_set_on(struct pp_debounce *d, uint64_t on_us)
{
	assert(in_range(on_us));
	d->on_us = on_us;
}

void pp_debounce_force_on(struct pp_debounce *d, uint64_t onset_us)
{
	d->accepted = true;
	d->onset_us = onset_us;
	d->unsettled = !d->raw;
	d->leave_us = d->since_us;
}
