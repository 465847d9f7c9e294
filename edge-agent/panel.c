/* SPDX-License-Identifier: Apache-2.0 */
/* panel.c -- the wires of a post: levels become sensor events, the agent's view becomes lamps and
 * sirens. */
#include "edge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"

#define EVENTS_AT_ONCE 64
#define READS_AT_ONCE                                                                              \
	16 /* as much as the kernel holds of a line; then the others get their turn                \
	    */

static int open_source(const struct pp_edge_scalars *s, const struct pp_line *lines, size_t count,
	struct pp_source **ret_source)
{
	struct pp_source_why why = { "" };
	int r;

	if (s->source == PP_EDGE_GPIO)
		r = pp_source_gpio_new(lines, count, "pospin-edge", ret_source, &why);
	else
		r = pp_source_script_new(lines, count, s->script_file[0] ? s->script_file : NULL,
			s->script_socket[0] ? s->script_socket : NULL, ret_source, &why);
	if (r < 0)
		pp_log(PP_LOG_ERROR, "panel.open", "why=\"%s\"",
			why.text[0] ? why.text : strerror(-r));
	return r;
}

int pp_panel_open(struct pp_edge *e)
{
	const struct pp_wiring *w = &e->settings->wiring;

	for (size_t i = 0; i < w->point_count; i++) {
		int r = pp_sensor_new(&w->points[i].sensor, &e->sensors[i]);

		if (r < 0)
			return r;
		e->lines[e->line_count++] = w->points[i].line;
	}
	for (size_t i = 0; i < w->output_count; i++) {
		e->lines[e->line_count++] = w->outputs[i].line;
		e->roles[i] = w->outputs[i].output;
	}
	return open_source(e->scalars, e->lines, e->line_count, &e->source);
}

static void on_sensor(void *user, const struct pp_sensor_event *event)
{
	struct pp_edge *e = user;
	struct pp_agent_input in = {
		.type = PP_AGENT_SENSOR, .point = e->sensing, .event = *event
	};

	pp_log(event->type == PP_SIGNAL_ALARM ? PP_LOG_NOTICE : PP_LOG_INFO, "sensor.event",
		"point=%s signal=%s detail=%s", e->points[e->sensing].id,
		pp_signal_text(event->type), event->detail ? event->detail : "-");
	pp_traffic_input(e, &in);
}

static void tell_point(struct pp_edge *e, size_t point)
{
	struct pp_agent_input in = { .type = PP_AGENT_POINT, .point = point };

	in.state = pp_sensor_state(e->sensors[point], &in.detail);
	in.pre_alarm = pp_sensor_pre_alarm(e->sensors[point]);
	pp_traffic_input(e, &in);
}

void pp_panel_value(struct pp_edge *e, size_t point, double value)
{
	e->sensing = point;
	pp_sensor_value(e->sensors[point], value, pp_loop_now_us(e->loop), on_sensor, e);
	tell_point(e, point);
}

void pp_panel_fault(struct pp_edge *e, size_t point, const char *detail)
{
	e->sensing = point;
	pp_sensor_fault(e->sensors[point], detail, pp_loop_now_us(e->loop), on_sensor, e);
	tell_point(e, point);
}

/* One trouble of the post for all outputs that are away: no sensor could tell it. */
static void tell_outputs(struct pp_edge *e)
{
	struct pp_agent_input in = { .type = PP_AGENT_OUTPUTS };
	char text[PP_DETAIL_MAX + 1] = "outputs";

	if (!e->lost_changed)
		return;
	e->lost_changed = false;
	for (size_t i = 0; i < e->settings->wiring.output_count; i++) {
		size_t length = strlen(text);

		if (!e->lost[i])
			continue;
		in.lost = true;
		snprintf(text + length, sizeof(text) - length, " %s",
			e->settings->wiring.outputs[i].text.id);
	}
	in.detail = text;
	pp_traffic_input(e, &in);
}

static void take_output(struct pp_edge *e, size_t output, bool lost)
{
	e->lost_changed |= e->lost[output] != lost;
	e->lost[output] = lost;
}

/* The sensor tells that it is away; why is for who reads the log. */
static void say_line(const struct pp_edge *e, const struct pp_level_event *event)
{
	struct pp_line_view view;

	if (!event->lost)
		return;
	pp_source_view(e->source, event->line, &view);
	pp_log(PP_LOG_ERROR, "panel.lost", "line=%s why=\"%s\"", e->lines[event->line].id,
		view.why ? view.why : "gone");
}

static bool is_behind(const struct pp_edge *e, size_t point)
{
	struct pp_line_view view;

	pp_source_view(e->source, point, &view);
	return view.behind;
}

/* The point whose decision is due first, at now_us or before. An edge must not come after a
 * decision that it could have changed, so one whose edges are not all read yet waits for them. */
static bool find_due(const struct pp_edge *e, uint64_t now_us, size_t *ret_point)
{
	uint64_t due_us = UINT64_MAX;

	for (size_t i = 0; i < e->settings->wiring.point_count; i++) {
		uint64_t deadline_us = pp_sensor_deadline(e->sensors[i]);

		if (deadline_us > now_us || deadline_us >= due_us || is_behind(e, i))
			continue;
		due_us = deadline_us;
		*ret_point = i;
	}
	return due_us != UINT64_MAX;
}

/* Decisions of all points in the order in which they are due: what was pressed first is told first.
 */
