/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c -- one step of the post: inputs to effects. What a beat means is in liveness.c. */
#include "agent/agent.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/presses.h"
#include "state.h"

int pp_agent_new(const struct pp_agent_config *config, uint64_t now_us, struct pp_agent **ret_agent)
{
	struct pp_agent *a;

	if (config->point_count > PP_POINTS_MAX || strlen(config->config_hash) != 16)
		return -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->config = *config;
	a->started_us = now_us;
	a->next_state_us = now_us;
	for (size_t i = 0; i < config->point_count; i++)
		a->points[i].state = PP_POINT_NORMAL;
	*ret_agent = a;
	return 0;
}

struct pp_agent *pp_agent_free(struct pp_agent *a)
{
	free(a);
	return NULL;
}

/* Wall time of something that happened at at_us, if the clock can be believed. */
static int64_t wall_of(const struct pp_agent_now *now, uint64_t at_us)
{
	int64_t ago_us = (int64_t)(now->mono_us - at_us);

	return now->synchronised ? now->wall_ms - ago_us / 1000 : PP_AT_UNKNOWN;
}

uint64_t pp_agent_append(struct pp_agent *a, struct pp_effect *e, const struct pp_turn *step)
{
	e->type = PP_EFFECT_APPEND;
	e->ticket = ++a->last_ticket;
	a->counts.signals++;
	step->emit(step->user, e);
	return e->ticket;
}

/* A signal of the post itself. */
static void tell_post(struct pp_agent *a, enum pp_signal_type type, const char *detail,
	const struct pp_turn *step)
{
	struct pp_effect e = { 0 };

	e.signal.kind = PP_KIND_POST;
	e.signal.type = type;
	e.signal.mono_ms = (int64_t)(step->now->mono_us / 1000);
	e.signal.at_ms = wall_of(step->now, step->now->mono_us);
	memcpy(e.signal.detail, detail, strnlen(detail, PP_DETAIL_MAX));
	pp_agent_append(a, &e, step);
}

const char *pp_post_trouble_text(enum pp_post_trouble which)
{
	static const char *const texts[] = { "storage", "outbox-full", "outputs" };

	return texts[which];
}

/* Told once when it begins and once when it ends. */
static void set_trouble(
	struct pp_agent *a, enum pp_post_trouble which, bool on, const struct pp_turn *step)
{
	if (a->troubles[which] == on)
		return;
	a->troubles[which] = on;
	tell_post(a, on ? PP_SIGNAL_TROUBLE : PP_SIGNAL_TROUBLE_RESTORE,
		which == PP_POST_OUTPUTS && on ? a->outputs : pp_post_trouble_text(which), step);
}

static void add_press(struct pp_agent *a, size_t point, const struct pp_effect *e, uint64_t at_us,
	uint64_t now_us)
{
	const struct pp_agent_point *config = &a->config.points[point];
	struct pp_press press = {
		.ticket = e->ticket,
		.class = config->class,
		.silent = config->silent,
		.sounds = config->sounds && !config->silent,
		/* A verified smoke began earlier; the time to answer runs from the decision. */
		.pressed_us = at_us > now_us || e->signal.kind != PP_KIND_PANIC ? now_us : at_us,
	};

	pp_presses_add(&a->presses, &press);
	a->counts.alarms++;
}

void pp_agent_fill(const struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_agent_now *now, struct pp_signal *ret_signal)
{
	const struct pp_agent_point *config = &a->config.points[point];

	ret_signal->kind = config->kind;
	ret_signal->type = event->type;
	ret_signal->mono_ms = (int64_t)(event->at_us / 1000);
	ret_signal->at_ms = wall_of(now, event->at_us);
	ret_signal->flags = event->flags | (config->silent ? PP_FLAG_SILENT : 0);
	memcpy(ret_signal->point, config->id, sizeof(ret_signal->point));
	if (event->detail)
		strncpy(ret_signal->detail, event->detail, PP_DETAIL_MAX);
}

void pp_agent_sense(struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_turn *step)
{
	struct point *p = &a->points[point];
	struct pp_effect e = { 0 };

	if (pp_standing_knows(a, point, event, step))
		return;
	pp_agent_fill(a, point, event, step->now, &e.signal);
	if (event->type == PP_SIGNAL_ALARM) {
		e.signal.class = a->config.points[point].class;
		p->alarm_ticket = pp_agent_append(a, &e, step);
		p->alarm_seq = 0;
		p->alarm_epoch = 0;
		add_press(a, point, &e, event->at_us, step->now->mono_us);
		return;
	}
	if (event->type == PP_SIGNAL_RESTORE) {
		e.cause_ticket = p->alarm_ticket;
		e.cause_epoch = p->alarm_epoch;
		e.signal.cause = p->alarm_seq;
	}
	pp_agent_append(a, &e, step);
}

