/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c -- retries, waits and the end of trying. */
#include "notify/policy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define RETRY_AFTER_MAX_S 3600

static bool is_permanent(const struct pp_notify_try *t)
{
	static const long again[] = { 408, 425, 429 };

	if (t->error < 0)
		return t->error == -EACCES || t->error == -EINVAL; /* a forbidden target, no URL */
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		if (t->status == again[i])
			return false;
	}
	return t->status < 500;
}

static int64_t wait_ms(const struct pp_notify_try *t)
{
	int64_t wait = PP_NOTIFY_FIRST_WAIT_MS;

	for (int64_t i = 0; i < t->attempts && wait < PP_NOTIFY_LAST_WAIT_MS; i++)
		wait *= 2;
	if (wait > PP_NOTIFY_LAST_WAIT_MS)
		wait = PP_NOTIFY_LAST_WAIT_MS;
	wait -= wait / 5 * (int64_t)(t->jitter % 1000) / 1000;
	if (t->error == 0 && (t->status == 429 || t->status == 503) && t->retry_after_s > 0) {
		long asked =
			t->retry_after_s < RETRY_AFTER_MAX_S ? t->retry_after_s : RETRY_AFTER_MAX_S;

		if (asked * 1000 > wait)
			wait = asked * 1000;
	}
	return wait;
}

static void what_happened(const struct pp_notify_try *t, char *ret_text, size_t size)
{
	if (t->error == -EACCES)
		snprintf(ret_text, size, "the target's address is private: webhook.allow_private");
	else if (t->error < 0)
		snprintf(ret_text, size, "no answer: %s", strerrordesc_np(-t->error));
	else if (t->status >= 300 && t->status < 400)
		snprintf(ret_text, size, "HTTP %ld: redirects are not followed", t->status);
	else
		snprintf(ret_text, size, "HTTP %ld", t->status);
}

void pp_notify_judge(const struct pp_notify_try *t, struct pp_notify_verdict *ret_verdict)
{
	struct pp_notify_verdict v = { .state = PP_NOTIFY_FAILED, .next_ms = t->now_ms };
	char what[80];
	int64_t wait;

	what_happened(t, what, sizeof(what));
	if (t->error == 0 && t->status >= 200 && t->status < 300) {
		v.state = PP_NOTIFY_SENT;
		snprintf(v.detail, sizeof(v.detail), "%s", what);
	} else if (is_permanent(t)) {
		snprintf(v.detail, sizeof(v.detail), "%s", what);
	} else {
		wait = wait_ms(t);
		if (t->now_ms + wait - t->created_ms >= PP_NOTIFY_GIVE_UP_MS) {
			snprintf(v.detail, sizeof(v.detail), "%s, given up after 24 h", what);
		} else {
			v.state = PP_NOTIFY_QUEUED;
			v.next_ms = t->now_ms + wait;
			snprintf(v.detail, sizeof(v.detail), "%s, again in %lld s", what,
				(long long)((wait + 999) / 1000));
		}
	}
	*ret_verdict = v;
}

const char *pp_notify_state_text(enum pp_notify_state state)
{
	static const char *const texts[] = { "queued", "sent", "failed" };

	return texts[state];
}
