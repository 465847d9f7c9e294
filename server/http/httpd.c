/* SPDX-License-Identifier: Apache-2.0 */
/* httpd.c -- libmicrohttpd driven by the loop through its epoll descriptor; connections with
 * deadlines of our own. */
#include "httpd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "listen.h"

#define FLUSH_RUNS 4 /* resume, answer, write, close */

void httpd_kick(struct pp_httpd *h)
{
	h->kicked = true;
	(void)pp_loop_arm_at(h->run_timer, pp_loop_now_us(h->loop));
}

/* --- connections and their deadlines --- */

static void deadline_arm(struct pp_httpd *h, uint64_t at_us)
{
	if (at_us < h->deadline_us) {
		h->deadline_us = at_us;
		(void)pp_loop_arm_at(h->deadline_timer, at_us);
	}
}

void connection_deadline(struct connection *k, uint64_t ms)
{
	struct pp_httpd *h = k->listener->httpd;

	if (k->cut)
		return;
	k->deadline_us = ms == PP_NEVER ? PP_NEVER : pp_loop_now_us(h->loop) + ms * 1000 / h->hurry;
	deadline_arm(h, k->deadline_us);
}

/* The library sees the end and cleans up. */
static void connection_cut(struct connection *k)
{
	k->deadline_us = PP_NEVER;
	k->cut = true;
	k->listener->httpd->leaving++;
	(void)shutdown(k->fd, SHUT_RDWR);
}

static void on_deadline(void *user)
{
	struct pp_httpd *h = user;
	const uint64_t now = pp_loop_now_us(h->loop);
	uint64_t next = PP_NEVER;

	for (struct connection *k = h->connections; k; k = k->next) {
		if (k->deadline_us <= now) {
			k->deadline_us = PP_NEVER;
			h->counts.cut_slow++;
			(void)shutdown(
				k->fd, SHUT_RDWR); /* the library sees the end and cleans up */
		} else if (k->deadline_us < next) {
			next = k->deadline_us;
		}
	}
	h->deadline_us = PP_NEVER;
	deadline_arm(h, next);
}

/* Connections that only wait must not keep others out: of those without a whole request the one
 * that has waited longest goes. */
static void crowd_thin(struct pp_httpd *h)
{
	struct connection *oldest = NULL;

	for (struct connection *k = h->connections; k; k = k->next) {
		bool waits = !k->cut && (!k->call || k->call->phase == CALL_READING);

		/* The newest are first in the list. */
		if (waits && (!oldest || k->since_us <= oldest->since_us))
			oldest = k;
	}
	if (oldest) {
		h->counts.cut_crowded++;
		connection_cut(oldest);
	}
}

static struct connection *connection_new(struct listener *l, struct MHD_Connection *mhd)
{
	struct connection *k = calloc(1, sizeof(*k));
	struct pp_httpd *h = l->httpd;

	if (k == NULL)
		return NULL;
	k->listener = l;
	k->mhd = mhd;
	k->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	k->next = h->connections;
	if (k->next)
		k->next->previous = k;
	h->connections = k;
	h->counts.connections++;
	h->counts.open_connections++;
	k->since_us = pp_loop_now_us(h->loop);
	connection_deadline(k, PP_HTTP_FIRST_MS);
	if (h->counts.open_connections - h->leaving > PP_HTTP_CROWDED(h->connection_limit))
		crowd_thin(h);
	return k;
}

static void connection_free(struct connection *k)
{
	struct pp_httpd *h = k->listener->httpd;

	call_free(k->call);
	if (k->previous)
		k->previous->next = k->next;
	else
		h->connections = k->next;
	if (k->next)
		k->next->previous = k->previous;
	h->counts.open_connections--;
	h->leaving -= k->cut;
	free(k);
	httpd_kick(h); /* at its limit the library listens again only when it is run again */
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = connection_new(cls, mhd);
	} else if (*socket_context) {
		connection_free(*socket_context);
		*socket_context = NULL;
	}
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* --- requests --- */

