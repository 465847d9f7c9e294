/* SPDX-License-Identifier: Apache-2.0 */
/* alerts.c -- what webhooks will be told, queued in the transaction of the alarm itself. */
#include "book.h"
#include "sentence.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/registry.h"
#include "store/timeline.h"

#define KEY_BYTES 16

struct queue {
	struct pp_ledger *l;
	const struct pp_alert *alert;
	struct pp_json *body;
	char words[PP_TEXTS_MAX];
};

static struct pp_json *incident_json(const struct pp_incident *i)
{
	struct pp_json *object = pp_json_object();

	(void)pp_json_set_text(object, "number", i->number);
	(void)pp_json_set_text(object, "class", pp_class_text(i->class));
	(void)pp_json_set_text(object, "state", pp_incident_state_text(i->state));
	(void)pp_json_set_bool(object, "silent", i->silent);
	(void)pp_json_set_bool(object, "late", i->late);
	(void)pp_json_set_bool(object, "drill", i->drill);
	(void)pp_json_set_i64(object, "occurred", i->occurred_ms);
	(void)pp_json_set_i64(object, "opened", i->opened_ms);
	(void)pp_json_set_i64(object, "signals", i->signals);
	return object;
}

static struct pp_json *post_json(const char *post, const struct pp_post_about *about)
{
	struct pp_json *object = pp_json_object();

	(void)pp_json_set_text(object, "id", post);
	(void)pp_json_set_text(object, "name", about->name);
	(void)pp_json_set_text(object, "desa", about->desa);
	(void)pp_json_set_text(object, "kecamatan", about->kecamatan);
	(void)pp_json_set_text(object, "rw", about->rw);
	(void)pp_json_set_real(object, "latitude", about->latitude);
	(void)pp_json_set_real(object, "longitude", about->longitude);
	return object;
}

static struct pp_json *point_json(const struct pp_alert *a, const struct pp_store_point *about)
{
	struct pp_json *object = pp_json_object();

	(void)pp_json_set_text(object, "id", a->point);
	(void)pp_json_set_text(object, "kind", pp_kind_text(a->point_kind));
	(void)pp_json_set_text(object, "label_id", about->label_id);
	(void)pp_json_set_text(object, "label_en", about->label_en);
	return object;
}

static int body_make(struct pp_ledger *l, const struct pp_alert *a, struct pp_json **ret_body)
{
	const struct pp_incident *i = a->incident;
	const char *id = a->post ? a->post : i->post;
	struct pp_post_about post = { .name = "" };
	struct pp_store_point point = { .silent = false };
	struct pp_json *body;
	int r = pp_sentence_place(l, i, id, &post);

	if (r >= 0)
		r = pp_store_point(l->db, i->tenant, id, a->point, &point);
	if (r < 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_text(body, "kind", a->kind);
	(void)pp_json_set_i64(body, "at", l->now_ms);
	(void)pp_json_set_text(body, "tenant", i->tenant);
	(void)pp_json_set(body, "incident", incident_json(i));
	(void)pp_json_set(body, "post", post_json(id, &post));
	(void)pp_json_set(body, "point", point_json(a, &point));
	*ret_body = body;
	return 0;
}

/* The same event and webhook always make the same key, so that a receiver can tell a repetition. */
static void key_make(const struct pp_alert *a, const char *webhook, char ret_key[2 * KEY_BYTES + 1])
{
	uint8_t mac[PP_SHA256_SIZE];

	pp_hmac_sha256(a->event->hash, sizeof(a->event->hash), webhook, strlen(webhook), mac);
	pp_text_hex(mac, KEY_BYTES, ret_key);
}

static const char *word_of(const struct pp_alert *alert)
{
	if (alert->purpose)
		return alert->purpose;
	return strcmp(alert->kind, "incident.opened") == 0 ? "alarm" : "again";
}

static int webhook_queue(void *user, const char *name)
{
	struct queue *q = user;
	char key[2 * KEY_BYTES + 1], *text;
	struct pp_notification_new row;
	size_t length;
	int r;

	if (q->alert->webhook && strcmp(q->alert->webhook, name) != 0)
		return 0;
	key_make(q->alert, name, key);
	r = pp_json_set_text(q->body, "id", key);
	if (r == 0)
		r = pp_json_print(q->body, &text, &length);
	if (r < 0)
		return r;
	row = (struct pp_notification_new){ .tenant = q->alert->incident->tenant,
		.target = name,
		.key = key,
		.body = text,
		.text = q->words,
		.purpose = word_of(q->alert),
		.incident_id = q->alert->incident->incident_id,
		.event_id = q->alert->event->event_id,
		.now_ms = q->l->now_ms };
	r = pp_collect_further(q->l, q->alert->kind, &row);
	if (r == 0)
		r = pp_store_notification_add(q->l->db, &row);
	free(text);
	return r;
}

int pp_alert_print(
	struct pp_ledger *l, const struct pp_alert *alert, const char *key, char **ret_text)
{
	struct pp_json *body;
	size_t length;
	int r = body_make(l, alert, &body);

	if (r < 0)
		return r;
	(void)pp_json_set_text(body, "id", key);
	r = pp_json_print(body, ret_text, &length);
	pp_json_free(body);
	return r;
}

static enum pp_texts_purpose purpose_of(const struct pp_alert *alert)
{
	if (alert->purpose && strcmp(alert->purpose, "stop") == 0)
		return PP_TEXTS_STOP;
	return strcmp(alert->kind, "incident.opened") == 0 ? PP_TEXTS_ALARM : PP_TEXTS_AGAIN;
}

int pp_alert_queue(struct pp_ledger *l, const struct pp_alert *alert)
{
	struct queue q = { .l = l, .alert = alert };
	const struct pp_sentence sentence = {
		.purpose = purpose_of(alert),
		.by = alert->incident->acknowledged_by,
		.shape = PP_TEXTS_LONG,
		.incident = alert->incident,
		.post = alert->post,
		.point = alert->point,
	};
	int r = body_make(l, alert, &q.body);

	if (r < 0)
		return r;
	r = pp_sentence_make(l, &sentence, q.words);
	if (r == 0)
		r = pp_store_each_webhook(l->db, alert->incident->tenant, webhook_queue, &q);
	pp_json_free(q.body);
	return r;
}
