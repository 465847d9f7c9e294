/* SPDX-License-Identifier: Apache-2.0 */
/* contract.h -- what mqtt/mqtt.h says, as cases that run against the real client with a real broker
 * and against the simulated one: whoever includes this gives the rig below. */
#ifndef TOWN_CONTRACT_H
#define TOWN_CONTRACT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/mqtt.h"

/* The rig: 20 s at most, then NULL. */
static struct pp_mqtt_event *rig_next(struct pp_mqtt *m);
/* "alice" or "bob", to the rig's broker (or to nobody). */
static struct pp_mqtt_options rig_options(const char *name, bool somebody);
static void rig_broker_kill(void);
static void rig_broker_start(void);
static void rig_wait_ms(unsigned ms);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define TOPIC "all/contract"
#define BRIEF_TOPIC "all/brief"
static const char *const own_subscriptions[] = { TOPIC, NULL }, *const none[] = { NULL },
			 *const both_subscriptions[] = { BRIEF_TOPIC, TOPIC, NULL };

static struct pp_mqtt *client_new(const struct pp_mqtt_options *options)
{
	struct pp_mqtt *m = NULL;

	MUST(pp_mqtt_new(options, &m) == 0);
	return m;
}

static struct pp_mqtt *client_of(const char *name, const char *const *subscriptions)
{
	struct pp_mqtt_options o = rig_options(name, true);

	o.subscriptions = subscriptions;
	return client_new(&o);
}

/* The next event must be of that type; the caller frees it. */
static struct pp_mqtt_event *next_is(struct pp_mqtt *m, enum pp_mqtt_event_type type)
{
	struct pp_mqtt_event *e = rig_next(m);

	MUST(e && e->type == type);
	return e;
}

static void next_free(struct pp_mqtt *m, enum pp_mqtt_event_type type)
{
	pp_mqtt_event_free(next_is(m, type));
}

static void connected(struct pp_mqtt *m)
{
	MUST(pp_mqtt_connect(m) == 0);
	next_free(m, PP_MQTT_CONNECTED);
}

static void nothing_waits(struct pp_mqtt *m)
{
	struct pp_mqtt_event *e;

	rig_wait_ms(50);
	MUST(pp_mqtt_next(m, &e) == 0);
}

static void after_connected_comes_lost_once(void)
{
	struct pp_mqtt *m = client_of("alice", none);
	struct pp_mqtt_event *e;

	MUST(pp_mqtt_drop(m) == -ENOTCONN);
	connected(m);
	MUST(pp_mqtt_connect(m) == -EALREADY);
	MUST(pp_mqtt_drop(m) == 0);
	e = next_is(m, PP_MQTT_LOST);
	MUST(e->reason == -ECONNABORTED && strcmp(e->why, "dropped") == 0);
	pp_mqtt_event_free(e);
	MUST(pp_mqtt_drop(m) == -ENOTCONN);
	nothing_waits(m);
	connected(m);
	pp_mqtt_free(m);
}

static void a_try_that_is_dropped_is_lost_at_once(void)
{
	struct pp_mqtt *m = client_of("alice", none);

	MUST(pp_mqtt_connect(m) == 0);
	MUST(pp_mqtt_drop(m) == 0);
	next_free(m, PP_MQTT_LOST);
	nothing_waits(m);
	pp_mqtt_free(m);
}

static void nobody_there_is_lost_and_never_connected(void)
{
	struct pp_mqtt_options o = rig_options("alice", false);
	struct pp_mqtt_event *e;
	struct pp_mqtt *m;

	o.subscriptions = none;
	m = client_new(&o);
	MUST(pp_mqtt_connect(m) == 0);
	e = next_is(m, PP_MQTT_LOST);
	MUST(e->reason < 0 && e->why[0]);
	pp_mqtt_event_free(e);
	pp_mqtt_free(m);
}

static void publishing_without_a_connection_is_answered_so(void)
{
	struct pp_mqtt_event *e;
	struct pp_mqtt *m = client_of("alice", none);

	MUST(pp_mqtt_publish(m, TOPIC, "x", 1, NULL, 7) == 0);
	e = next_is(m, PP_MQTT_PUBLISHED);
	MUST(e->token == 7 && e->reason == -ENOTCONN);
	pp_mqtt_event_free(e);
	nothing_waits(m);
	pp_mqtt_free(m);
}

