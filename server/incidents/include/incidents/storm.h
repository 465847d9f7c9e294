/* SPDX-License-Identifier: Apache-2.0 */
/* incidents/storm.h -- when the signals of one incident are so many that they are told as a count.
 * Pure. Each signal is recorded by itself all the same: what becomes fewer is what the timeline,
 * the desk and webhooks are told. The numbers stand here and nowhere else. */
#ifndef INCIDENTS_STORM_H
#define INCIDENTS_STORM_H

#include <stdbool.h>
#include <stdint.h>

#define PP_STORM_WINDOW_MS 60000 /* signals are counted over so long ... */
#define PP_STORM_SIGNALS 20      /* ... and more than so many begin a storm */
#define PP_STORM_CALM 5          /* a window with no more than so many ends it */
#define PP_STORM_COUNT_MS 10000  /* in a storm a count is told this often at most ... */
#define PP_STORM_ALERT_MS 60000  /* ... and rings this often at most, for as long as it lasts */
#define PP_STORM_IDLE_MS 600000  /* a count that nothing was added to is forgotten */

/* Of one incident, or of what a post sends that belongs to none. Zeroed: nothing was counted. Times
 * are those of the record; a clock that steps begins a new window, and may tell early. */
struct pp_storm {
	int64_t began_ms, count; /* the window */
	bool on;
	int64_t untold, told_ms, alerted_ms; /* on: since the last count was told */
};

/* Counts one signal. True: it is told by itself, as ever; false: it is a part of a storm. */
bool pp_storm_feed(struct pp_storm *storm, int64_t now_ms);

enum pp_storm_word {
	PP_STORM_NOTHING,
	PP_STORM_BEGUN,
	PP_STORM_COUNTED,
	PP_STORM_OVER,
};
struct pp_storm_news {
	enum pp_storm_word word;
	bool alert;    /* ring the desk and tell webhooks */
	int64_t count; /* signals since the last news */
};
/* What is to be told now; it counts as told. After each feed that was false, and as time goes by.
 */
struct pp_storm_news pp_storm_step(struct pp_storm *storm, int64_t now_ms);
/* Nothing can come of it any more but by a new signal. */
bool pp_storm_is_idle(const struct pp_storm *storm, int64_t now_ms);

#endif
