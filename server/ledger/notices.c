/* SPDX-License-Identifier: Apache-2.0 */
/* notices.c -- what became of a notification: a try's own word, and for a siren the station's. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "refusal.h"
#include "store/incidents.h"
#include "store/notifications.h"

/* It was under way when others had it, or it was over: whoever was called has been told to come
 * since. */
static int late_stop_tell(struct pp_ledger *l, const struct pp_notification_about *about,
	const struct pp_incident *incident, const struct pp_written *event)
{
	struct pp_tell tell = { .incident = incident,
		.event = event,
		.kind = "call.stopped",
		.call_id = about->call_id,
		.contact = about->contact,
		.by = incident->acknowledged_by };
	int r = pp_tell_stop(l, &tell);

	if (r < 0 || incident->state != PP_INCIDENT_CLOSED || incident->merged_into > 0)
		return r;
	tell.kind = "incident.closed";
	return pp_tell_closed(l, &tell);
}

/* A group that was told of what others have, or what is over, hears that. */
static int late_webhook_tell(struct pp_ledger *l, const struct pp_notification_about *about,
	const struct pp_incident *incident, const struct pp_written *event)
{
	if (incident->state == PP_INCIDENT_OPEN || incident->merged_into > 0)
		return 0;
	return pp_tell_webhook_late(
		l, &(struct pp_tell){ .incident = incident, .event = event }, about->target);
}

static int notification_event(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_notification_about *about, const char *next)
{
	struct pp_incident incident;
	struct pp_written written;
	struct pp_event event = { .tenant = a->tenant, .actor = a->actor };
	char kind[32];
	int r = about->incident_id ? pp_store_incident_by_id(l->db, about->incident_id, &incident)
				   : 0;

	if (r < 0 || (r == 0 && about->incident_id))
		return r < 0 ? r : -EIO;
	snprintf(kind, sizeof(kind), "notification.%s", a->state);
	event.kind = kind;
	event.incident = r ? &incident : NULL;
	event.post = r ? incident.post : NULL;
	event.body = pp_json_object();
	if (r)
		(void)pp_json_set_text(event.body, "number", incident.number);
	(void)pp_json_set_text(event.body, "channel", about->channel);
	(void)pp_json_set_text(event.body, "target", about->target);
	(void)pp_json_set_text(event.body, "purpose", about->purpose);
	(void)pp_json_set_text(event.body, "key", about->key);
	(void)pp_json_set_i64(event.body, "attempts", about->attempts);
	(void)pp_json_set_text(event.body, "detail", a->text ? a->text : "");
	if (next[0])
		(void)pp_json_set_text(event.body, "next", next);
	r = pp_timeline_write(l, &event, &written);
	if (r < 0 || !event.incident || !about->withdrawn)
		return r;
	if (strcmp(about->channel, "webhook") == 0 && !about->contact[0])
		return late_webhook_tell(l, about, &incident, &written);
	if (about->call_id == 0)
		return 0;
	return late_stop_tell(l, about, &incident, &written);
}

static int notification_write(
	struct pp_ledger *l, const struct pp_action *a, struct pp_notification_about *ret_about)
{
	struct pp_notification_about before;
	int r = pp_store_notification_about(l->db, a->notification_id, &before);

	if (r <= 0)
		return r;
	r = pp_store_notification_tried(
		l->db, &(struct pp_notification_try){ .notification_id = a->notification_id,
			       .wait_ms = a->wait_ms,
			       .now_ms = l->now_ms,
			       .tenant = a->tenant,
			       .state = a->state,
			       .detail = a->text ? a->text : "",
			       .reference = a->code });
	if (r > 0)
		r = pp_store_notification_about(l->db, a->notification_id, ret_about);
	ret_about->withdrawn =
		r > 0 && before.attempts == 0 && strcmp(before.state, "withdrawn") == 0;
	return r;
}

int pp_apply_notice(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	static const char *const states[] = { "queued", "sent", "delivered", "failed" };
	struct pp_notification_about about;
	size_t state = 0;
	char next[24] = "";
	int r;

	while (state < 4 && (!a->state || strcmp(states[state], a->state) != 0))
		state++;
	if (state == 4)
		return pp_action_refuse(
			item, -EINVAL, "state: expected queued, sent, delivered or failed");
	r = notification_write(l, a, &about);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such notification");
	/* Withdrawn or delivered in the meantime: what is told now is not what holds. */
	if (state == 0 || strcmp(about.state, a->state) != 0)
		return 0;
	r = pp_store_notification_next_way(l->db, a->notification_id, l->now_ms, next);
	return r < 0 ? r : notification_event(l, a, &about, next);
}

/* ---- sirens ---- */

/* The order may be answered before its notification is known to be sent. */
static int order_said(struct pp_ledger *l, const struct pp_notice_order *o, int64_t id)
{
	struct pp_notification_about about;
	char actor[PP_ACTOR_MAX];
	const struct pp_action said = { .tenant = o->tenant,
		.actor = actor,
		.notification_id = id,
		.state = o->result == PP_RESULT_DONE ? "delivered" : "failed",
		.text = o->detail };
	int r;

	pp_actor_post(o->tenant, o->post, actor);
	r = notification_write(l, &said, &about);
	return r <= 0 ? r : notification_event(l, &said, &about, "");
}

int pp_notice_of_order(struct pp_ledger *l, const struct pp_notice_order *o)
{
	int64_t id;
	char hex[17];
	int r;

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)o->id);
	r = pp_store_notification_ordered(l->db, o->tenant, hex, &id);
	if (r <= 0)
		return r;
	if (o->result == PP_RESULT_DONE || o->result == PP_RESULT_REFUSED)
		return order_said(l, o, id);
	/* Nobody knows whether it has sounded. */
	return pp_store_notification_detail(l->db, id, o->detail, l->now_ms);
}
