/* SPDX-License-Identifier: Apache-2.0 */
/* plans.c -- books from the record, and books held against it. */
#include "plans/plans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "plans/read.h"
#include "registry/zone.h"
#include "store/incidents.h"
#include "store/plans.h"
#include "store/registry.h"

struct pp_plans_file {
	struct pp_yaml *root;
	struct pp_plan_book *book;
};

/* ---- files ---- */

static int file_make(
	struct pp_yaml *root, struct pp_plans_file **ret_file, struct pp_problem *problem)
{
	struct pp_plans_file *file = calloc(1, sizeof(*file));
	int r = file ? pp_plans_read(root, &file->book, problem) : -ENOMEM;

	if (r < 0) {
		free(file);
		pp_yaml_free(root);
		return r;
	}
	file->root = root;
	*ret_file = file;
	return 0;
}

/* JSON is YAML but for a few escapes, which a second writing takes away; messages then name places
 * of that one line. */
static int json_parse(const char *name, const char *text, size_t length, struct pp_yaml **ret_root,
	struct pp_problem *problem)
{
	struct pp_json *json;
	char where[160], *again = NULL;
	size_t again_length;
	int r = pp_json_parse(text, length, &json, where);

	if (r == -EBADMSG)
		return pp_problem_at(problem, NULL, "%s: %s", name, where);
	if (r < 0)
		return r;
	r = pp_yaml_parse(name, text, length, ret_root, problem);
	if (r == -EINVAL) {
		r = pp_json_print(json, &again, &again_length);
		if (r == 0)
			r = pp_yaml_parse(name, again, again_length, ret_root, problem);
		free(again);
	}
	pp_json_free(json);
	return r;
}

int pp_plans_file_parse(const char *name, const char *text, size_t length,
	struct pp_plans_file **ret_file, struct pp_problem *problem)
{
	size_t blank = 0;
	struct pp_yaml *root;
	int r;

	while (blank < length && strchr(" \t\r\n", text[blank]) && text[blank])
		blank++;
	problem->text[0] = '\0';
	if (blank < length && text[blank] == '{')
		r = json_parse(name, text, length, &root, problem);
	else
		r = pp_yaml_parse(name, text, length, &root, problem);
	return r < 0 ? r : file_make(root, ret_file, problem);
}

int pp_plans_file_load(
	const char *path, struct pp_plans_file **ret_file, struct pp_problem *problem)
{
	struct pp_yaml *root;
	int r;

	problem->text[0] = '\0';
	r = pp_yaml_load(path, &root, problem);
	return r < 0 ? r : file_make(root, ret_file, problem);
}

struct pp_plans_file *pp_plans_file_free(struct pp_plans_file *file)
{
	if (file) {
		pp_plan_book_free(file->book);
		pp_yaml_free(file->root);
		free(file);
	}
	return NULL;
}

struct pp_plan_book *pp_plans_file_book(const struct pp_plans_file *file)
{
	return file->book;
}

/* ---- what the registry knows ---- */

/* Texts in one growing block each; pointers are made when all are there. */
struct world {
	struct pp_check_place *places;
	char **webhooks;
	size_t place_count, place_size, webhook_count, webhook_size;
};

static void world_done(struct world *w)
{
	for (size_t i = 0; i < w->place_count; i++)
		free((char *)(uintptr_t)w->places[i].post);
	for (size_t i = 0; i < w->webhook_count; i++)
		free(w->webhooks[i]);
	free(w->places);
	free(w->webhooks);
}

/* One block holds the three texts. */
static int place_add(void *user, const struct pp_store_place *place)
{
	struct world *w = user;
	size_t post = strlen(place->post) + 1, desa = strlen(place->desa) + 1;
	size_t kecamatan = strlen(place->kecamatan) + 1;
	char *text;

	if (w->place_count == w->place_size) {
		size_t size = w->place_size ? 2 * w->place_size : 64;
		struct pp_check_place *all = realloc(w->places, size * sizeof(*all));

		if (!all)
			return -ENOMEM;
		w->places = all;
		w->place_size = size;
	}
	text = malloc(post + desa + kecamatan);
	if (!text)
		return -ENOMEM;
	memcpy(text, place->post, post);
	memcpy(text + post, place->desa, desa);
	memcpy(text + post + desa, place->kecamatan, kecamatan);
	w->places[w->place_count++] =
		(struct pp_check_place){ text, text + post, text + post + desa };
	return 0;
}

static int webhook_add(void *user, const char *name)
{
	struct world *w = user;
	char **all = realloc(w->webhooks, (w->webhook_count + 1) * sizeof(*all));

	if (!all)
		return -ENOMEM;
	w->webhooks = all;
	all[w->webhook_count] = strdup(name);
	if (!all[w->webhook_count])
		return -ENOMEM;
	w->webhook_count++;
	return 0;
}

