/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h -- one connection of a client with the broker: what passes over it, and what either side
 * knows of it. Private to the town. */
#ifndef TOWN_CONN_H
#define TOWN_CONN_H

#include "net.h"

#include "crypto/sign.h"
#include "mqtt/mqtt.h"

#define CONN_WINDOW 20 /* messages in flight in each way */

/* Never changed once made, and never freed: many hold it. */
struct message {
	const char *topic;
	const void *payload;
	size_t length;
	bool is_signed, retained;
	uint32_t brief_s; /* it is kept no longer for whoever is away; 0: for ever */
	bool genuine;     /* as its sender has given it to the network; a replay is too */
	uint8_t signature[PP_SIGNATURE_SIZE];
};
struct message *message_new(const char *topic, const void *payload, size_t length,
	const uint8_t *signature, bool retained);

enum packet_type {
	PACKET_CONNECT,
	PACKET_CONNACK, /* reason */
	PACKET_SUBSCRIBE,
	PACKET_SUBACK,
	PACKET_PUBLISH, /* id, message */
	PACKET_PUBACK,  /* id, reason */
	PACKET_END,     /* the other side has ended it; reason */
};
struct wire_packet {
	enum packet_type type;
	uint32_t id;
	int reason;
	const struct message *message;
};

struct session;
struct conn {
	struct net_link *link;
	struct net_pipe *pipes[2];
	/* The client's side. */
	struct pp_mqtt *client;
	bool client_over;      /* nothing that comes is heard any more */
	uint64_t dark_us;      /* since when the client hears nothing; 0: it does */
	uint64_t connected_us; /* 0: not yet */
	/* The broker's side. */
	struct session *session; /* NULL: not accepted, or over */
	uint64_t heard_us;
	struct conn *next; /* of all */
};
/* Both sides' packets go through this. */
void conn_send(struct conn *c, enum net_way way, enum packet_type type, uint32_t id, int reason,
	const struct message *message);

/* What the client tells the broker when it connects. */
const struct pp_mqtt_options *client_options(const struct pp_mqtt *m);
/* Whether anybody answers at the client's end: its program runs and has not dropped the connection.
 */
bool client_is_there(const struct conn *c);
void client_packet(struct conn *c, const struct wire_packet *p);
/* No answer to its pings. */
void client_give_up(struct conn *c);

void broker_packet(struct conn *c, const struct wire_packet *p);
/* A new connection, with its pipes. */
struct conn *broker_conn_new(struct pp_mqtt *client, struct world_node *node);

#endif
