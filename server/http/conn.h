/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h -- what httpd.c and call.c share: connections, calls and listeners over libmicrohttpd.
 * Nobody else includes it. */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include <microhttpd.h>

#include "httpd.h"

#define PP_CALL_HEADERS_MAX 16
#define PP_NEVER UINT64_MAX

enum call_phase { CALL_READING, CALL_HANDLING, CALL_ANSWERED, CALL_QUEUED };

struct pp_call {
	struct connection *connection;
	char *method, *path;
	char *body;
	size_t length, received; /* received: all of it, also what was thrown away */
	enum call_phase phase;
	bool has_nul, begun, too_large, suspended, headers_lost;
	void *room;
	struct {
		char *name, *value;
	} headers[PP_CALL_HEADERS_MAX];
	size_t header_count;
	unsigned status;
	struct MHD_Response *response;
	const struct pp_call_stream *stream;
	void *stream_user;
};

struct connection {
	struct connection *previous, *next;
	struct listener *listener;
	struct MHD_Connection *mhd;
	int fd;
	uint64_t deadline_us;
	uint64_t since_us; /* connected, or done with the last request */
	bool cut;          /* it is on its way out */
	struct pp_call *call;
};

struct listener {
	struct pp_httpd *httpd;
	struct MHD_Daemon *daemon;
	struct pp_loop_source *source;
	bool local;
};

struct pp_httpd {
	struct pp_loop *loop;
	pp_httpd_fn *fn;
	void *user;
	struct listener tcp, control;
	struct pp_loop_source *run_timer, *deadline_timer;
	uint64_t deadline_us; /* the timer's */
	bool ending;          /* answers that are there go out, nothing new is taken */
	bool kicked;          /* the library is to be run again at once */
	unsigned hurry, connection_limit;
	struct connection *connections;
	uint64_t leaving; /* of them, cut */
	uint16_t port;
	struct pp_httpd_counts counts;
};

void httpd_kick(struct pp_httpd
		*h); /* the library has something to do: run it at the next turn of the loop */
void connection_deadline(struct connection *k, uint64_t ms); /* from now; PP_NEVER: none */
struct pp_call *call_free(struct pp_call *c);

#endif
