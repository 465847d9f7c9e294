/* SPDX-License-Identifier: Apache-2.0 */
/* packet.c -- the packets of MQTT 5 (OASIS, 2019) that a post needs. */
#include "packet.h"

#include <errno.h>
#include <string.h>

enum {
	KEEPALIVE_S = 50,
	WILL_DELAY_S = 5,
	RECEIVE_MAXIMUM = 64,
	PROPERTY_WILL_DELAY = 24,
	PROPERTY_RECEIVE_MAXIMUM = 33,
	PROPERTY_USER = 38,
};

/* ---- writing ---- */

static void put_u8(struct pp_buf *out, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	pp_buf_add(out, &byte, 1);
}

static void put_u16(struct pp_buf *out, unsigned value)
{
	put_u8(out, value >> 8);
	put_u8(out, value & 0xff);
}

static void put_text(struct pp_buf *out, const char *text)
{
	put_u16(out, (unsigned)strlen(text));
	pp_buf_add(out, text, strlen(text));
}

static void put_head(struct pp_buf *out, unsigned first, size_t length)
{
	put_u8(out, first);
	do {
		put_u8(out, (unsigned)(length % 128) | (length > 127 ? 128 : 0));
		length /= 128;
	} while (length > 0);
}

void packet_connect(struct pp_buf *out, const char *client_id, const char *will_topic)
{
	size_t length = 10 + 4 + 2 + strlen(client_id);

	if (will_topic)
		length += 6 + 2 + strlen(will_topic) + 2;
	put_head(out, 0x10, length);
	put_text(out, "MQTT");
	put_u8(out, 5);
	put_u8(out, will_topic ? 0x0e : 0x02); /* clean start; will of QoS 1 */
	put_u16(out, KEEPALIVE_S);
	put_u8(out, 3);
	put_u8(out, PROPERTY_RECEIVE_MAXIMUM);
	put_u16(out, RECEIVE_MAXIMUM);
	put_text(out, client_id);
	if (!will_topic)
		return;
	put_u8(out, 5);
	put_u8(out, PROPERTY_WILL_DELAY);
	put_u16(out, 0);
	put_u16(out, WILL_DELAY_S);
	put_text(out, will_topic);
	put_u16(out, 0);
}

void packet_subscribe(struct pp_buf *out, uint16_t id, const char *const *topics, size_t count)
{
	size_t length = 3;

	for (size_t i = 0; i < count; i++)
		length += 2 + strlen(topics[i]) + 1;
	put_head(out, 0x82, length);
	put_u16(out, id);
	put_u8(out, 0);
	for (size_t i = 0; i < count; i++) {
		put_text(out, topics[i]);
		put_u8(out, 1);
	}
}

void packet_publish(struct pp_buf *out, uint16_t id, const char *topic, const char *signature,
	const void *payload, size_t length)
{
	size_t properties = signature ? 1 + 2 + 3 + 2 + strlen(signature) : 0;

	put_head(out, 0x32, 2 + strlen(topic) + 2 + 1 + properties + length);
	put_text(out, topic);
	put_u16(out, id);
	put_u8(out, (unsigned)properties); /* below 128 */
	if (signature) {
		put_u8(out, PROPERTY_USER);
		put_text(out, "sig");
		put_text(out, signature);
	}
	pp_buf_add(out, payload, length);
}

void packet_puback(struct pp_buf *out, uint16_t id)
{
	put_head(out, 0x40, 2);
	put_u16(out, id);
}

void packet_ping(struct pp_buf *out)
{
	put_head(out, 0xc0, 0);
}

void packet_disconnect(struct pp_buf *out)
{
	put_head(out, 0xe0, 0);
}

/* ---- reading ---- */

struct reader {
	const uint8_t *at, *end;
	bool failed;
};

static const uint8_t *take(struct reader *r, size_t length)
{
	const uint8_t *at = r->at;

	if (r->failed || (size_t)(r->end - r->at) < length) {
		r->failed = true;
		return NULL;
	}
	r->at += length;
	return at;
}

static unsigned take_u8(struct reader *r)
{
	const uint8_t *p = take(r, 1);

	return p ? *p : 0;
}

static unsigned take_u16(struct reader *r)
{
	const uint8_t *p = take(r, 2);

	return p ? (unsigned)p[0] << 8 | p[1] : 0;
}

