/* SPDX-License-Identifier: Apache-2.0 */
/* config/recorder_settings.h -- recorder.yaml. */
#ifndef CONFIG_RECORDER_SETTINGS_H
#define CONFIG_RECORDER_SETTINGS_H

#include "core/yaml.h"

#include <stdint.h>
#include <stdio.h>

struct pp_recorder_settings {
	char *record, *data, *control;
	struct {
		char *host, *ca, *certificate, *key;
		int64_t port;
	} broker;
	struct {
		char *url, *database, *org, *bucket, *token;
		int api; /* 0: InfluxDB 1.x /write, 1: /api/v2/write */
		int64_t timeout_us;
	} store;
	int64_t spool_mb;
	char *spool_path;  /* made from data */
	char *store_shown; /* store.url without its name and password: what may be logged */
};
/* -EINVAL (or the errno of reading) with *problem set. Freed by pp_recorder_settings_done. */
int pp_recorder_settings_read(
	const char *path, struct pp_recorder_settings *ret_settings, struct pp_problem *problem);
void pp_recorder_settings_done(struct pp_recorder_settings *s);
void pp_recorder_settings_print(const struct pp_recorder_settings *s, FILE *out);

#endif
