/* SPDX-License-Identifier: Apache-2.0 */
/* views.c -- personal texts are shown after it stands on the timeline who sees them; the chain
 * itself for auditors, which holds none. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "problem.h"

#define AUDIT_LIMIT 500

struct wait {
	struct pp_web *web;
	struct pp_call *call;
	struct pp_json *json, *masked;
	char actor[64], what[96];
};

/* What a view is of, in one text. */
static void view_key(const struct pp_who *who, const struct pp_view *view, char ret_what[96])
{
	snprintf(ret_what, 96, "%s/%s/%s", who->tenant,
		view->incident ? view->incident : view->post, view->what);
}

static bool is_viewed(const struct pp_web *w, const struct wait *wait)
{
	const int64_t now = pp_clock_wall_ms();

	for (size_t i = 0; i < PP_VIEWS; i++) {
		const struct pp_viewed *v = &w->viewed[i];

		if (now - v->at_ms >= 0 && now - v->at_ms < PP_VIEW_MS &&
			strcmp(v->actor, wait->actor) == 0 && strcmp(v->what, wait->what) == 0)
			return true;
	}
	return false;
}

static void view_remember(struct pp_web *w, const struct wait *wait)
{
	struct pp_viewed *v = &w->viewed[w->viewed_next];

	w->viewed_next = (w->viewed_next + 1) % PP_VIEWS;
	memcpy(v->actor, wait->actor, sizeof(v->actor));
	memcpy(v->what, wait->what, sizeof(v->what));
	v->at_ms = pp_clock_wall_ms();
}

/* Answers with one and frees the other. */
static void wait_answer(struct wait *wait, bool shown)
{
	pp_json_free(shown ? wait->masked : wait->json);
	pp_call_answer_json(wait->call, 200, shown ? wait->json : wait->masked);
	wait->json = wait->masked = NULL;
}

static void on_written(void *user, const struct pp_action_result *result)
{
	struct wait *wait = user;

	if (result->error == 0)
		view_remember(wait->web, wait);
	wait_answer(wait, result->error == 0);
}

void pp_view_answer(
	struct pp_web *w, struct pp_call *c, const struct pp_who *who, const struct pp_view *view)
{
	const struct pp_action action = {
		.type = PP_ACTION_VIEW,
		.tenant = who->tenant,
		.actor = who->actor,
		.incident = view->incident,
		.post = view->post,
		.text = view->what,
	};
	struct wait *wait = pp_call_room(c, sizeof(*wait));

	if (wait == NULL) {
		pp_json_free(view->json);
		pp_call_answer_json(c, 200, view->masked);
		return;
	}
	*wait = (struct wait){ .web = w, .call = c, .json = view->json, .masked = view->masked };
	memcpy(wait->actor, who->actor, sizeof(wait->actor));
	view_key(who, view, wait->what);
	if (is_viewed(w, wait))
		wait_answer(wait, true);
	else if (pp_engine_submit(w->engine, &action, on_written, wait) < 0)
		wait_answer(wait, false);
}

void pp_view_contact(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_view view = { .post = match->parameter, .what = "contact" };
	int r = pp_query_contact(w->db, who->tenant, match->parameter, &view.json);

	if (r == -ENOENT) {
		pp_call_refuse(c, 404, "there is no such post");
	} else if (r < 0) {
		pp_call_refuse_record(c, r);
	} else {
		view.masked = pp_json_object();
		(void)pp_json_set_text(view.masked, "post", match->parameter);
		(void)pp_json_set_null(view.masked, "name");
		(void)pp_json_set_null(view.masked, "phone");
		pp_view_answer(w, c, who, &view);
	}
}

void pp_audit_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const char *text = pp_call_query(c, "after");
	struct pp_json *json;
	int64_t after = 0;
	int r;

	(void)match;
	if (text && pp_text_i64(text, strlen(text), 0, INT64_MAX, &after) < 0) {
		pp_call_refuse(c, 422, "'after' must be the height of an event");
		return;
	}
	r = pp_query_chain(w->db, who->tenant, after, AUDIT_LIMIT, &json);
	if (r < 0)
		pp_call_refuse_record(c, r);
	else
		pp_call_answer_json(c, 200, json);
}
