/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/plans.h -- plans into the record: a book becomes the tenant's newest revision, and its
 * contacts those of today, in one durable transaction with one event. */
#ifndef LEDGER_PLANS_H
#define LEDGER_PLANS_H

#include "dispatch/plan.h"
#include "ledger/ledger.h"

struct pp_plan_change {
	int64_t rev;                    /* the newest now */
	bool changed;                   /* false: the record said all of this already */
	size_t added, altered, removed; /* contacts */
};
/* The book has been checked by plans/plans.h against the registry of registry_rev (-1: it has not
 * to be that one). A contact whose ways stay as they were keeps the later day of its verification;
 * one that the book does not name is erased. -ENOENT: there is no such tenant; -ESTALE: the
 * registry has changed since; else the record failed. */
struct pp_plan_order {
	const struct pp_plan_book *book;
	const char *actor;
	int64_t registry_rev;
};
int pp_ledger_plan_put(struct pp_ledger *l, const struct pp_plan_order *order, int64_t now_ms,
	struct pp_plan_change *ret_change);
/* A test ring, or whoever knows, has confirmed that the contact's ways are right. 1; 0: there is no
 * such contact. For the ledger's transaction. */
int pp_contact_verified(
	struct pp_ledger *l, const char *tenant, const char *contact, const char *actor);
/* Whoever has the way has said no: it counts as never verified. 1, 0 as above. */
int pp_contact_denied(
	struct pp_ledger *l, const char *tenant, const char *contact, const char *actor);

#endif
