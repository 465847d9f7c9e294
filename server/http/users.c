/* SPDX-License-Identifier: Apache-2.0 */
/* users.c -- what administrators do to users. Nobody learns another's password: a new user, and one
 * whose password is lost, gets a one-time link. */
#include "pieces.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"

#define INVITATION_MS INT64_C(172800000) /* two days */

struct change {
	struct pp_web *web;
	struct pp_call *call;
	char tenant[24], name[PP_ROUTE_PARAMETER_MAX + 1];
	char token[65]; /* "": no link */
	unsigned status;
};

/* As pp_web_setup_link makes its own. */
static void link_make(const struct pp_web *w, const char *token, char ret_link[PP_WEB_LINK_SIZE])
{
	bool v6 = strchr(w->address, ':') != NULL;

	if (w->origin[0])
		snprintf(ret_link, PP_WEB_LINK_SIZE, "%s/#invitation=%s", w->origin, token);
	else
		snprintf(ret_link, PP_WEB_LINK_SIZE, "http://%s%s%s:%u/#invitation=%s",
			v6 ? "[" : "", w->address, v6 ? "]" : "", pp_httpd_port(w->httpd), token);
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct change *change = user;
	struct pp_json *answer;
	char link[PP_WEB_LINK_SIZE];

	if (result->error < 0) {
		pp_engine_answer(change->call, result);
		return;
	}
	/* Streams of sessions that have just ended, without waiting for the next heartbeat. */
	pp_events_ended(change->web, change->tenant, change->name);
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "name", change->name);
	if (change->token[0]) {
		link_make(change->web, change->token, link);
		(void)pp_json_set_text(answer, "link", link);
		(void)pp_json_set_i64(answer, "until", pp_clock_wall_ms() + INVITATION_MS);
		explicit_bzero(change->token, sizeof(change->token));
	}
	pp_call_answer_json(change->call, change->status, answer);
}

static struct change *change_new(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, const char *name)
{
	struct change *change;

	if (!pp_text_is_slug(name, strlen(name), PP_NAME_MAX)) {
		pp_call_refuse(c, 422, "member 'name' must be lower-case letters, digits and '-'");
		return NULL;
	}
	change = pp_call_room(c, sizeof(*change));
	if (change == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return NULL;
	}
	change->web = w;
	change->call = c;
	change->status = 200;
	memcpy(change->tenant, who->tenant, sizeof(change->tenant));
	snprintf(change->name, sizeof(change->name), "%s", name);
	return change;
}

/* Puts the invitation into the action, and its token into the answer. */
static void change_invite(struct change *change, struct pp_action *action)
{
	uint8_t token[32];

	pp_token_make(change->token);
	(void)pp_text_unhex(change->token, 64, token, sizeof(token));
	pp_sha256(token, sizeof(token), action->key);
	explicit_bzero(token, sizeof(token));
	action->until_ms = pp_clock_wall_ms() + INVITATION_MS;
}

static void change_submit(struct change *change, const struct pp_who *who, struct pp_action *action)
{
	action->tenant = who->tenant;
	action->actor = who->actor;
	action->name = change->name;
	if (pp_engine_submit(change->web->engine, action, on_done, change) < 0)
		pp_call_refuse(change->call, 503, "the server is busy: try again");
}

void pp_users_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_json *json;
	int r = pp_query_users(w->db, who->tenant, &json);

	(void)match;
	if (r < 0)
		pp_call_refuse_record(c, r);
	else
		pp_call_answer_json(c, 200, json);
}

void pp_desk_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_json *json;
	int r = pp_query_desk(w->db, who->tenant, &json);

	(void)match;
	if (r < 0) {
		pp_call_refuse_record(c, r);
		return;
	}
	(void)pp_json_set(json, "here", pp_events_here(w, who->tenant));
	pp_call_answer_json(c, 200, json);
}

/* "33.24.07,33.24.08" as the record has it: ",33.24.07,33.24.08,"; NULL stays NULL. */
static const char *kecamatan_make(const char *text, char ret_list[PP_KECAMATAN_SIZE])
{
	if (text == NULL)
		return NULL;
	if (text[0] == '\0')
		return "";
	snprintf(ret_list, PP_KECAMATAN_SIZE, ",%s,", text);
	return ret_list;
}

void pp_users_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_USER_CREATE };
	const char *name, *kecamatan;
	const struct pp_body_field fields[] = {
		{ "name", 1, PP_NAME_MAX, false, false, &name },
		{ "display", 1, 80, false, false, &action.text },
		{ "roles", 1, PP_ROLES_TEXT_SIZE, false, false, &action.role },
		{ "kecamatan", 0, PP_KECAMATAN_SIZE - 3, true, false, &kecamatan },
		{ "unit", 0, PP_UNIT_MAX, true, false, &action.unit },
	};
	char list[PP_KECAMATAN_SIZE];
	struct change *change;
	struct pp_json *body;

	(void)match;
	if (!pp_call_read_body(c, fields, 5, &body))
		return;
	change = change_new(w, c, who, name);
	if (change) {
		action.kecamatan = kecamatan_make(kecamatan, list);
		change->status = 201;
		change_invite(change, &action);
		change_submit(change, who, &action);
	}
	pp_json_free(body);
}

void pp_user_set(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_USER_SET };
	const char *kecamatan;
	const struct pp_body_field fields[] = {
		{ "display", 1, 80, true, false, &action.text },
		{ "roles", 1, PP_ROLES_TEXT_SIZE, true, false, &action.role },
		{ "kecamatan", 0, PP_KECAMATAN_SIZE - 3, true, false, &kecamatan },
		{ "unit", 0, PP_UNIT_MAX, true, false, &action.unit },
	};
	char list[PP_KECAMATAN_SIZE];
	struct change *change;
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 4, &body))
		return;
	change = change_new(w, c, who, match->parameter);
	if (change) {
		action.kecamatan = kecamatan_make(kecamatan, list);
		change_submit(change, who, &action);
	}
	pp_json_free(body);
}

/* A change that needs no words. */
static void change_plain(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match, struct pp_action *action)
{
	struct change *change;
	struct pp_json *body;

	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	change = change_new(w, c, who, match->parameter);
	if (change == NULL)
		return;
	if (action->type == PP_ACTION_USER_INVITE)
		change_invite(change, action);
	change_submit(change, who, action);
}

void pp_user_disable(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	change_plain(w, c, who, match,
		&(struct pp_action){ .type = PP_ACTION_USER_ACTIVE, .state = "disabled" });
}

void pp_user_enable(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	change_plain(w, c, who, match,
		&(struct pp_action){ .type = PP_ACTION_USER_ACTIVE, .state = "enabled" });
}

void pp_user_reset(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	change_plain(w, c, who, match, &(struct pp_action){ .type = PP_ACTION_USER_INVITE });
}

void pp_user_factor_off(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	change_plain(w, c, who, match,
		&(struct pp_action){ .type = PP_ACTION_USER_FACTOR, .state = "off" });
}
