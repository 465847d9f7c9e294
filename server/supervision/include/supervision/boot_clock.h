/* SPDX-License-Identifier: Apache-2.0 */
/* supervision/boot_clock.h -- when something happened at a post that cannot judge time. Pure.
 * Of each boot of a post the server keeps what its CLOCK_MONOTONIC 0 was in UTC: the smallest
 * (arrival - mono) of its states, because what is slowest to arrive says least. Clocks drift (20
 * ppm are 1.7 s a day), so a smallest value of weeks ago is wrong today: it is taken over the last
 * one to two windows of PP_BOOT_CLOCK_WINDOW states, an hour each at 10 s. */
#ifndef SUPERVISION_BOOT_CLOCK_H
#define SUPERVISION_BOOT_CLOCK_H

#include "protocol/signal.h"
#include "protocol/state.h"

#include <stdbool.h>
#include <stdint.h>

#define PP_BOOT_CLOCK_WINDOW 360

struct pp_boot_clock {
	int64_t low, low_before; /* UTC ms of mono 0: of this window, and of the one before it */
	int64_t states;          /* in this window; 0: none at all, and nothing is known */
};
void pp_boot_clock_feed(struct pp_boot_clock *c, int64_t mono_ms, int64_t arrived_ms);

/* Whether a state may be believed: (boot, mono) beyond the last accepted one of its epoch, so that
 * a replay says nothing. */
bool pp_state_is_newer(int64_t last_boot, int64_t last_mono_ms, const struct pp_state *state);

enum pp_occurred_by { PP_OCCURRED_BY_MONO, PP_OCCURRED_BY_AT, PP_OCCURRED_BY_ARRIVAL };
const char *pp_occurred_by_text(enum pp_occurred_by by); /* "mono", "at", "arrival" */

enum pp_clock_verdict { PP_CLOCK_UNKNOWN, PP_CLOCK_GOOD, PP_CLOCK_WRONG };
struct pp_occurrence {
	int64_t at_ms; /* never later than the arrival */
	enum pp_occurred_by by;
	bool late;
	enum pp_clock_verdict clock; /* of the post's own UTC */
};
/* clock: of the signal's boot, NULL when that boot is unknown. newest_boot: of its epoch, 0 when
 * none is known. */
void pp_signal_date(const struct pp_signal *signal, const struct pp_boot_clock *clock,
	int64_t newest_boot, int64_t arrived_ms, struct pp_occurrence *ret_occurrence);

#endif
