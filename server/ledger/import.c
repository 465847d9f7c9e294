/* SPDX-License-Identifier: Apache-2.0 */
/* import.c -- a site file into the record's registry. */
#include "ledger/registrar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "store/notifications.h"
#include "store/registry.h"
#include "store/timeline.h"

struct import {
	struct pp_ledger *l;
	const struct pp_site *site;
	const char *actor;
	struct pp_import_counts counts;
	struct pp_problem *problem;
};

static int put(
	struct import *i, enum pp_registry_table table, size_t *count, const struct pp_arg *args)
{
	int r = pp_store_put(i->l->db, table, args);

	if (r < 0)
		return r;
	++*count;
	i->counts.changed += (size_t)r;
	return 0;
}

static int tenant_put(struct import *i, const struct pp_site_tenant *t)
{
	int r = put(i, PP_TABLE_TENANT, &i->counts.tenants,
		PP_ARGS(PP_TEXT(t->id), PP_TEXT(t->name), PP_TEXT(t->prefix), PP_TEXT(t->timezone),
			PP_I64(t->sample)));

	if (r != -EEXIST)
		return r;
	snprintf(i->problem->text, sizeof(i->problem->text),
		"tenant '%s': the prefix '%s' belongs to another tenant of the record", t->id,
		t->prefix);
	return -EINVAL;
}

static int areas_put(struct import *i, const struct pp_site_tenant *t)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < t->kecamatan_count; k++) {
		const struct pp_site_kecamatan *kecamatan = &t->kecamatan[k];

		r = put(i, PP_TABLE_KECAMATAN, &i->counts.kecamatan,
			PP_ARGS(PP_TEXT(t->id), PP_TEXT(kecamatan->code),
				PP_TEXT(kecamatan->name)));
		for (size_t d = 0; r == 0 && d < kecamatan->desa_count; d++)
			r = put(i, PP_TABLE_DESA, &i->counts.desa,
				PP_ARGS(PP_TEXT(t->id), PP_TEXT(kecamatan->desa[d].code),
					PP_TEXT(kecamatan->code),
					PP_TEXT(kecamatan->desa[d].name)));
	}
	return r;
}

/* Ids of the record that may have gone from the file. */
struct ids {
	char (*all)[PP_SITE_TEXT_MAX + 1];
	size_t count, size;
};

static int id_take(void *user, const char *id)
{
	struct ids *ids = user;
	char(*all)[PP_SITE_TEXT_MAX + 1];

	if (ids->count == ids->size) {
		ids->size = ids->size ? 2 * ids->size : 16;
		all = realloc(ids->all, ids->size * sizeof(*all));
		if (!all)
			return -ENOMEM;
		ids->all = all;
	}
	snprintf(ids->all[ids->count++], sizeof(ids->all[0]), "%s", id);
	return 0;
}

/* What the registry now knows, or knows no more, is no trouble any longer. */
static int troubles_end(struct import *i, const struct pp_trouble *of, enum pp_trouble_set set)
{
	struct pp_trouble t = *of;

	t.detail = "the registry has changed";
	t.by = i->actor;
	return pp_troubles_end(i->l, &t, set);
}

/* Retires every id of the table that `named` does not find in the file. */
struct leftover {
	enum pp_registry_table table;
	const char *tenant, *post; /* post: of points, else NULL */
	bool (*named)(const void *owner, const char *id);
	const void *owner; /* the tenant or post of the file */
	size_t *count;
};

static int leftover_clean(struct import *i, const struct leftover *o, const char *id)
{
	const struct pp_trouble of = { .tenant = o->tenant, .post = o->post, .point = id };

	switch (o->table) {
	case PP_TABLE_WEBHOOK:
		return pp_store_notifications_fail(i->l->db, o->tenant, id, i->l->now_ms);
	case PP_TABLE_POINT:
		return troubles_end(i, &of, PP_TROUBLES_ALL);
	default:
		return 0;
	}
}

static int leftovers_retire(struct import *i, const struct leftover *o)
{
	struct ids ids = { .count = 0 };
	int r = pp_store_each_id(i->l->db, o->table, o->tenant, o->post, id_take, &ids);

	for (size_t k = 0; r == 0 && k < ids.count; k++) {
		if (o->named(o->owner, ids.all[k]))
			continue;
		r = pp_store_retire(i->l->db, o->table, o->tenant, o->post, ids.all[k]);
		if (r < 0)
			break;
		i->counts.changed += (size_t)r;
		*o->count += (size_t)r;
		r = leftover_clean(i, o, ids.all[k]);
	}
	free(ids.all);
	return r;
}

static bool point_is_named(const void *owner, const char *id)
{
	const struct pp_site_post *p = owner;

	for (size_t k = 0; k < p->point_count; k++) {
		if (strcmp(p->points[k].id, id) == 0)
			return true;
	}
	return false;
}

static bool post_is_named(const void *owner, const char *id)
{
	const struct pp_site_tenant *t = owner;

	for (size_t k = 0; k < t->post_count; k++) {
		if (strcmp(t->posts[k].id, id) == 0)
			return true;
	}
	return false;
}

