/* SPDX-License-Identifier: Apache-2.0 */
/* annunciator.c -- computes every lamp and siren anew from what is known; it remembers nothing. */
#include "annunciator/annunciator.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define SLOW_US 1000000u
#define FAST_US 125000u
#define FLASH_US 100000u
#define FLASH_EVERY_US 2000000u

const char *pp_role_text(enum pp_role role)
{
#define X(name, text) text,
	static const char *const texts[] = { PP_ROLES(X) };
#undef X
	assert((unsigned)role < PP_ROLE_COUNT);
	return texts[role];
}

int pp_role_parse(const char *text)
{
	for (int i = 0; i < PP_ROLE_COUNT; i++)
		if (strcmp(text, pp_role_text((enum pp_role)i)) == 0)
			return i;
	return -EINVAL;
}

const char *pp_show_text(enum pp_show show)
{
	static const char *const texts[] = { "off", "on", "slow", "fast", "unknown", "sound" };

	assert((unsigned)show < sizeof(texts) / sizeof(texts[0]));
	return texts[show];
}

/* What the presses that an output speaks for have in common. */
struct scope {
	bool any;          /* there is an open press */
	bool durable;      /* all of them are in the synced outbox */
	bool doubt;        /* one of them is not confirmed */
	enum pp_rung rung; /* of the least advanced */
};

static bool concerns(const struct pp_annunciator_output *o, const struct pp_view_press *press)
{
	return !press->silent && (o->shared || o->class == press->class);
}

static struct scope scope_of(const struct pp_annunciator_output *o, const struct pp_view *v)
{
	struct scope s = { .durable = true, .rung = PP_RUNG_ON_SCENE };

	for (size_t i = 0; i < v->count; i++) {
		const struct pp_view_press *press = &v->presses[i];

		if (!concerns(o, press))
			continue;
		s.any = true;
		s.durable = s.durable && press->durable;
		s.doubt = s.doubt || press->doubt;
		if (press->rung < s.rung)
			s.rung = press->rung;
	}
	return s;
}

static enum pp_show show_rung(const struct scope *s, enum pp_rung rung, bool server_away)
{
	if (!s->any)
		return PP_SHOW_OFF;
	/* What has been received stays received; how far people have come since cannot be known
	 * now. */
	if (server_away && rung > PP_RUNG_RECEIVED && s->rung >= PP_RUNG_RECEIVED)
		return PP_SHOW_UNKNOWN;
	if (s->rung < rung || (rung == PP_RUNG_TAKEN && !s->durable))
		return PP_SHOW_OFF;
	return rung == PP_RUNG_TAKEN && s->doubt ? PP_SHOW_FAST : PP_SHOW_ON;
}

/* Where one of its presses has no durable row *taken* must stay dark, and a doubt about any of them
 * is told by the trouble lamp. */
static enum pp_show show_trouble(const struct pp_annunciator_output *o, const struct pp_view *v)
{
	struct scope s = scope_of(o, v);

	if (s.doubt && (s.rung == PP_RUNG_NONE || !s.durable))
		return PP_SHOW_FAST;
	return v->trouble ? PP_SHOW_ON : PP_SHOW_OFF;
}

static bool sounding(const struct pp_view_press *press, const struct pp_profile *p, uint64_t now_us,
	uint64_t *ret_start_us)
{
	uint64_t start = press->pressed_us;

	if (!press->sounds)
		return false;
	if (!p->at_once[press->class]) {
		if (!press->doubt)
			return false;
		start = press->doubt_us;
	}
	if (now_us < start || now_us - start >= (uint64_t)p->sound_us)
		return false;
	*ret_start_us = start;
	return true;
}

/* Two patterns at once could not be counted by ear: the gravest class is played, and of that the
 * oldest press. */
static const struct pp_view_press *pick_sound(const struct pp_annunciator_output *o,
	const struct pp_profile *p, const struct pp_view *v, uint64_t now_us,
	uint64_t *ret_start_us)
{
	static const int gravity[PP_CLASS_COUNT] = { [PP_CLASS_FIRE] = 5,
		[PP_CLASS_DISASTER] = 4,
		[PP_CLASS_CRIME] = 3,
		[PP_CLASS_MEDICAL] = 2,
		[PP_CLASS_UNSPECIFIED] = 1 };
	const struct pp_view_press *best = NULL;

	for (size_t i = 0; i < v->count; i++) {
		const struct pp_view_press *press = &v->presses[i];
		uint64_t start;

		if (!concerns(o, press) || !sounding(press, p, now_us, &start))
			continue;
		if (best && (gravity[press->class] < gravity[best->class] ||
				    (press->class == best->class && start >= *ret_start_us)))
			continue;
		best = press;
		*ret_start_us = start;
	}
	return best;
}

/* Of the server's order, when no press of this post sounds: an alarm goes before. */
static bool is_ordered(
	const struct pp_annunciator_output *o, const struct pp_view *v, uint64_t now_us)
{
	return v->order.active && now_us < v->order.end_us &&
	       pp_annunciator_can_sound(o, 1, v->order.class);
}

