/* SPDX-License-Identifier: Apache-2.0 */
/* site.c -- a site file, read from the outside in; every check says file, line and column. */
#include "registry/site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "fields.h"
#include "form/form.h"
#include "protocol/topic.h"
#include "registry/zone.h"

/* Where a part is read: its map, and the place for messages. */
struct reader {
	const struct pp_yaml *map;
	struct pp_problem *problem;
};

#define TEXT(r, key, ret) field_text((r)->map, key, PP_SITE_TEXT_MAX, ret, (r)->problem)

static int problem_key(const struct reader *r, const char *key, const char *expected)
{
	return pp_problem_at(
		r->problem, pp_yaml_get(r->map, key), "'%s': expected %s", key, expected);
}

typedef int item_fn(const struct reader *r, void *item, const void *context);
/* A list of maps to be read into an array of structs whose first member is their id. */
struct items {
	const struct pp_yaml *list; /* may be NULL: none */
	size_t size;                /* of a struct */
	const char *const *names;   /* of the keys of a map */
	item_fn *fn;
	const void *context;
	/* The answer, also of a failure, so that what is half read is freed. */
	void *all;
	size_t count;
};

static int items_read(struct items *items, struct pp_problem *problem)
{
	size_t count = items->list ? pp_yaml_count(items->list) : 0;
	char *all = calloc(count ? count : 1, items->size);
	int e = 0;

	if (!all)
		return -ENOMEM;
	items->all = all;
	items->count = count;
	for (size_t i = 0; e == 0 && i < count; i++) {
		struct reader reader = { pp_yaml_at(items->list, i), problem };

		e = fields_check(reader.map, items->names, problem);
		if (e == 0)
			e = items->fn(&reader, all + i * items->size, items->context);
	}
	return e;
}

static const char *item_id(const struct items *items, size_t index)
{
	return *(char *const *)((char *)items->all + index * items->size);
}

static int items_differ(const struct items *items, const char *key, struct pp_problem *problem)
{
	for (size_t i = 1; i < items->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(item_id(items, i), item_id(items, k)) != 0)
				continue;
			return pp_problem_at(problem, pp_yaml_get(pp_yaml_at(items->list, i), key),
				"'%s: %s' is there twice, first in line %u", key, item_id(items, i),
				pp_yaml_line(pp_yaml_get(pp_yaml_at(items->list, k), key)));
		}
	}
	return 0;
}

static int desa_read(const struct reader *r, void *item, const void *context)
{
	struct pp_site_desa *d = item;
	int e = field_text(r->map, "code", PP_SITE_CODE_MAX, &d->code, r->problem);

	(void)context;
	return e < 0 ? e : TEXT(r, "name", &d->name);
}

static int kecamatan_read(const struct reader *r, void *item, const void *context)
{
	static const char *const names[] = { "code", "name", NULL };
	struct pp_site_kecamatan *k = item;
	struct items desa = { .size = sizeof(*k->desa), .names = names, .fn = desa_read };
	int e = field_text(r->map, "code", PP_SITE_CODE_MAX, &k->code, r->problem);

	(void)context;
	if (e == 0)
		e = TEXT(r, "name", &k->name);
	if (e == 0)
		e = field_list(r->map, "desa", false, &desa.list, r->problem);
	if (e == 0)
		e = items_read(&desa, r->problem);
	k->desa = desa.all;
	k->desa_count = desa.count;
	return e < 0 ? e : items_differ(&desa, "code", r->problem);
}

/* What the target wants to be sent, if it is not the body as it is. */
static int webhook_form_read(const struct reader *r, struct pp_site_webhook *w)
{
	char why[160];
	int e = field_text_optional(
		r->map, "template", PP_FORM_TEMPLATE_MAX, &w->template, r->problem);

	if (e == 0)
		e = field_text_optional(r->map, "type", 8, &w->type, r->problem);
	if (e == 0)
		e = field_text_optional(
			r->map, "authorization", 250, &w->authorization, r->problem);
	if (e == 0)
		e = field_text_optional(
			r->map, "success", PP_FORM_PATH_MAX, &w->success, r->problem);
	if (e < 0)
		return e;
	if (pp_form_check(&(struct pp_form){ w->template, w->type, w->success, NULL }, why) < 0)
		return pp_problem_at(r->problem, pp_yaml_get(r->map, "template"),
			"'template' of webhook '%s': %s", w->name, why);
	if (w->authorization && strpbrk(w->authorization, "\r\n"))
		return problem_key(r, "authorization", "one line, such as Bearer and a token");
	return 0;
}

