/* SPDX-License-Identifier: Apache-2.0 */
/* collecting.c -- what waits until its recipient may be sent one more, or for the end of quiet
 * hours, goes as one message: the newest, which says how many it stands for. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/troubles.h"
#include "plans/plans.h"
#include "store/collecting.h"
#include "store/notifications.h"
#include "texts/troubles.h"

#define AT_ONCE_MAX 16 /* recipients; more have theirs a second later */
#define KEYS_MAX 50    /* of an event */

/* ---- what must wait ---- */

static bool is_further(const char *kind)
{
	return strcmp(kind, "incident.signal") == 0 || strcmp(kind, "incident.storm") == 0 ||
	       strcmp(kind, "incident.calm") == 0;
}

/* When the recipient may be sent one more. */
static int pace_find(struct pp_ledger *l, const struct pp_recipient *to,
	const struct pp_plan_book *book, int64_t *ret_next_ms)
{
	const bool troubles = to->incident_id == 0;
	const struct pp_plan_limit limit =
		pp_pace_limit(book, troubles ? PP_LIMIT_TROUBLES : PP_LIMIT_ALARMS);
	int64_t nth_ms = -1;
	int r = pp_store_pace(l->db,
		&(struct pp_pace_query){ to, troubles, limit.most, limit.window_ms, l->now_ms },
		&nth_ms);

	if (r < 0)
		return r;
	*ret_next_ms = pp_pace_next(&limit, r ? nth_ms : -1, l->now_ms);
	return 0;
}

int pp_collect_further(struct pp_ledger *l, const char *kind, struct pp_notification_new *row)
{
	struct pp_recipient to = { .incident_id = row->incident_id };
	const struct pp_plan_book *book;
	int64_t next_ms = l->now_ms;
	int r;

	snprintf(to.tenant, sizeof(to.tenant), "%s", row->tenant);
	snprintf(to.channel, sizeof(to.channel), "webhook");
	snprintf(to.target, sizeof(to.target), "%s", row->target);
	r = is_further(kind) ? pp_store_is_told(l->db, &to) : 0;
	if (r <= 0)
		return r; /* the first word never waits */
	r = pp_store_is_collecting(l->db, &to);
	row->collecting = r > 0;
	if (r == 0)
		r = pp_shelf_take(l->shelf, l->db, row->tenant, &book);
	if (r == 0)
		r = pace_find(l, &to, book, &next_ms);
	if (next_ms > l->now_ms) {
		row->collecting = true;
		row->not_before_ms = next_ms;
	}
	return r < 0 ? r : 0;
}

/* ---- what goes ---- */

struct item {
	struct pp_texts_trouble text;
	int64_t notification_id, event_id, since_ms;
	char contact[64], key[72], kind[40];
	struct pp_json *body; /* the texts are its */
};
struct bundle {
	struct pp_ledger *l;
	const struct pp_recipient *to;
	const struct pp_plan_book *book;
	int zone_minutes;
	int64_t next_ms; /* when its recipient may be sent one more */
	int64_t mended, count;
	size_t kept;
	struct item items[PP_COLLECTED_MAX]; /* newest first */
};

static const char *text_of(const struct pp_json *body, const char *object, const char *member)
{
	const struct pp_json *in;
	const char *text = "";

	if (pp_json_get_object(body, object, &in) == 0)
		(void)pp_json_get_text(in, member, 400, &text);
	return text;
}

static void item_read(struct item *i, const struct pp_collected *row)
{
	const struct pp_json *trouble;

	i->notification_id = row->notification_id;
	i->event_id = row->event_id;
	snprintf(i->contact, sizeof(i->contact), "%s", row->contact);
	snprintf(i->key, sizeof(i->key), "%s", row->key);
	snprintf(i->kind, sizeof(i->kind), "%s", text_of(i->body, "trouble", "kind"));
	if (pp_json_get_object(i->body, "trouble", &trouble) == 0)
		(void)pp_json_get_i64(trouble, "since", 0, INT64_MAX, &i->since_ms);
	i->text = (struct pp_texts_trouble){ .mended = strcmp(row->purpose, "mended") == 0,
		.post = text_of(i->body, "post", "name"),
		.kind = i->kind,
		.minute = -1 };
}

