/* SPDX-License-Identifier: Apache-2.0 */
/* debounce/wire.h -- one wire as every kind of sensor sees it: its debounced level, and whether it
 * chatters. Pure. Chatter never hides an activation: when it begins on a wire that plausibly is on,
 * the wire counts as on; a real hold is still taken during it, though a longer one than usual:
 * PP_WIRE_HOLD_US, or PP_WIRE_LONG_HOLD_US within PP_WIRE_QUIET_US of the last activation, so that
 * a wire that flaps for hours tells of it once a minute at most. */
#ifndef DEBOUNCE_WIRE_H
#define DEBOUNCE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#define PP_WIRE_HOLD_US 50000u
#define PP_WIRE_LONG_HOLD_US 500000u
#define PP_WIRE_QUIET_US 60000000u

struct pp_wire_config {
	uint64_t on_us, off_us; /* calm wanted, as pp_debounce_new */
	unsigned chatter_edges; /* as pp_chatter_new */
	uint64_t chatter_us;
};

/* What a feed or step has brought about, ored. Act on CHANGED first: an alarm goes before a
 * trouble. */
#define PP_WIRE_CHANGED 1u  /* the accepted level */
#define PP_WIRE_CHATTERS 2u /* chatter has begun */
#define PP_WIRE_CALMED 4u   /* chatter has ended */

struct pp_wire; /* not thread-safe */

/* -ERANGE, -ENOMEM. The caller owns *ret. */
int pp_wire_new(const struct pp_wire_config *config, struct pp_wire **ret);
struct pp_wire *pp_wire_free(struct pp_wire *w); /* NULL is fine; returns NULL */
/* Before each of these the caller has stepped through every deadline up to now_us; times do not go
 * back. */
unsigned pp_wire_start(
	struct pp_wire *w, bool level, uint64_t now_us); /* a level that was read, not an edge */
unsigned pp_wire_feed(struct pp_wire *w, bool level, uint64_t now_us);
unsigned pp_wire_step(struct pp_wire *w, uint64_t now_us);
uint64_t pp_wire_deadline(const struct pp_wire *w); /* UINT64_MAX: nothing is pending */
bool pp_wire_is_on(const struct pp_wire *w);        /* the accepted level */
bool pp_wire_chatters(const struct pp_wire *w);
uint64_t pp_wire_onset(
	const struct pp_wire *w); /* first edge of the change that was accepted last ... */
bool pp_wire_at_start(const struct pp_wire
		*w); /* ... which was no edge: the wire was on already when it was read */

#endif
