/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/roster.h -- times of the week, as a roster and a plan's hours say them. Pure. The time
 * zones of Indonesia have no daylight saving, so every local week is alike. */
#ifndef DISPATCH_ROSTER_H
#define DISPATCH_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_DAY_MINUTES 1440
#define PP_WEEK_MINUTES 10080
#define PP_ALL_DAYS 0x7fu

/* On these days from..to, minutes of the local day. to <= from: over midnight into the next day,
 * which need not be among the days; equal: 24 hours. */
struct pp_plan_span {
	uint8_t days; /* bit 0 is Monday */
	int from, to; /* 0..1439; to also 1440 */
};

/* The minute of the local week, 0 is Monday 00:00. */
int pp_plan_minute(int64_t wall_ms, int zone_minutes);
/* The first minute is in it, the last is not. */
bool pp_plan_span_has(const struct pp_plan_span *span, int week_minute);
/* Minutes of the week in which it begins or ends are set in edges. */
void pp_plan_span_edges(const struct pp_plan_span *span, bool edges[PP_WEEK_MINUTES]);

/* "mon" to "sun"; -EINVAL. */
const char *pp_plan_day_text(int day);
int pp_plan_day_parse(const char *text);
/* "22:00" to minutes of the day; -EINVAL. "24:00" is 1440. */
int pp_plan_clock_parse(const char *text);
/* The other way. */
void pp_plan_clock_text(int minutes, char ret_text[6]);
/* "sat 22:00". */
void pp_plan_minute_text(int week_minute, char ret_text[10]);

#endif
