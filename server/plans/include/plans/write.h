/* SPDX-License-Identifier: Apache-2.0 */
/* plans/write.h -- a book of plans as JSON: in the shape of its file, and who would be called. */
#ifndef PLANS_WRITE_H
#define PLANS_WRITE_H

#include "dispatch/plan.h"
#include "json/json.h"

enum pp_plans_form {
	PP_PLANS_WHOLE,  /* reads back as the same book */
	PP_PLANS_MASKED, /* without names and addresses of contacts: they are "***" */
	PP_PLANS_KEPT,   /* for pp_plans_read_kept: of contacts the ids only */
};
/* NULL only without memory; else see json.h. */
struct pp_json *pp_plans_json(const struct pp_plan_book *book, enum pp_plans_form form);
/* {"plan", "built_in", "minute": "sat 22:00", "calls": [{"ring", "step" from 1, "until", "after":
 * seconds, "wait", "every" (fallback), "callees": [{"agency", "contact", "name", "role", "roster",
 * "station", "webhook", "ways": [{"sms": ...}], "verified", "stale"}]}]}. masked: names and
 * addresses are "***". */
struct pp_json *pp_plans_who_json(const struct pp_plan_book *book,
	const struct pp_plan_query *query, int64_t now_ms, bool masked);

#endif
