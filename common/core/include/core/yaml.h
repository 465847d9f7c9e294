/* SPDX-License-Identifier: Apache-2.0 */
/* core/yaml.h -- YAML as a tree in which every node knows its line and column (libyaml's events).
 * Refused with a message: duplicate keys, anchors, aliases, tags, several documents, depth over 16,
 * more than 4 MiB or 500,000 nodes, broken UTF-8. */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>

enum pp_yaml_type { PP_YAML_SCALAR, PP_YAML_MAP, PP_YAML_LIST };
struct pp_yaml; /* one node; the root owns all of them */

/* What is wrong and where, ready to show: "edge.yaml:12:7: expected a duration such as 50ms, got
 * '50'". */
struct pp_problem {
	char text[512];
};
/* Fills the message: file, line and column from node (NULL: fmt alone says where), then fmt, with
 * control characters as '?'. Returns -EINVAL, so that callers can return it. */
int pp_problem_at(struct pp_problem *p, const struct pp_yaml *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* name is what messages call the text. -EINVAL with *problem set when it is not acceptable. A text
 * without content is an empty map. Load: also the -errno of reading, with *problem set. */
int pp_yaml_parse(const char *name, const char *text, size_t length, struct pp_yaml **ret_root,
	struct pp_problem *problem);
int pp_yaml_load(const char *path, struct pp_yaml **ret_root, struct pp_problem *problem);
struct pp_yaml *pp_yaml_free(struct pp_yaml *root); /* NULL is fine; returns NULL */

enum pp_yaml_type pp_yaml_type(const struct pp_yaml *node);
const char *pp_yaml_name(const struct pp_yaml *node); /* of the file */
unsigned pp_yaml_line(const struct pp_yaml *node);    /* from 1 */
unsigned pp_yaml_column(const struct pp_yaml *node);  /* from 1 */
const char *pp_yaml_text(const struct pp_yaml *node); /* of a scalar; NULL of all others */
/* Written in quotes (or as a block text): never a number or a boolean. */
bool pp_yaml_quoted(const struct pp_yaml *node);
size_t pp_yaml_count(const struct pp_yaml *node); /* entries of a list or a map; 0 for a scalar */
const struct pp_yaml *pp_yaml_at(const struct pp_yaml *node, size_t index); /* value at index */
const struct pp_yaml *pp_yaml_key(const struct pp_yaml *map, size_t index); /* key node at index */
/* NULL: absent, or not a map. */
const struct pp_yaml *pp_yaml_get(const struct pp_yaml *map, const char *key);

#endif
