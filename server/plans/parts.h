/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h -- the entries of a dispatch file's sections. Private to the room. */
#ifndef PLANS_PARTS_H
#define PLANS_PARTS_H

#include <stddef.h>

#include "core/yaml.h"
#include "dispatch/plan.h"

struct reader {
	const struct pp_yaml *root;
	struct pp_plan_book *book; /* with the sections that were read before */
	struct pp_problem *problem;
};

/* The index of a contact, roster or agency of the book, -1: there is none. */
ptrdiff_t part_find(const struct pp_plan_book *book, enum pp_target_kind kind, const char *id);
/* Each fills an entry, whose id is read already: a struct pp_plan_contact, pp_plan_agency,
 * pp_plan_roster or pp_plan. What is read is the entry's also on failure. */
int part_contact(const struct reader *r, const struct pp_yaml *node, void *entry);
int part_agency(const struct reader *r, const struct pp_yaml *node, void *entry);
int part_roster(const struct reader *r, const struct pp_yaml *node, void *entry);
int part_plan(const struct reader *r, const struct pp_yaml *node, void *entry);
/* The sections `troubles` and `limits`, after contacts and rosters. */
int part_troubles(const struct reader *r);
int part_limits(const struct reader *r);

#endif
