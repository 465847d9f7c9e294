/* SPDX-License-Identifier: Apache-2.0 */
/* gathering.c -- incidents as such: written down after a call, merged, split, set beside each
 * other, converted; and posts that are tested or points that are disabled. Handed to the engine,
 * answered after COMMIT. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "problem.h"
#include "store/query.h"

struct gathering_wait {
	struct pp_call *call;
	unsigned status;
};

static void on_done(void *user, const struct pp_action_result *result)
{
	struct gathering_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "number", result->reason);
	(void)pp_json_set_text(answer, "state", result->state);
	(void)pp_json_set_i64(answer, "rev", result->rev);
	pp_call_answer_json(wait->call, wait->status, answer);
}

static void submit(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	struct pp_action *action, unsigned status)
{
	struct gathering_wait *wait = pp_call_room(c, sizeof(*wait));

	if (wait == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	*wait = (struct gathering_wait){ c, status };
	action->tenant = who->tenant;
	action->actor = who->actor;
	if (pp_engine_submit(w->engine, action, on_done, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

/* The path's incident has been looked at before; the other one, that a body names, is here. */
static bool other_is_seen(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, const char *number)
{
	const struct pp_scope scope = pp_who_scope(who);
	int r = pp_query_sees_incident(w->db, &scope, number);

	if (r < 0)
		pp_call_refuse_record(c, r);
	else if (r == 0)
		pp_call_refuse(c, 404, "there is no such incident");
	return r > 0;
}

static void act_on_two(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match, enum pp_action_type type)
{
	struct pp_action action = { .type = type, .incident = match->parameter };
	const struct pp_body_field fields[] = {
		{ "other", 1, PP_ROUTE_PARAMETER_MAX, false, false, &action.other },
	};
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	if (other_is_seen(w, c, who, action.other))
		submit(w, c, who, &action, 200);
	pp_json_free(body);
}

void pp_act_merge(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_on_two(w, c, who, match, PP_ACTION_MERGE);
}

void pp_act_link(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_on_two(w, c, who, match, PP_ACTION_LINK);
}

void pp_act_unlink(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_on_two(w, c, who, match, PP_ACTION_UNLINK);
}

void pp_act_split(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_SPLIT, .incident = match->parameter };
	const struct pp_body_field fields[] = {
		{ "post", 1, 40, false, false, &action.post },
	};
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	submit(w, c, who, &action, 200);
	pp_json_free(body);
}

void pp_act_convert(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_CONVERT, .incident = match->parameter };
	struct pp_json *body;

	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	submit(w, c, who, &action, 200);
}

/* Whoever sees a part of the regency writes down what happens there. */
static bool place_is_seen(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_action *action)
{
	const struct pp_scope scope = pp_who_scope(who);
	int r = action->post   ? pp_query_sees_post(w->db, &scope, action->post)
		: action->desa ? pp_query_sees_desa(w->db, &scope, action->desa)
			       : 1;

	if (r < 0)
		pp_call_refuse_record(c, r);
	else if (r == 0)
		pp_call_refuse(c, 404, "there is no such %s", action->post ? "post" : "desa");
	return r > 0;
}

void pp_act_report(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_REPORT };
	const struct pp_body_field fields[] = {
		{ "class", 1, 16, false, false, &action.class },
		{ "post", 1, 40, true, false, &action.post },
		{ "desa", 1, 63, true, false, &action.desa },
		{ "rw", 0, 63, true, false, &action.rw },
		{ "caller", 0, PP_CALLER_MAX, true, false, &action.name },
		{ "note", 1, PP_NOTE_MAX, false, true, &action.text },
		{ "mark", 0, 16, true, false, &action.state },
		{ "key", 8, 64, true, false, &action.code },
	};
	struct pp_json *body;

	(void)match;
	if (!pp_call_read_body(c, fields, sizeof(fields) / sizeof(fields[0]), &body))
		return;
	if (place_is_seen(w, c, who, &action))
		submit(w, c, who, &action, 201);
	pp_json_free(body);
}

struct mode_wait {
	struct pp_call *call;
	char post[PP_ROUTE_PARAMETER_MAX + 1];
};

static void on_mode(void *user, const struct pp_action_result *result)
{
	struct mode_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "post", wait->post);
	pp_call_answer_json(wait->call, 200, answer);
}

static void mode_submit(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, struct pp_action *action)
{
	struct mode_wait *wait = pp_call_room(c, sizeof(*wait));

	if (wait == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	wait->call = c;
	snprintf(wait->post, sizeof(wait->post), "%s", action->post);
	action->tenant = who->tenant;
	action->actor = who->actor;
	if (pp_engine_submit(w->engine, action, on_mode, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

void pp_mode_begin(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_MODE_BEGIN, .post = match->parameter };
	const char *time = NULL;
	const struct pp_body_field fields[] = {
		{ "mode", 1, 16, false, false, &action.state },
		{ "point", 0, 40, true, false, &action.name },
		{ "reason", 1, 200, false, false, &action.text },
		{ "for", 1, 16, false, false, &time },
	};
	struct pp_json *body;
	int64_t us = 0;

	if (!pp_call_read_body(c, fields, sizeof(fields) / sizeof(fields[0]), &body))
		return;
	if (pp_text_duration_us(time, strlen(time), INT64_C(60000000),
		    INT64_C(30) * 86400 * 1000000, &us) < 0) {
		pp_call_refuse(c, 422, "'for' must be a time, 1min to 30d");
	} else {
		action.seconds = us / 1000000;
		mode_submit(w, c, who, &action);
	}
	pp_json_free(body);
}

void pp_mode_end(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_MODE_END, .post = match->parameter };
	const struct pp_body_field fields[] = {
		{ "mode", 1, 16, false, false, &action.state },
		{ "point", 0, 40, true, false, &action.name },
	};
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, sizeof(fields) / sizeof(fields[0]), &body))
		return;
	mode_submit(w, c, who, &action);
	pp_json_free(body);
}
