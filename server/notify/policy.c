/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c -- retries, waits and the end of trying. */
#include "notify/policy.h"

#include <stdio.h>

#define RETRY_AFTER_MAX_S 3600

static int64_t wait_ms(const struct pp_notify_try *t)
{
	const int64_t most = t->person ? PP_NOTIFY_PERSON_WAIT_MS : PP_NOTIFY_LAST_WAIT_MS;
	const long asked = t->outcome->retry_after_s;
	int64_t wait = PP_NOTIFY_FIRST_WAIT_MS, asked_ms;

	for (int64_t i = 0; i < t->attempts && wait < most; i++)
		wait *= 2;
	if (wait > most)
		wait = most;
	wait -= wait / 5 * (int64_t)(t->jitter % 1000) / 1000;
	asked_ms = 1000 * (int64_t)(asked < RETRY_AFTER_MAX_S ? asked : RETRY_AFTER_MAX_S);
	return asked_ms > wait ? asked_ms : wait;
}

static void again_judge(const struct pp_notify_try *t, struct pp_notify_verdict *v)
{
	const int64_t most = t->has_next ? PP_NOTIFY_NEXT_WAY_MS : PP_NOTIFY_GIVE_UP_MS;
	const int64_t wait = wait_ms(t);

	if (t->now_ms + wait - t->created_ms >= most) {
		v->state = PP_NOTIFY_FAILED;
		snprintf(v->detail, sizeof(v->detail), "%s, given up after %s", t->outcome->detail,
			t->has_next ? "30 s" : "24 h");
		return;
	}
	v->state = PP_NOTIFY_QUEUED;
	v->next_ms = t->now_ms + wait;
	snprintf(v->detail, sizeof(v->detail), "%s, again in %lld s", t->outcome->detail,
		(long long)((wait + 999) / 1000));
}

void pp_notify_judge(const struct pp_notify_try *t, struct pp_notify_verdict *ret_verdict)
{
	static const enum pp_notify_state states[] = {
		[PP_CHANNEL_TAKEN] = PP_NOTIFY_SENT,
		[PP_CHANNEL_DELIVERED] = PP_NOTIFY_DELIVERED,
		[PP_CHANNEL_AGAIN] = PP_NOTIFY_QUEUED,
		[PP_CHANNEL_REFUSED] = PP_NOTIFY_FAILED,
	};
	struct pp_notify_verdict v = { .state = states[t->outcome->word], .next_ms = t->now_ms };

	snprintf(v.detail, sizeof(v.detail), "%s", t->outcome->detail);
	if (v.state == PP_NOTIFY_QUEUED)
		again_judge(t, &v);
	*ret_verdict = v;
}

const char *pp_notify_state_text(enum pp_notify_state state)
{
	static const char *const texts[] = { "queued", "sent", "delivered", "failed" };

	return texts[state];
}
