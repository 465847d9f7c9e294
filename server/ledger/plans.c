/* SPDX-License-Identifier: Apache-2.0 */
/* plans.c -- a book of plans and its contacts, written as one change. */
#include "ledger/plans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "core/text.h"
#include "plans/plans.h"
#include "plans/write.h"
#include "refusal.h"
#include "store/people.h"
#include "store/plans.h"
#include "store/registry.h"

struct put {
	const struct pp_plan_order *order;
	const char *tenant;
	const struct pp_plan_book *before; /* NULL: none */
	struct pp_plan_change change;
	struct pp_json *people; /* the contacts that changed, by id: as they are now, or null */
};

static bool same_ways(const struct pp_plan_contact *a, const struct pp_plan_contact *b)
{
	if (a->way_count != b->way_count)
		return false;
	for (size_t i = 0; i < a->way_count; i++) {
		if (a->ways[i].kind != b->ways[i].kind ||
			strcmp(a->ways[i].address, b->ways[i].address) != 0)
			return false;
	}
	return true;
}

static bool same_contact(const struct pp_plan_contact *a, const struct pp_plan_contact *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->role, b->role) == 0 &&
	       a->language == b->language && a->verified_ms == b->verified_ms && same_ways(a, b);
}

static void person_note(struct put *p, const struct pp_plan_contact *c)
{
	struct pp_json *o = pp_json_object(), *ways = pp_json_list();

	(void)pp_json_set_text(o, "name", c->name);
	(void)pp_json_set_text(o, "role", c->role);
	for (size_t i = 0; i < c->way_count; i++) {
		struct pp_json *way = pp_json_object();

		(void)pp_json_set_text(way, pp_way_text(c->ways[i].kind), c->ways[i].address);
		(void)pp_json_add(ways, way);
	}
	(void)pp_json_set(o, "ways", ways);
	(void)pp_json_set(p->people, c->id, o);
}

/* before NULL: a new one. */
static int contact_put(struct pp_ledger *l, struct put *p, const struct pp_plan_contact *contact,
	const struct pp_plan_contact *before)
{
	struct pp_plan_contact now = *contact;
	int r = 0;

	/* A denial holds against every day up to its own. */
	if (before && llabs(before->verified_ms) > now.verified_ms && same_ways(before, &now))
		now.verified_ms = before->verified_ms;
	if (before && same_contact(before, &now))
		return 0;
	person_note(p, &now);
	*(before ? &p->change.altered : &p->change.added) += 1;
	/* A code that was sent by a way of before says nothing about these. */
	if (before && !same_ways(before, &now))
		r = pp_store_contact_code_drop(l->db, p->tenant, now.id);
	return r < 0 ? r : pp_store_contact_put(l->db, p->tenant, &now);
}

static int contact_erase(struct pp_ledger *l, struct put *p, const char *id)
{
	int r = pp_store_contact_remove(l->db, p->tenant, id);

	if (r <= 0)
		return r; /* 0: it was erased before */
	p->change.removed++;
	r = pp_store_notifications_forget(l->db, p->tenant, id, l->now_ms);
	return r < 0 ? r : pp_json_set_null(p->people, id);
}

/* Both lists are sorted by id. */
static int contacts_put(struct pp_ledger *l, struct put *p)
{
	const struct pp_plan_book *now = p->order->book, *before = p->before;
	size_t i = 0, k = 0, count = before ? before->contact_count : 0;
	int r = 0;

	while (r == 0 && (i < now->contact_count || k < count)) {
		int order = k == count ? -1
			    : i == now->contact_count
				    ? 1
				    : strcmp(now->contacts[i].id, before->contacts[k].id);

		if (order > 0) {
			r = contact_erase(l, p, before->contacts[k++].id);
			continue;
		}
		/* One that was erased in the meantime is a new one. */
		r = contact_put(l, p, &now->contacts[i],
			order == 0 && before->contacts[k].name[0] ? &before->contacts[k] : NULL);
		i++;
		k += order == 0;
	}
	return r;
}

