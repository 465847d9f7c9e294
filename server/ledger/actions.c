/* SPDX-License-Identifier: Apache-2.0 */
/* actions.c -- what people and other threads ask to be written. Refusals are answers, not errors.
 */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/registry.h"
#include "store/timeline.h"
#include "refusal.h"

#define CLOSE_UNSEEN_MS 3000 /* to hear, see and take back the key that is under the finger */

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

	if (a->type == PP_ACTION_DISPATCH && !pp_words_are_fine(a->unit, PP_UNIT_MAX, false))
		return pp_action_refuse(
			item, -EINVAL, "unit: expected 1 to %d bytes of text", PP_UNIT_MAX);
	if (a->type == PP_ACTION_CLOSE && (!a->code || !pp_closing_code_is_known(a->code)))
		return pp_action_refuse(
			item, -EINVAL, "code: expected one of %s", pp_closing_codes());
	if ((a->type == PP_ACTION_NOTE || (a->type == PP_ACTION_CLOSE && has_text)) &&
		!pp_words_are_fine(a->text, PP_NOTE_MAX, true))
		return pp_action_refuse(
			item, -EINVAL, "text: expected 1 to %d bytes of text", PP_NOTE_MAX);
	return 1;
}

static int move_write(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_incident *incident, struct pp_written *ret_written)
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
	return pp_timeline_write(l, &event, ret_written);
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
	return pp_moving_refuse(
		item, incident, "has had a new alarm a moment ago: look at it first");
}

/* Who is called, and who need not come any more. */
static int move_tell(struct pp_ledger *l, const struct pp_action *a,
	const struct pp_incident *incident, const struct pp_written *written)
{
	struct pp_ladder_news news = { .incident = incident, .by = a->actor };
	const struct pp_tell closed = {
		.incident = incident, .event = written, .kind = "incident.closed"
	};
	int r;

	switch (a->type) {
	case PP_ACTION_ACKNOWLEDGE:
		news.input.event = PP_LADDER_TAKEN;
		return pp_ladder_tell(l, &news);
	case PP_ACTION_DISPATCH:
		return pp_call_send(l, incident, a->unit);
	case PP_ACTION_CLOSE:
		news.input.event = PP_LADDER_CLOSED;
		r = pp_ladder_tell(l, &news);
		if (r == 0)
			r = pp_tell_webhooks_closed(l, &closed);
		return r < 0 ? r : pp_tell_closed(l, &closed);
	default:
		return 0;
	}
}

static int move_apply(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a)
{
	enum pp_move move = moves[a->type].move;
	struct pp_incident incident;
	enum pp_incident_state before;
	struct pp_written written;
	const char *why;
	int r = words_check(item, a);

	if (r == 1)
		r = pp_moving_find(l, item, &incident);
	if (r <= 0)
		return r;
	/* Whoever was called may have come before anybody at the desk has claimed it. */
	if (move == PP_MOVE_ACKNOWLEDGE && !incident.acknowledged_by[0])
		move = PP_MOVE_CLAIM;
	if (pp_incident_move(incident.state, move, &why) < 0)
		return pp_moving_refuse(item, &incident, why);
	r = move == PP_MOVE_CLOSE ? close_check(l, item, &incident) : 1;
	if (r <= 0)
		return r;
	before = incident.state;
	r = pp_store_incident_move(l->db, &incident, move, a->actor, a->code, l->now_ms);
	if (r == 0)
		r = move_write(l, a, &incident, &written);
	if (r == 0)
		r = move_tell(l, a, &incident, &written);
	return r < 0 ? r : pp_moving_done(l, item, &incident, before);
}

int pp_apply_action(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	int r;

	if (a->type == PP_ACTION_PRESENCE)
		return 0; /* whoever watches claims has read it */
	if (a->type == PP_ACTION_TEXT && strcmp(a->state, "taken") == 0)
		return 0; /* what it held lies beside it */
	if (a->type == PP_ACTION_TEXT)
		return pp_action_refuse(item, -EINVAL, "no signal of an enrolled post");
	if (a->type == PP_ACTION_CALL_ANSWER)
		return pp_apply_call(l, item); /* its code says whose it is */
	r = pp_store_tenant_exists(l->db, a->tenant);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such tenant");
	if (!pp_words_are_fine(a->actor, PP_ACTOR_MAX - 1, false))
		return pp_action_refuse(item, -EINVAL, "actor: expected a name");
	switch (a->type) {
	case PP_ACTION_HAND_OVER:
	case PP_ACTION_TAKE_OVER:
		return pp_apply_claim(l, item);
	case PP_ACTION_CALL:
		return pp_apply_call(l, item);
	case PP_ACTION_USER_CREATE:
	case PP_ACTION_USER_SET:
	case PP_ACTION_USER_ACTIVE:
	case PP_ACTION_USER_INVITE:
	case PP_ACTION_USER_PASSWORD:
	case PP_ACTION_USER_FACTOR:
	case PP_ACTION_SESSION_OPEN:
	case PP_ACTION_SESSION_KEEP:
	case PP_ACTION_SESSION_CONFIRM:
	case PP_ACTION_SESSION_CLOSE:
	case PP_ACTION_VIEW:
		return pp_apply_person(l, item);
	case PP_ACTION_MERGE:
	case PP_ACTION_SPLIT:
	case PP_ACTION_LINK:
	case PP_ACTION_UNLINK:
	case PP_ACTION_CONVERT:
		return pp_apply_gathering(l, item);
	case PP_ACTION_MODE_BEGIN:
	case PP_ACTION_MODE_END:
		return pp_apply_mode(l, item);
	case PP_ACTION_REPORT:
		return pp_apply_report(l, item);
	case PP_ACTION_NOTIFICATION:
		return pp_apply_notice(l, item);
	case PP_ACTION_CONTACT_TEST:
		return pp_apply_contact_test(l, item);
	case PP_ACTION_PLAN:
		return pp_apply_plan(l, item);
	case PP_ACTION_ORDER:
		return pp_apply_order(l, item);
	case PP_ACTION_RING:
		return pp_apply_ring(l, item);
	default:
		return move_apply(l, item, a);
	}
}
