/* SPDX-License-Identifier: Apache-2.0 */
/* http/web.h -- the HTTP side of pospin-server: the API of docs/openapi.json, the event stream, the
 * console's files. */
#ifndef HTTP_WEB_H
#define HTTP_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/yaml.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "metrics/metrics.h"

struct pp_web_options { /* texts are copied */
	const char *record_path;
	const char *address; /* in figures */
	uint16_t port;       /* 0: the kernel chooses (tests) */
	const char *socket;  /* control socket; NULL or "": none */
	const char *console; /* folder of built files; NULL or "": none */
	const char *origin;  /* public origin; NULL or "": the Host header is taken for it */
	int64_t session_idle_ms;     /* a login lives so long unused ... */
	int64_t session_absolute_ms; /* ... and so long at all */
	uint32_t factor_roles;       /* PP_AS_...: who must have a second factor */
	const char *version;
	/* File with the token that /metrics wants over TCP; NULL or "": over TCP there is none. */
	/* File with the token of an SMS gateway; NULL or "": nothing is taken from one. */
	const char *sms_inbound;
	const char *metrics_token;
	/* For /metrics, which says when they end: the server's certificate, the broker's revocation
	 * lists. NULL or "": not said. */
	const char *certificate, *crl;
	struct pp_problem *problem; /* NULL, or told what a failing start is about */
};
struct pp_web;

/* Opens the record for reading and listens. Engine and loop are borrowed; everything runs on the
 * loop. */
int pp_web_new(const struct pp_web_options *options, struct pp_loop *loop, struct pp_engine *engine,
	struct pp_web **ret_web);
/* After the engine's pp_engine_free: it calls back into requests that wait for it. NULL is fine;
 * returns NULL. */
struct pp_web *pp_web_free(struct pp_web *w);
void pp_web_committed(struct pp_web *w); /* the record has grown: for pp_engine_on_commit */
uint16_t pp_web_port(const struct pp_web *w);

/* Another room's counters, in `/counts` as an object `name`, in `/metrics` as
 * pospin_server_<name>_<member>_total. Borrowed, read on the loop. At most 4. */
void pp_web_add_counters(struct pp_web *w, const char *name, const struct pp_counter *table,
	size_t count, const void *counts);

#define PP_WEB_LINK_SIZE 384
/* The one-time link that makes the first operator; valid while there is no user and this process
 * runs. -ENOENT: there is a user already. */
int pp_web_setup_link(struct pp_web *w, char ret_link[PP_WEB_LINK_SIZE]);

#endif
