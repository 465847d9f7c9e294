/* SPDX-License-Identifier: Apache-2.0 */
/* orders.c -- orders to posts: handed to the engine, answered after COMMIT. What the post does with
 * one is told by the timeline. */
#include "pieces.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "problem.h"
#include "protocol/limits.h"

struct order_wait {
	struct pp_call *call;
	const char *order; /* static */
	char post[PP_ROUTE_PARAMETER_MAX + 1];
};

static void on_done(void *user, const struct pp_action_result *result)
{
	struct order_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "id", result->reason);
	(void)pp_json_set_text(answer, "post", wait->post);
	(void)pp_json_set_text(answer, "order", wait->order);
	pp_call_answer_json(wait->call, 200, answer);
}

static void order(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, struct pp_action *action)
{
	struct order_wait *wait;

	if (!pp_text_is_slug(action->post, strlen(action->post), PP_POST_MAX)) {
		pp_call_refuse(c, 404, "there is no such post");
		return;
	}
	wait = pp_call_room(c, sizeof(*wait));
	if (wait == NULL) {
		pp_call_refuse(c, 503, "the server is out of memory");
		return;
	}
	wait->call = c;
	wait->order = action->order;
	snprintf(wait->post, sizeof(wait->post), "%s", action->post);
	action->type = PP_ACTION_ORDER;
	action->tenant = who->tenant;
	action->actor = who->actor;
	if (pp_engine_submit(w->engine, action, on_done, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

void pp_order_sound(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .post = match->parameter, .order = "sound" };
	const char *time = NULL;
	const struct pp_body_field fields[] = {
		{ "class", 1, 16, false, false, &action.class },
		{ "for", 1, 16, false, false, &time },
	};
	struct pp_json *body;
	int64_t us = 0;

	if (!pp_call_read_body(c, fields, 2, &body))
		return;
	if (pp_text_duration_us(
		    time, strlen(time), 1000000, PP_SOUND_MAX_S * INT64_C(1000000), &us) < 0 ||
		us % 1000000 != 0) {
		pp_call_refuse(c, 422, "'for' must be a time in whole seconds, 1s to 180s");
	} else {
		action.seconds = us / 1000000;
		order(w, c, who, &action);
	}
	pp_json_free(body);
}

void pp_order_silence(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .post = match->parameter, .order = "silence" };
	struct pp_json *body;

	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	order(w, c, who, &action);
}
