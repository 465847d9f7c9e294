/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c -- retries, waits and the end of trying. */
#include "notify/policy.h"

#include <stdio.h>

#define RETRY_AFTER_MAX_S 3600

/* Before the try that follows so many, without jitter. */
static int64_t pause_ms(const struct pp_notify_try *t, int64_t attempts)
{
	const int64_t most = t->person ? PP_NOTIFY_PERSON_WAIT_MS : PP_NOTIFY_LAST_WAIT_MS;
	int64_t wait = PP_NOTIFY_FIRST_WAIT_MS;

	for (int64_t i = 0; i < attempts && wait < most; i++)
		wait *= 2;
	return wait > most ? most : wait;
}

static int64_t wait_ms(const struct pp_notify_try *t)
{
	const long asked = t->outcome->retry_after_s;
	int64_t wait = pause_ms(t, t->attempts), asked_ms;

	wait -= wait / 5 * (int64_t)(t->jitter % 1000) / 1000;
	asked_ms = 1000 * (int64_t)(asked < RETRY_AFTER_MAX_S ? asked : RETRY_AFTER_MAX_S);
	return asked_ms > wait ? asked_ms : wait;
}

/* So long it has been tried at least, whatever the clock says. */
static int64_t tried_ms(const struct pp_notify_try *t)
{
	int64_t sum = 0;

	for (int64_t i = 0; i < t->attempts && sum < PP_NOTIFY_GIVE_UP_MS; i++)
		sum += pause_ms(t, i) / 5 * 4;
	return sum;
}

static const struct {
	int64_t most_ms, least_tries;
	const char *text;
} ends[] = {
	{ PP_NOTIFY_GIVE_UP_MS, PP_NOTIFY_TRIES_LEAST, "24 h" },
	{ PP_NOTIFY_NEXT_WAY_MS, 0, "30 s" },
	{ PP_NOTIFY_SOON_MS, 0, "60 s" },
};

static void again_judge(const struct pp_notify_try *t, struct pp_notify_verdict *v)
{
	const size_t end = t->has_next ? 1 : t->soon ? 2 : 0;
	const int64_t wait = wait_ms(t), tried = tried_ms(t), by_clock = t->now_ms - t->created_ms;

	if (wait + (by_clock > tried ? by_clock : tried) >= ends[end].most_ms &&
		t->attempts >= ends[end].least_tries) {
		v->state = PP_NOTIFY_FAILED;
		snprintf(v->detail, sizeof(v->detail), "%s, given up after %s", t->outcome->detail,
			ends[end].text);
		return;
	}
	v->state = PP_NOTIFY_QUEUED;
	v->wait_ms = wait;
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
	struct pp_notify_verdict v = { .state = states[t->outcome->word] };

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
