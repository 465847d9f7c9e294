/* SPDX-License-Identifier: Apache-2.0 */
/* convert.c -- an exercise, or what a disabled point has sent, becomes a real one by one act: it is
 * open again, and everybody is called as if it had just come. Nobody's having it, and nobody's yes,
 * was about a real one. What its posts send next is no exercise either. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>

#include "refusal.h"
#include "store/ladders.h"

static int converted_tell(struct pp_ledger *l, const struct pp_incident *i, const char *was,
	const char *actor)
{
	struct pp_json *body = pp_json_object();
	struct pp_written written;
	int r;

	(void)pp_json_set_text(body, "was", was);
	(void)pp_json_set_i64(body, "trust", i->trust);
	r = pp_moving_tell(l, i,
		&(struct pp_moving_event){ "incident.converted", actor, body, NULL, NULL },
		&written);
	if (r < 0)
		return r;
	return pp_alert_queue(l, &(struct pp_alert){ .kind = "incident.converted",
					 .point = "",
					 .point_kind = PP_KIND_POST,
					 .incident = i,
					 .event = &written });
}

static int call_stop(struct pp_ledger *l, const struct pp_incident *i, struct pp_call_row *row,
	const char *actor)
{
	struct pp_json *body;
	int r;

	row->state = PP_CALLOUT_IS_STOPPED;
	r = pp_store_call_set(l->db, row, &(struct pp_call_said){ actor, "", l->now_ms });
	if (r < 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_i64(body, "call", row->call_id);
	return pp_moving_tell(l, i,
		&(struct pp_moving_event){ "call.stopped", actor, body, NULL, NULL }, NULL);
}

/* Nobody is told that others have it: they are called anew, with the words of a real one. Whoever
 * is there, is there. */
static int calls_stop(struct pp_ledger *l, const struct pp_incident *i, const char *actor)
{
	static const enum pp_callout_state states[] = { PP_CALLOUT_IS_NOTIFIED,
		PP_CALLOUT_IS_EXPIRED, PP_CALLOUT_IS_ACCEPTED, PP_CALLOUT_IS_EN_ROUTE };
	int r = 0;

	for (size_t n = 0; r >= 0 && n < sizeof(states) / sizeof(states[0]); n++) {
		struct pp_call_query query = {
			.incident_id = i->incident_id, .state = states[n]
		};
		struct pp_call_row row;

		while (r >= 0 && (r = pp_store_call_next(l->db, &query, &row)) == 1) {
			query.after_id = row.call_id;
			r = call_stop(l, i, &row, actor);
		}
	}
	return r < 0 ? r : 0;
}

static int back(struct pp_ledger *l, struct pp_incident *i, enum pp_move move, const char *kind,
	const char *actor)
{
	struct pp_json *body;
	const char *why;
	int r;

	if (pp_incident_move(i->state, move, &why) < 0)
		return 0;
	body = pp_json_object();
	if (move == PP_MOVE_RETURN)
		(void)pp_json_set_text(body, "user", i->acknowledged_by);
	r = pp_store_incident_move(l->db, i, move, actor, NULL, l->now_ms);
	if (r == 0)
		return pp_moving_tell(
			l, i, &(struct pp_moving_event){ kind, actor, body, NULL, NULL }, NULL);
	pp_json_free(body);
	return r;
}

/* Whoever had it, and whoever was coming, had an exercise; and so had who was there and has gone,
 * and a unit of which the desk alone has spoken. */
static int reopen(struct pp_ledger *l, struct pp_incident *i, const char *actor)
{
	int64_t under_way, there;
	int r = pp_store_hand_over_end(l->db, i->incident_id);

	if (r == 0)
		r = pp_store_calls_coming(l->db, i->incident_id, &under_way, &there);
	if (r == 0 && there == 0)
		r = back(l, i, PP_MOVE_STAND_DOWN, "incident.stood-down", actor);
	if (r == 0 && (i->acknowledged_by[0] || i->state == PP_INCIDENT_ACKNOWLEDGED))
		r = back(l, i, PP_MOVE_RETURN, "incident.returned", actor);
	return r;
}

int pp_apply_convert(struct pp_ledger *l, struct pp_item *item)
{
	const char *actor = item->in.action->actor, *was;
	enum pp_incident_state before;
	struct pp_incident i;
	int r = pp_moving_find(l, item, &i);

	if (r <= 0)
		return r;
	if (i.state == PP_INCIDENT_CLOSED)
		return pp_moving_refuse(item, &i, "is closed already");
	if (i.mark == PP_MARK_REAL)
		return pp_action_refuse(
			item, -EPERM, "incident %s is a real one already", i.number);
	was = pp_mark_text(i.mark);
	before = i.state;
	r = calls_stop(l, &i, actor);
	if (r == 0)
		r = pp_store_exercise_end(l->db, i.incident_id, l->now_ms);
	if (r == 0)
		r = pp_store_incident_convert(l->db, &i, l->now_ms);
	if (r == 0)
		r = pp_modes_end_at(l, &i, actor);
	if (r == 0)
		r = reopen(l, &i, actor);
	if (r == 0)
		r = converted_tell(l, &i, was, actor);
	if (r == 0)
		r = pp_ladder_open(l, &i);
	if (r == 0)
		r = pp_moving_done(l, item, &i, before);
	item->out.progress = true;
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s", i.number);
	return r;
}
