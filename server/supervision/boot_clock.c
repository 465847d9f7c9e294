/* SPDX-License-Identifier: Apache-2.0 */
/* boot_clock.c -- dating signals by the clock of a post's boot. */
#include "supervision/boot_clock.h"

#include <assert.h>

void pp_boot_clock_feed(struct pp_boot_clock *c, int64_t mono_ms, int64_t arrived_ms)
{
	int64_t zero = arrived_ms - mono_ms;

	if (c->states == 0) {
		*c = (struct pp_boot_clock){ .low = zero, .low_before = zero, .states = 1 };
		return;
	}
	if (c->states >= PP_BOOT_CLOCK_WINDOW) {
		c->low_before = c->low;
		c->low = zero;
		c->states = 0;
	}
	if (zero < c->low)
		c->low = zero;
	c->states++;
}

bool pp_state_is_newer(int64_t last_boot, int64_t last_mono_ms, const struct pp_state *state)
{
	if (state->boot != last_boot)
		return state->boot > last_boot;
	return state->mono_ms > last_mono_ms;
}

const char *pp_occurred_by_text(enum pp_occurred_by by)
{
	static const char *const texts[] = { "mono", "at", "arrival" };

	assert(by <= PP_OCCURRED_BY_ARRIVAL);
	return texts[by];
}

static enum pp_clock_verdict clock_judge(
	const struct pp_signal *signal, const struct pp_occurrence *o, int64_t arrived_ms)
{
	if (signal->at_ms == PP_AT_UNKNOWN)
		return PP_CLOCK_UNKNOWN;
	if (signal->at_ms > arrived_ms + PP_CLOCK_TOLERANCE_MS)
		return PP_CLOCK_WRONG; /* it would be from the future */
	if (o->by != PP_OCCURRED_BY_MONO)
		return PP_CLOCK_UNKNOWN;
	if (signal->at_ms < o->at_ms - PP_CLOCK_TOLERANCE_MS ||
		signal->at_ms > o->at_ms + PP_CLOCK_TOLERANCE_MS)
		return PP_CLOCK_WRONG;
	return PP_CLOCK_GOOD;
}

void pp_signal_date(const struct pp_signal *signal, const struct pp_boot_clock *clock,
	int64_t newest_boot, int64_t arrived_ms, struct pp_occurrence *ret_occurrence)
{
	struct pp_occurrence o = { .at_ms = arrived_ms, .by = PP_OCCURRED_BY_ARRIVAL };

	if (clock && clock->states > 0) {
		int64_t zero = clock->low < clock->low_before ? clock->low : clock->low_before;

		o.at_ms = zero + signal->mono_ms;
		o.by = PP_OCCURRED_BY_MONO;
	}
	o.clock = clock_judge(signal, &o, arrived_ms);
	if (o.by == PP_OCCURRED_BY_ARRIVAL && signal->at_ms != PP_AT_UNKNOWN &&
		o.clock != PP_CLOCK_WRONG) {
		o.at_ms = signal->at_ms;
		o.by = PP_OCCURRED_BY_AT;
	}
	/* A signal may be quicker than every state of its boot was. */
	if (o.at_ms > arrived_ms)
		o.at_ms = arrived_ms;
	o.late = arrived_ms - o.at_ms > PP_LATE_AFTER_MS ||
		 (o.by == PP_OCCURRED_BY_ARRIVAL && signal->boot > 0 && signal->boot < newest_boot);
	*ret_occurrence = o;
}
