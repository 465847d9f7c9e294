/* SPDX-License-Identifier: Apache-2.0 */
/* actions.c -- what operators do to incidents: handed to the engine, answered after COMMIT. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "problem.h"

struct action_wait {
	struct pp_call *call;
	char number[PP_ROUTE_PARAMETER_MAX + 1];
};

void pp_engine_answer(struct pp_call *c, const struct pp_action_result *result)
{
	static const struct {
		int error;
		unsigned status;
	} statuses[] = {
		{ -ENOENT, 404 },
		{ -EPERM, 409 },
		{ -EEXIST, 409 },
		{ -EINVAL, 422 },
	};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].error == result->error) {
			pp_call_refuse(c, statuses[i].status, "%s", result->reason);
			return;
		}
	}
	pp_call_refuse(c, 503, "the record cannot be written: %s", result->reason);
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct action_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "number", wait->number);
	(void)pp_json_set_text(answer, "state", result->state);
	(void)pp_json_set_i64(answer, "rev", result->rev);
	pp_call_answer_json(wait->call, 200, answer);
}

/* Numbers are made of capitals, digits and '-'; anything else is none. */
static bool number_is_fine(const char *number)
{
	return strspn(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(number);
}

static void act(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, struct pp_action *action)
{
	struct action_wait *wait;

	if (!number_is_fine(action->incident)) {
		pp_call_refuse(c, 404, "there is no such incident");
		return;
	}
	wait = pp_call_room(c, sizeof(*wait));
	if (wait == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	wait->call = c;
	snprintf(wait->number, sizeof(wait->number), "%s", action->incident);
	action->tenant = who->tenant;
	action->actor = who->actor;
	if (pp_engine_submit(w->engine, action, on_done, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

static void act_plain(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, struct pp_action *action)
{
	struct pp_json *body;

	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	act(w, c, who, action);
}

void pp_act_acknowledge(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_plain(w, c, who,
		&(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = match->parameter });
}

void pp_act_on_scene(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_plain(w, c, who,
		&(struct pp_action){ .type = PP_ACTION_ON_SCENE, .incident = match->parameter });
}

void pp_act_dispatch(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_DISPATCH, .incident = match->parameter };
	const struct pp_body_field fields[] = { { "unit", 1, 80, false, false, &action.unit } };
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	act(w, c, who, &action);
	pp_json_free(body);
}

void pp_act_close(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_CLOSE, .incident = match->parameter };
	const struct pp_body_field fields[] = {
		{ "code", 1, 16, false, false, &action.code },
		{ "note", 0, 2000, true, true, &action.text },
	};
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 2, &body))
		return;
	if (action.text == NULL)
		action.text = "";
	act(w, c, who, &action);
	pp_json_free(body);
}

void pp_act_note(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_NOTE, .incident = match->parameter };
	const struct pp_body_field fields[] = { { "text", 1, 2000, false, true, &action.text } };
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	act(w, c, who, &action);
	pp_json_free(body);
}

void pp_act_call(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_CALL,
		.incident = match->parameter,
		.unit = who->roles & PP_AS_AGENCY ? who->unit : NULL };
	const struct pp_body_field fields[] = {
		{ "state", 1, 16, false, false, &action.state },
		{ "reason", 0, 200, true, false, &action.text },
	};
	struct pp_json *body;

	if (pp_text_i64(match->second, strlen(match->second), 1, INT64_MAX, &action.call_id) < 0) {
		pp_call_refuse(c, 404, "there is no such call");
		return;
	}
	if (!pp_call_read_body(c, fields, 2, &body))
		return;
	act(w, c, who, &action);
	pp_json_free(body);
}

void pp_act_hand_over(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_HAND_OVER, .incident = match->parameter };
	const struct pp_body_field fields[] = { { "to", 1, 40, false, false, &action.name } };
	struct pp_json *body;

	if (!pp_call_read_body(c, fields, 1, &body))
		return;
	act(w, c, who, &action);
	pp_json_free(body);
}

void pp_act_take_over(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	act_plain(w, c, who,
		&(struct pp_action){ .type = PP_ACTION_TAKE_OVER, .incident = match->parameter });
}