static int world_load(struct pp_db *db, const char *tenant, struct world *w)
{
	int r = pp_store_each_place(db, tenant, place_add, w);

	if (r == 0)
		r = pp_store_each_id(db, PP_TABLE_WEBHOOK, tenant, NULL, webhook_add, w);
	return r;
}

/* ---- checking ---- */

struct telling {
	const struct pp_plans_checking *checking;
	const struct pp_plan_book *book;
};

static const struct pp_yaml *finding_node(const struct telling *t, const struct pp_check_finding *f)
{
	const struct pp_yaml *root = t->checking->file->root;

	switch (f->about) {
	case PP_ABOUT_PLAN:
		return pp_plans_find(root, &t->book->plans[f->index], f->ring, f->step);
	case PP_ABOUT_AGENCY:
		return pp_plans_find_named(root, "agencies", t->book->agencies[f->index].id);
	case PP_ABOUT_ROSTER:
		return pp_plans_find_named(root, "rosters", t->book->rosters[f->index].id);
	case PP_ABOUT_CONTACT:
		return pp_plans_find_named(root, "contacts", t->book->contacts[f->index].id);
	case PP_ABOUT_TROUBLE:
		return pp_plans_find_listed(root, "troubles", f->index);
	default:
		return root;
	}
}

/* "plan fire, ring desk, step 2: " */
static void finding_subject(
	const struct pp_plan_book *book, const struct pp_check_finding *f, char ret_text[160])
{
	char step[32] = "";

	ret_text[0] = '\0';
	switch (f->about) {
	case PP_ABOUT_PLAN:
		if (f->step >= 0 && f->ring == PP_RING_FALLBACK)
			snprintf(step, sizeof(step), ", fallback");
		else if (f->step >= 0)
			snprintf(step, sizeof(step), ", ring %s, step %d", pp_ring_text(f->ring),
				f->step + 1);
		snprintf(ret_text, 160, "plan %s%s: ", book->plans[f->index].id, step);
		break;
	case PP_ABOUT_AGENCY:
		snprintf(ret_text, 160, "agency %s: ", book->agencies[f->index].id);
		break;
	case PP_ABOUT_ROSTER:
		snprintf(ret_text, 160, "roster %s: ", book->rosters[f->index].id);
		break;
	case PP_ABOUT_CONTACT:
		snprintf(ret_text, 160, "contact %s: ", book->contacts[f->index].id);
		break;
	case PP_ABOUT_TROUBLE:
		snprintf(ret_text, 160, "troubles, rule %zu: ", f->index + 1);
		break;
	case PP_ABOUT_BOOK:
		break;
	}
}

static void on_finding(void *user, const struct pp_check_finding *f)
{
	const struct telling *t = user;
	struct pp_problem problem;
	char subject[160];

	finding_subject(t->book, f, subject);
	if (t->checking->file)
		(void)pp_problem_at(&problem, finding_node(t, f), "%s%s", subject, f->text);
	else
		snprintf(problem.text, sizeof(problem.text), "%s%s", subject, f->text);
	t->checking->fn(t->checking->user, f->refused, problem.text);
}

int pp_plans_check(struct pp_db *db, const struct pp_plans_checking *checking)
{
	struct telling telling = { checking,
		checking->file ? checking->file->book : checking->book };
	struct world w = { .places = NULL };
	char text[96];
	int zone = 0, r = pp_plans_zone(db, telling.book->tenant, &zone);

	if (r == -ENOENT) {
		snprintf(text, sizeof(text),
			"the record has no tenant '%s': import its site file "
			"first",
			telling.book->tenant);
		checking->fn(checking->user, true, text);
	}
	if (r == 0)
		r = world_load(db, telling.book->tenant, &w);
	if (r == 0)
		r = pp_plan_check(telling.book,
			&(struct pp_check_world){ w.place_count, w.webhook_count, w.places,
				(const char *const *)w.webhooks, checking->now_ms },
			on_finding, &telling);
	world_done(&w);
	return r;
}

/* ---- the record's book ---- */

/* Contacts as they come, one row a way. */
struct people {
	struct pp_plan_contact *all;
	size_t count, size;
};

static int contact_begin(struct people *p, const struct pp_store_contact *row)
{
	struct pp_plan_contact *c;
	int language = pp_language_parse(row->language);

	if (p->count == p->size) {
		size_t size = p->size ? 2 * p->size : 64;

		c = realloc(p->all, size * sizeof(*c));
		if (!c)
			return -ENOMEM;
		p->all = c;
		p->size = size;
	}
	c = &p->all[p->count++];
	*c = (struct pp_plan_contact){ .id = strdup(row->contact),
		.name = strdup(row->name),
		.role = strdup(row->role),
		.language = language < 0 ? PP_LANGUAGE_ID : (enum pp_language)language,
		.verified_ms = row->verified_ms,
		.ways = calloc(PP_PLAN_WAYS_MAX, sizeof(*c->ways)) };
	return c->id && c->name && c->role && c->ways ? 0 : -ENOMEM;
}

