/* SPDX-License-Identifier: Apache-2.0 */
/* tell.c -- what those who are called are sent, one row for each way of each of them. */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "sentence.h"
#include "store/notifications.h"

#define KEY_BYTES 16

/* The same event, call and way always make the same key. */
static void key_make(const struct pp_written *event, const struct pp_notification_new *row,
	char ret_key[2 * KEY_BYTES + 1])
{
	char what[PP_PLAN_ADDRESS_MAX + 160];
	uint8_t mac[PP_SHA256_SIZE];
	int length = snprintf(what, sizeof(what), "%s\n%s\n%s\n%lld", row->channel, row->target,
		row->address ? row->address : "", (long long)row->call_id);

	if (length >= (int)sizeof(what))
		length = (int)sizeof(what) - 1;
	pp_hmac_sha256(event->hash, sizeof(event->hash), what, (size_t)length, mac);
	pp_text_hex(mac, KEY_BYTES, ret_key);
}

static int row_add(struct pp_ledger *l, const struct pp_tell *t, struct pp_notification_new row)
{
	const struct pp_alert alert = {
		.kind = t->kind, .point = "", .point_kind = PP_KIND_POST, .incident = t->incident
	};
	char key[2 * KEY_BYTES + 1], *body;
	int r;

	row.tenant = t->incident->tenant;
	row.incident_id = t->incident->incident_id;
	row.event_id = t->event->event_id;
	row.now_ms = l->now_ms;
	row.call_id = t->call_id;
	key_make(t->event, &row, key);
	r = pp_alert_print(l, &alert, key, &body);
	if (r < 0)
		return r;
	row.key = key;
	row.body = body;
	r = pp_store_notification_add(l->db, &row);
	free(body);
	return r;
}

static int way_tell(struct pp_ledger *l, const struct pp_tell *t,
	const struct pp_plan_contact *contact, size_t index)
{
	const struct pp_plan_way *way = &contact->ways[index];
	bool webhook = way->kind == PP_WAY_WEBHOOK;
	const struct pp_sentence sentence = { .purpose = PP_TEXTS_ALARM,
		.shape = way->kind == PP_WAY_SMS ? PP_TEXTS_SHORT : PP_TEXTS_LONG,
		.english = contact->language == PP_LANGUAGE_EN,
		.incident = t->incident,
		.code = t->code };
	char text[PP_TEXTS_MAX];
	int r = pp_sentence_make(l, &sentence, text);

	return r < 0 ? r
		     : row_add(l, t,
			       (struct pp_notification_new){ .channel = pp_way_text(way->kind),
				       .target = webhook ? way->address : contact->id,
				       .address = webhook ? NULL : way->address,
				       .contact = contact->id,
				       .purpose = "alarm",
				       .text = text,
				       .way = (int64_t)index });
}

int pp_tell_contact(
	struct pp_ledger *l, const struct pp_tell *t, const struct pp_plan_contact *contact)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < contact->way_count; i++)
		r = way_tell(l, t, contact, i);
	return r;
}

/* "crime boja-01": what is to sound, and whose alarm it is. */
static int siren_add(struct pp_ledger *l, const struct pp_tell *t, const char *post, const char *of,
	const char *purpose)
{
	char address[PP_TENANT_MAX + PP_POST_MAX + 2], text[PP_POST_MAX + 16];

	snprintf(address, sizeof(address), "%s/%s", t->incident->tenant, post);
	snprintf(text, sizeof(text), "%s%s%s", pp_class_text(t->incident->class), of[0] ? " " : "",
		of);
	return row_add(l, t,
		(struct pp_notification_new){ .channel = "siren",
			.target = post,
			.address = address,
			.contact = post,
			.purpose = purpose,
			.text = text });
}

int pp_tell_station(struct pp_ledger *l, const struct pp_tell *t, const char *station)
{
	/* A silent alarm sounds nowhere. */
	return t->incident->silent ? 0 : siren_add(l, t, station, "", "alarm");
}

int pp_tell_near(struct pp_ledger *l, const struct pp_tell *t, const char *post)
{
	return siren_add(l, t, post, t->incident->post, "alarm");
}

/* ---- nobody need come any more ---- */

struct stop {
	struct pp_ledger *l;
	const struct pp_tell *t;
	const struct pp_plan_book *book; /* NULL: the tenant has none any more */
	enum pp_texts_purpose purpose;   /* STOP, CLOSED */
	bool told;
};

static bool is_english(const struct pp_plan_book *book, const char *contact)
{
	const struct pp_plan_contact *c = pp_plan_contact_find(book, contact);

	return c && c->language == PP_LANGUAGE_EN;
}