static void step_point(struct pp_agent *a, const struct pp_agent_input *in)
{
	struct point *point = &a->points[in->point];

	point->state = in->state;
	point->pre_alarm = in->pre_alarm;
	memset(point->detail, 0, sizeof(point->detail));
	if (in->detail)
		strncpy(point->detail, in->detail, PP_DETAIL_MAX);
}

static void step_outbox(
	struct pp_agent *a, const struct pp_agent_input *in, const struct pp_turn *step)
{
	if (in->epoch != a->epoch)
		a->next_state_us = 0; /* it alone dates what is numbered in this epoch */
	a->epoch = in->epoch;
	a->reoffer_us = 0; /* what was asked of the store before may be lost with it */
	if (a->renewing && a->renewing == in->epoch) /* the store was lost before it could */
		pp_liveness_renew(a, in->epoch, step);
	set_trouble(a, PP_POST_STORAGE, !in->durable, step);
}

static void step_appended(struct pp_agent *a, const struct pp_agent_input *in)
{
	struct pp_press *press = pp_presses_by_ticket(&a->presses, in->ticket);

	for (size_t i = 0; i < a->config.point_count; i++) {
		if (a->points[i].alarm_ticket != in->ticket)
			continue;
		a->points[i].alarm_epoch = in->epoch;
		a->points[i].alarm_seq = in->seq;
	}
	if (!press)
		return;
	press->ticket = 0;
	press->epoch = in->epoch;
	press->seq = in->seq;
	press->durable = in->durable;
	if (in->durable && press->rung < PP_RUNG_TAKEN)
		press->rung = PP_RUNG_TAKEN;
}

static void doubt(struct pp_press *press, uint64_t now_us)
{
	if (press->doubt)
		return;
	press->doubt = true;
	press->doubt_us = now_us;
}

/* The outbox holds nothing but unsent alarms: this one cannot be sent, and the presser must know at
 * once. */
static void step_full(
	struct pp_agent *a, const struct pp_agent_input *in, const struct pp_turn *step)
{
	struct pp_press *press = pp_presses_by_ticket(&a->presses, in->ticket);

	if (press)
		doubt(press, step->now->mono_us);
	set_trouble(a, PP_POST_FULL, true, step);
}

static void recorded(struct pp_agent *a, struct pp_press *press, uint64_t now_us)
{
	enum pp_rung rung = press->told > PP_RUNG_RECEIVED ? press->told : PP_RUNG_RECEIVED;

	press->refused = false;
	press->doubt = false;
	press->receipt_n = a->newest.n;
	press->receipt_us = now_us;
	if (press->rung < rung)
		press->rung = rung;
}

static void step_kept(struct pp_agent *a, const struct pp_receipt *receipt, uint64_t now_us)
{
	struct pp_press *press = pp_presses_find(&a->presses, receipt->epoch, receipt->seq);

	if (!press)
		return;
	if (receipt->result == PP_RECEIPT_REFUSED) {
		press->refused = true;
		doubt(press, now_us);
		return;
	}
	memcpy(press->incident, receipt->incident, sizeof(press->incident));
	recorded(a, press, now_us);
}

/* This number was given to something else before: the outbox is an old copy of itself, and beats
 * whose `high` covers the number speak of the other signal. */
static bool is_conflict(const struct pp_agent *a, const struct pp_receipt *receipt)
{
	return receipt->result == PP_RECEIPT_REFUSED && receipt->epoch == a->epoch &&
	       strcmp(receipt->reason, PP_REASON_CONFLICT) == 0;
}

static void step_tick(struct pp_agent *a, const struct pp_turn *step)
{
	uint64_t now_us = step->now->mono_us;

	pp_presses_doubt(&a->presses, now_us, PP_RESEND_AFTER_MS * 1000u);
	pp_standing_tick(a, step);
	if (a->released) /* what stood before the start is known */
		set_trouble(a, PP_POST_OUTPUTS, a->outputs_lost, step);
	pp_liveness_tick(a, step);
}