/* As long as it was ordered for, also while an alarm of this post goes before. */
static bool is_neighbours(const struct pp_view *v, uint64_t now_us)
{
	return v->order.active && v->order.neighbour && now_us < v->order.end_us;
}

bool pp_annunciator_can_sound(
	const struct pp_annunciator_output *outputs, size_t count, enum pp_class class)
{
	for (size_t i = 0; i < count; i++)
		if ((outputs[i].role == PP_ROLE_SIREN || outputs[i].role == PP_ROLE_KENTONGAN) &&
			(outputs[i].shared || outputs[i].class == class))
			return true;
	return false;
}

enum pp_show pp_annunciator_show(const struct pp_annunciator_output *o, const struct pp_profile *p,
	const struct pp_view *v, uint64_t now_us)
{
	struct scope s = scope_of(o, v);
	uint64_t start;

	switch (o->role) {
	case PP_ROLE_TAKEN:
		return show_rung(&s, PP_RUNG_TAKEN, v->server_away);
	case PP_ROLE_RECEIVED:
		return show_rung(&s, PP_RUNG_RECEIVED, v->server_away);
	case PP_ROLE_ACKNOWLEDGED:
		return show_rung(&s, PP_RUNG_ACKNOWLEDGED, v->server_away);
	case PP_ROLE_DISPATCHED:
		return show_rung(&s, PP_RUNG_DISPATCHED, v->server_away);
	case PP_ROLE_ON_SCENE:
		return show_rung(&s, PP_RUNG_ON_SCENE, v->server_away);
	case PP_ROLE_PRE_ALARM:
		return v->pre_alarm ? PP_SHOW_SLOW : PP_SHOW_OFF;
	case PP_ROLE_TROUBLE:
		return show_trouble(o, v);
	case PP_ROLE_SERVER_AWAY:
		return v->server_away ? PP_SHOW_ON : PP_SHOW_OFF;
	case PP_ROLE_SIREN:
	case PP_ROLE_KENTONGAN:
		return pick_sound(o, p, v, now_us, &start) || is_ordered(o, v, now_us)
			       ? PP_SHOW_SOUND
			       : PP_SHOW_OFF;
	case PP_ROLE_NEIGHBOUR:
		return is_neighbours(v, now_us) ? PP_SHOW_ON : PP_SHOW_OFF;
	case PP_ROLE_DRILL:
		return v->drill && !v->server_away ? PP_SHOW_ON : PP_SHOW_OFF;
	case PP_ROLE_COUNT:
		break;
	}
	assert(false && "no such role");
	return PP_SHOW_OFF;
}

/* On for on_us out of every period_us of the clock. */
static bool blink(uint64_t on_us, uint64_t period_us, uint64_t now_us, uint64_t *ret_next_us)
{
	uint64_t phase = now_us % period_us;

	*ret_next_us = phase < on_us ? on_us - phase : period_us - phase;
	return phase < on_us;
}

static bool sound(const struct pp_annunciator_output *o, const struct pp_profile *p,
	const struct pp_view *v, uint64_t now_us, uint64_t *ret_next_us)
{
	uint64_t start = 0, left;
	const struct pp_view_press *press = pick_sound(o, p, v, now_us, &start);
	enum pp_class class = press ? press->class : v->order.class;
	bool siren = o->role == PP_ROLE_SIREN, on;

	assert(press || is_ordered(o, v, now_us));
	if (!press)
		start = v->order.start_us;
	on = pp_pattern_at(
		p, class, siren ? p->siren_stroke_us : p->stroke_us, now_us - start, ret_next_us);
	left = press ? (uint64_t)p->sound_us - (now_us - start) : v->order.end_us - now_us;
	if (*ret_next_us > left)
		*ret_next_us = left;
	return on;
}

uint64_t pp_annunciator_run(const struct pp_annunciator_output *outputs, size_t count,
	const struct pp_profile *p, const struct pp_view *v, uint64_t now_us, bool *ret_active)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < count; i++) {
		enum pp_show show = pp_annunciator_show(&outputs[i], p, v, now_us);
		uint64_t next = UINT64_MAX;

		if (show == PP_SHOW_SLOW)
			ret_active[i] = blink(SLOW_US, 2 * SLOW_US, now_us, &next);
		else if (show == PP_SHOW_FAST)
			ret_active[i] = blink(FAST_US, 2 * FAST_US, now_us, &next);
		else if (show == PP_SHOW_UNKNOWN)
			ret_active[i] = blink(FLASH_US, FLASH_EVERY_US, now_us, &next);
		else if (show == PP_SHOW_SOUND)
			ret_active[i] = sound(&outputs[i], p, v, now_us, &next);
		else
			ret_active[i] = show == PP_SHOW_ON;
		if (show == PP_SHOW_ON && outputs[i].role == PP_ROLE_NEIGHBOUR)
			next = v->order.end_us - now_us;
		if (next != UINT64_MAX && now_us + next < deadline)
			deadline = now_us + next;
	}
	return deadline;
}
