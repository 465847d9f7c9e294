/* SPDX-License-Identifier: Apache-2.0 */
/* troubles.c -- which troubles a dispatch file wants told, and how many messages one recipient is
 * sent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "node.h"
#include "parts.h"

/* A time of min..max ms, which expected names in the message. */
static int time_read(const struct reader *r, const struct pp_yaml *node, const int64_t min_max[2],
	const char *expected, int64_t *ret_ms)
{
	const char *text = pp_yaml_type(node) == PP_YAML_SCALAR ? pp_yaml_text(node) : "";
	int64_t us;

	if (pp_text_duration_us(text, strlen(text), min_max[0] * 1000, min_max[1] * 1000, &us) <
			0 ||
		us % 1000 != 0)
		return pp_problem_at(r->problem, node, "expected %s", expected);
	*ret_ms = us / 1000;
	return 0;
}

/* ---- rules ---- */

static int kinds_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_trouble *rule)
{
	static const size_t bounds[2] = { 1, PP_PLAN_KINDS_MAX };
	const struct pp_yaml *list = NULL;
	int e = node_need(node, "kinds", &list, r->problem);

	if (e == 0)
		e = node_list(list, "kinds", bounds, r->problem);
	if (e < 0)
		return e;
	if (pp_yaml_count(list) == 1 && pp_yaml_text(pp_yaml_at(list, 0)) &&
		strcmp(pp_yaml_text(pp_yaml_at(list, 0)), "all") == 0)
		return 0;
	rule->kinds = calloc(pp_yaml_count(list), sizeof(*rule->kinds));
	if (!rule->kinds)
		return -ENOMEM;
	rule->kind_count = pp_yaml_count(list);
	for (size_t i = 0; e == 0 && i < rule->kind_count; i++) {
		const struct pp_yaml *kind = pp_yaml_at(list, i);

		e = node_id(kind, "kinds", &rule->kinds[i], r->problem);
		if (e == 0 && (strcmp(rule->kinds[i], "all") == 0 ||
				      strlen(rule->kinds[i]) > PP_PLAN_KIND_MAX))
			e = pp_problem_at(r->problem, kind,
				"'kinds': expected [all], or kinds of trouble such as tamper");
	}
	return e;
}

static int quiet_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_trouble *rule)
{
	static const char *const names[] = { "from", "to", NULL };
	const struct pp_yaml *map = pp_yaml_get(node, "quiet");
	int e;

	if (!map)
		return 0;
	e = node_keys(map, names, r->problem);
	if (e == 0)
		e = node_span(map, &rule->quiet, r->problem);
	if (e == 0 && rule->quiet.from == rule->quiet.to % PP_DAY_MINUTES)
		e = pp_problem_at(
			r->problem, map, "'quiet': a whole day: nobody would ever be told");
	rule->has_quiet = e == 0;
	return e;
}

/* "contact:teknisi", "roster:jaga"; without prefix where only one thing is called so. */
static int target_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_target *target)
{
	static const enum pp_target_kind kinds[] = { PP_TARGET_CONTACT, PP_TARGET_ROSTER };
	const char *text = NULL, *colon, *id;
	int found = 0, e = node_text(node, "call", PP_PLAN_ID_MAX + 16, &text, r->problem);

	if (e < 0)
		return e;
	colon = strchr(text, ':');
	id = colon ? colon + 1 : text;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *what = pp_target_text(kinds[i]);
		ptrdiff_t index = part_find(r->book, kinds[i], id);

		if (index < 0 || (colon && (strlen(what) != (size_t)(colon - text) ||
						   strncmp(text, what, strlen(what)) != 0)))
			continue;
		*target = (struct pp_plan_target){ kinds[i], (size_t)index, NULL };
		found++;
	}
	if (found != 1)
		return pp_problem_at(r->problem, node,
			found ? "'%s' is a contact and a roster: write contact: or roster: "
				"before it"
			      : "there is no contact or roster '%s': troubles are told to "
				"contact:ID and roster:ID",
			text);
	target->name = strdup(id);
	return target->name ? 0 : -ENOMEM;
}

