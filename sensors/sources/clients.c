/* SPDX-License-Identifier: Apache-2.0 */
/* clients.c -- a line protocol on a Unix socket, for at most eight programs at once. */
#include "clients.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd;                    /* -1: nobody */
	bool watches, drop, waits; /* waits: for room to write */
	size_t in_length, out_length;
	char in[PP_CLIENTS_LINE_MAX];
	char out[PP_CLIENTS_ANSWER_MAX];
};

struct pp_clients {
	int fd, epoll_fd;
	pp_clients_line_fn *fn;
	void *user;
	struct sockaddr_un address;
	bool bound;
	struct client clients[PP_CLIENTS_MAX];
};

static int watch(const struct pp_clients *c, int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	return epoll_ctl(c->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

/* A socket whose program has died is in the way; one with a listener is not ours. */
static int path_clear(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, r;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
	close(fd);
	if (r != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int listen_at(struct pp_clients *c)
{
	int r = path_clear(&c->address);

	if (r < 0)
		return r;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return -errno;
	/* The mode of the unbound socket is that of its name: there is no moment in which others
	 * could connect. */
	if (fchmod(c->fd, 0600) < 0 ||
		bind(c->fd, (const struct sockaddr *)&c->address, sizeof(c->address)) < 0)
		return -errno;
	c->bound = true;
	if (listen(c->fd, PP_CLIENTS_MAX) < 0)
		return -errno;
	return watch(c, EPOLL_CTL_ADD, c->fd, EPOLLIN);
}

int pp_clients_new(
	const char *path, int epoll_fd, pp_clients_line_fn *fn, void *user, struct pp_clients **ret)
{
	struct pp_clients *c;
	int r;

	if (strlen(path) >= sizeof(c->address.sun_path))
		return -ENAMETOOLONG;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->fd = -1;
	c->epoll_fd = epoll_fd;
	c->fn = fn;
	c->user = user;
	c->address.sun_family = AF_UNIX;
	memcpy(c->address.sun_path, path, strlen(path));
	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	r = listen_at(c);
	if (r < 0)
		goto fail;
	*ret = c;
	return 0;
fail:
	pp_clients_free(c);
	return r;
}

static void client_close(struct client *client)
{
	close(client->fd); /* and out of the epoll set with it */
	*client = (struct client){ .fd = -1 };
}

struct pp_clients *pp_clients_free(struct pp_clients *c)
{
	if (!c)
		return NULL;
	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			client_close(&c->clients[i]);
	if (c->bound)
		unlink(c->address.sun_path);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return NULL;
}

static void client_flush(const struct pp_clients *c, struct client *client)
{
	ssize_t n = send(client->fd, client->out, client->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		client->drop = true;
	if (n > 0) {
		client->out_length -= (size_t)n;
		memmove(client->out, client->out + n, client->out_length);
	}
	if (client->waits == (client->out_length > 0))
		return;
	client->waits = client->out_length > 0;
	if (watch(c, EPOLL_CTL_MOD, client->fd, client->waits ? EPOLLIN | EPOLLOUT : EPOLLIN) < 0)
		client->drop = true;
}

void pp_clients_say(struct pp_clients *c, unsigned client, const char *text)
{
	struct client *to = &c->clients[client];
	size_t length = strlen(text);

	if (to->fd < 0 || to->drop)
		return;
	if (length > sizeof(to->out) - to->out_length) {
		to->drop = true;
		return;
	}
	memcpy(to->out + to->out_length, text, length);
	to->out_length += length;
	client_flush(c, to);
}

void pp_clients_watch(struct pp_clients *c, unsigned client)
{
	c->clients[client].watches = true;
}

void pp_clients_tell(struct pp_clients *c, const char *text)
{
	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++)
		if (c->clients[i].watches)
			pp_clients_say(c, i, text);
}

static void client_accept(struct pp_clients *c)
{
	static const char full[] = "error: too many clients\n";
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	unsigned i = 0;

	if (fd < 0)
		return;
	while (i < PP_CLIENTS_MAX && c->clients[i].fd >= 0)
		i++;
	if (i == PP_CLIENTS_MAX)
		(void)send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (i == PP_CLIENTS_MAX || watch(c, EPOLL_CTL_ADD, fd, EPOLLIN) < 0)
		close(fd);
	else
		c->clients[i].fd = fd;
}

/* Hands out the lines that are complete. */
static void lines_take(struct pp_clients *c, unsigned client)
{
	struct client *from = &c->clients[client];
	char *start = from->in, *end;

	while (!from->drop &&
		(end = memchr(start, '\n', from->in_length - (size_t)(start - from->in)))) {
		*end = '\0';
		if (strlen(start) != (size_t)(end - start))
			pp_clients_say(c, client, "error: a NUL in a line\n");
		else
			c->fn(c->user, client, start);
		start = end + 1;
	}
	from->in_length -= (size_t)(start - from->in);
	memmove(from->in, start, from->in_length);
	if (from->in_length < sizeof(from->in))
		return;
	pp_clients_say(c, client, "error: line too long\n");
	from->drop = true;
}

static void client_read(struct pp_clients *c, unsigned client)
{
	struct client *from = &c->clients[client];
	ssize_t n = recv(from->fd, from->in + from->in_length, sizeof(from->in) - from->in_length,
		MSG_DONTWAIT);

	if (n < 0) {
		from->drop |= errno != EAGAIN && errno != EINTR;
		return;
	}
	from->in_length += (size_t)n;
	if (n == 0 && from->in_length > 0) /* the last line may lack its end */
		from->in[from->in_length++] = '\n';
	lines_take(c, client);
	from->drop |= n == 0;
}

void pp_clients_run(struct pp_clients *c)
{
	client_accept(c);
	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++) {
		struct client *client = &c->clients[i];

		if (client->fd >= 0 && !client->drop)
			client_read(c, i);
		if (client->fd >= 0 && client->out_length > 0)
			client_flush(c, client);
		if (client->fd >= 0 && client->drop)
			client_close(client);
	}
}
