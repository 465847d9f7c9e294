/* SPDX-License-Identifier: Apache-2.0 */
/* board.c -- a few values under one lock. */
#include "board.h"

#include <errno.h>
#include <stdlib.h>

#include "core/thread.h"

struct pp_board {
	struct pp_lock *lock;
	struct pp_engine_counts counts;
	uint64_t busy; /* changes turned away */
	bool ending, has_committed;
	int failure;
	struct pp_loop_source *news;
};

int pp_board_new(struct pp_board **ret_board)
{
	struct pp_board *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return -ENOMEM;
	r = pp_lock_new(&b->lock);
	if (r < 0) {
		free(b);
		return r;
	}
	*ret_board = b;
	return 0;
}

struct pp_board *pp_board_free(struct pp_board *b)
{
	if (!b)
		return NULL;
	pp_lock_free(b->lock);
	free(b);
	return NULL;
}

void pp_board_set_news(struct pp_board *b, struct pp_loop_source *news)
{
	b->news = news;
}

/* ---- the thread's side ---- */

void pp_board_show(struct pp_board *b, const struct pp_engine_counts *counts)
{
	pp_lock_enter(b->lock);
	b->counts = *counts;
	pp_lock_leave(b->lock);
}

void pp_board_committed(struct pp_board *b, const struct pp_engine_counts *counts)
{
	pp_lock_enter(b->lock);
	b->has_committed = true;
	b->counts = *counts;
	pp_lock_leave(b->lock);
	pp_board_answered(b);
}

void pp_board_answered(struct pp_board *b)
{
	if (b->news)
		pp_loop_wake(b->news);
}

void pp_board_failed(struct pp_board *b, int error)
{
	pp_lock_enter(b->lock);
	b->failure = error;
	pp_lock_leave(b->lock);
	pp_board_answered(b);
}

bool pp_board_is_ending(struct pp_board *b)
{
	bool ending;

	pp_lock_enter(b->lock);
	ending = b->ending;
	pp_lock_leave(b->lock);
	return ending;
}

/* ---- the asking side's ---- */

void pp_board_end(struct pp_board *b)
{
	pp_lock_enter(b->lock);
	b->ending = true;
	pp_lock_leave(b->lock);
}

void pp_board_turned_away(struct pp_board *b)
{
	pp_lock_enter(b->lock);
	b->busy++;
	pp_lock_leave(b->lock);
}

bool pp_board_take_commit(struct pp_board *b)
{
	bool committed;

	pp_lock_enter(b->lock);
	committed = b->has_committed;
	b->has_committed = false;
	pp_lock_leave(b->lock);
	return committed;
}

int pp_board_failure(struct pp_board *b)
{
	int failure;

	pp_lock_enter(b->lock);
	failure = b->failure;
	pp_lock_leave(b->lock);
	return failure;
}

void pp_board_counts(struct pp_board *b, struct pp_engine_counts *ret_counts)
{
	pp_lock_enter(b->lock);
	*ret_counts = b->counts;
	ret_counts->actions_busy = b->busy;
	pp_lock_leave(b->lock);
}