/* Each by its own hours: what is not quiet goes, and the rest waits on. */
static int row_keep(void *user, const struct pp_collected *row)
{
	struct bundle *b = user;
	struct item *i = &b->items[b->kept];
	const struct pp_plan_trouble *rule = NULL;
	int64_t time_ms = b->next_ms;
	int r = pp_json_parse(row->body, strlen(row->body), &i->body, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EIO; /* we have written it */
	item_read(i, row);
	rule = b->to->incident_id == 0 ? pp_trouble_rule(b->book, i->kind) : NULL;
	if (rule)
		time_ms = pp_trouble_quiet_end(rule, time_ms, b->zone_minutes);
	if (time_ms <= b->l->now_ms) {
		b->kept++;
		return 0;
	}
	i->body = pp_json_free(i->body);
	return pp_store_collected_wait(b->l->db, row->notification_id, time_ms, b->l->now_ms);
}

/* ---- its words ---- */

static void troubles_text(struct bundle *b, const struct pp_plan_contact *contact,
	enum pp_way_kind way, char ret_text[PP_TEXTS_MAX])
{
	const bool english = contact->language == PP_LANGUAGE_EN;
	struct pp_texts_trouble all[PP_COLLECTED_MAX];
	struct pp_texts_troubles about = { .english = english,
		.troubles = b->count - b->mended,
		.mended = b->mended,
		.all = all,
		.count = b->kept };
	struct pp_tenant_about tenant = { .name = "" };

	if (pp_store_tenant_about(b->l->db, b->to->tenant, &tenant) == 1)
		about.site = tenant.name;
	for (size_t i = 0; i < b->kept; i++) {
		const struct item *item = &b->items[i];

		all[i] = item->text;
		all[i].point = text_of(item->body, "trouble", english ? "label_en" : "label_id");
		all[i].minute = pp_plan_minute(item->since_ms, b->zone_minutes) % PP_DAY_MINUTES;
	}
	pp_texts_troubles_make(
		&about, way == PP_WAY_SMS ? PP_TEXTS_SHORT : PP_TEXTS_LONG, ret_text);
}

static int body_print(struct bundle *b, char **ret_body)
{
	size_t length;
	int r = 0;

	if (b->count > 1)
		r = pp_json_set_i64(b->items[0].body, "collapsed", b->count - 1);
	return r < 0 ? r : pp_json_print(b->items[0].body, ret_body, &length);
}

/* The contact's further ways, held until the one before has failed. */
static int ways_hold(struct bundle *b, const struct pp_plan_contact *contact, const char *body)
{
	const struct item *first = &b->items[0];
	char text[PP_TEXTS_MAX], key[96];
	int r = 0;

	for (size_t i = 1; r == 0 && i < contact->way_count; i++) {
		const struct pp_plan_way *way = &contact->ways[i];
		bool webhook = way->kind == PP_WAY_WEBHOOK;

		troubles_text(b, contact, way->kind, text);
		snprintf(key, sizeof(key), "%.60s-%zu", first->key, i);
		r = pp_store_notification_add(
			b->l->db, &(struct pp_notification_new){ .tenant = b->to->tenant,
					  .target = webhook ? way->address : contact->id,
					  .key = key,
					  .body = body,
					  .event_id = first->event_id,
					  .now_ms = b->l->now_ms,
					  .channel = pp_way_text(way->kind),
					  .contact = contact->id,
					  .address = webhook ? "" : way->address,
					  .text = text,
					  .purpose = first->text.mended ? "mended" : "trouble",
					  .way = (int64_t)i });
	}
	return r;
}

/* ---- on the timeline ---- */

static int collapsed_write(struct bundle *b)
{
	struct pp_json *body = pp_json_object(), *keys = pp_json_list();
	struct pp_incident incident;
	struct pp_event event = { .tenant = b->to->tenant,
		.kind = "notification.collapsed",
		.actor = "server",
		.body = body };
	int r = b->to->incident_id
			? pp_store_incident_by_id(b->l->db, b->to->incident_id, &incident)
			: 0;

	for (size_t i = 1; i < b->kept && i <= KEYS_MAX; i++)
		(void)pp_json_add_text(keys, b->items[i].key);
	if (r == 1) {
		event.incident = &incident;
		event.post = incident.post;
		(void)pp_json_set_text(body, "number", incident.number);
	}
	(void)pp_json_set_text(body, "channel", b->to->channel);
	(void)pp_json_set_text(body, "target", b->to->target);
	(void)pp_json_set_text(body, "into", b->items[0].key);
	(void)pp_json_set_i64(body, "count", b->count - 1);
	(void)pp_json_set(body, "keys", keys);
	if (r < 0) {
		pp_json_free(body);
		return r;
	}
	return pp_timeline_write(b->l, &event, NULL);
}

/* ---- one recipient ---- */

static int bundle_text(struct bundle *b, const struct pp_plan_contact *contact,
	char ret_text[PP_TEXTS_MAX], const char *newest)
{
	if (contact) {
		int way = pp_way_parse(b->to->channel);

		troubles_text(b, contact, way < 0 ? PP_WAY_MAIL : (enum pp_way_kind)way, ret_text);
		return 0;
	}
	snprintf(ret_text, PP_TEXTS_MAX, "%s", newest);
	pp_texts_collapsed_add(b->count - 1, false, ret_text);
	return 0;
}

static int bundle_carry(struct bundle *b, const struct pp_plan_contact *contact, const char *newest)
{
	const struct pp_recipient *to = b->to;
	const int64_t now_ms = b->l->now_ms, id = b->items[0].notification_id;
	char text[PP_TEXTS_MAX], *body = NULL;
	int r = bundle_text(b, contact, text, newest);

	if (r == 0)
		r = body_print(b, &body);
	if (r == 0)
		r = pp_store_collapse(b->l->db, to, id, now_ms);
	if (r == 0)
		r = pp_store_carry(
			b->l->db, &(struct pp_carrier){ id, b->count - 1, now_ms, body, text });
	if (r == 0 && contact)
		r = ways_hold(b, contact, body);
	if (r == 0 && b->count > 1)
		r = collapsed_write(b);
	free(body);
	return r;
}

/* Nobody of that name is in the plan any more. */
static int bundle_end(struct bundle *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->kept; i++)
		r = pp_store_collected_end(b->l->db, b->items[i].notification_id,
			"the contact is not in the plan any more", b->l->now_ms);
	return r;
}

