/* SPDX-License-Identifier: Apache-2.0 */
/* write.c -- books and calls as JSON. */
#include "plans/write.h"

#include <stdio.h>

#include "core/text.h"
#include "dispatch/who.h"
#include "node.h"

#define MASK "***"

static struct pp_json *ways_json(const struct pp_plan_contact *c, bool masked)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < c->way_count; i++) {
		struct pp_json *way = pp_json_object();

		(void)pp_json_set_text(
			way, pp_way_text(c->ways[i].kind), masked ? MASK : c->ways[i].address);
		(void)pp_json_add(list, way);
	}
	return list;
}

static void verified_set(struct pp_json *o, const struct pp_plan_contact *c)
{
	char day[11];

	if (c->verified_ms <= 0)
		return;
	date_text(c->verified_ms, day);
	(void)pp_json_set_text(o, "verified", day);
}

static struct pp_json *contacts_json(const struct pp_plan_book *book, bool masked)
{
	struct pp_json *all = pp_json_object();

	for (size_t i = 0; i < book->contact_count; i++) {
		const struct pp_plan_contact *c = &book->contacts[i];
		struct pp_json *o = pp_json_object();

		(void)pp_json_set_text(o, "name", masked ? MASK : c->name);
		(void)pp_json_set_text(o, "role", c->role);
		(void)pp_json_set_text(o, "language", pp_language_text(c->language));
		verified_set(o, c);
		(void)pp_json_set(o, "ways", ways_json(c, masked));
		(void)pp_json_set(all, c->id, o);
	}
	return all;
}

static struct pp_json *contact_ids(const struct pp_plan_book *book)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < book->contact_count; i++)
		(void)pp_json_add_text(list, book->contacts[i].id);
	return list;
}

static struct pp_json *named(const struct pp_plan_book *book, const size_t *contacts, size_t count)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < count; i++)
		(void)pp_json_add_text(list, book->contacts[contacts[i]].id);
	return list;
}

static struct pp_json *areas_json(const struct pp_plan_area *all, size_t count)
{
	struct pp_json *list = pp_json_list();
	char text[80];

	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s%s%s", pp_area_text(all[i].kind),
			all[i].kind == PP_AREA_ALL ? "" : ":", all[i].code);
		(void)pp_json_add_text(list, text);
	}
	return list;
}

static void clocks_set(struct pp_json *o, const struct pp_plan_span *span)
{
	char clock[6];

	pp_plan_clock_text(span->from, clock);
	(void)pp_json_set_text(o, "from", clock);
	pp_plan_clock_text(span->to, clock);
	(void)pp_json_set_text(o, "to", clock);
}

static void span_set(struct pp_json *o, const struct pp_plan_span *span)
{
	struct pp_json *days = pp_json_list();

	for (int day = 0; day < 7; day++) {
		if (span->days >> day & 1)
			(void)pp_json_add_text(days, pp_plan_day_text(day));
	}
	(void)pp_json_set(o, "days", days);
	clocks_set(o, span);
}

static struct pp_json *agencies_json(const struct pp_plan_book *book)
{
	struct pp_json *all = pp_json_object();

	for (size_t i = 0; i < book->agency_count; i++) {
		const struct pp_plan_agency *a = &book->agencies[i];
		struct pp_json *o = pp_json_object();

		(void)pp_json_set_text(o, "name", a->name);
		(void)pp_json_set_text(o, "kind", a->kind);
		if (a->station)
			(void)pp_json_set_text(o, "station", a->station);
		(void)pp_json_set(o, "contacts", named(book, a->contacts, a->contact_count));
		(void)pp_json_set(o, "area", areas_json(a->areas, a->area_count));
		(void)pp_json_set(all, a->id, o);
	}
	return all;
}

static struct pp_json *rosters_json(const struct pp_plan_book *book)
{
	struct pp_json *all = pp_json_object();

	for (size_t i = 0; i < book->roster_count; i++) {
		const struct pp_plan_roster *roster = &book->rosters[i];
		struct pp_json *list = pp_json_list();

		for (size_t k = 0; k < roster->duty_count; k++) {
			const struct pp_plan_duty *duty = &roster->duties[k];
			struct pp_json *o = pp_json_object();

			span_set(o, &duty->span);
			(void)pp_json_set(
				o, "contacts", named(book, duty->contacts, duty->contact_count));
			(void)pp_json_add(list, o);
		}
		(void)pp_json_set(all, roster->id, list);
	}
	return all;
}

