/* SPDX-License-Identifier: Apache-2.0 */
/* notify/policy.h -- what becomes of a notification after a try. Pure. */
#ifndef NOTIFY_POLICY_H
#define NOTIFY_POLICY_H

#include <stddef.h>
#include <stdint.h>

#define PP_NOTIFY_FIRST_WAIT_MS 1000 /* after the first failed try; doubled each time */
#define PP_NOTIFY_LAST_WAIT_MS 300000
#define PP_NOTIFY_GIVE_UP_MS 86400000 /* no try after this age */

struct pp_notify_try {
	int error;          /* 0, or -errno: no answer */
	long status;        /* HTTP status when error is 0 */
	long retry_after_s; /* -1: not said */
	int64_t attempts;   /* tries made before this one */
	int64_t created_ms, now_ms;
	uint32_t jitter; /* any random number: waits are spread by up to a fifth */
};

enum pp_notify_state { PP_NOTIFY_QUEUED, PP_NOTIFY_SENT, PP_NOTIFY_FAILED };

struct pp_notify_verdict {
	enum pp_notify_state state;
	int64_t next_ms;  /* QUEUED: when to try again; else now */
	char detail[120]; /* English: "HTTP 503, again in 4 s" */
};

/* 2xx is sent. No answer, 5xx, 408, 425 and 429 are tried again (429 and 503 not before their
 * Retry-After, which counts for an hour at most) until the age of 24 h; everything else, redirects
 * too, has failed for good. */
void pp_notify_judge(const struct pp_notify_try *t, struct pp_notify_verdict *ret_verdict);
const char *pp_notify_state_text(enum pp_notify_state state);

#endif