static int targets_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_trouble *rule)
{
	static const size_t bounds[2] = { 1, PP_PLAN_TARGETS_MAX };
	const struct pp_yaml *list = NULL;
	int e = node_need(node, "call", &list, r->problem);

	if (e == 0)
		e = node_list(list, "call", bounds, r->problem);
	if (e < 0)
		return e;
	rule->targets = calloc(pp_yaml_count(list), sizeof(*rule->targets));
	if (!rule->targets)
		return -ENOMEM;
	rule->target_count = pp_yaml_count(list);
	for (size_t i = 0; e == 0 && i < rule->target_count; i++)
		e = target_read(r, pp_yaml_at(list, i), &rule->targets[i]);
	return e;
}

static int rule_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_trouble *rule)
{
	static const char *const names[] = { "kinds", "after", "quiet", "call", NULL };
	static const int64_t bounds[2] = { 0, PP_PLAN_AFTER_MAX_MS };
	const struct pp_yaml *after = NULL;
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = kinds_read(r, node, rule);
	if (e == 0)
		e = node_need(node, "after", &after, r->problem);
	if (e == 0)
		e = time_read(r, after, bounds, "'after': a time up to 1d, such as 5min",
			&rule->after_ms);
	if (e == 0)
		e = quiet_read(r, node, rule);
	return e < 0 ? e : targets_read(r, node, rule);
}

int part_troubles(const struct reader *r)
{
	static const size_t bounds[2] = { 1, PP_PLAN_TROUBLES_MAX };
	const struct pp_yaml *list = pp_yaml_get(r->root, "troubles");
	int e = list ? node_list(list, "troubles", bounds, r->problem) : 0;

	if (!list || e < 0)
		return e;
	r->book->troubles = calloc(pp_yaml_count(list), sizeof(*r->book->troubles));
	if (!r->book->troubles)
		return -ENOMEM;
	r->book->trouble_count = pp_yaml_count(list);
	for (size_t i = 0; e == 0 && i < r->book->trouble_count; i++)
		e = rule_read(r, pp_yaml_at(list, i), &r->book->troubles[i]);
	return e;
}

/* ---- limits ---- */

static int limit_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_limit *limit)
{
	static const char *const names[] = { "most", "in", NULL };
	static const int64_t bounds[2] = { PP_PLAN_WINDOW_MIN_MS, PP_PLAN_WINDOW_MAX_MS };
	const struct pp_yaml *most = NULL, *in = NULL;
	const char *text;
	int64_t value;
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_need(node, "most", &most, r->problem);
	if (e == 0)
		e = node_need(node, "in", &in, r->problem);
	if (e < 0)
		return e;
	text = pp_yaml_type(most) == PP_YAML_SCALAR ? pp_yaml_text(most) : "";
	if (pp_text_i64(text, strlen(text), 1, PP_PLAN_MOST_MAX, &value) < 0)
		return pp_problem_at(
			r->problem, most, "'most': expected 1 to %d messages", PP_PLAN_MOST_MAX);
	limit->most = value;
	return time_read(
		r, in, bounds, "'in': a time from 5s to 1d, such as 10min", &limit->window_ms);
}

int part_limits(const struct reader *r)
{
	static const char *const names[] = { "troubles", "alarms", NULL };
	const struct pp_yaml *map = pp_yaml_get(r->root, "limits");
	int e = map ? node_keys(map, names, r->problem) : 0;

	for (int kind = 0; map && e == 0 && kind < PP_LIMIT_COUNT; kind++) {
		const struct pp_yaml *node =
			pp_yaml_get(map, pp_limit_text((enum pp_limit_kind)kind));

		if (node)
			e = limit_read(r, node, &r->book->limits[kind]);
	}
	return e;
}
