/* SPDX-License-Identifier: Apache-2.0 */
/* core/settings.h -- one table per program drives reading, checking, printing and the sample. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "core/yaml.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum pp_setting_type {
	PP_SETTING_TEXT,     /* char *, owned by the target; min..max: length in bytes */
	PP_SETTING_PATH,     /* char *; a relative one is taken from the settings file's folder */
	PP_SETTING_SLUG,     /* char *; [a-z0-9][a-z0-9-]*; max: length */
	PP_SETTING_INTEGER,  /* int64_t; min..max */
	PP_SETTING_REAL,     /* double; min..max */
	PP_SETTING_DURATION, /* int64_t, microseconds; min..max in microseconds */
	PP_SETTING_BOOLEAN,  /* bool; `true` or `false` only */
	PP_SETTING_CHOICE,   /* int; index into `choices` (NULL-terminated) */
};

/* For TEXT, PATH and SLUG max 0 means 4095. An empty PATH or SLUG is accepted only where the
 * fallback is empty: that is how "none" is written. */
struct pp_setting {
	const char *key; /* dotted path of maps: "broker.host" */
	enum pp_setting_type type;
	size_t offset;        /* of the member in the target struct */
	const char *fallback; /* the value's text, without quotes; NULL: must be given */
	int64_t min, max;
	const char *const *choices;
	const char *help; /* one sentence */
};

/* Sets every member of target (overwriting what is there) from map (may be NULL: fallbacks only) or
 * its fallback. A key of the map that no entry names is an error, unless it is listed in `others`
 * (dotted, NULL-terminated, may be NULL): those the caller reads by itself. On -EINVAL and -ENOMEM
 * *problem says file, line, column and what was expected; target is zeroed, so that
 * pp_settings_done accepts it. */
int pp_settings_read(const struct pp_setting *table, size_t count, const char *const *others,
	const struct pp_yaml *map, void *target, struct pp_problem *problem);
/* Frees the texts and zeroes the members. */
void pp_settings_done(const struct pp_setting *table, size_t count, void *target);
/* Prints every setting as YAML with its sentence and limits as comment: the values of target, or
 * the fallbacks where it is NULL. What is printed reads back, once what must be given is given. */
void pp_settings_print(const struct pp_setting *table, size_t count, const void *target, FILE *out);

#endif