static struct pp_json *step_json(const struct pp_plan_step *s, const char *wait_key)
{
	struct pp_json *o = pp_json_object(), *call = pp_json_list();
	char text[PP_PLAN_ID_MAX + 16];

	for (size_t i = 0; i < s->target_count; i++) {
		snprintf(text, sizeof(text), "%s:%s", pp_target_text(s->targets[i].kind),
			s->targets[i].name);
		(void)pp_json_add_text(call, text);
	}
	(void)pp_json_set(o, "call", call);
	pp_text_duration(s->wait_ms * 1000, text);
	(void)pp_json_set_text(o, wait_key, text);
	return o;
}

static struct pp_json *rings_json(const struct pp_plan *plan)
{
	struct pp_json *all = pp_json_object();

	for (int ring = 0; ring < PP_RING_COUNT; ring++) {
		const struct pp_plan_ring *r = &plan->rings[ring];
		struct pp_json *o, *steps;

		if (r->step_count == 0)
			continue;
		o = pp_json_object();
		steps = pp_json_list();
		for (size_t i = 0; i < r->step_count; i++)
			(void)pp_json_add(steps, step_json(&r->steps[i], "wait"));
		(void)pp_json_set_text(o, "until", pp_until_text(r->until));
		(void)pp_json_set(o, "steps", steps);
		(void)pp_json_set(all, pp_ring_text((enum pp_ring)ring), o);
	}
	return all;
}

static struct pp_json *classes_json(const struct pp_plan *plan)
{
	struct pp_json *list = pp_json_list();

	if (plan->any_class)
		(void)pp_json_add_text(list, "all");
	for (int class = 0; !plan->any_class && class < PP_CLASS_COUNT; class ++) {
		if (plan->classes >> class & 1)
			(void)pp_json_add_text(list, pp_class_text((enum pp_class) class));
	}
	return list;
}

static struct pp_json *plans_json(const struct pp_plan_book *book)
{
	struct pp_json *all = pp_json_object();

	for (size_t i = 0; i < book->plan_count; i++) {
		const struct pp_plan *plan = &book->plans[i];
		struct pp_json *o = pp_json_object(), *hours;

		(void)pp_json_set(o, "classes", classes_json(plan));
		(void)pp_json_set(o, "area", areas_json(plan->areas, plan->area_count));
		if (plan->has_hours) {
			hours = pp_json_object();
			span_set(hours, &plan->hours);
			(void)pp_json_set(o, "hours", hours);
		}
		(void)pp_json_set(o, "rings", rings_json(plan));
		(void)pp_json_set(o, "fallback", step_json(&plan->fallback, "every"));
		(void)pp_json_set(all, plan->id, o);
	}
	return all;
}

static struct pp_json *trouble_json(const struct pp_plan_trouble *rule)
{
	struct pp_json *o = pp_json_object(), *kinds = pp_json_list(), *call = pp_json_list();
	char text[PP_PLAN_ID_MAX + 16];

	for (size_t i = 0; i < rule->kind_count; i++)
		(void)pp_json_add_text(kinds, rule->kinds[i]);
	if (rule->kind_count == 0)
		(void)pp_json_add_text(kinds, "all");
	(void)pp_json_set(o, "kinds", kinds);
	pp_text_duration(rule->after_ms * 1000, text);
	(void)pp_json_set_text(o, "after", text);
	if (rule->has_quiet) {
		struct pp_json *quiet = pp_json_object();

		clocks_set(quiet, &rule->quiet);
		(void)pp_json_set(o, "quiet", quiet);
	}
	for (size_t i = 0; i < rule->target_count; i++) {
		snprintf(text, sizeof(text), "%s:%s", pp_target_text(rule->targets[i].kind),
			rule->targets[i].name);
		(void)pp_json_add_text(call, text);
	}
	(void)pp_json_set(o, "call", call);
	return o;
}

/* What the file does not say is not written: a book without these stays as it was. */
static void troubles_set(struct pp_json *o, const struct pp_plan_book *book)
{
	struct pp_json *list = pp_json_list(), *limits = pp_json_object();
	bool limited = false;
	char text[32];

	for (size_t i = 0; i < book->trouble_count; i++)
		(void)pp_json_add(list, trouble_json(&book->troubles[i]));
	for (int kind = 0; kind < PP_LIMIT_COUNT; kind++) {
		const struct pp_plan_limit *limit = &book->limits[kind];
		struct pp_json *one;

		if (limit->most == 0)
			continue;
		one = pp_json_object();
		(void)pp_json_set_i64(one, "most", limit->most);
		pp_text_duration(limit->window_ms * 1000, text);
		(void)pp_json_set_text(one, "in", text);
		(void)pp_json_set(limits, pp_limit_text((enum pp_limit_kind)kind), one);
		limited = true;
	}
	if (book->trouble_count > 0)
		(void)pp_json_set(o, "troubles", list);
	else
		pp_json_free(list);
	if (limited)
		(void)pp_json_set(o, "limits", limits);
	else
		pp_json_free(limits);
}

