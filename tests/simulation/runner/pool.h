/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h -- trials in processes of their own, some at once: what a run leaks, breaks or asserts is
 * its own. */
#ifndef RUNNER_POOL_H
#define RUNNER_POOL_H

#include "trial.h"

#define POOL_WORKERS_MAX 16

struct pool;
/* NULL: no memory. */
struct pool *pool_new(unsigned workers);
/* Starts a trial; waits for a free place before, and gives what came of the one that was there to
 * fn. Borrowed until the next call. */
typedef void pool_fn(void *user, const struct outcome *out);
void pool_start(struct pool *p, const struct trial *t, pool_fn *fn, void *user);
void pool_finish(struct pool *p, pool_fn *fn, void *user); /* all that run */
/* One trial, alone. */
const struct outcome *pool_try(struct pool *p, const struct trial *t);

#endif
