/* SPDX-License-Identifier: Apache-2.0 */
/* broker.h -- a real Mosquitto on a free loopback port, with mutual TLS 1.3 and keys made for the
 * test. */
#ifndef BROKER_H
#define BROKER_H

#include "crypto/pki.h"
#include "pospin_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct broker {
	char *folder;        /* .pem and .key of ca, other-ca, mallory, broker, alice, bob, carol */
	uint16_t port;       /* TLS; the certificate names 127.0.0.1 only */
	uint16_t plain_port; /* anonymous, may write raw/# */
	int held[2];         /* sockets that keep both ports from everybody but the broker */
	pid_t pid;           /* 0: stopped */
};

static inline void broker_issue(const struct broker *b, const char *name, enum pp_pki_usage usage)
{
	static const char *const addresses[] = { "127.0.0.1", NULL };
	char ca[300], ca_key[300], cert[300], key[300];
	struct pp_pki_request request = { .usage = usage, .common_name = name, .forever = true };

	snprintf(ca, sizeof(ca), "%s/ca.pem", b->folder);
	snprintf(ca_key, sizeof(ca_key), "%s/ca.key", b->folder);
	snprintf(cert, sizeof(cert), "%s/%s.pem", b->folder, name);
	snprintf(key, sizeof(key), "%s/%s.key", b->folder, name);
	if (usage == PP_PKI_AUTHORITY) {
		assert_int_equal(pp_pki_make_authority(&request, cert, key), 0);
		return;
	}
	request.names = usage == PP_PKI_SERVER ? addresses : NULL;
	assert_int_equal(pp_pki_issue(ca, ca_key, &request, cert, key), 0);
}

static inline void broker_make_keys(const struct broker *b)
{
	broker_issue(b, "ca", PP_PKI_AUTHORITY);
	broker_issue(b, "other-ca", PP_PKI_AUTHORITY);
	broker_issue(b, "mallory", PP_PKI_AUTHORITY); /* signed by herself */
	broker_issue(b, "broker", PP_PKI_SERVER);
	broker_issue(b, "alice", PP_PKI_CLIENT);
	broker_issue(b, "bob", PP_PKI_CLIENT);
	broker_issue(b, "carol", PP_PKI_CLIENT);
}

/* Below the range that outgoing connections take their ports from. As long as the socket is open
 * nobody gets the port who does not share addresses (SO_REUSEADDR): a broker does, another
 * broker_bind() does not. */
static inline int broker_bind(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	do {
		uint16_t random;

		pp_random(&random, sizeof(random));
		*port = (uint16_t)(10000 + random % 22000);
		address.sin_port = htons(*port);
	} while (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	return fd;
}

static inline void broker_write_settings(const struct broker *b)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/acl", b->folder);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs("topic write raw/#\npattern readwrite own/%u/#\npattern readwrite all/#\npattern "
	      "read raw/#\n",
		f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/mosquitto.conf", b->folder);
	f = fopen(path, "we");
	assert_non_null(f);
	fprintf(f, "user root\nallow_anonymous true\nacl_file %s/acl\nset_tcp_nodelay true\n",
		b->folder);
	fprintf(f, "log_dest stdout\nlistener %u 127.0.0.1\n", b->plain_port);
	fprintf(f, "listener %u 127.0.0.1\ntls_version tlsv1.3\nrequire_certificate true\n",
		b->port);
	fprintf(f,
		"use_identity_as_username true\ncafile %s/ca.pem\ncertfile %s/broker.pem\nkeyfile "
		"%s/broker.key\n",
		b->folder, b->folder, b->folder);
	fclose(f);
}

/* Makes the folder, keys and settings, and chooses the ports. */
static inline void broker_prepare(struct broker *b)
{
	*b = (struct broker){ .folder = pp_test_folder() };
	b->held[0] = broker_bind(&b->port);
	b->held[1] = broker_bind(&b->plain_port);
	broker_make_keys(b);
	broker_write_settings(b);
}

/* Returns when it listens. */
static inline void broker_start(struct broker *b)
{
	char settings[300], line[300];
	pid_t parent = getpid();
	int out[2];

	snprintf(settings, sizeof(settings), "%s/mosquitto.conf", b->folder);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent && dup2(out[1], 1) == 1 && dup2(out[1], 2) == 2)
			execlp("/usr/sbin/mosquitto", "mosquitto", "-c", settings, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *f = fdopen(out[0], "re");
	bool running = false;
	while (!running && fgets(line, sizeof(line), f)) {
		running = strstr(line, " running") != NULL;
		if (strstr(line, "rror"))
			print_message("broker: %s", line);
	}
	assert_true(running);
	/* Its log goes to a pipe without reader from here on; Mosquitto ignores SIGPIPE. */
	fclose(f);
}

static inline void broker_pause(const struct broker *b)
{
	kill(b->pid, SIGSTOP);
}

static inline void broker_resume(const struct broker *b)
{
	kill(b->pid, SIGCONT);
}

static inline void broker_kill(struct broker *b)
{
	if (b->pid == 0)
		return;
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	b->pid = 0;
}

static inline void broker_done(struct broker *b)
{
	broker_kill(b);
	close(b->held[0]);
	close(b->held[1]);
	pp_test_folder_remove(b->folder);
}

static inline size_t broker_put_size(uint8_t *to, size_t size)
{
	size_t n = 0;

	for (; size > 0x7f; size >>= 7)
		to[n++] = (uint8_t)(size | 0x80);
	to[n++] = (uint8_t)size;
	return n;
}

static inline size_t broker_put_text(uint8_t *to, const char *text)
{
	size_t length = strlen(text);

	to[0] = (uint8_t)(length >> 8);
	to[1] = (uint8_t)length;
	memcpy(to + 2, text, length);
	return 2 + length;
}

/* Publishes "x" at QoS 0 on the plain port, with `count` user properties named `sig` of the given
 * texts. */
static inline void broker_publish_raw(
	const struct broker *b, const char *topic, const char *const *texts, size_t count)
{
	static const uint8_t hello[] = { 0x10, 16, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 3,
		'r', 'a', 'w' };
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(b->plain_port) };
	uint8_t properties[400], body[600], head[8] = { 0x30 }, answer[64];
	size_t n = 0, size = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(write(fd, hello, sizeof(hello)), sizeof(hello));
	assert_true(read(fd, answer, sizeof(answer)) >= 5);
	assert_int_equal(answer[0], 0x20);
	for (size_t i = 0; i < count; i++) {
		properties[size++] = 0x26;
		size += broker_put_text(properties + size, "sig");
		size += broker_put_text(properties + size, texts[i]);
	}
	n += broker_put_text(body, topic);
	n += broker_put_size(body + n, size);
	memcpy(body + n, properties, size);
	n += size;
	body[n++] = 'x';
	size = 1 + broker_put_size(head + 1, n);
	assert_int_equal(write(fd, head, size), size);
	assert_int_equal(write(fd, body, n), n);
	assert_int_equal(write(fd, "\xe0\0", 2), 2);
	while (read(fd, answer, sizeof(answer)) > 0)
		;
	close(fd);
}

#endif
