/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.h -- actions on their way from the asking loop to the engine's thread, and their answers on
 * the way back. Private to the room. Thread-safe. */
#ifndef ENGINE_JOBS_H
#define ENGINE_JOBS_H

#include "engine/engine.h"
#include "ledger/item.h"

struct pp_job {
	struct pp_job *next;
	struct pp_action action; /* its texts follow the struct in the same allocation */
	pp_engine_done_fn *done;
	void *user;
	const struct pp_item *item; /* engine's thread: where the answer will be */
	struct pp_action_result result;
};

struct pp_jobs;
int pp_jobs_new(struct pp_jobs **ret_jobs);
struct pp_jobs *pp_jobs_free(
	struct pp_jobs *j); /* NULL is fine; every job must have been finished */
/* Copies the action. -ENOBUFS: PP_ENGINE_JOBS_MAX are under way; -EIO: closed; -ENOMEM. */
int pp_jobs_submit(
	struct pp_jobs *j, const struct pp_action *action, pp_engine_done_fn *done, void *user);
/* From now on nothing can be submitted. */
void pp_jobs_close(struct pp_jobs *j);
struct pp_job *pp_jobs_take(struct pp_jobs *j); /* the oldest that was submitted; NULL: none */
void pp_jobs_answer(struct pp_jobs *j, struct pp_job *job); /* its result is set */
/* Calls done of every answered job, in order, and frees it. On the asking loop. */
void pp_jobs_finish(struct pp_jobs *j);

#endif
