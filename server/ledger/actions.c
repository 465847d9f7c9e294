/* SPDX-License-Identifier: Apache-2.0 */
/* actions.c -- what people and other threads ask to be written. Refusals are answers, not errors.
 */
#include "book.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "roles/roles.h"
#include "store/notifications.h"
#include "store/people.h"
#include "store/registry.h"
#include "store/timeline.h"

#define CLOSE_UNSEEN_MS 3000 /* to hear, see and take back the key that is under the finger */

/* Refuses with a reason for people. Returns 0: the savepoint has nothing to roll back. */
static int refuse(struct pp_item *item, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int refuse(struct pp_item *item, int error, const char *fmt, ...)
{
	struct pp_action_result *result = &item->out.action;
	va_list args;

	va_start(args, fmt);
	vsnprintf(result->reason, sizeof(result->reason), fmt, args);
	va_end(args);
	result->error = error;
	return 0;
}

/* A text of people: 1..max bytes of UTF-8 without control characters (newlines only where allowed).
 */
static bool text_is_fine(const char *text, size_t max, bool lines)
{
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length > max || !pp_text_is_utf8(text, length))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return false;
	}
	return true;
}

static int event_write(
	struct pp_ledger *l, const struct pp_action *a, const char *kind, struct pp_json *body)
{
	return pp_timeline_write(l,
		&(struct pp_event){
			.tenant = a->tenant, .kind = kind, .actor = a->actor, .body = body },
		NULL);
}

/* ---- moves of an incident ---- */

static const struct {
	enum pp_move move;
	const char *event;
} moves[] = {
	[PP_ACTION_ACKNOWLEDGE] = { PP_MOVE_ACKNOWLEDGE, "incident.acknowledged" },
	[PP_ACTION_DISPATCH] = { PP_MOVE_DISPATCH, "incident.dispatched" },
	[PP_ACTION_ON_SCENE] = { PP_MOVE_ON_SCENE, "incident.on-scene" },
	[PP_ACTION_CLOSE] = { PP_MOVE_CLOSE, "incident.closed" },
	[PP_ACTION_NOTE] = { PP_MOVE_NOTE, "incident.note" },
};

/* 1: the words of the action are fine; 0: it has been refused. */
static int words_check(struct pp_item *item, const struct pp_action *a)
{
	bool has_text = a->text && a->text[0];

	if (a->type == PP_ACTION_DISPATCH && !text_is_fine(a->unit, PP_UNIT_MAX, false))
		return refuse(item, -EINVAL, "unit: expected 1 to %d bytes of text", PP_UNIT_MAX);
	if (a->type == PP_ACTION_CLOSE && (!a->code || !pp_closing_code_is_known(a->code)))
		return refuse(item, -EINVAL, "code: expected one of %s", pp_closing_codes());
	if ((a->type == PP_ACTION_NOTE || (a->type == PP_ACTION_CLOSE && has_text)) &&
		!text_is_fine(a->text, PP_NOTE_MAX, true))
		return refuse(item, -EINVAL, "text: expected 1 to %d bytes of text", PP_NOTE_MAX);
	return 1;
}

/* "incident KDL-26-000123 is closed already, by user:siti" */
static int move_refuse(struct pp_item *item, const struct pp_incident *i, const char *why)
{
	bool named = strstr(why, "already") != NULL;
	const char *who = !named                           ? ""
			  : i->state == PP_INCIDENT_CLOSED ? i->closed_by
							   : i->acknowledged_by;

	memcpy(item->out.action.state, pp_incident_state_text(i->state),
		strlen(pp_incident_state_text(i->state)) + 1);
	item->out.action.rev = i->rev;
	return refuse(
		item, -EPERM, "incident %s %s%s%s", i->number, why, who[0] ? ", by " : "", who);
}

static int move_write(
	struct pp_ledger *l, const struct pp_action *a, const struct pp_incident *incident)
{
	struct pp_event event = { .tenant = a->tenant,
		.kind = moves[a->type].event,
		.actor = a->actor,
		.incident = incident,
		.post = incident->post,
		.body = pp_json_object() };

	(void)pp_json_set_text(event.body, "number", incident->number);
	(void)pp_json_set_text(event.body, "class", pp_class_text(incident->class));
	(void)pp_json_set_i64(event.body, "opened", incident->opened_ms);
	if (a->type == PP_ACTION_DISPATCH)
		(void)pp_json_set_text(event.body, "unit", a->unit);
	if (a->type == PP_ACTION_CLOSE)
		(void)pp_json_set_text(event.body, "code", a->code);
	if (a->type == PP_ACTION_NOTE || (a->type == PP_ACTION_CLOSE && a->text && a->text[0])) {
		event.personal_field = a->type == PP_ACTION_NOTE ? "text" : "note";
		event.personal = a->text;
	}
	return pp_timeline_write(l, &event, NULL);
}

/* Whoever closes must have been able to see every alarm: one that has just joined would go with an
 * incident that nobody looks at any more. 1: so it is; 0: it has been refused. */
static int close_check(
	struct pp_ledger *l, struct pp_item *item, const struct pp_incident *incident)
{
	bool unsure = pp_ledger_is_unsure(l); /* then every join may be of a moment ago */
	int r = pp_store_incident_joined(l->db, incident->incident_id,
		unsure ? 0 : l->now_ms - CLOSE_UNSEEN_MS, unsure ? INT64_MAX : l->now_ms);

	if (r <= 0)
		return r < 0 ? r : 1;
	return move_refuse(item, incident, "has had a new alarm a moment ago: look at it first");
}

