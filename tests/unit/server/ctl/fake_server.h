/* SPDX-License-Identifier: Apache-2.0 */
/* fake_server.h -- a server on a Unix socket that gives one prepared answer and keeps what it was
 * asked. */
#ifndef CTL_FAKE_SERVER_H
#define CTL_FAKE_SERVER_H

#include "pospin_test.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct fake_server {
	char *folder, path[100];
	int listener;
	pthread_t thread;
	const char *answer; /* the whole of it, with its status line */
	char asked[8192];   /* the whole request */
};

static inline bool fake_request_is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"),
		   *length = strstr(request, "Content-Length: ");

	if (!end)
		return false;
	return !length || strlen(end + 4) >= strtoul(length + strlen("Content-Length: "), NULL, 10);
}

static inline void *fake_server_run(void *argument)
{
	struct fake_server *f = argument;
	struct pollfd wait = { .fd = f->listener, .events = POLLIN };
	size_t used = 0;
	ssize_t n;
	int fd = poll(&wait, 1, 10000) == 1 ? accept(f->listener, NULL, NULL) : -1;

	if (fd < 0)
		return NULL;
	while (!fake_request_is_whole(f->asked)) {
		n = read(fd, f->asked + used, sizeof(f->asked) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	for (const char *p = f->answer; *p; p += n) {
		n = write(fd, p, strlen(p));
		if (n <= 0)
			break;
	}
	close(fd);
	(void)shutdown(f->listener, SHUT_RDWR); /* who asks again is refused, not kept waiting */
	return NULL;
}

static inline void fake_server_start(struct fake_server *f, const char *answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memset(f, 0, sizeof(*f));
	f->folder = pp_test_folder();
	f->answer = answer;
	snprintf(f->path, sizeof(f->path), "%s/s", f->folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(f->listener, 4), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, fake_server_run, f), 0);
}

/* After the exchange: f->asked may be read. */
static inline void fake_server_join(struct fake_server *f)
{
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	close(f->listener);
	pp_test_folder_remove(f->folder);
}

#define FAKE_ANSWER(status, type, body)                                                            \
	"HTTP/1.1 " status "\r\nContent-Type: " type "\r\nConnection: close\r\n\r\n" body

#endif