static int webhook_read(const struct reader *r, void *item, const void *context)
{
	struct pp_site_webhook *w = item;
	int e = field_text(r->map, "name", 40, &w->name, r->problem);

	(void)context;
	if (e == 0 && !pp_text_is_slug(w->name, strlen(w->name), 40))
		e = problem_key(r, "name", "lower-case letters, digits and '-'");
	if (e == 0)
		e = field_text(r->map, "url", 500, &w->url, r->problem);
	if (e == 0 && strncmp(w->url, "https://", 8) != 0 && strncmp(w->url, "http://", 7) != 0)
		e = problem_key(r, "url", "an address that begins with https:// or http://");
	if (e == 0)
		e = field_text(r->map, "secret", 100, &w->secret, r->problem);
	if (e == 0 && strlen(w->secret) < 16)
		e = problem_key(r, "secret", "16 to 100 bytes");
	return e == 0 ? webhook_form_read(r, w) : e;
}

static int word_read(
	const struct reader *r, const char *key, int (*parse)(const char *), int *ret_value)
{
	char *word = NULL;
	int e = field_text(r->map, key, PP_SITE_TEXT_MAX, &word, r->problem);

	if (e < 0)
		return e;
	e = parse(word);
	free(word);
	if (e < 0)
		return problem_key(r, key,
			parse == pp_kind_parse
				? "panic, smoke, heat, tamper, mains, battery, input or flood"
				: "crime, fire, disaster, medical or unspecified");
	*ret_value = e;
	return 0;
}

static int label_read(const struct reader *r, struct pp_site_point *p)
{
	static const char *const names[] = { "id", "en", NULL };
	struct reader label = { .problem = r->problem };
	int e = field_map(r->map, "label", &label.map, r->problem);

	if (e == 0)
		e = fields_check(label.map, names, r->problem);
	if (e == 0)
		e = TEXT(&label, "id", &p->label_id);
	if (e == 0)
		e = TEXT(&label, "en", &p->label_en);
	return e;
}

static int point_read(const struct reader *r, void *item, const void *context)
{
	struct pp_site_point *p = item;
	int kind = 0, class = PP_CLASS_UNSPECIFIED;
	int e = field_text(r->map, "id", PP_POINT_MAX, &p->id, r->problem);

	(void)context;
	if (e == 0 && !pp_text_is_slug(p->id, strlen(p->id), PP_POINT_MAX))
		e = problem_key(r, "id", "lower-case letters, digits and '-'");
	if (e == 0)
		e = word_read(r, "kind", pp_kind_parse, &kind);
	if (e == 0 && kind == PP_KIND_POST)
		e = problem_key(r, "kind", "the kind of an input; 'post' is the post itself");
	if (e == 0 && pp_yaml_get(r->map, "class"))
		e = word_read(r, "class", pp_class_parse, &class);
	if (e == 0)
		e = field_bool(r->map, "silent", &p->silent, r->problem);
	p->kind = (enum pp_kind)kind;
	p->class = (enum pp_class) class;
	return e < 0 ? e : label_read(r, p);
}

static bool desa_is_known(const struct pp_site_tenant *t, const char *code)
{
	for (size_t i = 0; i < t->kecamatan_count; i++) {
		for (size_t k = 0; k < t->kecamatan[i].desa_count; k++) {
			if (strcmp(t->kecamatan[i].desa[k].code, code) == 0)
				return true;
		}
	}
	return false;
}

static int place_read(
	const struct reader *r, struct pp_site_post *p, const struct pp_site_tenant *t)
{
	static const struct field_range latitude = { -11.1, 6.2, "a latitude of Indonesia" },
					longitude = { 94.9, 141.1, "a longitude of Indonesia" };
	int e = field_text(r->map, "desa", PP_SITE_CODE_MAX, &p->desa, r->problem);

	if (e == 0 && !desa_is_known(t, p->desa))
		return pp_problem_at(r->problem, pp_yaml_get(r->map, "desa"),
			"'desa': '%s' is not the code of a desa of tenant '%s'", p->desa, t->id);
	if (e == 0)
		e = TEXT(r, "rw", &p->rw);
	if (e == 0)
		e = field_real(r->map, "latitude", &latitude, &p->latitude, r->problem);
	if (e == 0)
		e = field_real(r->map, "longitude", &longitude, &p->longitude, r->problem);
	return e;
}

static int contact_read(const struct reader *r, struct pp_site_post *p)
{
	static const char *const names[] = { "name", "phone", NULL };
	struct reader contact = { .problem = r->problem };
	int e;

	if (!pp_yaml_get(r->map, "contact"))
		return 0;
	e = field_map(r->map, "contact", &contact.map, r->problem);
	if (e == 0)
		e = fields_check(contact.map, names, r->problem);
	if (e == 0)
		e = TEXT(&contact, "name", &p->contact_name);
	if (e == 0)
		e = field_text_optional(contact.map, "phone", 40, &p->contact_phone, r->problem);
	return e;
}

