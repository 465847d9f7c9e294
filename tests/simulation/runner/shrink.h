/* SPDX-License-Identifier: Apache-2.0 */
/* shrink.h -- fewer and smaller choices that still fail in the same way; saved runs. */
#ifndef RUNNER_SHRINK_H
#define RUNNER_SHRINK_H

#include "pool.h"

/* A saved run: "seed N", then a line "<kind> <ordinal> <n> <value>" for each choice. */
struct saved {
	uint64_t seed;
	size_t count;
	struct world_choice list[TRIAL_CHOICES_MAX];
};
int saved_write(const struct saved *s, const char *path);  /* -errno */
int saved_read(const char *path, struct saved *ret_saved); /* -EBADMSG, -errno */

/* Takes choices away from s, and makes values smaller, for as long as it fails like out did, at
 * most so many tries. Returns how many tries were made; s is left as it was (and *ret_same false)
 * when the list itself does not fail like that. */
unsigned shrink(
	struct pool *p, struct saved *s, const struct outcome *out, unsigned tries, bool *ret_same);

#endif
