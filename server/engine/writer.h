/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h -- the work of the engine's thread: waits for messages, actions and time; each turn is
 * one batch and one commit. Private to the room. */
#ifndef ENGINE_WRITER_H
#define ENGINE_WRITER_H

#include "board.h"
#include "jobs.h"

struct pp_writer;
/* Opens and migrates the record and makes the MQTT client. jobs and board are borrowed. */
int pp_writer_new(const struct pp_engine_options *options, struct pp_jobs *jobs,
	struct pp_board *board, struct pp_writer **ret_writer);
struct pp_writer *pp_writer_free(struct pp_writer *w); /* NULL is fine; returns NULL */
/* Until the board says that it shall end, then 0, or the record has failed: -errno. */
int pp_writer_run(struct pp_writer *w);
/* There are jobs, or it shall end. From any thread. */
void pp_writer_wake(struct pp_writer *w);

#endif
