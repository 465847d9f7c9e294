/* SPDX-License-Identifier: Apache-2.0 */
/* read.c -- a dispatch file, read from the people to the plans that call them. */
#include "plans/read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "parts.h"
#include "protocol/topic.h"

typedef int entry_fn(const struct reader *r, const struct pp_yaml *node, void *entry);

/* A part of the file: a map of entries by their ids. All four kinds of entry begin with `char *id`.
 */
struct section {
	const char *name;
	size_t most, size;
	entry_fn *read;
	/* The answer, also of a failure. */
	void *all;
	size_t count;
};
/* A key of a map with its value, to be sorted. */
struct pair {
	const struct pp_yaml *key, *value;
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *one = a, *two = b;

	return strcmp(pp_yaml_text(one->key), pp_yaml_text(two->key));
}

static struct pair *pairs_of(const struct pp_yaml *map)
{
	size_t count = pp_yaml_count(map);
	struct pair *pairs = calloc(count + 1, sizeof(*pairs));

	for (size_t i = 0; pairs && i < count; i++)
		pairs[i] = (struct pair){ pp_yaml_key(map, i), pp_yaml_at(map, i) };
	if (pairs)
		qsort(pairs, count, sizeof(*pairs), pair_compare);
	return pairs;
}

static int entries_read(const struct reader *r, struct section *s, const struct pp_yaml *map)
{
	struct pair *pairs = pairs_of(map);
	char *all = calloc(pp_yaml_count(map) + 1, s->size);
	int e = pairs && all ? 0 : -ENOMEM;

	s->all = all;
	if (all)
		s->count = pp_yaml_count(map);
	for (size_t i = 0; e == 0 && i < s->count; i++) {
		void *entry = all + i * s->size;

		e = node_id(pairs[i].key, s->name, (char **)entry, r->problem);
		if (e == 0)
			e = s->read(r, pairs[i].value, entry);
	}
	free(pairs);
	return e;
}

static int section_read(const struct reader *r, struct section *s)
{
	const struct pp_yaml *map = pp_yaml_get(r->root, s->name);

	if (!map)
		return 0;
	if (pp_yaml_type(map) != PP_YAML_MAP)
		return pp_problem_at(r->problem, map, "'%s': expected a map of ids", s->name);
	if (pp_yaml_count(map) > s->most)
		return pp_problem_at(r->problem, map, "'%s': %zu entries, at most %zu are possible",
			s->name, pp_yaml_count(map), s->most);
	return entries_read(r, s, map);
}

/* ---- the whole ---- */

static int contacts_read(const struct reader *r)
{
	struct section s = { .name = "contacts",
		.most = PP_PLAN_CONTACTS_MAX,
		.size = sizeof(struct pp_plan_contact),
		.read = part_contact };
	int e = section_read(r, &s);

	r->book->contacts = s.all;
	r->book->contact_count = s.count;
	return e;
}

static int rest_read(const struct reader *r)
{
	struct section agencies = { .name = "agencies",
		.most = PP_PLAN_AGENCIES_MAX,
		.size = sizeof(struct pp_plan_agency),
		.read = part_agency };
	struct section rosters = { .name = "rosters",
		.most = PP_PLAN_ROSTERS_MAX,
		.size = sizeof(struct pp_plan_roster),
		.read = part_roster };
	struct section plans = { .name = "plans",
		.most = PP_PLAN_PLANS_MAX,
		.size = sizeof(struct pp_plan),
		.read = part_plan };
	int e = section_read(r, &agencies);

	r->book->agencies = agencies.all;
	r->book->agency_count = agencies.count;
	if (e == 0)
		e = section_read(r, &rosters);
	r->book->rosters = rosters.all;
	r->book->roster_count = rosters.count;
	if (e == 0)
		e = section_read(r, &plans);
	r->book->plans = plans.all;
	r->book->plan_count = plans.count;
	if (e == 0 && plans.count == 0)
		e = pp_problem_at(r->problem, r->root, "'plans' is missing or empty");
	if (e == 0)
		e = part_troubles(r);
	return e < 0 ? e : part_limits(r);
}

static int head_read(const struct reader *r)
{
	static const char *const names[] = { "tenant", "sample", "agencies", "contacts", "rosters",
		"plans", "troubles", "limits", NULL };
	const struct pp_yaml *member = NULL;
	const char *text = NULL;
	int e = node_keys(r->root, names, r->problem);

	if (e == 0)
		e = node_need(r->root, "tenant", &member, r->problem);
	if (e == 0)
		e = node_copy(member, "tenant", PP_TENANT_MAX, &r->book->tenant, r->problem);
	if (e == 0 && pp_tenant_check(r->book->tenant) < 0)
		e = pp_problem_at(r->problem, member, "'tenant': expected the id of a tenant");
	member = e == 0 ? pp_yaml_get(r->root, "sample") : NULL;
	if (!member)
		return e;
	text = pp_yaml_type(member) == PP_YAML_SCALAR && !pp_yaml_quoted(member)
		       ? pp_yaml_text(member)
		       : "";
	r->book->sample = strcmp(text, "true") == 0;
	if (!r->book->sample && strcmp(text, "false") != 0)
		return pp_problem_at(r->problem, member, "'sample': expected true or false");
	return 0;
}