static int contact_take(void *user, const struct pp_store_contact *row)
{
	struct people *p = user;
	struct pp_plan_contact *c = p->count ? &p->all[p->count - 1] : NULL;
	int kind, r = 0;

	if (!c || strcmp(c->id, row->contact) != 0)
		r = contact_begin(p, row);
	c = p->all ? &p->all[p->count - 1] : NULL;
	kind = r == 0 && row->kind ? pp_way_parse(row->kind) : -1;
	if (r < 0 || kind < 0 || c->way_count == PP_PLAN_WAYS_MAX)
		return r;
	c->ways[c->way_count].kind = (enum pp_way_kind)kind;
	c->ways[c->way_count].address = strdup(row->address);
	return c->ways[c->way_count++].address ? 0 : -ENOMEM;
}

static void people_done(struct people *p)
{
	for (size_t i = 0; i < p->count; i++)
		pp_plan_contact_done(&p->all[i]);
	free(p->all);
}

static int body_read(const char *body, struct people *people, struct pp_plan_book **ret_book)
{
	struct pp_problem problem;
	struct pp_yaml *root;
	int r = pp_yaml_parse("plan", body, strlen(body), &root, &problem);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	r = pp_plans_read_kept(root, people->all, people->count, ret_book, &problem);
	pp_yaml_free(root);
	return r < 0 && r != -ENOMEM ? -EBADMSG : r;
}

int pp_plans_load(struct pp_db *db, const char *tenant, int64_t rev, struct pp_plan_book **ret_book)
{
	struct people people = { .all = NULL };
	struct pp_plan_book *book = NULL;
	char *body = NULL;
	int zone = 0, r = pp_plans_zone(db, tenant, &zone);

	if (r == 0)
		r = pp_store_plan(db, tenant, &rev, &body);
	if (r == 0)
		return -ENOENT;
	if (r == 1)
		r = pp_store_each_contact(db, tenant, contact_take, &people);
	if (r == 0)
		r = body_read(body, &people, &book);
	free(body);
	people_done(&people);
	if (r < 0)
		return r;
	book->rev = rev;
	book->zone_minutes = zone;
	*ret_book = book;
	return 0;
}

int pp_plans_people(struct pp_db *db, const char *tenant, struct pp_plan_book **ret_book)
{
	struct people people = { .all = NULL };
	struct pp_plan_book *book = calloc(1, sizeof(*book));
	int r = book ? pp_store_each_contact(db, tenant, contact_take, &people) : -ENOMEM;

	if (r < 0) {
		people_done(&people);
		free(book);
		return r;
	}
	book->contacts = people.all;
	book->contact_count = people.count;
	*ret_book = book;
	return 0;
}

/* 1, or -errno. */
static int near_find(struct pp_db *db, const char *tenant, struct pp_plan_query *query,
	struct pp_plans_place *ret_place)
{
	const struct pp_store_near of = { query->post, query->desa, query->rw ? query->rw : "" };
	int r = pp_store_posts_near(db, tenant, &of, ret_place->near_posts);

	for (int i = 0; i < r; i++)
		ret_place->near[i] = ret_place->near_posts[i];
	query->near = ret_place->near;
	/* What is silent is not to be heard in the next village. */
	query->near_count = r < 0 || query->silent ? 0 : (size_t)r;
	return r < 0 ? r : 1;
}

int pp_plans_place(struct pp_db *db, const char *tenant, struct pp_plan_query *query,
	struct pp_plans_place *ret_place)
{
	bool by_desa = query->post[0] == '\0' && query->desa && query->desa[0];
	int r;

	if (by_desa) {
		snprintf(ret_place->desa, sizeof(ret_place->desa), "%s", query->desa);
		r = pp_store_kecamatan_of(db, tenant, query->desa, ret_place->kecamatan);
	} else {
		r = pp_store_place_of(
			db, tenant, query->post, ret_place->desa, ret_place->kecamatan);
	}
	if (r <= 0)
		ret_place->desa[0] = ret_place->kecamatan[0] = '\0';
	query->desa = ret_place->desa;
	query->kecamatan = ret_place->kecamatan;
	return r <= 0 ? r : near_find(db, tenant, query, ret_place);
}

int pp_plans_zone(struct pp_db *db, const char *tenant, int *ret_minutes)
{
	char zone[40];
	int r = pp_store_tenant_zone(db, tenant, zone);

	if (r < 0)
		return r;
	r = pp_zone_minutes(zone);
	*ret_minutes = r < 0 ? 0 : r;
	return 0;
}
