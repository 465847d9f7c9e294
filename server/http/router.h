/* SPDX-License-Identifier: Apache-2.0 */
/* router.h -- which row of a table answers a method and a path. Pure. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stddef.h>

#include "roles/roles.h"

struct pp_call;
struct pp_web;
struct pp_who;

#define PP_ROUTE_PARAMETER_MAX 40

struct pp_route_match;
typedef void pp_route_fn(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match);

struct pp_route_match {
	size_t route; /* its number in the table */
	char parameter[PP_ROUTE_PARAMETER_MAX + 1];
	char second[PP_ROUTE_PARAMETER_MAX + 1]; /* "" where the path has one alone */
	char allow[64];                          /* for the Allow header, with -EOPNOTSUPP */
};

/* 0; -ENOENT: no such path; -EOPNOTSUPP: the path is there, with other methods (ret_match->allow
 * only). */
int pp_route_find(const struct pp_endpoint *table, size_t count, const char *method,
	const char *path, struct pp_route_match *ret_match);

#endif