static void step_until(struct pp_edge *e, uint64_t now_us)
{
	size_t point;

	while (find_due(e, now_us, &point)) {
		e->sensing = point;
		pp_sensor_step(
			e->sensors[point], pp_sensor_deadline(e->sensors[point]), on_sensor, e);
		tell_point(e, point);
	}
}

static void take_event(struct pp_edge *e, const struct pp_level_event *event)
{
	size_t point = event->line;

	say_line(e, event);
	if (point >= e->settings->wiring.point_count) {
		/* pp_panel_show sets it again when it is back. */
		take_output(e, point - e->settings->wiring.point_count, event->lost);
		return;
	}
	step_until(e, event->at_us);
	e->sensing = point;
	if (event->lost)
		pp_sensor_fault(e->sensors[point], event->taken ? "taken" : "lost", event->at_us,
			on_sensor, e);
	else if (event->found)
		pp_sensor_start(e->sensors[point], event->active, event->at_us, on_sensor, e);
	else
		pp_sensor_feed(e->sensors[point], event->active, event->at_us, on_sensor, e);
	if (event->gap)
		pp_sensor_gap(e->sensors[point], event->at_us, on_sensor, e);
	tell_point(e, point);
}

void pp_panel_start(struct pp_edge *e)
{
	for (size_t i = 0; i < e->line_count; i++) {
		struct pp_level_event event = { .line = i, .at_us = pp_loop_now_us(e->loop) };
		struct pp_line_view view;

		if (e->lines[i].analogue)
			continue;
		pp_source_view(e->source, i, &view);
		event.lost = view.error < 0 || pp_source_get(e->source, i, &event.active) < 0;
		event.found = !event.lost;
		event.taken = view.error == -EBUSY;
		take_event(e, &event);
	}
	tell_outputs(e);
}

int pp_panel_read(struct pp_edge *e)
{
	struct pp_level_event events[EVENTS_AT_ONCE];
	int reads = 0, count;

	do {
		count = pp_source_read(e->source, events, EVENTS_AT_ONCE);
		for (int i = 0; i < count; i++)
			take_event(e, &events[i]);
	} while (count == EVENTS_AT_ONCE && ++reads < READS_AT_ONCE);
	tell_outputs(e);
	if (count < 0)
		pp_log(PP_LOG_ERROR, "panel.read", "why=\"%s\"", strerror(-count));
	return count < 0 ? count : 0;
}

void pp_panel_step(struct pp_edge *e)
{
	step_until(e, pp_loop_now_us(e->loop));
}

uint64_t pp_panel_deadline(const struct pp_edge *e)
{
	uint64_t deadline = e->annunciate_us;

	for (size_t i = 0; i < e->settings->wiring.point_count; i++)
		if (pp_sensor_deadline(e->sensors[i]) < deadline)
			deadline = pp_sensor_deadline(e->sensors[i]);
	return deadline;
}

static void set_output(struct pp_edge *e, size_t output, bool active)
{
	if (e->known[output] && e->active[output] == active)
		return;
	/* While a line is away the source remembers what it is to be. */
	(void)pp_source_set(e->source, e->settings->wiring.point_count + output, active);
	e->active[output] = active;
	e->known[output] = true;
}

void pp_panel_show(struct pp_edge *e)
{
	size_t count = e->settings->wiring.output_count;
	uint64_t now_us = pp_loop_now_us(e->loop);
	bool active[PP_OUTPUTS_MAX];
	struct pp_view view;

	pp_agent_view(e->agent, now_us, &view);
	pp_orders_view(e->orders, now_us, &view);
	e->annunciate_us =
		pp_annunciator_run(e->roles, count, &e->settings->profile, &view, now_us, active);
	for (size_t i = 0; i < count; i++)
		set_output(e, i, active[i]);
}

void pp_panel_close(struct pp_edge *e)
{
	const struct pp_wiring *w = &e->settings->wiring;

	for (size_t i = 0; e->source && i < w->output_count; i++)
		if (w->outputs[i].safe != PP_SAFE_KEEP)
			(void)pp_source_set(
				e->source, w->point_count + i, w->outputs[i].safe == PP_SAFE_ON);
	e->source = pp_source_free(e->source);
	for (size_t i = 0; i < w->point_count; i++)
		e->sensors[i] = pp_sensor_free(e->sensors[i]);
}

int pp_panel_make_safe(const struct pp_edge_settings *settings)
{
	const struct pp_wiring *w = &settings->wiring;
	struct pp_source *source = NULL;
	struct pp_line lines[PP_OUTPUTS_MAX];
	size_t count = 0;
	int r, left = 0;

	/* A script's lamps live in the agent alone. The lines' initial level is their safe state.
	 */
	if (settings->scalars.source != PP_EDGE_GPIO)
		return 0;
	for (size_t i = 0; i < w->output_count; i++)
		if (w->outputs[i].safe != PP_SAFE_KEEP)
			lines[count++] = w->outputs[i].line;
	if (!count)
		return 0;
	r = open_source(&settings->scalars, lines, count, &source);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct pp_line_view view;

		pp_source_view(source, i, &view);
		if (view.error == 0)
			continue;
		pp_log(PP_LOG_ERROR, "panel.safe", "why=\"%s\"", view.why ? view.why : "gone");
		left = view.error;
	}
	pp_source_free(source);
	return r < 0 ? r : left;
}