/* The request line is complete; its result comes back as *con_cls. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct connection *k = connection_of(mhd);
	struct pp_call *c = k ? calloc(1, sizeof(*c)) : NULL;

	(void)cls;
	if (c == NULL)
		return NULL;
	c->has_nul = strstr(uri, "%00") != NULL;
	c->connection = k;
	k->call = c;
	connection_deadline(k, PP_HTTP_REQUEST_MS);
	return c;
}

static void on_completed(
	void *cls, struct MHD_Connection *mhd, void **con_cls, enum MHD_RequestTerminationCode code)
{
	struct connection *k = connection_of(mhd);

	(void)cls;
	(void)code;
	if (k && k->call) {
		call_free(k->call);
		k->since_us = pp_loop_now_us(k->listener->httpd->loop);
		connection_deadline(k, PP_HTTP_IDLE_MS);
	}
	*con_cls = NULL;
}

static enum MHD_Result call_begin(struct pp_call *c, const char *path, const char *method)
{
	const char *length = pp_call_header(c, "Content-Length");

	c->begun = true;
	c->method = strdup(method);
	c->path = strdup(
		c->has_nul ? "" : path); /* no path of ours: the library would end it there */
	if (c->method == NULL || c->path == NULL)
		return MHD_NO;
	c->connection->listener->httpd->counts.requests++;
	/* The library has checked that it is a number. */
	c->too_large = length && strtoull(length, NULL, 10) > PP_HTTP_BODY_DRAIN;
	return MHD_YES;
}

static enum MHD_Result call_receive(struct pp_call *c, const char *data, size_t size)
{
	char *body;

	c->received += size;
	if (c->received > PP_HTTP_BODY_DRAIN)
		return MHD_NO;
	if (c->received > PP_HTTP_BODY_MAX) {
		c->too_large = true;
		return MHD_YES;
	}
	body = realloc(c->body, c->length + size + 1);
	if (body == NULL)
		return MHD_NO;
	memcpy(body + c->length, data, size);
	c->body = body;
	c->length += size;
	c->body[c->length] = '\0';
	return MHD_YES;
}

static enum MHD_Result call_queue(struct pp_call *c)
{
	enum MHD_Result r;

	c->phase = CALL_QUEUED;
	if (c->response == NULL)
		return MHD_NO;
	connection_deadline(c->connection, PP_HTTP_ANSWER_MS);
	r = MHD_queue_response(c->connection->mhd, c->status, c->response);
	return r;
}

static enum MHD_Result call_handle(struct pp_call *c)
{
	struct pp_httpd *h = c->connection->listener->httpd;

	c->phase = CALL_HANDLING;
	connection_deadline(c->connection, PP_NEVER);
	h->fn(h->user, c);
	if (c->phase == CALL_ANSWERED)
		return call_queue(c);
	c->suspended = true;
	MHD_suspend_connection(c->connection->mhd);
	return MHD_YES;
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *path,
	const char *method, const char *version, const char *data, size_t *size, void **con_cls)
{
	struct pp_call *c = *con_cls;
	enum MHD_Result r;

	(void)cls;
	(void)mhd;
	(void)version;
	if (c == NULL)
		return MHD_NO;
	if (c->connection->listener->httpd->ending && c->phase <= CALL_HANDLING)
		return MHD_NO;
	if (!c->begun) {
		r = call_begin(c, path, method);
		return r == MHD_YES && c->too_large ? call_handle(c) : r;
	}
	if (*size > 0) {
		r = call_receive(c, data, *size);
		*size = 0;
		return r;
	}
	if (c->phase == CALL_READING)
		return call_handle(c);
	return c->phase == CALL_ANSWERED ? call_queue(c) : MHD_YES;
}

/* --- the daemons on the loop --- */

static void httpd_run(struct pp_httpd *h)
{
	struct listener *listeners[] = { &h->tcp, &h->control };
	uint64_t at = PP_NEVER;

	h->kicked = false;
	for (size_t i = 0; i < 2; i++) {
		MHD_UNSIGNED_LONG_LONG ms;

		if (listeners[i]->daemon == NULL)
			continue;
		(void)MHD_run(listeners[i]->daemon);
		if (MHD_get_timeout(listeners[i]->daemon, &ms) == MHD_YES) {
			uint64_t then = pp_loop_now_us(h->loop) + ms * 1000;

			at = then < at ? then : at;
		}
	}
	(void)pp_loop_arm_at(h->run_timer, h->kicked ? pp_loop_now_us(h->loop) : at);
}

