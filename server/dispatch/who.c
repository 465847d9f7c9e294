/* SPDX-License-Identifier: Apache-2.0 */
/* who.c -- a plan played through in its own time. */
#include "dispatch/who.h"

bool pp_plan_contact_is_stale(const struct pp_plan_contact *contact, int64_t now_ms)
{
	return now_ms - contact->verified_ms > PP_PLAN_STALE_MS;
}

struct play {
	const struct pp_plan_book *book;
	const struct pp_plan *plan;
	const struct pp_plan_query *query;
	pp_plan_who_fn *fn;
	void *user;
};

static int step_play(const struct play *play, enum pp_ring ring, size_t step, int64_t *after_ms)
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	struct pp_plan_query query = *play->query;
	struct pp_plan_call call = {
		.at = { play->plan, ring, step }, .after_ms = *after_ms, .callees = callees
	};

	query.minute = (int)((query.minute + *after_ms / 60000) % PP_WEEK_MINUTES);
	call.step = pp_plan_step_at(&call.at);
	call.minute = query.minute;
	call.count = pp_plan_call_list(play->book, &call.at, &query, callees);
	if (call.count > 0)
		*after_ms += call.step->wait_ms;
	return play->fn(play->user, &call);
}

int pp_plan_who(const struct pp_plan_book *book, const struct pp_plan *plan,
	const struct pp_plan_query *query, pp_plan_who_fn *fn, void *user)
{
	const struct play play = { book, plan, query, fn, user };
	int64_t over_ms = INT64_MAX;
	int r = 0;

	for (int ring = 0; ring < PP_RING_COUNT; ring++) {
		int64_t after_ms = 0;

		for (size_t i = 0; r == 0 && i < plan->rings[ring].step_count; i++)
			r = step_play(&play, (enum pp_ring)ring, i, &after_ms);
		if (after_ms > 0 && after_ms < over_ms)
			over_ms = after_ms;
	}
	if (over_ms == INT64_MAX)
		over_ms = 0;
	return r != 0 ? r : step_play(&play, PP_RING_FALLBACK, 0, &over_ms);
}
