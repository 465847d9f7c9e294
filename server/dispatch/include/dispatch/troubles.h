/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/troubles.h -- which troubles are told to whom, when they are held for the morning, and
 * how many messages one recipient is sent: what is more becomes one. Pure. */
#ifndef DISPATCH_TROUBLES_H
#define DISPATCH_TROUBLES_H

#include "dispatch/plan.h"

/* The rule of a kind of trouble: the first that fits. NULL: nobody is told. book may be NULL. */
const struct pp_plan_trouble *pp_trouble_rule(const struct pp_plan_book *book, const char *kind);
/* Whom it calls at that minute of the week, nobody twice. Returns how many. */
size_t pp_trouble_call_list(const struct pp_plan_book *book, const struct pp_plan_trouble *rule,
	int minute, const struct pp_plan_contact *ret_contacts[PP_PLAN_CALLEES_MAX]);
/* When the rule's quiet hours are over: at_ms itself where it is none of them. zone_minutes: east
 * of UTC. */
int64_t pp_trouble_quiet_end(const struct pp_plan_trouble *rule, int64_t at_ms, int zone_minutes);

/* The book's, or the usual one; book may be NULL. */
struct pp_plan_limit pp_pace_limit(const struct pp_plan_book *book, enum pp_limit_kind kind);
/* When the recipient may be sent one more. nth_ms: when the limit.most-th message before it was
 * sent, counted backwards; negative: there were not so many. */
int64_t pp_pace_next(const struct pp_plan_limit *limit, int64_t nth_ms, int64_t now_ms);

/* What is wrong with the rule at that index of the book, English; NULL: it will do. *steps is what
 * looking may cost; below 0 it was not looked at to the end. */
const char *pp_trouble_check(
	const struct pp_plan_book *book, size_t index, int64_t *steps, char ret_text[160]);

#endif
