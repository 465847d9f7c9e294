/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/writer.h -- what an answer of the time-series store means for the batch that was sent.
 * Pure. */
#ifndef RECORDER_WRITER_H
#define RECORDER_WRITER_H

#include <stdint.h>

#define PP_BATCH_MAX                                                                               \
	5000 /* lines: VictoriaMetrics takes 690,000 lines a second in batches of this size */

enum pp_writer_next {
	PP_WRITER_DROP,   /* the lines are in the store: remove them, go on */
	PP_WRITER_AGAIN,  /* send again at once: `count` is smaller now */
	PP_WRITER_POISON, /* one line, and the store refuses it: set it aside, go on */
	PP_WRITER_WAIT,   /* the store is not well: again after wait_us */
};
struct pp_writer {
	int64_t count;    /* lines to put into the next batch */
	uint64_t wait_us; /* the last wait */
	int failures;     /* in a row */
};
void pp_writer_init(struct pp_writer *w);
struct pp_writer_answer {
	int error;          /* 0, or -errno: no answer came */
	long status;        /* HTTP */
	long retry_after_s; /* -1: not said */
	int64_t sent;       /* lines of the batch */
};
/* 2xx: DROP. 413: half of it. 400: half of it until the refused line stands alone. All else waits
 * from 1 s, doubling to 60 s, or as long as the store says (at most 10 min): nothing is thrown away
 * for it. */
enum pp_writer_next pp_writer_answered(struct pp_writer *w, const struct pp_writer_answer *answer);

#endif
