/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- contacts, agencies and rosters of a dispatch file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "parts.h"
#include "protocol/topic.h"

ptrdiff_t part_find(const struct pp_plan_book *book, enum pp_target_kind kind, const char *id)
{
	const char *base = kind == PP_TARGET_CONTACT  ? (const char *)book->contacts
			   : kind == PP_TARGET_ROSTER ? (const char *)book->rosters
						      : (const char *)book->agencies;
	size_t size = kind == PP_TARGET_CONTACT  ? sizeof(*book->contacts)
		      : kind == PP_TARGET_ROSTER ? sizeof(*book->rosters)
						 : sizeof(*book->agencies);
	size_t low = 0, high = kind == PP_TARGET_CONTACT  ? book->contact_count
			       : kind == PP_TARGET_ROSTER ? book->roster_count
							  : book->agency_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(*(char *const *)(const void *)(base + middle * size), id);

		if (order == 0)
			return (ptrdiff_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static int contacts_named(const struct reader *r, const struct pp_yaml *list, size_t **ret_contacts,
	size_t *ret_count)
{
	size_t count = list ? pp_yaml_count(list) : 0;

	if (count == 0)
		return 0;
	*ret_contacts = calloc(count, sizeof(**ret_contacts));
	if (!*ret_contacts)
		return -ENOMEM;
	*ret_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct pp_yaml *node = pp_yaml_at(list, i);
		const char *id = NULL;
		ptrdiff_t index;
		int e = node_text(node, "contacts", PP_PLAN_ID_MAX, &id, r->problem);

		if (e < 0)
			return e;
		index = part_find(r->book, PP_TARGET_CONTACT, id);
		if (index < 0)
			return pp_problem_at(r->problem, node, "there is no contact '%s'", id);
		(*ret_contacts)[i] = (size_t)index;
	}
	return 0;
}

/* ---- people ---- */

static int ways_read(const struct reader *r, const struct pp_yaml *map, struct pp_plan_contact *c)
{
	static const size_t bounds[2] = { 1, PP_PLAN_WAYS_MAX };
	const struct pp_yaml *list = NULL;
	int e = node_need(map, "ways", &list, r->problem);

	if (e == 0)
		e = node_list(list, "ways", bounds, r->problem);
	if (e < 0)
		return e;
	c->ways = calloc(pp_yaml_count(list), sizeof(*c->ways));
	if (!c->ways)
		return -ENOMEM;
	c->way_count = pp_yaml_count(list);
	for (size_t i = 0; e == 0 && i < c->way_count; i++)
		e = node_way(pp_yaml_at(list, i), &c->ways[i], r->problem);
	return e;
}

int part_contact(const struct reader *r, const struct pp_yaml *node, void *entry)
{
	static const char *const names[] = { "name", "role", "language", "verified", "ways", NULL };
	struct pp_plan_contact *c = entry;
	const struct pp_yaml *member = NULL;
	int language = PP_LANGUAGE_ID, e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_need(node, "name", &member, r->problem);
	if (e == 0)
		e = node_copy(member, "name", PP_PLAN_TEXT_MAX, &c->name, r->problem);
	if (e == 0)
		e = node_need(node, "role", &member, r->problem);
	if (e == 0)
		e = node_id(member, "role", &c->role, r->problem);
	member = e == 0 ? pp_yaml_get(node, "language") : NULL;
	if (member)
		e = node_word(member, pp_language_parse, "id or en", &language, r->problem);
	c->language = (enum pp_language)language;
	member = e == 0 ? pp_yaml_get(node, "verified") : NULL;
	if (member)
		e = node_date(member, "verified", &c->verified_ms, r->problem);
	return e < 0 ? e : ways_read(r, node, c);
}

static int agency_read(const struct reader *r, const struct pp_yaml *node, void *entry)
{
	static const char *const names[] = { "name", "kind", "station", "contacts", "area", NULL };
	static const size_t bounds[2] = { 0, PP_PLAN_CALLEES_MAX };
	struct pp_plan_agency *a = entry;
	const struct pp_yaml *member, *list = pp_yaml_get(node, "contacts"),
				      *area = pp_yaml_get(node, "area");
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_need(node, "name", &member, r->problem);
	if (e == 0)
		e = node_copy(member, "name", PP_PLAN_TEXT_MAX, &a->name, r->problem);
	if (e == 0)
		e = node_need(node, "kind", &member, r->problem);
	if (e == 0)
		e = node_id(member, "kind", &a->kind, r->problem);
	if (e == 0)
		e = node_list(list, "contacts", bounds, r->problem);
	if (e == 0)
		e = contacts_named(r, list, &a->contacts, &a->contact_count);
	if (e == 0 && area)
		return node_areas(area, &a->areas, &a->area_count, r->problem);
	if (e < 0)
		return e;
	a->areas = calloc(1, sizeof(*a->areas));
	if (!a->areas)
		return -ENOMEM;
	a->area_count = 1;
	a->areas->code = strdup("");
	return a->areas->code ? 0 : -ENOMEM;
}

/* "kendal/st-weleri", or the post alone. */
static int station_read(
	const struct reader *r, const struct pp_yaml *node, struct pp_plan_agency *a)
{
	const struct pp_yaml *member = pp_yaml_get(node, "station");
	const char *text, *post;
	size_t tenant = strlen(r->book->tenant);
	int e;

	if (!member && a->contact_count == 0)
		return pp_problem_at(r->problem, node,
			"agency '%s' has neither contacts nor a station: nobody would hear", a->id);
	if (!member)
		return 0;
	e = node_text(member, "station", PP_TENANT_MAX + 1 + PP_POST_MAX, &text, r->problem);
	if (e < 0)
		return e;
	post = strncmp(text, r->book->tenant, tenant) == 0 && text[tenant] == '/'
		       ? text + tenant + 1
		       : text;
	if (pp_post_check(post) < 0)
		return pp_problem_at(r->problem, member,
			"'station': expected the id of a post of tenant '%s'", r->book->tenant);
	a->station = strdup(post);
	return a->station ? 0 : -ENOMEM;
}

int part_agency(const struct reader *r, const struct pp_yaml *node, void *entry)
{
	int e = agency_read(r, node, entry);

	return e < 0 ? e : station_read(r, node, entry);
}

static int duty_read(const struct reader *r, const struct pp_yaml *node, struct pp_plan_duty *duty)
{
	static const char *const names[] = { "days", "from", "to", "contacts", NULL };
	static const size_t bounds[2] = { 1, PP_PLAN_CALLEES_MAX };
	const struct pp_yaml *list = NULL;
	int e = node_keys(node, names, r->problem);

	if (e == 0)
		e = node_span(node, &duty->span, r->problem);
	if (e == 0)
		e = node_need(node, "contacts", &list, r->problem);
	if (e == 0)
		e = node_list(list, "contacts", bounds, r->problem);
	return e < 0 ? e : contacts_named(r, list, &duty->contacts, &duty->contact_count);
}

int part_roster(const struct reader *r, const struct pp_yaml *node, void *entry)
{
	static const size_t bounds[2] = { 1, 400 };
	struct pp_plan_roster *roster = entry;
	int e = node_list(node, "rosters", bounds, r->problem);

	if (e < 0)
		return e;
	roster->duties = calloc(pp_yaml_count(node), sizeof(*roster->duties));
	if (!roster->duties)
		return -ENOMEM;
	roster->duty_count = pp_yaml_count(node);
	for (size_t i = 0; e == 0 && i < roster->duty_count; i++)
		e = duty_read(r, pp_yaml_at(node, i), &roster->duties[i]);
	return e;
}
