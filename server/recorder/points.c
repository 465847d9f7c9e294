/* SPDX-License-Identifier: Apache-2.0 */
/* points.c -- events and readings as lines. */
#include "recorder/points.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/signal.h"
#include "recorder/line.h"

#define NS_PER_MS 1000000
#define LAST_MS INT64_C(9223372036853) /* 2262-04-11: beyond it nanoseconds do not fit */

static const char *text_of(const struct pp_json *object, const char *key)
{
	const char *text = NULL;

	return object && pp_json_get_text(object, key, 512, &text) == 0 ? text : NULL;
}

static int64_t number_of(const struct pp_json *object, const char *key)
{
	int64_t value = -1;

	return object && pp_json_get_i64(object, key, 0, LAST_MS, &value) == 0 ? value : -1;
}

static int finish(
	struct pp_line *line, int64_t ns, char **ret_line, struct pp_points_problem *problem)
{
	int r = pp_line_end(line, ns, ret_line);

	if (r < 0)
		snprintf(problem->text, sizeof(problem->text), "%s",
			line->why[0] ? line->why : "out of memory");
	return r;
}

/* What a body may say of when it really happened: alarms and restores `occurred`, troubles `since`.
 * Later steps repeat the incident's `occurred`, but theirs is the time of the deed. */
static int64_t original_ms(const char *kind, const struct pp_json *body, int64_t at_ms)
{
	static const char *const original[] = { "incident.opened", "incident.signal",
		"incident.restore", "incident.cancel", NULL };
	int64_t since = number_of(body, "since"), occurred = number_of(body, "occurred");

	for (size_t i = 0; original[i]; i++)
		if (occurred >= 0 && strcmp(kind, original[i]) == 0)
			return occurred;
	return strcmp(kind, "trouble.raised") == 0 && since >= 0 ? since : at_ms;
}

static void add_lag(struct pp_line *line, const char *key, int64_t at_ms, int64_t from_ms)
{
	if (from_ms >= 0)
		pp_line_field_real(line, key, (double)(at_ms - from_ms) / 1000.0);
}

int pp_points_event(const struct pp_json *event, char **ret_line, struct pp_points_problem *problem)
{
	const struct pp_json *body = NULL;
	const char *kind = text_of(event, "kind");
	int64_t at_ms = number_of(event, "at"), id = number_of(event, "id");
	struct pp_line line = { 0 };

	(void)pp_json_get_object(event, "body", &body);
	if (!kind || at_ms < 0 || id < 0) {
		snprintf(problem->text, sizeof(problem->text), "an event without kind, time or id");
		return -EINVAL;
	}
	pp_line_begin(&line, "event");
	pp_line_tag(&line, "tenant", text_of(event, "tenant"));
	pp_line_tag(&line, "post", text_of(event, "post"));
	pp_line_tag(&line, "point", text_of(event, "point"));
	pp_line_tag(&line, "kind", kind);
	pp_line_tag(&line, "class", text_of(body, "class"));
	pp_line_tag(&line, strncmp(kind, "trouble.", 8) == 0 ? "trouble" : "sensor",
		text_of(body, "kind"));
	pp_line_tag(&line, "incident", text_of(event, "incident"));
	pp_line_tag(&line, "unit", text_of(body, "unit"));
	pp_line_tag(&line, "code", text_of(body, "code"));
	pp_line_tag(&line, "channel", text_of(body, "channel"));
	pp_line_field_i64(&line, "value", 1);
	add_lag(&line, "since_occurred", at_ms, number_of(body, "occurred"));
	add_lag(&line, "since_opened", at_ms, number_of(body, "opened"));
	return finish(&line, original_ms(kind, body, at_ms) * NS_PER_MS + id % NS_PER_MS, ret_line,
		problem);
}

int pp_points_reading(const struct pp_topic *topic, const struct pp_sample *sample, size_t index,
	int64_t offset_ms, char **ret_line, struct pp_points_problem *problem)
{
	const struct pp_reading *reading = &sample->readings[index];
	int64_t zero_ms =
		sample->at_ms == PP_AT_UNKNOWN ? offset_ms : sample->at_ms - sample->mono_ms;
	int64_t ms = zero_ms + reading->mono_ms;
	struct pp_line line = { 0 };

	if (ms < 0 || ms > LAST_MS) {
		snprintf(problem->text, sizeof(problem->text), "a time that no store can hold");
		return -EINVAL;
	}
	pp_line_begin(&line, "sample");
	pp_line_tag(&line, "tenant", topic->tenant);
	pp_line_tag(&line, "post", topic->post);
	pp_line_tag(&line, "point", reading->point);
	pp_line_tag(&line, "name", reading->name);
	pp_line_tag(&line, "unit", reading->unit);
	pp_line_field_real(&line, "value", reading->value);
	return finish(&line, ms * NS_PER_MS, ret_line, problem);
}