static int told_end(void *user, const struct pp_told *told)
{
	struct stop *s = user;
	bool webhook = strcmp(told->channel, "webhook") == 0;
	struct pp_sentence sentence = { .purpose = s->purpose,
		.shape = strcmp(told->channel, "sms") == 0 ? PP_TEXTS_SHORT : PP_TEXTS_LONG,
		.english = is_english(s->book, told->contact),
		.incident = s->t->incident,
		.by = s->t->by };
	struct pp_tell tell = *s->t;
	char text[PP_TEXTS_MAX];
	int r = pp_sentence_make(s->l, &sentence, text);

	if (s->t->contact && strcmp(told->contact, s->t->contact) != 0)
		return 0;
	tell.call_id = told->call_id;
	s->told = true;
	return r < 0 ? r
		     : row_add(s->l, &tell,
			       (struct pp_notification_new){ .channel = told->channel,
				       .target = told->target,
				       .address = webhook ? NULL : told->address,
				       .contact = told->contact,
				       .purpose = s->purpose == PP_TEXTS_STOP ? "stop" : "closed",
				       .text = text });
}

typedef int told_each_fn(struct pp_db *db, int64_t incident_id, pp_store_told_fn *fn, void *user);

static int words_tell(struct pp_ledger *l, const struct pp_tell *t, enum pp_texts_purpose purpose,
	told_each_fn *each)
{
	struct stop s = { .l = l, .t = t, .purpose = purpose };
	int64_t id = t->incident->incident_id;
	int r = pp_shelf_take(l->shelf, l->db, t->incident->tenant, &s.book);

	if (r >= 0)
		r = each(l->db, id, told_end, &s);
	return r < 0 || !s.told ? r
				: pp_store_word_said(l->db, id, t->event->event_id,
					  purpose == PP_TEXTS_CLOSED);
}

int pp_tell_stop(struct pp_ledger *l, const struct pp_tell *t)
{
	return words_tell(l, t, PP_TEXTS_STOP, pp_store_each_told);
}

int pp_tell_closed(struct pp_ledger *l, const struct pp_tell *t)
{
	return words_tell(l, t, PP_TEXTS_CLOSED, pp_store_each_coming);
}

static int webhook_stop(void *user, const char *webhook)
{
	const struct stop *s = user;

	return pp_alert_queue(s->l, &(struct pp_alert){ .kind = "incident.taken",
					    .point = "",
					    .point_kind = PP_KIND_POST,
					    .incident = s->t->incident,
					    .event = s->t->event,
					    .purpose = "stop",
					    .webhook = webhook });
}

int pp_tell_webhooks_stop(struct pp_ledger *l, const struct pp_tell *t)
{
	struct stop s = { .l = l, .t = t };

	return pp_store_webhooks_end(l->db,
		&(struct pp_withdrawal){
			t->incident->incident_id, 0, l->now_ms, "others have it" },
		false, webhook_stop, &s);
}

int pp_tell_webhooks_closed(struct pp_ledger *l, const struct pp_tell *t)
{
	struct stop s = { .l = l, .t = t };

	return pp_store_webhooks_end(l->db,
		&(struct pp_withdrawal){
			t->incident->incident_id, 0, l->now_ms, "it is over" },
		true, webhook_stop, &s);
}

int pp_tell_webhook_late(struct pp_ledger *l, const struct pp_tell *t, const char *webhook)
{
	struct stop s = { .l = l, .t = t };

	return webhook_stop(&s, webhook);
}

/* ---- near posts ---- */

struct hush {
	struct pp_ledger *l;
	const struct pp_ladder_news *news;
	struct pp_written event;
	bool told;
};

static int hush_one(void *user, const char *post, const char *address)
{
	struct hush *h = user;
	const struct pp_tell tell = {
		.incident = h->news->incident, .event = &h->event, .kind = "incident.taken"
	};
	int r = 0;

	(void)address;
	if (!h->told)
		r = pp_moving_tell(h->l, h->news->incident,
			&(struct pp_moving_event){
				"ladder.hushed", h->news->by, pp_json_object(), NULL, NULL },
			&h->event);
	h->told = true;
	return r < 0 ? r : siren_add(h->l, &tell, post, "", "stop");
}

static int sirens_end(
	struct pp_ledger *l, const struct pp_ladder_news *news, const char *why, int64_t whose)
{
	struct hush h = { .l = l, .news = news };

	return pp_store_sirens_end(l->db,
		&(struct pp_withdrawal){ news->incident->incident_id, whose, l->now_ms, why },
		hush_one, &h);
}

int pp_tell_hush(struct pp_ledger *l, const struct pp_ladder_news *news)
{
	return sirens_end(l, news, "others have it", 0);
}

int pp_tell_quiet(struct pp_ledger *l, const struct pp_incident *incident, const char *by)
{
	return sirens_end(l, &(struct pp_ladder_news){ .incident = incident, .by = by },
		"it is silent now", -1);
}