static const char *take_text(struct reader *r, size_t *ret_length)
{
	*ret_length = take_u16(r);
	return (const char *)take(r, *ret_length);
}

static size_t take_length(struct reader *r)
{
	size_t value = 0;

	for (unsigned shift = 0; shift < 28; shift += 7) {
		unsigned byte = take_u8(r);

		value |= (size_t)(byte & 127) << shift;
		if (!(byte & 128))
			return value;
	}
	r->failed = true;
	return 0;
}

/* Sizes of the values of the properties that a broker sends; 0: a text; -1: unknown. */
static int property_size(unsigned id)
{
	switch (id) {
	case 1:
	case 23:
	case 25:
	case 36:
	case 37:
	case 40:
	case 41:
	case 42:
		return 1;
	case 19:
	case 33:
	case 34:
	case 35:
		return 2;
	case 2:
	case 17:
	case 24:
	case 39:
		return 4;
	case 3:
	case 8:
	case 9:
	case 18:
	case 21:
	case 22:
	case 26:
	case 28:
	case 31:
		return 0;
	default:
		return -1;
	}
}

static void read_properties(struct reader *r, struct packet *p)
{
	size_t length = take_length(r), name_length, value_length;
	struct reader in = { r->at, r->at, false };

	if (!take(r, length))
		return;
	in.end = in.at + length;
	while (in.at < in.end && !in.failed) {
		unsigned id = take_u8(&in);

		if (id == PROPERTY_USER) {
			const char *name = take_text(&in, &name_length);
			const char *value = take_text(&in, &value_length);

			if (!in.failed && name_length == 3 && memcmp(name, "sig", 3) == 0) {
				p->signature = value;
				p->signature_length = value_length;
			}
			continue;
		}
		int size = property_size(id);
		if (size > 0)
			(void)take(&in, (size_t)size);
		else if (size == 0)
			(void)take_text(&in, &value_length);
		else
			in.failed = true;
	}
	r->failed = r->failed || in.failed;
}

static void read_publish(struct reader *r, unsigned first, struct packet *p)
{
	p->qos = (uint8_t)((first >> 1) & 3);
	p->retained = first & 1;
	p->topic = take_text(r, &p->topic_length);
	p->id = p->qos > 0 ? (uint16_t)take_u16(r) : 0;
	read_properties(r, p);
	p->payload = (const char *)r->at;
	p->length = (size_t)(r->end - r->at);
}

static void read_suback(struct reader *r, struct packet *p)
{
	p->id = (uint16_t)take_u16(r);
	read_properties(r, p);
	while (!r->failed && r->at < r->end) {
		unsigned code = take_u8(r);

		p->reason = code > p->reason ? (uint8_t)code : p->reason;
	}
}

long packet_size(const uint8_t *data, size_t length)
{
	size_t value = 0;

	for (size_t i = 1; i < 5; i++) {
		if (i >= length)
			return 0;
		value |= (size_t)(data[i] & 127) << (7 * (i - 1));
		if (!(data[i] & 128))
			return length >= i + 1 + value ? (long)(i + 1 + value) : 0;
	}
	return -EBADMSG;
}

int packet_read(const uint8_t *data, size_t length, struct packet *ret_packet)
{
	struct reader r = { data, data + length, false };
	unsigned first = take_u8(&r);
	struct packet p = { .type = (enum packet_type)(first >> 4) };

	(void)take_length(&r);
	switch (p.type) {
	case PACKET_CONNACK:
		(void)take_u8(&r);
		p.reason = (uint8_t)take_u8(&r);
		break;
	case PACKET_PUBLISH:
		read_publish(&r, first, &p);
		break;
	case PACKET_PUBACK:
		p.id = (uint16_t)take_u16(&r);
		p.reason = r.at < r.end ? (uint8_t)take_u8(&r) : 0;
		break;
	case PACKET_SUBACK:
		read_suback(&r, &p);
		break;
	case PACKET_PINGRESP:
		break;
	case PACKET_DISCONNECT:
		p.reason = r.at < r.end ? (uint8_t)take_u8(&r) : 0;
		break;
	default:
		return -EBADMSG;
	}
	if (r.failed)
		return -EBADMSG;
	*ret_packet = p;
	return 0;
}
