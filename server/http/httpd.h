/* SPDX-License-Identifier: Apache-2.0 */
/* httpd.h -- the HTTP server on the loop (the one adapter of libmicrohttpd): limits, deadlines,
 * answers; no meaning. */
#ifndef HTTP_HTTPD_H
#define HTTP_HTTPD_H

#include <stdint.h>

#include "call.h"
#include "core/yaml.h"
#include "counts.h"
#include "loop/loop.h"

/* Every limit and what happens at it. */
#define PP_HTTP_BODY_MAX 65536 /* pp_call_is_too_large: 413 */
#define PP_HTTP_BODY_DRAIN                                                                         \
	1048576 /* a larger body is not read to its end: 413 at once, or the connection is cut */
#define PP_HTTP_HEAD_MAX                                                                           \
	32768 /* request line, headers and buffers of a connection: 431 by the library */
#define PP_HTTP_CONNECTIONS 1024 /* of the TCP side; more wait in the kernel */
#define PP_HTTP_CROWDED(limit)                                                                     \
	((limit)*7 / 8)                /* above: who asks for nothing yet is cut, longest first */
#define PP_HTTP_CONTROL_CONNECTIONS 32 /* of the control socket */
#define PP_HTTP_FIRST_MS 10000         /* connected: first line of a request; else cut */
#define PP_HTTP_REQUEST_MS 20000       /* first line to the end of the body; else cut */
#define PP_HTTP_ANSWER_MS 60000        /* answer to its last byte; else cut */
#define PP_HTTP_IDLE_MS 30000          /* between two requests of a connection; else cut */
#define PP_HTTP_STALL_MS 45000         /* a stream that takes nothing; else cut */

struct pp_httpd;

struct pp_httpd_options {
	const char *address; /* NULL: no TCP */
	uint16_t port;
	const char *socket_path; /* NULL: no control socket */
	unsigned connections;    /* 0: PP_HTTP_CONNECTIONS */
	unsigned hurry;          /* 0: the deadlines above; else they are divided by it (tests) */
	struct pp_problem *problem; /* NULL, or told where it cannot listen */
};

typedef void pp_httpd_fn(void *user, struct pp_call *call);

/* fn is called once for every request whose body is complete or too large. */
int pp_httpd_new(struct pp_loop *loop, const struct pp_httpd_options *options, pp_httpd_fn *fn,
	void *user, struct pp_httpd **ret_httpd);
/* Cuts every connection; calls without answer are freed: whoever would answer them later must be
 * gone already. */
struct pp_httpd *pp_httpd_free(struct pp_httpd *h);
uint16_t pp_httpd_port(const struct pp_httpd *h);

bool pp_call_is_too_large(const struct pp_call *c);

struct pp_httpd_counts {
	PP_HTTPD_COUNTS(PP_COUNTER_MEMBER)
	uint64_t open_connections, open_streams; /* now */
	uint64_t status[600];                    /* answers by status */
};
const struct pp_httpd_counts *pp_httpd_counts(const struct pp_httpd *h);

#endif