static int newest_text(void *user, const struct pp_collected *row)
{
	char *text = user;

	if (text[0] == '\0')
		snprintf(text, PP_TEXTS_MAX, "%s", row->text);
	return 0;
}

static int bundle_send(struct bundle *b)
{
	const struct pp_plan_contact *contact = NULL;
	char newest[PP_TEXTS_MAX] = "";
	int r = pp_store_collected_count(b->l->db, b->to, b->l->now_ms, &b->count, &b->mended);

	if (r < 0)
		return r;
	if (b->to->incident_id == 0) {
		contact = pp_plan_contact_find(b->book, b->items[0].contact);
		if (!contact || contact->way_count == 0)
			return bundle_end(b);
	} else {
		r = pp_store_each_collected(b->l->db, b->to, b->l->now_ms, newest_text, newest);
	}
	return r < 0 ? r : bundle_carry(b, contact, newest);
}

static int recipient_release(
	struct pp_ledger *l, const struct pp_recipient *to, struct bundle *b, uint64_t *collapsed)
{
	int r = pp_plans_zone(l->db, to->tenant, &b->zone_minutes);

	b->l = l;
	b->to = to;
	if (r == 0)
		r = pp_shelf_take(l->shelf, l->db, to->tenant, &b->book);
	if (r == 0)
		r = pace_find(l, to, b->book, &b->next_ms);
	if (r == 0)
		r = pp_store_each_collected(l->db, to, l->now_ms, row_keep, b);
	if (r == 0 && b->kept > 0)
		r = bundle_send(b);
	if (r == 0 && b->count > 1)
		*collapsed += (uint64_t)b->count - 1;
	for (size_t i = 0; i < PP_COLLECTED_MAX; i++)
		pp_json_free(b->items[i].body);
	return r;
}

int pp_collected_release(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_recipient to;
	int r = 1;

	for (size_t i = 0; r == 1 && i < AT_ONCE_MAX; i++) {
		struct bundle *b;

		r = pp_store_collected_due(l->db, l->now_ms, &to);
		if (r <= 0)
			break;
		b = calloc(1, sizeof(*b));
		if (!b)
			return -ENOMEM;
		r = recipient_release(l, &to, b, &item->out.collapsed);
		free(b);
		r = r < 0 ? r : 1;
	}
	return r < 0 ? r : 0;
}
