/* SPDX-License-Identifier: Apache-2.0 */
/* notify/policy.h -- what becomes of a notification after a try. Pure. */
#ifndef NOTIFY_POLICY_H
#define NOTIFY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel/channel.h"

#define PP_NOTIFY_FIRST_WAIT_MS 1000 /* after the first failed try; doubled each time ... */
#define PP_NOTIFY_LAST_WAIT_MS 300000
#define PP_NOTIFY_PERSON_WAIT_MS 60000 /* ... but no longer than this where a person waits */
#define PP_NOTIFY_GIVE_UP_MS 86400000  /* no try after this age */
#define PP_NOTIFY_NEXT_WAY_MS 30000    /* the same where the person can be reached another way */
#define PP_NOTIFY_SOON_MS 60000        /* the same where it has no meaning later: a siren's */
#define PP_NOTIFY_TRIES_LEAST 8 /* before a day counts as over: the clock may have been set right */

struct pp_notify_try {
	const struct pp_channel_outcome *outcome;
	int64_t attempts; /* tries made before this one */
	int64_t created_ms, now_ms;
	bool person;     /* a contact, no webhook of the site file */
	bool has_next;   /* the contact has another way */
	bool soon;       /* a siren: not an hour later */
	uint32_t jitter; /* any random number: waits are spread by up to a fifth */
};

enum pp_notify_state {
	PP_NOTIFY_QUEUED,
	PP_NOTIFY_SENT,
	PP_NOTIFY_DELIVERED,
	PP_NOTIFY_FAILED,
};

struct pp_notify_verdict {
	enum pp_notify_state state;
	int64_t wait_ms;  /* QUEUED: until the next try; else 0 */
	char detail[160]; /* English: "HTTP 503, again in 4 s" */
};

/* What was taken is sent. What may go better another time is tried again, not before the provider
 * asks for it (an hour at most), until it is given up; what was refused has failed for good. Ages
 * are by the wall clock, and where that was set back by what the tries have waited at least. */
void pp_notify_judge(const struct pp_notify_try *t, struct pp_notify_verdict *ret_verdict);
const char *pp_notify_state_text(enum pp_notify_state state);

#endif
