/* SPDX-License-Identifier: Apache-2.0 */
/* debounce/debounce.h -- accept a level only after it has held still. Pure; times are the kernel's
 * monotonic microseconds. */
#ifndef DEBOUNCE_DEBOUNCE_H
#define DEBOUNCE_DEBOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#define PP_DEBOUNCE_MIN_US 1000u
#define PP_DEBOUNCE_MAX_US 5000000u
/* A bouncing change that is older than this has not begun: its onset is then the next edge. */
#define PP_DEBOUNCE_TRAIN_US 100000u

struct pp_debounce; /* one per line, accepts "off" at first; not thread-safe */

/* Wants on_us of calm before it accepts "on" and off_us before "off" (PP_DEBOUNCE_MIN_US..MAX_US
 * each). The caller owns *ret; on -ERANGE or -ENOMEM *ret is untouched. */
int pp_debounce_new(uint64_t on_us, uint64_t off_us, struct pp_debounce **ret);
struct pp_debounce *pp_debounce_free(struct pp_debounce *d); /* NULL is fine; returns NULL */
/* Feeds the raw level seen at now_us; times do not go back. 1: the accepted level changed; 0: it
 * did not. A hold that was long enough counts even if nobody stepped before its end was fed. */
int pp_debounce_feed(struct pp_debounce *d, bool level, uint64_t now_us);
int pp_debounce_step(struct pp_debounce *d,
	uint64_t now_us); /* the level has not moved until now_us; result as feed */
uint64_t pp_debounce_deadline(
	const struct pp_debounce *d); /* when a step would change it; UINT64_MAX: never */
bool pp_debounce_level(const struct pp_debounce *d); /* the accepted one */
bool pp_debounce_raw(const struct pp_debounce *d);   /* the one fed last */
/* The first raw edge of the change that was accepted last. */
uint64_t pp_debounce_onset(const struct pp_debounce *d);
/* "on" wants on_us of calm, the one that is pending included. */
void pp_debounce_set_on(struct pp_debounce *d, uint64_t on_us);
/* Accepts "on" without calm; onset_us is when it began. */
void pp_debounce_force_on(struct pp_debounce *d, uint64_t onset_us);

#endif