static int points_read(const struct reader *r, struct pp_site_post *p)
{
	static const char *const names[] = { "id", "kind", "class", "silent", "label", NULL };
	struct items points = { .size = sizeof(*p->points), .names = names, .fn = point_read };
	int e = field_list(r->map, "points", true, &points.list, r->problem);

	if (e == 0 && pp_yaml_count(points.list) > PP_POINTS_MAX)
		return pp_problem_at(
			r->problem, points.list, "'points': at most %d", PP_POINTS_MAX);
	if (e == 0)
		e = items_read(&points, r->problem);
	p->points = points.all;
	p->point_count = points.count;
	return e < 0 ? e : items_differ(&points, "id", r->problem);
}

static int post_read(const struct reader *r, void *item, const void *context)
{
	struct pp_site_post *p = item;
	int e = field_text(r->map, "id", PP_POST_MAX, &p->id, r->problem);

	p->active = true;
	if (e == 0 && pp_post_check(p->id) < 0)
		e = problem_key(r, "id",
			"lower-case letters, digits and '-', and not beginning with 'svc-'");
	if (e == 0)
		e = TEXT(r, "name", &p->name);
	if (e == 0)
		e = place_read(r, p, context);
	if (e == 0)
		e = contact_read(r, p);
	if (e == 0)
		e = field_bool(r->map, "active", &p->active, r->problem);
	return e < 0 ? e : points_read(r, p);
}

static int areas_read(const struct reader *r, struct pp_site_tenant *t)
{
	static const char *const names[] = { "code", "name", "desa", NULL };
	struct items items = {
		.size = sizeof(*t->kecamatan), .names = names, .fn = kecamatan_read
	};
	int e = field_list(r->map, "kecamatan", true, &items.list, r->problem);

	if (e == 0)
		e = items_read(&items, r->problem);
	t->kecamatan = items.all;
	t->kecamatan_count = items.count;
	return e < 0 ? e : items_differ(&items, "code", r->problem);
}

/* A desa's code is known by itself, so it may stand in one kecamatan only. */
static int desa_differ(const struct reader *r, const struct pp_site_tenant *t)
{
	for (size_t i = 1; i < t->kecamatan_count; i++) {
		struct pp_site_tenant before = *t;

		before.kecamatan_count = i;
		for (size_t k = 0; k < t->kecamatan[i].desa_count; k++) {
			const struct pp_yaml *kecamatan =
				pp_yaml_at(pp_yaml_get(r->map, "kecamatan"), i);

			if (desa_is_known(&before, t->kecamatan[i].desa[k].code))
				return pp_problem_at(r->problem,
					pp_yaml_at(pp_yaml_get(kecamatan, "desa"), k),
					"desa '%s' is there twice", t->kecamatan[i].desa[k].code);
		}
	}
	return 0;
}

static int webhooks_read(const struct reader *r, struct pp_site_tenant *t)
{
	static const char *const names[] = { "name", "url", "secret", "template", "type",
		"authorization", "success", NULL };
	struct items items = { .size = sizeof(*t->webhooks), .names = names, .fn = webhook_read };
	int e = field_list(r->map, "webhooks", false, &items.list, r->problem);

	if (e == 0 && items.list && pp_yaml_count(items.list) > PP_SITE_WEBHOOKS_MAX)
		return pp_problem_at(
			r->problem, items.list, "'webhooks': at most %d", PP_SITE_WEBHOOKS_MAX);
	if (e == 0)
		e = items_read(&items, r->problem);
	t->webhooks = items.all;
	t->webhook_count = items.count;
	return e < 0 ? e : items_differ(&items, "name", r->problem);
}

static int posts_read(const struct reader *r, struct pp_site_tenant *t)
{
	static const char *const names[] = { "id", "name", "desa", "rw", "latitude", "longitude",
		"contact", "active", "points", NULL };
	struct items items = {
		.size = sizeof(*t->posts), .names = names, .fn = post_read, .context = t
	};
	int e = field_list(r->map, "posts", true, &items.list, r->problem);

	if (e == 0)
		e = items_read(&items, r->problem);
	t->posts = items.all;
	t->post_count = items.count;
	return e < 0 ? e : items_differ(&items, "id", r->problem);
}

