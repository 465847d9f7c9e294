/* SPDX-License-Identifier: Apache-2.0 */
/* storm.c -- one window after the other, and what each means. */
#include "incidents/storm.h"

/* Whether so much time lies between them; a clock that was set back makes it so too. */
static bool is_past(int64_t from_ms, int64_t now_ms, int64_t length_ms)
{
	return now_ms < from_ms || now_ms - from_ms >= length_ms;
}

static void window_begin(struct pp_storm *s, int64_t now_ms)
{
	s->began_ms = now_ms;
	s->count = 0;
}

bool pp_storm_feed(struct pp_storm *s, int64_t now_ms)
{
	if (!s->on && is_past(s->began_ms, now_ms, PP_STORM_WINDOW_MS))
		window_begin(s, now_ms);
	s->count++;
	if (!s->on && s->count <= PP_STORM_SIGNALS)
		return true;
	if (!s->on)
		*s = (struct pp_storm){ .began_ms = s->began_ms, .count = s->count };
	s->untold++;
	return false;
}

static struct pp_storm_news news_make(
	struct pp_storm *s, enum pp_storm_word word, bool alert, int64_t now_ms)
{
	const struct pp_storm_news news = { .word = word, .alert = alert, .count = s->untold };

	s->untold = 0;
	s->told_ms = now_ms;
	if (alert)
		s->alerted_ms = now_ms;
	return news;
}

struct pp_storm_news pp_storm_step(struct pp_storm *s, int64_t now_ms)
{
	bool calm = s->count <= PP_STORM_CALM;

	if (!s->on && s->untold > 0) {
		s->on = true;
		return news_make(s, PP_STORM_BEGUN, true, now_ms);
	}
	if (s->on && is_past(s->began_ms, now_ms, PP_STORM_WINDOW_MS)) {
		window_begin(s, now_ms);
		s->on = !calm;
		if (calm)
			return news_make(s, PP_STORM_OVER, false, now_ms);
	}
	if (s->on && s->untold > 0 && is_past(s->told_ms, now_ms, PP_STORM_COUNT_MS))
		return news_make(s, PP_STORM_COUNTED,
			is_past(s->alerted_ms, now_ms, PP_STORM_ALERT_MS), now_ms);
	return (struct pp_storm_news){ .word = PP_STORM_NOTHING };
}

bool pp_storm_is_idle(const struct pp_storm *s, int64_t now_ms)
{
	return !s->on && s->untold == 0 && is_past(s->began_ms, now_ms, PP_STORM_IDLE_MS);
}
