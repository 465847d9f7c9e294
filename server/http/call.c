/* SPDX-License-Identifier: Apache-2.0 */
/* call.c -- one request as handlers see it, and its answer. */
#include "call.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "conn.h"
#include "listen.h"

/* The same for every answer: a page of ours may run the console's scripts and no other. */
static const char *const fixed_headers[][2] = {
	{ "Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; "
				     "frame-ancestors 'none'; object-src 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
};

struct pp_call *call_free(struct pp_call *c)
{
	if (c == NULL)
		return NULL;
	if (c->stream) {
		c->connection->listener->httpd->counts.open_streams--;
		c->stream->close(c->stream_user);
	}
	if (c->connection->call == c)
		c->connection->call = NULL;
	if (c->response)
		MHD_destroy_response(c->response);
	for (size_t i = 0; i < c->header_count; i++) {
		free(c->headers[i].name);
		free(c->headers[i].value);
	}
	if (c->body)
		explicit_bzero(c->body, c->length); /* passwords pass here */
	free(c->body);
	free(c->room);
	free(c->method);
	free(c->path);
	free(c);
	return NULL;
}

const char *pp_call_method(const struct pp_call *c)
{
	return c->method;
}

const char *pp_call_path(const struct pp_call *c)
{
	return c->path;
}

const char *pp_call_header(const struct pp_call *c, const char *name)
{
	return MHD_lookup_connection_value(c->connection->mhd, MHD_HEADER_KIND, name);
}

struct header_last {
	const char *name, *value;
};

static enum MHD_Result header_note(
	void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_last *last = user;

	(void)kind;
	if (strcasecmp(name, last->name) == 0)
		last->value = value;
	return MHD_YES;
}

const char *pp_call_header_last(const struct pp_call *c, const char *name)
{
	struct header_last last = { name, NULL };

	(void)MHD_get_connection_values(
		c->connection->mhd, MHD_HEADER_KIND, header_note, &last);
	return last.value;
}

const char *pp_call_query(const struct pp_call *c, const char *name)
{
	return MHD_lookup_connection_value(c->connection->mhd, MHD_GET_ARGUMENT_KIND, name);
}

const char *pp_call_cookie(const struct pp_call *c, const char *name)
{
	return MHD_lookup_connection_value(c->connection->mhd, MHD_COOKIE_KIND, name);
}

const char *pp_call_body(const struct pp_call *c, size_t *ret_length)
{
	*ret_length = c->length;
	return c->body ? c->body : "";
}

bool pp_call_is_local(const struct pp_call *c, uid_t *ret_uid)
{
	return c->connection->listener->local && pp_listen_peer(c->connection->fd, ret_uid) == 0;
}

void pp_call_address(const struct pp_call *c, char *ret_address)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c->connection->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	socklen_t length = address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
								     : sizeof(struct sockaddr_in);

	ret_address[0] = '\0';
	if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
		getnameinfo(address, length, ret_address, PP_ADDRESS_SIZE, NULL, 0,
			NI_NUMERICHOST) != 0)
		ret_address[0] = '\0';
}

bool pp_call_is_connected(const struct pp_call *c)
{
	char byte;
	ssize_t n = recv(c->connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool pp_call_is_too_large(const struct pp_call *c)
{
	return c->too_large;
}

void *pp_call_room(struct pp_call *c, size_t size)
{
	assert(c->room == NULL);
	c->room = calloc(1, size);
	return c->room;
}

void pp_call_set_header(struct pp_call *c, const char *name, const char *value)
{
	size_t i = c->header_count;

	if (i == PP_CALL_HEADERS_MAX) {
		c->headers_lost = true;
		return;
	}
	c->headers[i].name = strdup(name);
	c->headers[i].value = strdup(value);
	c->header_count++;
	if (c->headers[i].name == NULL || c->headers[i].value == NULL)
		c->headers_lost = true;
}

static void response_add_headers(struct pp_call *c, const char *type)
{
	if (type && MHD_add_response_header(c->response, "Content-Type", type) != MHD_YES)
		c->headers_lost = true;
	for (size_t i = 0; i < sizeof(fixed_headers) / sizeof(fixed_headers[0]); i++) {
		if (MHD_add_response_header(
			    c->response, fixed_headers[i][0], fixed_headers[i][1]) != MHD_YES)
			c->headers_lost = true;
	}
	for (size_t i = 0; i < c->header_count && !c->headers_lost; i++) {
		if (MHD_add_response_header(c->response, c->headers[i].name, c->headers[i].value) !=
			MHD_YES)
			c->headers_lost = true;
	}
	if (c->headers_lost && c->stream == NULL)
		c->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
}

/* The answer is there: into the queue by on_access, at once or when the connection has been
 * resumed. */
static void call_answered(struct pp_call *c)
{
	struct pp_httpd *h = c->connection->listener->httpd;

	if (c->status < sizeof(h->counts.status) / sizeof(h->counts.status[0]))
		h->counts.status[c->status]++;
	c->phase = CALL_ANSWERED;
	if (c->suspended) {
		c->suspended = false;
		MHD_resume_connection(c->connection->mhd);
		httpd_kick(h);
	}
}

void pp_call_answer(struct pp_call *c, unsigned status, const char *type, char *data, size_t length)
{
	assert(c->phase == CALL_HANDLING);
	c->status = status;
	c->response = MHD_create_response_from_buffer(
		length, data, data ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (c->response)
		response_add_headers(c, type);
	else
		free(data); /* no memory: call_queue cuts the connection */
	call_answered(c);
}

static ssize_t on_stream_read(void *cls, uint64_t position, char *buf, size_t size)
{
	struct pp_call *c = cls;
	bool ending = c->connection->listener->httpd->ending;
	ssize_t n = ending ? -1 : c->stream->read(c->stream_user, buf, size);

	(void)position;
	if (n < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	connection_deadline(c->connection, n > 0 ? PP_HTTP_STALL_MS : PP_NEVER);
	if (n == 0) {
		c->suspended = true;
		MHD_suspend_connection(c->connection->mhd);
	}
	return n;
}

void pp_call_answer_stream(
	struct pp_call *c, const char *type, const struct pp_call_stream *ops, void *user)
{
	assert(c->phase == CALL_HANDLING);
	c->status = MHD_HTTP_OK;
	c->stream = ops;
	c->stream_user = user;
	c->connection->listener->httpd->counts.open_streams++;
	c->response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_stream_read, c, NULL);
	if (c->response)
		response_add_headers(c, type);
	call_answered(c);
}

void pp_call_wake(struct pp_call *c)
{
	assert(c->stream);
	if (!c->suspended || c->phase != CALL_QUEUED)
		return;
	c->suspended = false;
	connection_deadline(c->connection, PP_HTTP_STALL_MS);
	MHD_resume_connection(c->connection->mhd);
	httpd_kick(c->connection->listener->httpd);
}
