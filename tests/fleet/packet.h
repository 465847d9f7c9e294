/* SPDX-License-Identifier: Apache-2.0 */
/* packet.h -- the packets of MQTT 5 that a post needs, written and read. Pure. */
#ifndef FLEET_PACKET_H
#define FLEET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum packet_type {
	PACKET_CONNACK = 2,
	PACKET_PUBLISH = 3,
	PACKET_PUBACK = 4,
	PACKET_SUBACK = 9,
	PACKET_PINGRESP = 13,
	PACKET_DISCONNECT = 14,
};

struct packet {
	enum packet_type type;
	uint16_t id;
	uint8_t reason;
	uint8_t qos;
	bool retained;
	/* PUBLISH; all borrowed from what was read. */
	const char *topic, *payload, *signature; /* signature: base64 of user property `sig` */
	size_t topic_length, length, signature_length;
};

/* Size of the first packet in data; 0: more must be read; -EBADMSG. */
long packet_size(const uint8_t *data, size_t length);
/* data holds exactly one packet. -EBADMSG: not understood. */
int packet_read(const uint8_t *data, size_t length, struct packet *ret_packet);

void packet_connect(struct pp_buf *out, const char *client_id, const char *will_topic);
void packet_subscribe(struct pp_buf *out, uint16_t id, const char *const *topics, size_t count);
/* signature: base64 or NULL. */
void packet_publish(struct pp_buf *out, uint16_t id, const char *topic, const char *signature,
	const void *payload, size_t length);
void packet_puback(struct pp_buf *out, uint16_t id);
void packet_ping(struct pp_buf *out);
void packet_disconnect(struct pp_buf *out);

#endif
