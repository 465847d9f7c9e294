/* SPDX-License-Identifier: Apache-2.0 */
/* explore.h -- every history of a small scope: at each question that may hurt, the process forks,
 * once for each answer. */
#ifndef RUNNER_EXPLORE_H
#define RUNNER_EXPLORE_H

#include "results.h"

/* Numbers of presses, and how much may go wrong at most: of each kind, and in all. */
struct scope {
	const char *name, *what;
	unsigned presses;
	unsigned budget[WORLD_BUDGET_COUNT];
	unsigned all;
};
const struct scope *scope_find(const char *name); /* NULL: there is none */
const struct scope *scope_at(size_t index);       /* NULL: no more */

/* Runs of a scope are saved, and replayed, under a seed that names it. */
uint64_t scope_seed(const struct scope *s);
const struct scope *scope_of_seed(uint64_t seed); /* NULL: a seed of the town */
/* The town of a scope instead of that of a seed; answers come from whoever was set. Returns the
 * simulated milliseconds of its posts. */
uint64_t scope_run(const struct scope *s);

/* Explores; stops after that many seconds (-1: never), and says whether it came to the end.
 * Findings are saved in out. */
int explore(const struct scope *s, unsigned workers, int64_t seconds, const char *out,
	struct tally *tally, bool *ret_closed);

#endif
