/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/uplink.h -- carries the sender's decisions to a connection, and what happens there back.
 * Never waits. */
#ifndef UPLINK_UPLINK_H
#define UPLINK_UPLINK_H

#include "mqtt/mqtt.h"
#include "uplink/sender.h"

/* The connection. The one that ships is pp_uplink_mqtt. All return at once; answers come as events.
 */
struct pp_uplink_ops {
	int (*connect)(void *link);
	int (*drop)(void *link);
	int (*publish)(void *link, const struct pp_send *send);
	int (*next)(void *link,
		struct pp_mqtt_event **ret_event); /* 1: an event, the caller's; 0: none */
};
extern const struct pp_uplink_ops pp_uplink_mqtt; /* link: struct pp_mqtt */

struct pp_uplink_handlers {
	void (*message)(void *user, const struct pp_mqtt_event *e);
	void (*up)(void *user);
	void (*down)(void *user, int reason,
		const char *why); /* also for a connection that never came up */
};

struct pp_uplink;

/* sender and link are borrowed. */
int pp_uplink_new(struct pp_sender *sender, const struct pp_uplink_ops *ops, void *link,
	const struct pp_uplink_handlers *handlers, void *user, struct pp_uplink **ret_uplink);
struct pp_uplink *pp_uplink_free(struct pp_uplink *u); /* NULL is fine; returns NULL */
/* Takes at most `limit` events, so that a flood cannot keep the loop from its lines. True: more may
 * wait. */
bool pp_uplink_read(struct pp_uplink *u, size_t limit, uint64_t now_us, uint32_t random);
/* Does what the sender wants now. */
void pp_uplink_step(struct pp_uplink *u, uint64_t now_us, uint32_t random);
uint64_t pp_uplink_alive_us(
	const struct pp_uplink *u); /* when the connection's thread last told anything; 0: never */
uint64_t pp_uplink_round_trip_us(
	const struct pp_uplink *u); /* publish to PUBACK, the newest; 0: none yet */

#endif
