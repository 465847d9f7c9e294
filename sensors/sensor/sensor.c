/* SPDX-License-Identifier: Apache-2.0 */
/* sensor.c -- the table of kinds, and what holds for all of them: time in order, normally-closed
 * loops, lost lines. */
#include "sensor/sensor.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "button/button.h"
#include "contact/contact.h"
#include "detector/detector.h"
#include "level/level.h"

static const struct pp_kind_ops *const kinds[PP_KIND_COUNT] = {
	[PP_KIND_PANIC] = &pp_button_ops,
	[PP_KIND_SMOKE] = &pp_detector_ops,
	[PP_KIND_HEAT] = &pp_detector_ops,
	[PP_KIND_TAMPER] = &pp_contact_ops,
	[PP_KIND_MAINS] = &pp_contact_ops,
	[PP_KIND_BATTERY] = &pp_contact_ops,
	[PP_KIND_INPUT] = &pp_contact_ops,
	[PP_KIND_FLOOD] = &pp_detector_ops,
};

#define SENSOR_GAP_US 10000000u

struct pp_sensor {
	const struct pp_kind_ops *ops;
	void *k;
	uint64_t now_us; /* of the last edge or decision */
	uint64_t gap_us; /* when trouble `gap` ends; UINT64_MAX: there is none */
	bool normally_closed;
	char fault[PP_DETAIL_MAX + 1]; /* why nothing can be read; "": it can */
};

int pp_sensor_new(const struct pp_sensor_config *config, struct pp_sensor **ret_sensor)
{
	struct pp_sensor *s;
	int r;

	if (config->kind >= PP_KIND_COUNT || !kinds[config->kind])
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->ops = config->level.alarm != 0 ? &pp_level_ops : kinds[config->kind];
	s->gap_us = UINT64_MAX;
	s->normally_closed = config->normally_closed;
	r = s->ops->new (config, &s->k);
	if (r < 0) {
		free(s);
		return r;
	}
	*ret_sensor = s;
	return 0;
}

struct pp_sensor *pp_sensor_free(struct pp_sensor *s)
{
	if (s)
		s->ops->free(s->k);
	free(s);
	return NULL;
}

void pp_sensor_step(struct pp_sensor *s, uint64_t now_us, pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };
	uint64_t due_us;

	/* One decision after the other, each at its own time, however late this is called. */
	while ((due_us = pp_sensor_deadline(s)) <= now_us) {
		if (due_us > s->now_us)
			s->now_us = due_us;
		if (due_us == s->gap_us) {
			s->gap_us = UINT64_MAX;
			pp_kind_emit(&out, PP_SIGNAL_TROUBLE_RESTORE, due_us, 0, "gap");
			continue;
		}
		s->ops->step(s->k, s->now_us, &out);
		assert(s->ops->deadline(s->k) != due_us);
	}
}

static void level_take(
	struct pp_sensor *s, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out)
{
	pp_sensor_step(s, at_us, out->emit, out->user);
	if (at_us > s->now_us)
		s->now_us = at_us;
	s->ops->feed(s->k, active != s->normally_closed, edge, s->now_us, out);
}

static void fault_end(struct pp_sensor *s, uint64_t at_us, const struct pp_kind_out *out)
{
	if (s->fault[0])
		pp_kind_emit(out, PP_SIGNAL_TROUBLE_RESTORE, at_us, 0, s->fault);
	s->fault[0] = '\0';
}

void pp_sensor_start(
	struct pp_sensor *s, bool active, uint64_t at_us, pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };

	fault_end(s, at_us, &out);
	level_take(s, active, false, at_us, &out);
}

void pp_sensor_value(
	struct pp_sensor *s, double value, uint64_t at_us, pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };

	assert(s->ops->value);
	fault_end(s, at_us, &out);
	pp_sensor_step(s, at_us, emit, user);
	if (at_us > s->now_us)
		s->now_us = at_us;
	s->ops->value(s->k, value, s->now_us, &out);
}

void pp_sensor_feed(
	struct pp_sensor *s, bool active, uint64_t at_us, pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };

	level_take(s, active, true, at_us, &out);
}

uint64_t pp_sensor_deadline(const struct pp_sensor *s)
{
	uint64_t due_us = s->ops->deadline(s->k);

	return s->gap_us < due_us ? s->gap_us : due_us;
}

void pp_sensor_gap(struct pp_sensor *s, uint64_t at_us, pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };

	pp_sensor_step(s, at_us, emit, user);
	if (s->gap_us == UINT64_MAX)
		pp_kind_emit(&out, PP_SIGNAL_TROUBLE, at_us, 0, "gap");
	s->gap_us = (at_us > s->now_us ? at_us : s->now_us) + SENSOR_GAP_US;
}

void pp_sensor_fault(struct pp_sensor *s, const char *detail, uint64_t at_us,
	pp_sensor_emit_fn *emit, void *user)
{
	const struct pp_kind_out out = { .emit = emit, .user = user };

	if (s->fault[0])
		return;
	pp_sensor_step(s, at_us, emit, user);
	snprintf(s->fault, sizeof(s->fault), "%s", detail);
	for (char *c = s->fault; *c; c++) /* a cut name may end within a character */
		if (*c < ' ' || *c > '~')
			*c = '?';
	pp_kind_emit(&out, PP_SIGNAL_TROUBLE, at_us, 0, s->fault);
}

void pp_sensor_lost(struct pp_sensor *s, uint64_t at_us, pp_sensor_emit_fn *emit, void *user)
{
	pp_sensor_fault(s, "lost", at_us, emit, user);
}

enum pp_point_state pp_sensor_state(const struct pp_sensor *s, const char **ret_detail)
{
	struct pp_kind_view view;

	s->ops->view(s->k, &view);
	if (s->gap_us != UINT64_MAX && view.state == PP_POINT_NORMAL) {
		view.state = PP_POINT_TROUBLE;
		view.detail = "gap";
	}
	*ret_detail = s->fault[0] ? s->fault : view.detail;
	return s->fault[0] ? PP_POINT_TROUBLE : view.state;
}

double pp_sensor_baseline(const struct pp_sensor *s)
{
	struct pp_kind_view view;

	s->ops->view(s->k, &view);
	return view.baseline;
}

bool pp_sensor_pre_alarm(const struct pp_sensor *s)
{
	struct pp_kind_view view;

	s->ops->view(s->k, &view);
	return view.pre_alarm;
}

uint64_t pp_sensor_dismissed(const struct pp_sensor *s)
{
	struct pp_kind_view view;

	s->ops->view(s->k, &view);
	return view.dismissed;
}