static void a_message_comes_as_it_was_published_and_is_answered_once(void)
{
	uint8_t signature[PP_SIGNATURE_SIZE];
	struct pp_mqtt_event *e;
	bool message = false, published = false;
	struct pp_mqtt *m;

	memset(signature, 0x5a, sizeof(signature));
	m = client_of("alice", own_subscriptions);
	connected(m);
	MUST(pp_mqtt_publish(m, TOPIC, "hello", 5, signature, 9) == 0);
	for (int i = 0; i < 2; i++) {
		e = rig_next(m);
		MUST(e);
		if (e->type == PP_MQTT_PUBLISHED) {
			MUST(!published && e->token == 9 && e->reason >= 0 && e->reason < 0x80);
			published = true;
		} else {
			MUST(!message && e->type == PP_MQTT_MESSAGE);
			MUST(strcmp(e->topic, TOPIC) == 0 && e->length == 5);
			MUST(memcmp(e->payload, "hello", 5) == 0 && !e->retained);
			MUST(e->has_signature &&
				memcmp(e->signature, signature, sizeof(signature)) == 0);
			message = true;
		}
		pp_mqtt_event_free(e);
	}
	nothing_waits(m);
	pp_mqtt_free(m);
}

static void a_message_without_signature_has_none(void)
{
	struct pp_mqtt_event *e;
	struct pp_mqtt *m = client_of("alice", own_subscriptions);
	int messages = 0;

	connected(m);
	MUST(pp_mqtt_publish(m, TOPIC, "", 0, NULL, 1) == 0);
	for (int i = 0; i < 2; i++) {
		e = rig_next(m);
		MUST(e);
		if (e->type == PP_MQTT_MESSAGE) {
			MUST(!e->has_signature && e->length == 0);
			messages++;
		}
		pp_mqtt_event_free(e);
	}
	MUST(messages == 1);
	pp_mqtt_free(m);
}

/* Whatever became of them: each is answered, and then the end is told. */
static void every_publish_is_answered_before_the_loss_is_told(void)
{
	bool answered[60] = { false };
	struct pp_mqtt_event *e;
	struct pp_mqtt *m = client_of("alice", none);

	connected(m);
	for (uint64_t i = 0; i < 60; i++)
		MUST(pp_mqtt_publish(m, TOPIC, "x", 1, NULL, i) == 0);
	MUST(pp_mqtt_drop(m) == 0);
	for (;;) {
		e = rig_next(m);
		MUST(e);
		if (e->type == PP_MQTT_LOST)
			break;
		MUST(e->type == PP_MQTT_PUBLISHED && e->token < 60 && !answered[e->token]);
		MUST(e->reason == -ECONNRESET || (e->reason >= 0 && e->reason < 0x80));
		answered[e->token] = true;
		pp_mqtt_event_free(e);
	}
	pp_mqtt_event_free(e);
	for (int i = 0; i < 60; i++)
		MUST(answered[i]);
	nothing_waits(m);
	pp_mqtt_free(m);
}

static void a_broker_that_ends_is_told_and_found_again(void)
{
	struct pp_mqtt_event *e;
	struct pp_mqtt *m = client_of("alice", none);

	connected(m);
	rig_broker_kill();
	e = next_is(m, PP_MQTT_LOST);
	MUST(e->reason < 0 && e->why[0]);
	pp_mqtt_event_free(e);
	MUST(pp_mqtt_connect(m) == 0);
	next_free(m, PP_MQTT_LOST);
	rig_broker_start();
	connected(m);
	pp_mqtt_free(m);
}

static void what_comes_while_a_kept_session_is_away_comes_later(void)
{
	struct pp_mqtt_options o = rig_options("alice", true);
	struct pp_mqtt *m, *b;
	struct pp_mqtt_event *e;
	bool message = false, up = false;

	o.subscriptions = own_subscriptions;
	o.session_expiry_s = 3600;
	m = client_new(&o);
	b = client_of("bob", none);
	connected(m);
	connected(b);
	MUST(pp_mqtt_drop(m) == 0);
	next_free(m, PP_MQTT_LOST);
	rig_wait_ms(300); /* the broker has to hear of it */
	MUST(pp_mqtt_publish(b, TOPIC, "kept", 4, NULL, 1) == 0);
	next_free(b, PP_MQTT_PUBLISHED);
	MUST(pp_mqtt_connect(m) == 0);
	while (!message || !up) { /* it may come before CONNECTED */
		e = rig_next(m);
		MUST(e && (e->type == PP_MQTT_MESSAGE || e->type == PP_MQTT_CONNECTED));
		message |= e->type == PP_MQTT_MESSAGE;
		up |= e->type == PP_MQTT_CONNECTED;
		pp_mqtt_event_free(e);
	}
	pp_mqtt_free(m);
	pp_mqtt_free(b);
}

