/* SPDX-License-Identifier: Apache-2.0 */
/* link.h -- one connection attempt on Paho's MQTTAsync, from connecting to its end. A link is never
 * connected twice: Paho keeps what was in flight over a reconnect and would send it again by
 * itself, beside us. */
#ifndef MQTT_LINK_H
#define MQTT_LINK_H

#include "queue.h"

struct pp_link;

struct pp_link_publish {
	struct pp_link *link; /* set by pp_link_send */
	char *topic, *payload;
	size_t length;
	bool is_signed;
	uint8_t signature[PP_SIGNATURE_SIZE];
};

/* Called on Paho's threads under Paho's lock, or inside pp_link_free. They must not call
 * pp_link_... and may block only where the network is meant to wait. reason: an MQTT 5 reason code,
 * or -errno. */
struct pp_link_ops {
	void (*accepted)(
		void *user, size_t window); /* CONNACK; window: how many may be unanswered */
	void (*granted)(void *user);        /* SUBACK, all granted */
	void (*lost)(void *user, int reason, const char *why);
	void (*message)(void *user, struct pp_mqtt_item *item); /* takes it; NULL: no memory */
	void (*answered)(void *user, struct pp_link_publish *publish, int reason);
};

/* options must outlive the link. Until pp_link_connect nothing is called. */
int pp_link_new(const struct pp_mqtt_options *options, const struct pp_link_ops *ops, void *user,
	struct pp_link **ret_link);
/* Says DISCONNECT where connected. After it nothing is called. NULL is fine; returns NULL. The last
 * link of the process also waits for Paho's threads, 1.2 s at most. */
struct pp_link *pp_link_free(struct pp_link *link);
int pp_link_connect(struct pp_link *link);
int pp_link_subscribe(struct pp_link *link);
/* After 0 `answered` comes once, perhaps before this returns; after an error it does not come. */
int pp_link_send(struct pp_link *link, struct pp_link_publish *publish);
/* The same for threads that must not wait: -EBUSY while Paho may be held up, by the resolver or by
 * a call of another link. */
int pp_link_try_send(struct pp_link *link, struct pp_link_publish *publish);

#endif
