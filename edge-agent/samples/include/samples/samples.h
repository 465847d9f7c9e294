/* SPDX-License-Identifier: Apache-2.0 */
/* samples/samples.h -- what the host of a post reads of itself: temperature, load, free disk. What
 * cannot be read is left out. */
#ifndef SAMPLES_SAMPLES_H
#define SAMPLES_SAMPLES_H

#include "protocol/sample.h"

#include <stdbool.h>

/* Where to look; the tests bring their own. */
struct pp_samples_paths {
	const char *thermal; /* /sys/class/thermal */
	const char *load;    /* /proc/loadavg */
	const char *data;    /* a folder on the disk whose free space counts */
};

/* What the agent knows by itself. Negative: not known, left out. */
struct pp_samples_agent {
	double round_trip_s; /* publish to PUBACK, or state to beat */
	double outbox_depth;
	bool clock_synchronised;
};

/* Adds readings named temperature (Cel), load (1), disk_free (By), round_trip (s), outbox_depth (1)
 * and clock_synchronised (1: 0 or 1), all read at mono_ms. Reads small kernel files: microseconds.
 */
void pp_samples_read(const struct pp_samples_paths *paths, const struct pp_samples_agent *agent,
	int64_t mono_ms, struct pp_sample *sample);
/* The hottest zone in degrees Celsius. -ENOENT: none can be read. */
int pp_samples_temperature(const char *thermal, double *ret_celsius);
int pp_samples_load(const char *path, double *ret_load); /* of the last minute */

#endif
