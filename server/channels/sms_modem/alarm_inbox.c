/* SPDX-License-Identifier: Apache-2.0 */
/* alarm_inbox.c -- asks the engine about each text once, and remembers what it said until the modem
 * may forget the text. */
#include "alarm_inbox.h"

#include <errno.h>
#include <string.h>

#include "crypto/sign.h"

/* Written, or refused for good: no post has said it, no call has the code, it is over. Anything
 * else: the record does not have it yet. */
static bool is_settled(int error)
{
	return error == 0 || error == -EINVAL || error == -ENOENT || error == -EPERM ||
	       error == -EEXIST;
}

static void on_written(void *user, const struct pp_action_result *result)
{
	struct pp_alarm_text *t = user;

	t->state = is_settled(result->error) ? ALARM_DONE : ALARM_FREE;
	if (t->state == ALARM_DONE)
		t->inbox->dealt(t->inbox->user);
}

/* The same words of another number are another message. */
static void digest_make(
	const struct pp_action *action, const char *text, uint8_t ret_digest[PP_SHA256_SIZE])
{
	uint8_t both[2 * PP_SHA256_SIZE];
	const char *number = action->name ? action->name : "";

	pp_sha256(text, strlen(text), both);
	pp_sha256(number, strlen(number), both + PP_SHA256_SIZE);
	pp_sha256(both, sizeof(both), ret_digest);
}

static struct pp_alarm_text *find(struct pp_alarm_inbox *s, const uint8_t digest[PP_SHA256_SIZE])
{
	for (size_t i = 0; i < PP_ALARMS_ASKED_MAX; i++)
		if (s->texts[i].state != ALARM_FREE &&
			memcmp(s->texts[i].digest, digest, PP_SHA256_SIZE) == 0)
			return &s->texts[i];
	return NULL;
}

/* The place of the oldest that nobody waits for; NULL: all are asked about. */
static struct pp_alarm_text *place(struct pp_alarm_inbox *s)
{
	for (size_t i = 0; i < PP_ALARMS_ASKED_MAX; i++) {
		struct pp_alarm_text *t = &s->texts[s->next];

		s->next = (s->next + 1) % PP_ALARMS_ASKED_MAX;
		if (t->state != ALARM_ASKED)
			return t;
	}
	return NULL;
}

bool pp_alarm_inbox_take(
	struct pp_alarm_inbox *s, const struct pp_action *action, const char *text)
{
	uint8_t digest[PP_SHA256_SIZE];
	struct pp_alarm_text *t;

	digest_make(action, text, digest);
	t = find(s, digest);
	if (t && t->state == ALARM_DONE) {
		/* The same words once more are another message: a post that was not answered. */
		t->state = ALARM_FREE;
		return true;
	}
	if (t)
		return false;
	t = place(s);
	if (!t)
		return false;
	memcpy(t->digest, digest, sizeof(t->digest));
	t->state = ALARM_ASKED;
	t->inbox = s;
	if (pp_engine_submit(s->engine, action, on_written, t) < 0)
		t->state = ALARM_FREE;
	return false;
}
