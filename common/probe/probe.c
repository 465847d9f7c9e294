/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c -- name, connection, TLS, CONNECT. */
#include "probe/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/tls.h"

/* A refusal of our certificate comes after our side of TLS 1.3 is done: so long it is waited for.
 */
#define REFUSAL_MS 700
#define CLIENT_ID_MAX 100

static int end(struct pp_probe_result *r, enum pp_probe_step step, int error, const char *why)
{
	r->step = step;
	r->error = error;
	if (why != r->why)
		snprintf(r->why, sizeof(r->why), "%s", why);
	return error;
}

static void at(const struct pp_probe_options *o, enum pp_probe_step step)
{
	if (o->at)
		o->at(o->user, step);
}

static int files_look(const struct pp_probe_options *o, struct pp_probe_result *r)
{
	const char *const paths[] = { o->ca_path, o->cert_path, o->key_path };

	at(o, PP_PROBE_FILES);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], R_OK) < 0) {
			int error = -errno;

			snprintf(r->why, sizeof(r->why), "%.100s: %s", paths[i],
				strerrordesc_np(-error));
			return end(r, PP_PROBE_FILES, error, r->why);
		}
	return 0;
}

static int name_look(
	const struct pp_probe_options *o, struct pp_probe_result *r, struct addrinfo **ret_list)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	char port[8];
	int code;

	at(o, PP_PROBE_NAME);
	snprintf(port, sizeof(port), "%u", o->port);
	code = getaddrinfo(o->host, port, &hints, ret_list);
	if (code == 0)
		return 0;
	return end(r, PP_PROBE_NAME, code == EAI_AGAIN ? -EAGAIN : -ENOENT, gai_strerror(code));
}

/* A connected socket that does not block, or -errno. */
static int connect_one(const struct addrinfo *to, int timeout_ms)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(error);

	if (fd < 0)
		return -errno;
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, timeout_ms) == 0)
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error == 0)
		return fd;
	close(fd);
	return -error;
}

static int connect_any(
	const struct pp_probe_options *o, const struct addrinfo *list, struct pp_probe_result *r)
{
	int fd = -EHOSTUNREACH;

	at(o, PP_PROBE_CONNECTION);
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		(void)getnameinfo(a->ai_addr, a->ai_addrlen, r->address, sizeof(r->address), NULL,
			0, NI_NUMERICHOST);
		fd = connect_one(a, o->timeout_ms);
	}
	return fd < 0 ? end(r, PP_PROBE_CONNECTION, fd, strerrordesc_np(-fd)) : fd;
}

const char *pp_probe_connack_words(unsigned reason)
{
	static const struct {
		unsigned reason;
		const char *words;
	} rows[] = {
		{ 0x00, "let in" },
		{ 0x80, "refused, without a reason" },
		{ 0x81, "our CONNECT could not be read" },
		{ 0x84, "they do not speak MQTT 5" },
		{ 0x85, "the client id is not allowed" },
		{ 0x86, "the user name is not allowed" },
		{ 0x87, "this identity may not connect" },
		{ 0x88, "the broker is not ready" },
		{ 0x89, "the broker is busy" },
		{ 0x8a, "this identity is banned" },
		{ 0x95, "the packet was too large" },
		{ 0x97, "a quota is used up" },
		{ 0x9f, "too many connections at once" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].reason == reason)
			return rows[i].words;
	return "refused";
}

static int mqtt_try(const struct pp_probe_options *o, struct pp_tls *tls, struct pp_probe_result *r)
{
	static const unsigned char bye[] = { 0xe0, 0 };
	unsigned char packet[CLIENT_ID_MAX + 20] = { 0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 10,
		0, 0 };
	size_t length = strlen(o->client_id);
	unsigned char answer[64];
	int n;

	at(o, PP_PROBE_MQTT);
	if (length > CLIENT_ID_MAX)
		return end(r, PP_PROBE_MQTT, -EINVAL, "the client id is too long");
	packet[1] = (unsigned char)(13 + length);
	packet[14] = (unsigned char)length; /* its high byte is 0 */
	memcpy(packet + 15, o->client_id, length);
	n = pp_tls_write(tls, packet, 15 + length, r->why);
	if (n >= 0)
		n = pp_tls_read(tls, answer, sizeof(answer), r->why);
	if (n < 0)
		return end(r, PP_PROBE_MQTT, n, r->why);
	if (n < 4 || answer[0] != 0x20)
		return end(r, PP_PROBE_MQTT, -EPROTO, "the answer is no CONNACK");
	if (answer[3] != 0)
		return end(r, PP_PROBE_MQTT, -EACCES, pp_probe_connack_words(answer[3]));
	(void)pp_tls_write(tls, bye, sizeof(bye), r->why);
	return end(r, PP_PROBE_DONE, 0, "");
}

/* Whether a refusal comes. Silence means that they wait for our CONNECT. */
static int refusal_await(struct pp_tls *tls, struct pp_probe_result *r)
{
	unsigned char byte;
	int n = pp_tls_read(tls, &byte, 1, r->why);

	if (n == -ETIMEDOUT)
		return end(r, PP_PROBE_DONE, 0, "");
	return end(r, PP_PROBE_TLS, n < 0 ? n : -ECONNRESET, n < 0 ? r->why : "they ended it");
}

static int talk(const struct pp_probe_options *o, int fd, struct pp_probe_result *r)
{
	struct pp_tls_options options = { o->host, o->ca_path, o->cert_path, o->key_path,
		o->timeout_ms };
	struct pp_tls *tls;
	int error;

	at(o, PP_PROBE_TLS);
	error = pp_tls_open(&options, fd, &tls, r->why);
	if (error < 0)
		return end(r, error == -EINVAL ? PP_PROBE_FILES : PP_PROBE_TLS, error, r->why);
	/* Before CONNECT: their end of a connection with unread bytes in it would eat the alert. */
	pp_tls_set_timeout(tls, REFUSAL_MS);
	error = refusal_await(tls, r);
	pp_tls_set_timeout(tls, o->timeout_ms);
	if (error == 0 && o->client_id)
		error = mqtt_try(o, tls, r);
	pp_tls_close(tls);
	return error;
}

int pp_probe_broker(const struct pp_probe_options *options, struct pp_probe_result *ret_result)
{
	struct addrinfo *list = NULL;
	int fd, error;

	*ret_result = (struct pp_probe_result){ .address = "" };
	error = files_look(options, ret_result);
	if (error == 0)
		error = name_look(options, ret_result, &list);
	if (error < 0)
		return error;
	/* Who does not let us in says so. An end without a word can be of another's making:
	 * Mosquitto 2.0 ends a connection for what OpenSSL still held against the one before. */
	for (int tries = 0; tries < 3; tries++) {
		fd = connect_any(options, list, ret_result);
		error = fd < 0 ? fd : talk(options, fd, ret_result);
		if (fd >= 0)
			close(fd);
		if (error != -ECONNRESET)
			break;
	}
	freeaddrinfo(list);
	return error;
}
