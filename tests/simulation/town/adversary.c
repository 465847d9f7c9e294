/* SPDX-License-Identifier: Apache-2.0 */
/* adversary.c -- messages that must not be believed, made of those that may be. */
#include "adversary.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "protocol/seal.h"
#include "protocol/signal.h"
#include "protocol/state.h"
#include "protocol/topic.h"

#define KEYS_MAX 8
#define POSTS_MAX 8
#define KEPT_MAX 64
#define ECHOES 12
#define ECHO_EVERY_US (20 * WORLD_S)

struct forged {
	const struct message *message;
	const char *why;
};

/* The one adversary of the one world in this process. */
static struct {
	const struct pp_key *keys[KEYS_MAX];
	size_t key_count;
	char posts[POSTS_MAX][PP_POST_MAX + 1], tenant[PP_TENANT_MAX + 1];
	size_t post_count;
	const struct message *kept[KEPT_MAX];
	size_t kept_count;
} adversary;

void adversary_key(const struct pp_key *key)
{
	assert(adversary.key_count < KEYS_MAX);
	adversary.keys[adversary.key_count++] = key;
}

void adversary_post(const char *tenant, const char *post)
{
	assert(adversary.post_count < POSTS_MAX);
	snprintf(adversary.tenant, sizeof(adversary.tenant), "%s", tenant);
	snprintf(adversary.posts[adversary.post_count++], PP_POST_MAX + 1, "%s", post);
}

/* ---- the history ---- */

static bool is_of_server(enum pp_channel channel)
{
	return channel == PP_CHANNEL_RECEIPT || channel == PP_CHANNEL_BEAT ||
	       channel == PP_CHANNEL_PROGRESS || channel == PP_CHANNEL_COMMAND;
}

/* The triple that it speaks of, as members of a line; "" where it names none. */
static void triple_write(const struct pp_topic *topic, const struct message *m, char ret[256])
{
	static struct pp_receipt receipts[PP_RECEIPTS_MAX];
	struct pp_signal signal;
	char why[160];
	size_t count = 0;

	ret[0] = '\0';
	if (topic->channel == PP_CHANNEL_SIGNAL &&
		pp_signal_decode(m->payload, m->length, &signal, why) == 0)
		snprintf(ret, 256,
			",\"epoch\":\"%016" PRIx64 "\",\"seq\":%" PRId64
			",\"point\":\"%s\",\"mono\":%" PRId64,
			signal.epoch, signal.seq, signal.point, signal.mono_ms);
	if (topic->channel == PP_CHANNEL_RECEIPT &&
		pp_receipts_decode(m->payload, m->length, receipts, PP_RECEIPTS_MAX, &count, why) ==
			0 &&
		count > 0)
		snprintf(ret, 256, ",\"epoch\":\"%016" PRIx64 "\",\"seq\":%" PRId64,
			receipts[0].epoch, receipts[0].seq);
}

static void forged_route(void *user)
{
	const struct forged *f = user;
	struct pp_topic topic;
	char triple[256];

	if (broker_route(f->message) == 0 || pp_topic_parse(f->message->topic, &topic) < 0)
		return;
	triple_write(&topic, f->message, triple);
	world_history("forge", "\"what\":\"%s\",\"why\":\"%s\",\"to\":\"%s\",\"post\":\"%s\"%s",
		pp_channel_text(topic.channel), f->why,
		is_of_server(topic.channel) ? topic.post : "server", topic.post, triple);
}

static void send_later(const struct message *m, const char *why, uint64_t delay_us)
{
	struct forged *f = calloc(1, sizeof(*f));

	assert(f);
	*f = (struct forged){ m, why };
	world_after(delay_us, forged_route, f);
}

/* ---- forging ---- */

static const struct pp_key *key_of_nobody(void)
{
	return adversary.keys[world_pick(WORLD_CHOICE_forge, (uint32_t)adversary.key_count)];
}

static struct message *sealed(
	const char *topic, const char *text, size_t length, const struct pp_key *key)
{
	uint8_t signature[PP_SIGNATURE_SIZE];
	int r = pp_seal(key, topic, text, length, signature);

	assert(r == 0);
	return message_new(topic, text, length, signature, false);
}

/* The last digit of the last number is another one. */
static struct message *altered(const struct message *m)
{
	struct message *other;
	char *bytes = malloc(m->length + 1);

	assert(bytes);
	memcpy(bytes, m->payload, m->length);
	for (size_t i = m->length; i-- > 0;) {
		if (!isdigit((unsigned char)bytes[i]))
			continue;
		bytes[i] = bytes[i] == '9' ? '1' : (char)(bytes[i] + 1);
		break;
	}
	other = message_new(m->topic, bytes, m->length, m->is_signed ? m->signature : NULL, false);
	free(bytes);
	return other;
}

static void on_other_topic(const struct message *m, const struct pp_topic *topic)
{
	char text[PP_TOPIC_MAX];
	uint32_t i = world_pick(WORLD_CHOICE_forge, (uint32_t)adversary.post_count);

	if (strcmp(adversary.posts[i], topic->post) == 0 ||
		pp_topic_format(topic->tenant, adversary.posts[i], topic->channel, text) < 0)
		return;
	send_later(
		message_new(text, m->payload, m->length, m->is_signed ? m->signature : NULL, false),
		"other-topic", net_latency_us());
}

static void send_untrue(const char *topic, const char *payload, size_t length)
{
	if (world_pick(WORLD_CHOICE_forge, 2) == 0)
		send_later(message_new(topic, payload, length, NULL, false), "unsigned", 0);
	else
		send_later(sealed(topic, payload, length, key_of_nobody()), "wrong-key", 0);
}

