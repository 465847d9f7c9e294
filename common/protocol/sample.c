/* SPDX-License-Identifier: Apache-2.0 */
/* sample.c -- batches of readings. They are unsigned and become time series, so names are checked
 * strictly. */
#include "protocol/sample.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/text.h"
#include "member.h"
#include "protocol/signal.h"

static struct pp_json *reading_object(const struct pp_reading *r)
{
	struct pp_json *o = pp_json_object();

	(void)pp_json_set_text(o, "name", r->name);
	if (r->point[0])
		(void)pp_json_set_text(o, "point", r->point);
	(void)pp_json_set_real(o, "value", r->value);
	(void)pp_json_set_text(o, "unit", r->unit);
	(void)pp_json_set_i64(o, "mono", r->mono_ms);
	return o;
}

/* JSON has no word for a reading that is no number, and no reader takes one that is rounded beyond
 * the largest double. */
static bool is_writable(double value)
{
	return fabs(value) <= 1e308;
}

int pp_sample_encode(const struct pp_sample *s, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();
	struct pp_json *list = pp_json_list();

	assert(s->count <= PP_READINGS_MAX);
	(void)pp_json_set_i64(m, "boot", s->boot);
	(void)pp_json_set_i64(m, "mono", s->mono_ms);
	if (s->at_ms < 0)
		(void)pp_json_set_null(m, "at");
	else
		(void)pp_json_set_i64(m, "at", s->at_ms);
	for (size_t i = 0; i < s->count; i++)
		if (is_writable(s->readings[i].value))
			(void)pp_json_add(list, reading_object(&s->readings[i]));
	(void)pp_json_set(m, "readings", list);
	return pp_message_print(m, ret_text, ret_length);
}

/* [a-z][a-z0-9_]* that fits. */
static int name_read(const struct pp_json *o, char *ret_name, size_t size, char *why)
{
	const char *name;

	if (pp_json_get_text(o, "name", size - 1, &name) || name[0] < 'a' || name[0] > 'z' ||
		name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		return pp_refuse(why, "name: not [a-z][a-z0-9_]* of at most %zu", size - 1);
	memcpy(ret_name, name, strlen(name) + 1);
	return 0;
}

static int point_read(const struct pp_json *o, char ret_point[PP_POINT_MAX + 1], char *why)
{
	const char *point = "";
	int error = pp_json_get_text(o, "point", PP_POINT_MAX, &point);

	if ((error && error != -ENOENT) ||
		(!error && !pp_text_is_slug(point, strlen(point), PP_POINT_MAX)))
		return pp_refuse(why, "point: not [a-z0-9][a-z0-9-]* of at most %d", PP_POINT_MAX);
	memcpy(ret_point, point, strlen(point) + 1);
	return 0;
}

/* Visible ASCII, as UCUM units are. */
static int unit_read(const struct pp_json *o, char *ret_unit, size_t size, char *why)
{
	const char *unit;
	int error = pp_json_get_text(o, "unit", size - 1, &unit);

	for (size_t i = 0; !error && unit[i]; i++)
		if (unit[i] <= ' ' || unit[i] > '~')
			error = -EINVAL;
	if (error || !unit[0])
		return pp_refuse(why, "unit: not 1 to %zu visible ASCII characters", size - 1);
	memcpy(ret_unit, unit, strlen(unit) + 1);
	return 0;
}

static int reading_read(const struct pp_json *o, struct pp_reading *r, char *why)
{
	int error = name_read(o, r->name, sizeof(r->name), why);

	if (!error)
		error = point_read(o, r->point, why);
	if (!error)
		error = unit_read(o, r->unit, sizeof(r->unit), why);
	if (!error)
		error = pp_member_whole(o, "mono", 0, &r->mono_ms, why);
	if (!error && pp_json_get_real(o, "value", &r->value))
		error = pp_refuse(why, "value: not a number");
	return error;
}

static int sample_read(const struct pp_json *m, struct pp_sample *s, char *why)
{
	const struct pp_json *list;
	int error = pp_member_whole(m, "boot", 0, &s->boot, why);

	if (!error)
		error = pp_member_whole(m, "mono", 0, &s->mono_ms, why);
	if (!error)
		error = pp_member_whole_or(m, "at", PP_AT_UNKNOWN, &s->at_ms, why);
	if (!error)
		error = pp_member_list(m, "readings", PP_READINGS_MAX, &list, why);
	if (error || !list)
		return error ? error : pp_refuse(why, "readings: missing");
	for (; s->count < pp_json_count(list); s->count++) {
		error = reading_read(pp_json_item(list, s->count), &s->readings[s->count], why);
		if (error)
			return error;
	}
	return 0;
}

int pp_sample_decode(
	const char *text, size_t length, struct pp_sample *ret_sample, char ret_why[160])
{
	struct pp_sample s = { .count = 0 };
	struct pp_json *m;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = sample_read(m, &s, ret_why);
	if (!error)
		*ret_sample = s;
	pp_json_free(m);
	return error;
}
