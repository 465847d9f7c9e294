/* SPDX-License-Identifier: Apache-2.0 */
/* debounce/chatter.h -- notices a line that will not hold still: too many edges in too short a
 * time. Pure. The bounce of one honest switching (a train of edges less than PP_CHATTER_GAP_US
 * apart, PP_CHATTER_BOUNCE_US in all) counts as one edge, however many there were; a pulse counts
 * as two. */
#ifndef DEBOUNCE_CHATTER_H
#define DEBOUNCE_CHATTER_H

#include <stdbool.h>
#include <stdint.h>

#define PP_CHATTER_EDGES_MIN 4u
#define PP_CHATTER_EDGES_MAX 1000u
#define PP_CHATTER_WITHIN_MIN_US 100000u
#define PP_CHATTER_WITHIN_MAX_US 600000000u
#define PP_CHATTER_GAP_US 5000u
#define PP_CHATTER_BOUNCE_US 25000u
#define PP_CHATTER_CALM_US 10000000u /* ends when no edge came for so long */

struct pp_chatter; /* one per line; not thread-safe */

/* More than edges within within_us is chatter. -ERANGE, -ENOMEM. The caller owns *ret. */
int pp_chatter_new(unsigned edges, uint64_t within_us, struct pp_chatter **ret);
struct pp_chatter *pp_chatter_free(struct pp_chatter *c); /* NULL is fine; returns NULL */
void pp_chatter_start(
	struct pp_chatter *c, bool level, uint64_t now_us); /* a level that was read: no edge */
int pp_chatter_feed(
	struct pp_chatter *c, bool level, uint64_t now_us); /* an edge. 1: chatter has begun */
int pp_chatter_step(struct pp_chatter *c, uint64_t now_us); /* 1: it has ended */
uint64_t pp_chatter_deadline(
	const struct pp_chatter *c); /* when it ends if nothing moves; UINT64_MAX: there is none */
/* An activation has come and gone until now_us: it makes no later chatter plausible. */
void pp_chatter_told(struct pp_chatter *c, uint64_t now_us);
bool pp_chatter_is_on(const struct pp_chatter *c);
/* Of the chatter that began last: its first edge, and whether the line was on for a fifth of the
 * time since then or more, as under a finger on a bad contact, and unlike interference. */
uint64_t pp_chatter_onset(const struct pp_chatter *c);
bool pp_chatter_is_plausible(const struct pp_chatter *c);

#endif
