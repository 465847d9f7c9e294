/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c -- TCP, TLS and MQTT of one post, without blocking. */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"

enum { READ_STEP = 4096, READ_MAX = 65536 };

int wire_place_init(struct wire_place *p, const char *ca_path, int epoll_fd, uint16_t port)
{
	p->tls = SSL_CTX_new(TLS_client_method());
	if (!p->tls)
		return -ENOMEM;
	SSL_CTX_set_min_proto_version(p->tls, TLS1_3_VERSION);
	SSL_CTX_set_mode(p->tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(p->tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(p->tls, SSL_VERIFY_PEER, NULL);
	if (SSL_CTX_load_verify_locations(p->tls, ca_path, NULL) != 1)
		return -ENOENT;
	X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(p->tls), "127.0.0.1");
	p->epoll_fd = epoll_fd;
	p->port = port;
	return 0;
}

static void watch(struct wire *w, unsigned events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	if (w->watched == events)
		return;
	epoll_ctl(w->place->epoll_fd, w->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &e);
	w->watched = events;
}

static void drop(struct wire *w)
{
	SSL_free(w->ssl);
	w->ssl = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->watched = 0;
	w->phase = WIRE_IDLE;
	w->in_length = 0;
	w->out_done = 0;
	w->failed = false;
	pp_buf_done(&w->out);
	w->out = (struct pp_buf){ 0 };
}

static void lose(struct wire *w, const char *why)
{
	drop(w);
	w->place->ops->down(w, why);
}

void wire_open(struct wire *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(w->place->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;

	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	w->ssl = SSL_new(w->place->tls);
	if (w->fd < 0 || !w->ssl) {
		fprintf(stderr, "fleet: no socket: %s\n", strerror(errno));
		exit(EXIT_FAILURE);
	}
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	SSL_use_certificate(w->ssl, w->certificate);
	SSL_use_PrivateKey(w->ssl, w->key);
	SSL_set_fd(w->ssl, w->fd);
	w->phase = WIRE_TCP;
	/* What goes wrong is told by epoll. */
	(void)!connect(w->fd, (const struct sockaddr *)&to, sizeof(to));
	watch(w, EPOLLOUT);
}

void wire_close(struct wire *w)
{
	if (w->phase == WIRE_UP) {
		packet_disconnect(&w->out);
		wire_flush(w);
		if (w->ssl)
			(void)SSL_shutdown(w->ssl);
	}
	drop(w);
}

void wire_flush(struct wire *w)
{
	while (w->ssl && w->out_done < w->out.length) {
		int n = SSL_write(w->ssl, w->out.data + w->out_done,
			(int)(w->out.length - w->out_done));

		if (n <= 0) {
			int code = SSL_get_error(w->ssl, n);

			w->failed = code != SSL_ERROR_WANT_WRITE && code != SSL_ERROR_WANT_READ;
			watch(w, EPOLLIN | EPOLLOUT);
			return;
		}
		w->out_done += (size_t)n;
	}
	w->out.length = 0;
	w->out_done = 0;
	w->wrote_us = pp_clock_mono_us();
	if (w->phase == WIRE_MQTT || w->phase == WIRE_UP)
		watch(w, EPOLLIN);
}

static bool take_packet(struct wire *w, const struct packet *p)
{
	switch (p->type) {
	case PACKET_CONNACK:
		if (p->reason >= 0x80)
			return false;
		packet_subscribe(&w->out, 1, w->topics, w->topic_count);
		wire_flush(w);
		return true;
	case PACKET_SUBACK:
		if (p->reason >= 0x80)
			return false;
		w->phase = WIRE_UP;
		w->place->ops->up(w);
		return true;
	case PACKET_PUBLISH:
		w->place->ops->message(w, p);
		if (p->qos > 0)
			packet_puback(&w->out, p->id);
		return true;
	case PACKET_PUBACK:
		w->place->ops->acknowledged(w, p->id, p->reason);
		return true;
	case PACKET_PINGRESP:
		return true;
	case PACKET_DISCONNECT:
	default:
		return false;
	}
}

/* Whole packets out of what was read; false: the connection is over. */
static bool take_packets(struct wire *w)
{
	size_t at = 0;
	struct packet p;
	long size;

	while ((size = packet_size(w->in + at, w->in_length - at)) > 0) {
		if (packet_read(w->in + at, (size_t)size, &p) < 0 || !take_packet(w, &p))
			return false;
		at += (size_t)size;
	}
	memmove(w->in, w->in + at, w->in_length - at);
	w->in_length -= at;
	if (w->out.length > 0)
		wire_flush(w);
	return size == 0;
}

static bool room_make(struct wire *w)
{
	if (w->in_size - w->in_length >= READ_STEP)
		return true;
	if (w->in_size >= READ_MAX)
		return false;
	w->in_size += READ_STEP;
	w->in = realloc(w->in, w->in_size);
	return w->in != NULL;
}

/* NULL, or why it is over. */
static const char *read_all(struct wire *w)
{
	for (;;) {
		if (!room_make(w))
			return "too long a packet";
		int n = SSL_read(w->ssl, w->in + w->in_length, (int)(w->in_size - w->in_length));
		if (n <= 0) {
			int code = SSL_get_error(w->ssl, n);

			ERR_clear_error();
			return code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE
				       ? NULL
				       : "connection broken";
		}
		w->in_length += (size_t)n;
		if (!take_packets(w))
			return "dismissed by the broker";
	}
}

static void shake_hands(struct wire *w)
{
	int n = SSL_connect(w->ssl);

	if (n == 1) {
		w->phase = WIRE_MQTT;
		packet_connect(&w->out, w->client_id, w->will_topic);
		wire_flush(w);
		return;
	}
	int code = SSL_get_error(w->ssl, n);
	if (code == SSL_ERROR_WANT_READ)
		watch(w, EPOLLIN);
	else if (code == SSL_ERROR_WANT_WRITE)
		watch(w, EPOLLOUT);
	else
		lose(w, "TLS handshake refused");
	ERR_clear_error();
}

void wire_ready(struct wire *w, unsigned events)
{
	const char *why = NULL;

	if (w->phase == WIRE_TCP) {
		int error = 0;
		socklen_t size = sizeof(error);

		getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error || (events & EPOLLHUP)) {
			lose(w, "no connection");
			return;
		}
		w->phase = WIRE_TLS;
	}
	if (w->phase == WIRE_TLS) {
		shake_hands(w);
		return;
	}
	if (w->phase == WIRE_IDLE)
		return;
	if (events & EPOLLOUT)
		wire_flush(w);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		why = read_all(w);
	if (!why && w->failed)
		why = "cannot write";
	if (why)
		lose(w, why);
}
