/* SPDX-License-Identifier: Apache-2.0 */
/* levels.c -- analogue points: read every so often, to their sensors and into samples. */
#include "edge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"

/* Reading waits for the device's driver, and with it everything on this loop: a slow one is read so
 * seldom that it takes no more than a twentieth of the time. */
#define LEVELS_SHARE 20u

int pp_levels_open(struct pp_edge *e)
{
	const struct pp_wiring *w = &e->settings->wiring;

	e->levels_us = UINT64_MAX;
	for (size_t i = 0; i < w->point_count; i++) {
		struct pp_level *level = &e->levels[e->level_count];

		if (!w->points[i].line.analogue)
			continue;
		level->point = i;
		e->channels[e->level_count++] = (struct pp_iio_channel){ .id = w->points[i].text.id,
			.device = w->points[i].text.device,
			.channel = w->points[i].text.channel };
	}
	if (e->level_count == 0)
		return 0;
	e->levels_us = 0;
	return pp_iio_new(e->scalars->iio_folder, e->channels, e->level_count, &e->iio);
}

static int read_one(struct pp_edge *e, size_t index, double *ret_value, struct pp_source_why *why)
{
	int r;

	if (e->scalars->levels == PP_EDGE_LEVELS_IIO)
		return pp_iio_read(e->iio, index, ret_value, why);
	r = pp_source_value(e->source, e->levels[index].point, ret_value);
	if (r < 0)
		snprintf(why->text, sizeof(why->text), "lost: %s", strerror(-r));
	return r;
}

/* Says what changes, not what stays. */
static void tell(struct pp_edge *e, size_t index, int error, const struct pp_source_why *why)
{
	struct pp_level *level = &e->levels[index];

	if (error < 0 && strcmp(level->why, why->text) != 0)
		pp_log(PP_LOG_WARNING, "levels.read", "point=%s device=\"%s\" why=\"%s\"",
			e->channels[index].id, e->channels[index].device, why->text);
	else if (error == 0 && level->why[0])
		pp_log(PP_LOG_NOTICE, "levels.back", "point=%s", e->channels[index].id);
	memset(level->why, 0, sizeof(level->why));
	if (error < 0)
		memcpy(level->why, why->text, sizeof(level->why) - 1);
}

void pp_levels_read(struct pp_edge *e)
{
	uint64_t now_us = pp_loop_now_us(e->loop), begun_us = pp_clock_mono_us(), wait_us;

	if (now_us < e->levels_us)
		return;
	for (size_t i = 0; i < e->level_count; i++) {
		struct pp_source_why why = { "" };
		struct pp_level *level = &e->levels[i];
		int r = read_one(e, i, &level->value, &why);

		level->known = r == 0;
		tell(e, i, r, &why);
		if (r == 0)
			pp_panel_value(e, level->point, level->value);
		else
			pp_panel_fault(e, level->point, why.text);
	}
	wait_us = LEVELS_SHARE * (pp_clock_mono_us() - begun_us);
	if (wait_us < (uint64_t)e->scalars->level_every_us)
		wait_us = (uint64_t)e->scalars->level_every_us;
	e->levels_us = now_us + wait_us;
}

static void add(
	struct pp_sample *s, const char *name, const struct pp_iio_channel *of, double value)
{
	struct pp_reading *reading = &s->readings[s->count];

	if (s->count == PP_READINGS_MAX)
		return;
	memset(reading, 0, sizeof(*reading));
	snprintf(reading->name, sizeof(reading->name), "%s", name);
	snprintf(reading->point, sizeof(reading->point), "%s", of->id);
	snprintf(reading->unit, sizeof(reading->unit), "%s", pp_iio_unit(of->channel));
	reading->value = value;
	reading->mono_ms = s->mono_ms;
	s->count++;
}

void pp_levels_sample(const struct pp_edge *e, struct pp_sample *sample)
{
	for (size_t i = 0; i < e->level_count; i++) {
		const struct pp_level *level = &e->levels[i];

		if (!level->known)
			continue;
		add(sample, "level", &e->channels[i], level->value);
		add(sample, "baseline", &e->channels[i],
			pp_sensor_baseline(e->sensors[level->point]));
	}
}

const struct pp_level *pp_levels_of(const struct pp_edge *e, size_t point)
{
	for (size_t i = 0; i < e->level_count; i++)
		if (e->levels[i].point == point)
			return &e->levels[i];
	return NULL;
}

void pp_levels_close(struct pp_edge *e)
{
	e->iio = pp_iio_free(e->iio);
}
