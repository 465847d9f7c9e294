/* SPDX-License-Identifier: Apache-2.0 */
/* http_client.h -- a blocking client for the tests of the HTTP room, and a thread that runs the
 * server's loop meanwhile. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "pospin_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "loop/loop.h"

struct loop_thread {
	struct pp_loop *loop;
	struct pp_loop_source *wake;
	pthread_t thread;
};

static inline void *loop_thread_run(void *arg)
{
	struct loop_thread *t = arg;

	(void)pp_loop_run(t->loop);
	return NULL;
}

static inline void loop_thread_on_wake(void *user)
{
	struct loop_thread *t = user;

	pp_loop_stop(t->loop, 0);
}

static inline void loop_thread_start(struct loop_thread *t, struct pp_loop *loop)
{
	t->loop = loop;
	assert_int_equal(pp_loop_add_wake(loop, loop_thread_on_wake, t, &t->wake), 0);
	assert_int_equal(pthread_create(&t->thread, NULL, loop_thread_run, t), 0);
}

static inline void loop_thread_stop(struct loop_thread *t)
{
	pp_loop_wake(t->wake);
	pthread_join(t->thread, NULL);
	t->wake = pp_loop_source_free(t->wake);
}

static inline int client_ready(int fd)
{
	const struct timeval patience = { .tv_sec = 20 };

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static inline int client_connect(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &a.sin_addr), 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return client_ready(fd);
}

static inline int client_connect_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return client_ready(fd);
}

/* A server that has cut us off already is no failure of the client. */
static inline void client_send(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, text, length, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		length -= (size_t)n;
	}
}

/* Until the end or until `until` (may be NULL) has come. The caller frees it. */
static inline char *client_read(int fd, const char *until)
{
	size_t size = 1u << 20, length = 0;
	char *text = malloc(size + 1);

	assert_non_null(text);
	text[0] = '\0';
	while (length < size && !(until && strstr(text, until))) {
		ssize_t n = recv(fd, text + length, size - length, 0);

		if (n <= 0)
			break;
		length += (size_t)n;
		text[length] = '\0';
	}
	return text;
}

/* One request, one connection; the answer to its end, which the caller frees. */
static inline char *client_ask_fd(int fd, const char *request)
{
	char *answer;

	client_send(fd, request, strlen(request));
	answer = client_read(fd, NULL);
	close(fd);
	return answer;
}

static inline char *client_ask(uint16_t port, const char *request)
{
	return client_ask_fd(client_connect(port), request);
}

static inline int answer_status(const char *answer)
{
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

#endif
