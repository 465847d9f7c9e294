/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c -- the asking side: starts and ends the writing thread, hands it jobs, hears of what it
 * has committed. */
#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "board.h"
#include "core/thread.h"
#include "jobs.h"
#include "writer.h"

struct pp_engine {
	struct pp_jobs *jobs;
	struct pp_board *board;
	struct pp_writer *writer; /* the thread's own, while it runs */
	struct pp_loop_source *on_answer;
	pp_loop_fn *commit_fn, *failure_fn;
	void *commit_user, *failure_user;
	struct pp_thread *thread; /* NULL: it was not started */
};

static void on_answer(void *user)
{
	struct pp_engine *e = user;
	/* Both before the jobs are finished: whoever asked may look at what was committed. */
	bool committed = pp_board_take_commit(e->board);
	int failure = pp_board_failure(e->board);

	pp_jobs_finish(e->jobs);
	if (committed && e->commit_fn)
		e->commit_fn(e->commit_user);
	if (failure != 0 && e->failure_fn)
		e->failure_fn(e->failure_user);
}

static void run(void *user)
{
	(void)pp_writer_run(user); /* a failure stands on the board */
}

int pp_engine_new(const struct pp_engine_options *options, struct pp_loop *loop,
	struct pp_engine **ret_engine)
{
	struct pp_engine *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	r = pp_jobs_new(&e->jobs);
	if (r == 0)
		r = pp_board_new(&e->board);
	if (r == 0)
		r = pp_writer_new(options, e->jobs, e->board, &e->writer);
	if (r == 0)
		r = pp_loop_add_wake(loop, on_answer, e, &e->on_answer);
	if (r == 0) {
		pp_board_set_news(e->board, e->on_answer);
		r = pp_thread_start(run, e->writer, &e->thread);
	}
	if (r < 0) {
		pp_engine_free(e);
		return r;
	}
	*ret_engine = e;
	return 0;
}

static void thread_end(struct pp_engine *e)
{
	pp_jobs_close(e->jobs);
	pp_board_end(e->board);
	pp_writer_wake(e->writer);
	e->thread = pp_thread_join(e->thread);
	pp_jobs_finish(e->jobs);
}

struct pp_engine *pp_engine_free(struct pp_engine *e)
{
	if (!e)
		return NULL;
	if (e->thread)
		thread_end(e);
	pp_writer_free(e->writer);
	pp_loop_source_free(e->on_answer);
	pp_board_free(e->board);
	pp_jobs_free(e->jobs);
	free(e);
	return NULL;
}

int pp_engine_submit(
	struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *done, void *user)
{
	int r = pp_jobs_submit(e->jobs, action, done, user);

	if (r == 0)
		pp_writer_wake(e->writer);
	if (r == -ENOBUFS)
		pp_board_turned_away(e->board);
	return r;
}

void pp_engine_on_commit(struct pp_engine *e, pp_loop_fn *fn, void *user)
{
	e->commit_fn = fn;
	e->commit_user = user;
}

void pp_engine_on_failure(struct pp_engine *e, pp_loop_fn *fn, void *user)
{
	e->failure_fn = fn;
	e->failure_user = user;
	pp_loop_wake(e->on_answer); /* it may have failed already */
}

int pp_engine_failure(struct pp_engine *e)
{
	return pp_board_failure(e->board);
}

void pp_engine_counts(struct pp_engine *e, struct pp_engine_counts *ret_counts)
{
	pp_board_counts(e->board, ret_counts);
}
