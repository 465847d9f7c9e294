/* SPDX-License-Identifier: Apache-2.0 */
/* schedule.h -- levels that are to come, in order of time: those of a script file, and the ends of
 * presses. */
#ifndef SOURCES_SCHEDULE_H
#define SOURCES_SCHEDULE_H

#include "sources/source.h"

#define PP_SCHEDULE_MAX 20000u
#define PP_SCHEDULE_FILE_MAX 1048576u /* bytes */

struct pp_timed_level {
	uint64_t at_us;
	size_t line;
	bool active;
	double value; /* of an analogue line */
};

struct pp_schedule;

int pp_schedule_new(struct pp_schedule **ret_schedule);      /* -ENOMEM; the caller owns it */
struct pp_schedule *pp_schedule_free(struct pp_schedule *s); /* NULL is fine; returns NULL */
/* Puts it behind those of the same time. -ENOSPC: PP_SCHEDULE_MAX are waiting; -ENOMEM. */
int pp_schedule_add(struct pp_schedule *s, const struct pp_timed_level *level);
/* Takes the next one if its time is now_us or earlier. False: there is none. */
bool pp_schedule_take(struct pp_schedule *s, uint64_t now_us, struct pp_timed_level *ret_level);
uint64_t pp_schedule_deadline(const struct pp_schedule *s); /* of the next one; UINT64_MAX: none */
/* Adds the lines of a script file; its times count from start_us. *why names file and line. */
int pp_schedule_load(struct pp_schedule *s, const char *path, uint64_t start_us,
	const struct pp_source *source, struct pp_source_why *why);

#endif
