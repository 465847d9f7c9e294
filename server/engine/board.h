/* SPDX-License-Identifier: Apache-2.0 */
/* board.h -- what the engine's thread and the asking side tell each other beside the jobs: counts,
 * that something was committed, that the record has failed, that it shall end. Private to the room.
 * Thread-safe. */
#ifndef ENGINE_BOARD_H
#define ENGINE_BOARD_H

#include "engine/engine.h"

struct pp_board;
int pp_board_new(struct pp_board **ret_board);
struct pp_board *pp_board_free(struct pp_board *b); /* NULL is fine; returns NULL */
/* The asking side's source, woken whenever it has something to take; before the thread starts. */
void pp_board_set_news(struct pp_board *b, struct pp_loop_source *news);

/* The thread's side. */
void pp_board_show(struct pp_board *b, const struct pp_engine_counts *counts);
void pp_board_committed(struct pp_board *b, const struct pp_engine_counts *counts);
void pp_board_answered(struct pp_board *b); /* jobs wait to be finished */
void pp_board_failed(struct pp_board *b, int error);
bool pp_board_is_ending(struct pp_board *b);

/* The asking side's. */
void pp_board_end(struct pp_board *b);
void pp_board_turned_away(struct pp_board *b); /* one change, because too many waited */
bool pp_board_take_commit(struct pp_board *b); /* whether there was one since the last call */
int pp_board_failure(struct pp_board *b);      /* -errno; 0: none */
void pp_board_counts(struct pp_board *b, struct pp_engine_counts *ret_counts);

#endif