static int change_write(struct pp_ledger *l, struct put *p, const uint8_t digest[PP_SHA256_SIZE])
{
	const struct pp_plan_book *book = p->order->book;
	struct pp_event event = { .tenant = p->tenant,
		.kind = "plan.changed",
		.actor = p->order->actor,
		.body = pp_json_object() };
	char hex[2 * PP_SHA256_SIZE + 1], *people = NULL;
	size_t length;
	int r = 0;

	pp_text_hex(digest, PP_SHA256_SIZE, hex);
	(void)pp_json_set_i64(event.body, "rev", p->change.rev);
	(void)pp_json_set_text(event.body, "digest", hex);
	(void)pp_json_set_bool(event.body, "sample", book->sample);
	(void)pp_json_set_i64(event.body, "plans", (int64_t)book->plan_count);
	(void)pp_json_set_i64(event.body, "agencies", (int64_t)book->agency_count);
	(void)pp_json_set_i64(event.body, "rosters", (int64_t)book->roster_count);
	(void)pp_json_set_i64(event.body, "contacts", (int64_t)book->contact_count);
	(void)pp_json_set_i64(event.body, "added", (int64_t)p->change.added);
	(void)pp_json_set_i64(event.body, "altered", (int64_t)p->change.altered);
	(void)pp_json_set_i64(event.body, "removed", (int64_t)p->change.removed);
	if (pp_json_count(p->people) > 0) {
		r = pp_json_print(p->people, &people, &length);
		event.personal_field = "people";
		event.personal = people;
	}
	if (r == 0)
		r = pp_timeline_write(l, &event, NULL);
	else
		pp_json_free(event.body);
	free(people);
	return r;
}

/* A new revision where the document is another one. */
static int body_put(struct pp_ledger *l, struct put *p, uint8_t ret_digest[PP_SHA256_SIZE])
{
	struct pp_json *json = pp_plans_json(p->order->book, PP_PLANS_KEPT);
	char *body = NULL, *newest = NULL;
	int64_t rev = 0;
	size_t length;
	int r = pp_json_print(json, &body, &length);

	pp_json_free(json);
	if (r == 0)
		r = pp_store_plan(l->db, p->tenant, &rev, &newest);
	if (r >= 0) {
		pp_sha256(body, length, ret_digest);
		p->change.rev = rev;
	}
	if (r >= 0 && (r == 0 || strcmp(newest, body) != 0)) {
		p->change.rev = rev + 1;
		p->change.changed = true;
		r = pp_store_plan_add(
			l->db, &(struct pp_plan_row){ p->tenant, body, p->order->actor, rev + 1,
				       l->now_ms, ret_digest });
	}
	free(body);
	free(newest);
	return r < 0 ? r : 0;
}

/* Users of an agency that has been known by its name alone are users of it. */
static int units_settle(struct pp_ledger *l, struct put *p, const struct pp_plan_agency *agency)
{
	char name[PP_USER_NAME_SIZE];
	int r;

	while ((r = pp_store_user_of_unit(
			l->db, p->tenant, agency->name, agency->id, name)) == 1) {
		struct pp_event event = { .tenant = p->tenant,
			.kind = "user.changed",
			.actor = p->order->actor,
			.body = pp_json_object() };

		(void)pp_json_set_text(event.body, "name", name);
		(void)pp_json_set_text(event.body, "unit", agency->id);
		r = pp_timeline_write(l, &event, NULL);
		if (r == 0)
			r = pp_store_user_set(l->db, &(struct pp_user_new){ .tenant = p->tenant,
							     .name = name,
							     .unit = agency->id });
		if (r < 0)
			break;
	}
	return r;
}

