/* SPDX-License-Identifier: Apache-2.0 */
/* fields.h -- reading one map of a site file, key by key, with messages that say where. Private to
 * the room. */
#ifndef REGISTRY_FIELDS_H
#define REGISTRY_FIELDS_H

#include "core/yaml.h"

#include <stdbool.h>
#include <stddef.h>

/* All return 0, or -EINVAL with the problem told, or -ENOMEM. */

/* node is a map, and its keys are among names (NULL-terminated). */
int fields_check(const struct pp_yaml *node, const char *const *names, struct pp_problem *problem);
/* A text of 1..max bytes; the caller frees it. Optional ones that are absent leave *ret_text as it
 * is. */
int field_text(const struct pp_yaml *map, const char *key, size_t max, char **ret_text,
	struct pp_problem *problem);
int field_text_optional(const struct pp_yaml *map, const char *key, size_t max, char **ret_text,
	struct pp_problem *problem);
int field_bool(const struct pp_yaml *map, const char *key, bool *ret_value,
	struct pp_problem *problem); /* optional */
struct field_range {
	double min, max;
	const char *what; /* "a latitude in Indonesia" */
};
int field_real(const struct pp_yaml *map, const char *key, const struct field_range *range,
	double *ret_value, struct pp_problem *problem);
/* A map or a list. *ret_node NULL when an optional one is absent. */
int field_map(const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_node,
	struct pp_problem *problem); /* required */
int field_list(const struct pp_yaml *map, const char *key, bool required,
	const struct pp_yaml **ret_node, struct pp_problem *problem);

#endif
