/* SPDX-License-Identifier: Apache-2.0 */
/* standing.c -- what stood before the start: told once, and taken back when it is over. Pure. */
#include "state.h"

#include <string.h>

/* The outbox is waited for so long (it is given up after 3 s), then rather twice than not. */
#define HOLD_US 5000000u
#define SETTLE_US                                                                                  \
	2000000u /* by then every level that was there at start is decided, or verified            \
		  */

static bool same_word(const char *a, const char *b)
{
	size_t length = strcspn(a, " ,;:");

	return strncmp(a, b, length) == 0 && strchr(" ,;:", b[length]);
}

static struct stood *find(struct pp_agent *a, size_t point, bool alarm, const char *detail)
{
	for (size_t i = 0; i < a->stood_count; i++) {
		struct stood *s = &a->stood[i];

		if (s->point == point && s->alarm == alarm &&
			(alarm || same_word(s->detail, detail ? detail : "")))
			return s;
	}
	return NULL;
}

static void drop(struct pp_agent *a, struct stood *s)
{
	size_t index = (size_t)(s - a->stood);

	a->stood_count--;
	memmove(s, s + 1, (a->stood_count - index) * sizeof(*s));
}

/* An edge is a press of now: whatever stands, it is told at once, unless something of that point
 * is held that has to come first. */
static bool is_new(const struct pp_agent *a, const struct pp_agent_input *in)
{
	if (in->event.type != PP_SIGNAL_ALARM || in->event.flags & PP_FLAG_AT_START)
		return false;
	for (size_t i = 0; i < a->held_count; i++)
		if (a->held[i].point == in->point)
			return false;
	return true;
}

bool pp_standing_hold(struct pp_agent *a, const struct pp_agent_input *in)
{
	struct held *h = &a->held[a->held_count];

	if (a->released || a->held_count == HELD_MAX || is_new(a, in))
		return false;
	h->point = in->point;
	h->event = in->event;
	if (in->event.detail) {
		strncpy(h->detail, in->event.detail, PP_DETAIL_MAX);
		h->event.detail = h->detail;
	}
	a->held_count++;
	return true;
}

void pp_standing_release(struct pp_agent *a, const struct pp_turn *step)
{
	if (a->released)
		return;
	a->released = true;
	for (size_t i = 0; i < a->held_count; i++)
		pp_agent_sense(a, a->held[i].point, &a->held[i].event, step);
	a->held_count = 0;
}

/* A trouble of the post itself ends with its cause, like one of this start. */
static void add_post(struct pp_agent *a, const char *detail)
{
	for (int i = 0; i < PP_POST_TROUBLE_COUNT; i++)
		if (same_word(pp_post_trouble_text(i), detail))
			a->troubles[i] = true;
}

void pp_standing_add(struct pp_agent *a, const struct pp_agent_input *in)
{
	const char *detail = in->event.detail ? in->event.detail : "";
	bool alarm = in->event.type == PP_SIGNAL_ALARM;
	struct stood *s = &a->stood[a->stood_count];
	size_t point = 0;

	if (!in->row.point[0]) {
		add_post(a, detail);
		return;
	}
	while (point < a->config.point_count &&
		strcmp(a->config.points[point].id, in->row.point) != 0)
		point++;
	/* Of a point that is no more; or it has been told anew, and that one's end will end it. */
	if (point == a->config.point_count || a->stood_count == STOOD_MAX ||
		(a->released && a->points[point].state != PP_POINT_NORMAL) ||
		(alarm && a->points[point].alarm_ticket))
		return;
	memset(s, 0, sizeof(*s));
	s->point = point;
	s->alarm = alarm;
	s->this_boot = in->row.pressed_us != 0;
	s->epoch = in->row.epoch;
	s->seq = in->row.seq;
	s->over_us = in->event.at_us;
	strncpy(s->detail, detail, PP_DETAIL_MAX);
	a->stood_count++;
}

/* It is over; at_us where nobody saw when. */
static void take_back(
	struct pp_agent *a, struct stood *s, uint64_t at_us, const struct pp_turn *step)
{
	const struct pp_sensor_event event = {
		.type = s->alarm ? PP_SIGNAL_RESTORE : PP_SIGNAL_TROUBLE_RESTORE,
		.at_us = s->over_us ? s->over_us : at_us,
		.detail = s->detail[0] ? s->detail : NULL,
	};
	struct pp_effect e = { 0 };

	pp_agent_fill(a, s->point, &event, step->now, &e.signal);
	if (s->alarm && s->seq) {
		e.cause_epoch = s->epoch;
		e.signal.cause = s->seq;
	}
	drop(a, s);
	pp_agent_append(a, &e, step);
}

/* Held since before the start, as far as anybody can know: the alarm that was told is this one. */
static void adopt(struct pp_agent *a, struct stood *s)
{
	struct point *p = &a->points[s->point];

	p->alarm_ticket = 0;
	p->alarm_epoch = s->epoch;
	p->alarm_seq = s->seq;
	drop(a, s);
}

bool pp_standing_knows(struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_turn *step)
{
	bool alarm = event->type == PP_SIGNAL_ALARM || event->type == PP_SIGNAL_RESTORE;
	bool at_start = event->flags & PP_FLAG_AT_START;
	struct stood *s = find(a, point, alarm, event->detail);

	if (!s)
		return false;
	if (event->type == PP_SIGNAL_ALARM && at_start && s->this_boot && !s->over_us) {
		adopt(a, s);
		return true;
	}
	/* An edge, or its end was seen: so it was off before. */
	if (event->type == PP_SIGNAL_ALARM && (!at_start || s->over_us)) {
		take_back(a, s, event->at_us, step);
		return false;
	}
	drop(a, s);
	return event->type == PP_SIGNAL_TROUBLE;
}

static bool is_over(const struct pp_agent *a, const struct stood *s)
{
	const struct point *p = &a->points[s->point];

	return p->state == PP_POINT_NORMAL && !p->pre_alarm;
}

void pp_standing_tick(struct pp_agent *a, const struct pp_turn *step)
{
	uint64_t age_us = step->now->mono_us - a->started_us;

	if (!a->released && age_us >= HOLD_US)
		pp_standing_release(a, step);
	if (!a->released || age_us < SETTLE_US)
		return;
	for (size_t i = a->stood_count; i-- > 0;)
		if (is_over(a, &a->stood[i]))
			take_back(a, &a->stood[i], step->now->mono_us, step);
}

uint64_t pp_standing_deadline(const struct pp_agent *a)
{
	if (!a->released)
		return a->started_us + HOLD_US;
	for (size_t i = 0; i < a->stood_count; i++)
		if (is_over(a, &a->stood[i]))
			return a->started_us + SETTLE_US;
	return UINT64_MAX;
}