static int put_apply(struct pp_ledger *l, struct put *p)
{
	uint8_t digest[PP_SHA256_SIZE] = { 0 };
	struct pp_plan_book *before = NULL;
	int r = pp_plans_load(l->db, p->tenant, 0, &before);

	if (r == -EBADMSG) /* this one mends it */
		r = pp_plans_people(l->db, p->tenant, &before);
	if (r < 0 && r != -ENOENT)
		return r;
	p->before = before;
	p->people = pp_json_object();
	r = contacts_put(l, p);
	p->change.changed = p->change.added + p->change.altered + p->change.removed > 0;
	for (size_t i = 0; r == 0 && i < p->order->book->agency_count; i++)
		r = units_settle(l, p, &p->order->book->agencies[i]);
	if (r == 0)
		r = body_put(l, p, digest);
	if (r == 0 && p->change.changed)
		r = change_write(l, p, digest);
	if (r == 0 && p->change.changed)
		r = pp_store_plans_bump(l->db);
	if (r == 0 && p->change.changed)
		r = pp_troubles_redate(l, p->tenant);
	pp_json_free(p->people);
	pp_plan_book_free(before);
	return r;
}

static int put_run(struct pp_ledger *l, void *user)
{
	struct put *p = user;
	int64_t rev;
	int r = pp_store_tenant_exists(l->db, p->tenant);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_registry_rev(l->db, &rev);
	if (r == 0 && p->order->registry_rev >= 0 && rev != p->order->registry_rev)
		return -ESTALE;
	return r < 0 ? r : put_apply(l, p);
}

int pp_ledger_plan_put(struct pp_ledger *l, const struct pp_plan_order *order, int64_t now_ms,
	struct pp_plan_change *ret_change)
{
	struct put p = { .order = order, .tenant = order->book->tenant };
	int r = pp_ledger_transact(l, now_ms, put_run, &p);

	if (r == 0)
		*ret_change = p.change;
	return r;
}

/* ---- from the server ---- */

int pp_apply_plan(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct pp_plan_order order = { .actor = a->actor, .registry_rev = a->registry_rev };
	struct put p = { .order = &order, .tenant = a->tenant };
	struct pp_plans_file *file = NULL;
	struct pp_problem problem = { "" };
	int r = a->text ? pp_plans_file_parse("body", a->text, strlen(a->text), &file, &problem)
			: -EINVAL;

	if (r == -EINVAL)
		return pp_action_refuse(item, r, "%.150s", problem.text);
	if (r < 0)
		return r;
	order.book = pp_plans_file_book(file);
	if (strcmp(order.book->tenant, a->tenant) != 0)
		r = pp_action_refuse(item, -EINVAL, "tenant: the plan is another tenant's");
	else
		r = put_run(l, &p);
	if (r == -ESTALE)
		r = pp_action_refuse(item, -EPERM, "the registry has changed meanwhile: try again");
	item->out.action.rev = p.change.rev;
	snprintf(item->out.action.state, sizeof(item->out.action.state), "%s",
		p.change.changed ? "changed" : "unchanged");
	pp_plans_file_free(file);
	return r;
}

static int contact_said(struct pp_ledger *l, const char *tenant, const char *contact,
	const char *actor, bool denied)
{
	struct pp_json *body;
	int r = pp_store_contact_verify(l->db, tenant, contact, denied ? -l->now_ms : l->now_ms);

	if (r <= 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_text(body, "contact", contact);
	r = pp_timeline_write(l,
		&(struct pp_event){ .tenant = tenant,
			.kind = denied ? "contact.denied" : "contact.verified",
			.actor = actor,
			.body = body },
		NULL);
	if (r == 0)
		r = pp_store_plans_bump(l->db);
	return r < 0 ? r : 1;
}

int pp_contact_verified(
	struct pp_ledger *l, const char *tenant, const char *contact, const char *actor)
{
	return contact_said(l, tenant, contact, actor, false);
}

int pp_contact_denied(
	struct pp_ledger *l, const char *tenant, const char *contact, const char *actor)
{
	return contact_said(l, tenant, contact, actor, true);
}
