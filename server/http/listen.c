/* SPDX-License-Identifier: Apache-2.0 */
/* listen.c -- listening sockets. */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define CONTROL_MODE 0660
/* What is sent and not confirmed for so long ends the connection; those that are accepted have it
 * from the listening socket. */
#define UNHEARD_MS 25000

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static int address_parse(const char *text, uint16_t port, union address *a, socklen_t *length)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		*length = sizeof(a->v4);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		*length = sizeof(a->v6);
		return 0;
	}
	return -EINVAL;
}

static int close_with(int fd, int error)
{
	close(fd);
	return -error;
}

int pp_listen_tcp(const char *address, uint16_t port)
{
	union address a;
	socklen_t length;
	const int on = 1, unheard = UNHEARD_MS;
	int fd, r = address_parse(address, port, &a, &length);

	if (r < 0)
		return r;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unheard, sizeof(unheard)) < 0 ||
		bind(fd, &a.any, length) < 0 || listen(fd, BACKLOG) < 0)
		return close_with(fd, errno);
	return fd;
}

int pp_listen_port(int fd)
{
	union address a;
	socklen_t length = sizeof(a);

	if (getsockname(fd, &a.any, &length) < 0)
		return -errno;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* 0: nothing is there any more. */
static int leftover_remove(const union address *a)
{
	struct stat st;
	int fd, r;

	if (lstat(a->local.sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, &a->any, sizeof(a->local)) < 0 ? errno : 0;
	close(fd);
	if (r != ECONNREFUSED)
		return r == EACCES ? -EACCES : -EADDRINUSE;
	return unlink(a->local.sun_path) < 0 ? -errno : 0;
}

int pp_listen_unix(const char *path)
{
	union address a = { .local = { .sun_family = AF_UNIX } };
	int fd, r;

	if (strlen(path) >= sizeof(a.local.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.local.sun_path, path, strlen(path) + 1);
	r = leftover_remove(&a);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Before bind: the name never exists with more rights than these. chmod then adds what a
	 * umask took. */
	if (fchmod(fd, CONTROL_MODE) < 0 || bind(fd, &a.any, sizeof(a.local)) < 0)
		return close_with(fd, errno);
	if (chmod(path, CONTROL_MODE) < 0 || listen(fd, BACKLOG) < 0) {
		r = errno;
		(void)unlink(path);
		return close_with(fd, r);
	}
	return fd;
}

int pp_listen_peer(int fd, uid_t *ret_uid)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return -errno;
	*ret_uid = peer.uid;
	return 0;
}