static int name_read(const struct reader *r, struct pp_site_tenant *t)
{
	int e = field_text(r->map, "id", PP_TENANT_MAX, &t->id, r->problem);

	if (e == 0 && (pp_tenant_check(t->id) < 0 || strncmp(t->id, "svc-", 4) == 0))
		e = problem_key(r, "id",
			"lower-case letters, digits and '-', and not beginning with 'svc-'");
	if (e == 0)
		e = TEXT(r, "name", &t->name);
	if (e == 0)
		e = field_text(r->map, "prefix", PP_SITE_PREFIX_MAX, &t->prefix, r->problem);
	if (e == 0 && (strlen(t->prefix) < 2 ||
			      t->prefix[strspn(t->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0'))
		e = problem_key(r, "prefix", "2 to 8 capital letters");
	if (e == 0)
		e = field_text(r->map, "timezone", 40, &t->timezone, r->problem);
	if (e == 0 && pp_zone_minutes(t->timezone) < 0)
		e = problem_key(r, "timezone", pp_zone_names());
	return e < 0 ? e : field_bool(r->map, "sample", &t->sample, r->problem);
}

static int tenant_read(const struct reader *r, void *item, const void *context)
{
	struct pp_site_tenant *t = item;
	int e = name_read(r, t);

	(void)context;
	if (e == 0)
		e = areas_read(r, t);
	if (e == 0)
		e = desa_differ(r, t);
	if (e == 0)
		e = webhooks_read(r, t);
	return e < 0 ? e : posts_read(r, t);
}

static int prefixes_differ(
	const struct pp_site *site, const struct pp_yaml *list, struct pp_problem *problem)
{
	for (size_t i = 1; i < site->tenant_count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(site->tenants[i].prefix, site->tenants[k].prefix) == 0)
				return pp_problem_at(problem,
					pp_yaml_get(pp_yaml_at(list, i), "prefix"),
					"'prefix: %s' is tenant '%s''s already",
					site->tenants[i].prefix, site->tenants[k].id);
		}
	}
	return 0;
}

int pp_site_read(const struct pp_yaml *root, struct pp_site **ret_site, struct pp_problem *problem)
{
	static const char *const root_names[] = { "tenants", NULL };
	static const char *const names[] = { "id", "name", "prefix", "timezone", "sample",
		"kecamatan", "webhooks", "posts", NULL };
	struct pp_site *site = calloc(1, sizeof(*site));
	struct items items = { .size = sizeof(*site->tenants), .names = names, .fn = tenant_read };
	int r;

	if (!site)
		return -ENOMEM;
	r = fields_check(root, root_names, problem);
	if (r == 0)
		r = field_list(root, "tenants", true, &items.list, problem);
	if (r == 0)
		r = items_read(&items, problem);
	site->tenants = items.all;
	site->tenant_count = items.count;
	if (r == 0)
		r = items_differ(&items, "id", problem);
	if (r == 0)
		r = prefixes_differ(site, items.list, problem);
	if (r < 0) {
		pp_site_free(site);
		return r;
	}
	*ret_site = site;
	return 0;
}

int pp_site_load(const char *path, struct pp_site **ret_site, struct pp_problem *problem)
{
	struct pp_yaml *root;
	int r = pp_yaml_load(path, &root, problem);

	if (r < 0)
		return r;
	r = pp_site_read(root, ret_site, problem);
	pp_yaml_free(root);
	return r;
}

static void post_done(struct pp_site_post *p)
{
	for (size_t i = 0; i < p->point_count; i++) {
		free(p->points[i].id);
		free(p->points[i].label_id);
		free(p->points[i].label_en);
	}
	free(p->points);
	free(p->id);
	free(p->name);
	free(p->desa);
	free(p->rw);
	free(p->contact_name);
	free(p->contact_phone);
}

static void kecamatan_done(struct pp_site_kecamatan *k)
{
	for (size_t i = 0; i < k->desa_count; i++) {
		free(k->desa[i].code);
		free(k->desa[i].name);
	}
	free(k->desa);
	free(k->code);
	free(k->name);
}

static void tenant_done(struct pp_site_tenant *t)
{
	for (size_t i = 0; i < t->post_count; i++)
		post_done(&t->posts[i]);
	for (size_t i = 0; i < t->kecamatan_count; i++)
		kecamatan_done(&t->kecamatan[i]);
	for (size_t i = 0; i < t->webhook_count; i++) {
		free(t->webhooks[i].name);
		free(t->webhooks[i].url);
		free(t->webhooks[i].secret);
		free(t->webhooks[i].template);
		free(t->webhooks[i].type);
		free(t->webhooks[i].authorization);
		free(t->webhooks[i].success);
	}
	free(t->posts);
	free(t->kecamatan);
	free(t->webhooks);
	free(t->id);
	free(t->name);
	free(t->prefix);
	free(t->timezone);
}

struct pp_site *pp_site_free(struct pp_site *site)
{
	if (!site)
		return NULL;
	for (size_t i = 0; i < site->tenant_count; i++)
		tenant_done(&site->tenants[i]);
	free(site->tenants);
	free(site);
	return NULL;
}
