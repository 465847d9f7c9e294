/* SPDX-License-Identifier: Apache-2.0 */
/* pieces.h -- what this room's handlers share: the web's state, who is asking, small answers. */
#ifndef HTTP_PIECES_H
#define HTTP_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#include "body.h"
#include "call.h"
#include "guard.h"
#include "hasher.h"
#include "httpd.h"
#include "router.h"
#include "sse.h"
#include "static.h"

#include "crypto/sign.h"
#include "db/db.h"
#include "engine/engine.h"
#include "http/web.h"
#include "json/json.h"
#include "loop/loop.h"

struct pp_event_stream; /* events.c */

#define PP_CLOSED_SESSIONS 64

struct pp_web {
	struct pp_loop *loop;
	struct pp_engine *engine;
	struct pp_db *db;
	struct pp_httpd *httpd;
	struct pp_hasher *hasher;
	struct pp_guard *guard;
	struct pp_sse *sse;
	struct pp_static *console; /* NULL: none */
	struct pp_loop_source *beat;
	struct pp_event_stream *streams;
	char *address, *origin, *version; /* origin "": none */
	int64_t session_idle_ms;
	char setup_token[65];
	bool setup_busy;                    /* a first operator is being made */
	uint8_t device_key[PP_SHA256_SIZE]; /* of this process: signs device cookies */
	/* The newest logouts: never kept alive again. */
	uint8_t closed[PP_CLOSED_SESSIONS][PP_SHA256_SIZE];
	size_t closed_next;
	struct pp_web_counts counts;
	/* scrape.c; "": none, and no metrics_token: NULL */
	char *metrics_token, *record_path, *certificate, *crl;
	int64_t started_ms;
	struct pp_web_counters {
		const char *name;
		const struct pp_counter *table;
		size_t count;
		const void *counts;
	} counters[4]; /* of other rooms */
	size_t counter_count;
};

/* Who is asking. */
struct pp_who {
	char tenant[24];
	char actor[64]; /* "user:budi", "ctl:root" */
	char name[48], display[96];
	uint32_t roles; /* PP_AS_... */
	bool session;   /* with a cookie: `digest` is its */
	uint8_t digest[PP_SHA256_SIZE];
};

/* Prints and frees json. */
void pp_call_answer_json(struct pp_call *c, unsigned status, struct pp_json *json);
/* Refuses with 503: the record could not be read. */
void pp_call_refuse_record(struct pp_call *c, int error);
/* The request's body by its table; false: it has been refused. */
bool pp_call_read_body(struct pp_call *c, const struct pp_body_field *fields, size_t count,
	struct pp_json **ret_json);

/* auth.c */
#define PP_COOKIE_SESSION "pospin_session"
#define PP_COOKIE_DEVICE "pospin_device"
/* false: it has been refused (401, 403, 422, 503). */
bool pp_auth_who(struct pp_web *w, struct pp_call *c, struct pp_who *ret_who);
/* Whether the table of endpoints lets them; false: it has been refused (403). */
bool pp_auth_admits(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match);
/* Whether the page that sends this change is ours; false: it has been refused (403). */
bool pp_auth_origin(struct pp_web *w, struct pp_call *c);
/* The tenant that an unfinished name means: `asked` if it exists, or the only one. false: it has
 * been refused. */
bool pp_auth_tenant(struct pp_web *w, struct pp_call *c, const char *asked, char ret_tenant[24]);
/* Keeps a used session alive; at most every ten minutes something is written. Never after
 * pp_auth_forget: a logout on its way into the record must not be overtaken. */
void pp_auth_refresh(struct pp_web *w, const struct pp_who *who);
void pp_auth_forget(struct pp_web *w, const uint8_t digest[PP_SHA256_SIZE]);
bool pp_auth_is_secure(const struct pp_web *w); /* cookies may go over https only */
void pp_token_make(char ret_hex[65]);           /* 256 random bits */
#define PP_NAME_MAX 32                          /* bytes of a user's name */
extern const char pp_nobodys_hash[];            /* session.c */
struct pp_json *pp_roles_list(uint32_t roles);  /* session.c: their words */

/* Handlers, by file. */
pp_route_fn pp_setup_get, pp_setup_post;                        /* setup.c */
pp_route_fn pp_session_get, pp_session_post, pp_session_delete; /* session.c */
pp_route_fn pp_api_health, pp_api_counts, pp_api_openapi, pp_api_incidents, pp_api_incident,
	pp_api_posts, pp_api_troubles; /* api.c */
pp_route_fn pp_act_acknowledge, pp_act_dispatch, pp_act_on_scene, pp_act_close,
	pp_act_note;                          /* actions.c */
pp_route_fn pp_order_sound, pp_order_silence; /* orders.c */
pp_route_fn pp_plans_get, pp_plans_put, pp_plans_who; /* plans.c */
pp_route_fn pp_scrape_get;                    /* scrape.c */
int pp_scrape_open(struct pp_web *w, const struct pp_web_options *options);
void pp_scrape_close(struct pp_web *w);
pp_route_fn pp_events_get; /* events.c */
void pp_events_beat(struct pp_web
		*w); /* ends the streams of sessions that are over, then a comment for all others */
void pp_engine_answer(
	struct pp_call *c, const struct pp_action_result *result); /* actions.c: refusals */

#endif
