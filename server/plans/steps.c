/* SPDX-License-Identifier: Apache-2.0 */
/* steps.c -- response plans of a dispatch file: rings, steps, and whom they call. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "node.h"
#include "parts.h"

static const struct {
	const char *what;
	enum pp_target_kind kind;
} named[] = {
	{ "contact", PP_TARGET_CONTACT },
	{ "roster", PP_TARGET_ROSTER },
	{ "agency", PP_TARGET_AGENCY },
};

/* "agency:damkar-weleri"; "damkar-weleri" where only one thing is called so. */
static int target_find(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_target *target)
{
	const char *text = pp_yaml_text(node), *colon = strchr(text, ':');
	const char *id = colon ? colon + 1 : text;
	int found = 0;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		ptrdiff_t index;

		if (colon && (strlen(named[i].what) != (size_t)(colon - text) ||
				     strncmp(text, named[i].what, (size_t)(colon - text)) != 0))
			continue;
		index = part_find(r->book, named[i].kind, id);
		if (index < 0)
			continue;
		target->kind = named[i].kind;
		target->index = (size_t)index;
		found++;
	}
	if (found == 1) {
		target->name = strdup(id);
		return target->name ? 0 : -ENOMEM;
	}
	return pp_problem_at(r->problem, node,
		found ? "'%s' is the name of several things: write agency:, contact: or roster: "
			"before it"
		      : "there is no '%s' (agency:ID, contact:ID, roster:ID, role:operator, "
			"role:supervisor, webhook:NAME, webhook:all or posts:near)",
		text);
}

static int target_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_target *target)
{
	const char *text = NULL;
	int e = node_text(node, "call", PP_PLAN_ID_MAX + 16, &text, r->problem);

	if (e < 0)
		return e;
	if (strcmp(text, "role:operator") == 0 || strcmp(text, "role:supervisor") == 0)
		target->kind = PP_TARGET_ROLE;
	else if (strcmp(text, "posts:near") == 0)
		target->kind = PP_TARGET_POSTS;
	else if (strncmp(text, "webhook:", 8) == 0 &&
		 pp_text_is_slug(text + 8, strlen(text + 8), PP_PLAN_ID_MAX))
		target->kind = PP_TARGET_WEBHOOK;
	else
		return target_find(r, node, target);
	target->name = strdup(strchr(text, ':') + 1);
	return target->name ? 0 : -ENOMEM;
}

/* The step of a ring, or (wait_key "every") a fallback. */
static int step_read(const struct reader *r, const struct pp_yaml *node, const char *wait_key,
	struct pp_plan_step *step)
{
	static const size_t bounds[2] = { 1, PP_PLAN_TARGETS_MAX };
	const char *const names[] = { "call", wait_key, NULL };
	const struct pp_yaml *list = NULL, *wait = NULL;
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_need(node, wait_key, &wait, r->problem);
	if (e == 0)
		e = node_wait(wait, wait_key, &step->wait_ms, r->problem);
	if (e == 0)
		e = node_need(node, "call", &list, r->problem);
	if (e == 0)
		e = node_list(list, "call", bounds, r->problem);
	if (e < 0)
		return e;
	step->targets = calloc(pp_yaml_count(list), sizeof(*step->targets));
	if (!step->targets)
		return -ENOMEM;
	step->target_count = pp_yaml_count(list);
	for (size_t i = 0; e == 0 && i < step->target_count; i++)
		e = target_read(r, pp_yaml_at(list, i), &step->targets[i]);
	return e;
}

static int ring_read(const struct reader *r, const struct pp_yaml *node, struct pp_plan_ring *ring)
{
	static const char *const names[] = { "until", "steps", NULL };
	static const size_t bounds[2] = { 1, PP_PLAN_STEPS_MAX };
	const struct pp_yaml *member = NULL;
	int until = 0, e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_need(node, "until", &member, r->problem);
	if (e == 0)
		e = node_word(member, pp_until_parse, "taken or accepted", &until, r->problem);
	ring->until = (enum pp_until)until;
	if (e == 0)
		e = node_need(node, "steps", &member, r->problem);
	if (e == 0)
		e = node_list(member, "steps", bounds, r->problem);
	if (e < 0)
		return e;
	ring->steps = calloc(pp_yaml_count(member), sizeof(*ring->steps));
	if (!ring->steps)
		return -ENOMEM;
	ring->step_count = pp_yaml_count(member);
	for (size_t i = 0; e == 0 && i < ring->step_count; i++)
		e = step_read(r, pp_yaml_at(member, i), "wait", &ring->steps[i]);
	return e;
}

static int rings_read(const struct reader *r, const struct pp_yaml *map, struct pp_plan *plan)
{
	static const char *const names[] = { "desk", "neighbours", "agencies", NULL };
	const struct pp_yaml *rings = NULL;
	int e = node_need(map, "rings", &rings, r->problem);

	if (e == 0)
		e = node_keys(rings, names, r->problem);
	if (e == 0 && pp_yaml_count(rings) == 0)
		e = pp_problem_at(r->problem, rings, "'rings' is empty");
	for (size_t i = 0; e == 0 && i < pp_yaml_count(rings); i++) {
		int ring = pp_ring_parse(pp_yaml_text(pp_yaml_key(rings, i)));

		e = ring_read(r, pp_yaml_at(rings, i), &plan->rings[ring]);
	}
	return e;
}

static int classes_read(const struct reader *r, const struct pp_yaml *map, struct pp_plan *plan)
{
	static const size_t bounds[2] = { 1, PP_CLASS_COUNT };
	const struct pp_yaml *list = NULL;
	int class, e = node_need(map, "classes", &list, r->problem);

	if (e == 0)
		e = node_list(list, "classes", bounds, r->problem);
	for (size_t i = 0; e == 0 && i < pp_yaml_count(list); i++) {
		const struct pp_yaml *node = pp_yaml_at(list, i);

		if (pp_yaml_text(node) && strcmp(pp_yaml_text(node), "all") == 0) {
			plan->any_class = true;
			plan->classes = (1u << PP_CLASS_COUNT) - 1;
			continue;
		}
		e = node_word(node, pp_class_parse,
			"crime, fire, disaster, medical, unspecified or all", &class, r->problem);
		if (e == 0)
			plan->classes |= 1u << class;
	}
	return e;
}

int part_plan(const struct reader *r, const struct pp_yaml *node, void *entry)
{
	static const char *const names[] = { "classes", "area", "hours", "rings", "fallback",
		NULL };
	static const char *const hours_names[] = { "days", "from", "to", NULL };
	struct pp_plan *plan = entry;
	const struct pp_yaml *member = NULL;
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = classes_read(r, node, plan);
	if (e == 0)
		e = node_need(node, "area", &member, r->problem);
	if (e == 0)
		e = node_areas(member, &plan->areas, &plan->area_count, r->problem);
	member = e == 0 ? pp_yaml_get(node, "hours") : NULL;
	if (member) {
		plan->has_hours = true;
		e = node_keys(member, hours_names, r->problem);
		if (e == 0)
			e = node_span(member, &plan->hours, r->problem);
	}
	if (e == 0)
		e = rings_read(r, node, plan);
	if (e == 0)
		e = node_need(node, "fallback", &member, r->problem);
	return e < 0 ? e : step_read(r, member, "every", &plan->fallback);
}
