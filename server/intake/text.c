/* SPDX-License-Identifier: Apache-2.0 */
/* text.c -- from the letters of a text message to a topic, a payload and a signature. */
#include "intake/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/seal.h"
#include "protocol/topic.h"

static int topic_of(const struct pp_directory_post *post, char ret_topic[PP_TOPIC_MAX])
{
	return pp_topic_format(post->tenant, post->post, PP_CHANNEL_SIGNAL, ret_topic);
}

static int signature_check(
	const struct pp_directory_post *post, const char *topic, const struct pp_compact *c)
{
	return pp_seal_check(post->keys, post->key_count + post->revoked_count, topic, c->payload,
		c->length, c->signature);
}

/* Hints are short: of several posts with the same, the one that has signed it. */
static int post_find(const struct pp_directory *d, struct pp_text_message *m)
{
	const struct pp_directory_post *post = pp_directory_hint(d, m->compact.hint, NULL);
	int found = -ENOENT;

	for (; post; post = pp_directory_hint(d, m->compact.hint, post)) {
		char topic[PP_TOPIC_MAX];
		int r;

		if (topic_of(post, topic) < 0)
			continue;
		r = signature_check(post, topic, &m->compact);
		if (r == 0 || found < 0)
			memcpy(m->topic, topic, sizeof(m->topic));
		if (r == 0 || r == -ENOMEM)
			return r;
		found = 0;
	}
	return found;
}

int pp_intake_text(
	const struct pp_directory *directory, const char *text, struct pp_text_message *ret_message)
{
	struct pp_text_message m = { .topic = "" };
	int r = pp_compact_read(text, strlen(text), &m.compact);

	if (r < 0)
		return r;
	r = post_find(directory, &m);
	if (r < 0) {
		pp_text_message_done(&m);
		return r;
	}
	*ret_message = m;
	return 0;
}

void pp_text_message_done(struct pp_text_message *m)
{
	free(m->compact.payload);
	m->compact.payload = NULL;
}

bool pp_text_number(const char *from, char ret_number[PP_TEXT_NUMBER_SIZE])
{
	size_t count = 1;

	ret_number[0] = '\0';
	from += strspn(from, " ");
	from += *from == '+';
	if (*from < '1' || *from > '9')
		return false;
	for (; *from; from++) {
		if (*from == ' ' || *from == '-')
			continue;
		if (*from < '0' || *from > '9' || count == PP_TEXT_NUMBER_SIZE - 1) {
			count = 0;
			break;
		}
		ret_number[count++] = *from;
	}
	if (count < 9)
		count = 0;
	ret_number[0] = count ? '+' : '\0';
	ret_number[count] = '\0';
	return count > 0;
}
