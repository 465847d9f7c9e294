/* SPDX-License-Identifier: Apache-2.0 */
/* setup.c -- the first operator, made by whoever holds the one-time link that the server prints at
 * start. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "problem.h"
#include "store/query.h"

#define PASSWORD_MIN 10
/* Whoever sets a server up must be able to make the others, and to work the desk until they are
 * there. */
#define FIRST_ROLES (PP_AS_ADMINISTRATOR | PP_AS_OPERATOR)

/* A request whose password is in work. */
struct setup {
	struct pp_web *web;
	struct pp_call *call;
	char tenant[24], name[48], display[96];
};

static int setup_needed(struct pp_web *w, bool *ret_needed)
{
	int64_t users;
	int r = pp_query_user_count(w->db, NULL, &users);

	if (r == 0)
		*ret_needed = users == 0;
	return r;
}

int pp_web_setup_link(struct pp_web *w, char ret_link[PP_WEB_LINK_SIZE])
{
	bool needed = false, v6 = strchr(w->address, ':') != NULL;
	int r = setup_needed(w, &needed);

	if (r < 0)
		return r;
	if (!needed)
		return -ENOENT;
	if (w->setup_token[0] == '\0')
		pp_token_make(w->setup_token);
	if (w->origin[0])
		snprintf(ret_link, PP_WEB_LINK_SIZE, "%s/#setup=%s", w->origin, w->setup_token);
	else
		snprintf(ret_link, PP_WEB_LINK_SIZE, "http://%s%s%s:%u/#setup=%s", v6 ? "[" : "",
			w->address, v6 ? "]" : "", pp_httpd_port(w->httpd), w->setup_token);
	return 0;
}

void pp_setup_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_json *answer;
	bool needed = false;
	int r = setup_needed(w, &needed);

	(void)who;
	(void)match;
	if (r < 0) {
		pp_call_refuse_record(c, r);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_bool(answer, "needed", needed);
	pp_call_answer_json(c, 200, answer);
}

static void on_user_made(void *user, const struct pp_action_result *result)
{
	struct setup *s = user;
	struct pp_json *answer;

	s->web->setup_busy = false;
	if (result->error < 0) {
		pp_engine_answer(s->call, result);
		return;
	}
	explicit_bzero(s->web->setup_token, sizeof(s->web->setup_token));
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "name", s->name);
	(void)pp_json_set_text(answer, "display", s->display);
	(void)pp_json_set(answer, "roles", pp_roles_list(FIRST_ROLES));
	pp_call_answer_json(s->call, 201, answer);
}

static void on_user_hashed(void *user, bool ok, const char *hash)
{
	struct setup *s = user;
	char roles[PP_ROLES_TEXT_SIZE];
	const struct pp_action action = {
		.type = PP_ACTION_USER_CREATE,
		.tenant = s->tenant,
		.actor = "server",
		.name = s->name,
		.text = s->display,
		.secret = hash,
		.role = roles,
	};

	pp_roles_text(FIRST_ROLES, roles);
	if (ok && pp_engine_submit(s->web->engine, &action, on_user_made, s) == 0)
		return;
	s->web->setup_busy = false;
	pp_call_refuse(s->call, 503, "the server is busy: try again");
}

struct setup_body {
	const char *token, *name, *display, *password, *tenant;
};

static bool setup_check(struct pp_web *w, struct pp_call *c, const struct setup_body *b)
{
	bool needed = false;
	int r = setup_needed(w, &needed);

	if (r < 0)
		pp_call_refuse_record(c, r);
	else if (!needed)
		pp_call_refuse(c, 409, "there is an operator already");
	else if (w->setup_token[0] == '\0' || strlen(b->token) != 64 ||
		 !pp_equal_secret(b->token, w->setup_token, 64)) {
		w->counts.refused_login++;
		pp_call_refuse(c, 403, "the link is not valid: the server prints one at start");
	} else if (w->setup_busy)
		pp_call_refuse(c, 409, "the first operator is being made");
	else if (!pp_text_is_slug(b->name, strlen(b->name), PP_NAME_MAX)) /* as the ledger */
		pp_call_refuse(c, 422, "member 'name' must be lower-case letters, digits and '-'");
	else
		return true;
	return false;
}

static void setup_start(struct pp_web *w, struct pp_call *c, const struct setup_body *b)
{
	struct setup *s;
	char tenant[24];
	int r;

	if (!pp_auth_tenant(w, c, b->tenant, tenant))
		return;
	s = pp_call_room(c, sizeof(*s));
	if (s == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	s->web = w;
	s->call = c;
	memcpy(s->tenant, tenant, sizeof(tenant));
	snprintf(s->name, sizeof(s->name), "%s", b->name);
	snprintf(s->display, sizeof(s->display), "%s", b->display);
	r = pp_hasher_make(w->hasher, b->password, on_user_hashed, s);
	if (r < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
	else
		w->setup_busy = true;
}

void pp_setup_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct setup_body b;
	const struct pp_body_field fields[] = {
		{ "token", 1, 64, false, false, &b.token },
		{ "name", 1, PP_NAME_MAX, false, false, &b.name },
		{ "display", 1, 80, false, false, &b.display },
		{ "password", PASSWORD_MIN, PP_HASHER_PASSWORD_MAX, false, false, &b.password },
		{ "tenant", 1, 20, true, false, &b.tenant },
	};
	struct pp_json *body;

	(void)who;
	(void)match;
	if (!pp_auth_origin(w, c) || !pp_call_read_body(c, fields, 5, &body))
		return;
	if (setup_check(w, c, &b))
		setup_start(w, c, &b);
	pp_json_free(body);
}
