/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/who.h -- "who would be called?": a plan played through to its fallback with nobody ever
 * answering, and without calling anyone. Pure. */
#ifndef DISPATCH_WHO_H
#define DISPATCH_WHO_H

#include "dispatch/plan.h"

/* A contact that no test ring and no file has confirmed for so long is stale: it is called all the
 * same, and shown. */
#define PP_PLAN_STALE_MS (INT64_C(90) * 86400000)
bool pp_plan_contact_is_stale(const struct pp_plan_contact *contact, int64_t now_ms);

/* One step as it would fire. */
struct pp_plan_call {
	struct pp_plan_place at;
	const struct pp_plan_step *step;
	int64_t after_ms; /* since the opening */
	int minute;       /* of the local week, at which its rosters were looked up */
	size_t count;     /* 0: nobody then, and the next step fires at once */
	const struct pp_plan_callee *callees;
};
/* fn returns 0 to go on, else what pp_plan_who shall return. What it gets is valid during the call.
 * Rings in their order, steps by time, then the fallback, which fires when the first ring that has
 * called anybody is over, and again every step->wait_ms. */
typedef int pp_plan_who_fn(void *user, const struct pp_plan_call *call);
int pp_plan_who(const struct pp_plan_book *book, const struct pp_plan *plan,
	const struct pp_plan_query *query, pp_plan_who_fn *fn, void *user);

#endif
