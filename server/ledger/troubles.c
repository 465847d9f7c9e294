/* SPDX-License-Identifier: Apache-2.0 */
/* troubles.c -- who is told of a trouble, when it has stood long enough, and that it was mended. A
 * trouble is no incident: nothing here touches one. */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "dispatch/troubles.h"
#include "plans/plans.h"
#include "store/collecting.h"
#include "store/notifications.h"
#include "store/registry.h"

#define KEY_BYTES 16
#define AT_ONCE_MAX 128 /* troubles; more are told a second later */
#define STORM_MS 60000  /* what comes in a storm must stand so much longer */

/* One that is to be told, or that it was mended. */
struct word {
	const struct pp_trouble_state *t;
	bool mended;
	const struct pp_plan_book *book;
	const struct pp_plan_trouble *rule; /* NULL: there is none any more */
	int zone_minutes;
	struct pp_written event;
	struct pp_post_about post;
	struct pp_store_point point;
};

/* ---- when ---- */

static int rule_find(struct pp_ledger *l, const char *tenant, const char *kind,
	const struct pp_plan_book **ret_book, const struct pp_plan_trouble **ret_rule)
{
	int r = pp_shelf_take(l->shelf, l->db, tenant, ret_book);

	if (r == 0)
		*ret_rule = pp_trouble_rule(*ret_book, kind);
	return r;
}

int pp_trouble_begin(struct pp_ledger *l, const struct pp_trouble_row *row, bool storm)
{
	const struct pp_plan_trouble *rule = NULL;
	const struct pp_plan_book *book;
	int64_t due_ms = PP_TROUBLE_NEVER;
	int r = rule_find(l, row->tenant, row->kind, &book, &rule);

	if (r < 0)
		return r;
	if (rule)
		due_ms = l->now_ms + rule->after_ms + (storm ? STORM_MS : 0);
	return pp_store_trouble_date(l->db, row, l->now_ms, due_ms);
}

int pp_troubles_redate(struct pp_ledger *l, const char *tenant)
{
	char kind[PP_TROUBLE_SIZE] = "";
	int r;

	while ((r = pp_store_trouble_kind(l->db, tenant, kind, kind)) == 1) {
		const struct pp_plan_trouble *rule = NULL;
		const struct pp_plan_book *book;

		r = rule_find(l, tenant, kind, &book, &rule);
		if (r == 0)
			r = pp_store_troubles_redate(
				l->db, tenant, kind, rule ? rule->after_ms : -1);
		if (r < 0)
			return r;
	}
	return r;
}

/* ---- whom, and with which words ---- */

static int word_fill(struct pp_ledger *l, struct word *w)
{
	int r = pp_plans_zone(l->db, w->t->tenant, &w->zone_minutes);

	if (r == 0)
		r = rule_find(l, w->t->tenant, w->t->kind, &w->book, &w->rule);
	if (r == 0)
		r = pp_store_post_about(l->db, w->t->tenant, w->t->post, &w->post);
	if (r >= 0 && w->t->point[0])
		r = pp_store_point(l->db, w->t->tenant, w->t->post, w->t->point, &w->point);
	return r < 0 ? r : 0;
}

/* What it falls into quiet hours waits for. */
static int64_t word_time(const struct pp_ledger *l, const struct word *w)
{
	return w->rule ? pp_trouble_quiet_end(w->rule, l->now_ms, w->zone_minutes) : l->now_ms;
}

static int word_write(struct pp_ledger *l, struct word *w, struct pp_json *call)
{
	struct pp_json *body = pp_json_object();
	int64_t time_ms = word_time(l, w);

	(void)pp_json_set_text(body, "kind", w->t->kind);
	(void)pp_json_set_i64(body, "since", w->t->since_ms);
	(void)pp_json_set_bool(body, "mended", w->mended);
	(void)pp_json_set(body, "call", call);
	if (time_ms > l->now_ms)
		(void)pp_json_set_i64(body, "held_until", time_ms);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = w->t->tenant,
			.kind = "trouble.told",
			.actor = "server",
			.post = w->t->post,
			.point = w->t->point[0] ? w->t->point : NULL,
			.body = body },
		&w->event);
}

static int body_print(struct pp_ledger *l, const struct word *w, const char *key, char **ret_body)
{
	struct pp_json *body = pp_json_object(), *post = pp_json_object(),
		       *trouble = pp_json_object();
	size_t length;
	int r;

	(void)pp_json_set_text(post, "id", w->t->post);
	(void)pp_json_set_text(post, "name", w->post.name[0] ? w->post.name : w->t->post);
	(void)pp_json_set_text(post, "desa", w->post.desa);
	(void)pp_json_set_text(post, "kecamatan", w->post.kecamatan);
	(void)pp_json_set_text(post, "rw", w->post.rw);
	(void)pp_json_set_text(trouble, "kind", w->t->kind);
	(void)pp_json_set_text(trouble, "detail", w->t->detail);
	(void)pp_json_set_text(trouble, "point", w->t->point);
	(void)pp_json_set_text(
		trouble, "label_id", w->point.label_id[0] ? w->point.label_id : w->t->point);
	(void)pp_json_set_text(
		trouble, "label_en", w->point.label_en[0] ? w->point.label_en : w->t->point);
	(void)pp_json_set_i64(trouble, "since", w->mended ? l->now_ms : w->t->since_ms);
	(void)pp_json_set_text(body, "kind", w->mended ? "trouble.mended" : "trouble");
	(void)pp_json_set_i64(body, "at", l->now_ms);
	(void)pp_json_set_text(body, "tenant", w->t->tenant);
	(void)pp_json_set(body, "post", post);
	(void)pp_json_set(body, "trouble", trouble);
	(void)pp_json_set_text(body, "id", key);
	r = pp_json_print(body, ret_body, &length);
	pp_json_free(body);
	return r;
}

