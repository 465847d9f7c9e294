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
#include "store/query.h"

struct pp_event_stream; /* events.c */

#define PP_CLOSED_SESSIONS 64
#define PP_VIEWS 256

struct pp_web {
	struct pp_loop *loop;
	struct pp_engine *engine;
	struct pp_db *db;
	struct pp_httpd *httpd;
	struct pp_hasher *hasher;
	struct pp_guard *guard;
	struct pp_sse *sse;
	struct pp_static *console; /* NULL: none */
	struct pp_loop_source *beat, *presence;
	struct pp_event_stream *streams;
	struct pp_buf left; /* whose pages have gone since it was last said who is there */
	char *address, *origin, *version; /* origin "": none */
	int64_t session_idle_ms, session_absolute_ms;
	uint32_t factor_roles; /* who must have a second factor */
	char setup_token[65];
	bool setup_busy;                    /* a first operator is being made */
	uint8_t device_key[PP_SHA256_SIZE]; /* of this process: signs device cookies */
	/* The newest logouts: never kept alive again. */
	uint8_t closed[PP_CLOSED_SESSIONS][PP_SHA256_SIZE];
	size_t closed_next;
	/* Who has been shown which personal texts lately. */
	struct pp_viewed {
		char actor[64], what[96];
		int64_t at_ms;
	} viewed[PP_VIEWS];
	size_t viewed_next;
	struct pp_web_counts counts;
	/* scrape.c; "": none, and no metrics_token: NULL */
	char *metrics_token, *record_path, *certificate, *crl;
	char *inbound_token; /* messages.c; NULL: nothing is taken from SMS gateways */
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
	char kecamatan[PP_KECAMATAN_SIZE], unit[80]; /* "": all, none */
	uint32_t roles;                              /* PP_AS_... */
	bool session;                                /* with a cookie: `digest` is its */
	bool factor;                                 /* has a second factor */
	int64_t ends_ms, confirmed_ms;
	uint8_t digest[PP_SHA256_SIZE];
};

/* What they see of the record, names and notes masked. Texts are borrowed from who. */
struct pp_scope pp_who_scope(const struct pp_who *who);

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
#define PP_CODE_MAX 40                          /* bytes of a second factor */
#define PP_NAME_MAX 32                          /* bytes of a user's name */
extern const char pp_nobodys_hash[];            /* session.c */
struct pp_json *pp_roles_list(uint32_t roles);  /* session.c: their words */

#define PP_PASSWORD_MIN 10   /* characters of a new one, in bytes */
#define PP_CONFIRM_MS 300000 /* so long after a password dangerous acts go */
/* Whether the name that the request asks for is one of this server's; false: refused (421). */
bool pp_auth_host(struct pp_web *w, struct pp_call *c);

/* tries.c: who guesses must wait. By name and address, by address, and by name from everywhere; a
 * browser that has logged in before by itself alone. */
struct pp_tries {
	char keys[3][160], code[168];
	size_t count;
};
/* false: it has been refused (429). */
bool pp_tries_pass(struct pp_web *w, struct pp_call *c, const struct pp_user_row *user, bool known,
	struct pp_tries *ret_tries);
/* After a right password: whether a code may be looked at. A million codes are few for whoever asks
 * from a thousand addresses. */
bool pp_tries_code(struct pp_web *w, const struct pp_tries *tries);
void pp_tries_clear(struct pp_web *w, const struct pp_tries *tries); /* it was right */

/* factor.c: what a code stands for: a step, or the digest of a recovery code in ret_action.
 * -EACCES: it fits nothing; without a second factor every code does. */
int pp_factor_read(const struct pp_user_row *user, const char *code, struct pp_action *ret_action);

/* views.c: answers with json after it stands on the timeline who was shown it; masked, which says
 * less, is shown instead when that cannot be written. Takes both. */
struct pp_view {
	const char *incident, *post; /* one of them */
	const char *what;            /* "contact", "notes", "contact,notes" */
	struct pp_json *json, *masked;
};
void pp_view_answer(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, const struct pp_view *view);
#define PP_VIEW_MS 900000 /* looking again within this time is the same view */

/* Handlers, by file. */
pp_route_fn pp_account_confirm, pp_account_password, pp_account_invitation; /* account.c */
pp_route_fn pp_factor_post, pp_factor_confirm, pp_factor_delete;            /* factor.c */
pp_route_fn pp_desk_get, pp_users_get, pp_users_post, pp_user_set, pp_user_disable, pp_user_enable,
	pp_user_reset, pp_user_factor_off;                      /* users.c */
pp_route_fn pp_audit_get, pp_view_contact;                      /* views.c */
pp_route_fn pp_setup_get, pp_setup_post;                        /* setup.c */
pp_route_fn pp_session_get, pp_session_post, pp_session_delete; /* session.c */
pp_route_fn pp_api_health, pp_api_counts, pp_api_openapi, pp_api_incidents, pp_api_incident,
	pp_api_posts, pp_api_troubles; /* api.c */
pp_route_fn pp_act_acknowledge, pp_act_dispatch, pp_act_on_scene, pp_act_close,
	pp_act_note; /* actions.c */
pp_route_fn pp_act_call, pp_act_hand_over, pp_act_take_over;
pp_route_fn pp_act_report, pp_act_merge, pp_act_split, pp_act_link, pp_act_unlink,
	pp_act_convert, pp_mode_begin, pp_mode_end;   /* gathering.c */
pp_route_fn pp_order_sound, pp_order_silence;         /* orders.c */
pp_route_fn pp_plans_get, pp_plans_put, pp_plans_who, pp_contact_test; /* plans.c */
pp_route_fn pp_ring_post, pp_inbound_post; /* messages.c */
int pp_messages_open(struct pp_web *w, const struct pp_web_options *options);
void pp_messages_close(struct pp_web *w);
pp_route_fn pp_scrape_get;                            /* scrape.c */
int pp_scrape_open(struct pp_web *w, const struct pp_web_options *options);
void pp_scrape_close(struct pp_web *w);
pp_route_fn pp_events_get; /* events.c */
void pp_events_ended(struct pp_web *w, const char *tenant,
	const char *name); /* ends the streams of that user whose sessions are over */
/* Names of the tenant's users whose pages are connected, a list of texts; NULL: no memory. */
struct pp_json *pp_events_here(const struct pp_web *w, const char *tenant);
#define PP_STREAMS_EACH 12 /* of one user */
#define PP_PRESENCE_MS 5000
#define PP_PULSE_MS UINT64_C(25000)
/* Somebody with this session has asked for something: his page is there. */
void pp_events_heard(struct pp_web *w, const uint8_t digest[PP_SHA256_SIZE]);
/* Ends the streams of pages that have promised a pulse and were not heard for PP_PULSE_MS; tells
 * the engine whose pages are connected: what they hold stays theirs. now_us: the loop's. */
void pp_events_presence(struct pp_web *w, uint64_t now_us);
/* Who has a page that is connected, or had one since pp_events_said: "tenant/user:name\n" each. 0:
 * the caller frees it; -ENOMEM. */
int pp_events_present(struct pp_web *w, char **ret_text);
void pp_events_said(struct pp_web *w); /* the engine has been told who was there */
void pp_events_beat(struct pp_web
		*w); /* ends the streams of sessions that are over, then a comment for all others */
void pp_engine_answer(
	struct pp_call *c, const struct pp_action_result *result); /* actions.c: refusals */

#endif