static void what_is_brief_is_not_kept_for_whoever_comes_later(void)
{
	struct pp_mqtt_options o = rig_options("alice", true), from = rig_options("bob", true);
	struct pp_mqtt *m, *b;
	struct pp_mqtt_event *e;

	o.subscriptions = both_subscriptions;
	o.session_expiry_s = 3600;
	from.subscriptions = none;
	from.brief_topic = BRIEF_TOPIC;
	from.brief_s = 1;
	m = client_new(&o);
	b = client_new(&from);
	connected(m);
	connected(b);
	MUST(pp_mqtt_publish(b, BRIEF_TOPIC, "new", 3, NULL, 1) == 0);
	next_free(b, PP_MQTT_PUBLISHED);
	next_free(m, PP_MQTT_MESSAGE); /* whoever is there hears it */
	MUST(pp_mqtt_drop(m) == 0);
	next_free(m, PP_MQTT_LOST);
	rig_wait_ms(300);
	MUST(pp_mqtt_publish(b, BRIEF_TOPIC, "old", 3, NULL, 2) == 0);
	MUST(pp_mqtt_publish(b, TOPIC, "kept", 4, NULL, 3) == 0);
	next_free(b, PP_MQTT_PUBLISHED);
	next_free(b, PP_MQTT_PUBLISHED);
	rig_wait_ms(2500);
	MUST(pp_mqtt_connect(m) == 0);
	do {
		e = rig_next(m);
		MUST(e);
	} while (e->type == PP_MQTT_CONNECTED && !pp_mqtt_event_free(e));
	MUST(e->type == PP_MQTT_MESSAGE && memcmp(e->payload, "kept", 4) == 0);
	pp_mqtt_event_free(e);
	pp_mqtt_free(m);
	pp_mqtt_free(b);
}

static void a_clean_start_hears_nothing_of_before(void)
{
	struct pp_mqtt *m, *b;

	m = client_of("alice", own_subscriptions);
	b = client_of("bob", none);
	connected(m);
	connected(b);
	MUST(pp_mqtt_drop(m) == 0);
	next_free(m, PP_MQTT_LOST);
	rig_wait_ms(300);
	MUST(pp_mqtt_publish(b, TOPIC, "gone", 4, NULL, 1) == 0);
	next_free(b, PP_MQTT_PUBLISHED);
	connected(m);
	nothing_waits(m);
	pp_mqtt_free(m);
	pp_mqtt_free(b);
}

static void what_the_queue_has_no_room_for_is_counted(void)
{
	struct pp_mqtt_options o = rig_options("alice", true);
	struct pp_mqtt_counts counts = { 0 };
	struct pp_mqtt *m, *b;
	struct pp_mqtt_event *e;
	int messages = 0;

	o.subscriptions = own_subscriptions;
	o.queue_limit = 3;
	m = client_new(&o);
	b = client_of("bob", none);
	connected(m);
	connected(b);
	for (uint64_t i = 0; i < 8; i++)
		MUST(pp_mqtt_publish(b, TOPIC, "x", 1, NULL, i) == 0);
	for (int i = 0; i < 400 && counts.received < 8; i++) {
		rig_wait_ms(50);
		pp_mqtt_counts(m, &counts);
	}
	MUST(counts.received == 8 && counts.dropped_full == 5 && counts.waiting == 3);
	while (pp_mqtt_next(m, &e) == 1) {
		messages += e->type == PP_MQTT_MESSAGE;
		pp_mqtt_event_free(e);
	}
	MUST(messages == 3);
	pp_mqtt_free(m);
	pp_mqtt_free(b);
}

static void a_second_client_of_that_name_throws_the_first_off(void)
{
	struct pp_mqtt *m = client_of("alice", none), *other = client_of("alice", none);

	connected(m);
	connected(other);
	next_free(m, PP_MQTT_LOST);
	pp_mqtt_free(m);
	pp_mqtt_free(other);
}

#define CONTRACT(X)                                                                                \
	X(after_connected_comes_lost_once)                                                         \
	X(a_try_that_is_dropped_is_lost_at_once)                                                   \
	X(nobody_there_is_lost_and_never_connected)                                                \
	X(publishing_without_a_connection_is_answered_so)                                          \
	X(a_message_comes_as_it_was_published_and_is_answered_once)                                \
	X(a_message_without_signature_has_none)                                                    \
	X(every_publish_is_answered_before_the_loss_is_told)                                       \
	X(a_broker_that_ends_is_told_and_found_again)                                              \
	X(what_is_brief_is_not_kept_for_whoever_comes_later)                                       \
	X(what_comes_while_a_kept_session_is_away_comes_later)                                     \
	X(a_clean_start_hears_nothing_of_before)                                                   \
	X(what_the_queue_has_no_room_for_is_counted)                                               \
	X(a_second_client_of_that_name_throws_the_first_off)

#endif
