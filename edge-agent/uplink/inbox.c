/* SPDX-License-Identifier: Apache-2.0 */
/* inbox.c -- refuses everything that the server has not signed for this post. */
#include "uplink/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "protocol/seal.h"
#include "protocol/topic.h"

static int channel_of(const struct pp_inbox *in, const char *text)
{
	struct pp_topic topic;

	if (pp_topic_parse(text, &topic) < 0 || strcmp(topic.tenant, in->tenant) != 0 ||
		strcmp(topic.post, in->post) != 0)
		return -EADDRNOTAVAIL;
	switch (topic.channel) {
	case PP_CHANNEL_RECEIPT:
	case PP_CHANNEL_BEAT:
	case PP_CHANNEL_PROGRESS:
	case PP_CHANNEL_COMMAND:
		return (int)topic.channel;
	default:
		return -EADDRNOTAVAIL;
	}
}

static int decode(const struct pp_mqtt_event *e, enum pp_channel channel,
	struct pp_inbox_message *m, char ret_why[160])
{
	switch (channel) {
	case PP_CHANNEL_RECEIPT:
		return pp_receipts_decode(
			e->payload, e->length, m->receipts, PP_RECEIPTS_MAX, &m->count, ret_why);
	case PP_CHANNEL_BEAT:
		return pp_beat_decode(e->payload, e->length, &m->beat, ret_why);
	case PP_CHANNEL_COMMAND:
		return pp_command_decode(e->payload, e->length, &m->command, ret_why);
	default:
		return 0;
	}
}

int pp_inbox_read(const struct pp_inbox *in, const struct pp_mqtt_event *e,
	struct pp_inbox_counts *counts, struct pp_inbox_message *ret_message, char ret_why[160])
{
	int channel = channel_of(in, e->topic);

	if (e->retained) {
		counts->ignored_retained++;
		return -EPERM;
	}
	if (channel < 0) {
		counts->ignored_foreign++;
		return channel;
	}
	if (!e->has_signature) {
		counts->ignored_unsigned++;
		return -ENOKEY;
	}
	if (pp_seal_check(in->keys, in->key_count, e->topic, e->payload, e->length, e->signature) <
		0) {
		counts->ignored_forged++;
		return -EKEYREJECTED;
	}
	if (decode(e, (enum pp_channel)channel, ret_message, ret_why) < 0) {
		counts->ignored_malformed++;
		return -EBADMSG;
	}
	ret_message->channel = (enum pp_channel)channel;
	counts->taken++;
	return 0;
}

int pp_inbox_keys_parse(const char *text, struct pp_inbox *in, unsigned *ret_line)
{
	uint8_t keys[PP_INBOX_KEYS_MAX][PP_PUBLIC_KEY_SIZE];
	size_t count = 0;
	unsigned line = 1;

	for (const char *p = text; *p; line++) {
		size_t length = strcspn(p, "\r\n");

		if (length && *p != '#') {
			if (count == PP_INBOX_KEYS_MAX ||
				pp_unbase64(p, length, keys[count], PP_PUBLIC_KEY_SIZE) < 0) {
				*ret_line = line;
				return -EINVAL;
			}
			count++;
		}
		p += length;
		p += *p == '\r';
		p += *p == '\n';
	}
	if (!count) {
		*ret_line = 0;
		return -EINVAL;
	}
	memcpy(in->keys, keys, sizeof(keys));
	in->key_count = count;
	return 0;
}

char *pp_inbox_keys_print(const struct pp_inbox *in, const char *mark)
{
	struct pp_buf b = { 0 };
	char *text = NULL;
	size_t length;

	pp_buf_addf(&b, "# %s\n", mark);
	for (size_t i = 0; i < in->key_count; i++) {
		char base64[64];

		pp_base64(in->keys[i], PP_PUBLIC_KEY_SIZE, base64);
		pp_buf_addf(&b, "%s\n", base64);
	}
	return pp_buf_take(&b, &text, &length) < 0 ? NULL : text;
}

bool pp_inbox_keys_set(struct pp_inbox *in, const struct pp_beat *beat)
{
	if (beat->key_count == 0 || beat->key_count > PP_INBOX_KEYS_MAX)
		return false;
	if (beat->key_count == in->key_count &&
		memcmp(in->keys, beat->keys, beat->key_count * PP_PUBLIC_KEY_SIZE) == 0)
		return false;
	memcpy(in->keys, beat->keys, beat->key_count * PP_PUBLIC_KEY_SIZE);
	in->key_count = beat->key_count;
	return true;
}
