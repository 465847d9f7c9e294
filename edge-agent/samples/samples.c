/* SPDX-License-Identifier: Apache-2.0 */
/* samples.c -- readings of the host. */
#include "samples/samples.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

#define SMALL_FILE 4096

static int zone_temperature(const char *folder, const char *zone, double *ret_celsius)
{
	char path[512], *text = NULL;
	size_t length;
	int64_t millis;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s/temp", folder, zone) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = pp_file_read(path, SMALL_FILE, &text, &length);
	if (r < 0)
		return r;
	r = pp_text_i64(text, strcspn(text, "\n"), -273150, 1000000, &millis);
	free(text);
	if (r == 0)
		*ret_celsius = (double)millis / 1000;
	return r;
}

struct hottest {
	const char *thermal;
	bool any;
	double celsius;
};

static void take_zone(void *user, const char *name)
{
	struct hottest *h = user;
	double celsius;

	if (strncmp(name, "thermal_zone", 12) != 0 ||
		zone_temperature(h->thermal, name, &celsius) < 0)
		return;
	h->celsius = h->any && h->celsius > celsius ? h->celsius : celsius;
	h->any = true;
}

int pp_samples_temperature(const char *thermal, double *ret_celsius)
{
	struct hottest h = { .thermal = thermal };

	(void)pp_dir_each(thermal, take_zone, &h);
	if (!h.any)
		return -ENOENT;
	*ret_celsius = h.celsius;
	return 0;
}

int pp_samples_load(const char *path, double *ret_load)
{
	char *text = NULL, *dot;
	size_t length;
	int64_t whole, hundredths;
	int r = pp_file_read(path, SMALL_FILE, &text, &length);

	if (r < 0)
		return r;
	text[strcspn(text, " \n")] = '\0';
	dot = strchr(text, '.');
	/* "0.42": the kernel always writes two decimals. */
	if (!dot || strlen(dot + 1) != 2 ||
		pp_text_i64(text, (size_t)(dot - text), 0, 1000000, &whole) < 0 ||
		(dot[1] == '0' ? pp_text_i64(dot + 2, 1, 0, 9, &hundredths)
			       : pp_text_i64(dot + 1, 2, 0, 99, &hundredths)) < 0)
		r = -EINVAL;
	else
		*ret_load = (double)whole + (double)hundredths / 100;
	free(text);
	return r;
}

static void add(
	struct pp_sample *s, const char *name, const char *unit, double value, int64_t mono_ms)
{
	struct pp_reading *reading = &s->readings[s->count];

	if (s->count == PP_READINGS_MAX)
		return;
	memset(reading, 0, sizeof(*reading));
	snprintf(reading->name, sizeof(reading->name), "%s", name);
	snprintf(reading->unit, sizeof(reading->unit), "%s", unit);
	reading->value = value;
	reading->mono_ms = mono_ms;
	s->count++;
}

void pp_samples_read(const struct pp_samples_paths *paths, const struct pp_samples_agent *agent,
	int64_t mono_ms, struct pp_sample *sample)
{
	uint64_t free_bytes;
	double value;

	if (pp_samples_temperature(paths->thermal, &value) == 0)
		add(sample, "temperature", "Cel", value, mono_ms);
	if (pp_samples_load(paths->load, &value) == 0)
		add(sample, "load", "1", value, mono_ms);
	if (pp_dir_free(paths->data, &free_bytes) == 0)
		add(sample, "disk_free", "By", (double)free_bytes, mono_ms);
	if (agent->round_trip_s >= 0)
		add(sample, "round_trip", "s", agent->round_trip_s, mono_ms);
	if (agent->outbox_depth >= 0)
		add(sample, "outbox_depth", "1", agent->outbox_depth, mono_ms);
	add(sample, "clock_synchronised", "1", agent->clock_synchronised ? 1 : 0, mono_ms);
}
