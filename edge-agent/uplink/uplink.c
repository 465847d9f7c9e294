/* SPDX-License-Identifier: Apache-2.0 */
/* uplink.c -- between the sender's rules and common/mqtt. */
#include "uplink/uplink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIMED 8

struct pp_uplink {
	struct pp_sender *sender;
	const struct pp_uplink_ops *ops;
	void *link;
	struct pp_uplink_handlers handlers;
	void *user;
	uint64_t alive_us, round_trip_us;
	struct {
		uint64_t token, at_us;
	} timed[TIMED]; /* the last messages handed over */
	unsigned next_timed;
};

static int mqtt_connect(void *link)
{
	return pp_mqtt_connect(link);
}

static int mqtt_drop(void *link)
{
	return pp_mqtt_drop(link);
}

static int mqtt_publish(void *link, const struct pp_send *send)
{
	return pp_mqtt_publish(
		link, send->topic, send->payload, send->length, send->signature, send->token);
}

static int mqtt_next(void *link, struct pp_mqtt_event **ret_event)
{
	return pp_mqtt_next(link, ret_event);
}

const struct pp_uplink_ops pp_uplink_mqtt = { mqtt_connect, mqtt_drop, mqtt_publish, mqtt_next };

int pp_uplink_new(struct pp_sender *sender, const struct pp_uplink_ops *ops, void *link,
	const struct pp_uplink_handlers *handlers, void *user, struct pp_uplink **ret_uplink)
{
	struct pp_uplink *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->sender = sender;
	u->ops = ops;
	u->link = link;
	u->handlers = *handlers;
	u->user = user;
	*ret_uplink = u;
	return 0;
}

struct pp_uplink *pp_uplink_free(struct pp_uplink *u)
{
	free(u);
	return NULL;
}

static void take_published(struct pp_uplink *u, const struct pp_mqtt_event *e, uint64_t now_us)
{
	for (unsigned i = 0; i < TIMED; i++)
		if (u->timed[i].token == e->token && e->reason >= 0)
			u->round_trip_us = now_us - u->timed[i].at_us;
	pp_sender_published(u->sender, e->token, e->reason, now_us);
}

static void take_event(
	struct pp_uplink *u, const struct pp_mqtt_event *e, uint64_t now_us, uint32_t random)
{
	u->alive_us = now_us;
	switch (e->type) {
	case PP_MQTT_CONNECTED:
		pp_sender_connected(u->sender, now_us);
		u->handlers.up(u->user);
		break;
	case PP_MQTT_LOST:
		pp_sender_lost(u->sender, now_us, random);
		u->handlers.down(u->user, e->reason, e->why);
		break;
	case PP_MQTT_MESSAGE:
		pp_sender_inbound(u->sender, now_us);
		u->handlers.message(u->user, e);
		break;
	case PP_MQTT_PUBLISHED:
		take_published(u, e, now_us);
		break;
	}
}

bool pp_uplink_read(struct pp_uplink *u, size_t limit, uint64_t now_us, uint32_t random)
{
	for (; limit; limit--) {
		struct pp_mqtt_event *e;

		if (u->ops->next(u->link, &e) <= 0)
			return false;
		take_event(u, e, now_us, random);
		pp_mqtt_event_free(e);
	}
	return true;
}

static void hand_over(struct pp_uplink *u, const struct pp_send *send, uint64_t now_us)
{
	int r = u->ops->publish(u->link, send);

	if (r < 0) {
		pp_sender_published(u->sender, send->token, r, now_us); /* tried again in 10 s */
		return;
	}
	u->timed[u->next_timed].token = send->token;
	u->timed[u->next_timed].at_us = now_us;
	u->next_timed = (u->next_timed + 1) % TIMED;
}

void pp_uplink_step(struct pp_uplink *u, uint64_t now_us, uint32_t random)
{
	struct pp_send send;

	while (pp_sender_next(u->sender, now_us, &send)) {
		if (send.type == PP_SEND_CONNECT && u->ops->connect(u->link) < 0)
			pp_sender_lost(u->sender, now_us, random);
		else if (send.type == PP_SEND_DROP && u->ops->drop(u->link) < 0)
			pp_sender_lost(u->sender, now_us, random);
		else if (send.type == PP_SEND_PUBLISH)
			hand_over(u, &send, now_us);
	}
}

uint64_t pp_uplink_alive_us(const struct pp_uplink *u)
{
	return u->alive_us;
}

uint64_t pp_uplink_round_trip_us(const struct pp_uplink *u)
{
	return u->round_trip_us;
}
