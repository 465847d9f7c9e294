/* SPDX-License-Identifier: Apache-2.0 */
/* post.h -- a desk in simulated time, with one enrolled post that speaks to it and hears its
 * answers. */
#ifndef TEST_ENGINE_POST_H
#define TEST_ENGINE_POST_H

#include "desk.h"
#include "pospin_record.h"
#include "protocol/seal.h"

struct heard {
	char topic[PP_TOPIC_MAX];
	char text[PP_PAYLOAD_MAX + 1];
	size_t length;
	uint8_t sig[PP_SIGNATURE_SIZE];
};
struct desk_fixture {
	struct pp_test_record record;
	struct pp_key *post; /* of kendal/boja-01 */
	struct pp_engine_counts counts;
	struct pp_desk *desk;
	struct pp_desk_now now;
	size_t count;
	struct heard heard[600];
};

static inline void post_hears(
	void *user, const char *topic, const void *payload, size_t length, const uint8_t *sig)
{
	struct desk_fixture *f = user;
	struct heard *h = &f->heard[f->count++];

	assert_true(f->count <= PP_COUNT(f->heard));
	snprintf(h->topic, sizeof(h->topic), "%s", topic);
	memcpy(h->text, payload, length);
	h->text[length] = '\0';
	h->length = length;
	memcpy(h->sig, sig, sizeof(h->sig));
	assert_int_equal(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])f->record.public_key,
				 1, topic, payload, length, sig),
		0);
}

static inline void desk_open(struct desk_fixture *f)
{
	const struct pp_desk_options options = { f->record.ledger, f->record.key, post_hears, f,
		&f->counts, 1, NULL };

	f->desk = pp_desk_free(f->desk);
	assert_int_equal(pp_desk_new(&options, f->now, &f->desk), 0);
}

static inline struct pp_key *post_enrol(struct desk_fixture *f, const char *post)
{
	struct pp_enrolment e = { .tenant = "kendal", .post = post, .actor = "ctl:test" };
	struct pp_ledger_options options = { .record_path = f->record.record_path };
	struct pp_ledger *other;
	struct pp_key *key;

	/* By another process, as pospinctl does it. */
	assert_int_equal(pp_key_new(&key), 0);
	pp_key_public(key, e.key);
	assert_int_equal(pp_ledger_open(&options, &other), 0);
	assert_int_equal(pp_ledger_enrol(other, &e, PP_TEST_NOW), 0);
	pp_ledger_close(other);
	return key;
}

static inline int desk_set_up(void **state)
{
	struct desk_fixture *f = calloc(1, sizeof(*f));

	pp_test_record_init(&f->record);
	f->now = (struct pp_desk_now){ PP_TEST_NOW, 1000000, 1000000 };
	f->post = post_enrol(f, "boja-01");
	desk_open(f);
	*state = f;
	return 0;
}

static inline int desk_tear_down(void **state)
{
	struct desk_fixture *f = *state;

	pp_desk_free(f->desk);
	pp_key_free(f->post);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

/* Sends a text on a channel, signed by key (NULL: unsigned), as the post of that name. */
struct sent {
	const char *post;
	enum pp_channel channel;
	const struct pp_key *key;
	const char *text;
	size_t length;
	bool retained;
};
static inline void post_sends(struct desk_fixture *f, const struct sent *s)
{
	struct pp_message m = { .payload = s->text,
		.length = s->length,
		.retained = s->retained,
		.arrived_us = (uint64_t)f->now.mono_ms * 1000,
		.arrived_ms = f->now.wall_ms };
	char topic[PP_TOPIC_MAX];
	uint8_t sig[PP_SIGNATURE_SIZE];

	assert_int_equal(pp_topic_format("kendal", s->post, s->channel, topic), 0);
	m.topic = topic;
	if (s->key) {
		assert_int_equal(pp_seal(s->key, topic, s->text, s->length, sig), 0);
		m.signature = sig;
	}
	assert_int_equal(pp_desk_message(f->desk, &m, f->now), 0);
}

static inline void post_presses(struct desk_fixture *f, const struct pp_signal *signal)
{
	struct sent s = { "boja-01", PP_CHANNEL_SIGNAL, f->post, NULL, 0, false };
	char *text;

	assert_int_equal(pp_signal_encode(signal, &text, &s.length), 0);
	s.text = text;
	post_sends(f, &s);
	free(text);
}

static inline void post_lives(struct desk_fixture *f, int64_t boot, int64_t mono_ms)
{
	const struct pp_state state = { .epoch = 0x9f3c2a77d01b44e2,
		.boot = boot,
		.mono_ms = mono_ms,
		.n = mono_ms,
		.config = "0011223344556677",
		.version = "0.1.0" };
	struct sent s = { "boja-01", PP_CHANNEL_STATE, f->post, NULL, 0, false };
	char *text;

	assert_int_equal(pp_state_encode(&state, &text, &s.length), 0);
	s.text = text;
	post_sends(f, &s);
	free(text);
}

static inline int desk_turn(struct desk_fixture *f)
{
	int r = pp_desk_commit(f->desk, f->now);

	if (r >= 0)
		pp_desk_clear(f->desk);
	return r;
}

/* How many of the answers went to that channel of boja-01. */
static inline size_t heard_on(const struct desk_fixture *f, const char *channel)
{
	size_t count = 0;
	char topic[PP_TOPIC_MAX];

	snprintf(topic, sizeof(topic), "pospin/v1/kendal/boja-01/%s", channel);
	for (size_t i = 0; i < f->count; i++)
		count += strcmp(f->heard[i].topic, topic) == 0;
	return count;
}

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)

#endif
