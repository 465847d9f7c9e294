/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h -- how long a guesser of passwords must wait. Pure: now is passed in.
 * A key is whom a try is counted for: see tries.c. A browser that has logged in before has one of
 * its own, so that strangers who guess make only strangers wait. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stdint.h>

#define PP_GUARD_FREE 5            /* tries without any wait */
#define PP_GUARD_WAIT_MAX_MS 60000 /* the longest wait */
#define PP_GUARD_FORGET_MS 900000  /* quiet time after which a key is clean again */
#define PP_GUARD_KEYS 1024         /* remembered; the one that was quiet longest makes room */

struct pp_guard;

int pp_guard_new(struct pp_guard **ret_guard);
struct pp_guard *pp_guard_free(struct pp_guard *g); /* NULL is fine; returns NULL */
/* 0: go on, and the try is counted as a failed one until pp_guard_clear says otherwise (so that
 * tries side by side do not slip through). Positive: milliseconds to wait; nothing is counted. */
int64_t pp_guard_try(struct pp_guard *g, const char *key, int64_t now_ms);
struct pp_guard_budget {
	unsigned free;    /* tries without any wait */
	int64_t wait_max; /* the longest wait, ms */
};
int64_t pp_guard_try_within(struct pp_guard *g, const char *key,
	const struct pp_guard_budget *budget, int64_t now_ms);
void pp_guard_forgive(struct pp_guard *g, const char *key); /* takes one try back */
void pp_guard_clear(struct pp_guard *g, const char *key); /* the password was right */

#endif