static void on_run_timer(void *user)
{
	httpd_run(user);
}

static void on_epoll(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	httpd_run(user);
}

/* Takes fd. */
static int listener_start(struct pp_httpd *h, struct listener *l, int fd, unsigned connections)
{
	const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

	if (fd < 0)
		return fd;
	l->httpd = h;
	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_access, l, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)PP_HTTP_HEAD_MAX, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, l, MHD_OPTION_URI_LOG_CALLBACK,
		on_request_line, l, MHD_OPTION_END);
	if (l->daemon == NULL) {
		close(fd);
		return -EIO;
	}
	return pp_loop_add_fd(h->loop,
		MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, EPOLLIN,
		on_epoll, h, &l->source);
}

static int httpd_start(struct pp_httpd *h, const struct pp_httpd_options *options)
{
	int fd, r = pp_loop_add_timer(h->loop, 1, on_run_timer, h, &h->run_timer);

	if (r == 0)
		r = pp_loop_add_timer(h->loop, 100000, on_deadline, h, &h->deadline_timer);
	if (r == 0 && options->address) {
		fd = pp_listen_tcp(options->address, options->port);
		r = fd < 0 ? fd : pp_listen_port(fd);
		h->port = r < 0 ? 0 : (uint16_t)r;
		r = listener_start(h, &h->tcp, fd, h->connection_limit);
		if (r < 0 && options->problem)
			(void)pp_problem_at(options->problem, NULL, "address %s port %u: %s",
				options->address, options->port, strerrordesc_np(-r));
	}
	if (r == 0 && options->socket_path) {
		h->control.local = true;
		fd = pp_listen_unix(options->socket_path);
		r = listener_start(h, &h->control, fd, PP_HTTP_CONTROL_CONNECTIONS);
		if (r < 0 && options->problem)
			(void)pp_problem_at(options->problem, NULL, "control socket %s: %s",
				options->socket_path, strerrordesc_np(-r));
	}
	return r;
}

int pp_httpd_new(struct pp_loop *loop, const struct pp_httpd_options *options, pp_httpd_fn *fn,
	void *user, struct pp_httpd **ret_httpd)
{
	struct pp_httpd *h = calloc(1, sizeof(*h));
	int r;

	if (h == NULL)
		return -ENOMEM;
	h->loop = loop;
	h->fn = fn;
	h->user = user;
	h->hurry = options->hurry > 0 ? options->hurry : 1;
	h->connection_limit = options->connections > 0 ? options->connections : PP_HTTP_CONNECTIONS;
	h->deadline_us = PP_NEVER;
	r = httpd_start(h, options);
	if (r < 0) {
		pp_httpd_free(h);
		return r;
	}
	*ret_httpd = h;
	return 0;
}

/* The library must not be stopped over suspended connections; once resumed, those that have their
 * answer take it along if the socket takes it at once. */
static void httpd_flush(struct pp_httpd *h)
{
	h->ending = true;
	for (struct connection *k = h->connections; k; k = k->next) {
		if (k->call && k->call->suspended) {
			k->call->suspended = false;
			MHD_resume_connection(k->mhd);
		}
	}
	for (int i = 0; i < FLUSH_RUNS && h->connections; i++)
		httpd_run(h);
}

struct pp_httpd *pp_httpd_free(struct pp_httpd *h)
{
	if (h == NULL)
		return NULL;
	httpd_flush(h);
	pp_loop_source_free(h->tcp.source);
	pp_loop_source_free(h->control.source);
	if (h->tcp.daemon)
		MHD_stop_daemon(h->tcp.daemon);
	if (h->control.daemon)
		MHD_stop_daemon(h->control.daemon);
	pp_loop_source_free(h->run_timer);
	pp_loop_source_free(h->deadline_timer);
	free(h);
	return NULL;
}

uint16_t pp_httpd_port(const struct pp_httpd *h)
{
	return h->port;
}

const struct pp_httpd_counts *pp_httpd_counts(const struct pp_httpd *h)
{
	return &h->counts;
}