static int move_apply(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	enum pp_move move = moves[a->type].move;
	struct pp_incident incident;
	enum pp_incident_state before;
	const char *why;
	int r = words_check(item, a);

	if (r <= 0)
		return r;
	r = a->incident ? pp_store_incident_by_number(l->db, a->tenant, a->incident, &incident) : 0;
	if (r <= 0)
		return r < 0 ? r : refuse(item, -ENOENT, "there is no such incident");
	if (pp_incident_move(incident.state, move, &why) < 0)
		return move_refuse(item, &incident, why);
	r = move == PP_MOVE_CLOSE ? close_check(l, item, &incident) : 1;
	if (r <= 0)
		return r;
	before = incident.state;
	r = pp_store_incident_move(l->db, &incident, move, a->actor, a->code, l->now_ms);
	if (r == 0)
		r = move_write(l, a, &incident);
	if (r < 0)
		return r;
	snprintf(item->out.action.state, sizeof(item->out.action.state), "%s",
		pp_incident_state_text(incident.state));
	item->out.action.rev = incident.rev;
	item->out.progress = incident.state != before;
	memcpy(item->post, incident.post, sizeof(item->post));
	return 0;
}

/* ---- people ---- */

static int user_create(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	const char *why = "is missing";
	struct pp_json *body;
	uint32_t roles;
	int r;

	if (!a->role || pp_roles_parse(a->role, &roles, &why) < 0)
		return refuse(item, -EINVAL, "roles: %s", why);
	if (!a->name || !pp_text_is_slug(a->name, strlen(a->name), 40))
		return refuse(
			item, -EINVAL, "name: expected 1 to 40 lower-case letters, digits and '-'");
	if (!text_is_fine(a->text, 90, false))
		return refuse(item, -EINVAL, "display: expected 1 to 90 bytes of text");
	r = pp_store_user_add(l->db, &(struct pp_user_new){ a->tenant, a->name, a->text, a->secret,
					     a->role, l->now_ms });
	if (r == -EEXIST)
		return refuse(item, -EEXIST, "there is a user %s already", a->name);
	if (r < 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_text(body, "name", a->name);
	(void)pp_json_set_text(body, "role", a->role);
	return event_write(l, a, "user.created", body);
}

static int session_open(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	struct pp_json *body;
	int r = pp_store_session_put(
		l->db, &(struct pp_session_new){ a->tenant, a->name ? a->name : "", a->digest,
			       l->now_ms, a->until_ms });

	if (r == -ENOENT)
		return refuse(item, -ENOENT, "there is no such user");
	if (r <= 0)
		return r; /* 0: one that was open goes on */
	body = pp_json_object();
	(void)pp_json_set_text(body, "name", a->name);
	return event_write(l, a, "session.opened", body);
}

static int session_close(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	struct pp_json *body;
	char name[48];
	int r = pp_store_session_end(l->db, a->tenant, a->digest, name);

	if (r <= 0)
		return r < 0 ? r : refuse(item, -ENOENT, "there is no such session");
	body = pp_json_object();
	(void)pp_json_set_text(body, "name", name);
	return event_write(l, a, "session.closed", body);
}

/* ---- what became of a notification ---- */

static int notification_event(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_notification_about *about, const char *next)
{
	struct pp_incident incident;
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
	return pp_timeline_write(l, &event, NULL);
}

static int notification_write(
	struct pp_ledger *l, const struct pp_action *a, struct pp_notification_about *ret_about)
{
	int r = pp_store_notification_tried(
		l->db, &(struct pp_notification_try){ .notification_id = a->notification_id,
			       .next_ms = a->next_ms,
			       .now_ms = l->now_ms,
			       .tenant = a->tenant,
			       .state = a->state,
			       .detail = a->text ? a->text : "",
			       .reference = a->code });

	return r > 0 ? pp_store_notification_about(l->db, a->notification_id, ret_about) : r;
}

static int notification_apply(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	static const char *const states[] = { "queued", "sent", "delivered", "failed" };
	struct pp_notification_about about;
	size_t state = 0;
	char next[24] = "";
	int r;

	while (state < 4 && (!a->state || strcmp(states[state], a->state) != 0))
		state++;
	if (state == 4)
		return refuse(item, -EINVAL, "state: expected queued, sent, delivered or failed");
	r = notification_write(l, a, &about);
	if (r <= 0)
		return r < 0 ? r : refuse(item, -ENOENT, "there is no such notification");
	/* Withdrawn or delivered in the meantime: what is told now is not what holds. */
	if (state == 0 || strcmp(about.state, a->state) != 0)
		return 0;
	r = pp_store_notification_next_way(l->db, a->notification_id, l->now_ms, next);
	return r < 0 ? r : notification_event(l, a, &about, next);
}

int pp_apply_action(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	int r = pp_store_tenant_exists(l->db, a->tenant);

	if (r <= 0)
		return r < 0 ? r : refuse(item, -ENOENT, "there is no such tenant");
	if (!text_is_fine(a->actor, PP_ACTOR_MAX - 1, false))
		return refuse(item, -EINVAL, "actor: expected a name");
	switch (a->type) {
	case PP_ACTION_USER_CREATE:
		return user_create(l, item, a);
	case PP_ACTION_SESSION_OPEN:
		return session_open(l, item, a);
	case PP_ACTION_SESSION_CLOSE:
		return session_close(l, item, a);
	case PP_ACTION_NOTIFICATION:
		return notification_apply(l, item, a);
	case PP_ACTION_PLAN:
		return pp_apply_plan(l, item);
	case PP_ACTION_ORDER:
		return pp_apply_order(l, item);
	default:
		return move_apply(l, item, a);
	}
}