/* What the post waits for, before the server can have said it. */
static void receipt_for(const struct message *m, const struct pp_topic *topic)
{
	struct pp_receipt receipt = { .result = PP_RECEIPT_RECORDED };
	struct pp_signal signal;
	char text[PP_TOPIC_MAX], why[160], *payload;
	size_t length;

	if (pp_signal_decode(m->payload, m->length, &signal, why) < 0 ||
		pp_topic_format(topic->tenant, topic->post, PP_CHANNEL_RECEIPT, text) < 0)
		return;
	receipt.epoch = signal.epoch;
	receipt.seq = signal.seq;
	if (pp_receipts_encode(&receipt, 1, &payload, &length) < 0)
		return;
	send_untrue(text, payload, length);
	free(payload);
}

/* Everything is recorded, and help is there. */
static void beat_for(const struct message *m, const struct pp_topic *topic)
{
	static struct pp_state state; /* too large for a small stack */
	static struct pp_beat beat;
	char text[PP_TOPIC_MAX], why[160], *payload;
	size_t length;

	if (pp_state_decode(m->payload, m->length, &state, why) < 0 ||
		pp_topic_format(topic->tenant, topic->post, PP_CHANNEL_BEAT, text) < 0)
		return;
	beat = (struct pp_beat){ .epoch = state.epoch,
		.boot = state.boot,
		.mono_ms = state.mono_ms,
		.n = state.n,
		.high = state.oldest + world_pick(WORLD_CHOICE_forge, 3) };
	beat.count = state.oldest > 0;
	beat.open[0] = (struct pp_open_press){
		.seq = state.oldest, .incident = "KDL-25-999999", .step = PP_STEP_ON_SCENE, .rev = 9
	};
	if (pp_beat_encode(&beat, &payload, &length) < 0)
		return;
	send_untrue(text, payload, length);
	free(payload);
}

static void answer_for(const struct message *m, const struct pp_topic *topic)
{
	if (topic->channel == PP_CHANNEL_SIGNAL)
		receipt_for(m, topic);
	else if (topic->channel == PP_CHANNEL_STATE)
		beat_for(m, topic);
}

/* A press that nobody made: another number, another moment. */
static void invention(const struct message *m, const struct pp_topic *topic)
{
	struct pp_signal signal;
	char why[160], *payload;
	size_t length;

	if (topic->channel != PP_CHANNEL_SIGNAL ||
		pp_signal_decode(m->payload, m->length, &signal, why) < 0)
		return;
	signal.seq += 1000 + world_pick(WORLD_CHOICE_forge, 1000);
	signal.mono_ms += 400;
	signal.type = PP_SIGNAL_ALARM;
	signal.flags = 0;
	signal.cause = 0;
	if (pp_signal_encode(&signal, &payload, &length) < 0)
		return;
	switch (world_pick(WORLD_CHOICE_forge, 3)) {
	case 0:
		send_later(message_new(m->topic, payload, length, NULL, false), "unsigned", 0);
		break;
	case 1:
		send_later(message_new(m->topic, payload, length, m->signature, false), "wrong-key",
			0);
		break;
	default:
		send_later(sealed(m->topic, payload, length, adversary.keys[0]), "wrong-key", 0);
	}
	free(payload);
}

static void forge(const struct message *m, const struct pp_topic *topic)
{
	switch (world_choose(WORLD_CHOICE_forge, 10)) {
	case 1:
		send_later(message_new(m->topic, m->payload, m->length, NULL, false), "unsigned",
			net_latency_us());
		break;
	case 2:
		/* A post's own key is no proof of nobody only on its own topics. */
		send_later(sealed(m->topic, m->payload, m->length, adversary.keys[0]), "wrong-key",
			net_latency_us());
		break;
	case 3:
		on_other_topic(m, topic);
		break;
	case 4:
		send_later(altered(m), "wrong-key", net_latency_us());
		break;
	case 5:
	case 6:
	case 7:
		answer_for(m, topic);
		break;
	case 8:
	case 9:
		invention(m, topic);
		break;
	default:
		break;
	}
}

/* ---- what it sees ---- */

/* At once, soon, after a minute, after ten, after an hour. */
static uint64_t replay_delay_us(void)
{
	static const uint32_t seconds[] = { 0, 5, 61, 600, 3600 };
	size_t count = sizeof(seconds) / sizeof(seconds[0]);

	return (uint64_t)seconds[world_pick(WORLD_CHOICE_replay, (uint32_t)count)] * WORLD_S +
	       net_latency_us();
}

/* Something of before; or what has just been said, again and again, as if its sender lived on. */
static void replay(const struct message *m)
{
	size_t known = adversary.kept_count < KEPT_MAX ? adversary.kept_count : KEPT_MAX;
	uint32_t how = world_choose(WORLD_CHOICE_replay, 3);

	if (how == 1) {
		m = adversary.kept[world_pick(WORLD_CHOICE_replay, (uint32_t)known)];
		send_later(m, "replay", replay_delay_us());
	}
	for (uint64_t i = 1; how == 2 && i <= ECHOES; i++)
		send_later(m, "replay", i * ECHO_EVERY_US);
}

void adversary_sees(const struct message *m)
{
	struct pp_topic topic;

	if (pp_topic_parse(m->topic, &topic) < 0 || adversary.key_count == 0)
		return;
	adversary.kept[adversary.kept_count++ % KEPT_MAX] = m;
	replay(m);
	forge(m, &topic);
}

bool adversary_keeps(const struct message *m)
{
	uint32_t how = world_choose(WORLD_CHOICE_retain, 3);
	struct pp_topic topic;

	if (how == 0 || pp_topic_parse(m->topic, &topic) < 0)
		return false;
	send_later(message_new(m->topic, m->payload, m->length, m->is_signed ? m->signature : NULL,
			   true),
		"retained", net_latency_us());
	return how == 2;
}