struct pp_json *pp_plans_json(const struct pp_plan_book *book, enum pp_plans_form form)
{
	struct pp_json *o = pp_json_object();

	(void)pp_json_set_text(o, "tenant", book->tenant);
	(void)pp_json_set_bool(o, "sample", book->sample);
	(void)pp_json_set(o, "contacts",
		form == PP_PLANS_KEPT ? contact_ids(book)
				      : contacts_json(book, form == PP_PLANS_MASKED));
	(void)pp_json_set(o, "agencies", agencies_json(book));
	(void)pp_json_set(o, "rosters", rosters_json(book));
	(void)pp_json_set(o, "plans", plans_json(book));
	troubles_set(o, book);
	return o;
}

/* ---- who would be called ---- */

struct who {
	struct pp_json *calls;
	int64_t now_ms;
	bool masked;
};

static struct pp_json *callee_json(const struct who *who, const struct pp_plan_callee *c)
{
	struct pp_json *o = pp_json_object();

	if (c->agency) {
		(void)pp_json_set_text(o, "agency", c->agency->id);
		(void)pp_json_set_text(o, "agency_name", c->agency->name);
	}
	if (c->roster)
		(void)pp_json_set_text(o, "roster", c->roster->id);
	if (c->role)
		(void)pp_json_set_text(o, "role", c->role);
	if (c->webhook)
		(void)pp_json_set_text(o, "webhook", c->webhook);
	if (c->station)
		(void)pp_json_set_text(o, "station", c->station);
	if (c->near)
		(void)pp_json_set_bool(o, "near", true);
	if (!c->contact)
		return o;
	(void)pp_json_set_text(o, "contact", c->contact->id);
	(void)pp_json_set_text(o, "name", who->masked ? MASK : c->contact->name);
	(void)pp_json_set_text(o, "contact_role", c->contact->role);
	(void)pp_json_set(o, "ways", ways_json(c->contact, who->masked));
	verified_set(o, c->contact);
	(void)pp_json_set_bool(o, "stale", pp_plan_contact_is_stale(c->contact, who->now_ms));
	return o;
}

static int call_add(void *user, const struct pp_plan_call *call)
{
	struct who *who = user;
	struct pp_json *o = pp_json_object(), *callees = pp_json_list();
	bool fallback = call->at.ring == PP_RING_FALLBACK;

	(void)pp_json_set_text(o, "ring", pp_ring_text(call->at.ring));
	(void)pp_json_set_i64(o, "step", (int64_t)call->at.step + 1);
	if (!fallback)
		(void)pp_json_set_text(
			o, "until", pp_until_text(call->at.plan->rings[call->at.ring].until));
	(void)pp_json_set_i64(o, "after", call->after_ms / 1000);
	(void)pp_json_set_i64(o, fallback ? "every" : "wait", call->step->wait_ms / 1000);
	for (size_t i = 0; i < call->count; i++)
		(void)pp_json_add(callees, callee_json(who, &call->callees[i]));
	(void)pp_json_set(o, "callees", callees);
	(void)pp_json_add(who->calls, o);
	return 0;
}

struct pp_json *pp_plans_who_json(const struct pp_plan_book *book,
	const struct pp_plan_query *query, int64_t now_ms, bool masked)
{
	const struct pp_plan *plan = pp_plan_choose(book, query);
	struct who who = { pp_json_list(), now_ms, masked };
	struct pp_json *o = pp_json_object();
	char minute[10];

	pp_plan_minute_text(query->minute, minute);
	(void)pp_json_set_text(o, "plan", plan->id);
	(void)pp_json_set_bool(o, "built_in", plan == pp_plan_built_in());
	(void)pp_json_set_text(o, "class", pp_class_text(query->class));
	(void)pp_json_set_text(o, "post", query->post);
	(void)pp_json_set_text(o, "minute", minute);
	(void)pp_plan_who(book, plan, query, call_add, &who);
	(void)pp_json_set(o, "calls", who.calls);
	return o;
}
