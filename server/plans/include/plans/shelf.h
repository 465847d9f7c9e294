/* SPDX-License-Identifier: Apache-2.0 */
/* plans/shelf.h -- the books of the newest revisions, kept until the record's plans or registry
 * change: an alarm must not wait for a plan to be read. One thread's. */
#ifndef PLANS_SHELF_H
#define PLANS_SHELF_H

#include "db/db.h"
#include "dispatch/plan.h"

#define PP_SHELF_MAX 8 /* tenants; of more, the one that was taken longest ago goes */

struct pp_plan_shelf;
int pp_shelf_new(struct pp_plan_shelf **ret_shelf);
struct pp_plan_shelf *pp_shelf_free(struct pp_plan_shelf *shelf); /* NULL is fine */
/* The tenant's book, NULL where it has none, or one that cannot be read: no alarm is lost for that,
 * the built-in plan calls. Borrowed until the next call; read only. */
int pp_shelf_take(struct pp_plan_shelf *shelf, struct pp_db *db, const char *tenant,
	const struct pp_plan_book **ret_book);
/* Forgets all: after a transaction that was rolled back. */
void pp_shelf_clear(struct pp_plan_shelf *shelf);

#endif
