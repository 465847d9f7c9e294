/* SPDX-License-Identifier: Apache-2.0 */
/* plans/read.h -- a dispatch file, YAML or JSON of the same shape, as a book of plans. */
#ifndef PLANS_READ_H
#define PLANS_READ_H

#include "core/yaml.h"
#include "dispatch/plan.h"

/* Reads the whole tree: its form, and that every name in it is there. Nothing of the tree is kept.
 * -EINVAL: *problem says where and what. zone_minutes stays 0. */
int pp_plans_read(
	const struct pp_yaml *root, struct pp_plan_book **ret_book, struct pp_problem *problem);
/* The same of what the record keeps: the tree has no names and addresses; contacts are only listed
 * by id. Those who are in `contacts` (count of them, sorted by id) move into the book, also on
 * failure; the others were erased: they are there with name "" and no ways. */
int pp_plans_read_kept(const struct pp_yaml *root, struct pp_plan_contact *contacts, size_t count,
	struct pp_plan_book **ret_book, struct pp_problem *problem);
/* Where something of the book stands in the tree it was read from, for messages; the root where it
 * stands nowhere. step -1: the plan; ring PP_RING_FALLBACK: its fallback. */
const struct pp_yaml *pp_plans_find(
	const struct pp_yaml *root, const struct pp_plan *plan, enum pp_ring ring, int step);
const struct pp_yaml *pp_plans_find_named(
	const struct pp_yaml *root, const char *section, const char *id);
const struct pp_yaml *pp_plans_find_listed(
	const struct pp_yaml *root, const char *section, size_t index);

#endif
