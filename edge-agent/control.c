/* SPDX-License-Identifier: Apache-2.0 */
/* control.c -- the Unix socket that answers every connection with the status, as one JSON text, and
 * closes. */
#include "edge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"

#define BACKLOG 8

static int make_folder(const char *path)
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

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Whoever holds the data folder's lock owns this name: what lies there is a leftover. */
	(void)unlink(path);
	/* Nobody can connect before listen, so the mode is right in time. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, 0660) < 0 ||
		listen(fd, BACKLOG) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* A post without its status socket is still a post: this is logged, not fatal. */
int pp_control_open(struct pp_edge *e)
{
	int r = make_folder(e->scalars->control);

	if (r == 0)
		r = listen_at(e->scalars->control);
	if (r < 0)
		pp_log(PP_LOG_WARNING, "control.open", "socket=%s why=\"%s\"", e->scalars->control,
			strerror(-r));
	e->control_fd = r;
	return r < 0 ? r : 0;
}

void pp_control_answer(struct pp_edge *e)
{
	char *text = NULL;
	size_t length = 0;
	int fd = accept4(e->control_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	/* It fits into the socket's buffer. Who does not read it in one piece gets no second try:
	 * nothing waits here. */
	if (pp_report_status(e, &text, &length) == 0)
		(void)send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
	close(fd);
}

void pp_control_close(struct pp_edge *e)
{
	if (e->control_fd < 0)
		return;
	close(e->control_fd);
	(void)unlink(e->scalars->control);
}
