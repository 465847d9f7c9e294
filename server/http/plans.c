/* SPDX-License-Identifier: Apache-2.0 */
/* plans.c -- the tenant's response plan: shown, replaced as one change, and asked who would be
 * called. Names and addresses of contacts leave only by the control socket. */
#include "pieces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "plans/plans.h"
#include "plans/write.h"
#include "problem.h"
#include "protocol/limits.h"
#include "store/registry.h"

#define FINDINGS_MAX 50

/* NULL: the built-in plan. false: it has been refused. */
static bool book_load(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	struct pp_plan_book **ret_book)
{
	int r = pp_plans_load(w->db, who->tenant, 0, ret_book);

	if (r == 0 || r == -ENOENT)
		return true;
	pp_call_refuse_record(c, r);
	return false;
}

static bool is_masked(const struct pp_who *who)
{
	return (who->roles & PP_AS_CONTROL) == 0;
}

void pp_plans_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_plan_book *book = NULL;
	struct pp_json *answer;

	(void)match;
	if (!book_load(w, c, who, &book))
		return;
	answer = pp_json_object();
	(void)pp_json_set_i64(answer, "rev", book ? book->rev : 0);
	(void)pp_json_set_bool(answer, "built_in", book == NULL);
	if (book)
		(void)pp_json_set(answer, "plan",
			pp_plans_json(book, is_masked(who) ? PP_PLANS_MASKED : PP_PLANS_WHOLE));
	else
		(void)pp_json_set_null(answer, "plan");
	pp_plan_book_free(book);
	pp_call_answer_json(c, 200, answer);
}

/* ---- who would be called ---- */

/* "sat-22:30"; NULL: now. */
static int minute_read(const char *at, int zone_minutes)
{
	char day[4] = "";
	int number, clock;

	if (at == NULL)
		return pp_plan_minute(pp_clock_wall_ms(), zone_minutes);
	if (strlen(at) != 9 || at[3] != '-')
		return -EINVAL;
	memcpy(day, at, 3);
	number = pp_plan_day_parse(day);
	clock = pp_plan_clock_parse(at + 4);
	return number < 0 || clock < 0 || clock == PP_DAY_MINUTES ? -EINVAL
								  : number * PP_DAY_MINUTES + clock;
}

/* "1"; without it: no. */
static int flag_read(struct pp_call *c, const char *name, bool *ret_flag)
{
	const char *text = pp_call_query(c, name);

	if (text && strcmp(text, "1") != 0 && strcmp(text, "0") != 0)
		return -EINVAL;
	*ret_flag = text && text[0] == '1';
	return 0;
}

static bool query_read(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	struct pp_plan_query *query, struct pp_plans_place *place)
{
	const struct pp_scope scope = pp_who_scope(who);
	const char *class = pp_call_query(c, "class");
	int value = class ? pp_class_parse(class) : -EINVAL, zone, r;

	query->post = pp_call_query(c, "post");
	if (value < 0) {
		pp_call_refuse(
			c, 422, "'class' must be crime, fire, disaster, medical or unspecified");
		return false;
	}
	query->class = (enum pp_class)value;
	if (flag_read(c, "silent", &query->silent) < 0 || flag_read(c, "late", &query->late) < 0) {
		pp_call_refuse(c, 422, "'silent' and 'late' must be 0 or 1");
		return false;
	}
	r = pp_plans_zone(w->db, who->tenant, &zone);
	if (r == 0 && query->post && pp_text_is_slug(query->post, strlen(query->post), PP_POST_MAX))
		r = pp_query_sees_post(w->db, &scope, query->post);
	if (r == 1)
		r = pp_plans_place(w->db, who->tenant, query, place);
	if (r < 0) {
		pp_call_refuse_record(c, r);
		return false;
	}
	if (r == 0) {
		pp_call_refuse(c, 422, "'post' must be an active post");
		return false;
	}
	query->minute = minute_read(pp_call_query(c, "at"), zone);
	if (query->minute >= 0)
		return true;
	pp_call_refuse(c, 422, "'at' must be a local time such as sat-22:30");
	return false;
}

void pp_plans_who(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_plan_query query = { .late = false };
	struct pp_plan_book *book = NULL;
	struct pp_plans_place place;

	(void)match;
	if (!query_read(w, c, who, &query, &place) || !book_load(w, c, who, &book))
		return;
	pp_call_answer_json(
		c, 200, pp_plans_who_json(book, &query, pp_clock_wall_ms(), is_masked(who)));
	pp_plan_book_free(book);
}

/* ---- replacing it ---- */

struct findings {
	struct pp_json *refused;
	char first[PP_CHECK_TEXT_MAX + 320];
};

