/* SPDX-License-Identifier: Apache-2.0 */
/* edge_settings/edge_settings.h -- everything that a post's settings file says, read and checked.
 */
#ifndef EDGE_SETTINGS_EDGE_SETTINGS_H
#define EDGE_SETTINGS_EDGE_SETTINGS_H

#include "annunciator/profile.h"
#include "edge_settings/wiring.h"

#include <stdint.h>
#include <stdio.h>

#define PP_EDGE_SETTINGS_PATH "/etc/pospin/edge.yaml"

enum pp_edge_source { PP_EDGE_GPIO, PP_EDGE_SCRIPT };
enum pp_edge_levels { PP_EDGE_LEVELS_IIO, PP_EDGE_LEVELS_SCRIPT };

/* Texts are owned; those that may be absent are "". */
struct pp_edge_scalars {
	char *tenant, *post;
	char *data, *control, *profile;
	int source; /* enum pp_edge_source */
	char *script_file, *script_socket;
	int levels; /* enum pp_edge_levels */
	char *iio_folder;
	int64_t level_every_us;
	char *broker_host, *broker_ca;
	int64_t broker_port;
	char *certificate, *key, *server_keys;
	int64_t state_every_us, sample_every_us;
	int64_t outbox_rows;
	char *second_number, *second_bus;
	int64_t second_after_us;
};

struct pp_edge_settings {
	struct pp_edge_scalars scalars;
	struct pp_wiring wiring;
	struct pp_profile profile;
	char hash[17]; /* of the file, told in every state */
};

/* -EINVAL with *problem set; -errno when the file cannot be read, *problem too. Looks at no file
 * but path and the profile. */
int pp_edge_settings_load(const char *path, struct pp_edge_settings *s, struct pp_problem *problem);
void pp_edge_settings_done(struct pp_edge_settings *s);
void pp_edge_settings_print(const struct pp_edge_settings *s, FILE *out); /* NULL: the defaults */

#endif