static bool webhook_is_named(const void *owner, const char *id)
{
	const struct pp_site_tenant *t = owner;

	for (size_t k = 0; k < t->webhook_count; k++) {
		if (strcmp(t->webhooks[k].name, id) == 0)
			return true;
	}
	return false;
}

static int points_put(
	struct import *i, const struct pp_site_tenant *t, const struct pp_site_post *p)
{
	size_t removed = 0;
	int r = 0;

	for (size_t k = 0; r == 0 && k < p->point_count; k++) {
		const struct pp_site_point *point = &p->points[k];

		r = put(i, PP_TABLE_POINT, &i->counts.points,
			PP_ARGS(PP_TEXT(t->id), PP_TEXT(p->id), PP_TEXT(point->id),
				PP_TEXT(pp_kind_text(point->kind)),
				PP_TEXT(pp_class_text(point->class)), PP_I64(point->silent),
				PP_TEXT(point->label_id), PP_TEXT(point->label_en)));
		if (r == 0)
			r = troubles_end(i,
				&(struct pp_trouble){
					.tenant = t->id, .post = p->id, .point = point->id },
				PP_TROUBLES_UNKNOWN);
	}
	if (r < 0)
		return r;
	return leftovers_retire(
		i, &(struct leftover){ PP_TABLE_POINT, t->id, p->id, point_is_named, p, &removed });
}

static int posts_put(struct import *i, const struct pp_site_tenant *t)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < t->post_count; k++) {
		const struct pp_site_post *p = &t->posts[k];

		r = put(i, PP_TABLE_POST, &i->counts.posts,
			PP_ARGS(PP_TEXT(t->id), PP_TEXT(p->id), PP_TEXT(p->name), PP_TEXT(p->desa),
				PP_TEXT(p->rw), PP_REAL(p->latitude), PP_REAL(p->longitude),
				PP_TEXT(p->contact_name), PP_TEXT(p->contact_phone),
				PP_I64(p->active)));
		if (r == 0)
			r = points_put(i, t, p);
	}
	if (r < 0)
		return r;
	return leftovers_retire(i, &(struct leftover){ PP_TABLE_POST, t->id, NULL, post_is_named, t,
					   &i->counts.deactivated });
}

static int webhooks_put(struct import *i, const struct pp_site_tenant *t)
{
	size_t removed = 0;
	int r = 0;

	for (size_t k = 0; r == 0 && k < t->webhook_count; k++) {
		const struct pp_site_webhook *w = &t->webhooks[k];

		r = put(i, PP_TABLE_WEBHOOK, &i->counts.webhooks,
			PP_ARGS(PP_TEXT(t->id), PP_TEXT(w->name), PP_TEXT(w->url),
				PP_TEXT(w->secret), PP_TEXT(w->template ? w->template : ""),
				PP_TEXT(w->type ? w->type : ""),
				PP_TEXT(w->authorization ? w->authorization : ""),
				PP_TEXT(w->success ? w->success : "")));
	}
	if (r < 0)
		return r;
	return leftovers_retire(i,
		&(struct leftover){ PP_TABLE_WEBHOOK, t->id, NULL, webhook_is_named, t, &removed });
}

static int import_event(
	struct import *i, const struct pp_site_tenant *t, size_t changed, size_t deactivated)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_i64(body, "posts", (int64_t)t->post_count);
	(void)pp_json_set_i64(body, "changed", (int64_t)changed);
	(void)pp_json_set_i64(body, "deactivated", (int64_t)deactivated);
	(void)pp_json_set_bool(body, "sample", t->sample);
	return pp_timeline_write(i->l,
		&(struct pp_event){ .tenant = t->id,
			.kind = "registry.imported",
			.actor = i->actor,
			.body = body },
		NULL);
}

static int tenant_import(struct import *i, const struct pp_site_tenant *t)
{
	struct pp_import_counts before = i->counts;
	int r = tenant_put(i, t);

	if (r == 0)
		r = areas_put(i, t);
	if (r == 0)
		r = posts_put(i, t);
	if (r == 0)
		r = webhooks_put(i, t);
	if (r < 0 || i->counts.changed == before.changed)
		return r;
	return import_event(i, t, i->counts.changed - before.changed,
		i->counts.deactivated - before.deactivated);
}

static int site_import(struct pp_ledger *l, void *user)
{
	struct import *i = user;
	int r = 0;

	for (size_t k = 0; r == 0 && k < i->site->tenant_count; k++)
		r = tenant_import(i, &i->site->tenants[k]);
	if (r == 0 && i->counts.changed > 0)
		r = pp_store_registry_bump(l->db);
	return r;
}

int pp_ledger_import(struct pp_ledger *l, const struct pp_site *site, const char *actor,
	int64_t now_ms, struct pp_import_counts *ret_counts, struct pp_problem *problem)
{
	struct import i = { .l = l, .site = site, .actor = actor, .problem = problem };
	int r;

	problem->text[0] = '\0';
	r = pp_ledger_transact(l, now_ms, site_import, &i);
	if (r < 0) {
		if (!problem->text[0])
			snprintf(problem->text, sizeof(problem->text), "the record: %s",
				pp_ledger_error(l));
		return r;
	}
	*ret_counts = i.counts;
	return 0;
}