static void finding_add(void *user, bool refused, const char *text)
{
	struct findings *f = user;

	if (!refused)
		return;
	if (f->first[0] == '\0')
		snprintf(f->first, sizeof(f->first), "%s", text);
	if (pp_json_count(f->refused) < FINDINGS_MAX)
		(void)pp_json_add_text(f->refused, text);
}

/* A problem document with all that is wrong. Takes the list. */
static void findings_refuse(struct pp_call *c, struct findings *f)
{
	struct pp_json *problem = pp_json_object();
	char *text = NULL;
	size_t length;
	int r;

	(void)pp_json_set_text(problem, "type", "about:blank");
	(void)pp_json_set_text(problem, "title", pp_problem_title(422));
	(void)pp_json_set_i64(problem, "status", 422);
	(void)pp_json_set_text(problem, "detail", f->first);
	(void)pp_json_set(problem, "findings", f->refused);
	f->refused = NULL;
	r = pp_json_print(problem, &text, &length);
	pp_json_free(problem);
	if (r < 0)
		pp_call_refuse(c, 422, "the plan is refused");
	else
		pp_call_answer(c, 422, "application/problem+json", text, length);
}

struct put_wait {
	struct pp_call *call;
};

static void on_put(void *user, const struct pp_action_result *result)
{
	struct put_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_i64(answer, "rev", result->rev);
	(void)pp_json_set_bool(answer, "changed", strcmp(result->state, "changed") == 0);
	pp_call_answer_json(wait->call, 200, answer);
}

static void put_submit(struct pp_web *w, struct pp_call *c, const struct pp_who *who, int64_t rev)
{
	struct put_wait *wait = pp_call_room(c, sizeof(*wait));
	size_t length;
	const struct pp_action action = { .type = PP_ACTION_PLAN,
		.tenant = who->tenant,
		.actor = who->actor,
		.text = pp_call_body(c, &length),
		.registry_rev = rev };

	if (wait)
		wait->call = c;
	if (wait == NULL || pp_engine_submit(w->engine, &action, on_put, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

/* The text is what has been checked; the engine reads it once more, and only if the registry is
 * still the one that it was held against. */
static void put_check(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_plans_file *file)
{
	struct findings f = { pp_json_list(), "" };
	int64_t rev;
	int r = pp_store_registry_rev(w->db, &rev);

	if (r == 0 && strcmp(pp_plans_file_book(file)->tenant, who->tenant) != 0) {
		finding_add(&f, true, "tenant: the plan is another tenant's");
		r = -EINVAL;
	} else if (r == 0) {
		r = pp_plans_check(w->db, &(struct pp_plans_checking){ .file = file,
						  .now_ms = pp_clock_wall_ms(),
						  .fn = finding_add,
						  .user = &f });
	}
	if (r == 0)
		put_submit(w, c, who, rev);
	else if (r == -E2BIG)
		pp_call_refuse(c, 422, "the plan is too large to be checked here");
	else if (r == -EINVAL)
		findings_refuse(c, &f);
	else
		pp_call_refuse_record(c, r);
	pp_json_free(f.refused);
}

void pp_plans_put(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_plans_file *file = NULL;
	struct pp_problem problem = { "" };
	size_t length;
	const char *text = pp_call_body(c, &length);
	int r;

	(void)match;
	if (!pp_body_type_is_json(pp_call_header(c, "Content-Type"))) {
		pp_call_refuse(c, 415, "the body must be application/json");
		return;
	}
	if (text == NULL || length == 0 || memchr(text, '\0', length) || text[0] != '{') {
		pp_call_refuse(c, 400, "the body must be a JSON object");
		return;
	}
	r = pp_plans_file_parse("body", text, length, &file, &problem);
	if (r == -EINVAL)
		pp_call_refuse(c, 422, "%s", problem.text);
	else if (r < 0)
		pp_call_refuse(c, 503, "the server is out of memory");
	else
		put_check(w, c, who, file);
	pp_plans_file_free(file);
}

/* ---- a contact's test ring ---- */

static void on_test(void *user, const struct pp_action_result *result)
{
	struct put_wait *wait = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(wait->call, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "way", result->reason);
	pp_call_answer_json(wait->call, 200, answer);
}

void pp_contact_test(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	const struct pp_action action = { .type = PP_ACTION_CONTACT_TEST,
		.tenant = who->tenant,
		.actor = who->actor,
		.name = match->parameter };
	struct put_wait *wait;
	struct pp_json *body;

	if (!pp_call_read_body(c, NULL, 0, &body))
		return;
	pp_json_free(body);
	wait = pp_call_room(c, sizeof(*wait));
	if (wait)
		wait->call = c;
	if (wait == NULL || pp_engine_submit(w->engine, &action, on_test, wait) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}
