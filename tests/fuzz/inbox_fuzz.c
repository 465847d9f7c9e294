/* SPDX-License-Identifier: Apache-2.0 */
/* inbox_fuzz.c -- whatever comes to a post with whatever properties: only what the server has
 * signed, for this post and unretained, is taken; all else is counted once and changes nothing.
 * Input: a byte of properties, a byte that damages the signature, the topic's line, the payload. */
#include "fuzz.h"

#include "protocol/seal.h"
#include "protocol/topic.h"
#include "uplink/inbox.h"

enum { RETAINED = 1, SIGNED = 2, BY_ANOTHER = 4, FOR_ANOTHER_TOPIC = 8, DAMAGED = 16 };

static struct pp_key *ours, *others;
static struct pp_inbox inbox = { .tenant = "kendal", .post = "boja-01" };

static void set_up(void)
{
	if (ours)
		return;
	MUST_HOLD(pp_key_new(&ours) == 0 && pp_key_new(&others) == 0);
	pp_key_public(ours, inbox.keys[0]);
	inbox.key_count = 1;
}

static void sign(struct pp_mqtt_event *e, unsigned properties, uint8_t damage)
{
	const struct pp_key *key = properties & BY_ANOTHER ? others : ours;
	const char *topic =
		properties & FOR_ANOTHER_TOPIC ? "pospin/v1/kendal/boja-02/beat" : e->topic;

	e->has_signature = properties & SIGNED &&
			   pp_seal(key, topic, e->payload, e->length, e->signature) == 0;
	if (properties & DAMAGED)
		e->signature[damage % PP_SIGNATURE_SIZE] ^= (uint8_t)(1 + damage / 64);
}

static bool topic_is_ours(const char *text)
{
	static const char *const channels[] = { "receipt", "beat", "progress", "command" };
	char ours_text[64];

	for (size_t i = 0; i < 4; i++) {
		snprintf(ours_text, sizeof(ours_text), "pospin/v1/kendal/boja-01/%s", channels[i]);
		if (strcmp(text, ours_text) == 0)
			return true;
	}
	return false;
}

static uint64_t all_of(const struct pp_inbox_counts *c)
{
	return c->taken + c->ignored_retained + c->ignored_foreign + c->ignored_unsigned +
	       c->ignored_forged + c->ignored_malformed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_inbox_message message;
	struct fuzz_input in = { data, size };
	unsigned properties = fuzz_byte(&in);
	uint8_t damage = fuzz_byte(&in);
	char topic[PP_TOPIC_MAX + 40], why[160] = "";
	struct pp_inbox_counts counts = { 0 };
	struct pp_mqtt_event e = { .type = PP_MQTT_MESSAGE, .retained = properties & RETAINED };
	const struct pp_inbox before = (set_up(), inbox);
	bool authentic;
	int r;

	e.topic = topic;
	(void)fuzz_text(&in, '\n', topic, sizeof(topic));
	e.length = in.left;
	e.payload = malloc(in.left);
	MUST_HOLD(e.payload || in.left == 0);
	if (in.left)
		memcpy(e.payload, in.at, in.left);
	sign(&e, properties, damage);
	authentic = !e.retained && topic_is_ours(topic) && e.has_signature &&
		    !(properties & (BY_ANOTHER | FOR_ANOTHER_TOPIC | DAMAGED));
	FUZZ_FILL(message);
	r = pp_inbox_read(&inbox, &e, &counts, &message, why);
	MUST_HOLD(all_of(&counts) == 1 && counts.taken == (r == 0));
	MUST_HOLD(r != 0 || authentic);
	MUST_HOLD(counts.ignored_malformed == 0 || authentic);
	MUST_HOLD(r == 0 || FUZZ_UNTOUCHED(message));
	MUST_HOLD(memcmp(&before, &inbox, sizeof(inbox)) == 0);
	free(e.payload);
	return 0;
}
