/* SPDX-License-Identifier: Apache-2.0 */
/* plans/plans.h -- books of plans and the record: what it keeps, and whether a book fits what it
 * knows of the tenant. Reads only; ledger/plans.h writes. */
#ifndef PLANS_PLANS_H
#define PLANS_PLANS_H

#include "core/yaml.h"
#include "db/db.h"
#include "dispatch/check.h"
#include "dispatch/plan.h"
#include "protocol/limits.h"

/* A file or a request's body: its tree, for messages, and its book. */
struct pp_plans_file;
/* text: YAML, or JSON of the same shape. -EINVAL with *problem told. */
int pp_plans_file_parse(const char *name, const char *text, size_t length,
	struct pp_plans_file **ret_file, struct pp_problem *problem);
int pp_plans_file_load(
	const char *path, struct pp_plans_file **ret_file, struct pp_problem *problem);
struct pp_plans_file *pp_plans_file_free(struct pp_plans_file *file);      /* NULL is fine */
struct pp_plan_book *pp_plans_file_book(const struct pp_plans_file *file); /* borrowed */

/* One sentence: "plans.yaml:12:5: plan fire-kendal, ring desk, step 2: ..." of a file, else without
 * the place. */
typedef void pp_plans_told_fn(void *user, bool refused, const char *text);
/* Holds the book against the registry of the record and against itself: dispatch/check.h. file
 * NULL: book is what is checked, else it may be NULL. 0; -EINVAL: refused, and fn was told why;
 * -ENOENT: the record has no such tenant, and fn was told; -E2BIG: too large to be checked; else
 * the record failed. */
struct pp_plans_checking {
	const struct pp_plans_file *file;
	const struct pp_plan_book *book;
	int64_t now_ms;
	pp_plans_told_fn *fn;
	void *user;
};
int pp_plans_check(struct pp_db *db, const struct pp_plans_checking *checking);

/* The book that the record keeps, with today's contacts: rev 0 is the newest. -ENOENT: the tenant
 * has none (the built-in plan is its plan), or none of that rev. -EBADMSG: it is damaged, or of a
 * program that could say more; the record is well. */
int pp_plans_load(
	struct pp_db *db, const char *tenant, int64_t rev, struct pp_plan_book **ret_book);
/* Its contacts alone, also where the rest cannot be read. */
int pp_plans_people(struct pp_db *db, const char *tenant, struct pp_plan_book **ret_book);
/* Completes a query by what the registry knows of its post, or where that is "" of its desa; texts
 * live as long as *ret_place. 1; 0: there is no such active post or desa, and desa and kecamatan
 * are "". Also the posts near it. */
struct pp_plans_place {
	char desa[48], kecamatan[48];
	char near_posts[PP_PLAN_NEAR_MAX][PP_POST_MAX + 1];
	const char *near[PP_PLAN_NEAR_MAX];
};
int pp_plans_place(struct pp_db *db, const char *tenant, struct pp_plan_query *query,
	struct pp_plans_place *ret_place);
/* Minutes east of UTC of the tenant; -ENOENT: there is no such tenant. */
int pp_plans_zone(struct pp_db *db, const char *tenant, int *ret_minutes);

#endif