/* The contact's first way; the others are made when it goes (collecting.c). */
static int contact_queue(
	struct pp_ledger *l, const struct word *w, const struct pp_plan_contact *contact)
{
	const struct pp_plan_way *way = &contact->ways[0];
	const bool webhook = way->kind == PP_WAY_WEBHOOK;
	char key[2 * KEY_BYTES + 1], about[PP_ABOUT_SIZE], *body = NULL;
	uint8_t mac[PP_SHA256_SIZE];
	int r;

	pp_hmac_sha256(w->event.hash, sizeof(w->event.hash), contact->id, strlen(contact->id), mac);
	pp_text_hex(mac, KEY_BYTES, key);
	pp_trouble_about(w->t, about);
	r = body_print(l, w, key, &body);
	if (r == 0)
		r = pp_store_notification_add(
			l->db, &(struct pp_notification_new){ .tenant = w->t->tenant,
				       .target = webhook ? way->address : contact->id,
				       .key = key,
				       .body = body,
				       .event_id = w->event.event_id,
				       .now_ms = l->now_ms,
				       .channel = pp_way_text(way->kind),
				       .contact = contact->id,
				       .address = webhook ? "" : way->address,
				       .purpose = w->mended ? "mended" : "trouble",
				       .not_before_ms = word_time(l, w),
				       .collecting = true,
				       .about = about });
	free(body);
	return r;
}

static int contacts_queue(struct pp_ledger *l, struct word *w,
	const struct pp_plan_contact *const *contacts, size_t count)
{
	struct pp_json *call = pp_json_list();
	char name[PP_PLAN_ID_MAX + 16];
	int r;

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "contact:%s", contacts[i]->id);
		(void)pp_json_add_text(call, name);
	}
	r = word_write(l, w, call);
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (contacts[i]->way_count > 0)
			r = contact_queue(l, w, contacts[i]);
	}
	return r;
}

/* ---- it is told ---- */

static int trouble_tell(struct pp_ledger *l, const struct pp_trouble_state *t)
{
	const struct pp_plan_contact *contacts[PP_PLAN_CALLEES_MAX];
	struct word w = { .t = t };
	size_t count;
	int r = word_fill(l, &w);

	if (r < 0)
		return r;
	/* Whoever is on duty when it is read. */
	count = w.rule ? pp_trouble_call_list(w.book, w.rule,
				 pp_plan_minute(word_time(l, &w), w.zone_minutes), contacts)
		       : 0;
	r = w.rule ? contacts_queue(l, &w, contacts, count) : 0;
	return r < 0 ? r : pp_store_trouble_told(l->db, t);
}

int pp_troubles_tell(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_trouble_state t;
	int r = 1;

	for (size_t i = 0; r == 1 && i < AT_ONCE_MAX; i++) {
		r = pp_store_trouble_due(l->db, l->now_ms, &t);
		if (r == 1) {
			int told = trouble_tell(l, &t);

			r = told < 0 ? told : 1;
			item->out.troubles++;
		}
	}
	return r;
}

/* ---- it is mended ---- */

struct mending {
	struct pp_ledger *l;
	struct word w;
	const struct pp_plan_contact *contacts[PP_PLAN_CALLEES_MAX];
	size_t count;
};

/* Who has not been told yet need not be; who was told, or may have been, is told that it is over.
 */
static int heard_mend(void *user, const struct pp_trouble_heard *heard)
{
	struct mending *m = user;
	const struct pp_plan_contact *contact;

	if (heard->collecting)
		return pp_store_collected_end(m->l->db, heard->notification_id,
			"mended before it was told", m->l->now_ms);
	contact = pp_plan_contact_find(m->w.book, heard->contact);
	if (contact && contact->way_count > 0 && m->count < PP_PLAN_CALLEES_MAX)
		m->contacts[m->count++] = contact;
	return 0;
}

int pp_trouble_mend(struct pp_ledger *l, const struct pp_trouble_row *row)
{
	struct mending m = { .l = l };
	struct pp_trouble_state t;
	char about[PP_ABOUT_SIZE];
	int r = pp_store_trouble_state(l->db, row, &t);

	if (r <= 0 || t.due_ms != PP_TROUBLE_TOLD)
		return r < 0 ? r : 0;
	m.w = (struct word){ .t = &t, .mended = true };
	r = word_fill(l, &m.w);
	if (r < 0)
		return r;
	pp_trouble_about(&t, about);
	r = pp_store_each_heard(l->db, t.tenant, about, heard_mend, &m);
	return r < 0 || m.count == 0 ? r : contacts_queue(l, &m.w, m.contacts, m.count);
}
