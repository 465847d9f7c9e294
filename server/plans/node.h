/* SPDX-License-Identifier: Apache-2.0 */
/* node.h -- the small things of which a plan file is made, read with messages that say where.
 * Private to the room. */
#ifndef PLANS_NODE_H
#define PLANS_NODE_H

#include "core/yaml.h"
#include "dispatch/plan.h"

#include <stdbool.h>
#include <stddef.h>

/* All return 0, or -EINVAL with the problem told, or -ENOMEM. A NULL node is something that is not
 * there: refused with the place of `map` where it is required. */

/* node is a map, and its keys are among names (NULL-terminated). */
int node_keys(const struct pp_yaml *node, const char *const *names, struct pp_problem *problem);
/* Its member. */
int node_need(const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_node,
	struct pp_problem *problem);
/* The text of a scalar: 1..max bytes of it, without control characters and marks that turn the
 * direction of writing. Borrowed. what names it in messages. */
int node_text(const struct pp_yaml *node, const char *what, size_t max, const char **ret_text,
	struct pp_problem *problem);
int node_copy(const struct pp_yaml *node, const char *what, size_t max, char **ret_text,
	struct pp_problem *problem);
/* [a-z0-9][a-z0-9-]*, at most PP_PLAN_ID_MAX. */
int node_id(
	const struct pp_yaml *node, const char *what, char **ret_id, struct pp_problem *problem);
/* One of the words that parse knows; expected names them in the message. */
int node_word(const struct pp_yaml *node, int (*parse)(const char *), const char *expected,
	int *ret_value, struct pp_problem *problem);
/* A list of min..max entries; NULL is an empty one. */
int node_list(const struct pp_yaml *node, const char *what, const size_t min_max[2],
	struct pp_problem *problem);
/* PP_PLAN_WAIT_MIN_MS .. PP_PLAN_WAIT_MAX_MS, "15s". */
int node_wait(
	const struct pp_yaml *node, const char *what, int64_t *ret_ms, struct pp_problem *problem);
/* "2026-11-01" as the beginning of that day, UTC. */
int node_date(
	const struct pp_yaml *node, const char *what, int64_t *ret_ms, struct pp_problem *problem);
void date_text(int64_t wall_ms, char ret_text[11]);
/* {days, from, to}; days may be absent: all. */
int node_span(const struct pp_yaml *map, struct pp_plan_span *ret_span, struct pp_problem *problem);
/* [all], [kecamatan:33.24.12, post:boja-01]. What is read is *ret's also on failure. */
int node_areas(const struct pp_yaml *node, struct pp_plan_area **ret_areas, size_t *ret_count,
	struct pp_problem *problem);
/* A way to reach somebody: {sms: "+62..."}. */
int node_way(const struct pp_yaml *node, struct pp_plan_way *ret_way, struct pp_problem *problem);

#endif
