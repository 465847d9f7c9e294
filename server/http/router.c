/* SPDX-License-Identifier: Apache-2.0 */
/* router.c -- matching a method and a path against a table. */
#include "router.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Segment by segment; a {parameter} takes one segment that is not empty. */
static bool path_matches(const char *pattern, const char *path, struct pp_route_match *match)
{
	char *to = match->parameter;

	match->parameter[0] = match->second[0] = '\0';
	while (*pattern && *path) {
		if (*pattern == '{') {
			size_t length = strcspn(path, "/");

			if (length == 0 || length > PP_ROUTE_PARAMETER_MAX)
				return false;
			memcpy(to, path, length);
			to[length] = '\0';
			to = match->second;
			path += length;
			pattern += strcspn(pattern, "/");
			continue;
		}
		if (*pattern++ != *path++)
			return false;
	}
	return *pattern == '\0' && *path == '\0';
}

static bool method_matches(const char *wanted, const char *method)
{
	return strcmp(wanted, method) == 0 ||
	       (strcmp(wanted, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static void allow_add(char allow[static 64], const char *method)
{
	size_t used = strlen(allow);

	snprintf(allow + used, 64 - used, "%s%s", used ? ", " : "",
		strcmp(method, "GET") == 0 ? "GET, HEAD" : method);
}

int pp_route_find(const struct pp_endpoint *table, size_t count, const char *method,
	const char *path, struct pp_route_match *ret_match)
{
	struct pp_route_match match = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!path_matches(table[i].path, path, &match))
			continue;
		if (method_matches(table[i].method, method)) {
			match.route = i;
			match.allow[0] = '\0';
			*ret_match = match;
			return 0;
		}
		allow_add(match.allow, table[i].method);
	}
	if (match.allow[0] == '\0')
		return -ENOENT;
	match.parameter[0] = match.second[0] = '\0';
	*ret_match = match;
	return -EOPNOTSUPP;
}
