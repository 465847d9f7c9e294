/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h -- one TLS 1.3 connection of MQTT 5 on a shared epoll: no thread and no lock, which is how
 * one process can be thousands of posts. */
#ifndef FLEET_WIRE_H
#define FLEET_WIRE_H

#include <openssl/ssl.h>

#include "core/text.h"
#include "packet.h"

enum wire_phase { WIRE_IDLE, WIRE_TCP, WIRE_TLS, WIRE_MQTT, WIRE_UP };

struct wire;
/* Called from wire_ready. The wire may be closed and opened again inside `down` only. */
struct wire_ops {
	void (*up)(struct wire *w); /* connected and subscribed */
	void (*down)(struct wire *w, const char *why);
	void (*message)(struct wire *w, const struct packet *p); /* its PUBACK is written after */
	void (*acknowledged)(struct wire *w, uint16_t id, unsigned reason);
};

struct wire_place { /* the same for all */
	SSL_CTX *tls;
	int epoll_fd;
	uint16_t port;
	const struct wire_ops *ops;
};

struct wire {
	const struct wire_place *place;
	const char *client_id, *will_topic, *const *topics;
	size_t topic_count;
	X509 *certificate;
	EVP_PKEY *key;
	SSL *ssl;
	int fd;
	enum wire_phase phase;
	struct pp_buf out; /* not yet written; write with packet_..., then wire_flush */
	size_t out_done;
	uint8_t *in;
	size_t in_length, in_size;
	unsigned watched;
	uint64_t wrote_us; /* last flush */
	bool failed;
};

int wire_place_init(struct wire_place *p, const char *ca_path, int epoll_fd, uint16_t port);
void wire_open(struct wire *w); /* told by up or down, never inside this call */
void wire_close(struct wire *w); /* tells nothing; says DISCONNECT when it is up */
void wire_ready(struct wire *w, unsigned events);
void wire_flush(struct wire *w);

#endif
