/* SPDX-License-Identifier: Apache-2.0 */
/* troubles.c -- rules for troubles, quiet hours, and the pace of messages. */
#include "dispatch/troubles.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000

static const struct pp_plan_limit usual[PP_LIMIT_COUNT] = {
	[PP_LIMIT_TROUBLES] = { 6, 600000 },
	[PP_LIMIT_ALARMS] = { 60, 600000 },
};

/* ---- who is told ---- */

static bool is_of(const struct pp_plan_trouble *rule, const char *kind)
{
	for (size_t i = 0; i < rule->kind_count; i++) {
		if (strcmp(rule->kinds[i], kind) == 0)
			return true;
	}
	return rule->kind_count == 0;
}

const struct pp_plan_trouble *pp_trouble_rule(const struct pp_plan_book *book, const char *kind)
{
	for (size_t i = 0; book && i < book->trouble_count; i++) {
		if (is_of(&book->troubles[i], kind))
			return &book->troubles[i];
	}
	return NULL;
}

struct list {
	const struct pp_plan_contact **all;
	size_t count;
};

static void list_add(struct list *l, const struct pp_plan_contact *contact)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->all[i] == contact)
			return;
	}
	if (l->count < PP_PLAN_CALLEES_MAX)
		l->all[l->count++] = contact;
}

static void roster_add(struct list *l, const struct pp_plan_book *book,
	const struct pp_plan_roster *roster, int minute)
{
	for (size_t i = 0; i < roster->duty_count; i++) {
		const struct pp_plan_duty *duty = &roster->duties[i];

		if (!pp_plan_span_has(&duty->span, minute))
			continue;
		for (size_t k = 0; k < duty->contact_count; k++)
			list_add(l, &book->contacts[duty->contacts[k]]);
	}
}

size_t pp_trouble_call_list(const struct pp_plan_book *book, const struct pp_plan_trouble *rule,
	int minute, const struct pp_plan_contact *ret_contacts[PP_PLAN_CALLEES_MAX])
{
	struct list l = { ret_contacts, 0 };

	for (size_t i = 0; i < rule->target_count; i++) {
		const struct pp_plan_target *t = &rule->targets[i];

		if (t->kind == PP_TARGET_ROSTER)
			roster_add(&l, book, &book->rosters[t->index], minute);
		else
			list_add(&l, &book->contacts[t->index]);
	}
	return l.count;
}

/* ---- when ---- */

int64_t pp_trouble_quiet_end(const struct pp_plan_trouble *rule, int64_t at_ms, int zone_minutes)
{
	int minute = pp_plan_minute(at_ms, zone_minutes), left;
	int64_t into_ms;

	if (!rule->has_quiet || !pp_plan_span_has(&rule->quiet, minute))
		return at_ms;
	left = rule->quiet.to - minute % PP_DAY_MINUTES;
	if (left <= 0)
		left += PP_DAY_MINUTES;
	into_ms = at_ms % MINUTE_MS;
	if (into_ms < 0)
		into_ms += MINUTE_MS;
	return at_ms - into_ms + left * (int64_t)MINUTE_MS;
}

struct pp_plan_limit pp_pace_limit(const struct pp_plan_book *book, enum pp_limit_kind kind)
{
	return book && book->limits[kind].most > 0 ? book->limits[kind] : usual[kind];
}

int64_t pp_pace_next(const struct pp_plan_limit *limit, int64_t nth_ms, int64_t now_ms)
{
	int64_t free_ms = nth_ms < 0 ? now_ms : nth_ms + limit->window_ms;

	return free_ms > now_ms ? free_ms : now_ms;
}

/* ---- whether a rule will do ---- */

/* Each of its kinds stands in a rule before it. */
static bool is_hidden(const struct pp_plan_book *book, size_t index)
{
	const struct pp_plan_trouble *rule = &book->troubles[index];
	size_t hidden = 0;

	for (size_t i = 0; i < index; i++) {
		if (book->troubles[i].kind_count == 0)
			return true;
	}
	for (size_t k = 0; k < rule->kind_count; k++)
		hidden += pp_trouble_rule(book, rule->kinds[k]) != rule;
	return rule->kind_count > 0 && hidden == rule->kind_count;
}

static int64_t edges_find(const struct pp_plan_book *book, const struct pp_plan_trouble *rule,
	bool edges[PP_WEEK_MINUTES])
{
	int64_t cost = 1;

	if (rule->has_quiet)
		pp_plan_span_edges(&rule->quiet, edges);
	for (size_t i = 0; i < rule->target_count; i++) {
		const struct pp_plan_target *t = &rule->targets[i];
		const struct pp_plan_roster *roster;

		if (t->kind != PP_TARGET_ROSTER)
			continue;
		roster = &book->rosters[t->index];
		for (size_t k = 0; k < roster->duty_count; k++)
			pp_plan_span_edges(&roster->duties[k].span, edges);
		cost += 8 * (int64_t)roster->duty_count;
	}
	return cost;
}

static bool calls_somebody(
	const struct pp_plan_book *book, const struct pp_plan_trouble *rule, int minute)
{
	const struct pp_plan_contact *contacts[PP_PLAN_CALLEES_MAX];
	size_t count = pp_trouble_call_list(book, rule, minute, contacts);

	for (size_t i = 0; i < count; i++) {
		if (contacts[i]->way_count > 0)
			return true;
	}
	return false;
}

const char *pp_trouble_check(
	const struct pp_plan_book *book, size_t index, int64_t *steps, char ret_text[160])
{
	const struct pp_plan_trouble *rule = &book->troubles[index];
	bool edges[PP_WEEK_MINUTES] = { true };
	char at[10];
	int64_t cost;

	if (is_hidden(book, index))
		return "never counts: rules before it have all of its kinds";
	cost = edges_find(book, rule, edges);
	for (int minute = 0; minute < PP_WEEK_MINUTES && *steps >= 0; minute++) {
		if (!edges[minute] || (rule->has_quiet && pp_plan_span_has(&rule->quiet, minute)))
			continue;
		*steps -= cost;
		if (calls_somebody(book, rule, minute))
			continue;
		pp_plan_minute_text(minute, at);
		snprintf(ret_text, 160, "calls nobody from %s on", at);
		return ret_text;
	}
	return NULL;
}
