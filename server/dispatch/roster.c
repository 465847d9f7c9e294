/* SPDX-License-Identifier: Apache-2.0 */
/* roster.c -- the arithmetic of a local week. */
#include "dispatch/roster.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

int pp_plan_minute(int64_t wall_ms, int zone_minutes)
{
	int64_t minute = wall_ms / 60000 - (wall_ms % 60000 < 0) + zone_minutes;

	minute += INT64_C(3) * PP_DAY_MINUTES; /* 1970 began on a Thursday */
	minute %= PP_WEEK_MINUTES;
	return (int)(minute < 0 ? minute + PP_WEEK_MINUTES : minute);
}

static int span_length(const struct pp_plan_span *span)
{
	return span->to > span->from ? span->to - span->from
				     : span->to - span->from + PP_DAY_MINUTES;
}

bool pp_plan_span_has(const struct pp_plan_span *span, int week_minute)
{
	int length = span_length(span);

	assert(week_minute >= 0 && week_minute < PP_WEEK_MINUTES);
	for (int day = 0; day < 7; day++) {
		int since = week_minute - (day * PP_DAY_MINUTES + span->from);

		if (since < 0)
			since += PP_WEEK_MINUTES;
		if ((span->days >> day & 1) && since < length)
			return true;
	}
	return false;
}

void pp_plan_span_edges(const struct pp_plan_span *span, bool edges[PP_WEEK_MINUTES])
{
	for (int day = 0; day < 7; day++) {
		int from = day * PP_DAY_MINUTES + span->from;

		if (!(span->days >> day & 1))
			continue;
		edges[from % PP_WEEK_MINUTES] = true;
		edges[(from + span_length(span)) % PP_WEEK_MINUTES] = true;
	}
}

const char *pp_plan_day_text(int day)
{
	assert(day >= 0 && day < 7);
	return days[day];
}

int pp_plan_day_parse(const char *text)
{
	for (int day = 0; day < 7; day++) {
		if (strcmp(text, days[day]) == 0)
			return day;
	}
	return -EINVAL;
}

int pp_plan_clock_parse(const char *text)
{
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789") != 2 ||
		strspn(text + 3, "0123456789") != 2)
		return -EINVAL;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	if (minute > 59 || hour * 60 + minute > PP_DAY_MINUTES)
		return -EINVAL;
	return hour * 60 + minute;
}

void pp_plan_clock_text(int minutes, char ret_text[6])
{
	assert(minutes >= 0 && minutes <= PP_DAY_MINUTES);
	snprintf(ret_text, 6, "%02u:%02u", (unsigned)minutes / 60 % 100, (unsigned)minutes % 60);
}

void pp_plan_minute_text(int week_minute, char ret_text[10])
{
	assert(week_minute >= 0 && week_minute < PP_WEEK_MINUTES);
	memcpy(ret_text, days[week_minute / PP_DAY_MINUTES], 3);
	ret_text[3] = ' ';
	pp_plan_clock_text(week_minute % PP_DAY_MINUTES, ret_text + 4);
}
