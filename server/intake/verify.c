/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c -- from a message to an item for the ledger, or to a refusal. The way of an alarm begins
 * here. */
#include "intake/verify.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "core/text.h"
#include "protocol/seal.h"

const char *pp_refusal_word(enum pp_refusal refusal)
{
#define X(name, word) word,
	static const char *const words[] = { PP_REFUSALS(X) };
#undef X
	assert(refusal < PP_REFUSAL_COUNT);
	return words[refusal];
}

static int refuse(struct pp_intake *in, enum pp_refusal refusal, const char *why)
{
	in->refusal = refusal;
	snprintf(in->why, sizeof(in->why), "%s", why);
	return 0;
}

/* What a refused signal calls itself, as far as that can be read; then its post is told. */
static void receipt_refuse(struct pp_intake *in, const struct pp_message *m, const char *reason)
{
	struct pp_json *json;
	const char *epoch;
	uint8_t bytes[8];
	int64_t seq;

	if (in->topic.channel != PP_CHANNEL_SIGNAL ||
		pp_json_parse(m->payload, m->length, &json, NULL) < 0)
		return;
	if (pp_json_is_object(json) && pp_json_get_text(json, "epoch", 16, &epoch) == 0 &&
		pp_text_unhex(epoch, strlen(epoch), bytes, sizeof(bytes)) == 0 &&
		pp_json_get_i64(json, "seq", 1, INT64_MAX, &seq) == 0) {
		in->has_receipt = true;
		in->receipt = (struct pp_receipt){ .seq = seq, .result = PP_RECEIPT_REFUSED };
		for (size_t i = 0; i < sizeof(bytes); i++)
			in->receipt.epoch = in->receipt.epoch << 8 | bytes[i];
		snprintf(in->receipt.reason, sizeof(in->receipt.reason), "%s", reason);
	}
	pp_json_free(json);
}

/* 0; -EKEYREJECTED; -ENOMEM: nobody knows. */
static int signature_check(
	const struct pp_message *m, const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE], size_t count)
{
	return pp_seal_check(keys, count, m->topic, m->payload, m->length, m->signature);
}

/* Whether the post has said this, and may. */
static int identity_check(
	const struct pp_directory *directory, const struct pp_message *m, struct pp_intake *in)
{
	const struct pp_directory_post *post =
		pp_directory_find(directory, in->topic.tenant, in->topic.post);
	int r;

	if (!post || post->key_count + post->revoked_count == 0)
		return refuse(in, PP_REFUSED_UNKNOWN_POST, "no such post is enrolled");
	if (in->topic.channel == PP_CHANNEL_WILL)
		return 0; /* the broker's word: never signed, and never worth more than a hint */
	if (!m->signature)
		return refuse(in, PP_REFUSED_UNSIGNED, "no signature");
	if (m->length > PP_PAYLOAD_MAX) /* nobody's signature holds for it */
		return refuse(in, PP_REFUSED_FORM, "longer than a message may be");
	r = signature_check(m, post->keys, post->key_count);
	if (r == 0) {
		if (post->active)
			return 0;
		receipt_refuse(in, m, "this post is not active");
		return refuse(in, PP_REFUSED_REVOKED, "the post is not active");
	}
	if (r == -EKEYREJECTED)
		r = signature_check(m, post->keys + post->key_count, post->revoked_count);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return refuse(in, PP_REFUSED_FORGED, "the signature is wrong");
	receipt_refuse(in, m, "the key of this post has been revoked");
	return refuse(in, PP_REFUSED_REVOKED, "the key has been revoked");
}

static int signal_read(const struct pp_message *m, struct pp_item *item, char why[160])
{
	int r = pp_signal_decode(m->payload, m->length, &item->in.signal.signal, why);

	if (r < 0)
		return r;
	item->in.signal.payload = malloc(m->length);
	if (!item->in.signal.payload)
		return -ENOMEM;
	memcpy(item->in.signal.payload, m->payload, m->length);
	memcpy(item->in.signal.sig, m->signature, PP_SIGNATURE_SIZE);
	item->in.signal.length = m->length;
	return 0;
}

static int content_read(const struct pp_message *m, struct pp_item *item, char why[160])
{
	switch (item->type) {
	case PP_ITEM_SIGNAL:
		return signal_read(m, item, why);
	case PP_ITEM_REPLY:
		return pp_reply_decode(m->payload, m->length, &item->in.reply, why);
	default:
		return pp_state_decode(m->payload, m->length, &item->in.state, why);
	}
}

static bool is_spoken(enum pp_channel channel)
{
	return channel == PP_CHANNEL_SIGNAL || channel == PP_CHANNEL_STATE ||
	       channel == PP_CHANNEL_ANSWER || channel == PP_CHANNEL_WILL;
}

static int item_read(const struct pp_message *m, struct pp_intake *in)
{
	enum pp_channel channel = in->topic.channel;
	struct pp_item *item = pp_item_new(channel == PP_CHANNEL_SIGNAL   ? PP_ITEM_SIGNAL
					   : channel == PP_CHANNEL_ANSWER ? PP_ITEM_REPLY
									  : PP_ITEM_STATE);
	char why[160] = "";
	int r;

	if (!item)
		return -ENOMEM;
	memcpy(item->tenant, in->topic.tenant, sizeof(item->tenant));
	memcpy(item->post, in->topic.post, sizeof(item->post));
	item->arrived_ms = m->arrived_ms;
	r = content_read(m, item, why);
	if (r == 0) {
		in->item = item;
		return 0;
	}
	pp_item_free(item);
	if (r == -ENOMEM)
		return r;
	receipt_refuse(in, m, why);
	return refuse(in, r == -EPROTONOSUPPORT ? PP_REFUSED_VERSION : PP_REFUSED_FORM, why);
}

int pp_intake_verify(const struct pp_directory *directory, const struct pp_message *m,
	struct pp_intake *ret_intake)
{
	struct pp_intake in = { .refusal = PP_REFUSED_NONE };
	int r = pp_topic_parse(m->topic, &in.topic);

	if (r == -EPROTONOSUPPORT)
		r = refuse(&in, PP_REFUSED_VERSION, "another major version");
	else if (r < 0 || !is_spoken(in.topic.channel))
		r = refuse(&in, PP_REFUSED_TOPIC, "not a topic that posts speak on");
	else if (m->retained)
		r = refuse(&in, PP_REFUSED_RETAINED, "retained");
	else
		r = identity_check(directory, m, &in);
	if (r == 0 && in.refusal == PP_REFUSED_NONE && in.topic.channel != PP_CHANNEL_WILL)
		r = item_read(m, &in);
	if (r < 0)
		return r;
	*ret_intake = in;
	return 0;
}

bool pp_intake_holds(const struct pp_directory *directory, const struct pp_item *item)
{
	const struct pp_directory_post *post =
		pp_directory_find(directory, item->tenant, item->post);
	char topic[PP_TOPIC_MAX];
	int r = pp_topic_format(item->tenant, item->post, PP_CHANNEL_SIGNAL, topic);

	assert(item->type == PP_ITEM_SIGNAL && r == 0); /* it came on that topic */
	(void)r;
	return post && post->active &&
	       pp_seal_check(post->keys, post->key_count, topic, item->in.signal.payload,
		       item->in.signal.length, item->in.signal.sig) == 0;
}