static int book_finish(struct pp_plan_book *book, int e, struct pp_plan_book **ret_book)
{
	if (e < 0)
		pp_plan_book_free(book);
	else
		*ret_book = book;
	return e;
}

int pp_plans_read(
	const struct pp_yaml *root, struct pp_plan_book **ret_book, struct pp_problem *problem)
{
	struct reader r = { root, calloc(1, sizeof(struct pp_plan_book)), problem };
	int e;

	if (!r.book)
		return -ENOMEM;
	e = head_read(&r);
	if (e == 0)
		e = contacts_read(&r);
	if (e == 0)
		e = rest_read(&r);
	return book_finish(r.book, e, ret_book);
}

/* ---- what the record keeps ---- */

/* The list names contacts by id, sorted. */
static int kept_read(const struct reader *r, struct pp_plan_contact *contacts, size_t count)
{
	static const size_t bounds[2] = { 0, PP_PLAN_CONTACTS_MAX };
	const struct pp_yaml *list = pp_yaml_get(r->root, "contacts");
	struct pp_plan_contact *all;
	size_t at = 0;
	int e = node_list(list, "contacts", bounds, r->problem);

	if (e < 0)
		return e;
	all = calloc((list ? pp_yaml_count(list) : 0) + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	r->book->contacts = all;
	r->book->contact_count = list ? pp_yaml_count(list) : 0;
	for (size_t i = 0; e == 0 && i < r->book->contact_count; i++) {
		e = node_id(pp_yaml_at(list, i), "contacts", &all[i].id, r->problem);
		while (e == 0 && at < count && strcmp(contacts[at].id, all[i].id) < 0)
			at++;
		if (e == 0 && at < count && strcmp(contacts[at].id, all[i].id) == 0) {
			free(all[i].id);
			all[i] = contacts[at];
			contacts[at++] = (struct pp_plan_contact){ .id = NULL };
		} else if (e == 0) {
			all[i].name = strdup("");
			all[i].role = strdup("");
			e = all[i].name && all[i].role ? 0 : -ENOMEM;
		}
	}
	return e;
}

int pp_plans_read_kept(const struct pp_yaml *root, struct pp_plan_contact *contacts, size_t count,
	struct pp_plan_book **ret_book, struct pp_problem *problem)
{
	struct reader r = { root, calloc(1, sizeof(struct pp_plan_book)), problem };
	int e;

	if (!r.book)
		return -ENOMEM;
	e = head_read(&r);
	if (e == 0)
		e = kept_read(&r, contacts, count);
	if (e == 0)
		e = rest_read(&r);
	return book_finish(r.book, e, ret_book);
}

/* ---- places for messages ---- */

const struct pp_yaml *pp_plans_find_named(
	const struct pp_yaml *root, const char *section, const char *id)
{
	const struct pp_yaml *map = pp_yaml_get(root, section);

	for (size_t i = 0; map && pp_yaml_type(map) == PP_YAML_MAP && i < pp_yaml_count(map); i++) {
		const struct pp_yaml *key = pp_yaml_key(map, i);

		if (key && strcmp(pp_yaml_text(key), id) == 0)
			return key;
	}
	return root;
}

const struct pp_yaml *pp_plans_find_listed(
	const struct pp_yaml *root, const char *section, size_t index)
{
	const struct pp_yaml *list = pp_yaml_get(root, section);

	return list && pp_yaml_type(list) == PP_YAML_LIST && index < pp_yaml_count(list)
		       ? pp_yaml_at(list, index)
		       : root;
}

const struct pp_yaml *pp_plans_find(
	const struct pp_yaml *root, const struct pp_plan *plan, enum pp_ring ring, int step)
{
	const struct pp_yaml *node = pp_yaml_get(root, "plans");

	node = node ? pp_yaml_get(node, plan->id) : NULL;
	if (node && step >= 0 && ring == PP_RING_FALLBACK)
		return pp_yaml_get(node, "fallback");
	node = node && step >= 0 ? pp_yaml_get(node, "rings") : NULL;
	node = node ? pp_yaml_get(node, pp_ring_text(ring)) : NULL;
	node = node ? pp_yaml_get(node, "steps") : NULL;
	return node ? pp_yaml_at(node, (size_t)step) : pp_plans_find_named(root, "plans", plan->id);
}
