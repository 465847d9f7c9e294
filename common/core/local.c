/* SPDX-License-Identifier: Apache-2.0 */
/* local.c -- Unix sockets of the tools. */
#include "core/local.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"

#define BACKLOG 8

static int address_make(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret_address = address;
	return 0;
}

static int folder_make(const char *path)
{
	char *copy = strdup(path), *slash;
	int r = copy ? 0 : -ENOMEM;

	slash = copy ? strrchr(copy, '/') : NULL;
	if (slash && slash != copy) {
		*slash = '\0';
		r = pp_dir_make(copy, 0755);
	}
	free(copy);
	return r;
}

int pp_local_listen(const char *path)
{
	struct sockaddr_un address;
	struct stat facts;
	int fd, r = address_make(path, &address);

	if (r == 0)
		r = folder_make(path);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A leftover, and nothing that somebody keeps there by mistake. */
	if (lstat(path, &facts) == 0 && S_ISSOCK(facts.st_mode))
		(void)unlink(path);
	/* Nobody can connect before listen, so the mode is right in time. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0660) < 0 ||
		listen(fd, BACKLOG) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int pp_local_tell(int fd, const char *text, size_t length)
{
	int taken = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (taken < 0)
		return -errno;
	(void)send(taken, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(taken);
	return 0;
}

void pp_local_close(int fd, const char *path)
{
	if (fd < 0)
		return;
	close(fd);
	(void)unlink(path);
}

/* 1: there is something to read; 0: it has ended. */
static int part_read(int fd, uint64_t until_us, size_t max, struct pp_buf *b)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now_us = pp_clock_mono_us();
	char part[4096];
	ssize_t n;

	if (now_us >= until_us || poll(&p, 1, (int)((until_us - now_us) / 1000) + 1) == 0)
		return -ETIMEDOUT;
	n = read(fd, part, sizeof(part));
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	if (b->length + (size_t)n > max)
		return -EFBIG;
	pp_buf_add(b, part, (size_t)n);
	return n > 0;
}

int pp_local_ask(const char *path, int timeout_ms, size_t max, char **ret_text, size_t *ret_length)
{
	uint64_t until_us = pp_clock_mono_us() + (uint64_t)timeout_ms * 1000;
	struct sockaddr_un address;
	struct pp_buf b = { 0 };
	int fd, r = address_make(path, &address);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* EAGAIN: too many wait already, so the program does not get on. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		r = errno == EAGAIN ? -ETIMEDOUT : -errno;
	else
		do
			r = part_read(fd, until_us, max, &b);
		while (r == 1);
	close(fd);
	if (r == 0)
		return pp_buf_take(&b, ret_text, ret_length);
	pp_buf_done(&b);
	return r;
}