void pp_agent_step(struct pp_agent *a, const struct pp_agent_input *in,
	const struct pp_agent_now *now, pp_effect_fn *emit, void *user)
{
	const struct pp_turn step = { .now = now, .emit = emit, .user = user };
	struct pp_effect e = { 0 };

	switch (in->type) {
	case PP_AGENT_TICK:
		break;
	case PP_AGENT_SENSOR:
		assert(in->point < a->config.point_count);
		if (pp_standing_hold(a, in))
			break;
		if (a->held_count == HELD_MAX)
			pp_standing_release(a, &step); /* too many to hold them back */
		pp_agent_sense(a, in->point, &in->event, &step);
		break;
	case PP_AGENT_OUTPUTS:
		a->outputs_lost = in->lost;
		memset(a->outputs, 0, sizeof(a->outputs));
		strncpy(a->outputs, in->detail, PP_DETAIL_MAX);
		break;
	case PP_AGENT_POINT:
		assert(in->point < a->config.point_count);
		step_point(a, in);
		break;
	case PP_AGENT_STANDS:
		pp_standing_add(a, in);
		break;
	case PP_AGENT_OUTBOX:
		step_outbox(a, in, &step);
		pp_standing_release(a, &step);
		break;
	case PP_AGENT_RESUMED:
		pp_liveness_resume(a, &in->row, now->mono_us);
		break;
	case PP_AGENT_FOUND:
		pp_liveness_found(a, &in->row, now->mono_us);
		break;
	case PP_AGENT_APPENDED:
		step_appended(a, in);
		break;
	case PP_AGENT_FULL:
		step_full(a, in, &step);
		break;
	case PP_AGENT_ROOM:
		set_trouble(a, PP_POST_FULL, false, &step);
		break;
	case PP_AGENT_RECEIPT:
		e.type = PP_EFFECT_KEEP;
		e.receipt = *in->receipt;
		emit(user, &e);
		if (is_conflict(a, in->receipt))
			pp_liveness_renew(a, in->receipt->epoch, &step);
		break;
	case PP_AGENT_DAMAGED:
		tell_post(a, PP_SIGNAL_TROUBLE, "outbox-damaged", &step);
		break;
	case PP_AGENT_RENEWED:
		pp_liveness_renewed(a, in->epoch);
		tell_post(a, PP_SIGNAL_TROUBLE, "outbox-old", &step);
		break;
	case PP_AGENT_KEPT:
		step_kept(a, in->receipt, now->mono_us);
		break;
	case PP_AGENT_BEAT:
		pp_liveness_beat(a, in, &step);
		break;
	case PP_AGENT_PROGRESS:
		a->state_wanted = true;
		break;
	case PP_AGENT_LINK:
		pp_liveness_link(a, in->connected);
		break;
	}
	step_tick(a, &step);
}

uint64_t pp_agent_deadline(const struct pp_agent *a)
{
	uint64_t doubt_us = pp_presses_deadline(&a->presses, PP_RESEND_AFTER_MS * 1000u);
	uint64_t live_us = pp_liveness_deadline(a), standing_us = pp_standing_deadline(a);
	uint64_t deadline = doubt_us < live_us ? doubt_us : live_us;

	return standing_us < deadline ? standing_us : deadline;
}

void pp_agent_view(const struct pp_agent *a, uint64_t now_us, struct pp_view *ret_view)
{
	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->server_away = pp_agent_server_away(a, now_us);
	ret_view->drill = a->drill;
	for (int i = 0; i < PP_POST_TROUBLE_COUNT; i++)
		ret_view->trouble = ret_view->trouble || a->troubles[i];
	for (size_t i = 0; i < a->config.point_count; i++) {
		ret_view->trouble = ret_view->trouble || a->points[i].state == PP_POINT_TROUBLE;
		ret_view->pre_alarm = ret_view->pre_alarm || a->points[i].pre_alarm;
	}
	for (size_t i = 0; i < a->presses.count; i++) {
		const struct pp_press *press = &a->presses.list[i];

		ret_view->presses[ret_view->count++] = (struct pp_view_press){
			.class = press->class,
			.rung = press->rung,
			.durable = press->durable,
			.silent = press->silent,
			.sounds = press->sounds,
			.doubt = press->doubt,
			.pressed_us = press->pressed_us,
			.doubt_us = press->doubt_us,
		};
	}
}

enum pp_point_state pp_agent_point_state(
	const struct pp_agent *a, size_t point, const char **ret_detail)
{
	assert(point < a->config.point_count);
	*ret_detail = a->points[point].detail;
	return a->points[point].state;
}

void pp_agent_counts(const struct pp_agent *a, struct pp_agent_counts *ret_counts)
{
	*ret_counts = a->counts;
}
