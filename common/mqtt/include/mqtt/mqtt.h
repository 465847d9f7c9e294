/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt/mqtt.h -- one MQTT 5 client (the one adapter of Paho C). Everything returns at once: a
 * thread of its own talks to Paho, which may hold its process-wide lock for seconds during DNS and
 * connect; events come back through a queue. */
#ifndef MQTT_MQTT_H
#define MQTT_MQTT_H

#include "crypto/sign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_mqtt;

struct pp_mqtt_options {
	const char *host;
	uint16_t port;
	const char *client_id;
	/* TLS 1.3, mutual; host name checked; no default trust store */
	const char *ca_path, *cert_path, *key_path;
	uint16_t keepalive_s;
	uint16_t connect_timeout_s;
	uint32_t session_expiry_s;        /* 0: clean start */
	const char *const *subscriptions; /* NULL-terminated, QoS 1; made at every connect before
					     CONNECTED is told */
	const char *will_topic;           /* NULL: none; QoS 1, not retained, empty payload */
	uint32_t will_delay_s;
	/* NULL: none. What is published there the broker keeps for brief_s at most (and the second
	 * that it rounds by) for whoever is away; then nobody gets it. */
	const char *brief_topic;
	uint32_t brief_s;
	size_t queue_limit;   /* messages waiting to be taken, at most */
	size_t queue_bytes;   /* of their payloads, at most, and one more; 0: as it comes */
	bool block_when_full; /* true: the network waits (samples); false: the message is dropped
				 and counted (it will be sent again) */
};

enum pp_mqtt_event_type {
	PP_MQTT_CONNECTED, /* connected and subscribed */
	PP_MQTT_LOST,      /* refused, broken or dropped: connect again when you like */
	PP_MQTT_MESSAGE,
	PP_MQTT_PUBLISHED, /* PUBACK or failure of the publish with `token`; reason: MQTT 5 reason
			      code, or -errno */
};

struct pp_mqtt_event {
	enum pp_mqtt_event_type type;
	char *topic;   /* MESSAGE */
	char *payload; /* MESSAGE; not NUL-terminated */
	size_t length;
	bool retained;
	bool has_signature;
	uint8_t signature[PP_SIGNATURE_SIZE]; /* user property `sig`, decoded; absent, doubled or
						 malformed: has_signature false */
	uint64_t at_us;                       /* CLOCK_MONOTONIC when it arrived */
	uint64_t token;                       /* PUBLISHED */
	int reason;                           /* PUBLISHED, LOST */
	char why[96];                         /* LOST: in words */
};

/* Copies the options. host: a name or an IPv4 address, which the broker's certificate must name.
 * Takes http_proxy and https_proxy out of the environment (Paho would use them), so call it before
 * threads that read the environment. */
int pp_mqtt_new(const struct pp_mqtt_options *options, struct pp_mqtt **ret_mqtt);
/* Disconnects and joins the threads: 1.2 s at most, unless the resolver hangs. Events not yet taken
 * are freed. NULL is fine; returns NULL. */
struct pp_mqtt *pp_mqtt_free(struct pp_mqtt *m);
int pp_mqtt_fd(const struct pp_mqtt *m); /* readable while events wait */
/* 1: *ret_event is the caller's, free it with pp_mqtt_event_free; 0: none waits. */
int pp_mqtt_next(struct pp_mqtt *m, struct pp_mqtt_event **ret_event);
struct pp_mqtt_event *pp_mqtt_event_free(struct pp_mqtt_event *e);

/* Asynchronous: the answer is CONNECTED or LOST, within connect_timeout_s. Never reconnects by
 * itself. After CONNECTED comes LOST, once. Of a kept session messages may come before CONNECTED,
 * and after LOST. -EALREADY: connected or trying; LOST has not been told yet. */
int pp_mqtt_connect(struct pp_mqtt *m);
/* Ends the connection or the try: the answer is LOST, at once. -ENOTCONN: there is none, LOST has
 * been told. */
int pp_mqtt_drop(struct pp_mqtt *m);
/* QoS 1, never retained, message copied. signature may be NULL. The answer is one PUBLISHED with
 * this token, also when the connection breaks. -ENOBUFS: too many wait. Publishing before the
 * broker has accepted the connection answers PUBLISHED with -ENOTCONN; between that and CONNECTED
 * it waits (the answer to a message of a kept session). */
int pp_mqtt_publish(struct pp_mqtt *m, const char *topic, const void *payload, size_t length,
	const uint8_t *signature, uint64_t token);

struct pp_mqtt_counts {
	uint64_t received, dropped_full, bad_signature_form, published, failed;
	uint64_t last_inbound_us; /* CLOCK_MONOTONIC of the last message or acknowledgement */
	uint64_t waiting;         /* messages that nobody has taken yet */
};
void pp_mqtt_counts(struct pp_mqtt *m, struct pp_mqtt_counts *ret_counts);

#endif
