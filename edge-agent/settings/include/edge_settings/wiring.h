/* SPDX-License-Identifier: Apache-2.0 */
/* edge_settings/wiring.h -- the lists `points` and `outputs` of a post's settings: what hangs on
 * which line. */
#ifndef EDGE_SETTINGS_WIRING_H
#define EDGE_SETTINGS_WIRING_H

#include "annunciator/annunciator.h"
#include "core/yaml.h"
#include "protocol/limits.h"
#include "sensor/sensor.h"
#include "sources/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PP_OUTPUTS_MAX 64

/* The texts that struct pp_line borrows. */
struct pp_wire_text {
	char *id, *line, *chip;
	int64_t offset;
	char *device, *channel; /* of a level */
};

struct pp_wired_point {
	struct pp_wire_text text;
	struct pp_line line;
	struct pp_sensor_config sensor;
	enum pp_class class;
	bool silent, siren;
};

enum pp_safe { PP_SAFE_OFF, PP_SAFE_ON, PP_SAFE_KEEP };

struct pp_wired_output {
	struct pp_wire_text text;
	struct pp_line line;
	struct pp_annunciator_output output;
	enum pp_safe safe; /* when the program ends or has crashed */
};

struct pp_wiring {
	size_t point_count, output_count;
	struct pp_wired_point points[PP_POINTS_MAX];
	struct pp_wired_output outputs[PP_OUTPUTS_MAX];
};

/* Reads both lists of the settings' root; either may be absent. -EINVAL with *problem set: unknown
 * or doubled keys, values out of range, an id or a line used twice, a point without a line. After a
 * failure *w is as pp_wiring_done accepts it. */
int pp_wiring_read(const struct pp_yaml *root, struct pp_wiring *w, struct pp_problem *problem);
void pp_wiring_done(struct pp_wiring *w);
void pp_wiring_print(
	const struct pp_wiring *w, FILE *out); /* as YAML; w NULL: a commented entry of each */

#endif
