/* SPDX-License-Identifier: Apache-2.0 */
/* client.h -- a client of the test broker, and what a test asks of it. */
#ifndef CLIENT_H
#define CLIENT_H

#include "mqtt/mqtt.h"

#include "broker.h"
#include "pospin_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>

enum { PATIENCE_MS = 20000 };

static inline uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

struct paths {
	char ca[300], cert[300], key[300];
};

static inline struct pp_mqtt_options options_of(
	const struct broker *b, const char *name, const char *const *topics, struct paths *paths)
{
	snprintf(paths->ca, sizeof(paths->ca), "%s/ca.pem", b->folder);
	snprintf(paths->cert, sizeof(paths->cert), "%s/%s.pem", b->folder, name);
	snprintf(paths->key, sizeof(paths->key), "%s/%s.key", b->folder, name);
	return (struct pp_mqtt_options){
		.host = "127.0.0.1",
		.port = b->port,
		.client_id = name,
		.ca_path = paths->ca,
		.cert_path = paths->cert,
		.key_path = paths->key,
		.keepalive_s = 10,
		.connect_timeout_s = 10,
		.subscriptions = topics,
		.queue_limit = 1000,
	};
}

static inline struct pp_mqtt *client_new(
	const struct broker *b, const char *name, const char *const *topics)
{
	struct paths paths;
	struct pp_mqtt_options options = options_of(b, name, topics, &paths);
	struct pp_mqtt *m = NULL;

	assert_int_equal(pp_mqtt_new(&options, &m), 0);
	return m;
}

/* The next event, which must be of this type; the caller frees it. */
static inline struct pp_mqtt_event *next_event(struct pp_mqtt *m, enum pp_mqtt_event_type type)
{
	struct pollfd p = { .fd = pp_mqtt_fd(m), .events = POLLIN };
	struct pp_mqtt_event *e = NULL;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(pp_mqtt_next(m, &e), 1);
	if (e->type != type)
		print_message("got event %d, reason %d, why '%s'; want %d\n", e->type, e->reason,
			e->why, type);
	assert_int_equal(e->type, type);
	return e;
}

static inline int next_reason(struct pp_mqtt *m, enum pp_mqtt_event_type type)
{
	struct pp_mqtt_event *e = next_event(m, type);
	int reason = e->reason;

	if (type == PP_MQTT_LOST)
		print_message("lost: %d, %s\n", reason, e->why);
	pp_mqtt_event_free(e);
	return reason;
}

static inline bool has_event(struct pp_mqtt *m, int within_ms)
{
	struct pollfd p = { .fd = pp_mqtt_fd(m), .events = POLLIN };

	return poll(&p, 1, within_ms) == 1;
}

static inline void connect_up(struct pp_mqtt *m)
{
	assert_int_equal(pp_mqtt_connect(m), 0);
	assert_int_equal(next_reason(m, PP_MQTT_CONNECTED), 0);
}

static inline void publish(struct pp_mqtt *m, const char *topic, const char *text, uint64_t token)
{
	assert_int_equal(pp_mqtt_publish(m, topic, text, strlen(text), NULL, token), 0);
}

struct fixture {
	struct broker broker; /* first: tests take it as the state */
	struct pp_mqtt *
		idle; /* keeps Paho's threads running between tests: stopping them takes a second */
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	broker_prepare(&f->broker);
	f->idle = client_new(&f->broker, "carol", NULL);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_null(pp_mqtt_free(f->idle));
	broker_done(&f->broker);
	free(f);
	return 0;
}

static inline int start_broker(void **state)
{
	struct broker *b = *state;

	if (b->pid == 0)
		broker_start(b);
	return 0;
}

#endif
