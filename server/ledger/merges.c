/* SPDX-License-Identifier: Apache-2.0 */
/* merges.c -- what people do to incidents as such: make two of them one, part one, set them beside
 * each other. Whoever comes second is told who was first. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"
#include "registry/zone.h"
#include "store/ladders.h"
#include "refusal.h"

static const char *post_or_none(const struct pp_incident *i)
{
	return i->post[0] ? i->post : NULL;
}

static int refuse_closed(struct pp_item *item, const struct pp_incident *i)
{
	return pp_action_refuse(item, -EPERM, "incident %s is closed already, by %s", i->number,
		i->closed_by[0] ? i->closed_by : "nobody");
}

/* 1: it is there; 0: it has been refused. */
static int incident_get(struct pp_ledger *l, struct pp_item *item, const char *number,
	struct pp_incident *ret_incident)
{
	int r = number ? pp_store_incident_by_number(
				 l->db, item->in.action->tenant, number, ret_incident)
		       : 0;

	return r != 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such incident");
}

static int pair_get(
	struct pp_ledger *l, struct pp_item *item, struct pp_incident *a, struct pp_incident *b)
{
	int r = incident_get(l, item, item->in.action->incident, a);

	if (r > 0)
		r = incident_get(l, item, item->in.action->other, b);
	if (r > 0 && a->incident_id == b->incident_id)
		return pp_action_refuse(item, -EINVAL, "other: expected another incident");
	return r;
}

static int answer(struct pp_item *item, const struct pp_incident *i)
{
	struct pp_action_result *result = &item->out.action;

	snprintf(result->state, sizeof(result->state), "%s", pp_incident_state_text(i->state));
	snprintf(result->reason, sizeof(result->reason), "%s", i->number);
	result->rev = i->rev;
	return 0;
}

/* body: with what is peculiar to it. */
static int event_write(struct pp_ledger *l, const struct pp_action *a, const char *kind,
	const struct pp_incident *i, struct pp_json *body)
{
	(void)pp_json_set_text(body, "number", i->number);
	(void)pp_json_set_text(body, "class", pp_class_text(i->class));
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = a->tenant,
			.kind = kind,
			.actor = a->actor,
			.incident = i,
			.post = post_or_none(i),
			.body = body },
		NULL);
}

static struct pp_json *body_with(const char *name, const char *text)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, name, text);
	return body;
}

/* ---- merge ---- */

/* 1: they may become one; 0: refused, or (repeated) answered. */
static int merge_check(
	struct pp_item *item, const struct pp_incident *from, const struct pp_incident *into)
{
	if (from->merged_into == into->incident_id)
		return answer(item, into);
	if (from->state == PP_INCIDENT_CLOSED || into->state == PP_INCIDENT_CLOSED)
		return refuse_closed(item, from->state == PP_INCIDENT_CLOSED ? from : into);
	if (from->mark != into->mark)
		return pp_action_refuse(item, -EPERM,
			"%s and %s are not both real ones: convert the other first", from->number,
			into->number);
	/* Another class never hides in the first. */
	if (from->class != into->class && from->class != PP_CLASS_UNSPECIFIED)
		return pp_action_refuse(item, -EPERM,
			"%s is of class %s and %s of class %s: link them instead", from->number,
			pp_class_text(from->class), into->number, pp_class_text(into->class));
	if (from->posts + into->posts > 2 * PP_PLACE_POSTS_MAX)
		return pp_action_refuse(item, -EPERM, "the two would be of more than %d posts",
			2 * PP_PLACE_POSTS_MAX);
	return 1;
}

struct merging {
	const char *by;
	struct pp_incident *from, *into;
	bool anew; /* everybody had left `into`: whoever is called for `from` is called anew */
};

/* Nobody holds it, nobody comes, and nobody is there any more: it calls nobody. 1, 0. */
static int is_left(struct pp_ledger *l, const struct pp_incident *i)
{
	int64_t under_way, arrived;
	int r;

	if (i->state < PP_INCIDENT_DISPATCHED || i->acknowledged_by[0])
		return 0;
	r = pp_store_calls_coming(l->db, i->incident_id, &under_way, &arrived);
	return r < 0 ? r : under_way + arrived == 0;
}

/* Whoever has been there does not come to the other. */
static int left_end(struct pp_ledger *l, struct pp_incident *i, const char *by)
{
	struct pp_ladder_row row;
	int r = pp_store_incident_leave(l->db, i);

	if (r == 0)
		r = pp_moving_tell(l, i,
			&(struct pp_moving_event){
				"incident.stood-down", by, pp_json_object(), NULL, NULL },
			NULL);
	if (r == 0)
		r = pp_store_ladder(l->db, i->incident_id, &row);
	if (r <= 0)
		return r;
	for (enum pp_ring ring = 0; ring <= PP_RING_FALLBACK; ring++)
		row.ladder.rings[ring].accepted = 0;
	return pp_store_ladder_put(l->db, &row);
}

/* Of two, everybody has left the one: the whole is as far as the other is. */
static int left_merge(struct pp_ledger *l, struct merging *m)
{
	int from = is_left(l, m->from), into = from < 0 ? from : is_left(l, m->into);

	if (into < 0 || from == into)
		return into < 0 ? into : 0;
	m->anew = into == 1;
	return left_end(l, into ? m->into : m->from, m->by);
}

/* Nobody has it yet, and in that ring nobody comes: whoever was called for the one may still say
 * yes, to what is left. Without a word that others have it. */
static int calls_wait(struct pp_ledger *l, const struct merging *m, bool *ret_goes_on)
{
	const struct pp_incident *from = m->from, *into = m->into;
	struct pp_ladder_row row;
	int r = into->acknowledged_by[0] && !m->anew
			? 0
			: pp_store_ladder(l->db, into->incident_id, &row);

	*ret_goes_on = r > 0;
	if (r <= 0)
		return r;
	r = 0;
	for (enum pp_ring ring = 0; r == 0 && ring <= PP_RING_FALLBACK; ring++) {
		const char *name = pp_ring_text(ring);

		*ret_goes_on = *ret_goes_on && row.ladder.rings[ring].accepted == 0;
		/* The fallback is over when anybody comes. */
		if (ring == PP_RING_FALLBACK ? !*ret_goes_on : row.ladder.rings[ring].accepted > 0)
			continue;
		r = pp_calls_end(
			l, &(struct pp_calls_end){ from, name, m->by, PP_CALLOUT_EXPIRE });
		if (r == 0)
			r = pp_store_calls_wait(
				l->db, from->incident_id, into->incident_id, name);
	}
	return r;
}

static int ladder_tell(
	struct pp_ledger *l, const struct merging *m, enum pp_ladder_event event, enum pp_ring ring)
{
	return pp_ladder_tell(l, &(struct pp_ladder_news){ .incident = m->into,
					 .input = { .event = event, .ring = ring },
					 .by = m->by });
}

/* Whoever comes, comes to what is left, and ends there the rings that have waited for that; and so
 * does a holder. What nobody holds goes on calling the desk, however far it has come. */
static int ladders_merge(struct pp_ledger *l, const struct merging *m)
{
	const struct pp_incident *from = m->from, *into = m->into;
	struct pp_ladder_news over = {
		.incident = from, .input = { .event = PP_LADDER_CLOSED }, .by = m->by
	};
	struct pp_ladder_row row = { .incident_id = 0 };
	int r = pp_store_ladder(l->db, from->incident_id, &row);

	if (r >= 0)
		r = calls_wait(l, m, &over.goes_on);
	if (r == 0)
		r = pp_ladder_tell(l, &over);
	if (r == 0)
		r = pp_store_calls_pour(l->db, from->incident_id, into->incident_id);
	for (enum pp_ring ring = 0; r == 0 && ring <= PP_RING_FALLBACK; ring++) {
		for (unsigned i = 0; r == 0 && i < row.ladder.rings[ring].accepted; i++)
			r = ladder_tell(l, m, PP_LADDER_ACCEPTED, ring);
	}
	return r == 0 && into->acknowledged_by[0] ? ladder_tell(l, m, PP_LADDER_TAKEN, 0) : r;
}

/* What somebody has taken or is on the way to stays so: the lamps of its posts must not go back,
 * unless everybody has gone home. */
static int merge_write(struct pp_ledger *l, const struct pp_action *a, struct pp_incident *from,
	struct pp_incident *into)
{
	struct merging m = { .by = a->actor, .from = from, .into = into };
	bool late = into->late, silent = into->silent && from->silent;
	struct pp_json *body;
	int r = left_merge(l, &m);

	if (r == 0)
		r = pp_store_incident_inherit(l->db, into, from);
	if (r == 0)
		r = pp_store_incident_pour(l->db, from->incident_id, into);
	if (r == 0)
		r = pp_store_incident_weigh(l->db, into);
	if (r == 0)
		r = pp_store_incident_merged(l->db, from, into->incident_id, a->actor, l->now_ms);
	if (r == 0)
		r = event_write(l, a, "incident.merged", from, body_with("into", into->number));
	if (r == 0)
		r = ladders_merge(l, &m);
	if (r == 0 && (m.anew || (late && !into->late)))
		r = ladder_tell(l, &m, PP_LADDER_FRESH, 0);
	if (r == 0 && into->silent && !silent)
		r = pp_tell_quiet(l, into, a->actor);
	if (r == 0 && into->silent && !silent)
		r = pp_tell_quiet(l, from, a->actor);
	if (r < 0)
		return r;
	body = body_with("from", from->number);
	(void)pp_json_set_i64(body, "signals", into->signals);
	(void)pp_json_set_i64(body, "posts", into->posts);
	(void)pp_json_set_i64(body, "trust", into->trust);
	return event_write(l, a, "incident.gathered", into, body);
}

static int merge(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_incident from, into;
	int r = pair_get(l, item, &from, &into);

	if (r > 0)
		r = merge_check(item, &from, &into);
	if (r <= 0)
		return r;
	r = merge_write(l, item->in.action, &from, &into);
	if (r < 0)
		return r;
	item->out.progress = true;
	r = pp_gather_progress(l, &into, item);
	return r < 0 ? r : answer(item, &into);
}

/* ---- split ---- */

/* What is tested or disabled is shown, and calls nobody. */
static bool calls_people(const struct pp_incident *i)
{
	return i->mark == PP_MARK_REAL || i->mark == PP_MARK_DRILL;
}

/* Calls name a post, mostly the first: whoever comes would be taken to come to another. Those of
 * one that was merged into it go with their own post, unless they come already. */
static int sent_check(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *from)
{
	const char *post = item->in.action->post;
	bool first = strcmp(from->post, post) == 0;
	struct pp_calls_sent sent;
	int r = pp_store_calls_sent(l->db, from, post, &sent);

	if (r < 0)
		return r;
	if (first ? from->state < PP_INCIDENT_DISPATCHED && (sent.waiting == 0 || from->posts < 2)
		  : sent.coming == 0)
		return 1;
	return pp_action_refuse(item, -EPERM,
		"whoever was called for incident %s was sent to %s: split off the others",
		from->number, post);
}

static int split_check(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *from)
{
	const struct pp_action *a = item->in.action;
	struct pp_incident_post row = { 0 };
	int r;

	if (from->state == PP_INCIDENT_CLOSED)
		return refuse_closed(item, from);
	r = a->post ? pp_store_incident_post(l->db, from->incident_id, a->post, &row) : 0;
	if (r < 0)
		return r;
	if (row.signals == 0)
		return pp_action_refuse(
			item, -ENOENT, "incident %s has no alarm of that post", from->number);
	if (from->posts < 2 && !from->reported)
		return pp_action_refuse(
			item, -EPERM, "incident %s is of that post only", from->number);
	return sent_check(l, item, from);
}

static int part_make(struct pp_ledger *l, const struct pp_action *a, struct pp_incident *from,
	struct pp_incident *ret_part)
{
	struct pp_incident part = { .class = from->class,
		.mark = from->mark,
		.silent = from->silent,
		.late = from->late,
		.occurred_ms = from->occurred_ms,
		.opened_ms = l->now_ms,
		.facts = from->facts &
			 (PP_TRUST_FALSE_BEFORE | PP_TRUST_REAL_BEFORE | PP_TRUST_EXERCISE) };
	char zone[40];
	int r = pp_store_tenant_zone(l->db, a->tenant, zone);

	snprintf(part.tenant, sizeof(part.tenant), "%s", a->tenant);
	snprintf(part.post, sizeof(part.post), "%s", a->post);
	if (r == 0)
		r = pp_store_incident_number(
			l->db, a->tenant, pp_zone_year(zone, l->now_ms), part.number);
	if (r == 0)
		r = pp_store_incident_add(l->db, &part);
	if (r == 0)
		r = pp_gather_fact(l, &part, 0);
	if (r == 0 && (from->reported || strcmp(from->post, a->post) != 0))
		r = pp_store_calls_part(l->db, from->incident_id, part.incident_id, a->post);
	if (r == 0)
		r = pp_store_incident_part(l->db, from, a->post, &part);
	*ret_part = part;
	return r;
}

/* Whoever parts what somebody holds holds the part; else it rings by itself. Whoever comes does not
 * come to it. */
static int part_take(struct pp_ledger *l, const struct pp_action *a, const struct pp_incident *from,
	struct pp_incident *part)
{
	struct pp_json *body;
	int r = calls_people(part) ? pp_ladder_open(l, part) : 0;

	if (r < 0 || !from->acknowledged_by[0])
		return r;
	r = pp_store_incident_move(l->db, part, PP_MOVE_ACKNOWLEDGE, a->actor, NULL, l->now_ms);
	if (r < 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_i64(body, "opened", part->opened_ms);
	r = event_write(l, a, "incident.acknowledged", part, body);
	return r < 0 ? r
		     : pp_ladder_tell(l, &(struct pp_ladder_news){ .incident = part,
						 .input = { .event = PP_LADDER_TAKEN },
						 .by = a->actor });
}

static int part_tell(struct pp_ledger *l, const struct pp_action *a, const struct pp_incident *from,
	const struct pp_incident *part)
{
	struct pp_json *body = body_with("split_from", from->number);
	struct pp_written written;
	int r;

	(void)pp_json_set_text(body, "number", part->number);
	(void)pp_json_set_text(body, "class", pp_class_text(part->class));
	(void)pp_json_set_i64(body, "occurred", part->occurred_ms);
	(void)pp_json_set_bool(body, "silent", part->silent);
	(void)pp_json_set_bool(body, "drill", part->mark == PP_MARK_DRILL);
	(void)pp_json_set_i64(body, "trust", part->trust);
	r = pp_timeline_write(l,
		&(struct pp_event){ .tenant = a->tenant,
			.kind = "incident.opened",
			.actor = a->actor,
			.incident = part,
			.post = part->post,
			.body = body },
		&written);
	if (r < 0 || !calls_people(part))
		return r;
	return pp_alert_queue(l, &(struct pp_alert){ .kind = "incident.opened",
					 .point = "",
					 .point_kind = PP_KIND_POST,
					 .incident = part,
					 .event = &written });
}

static int split(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct pp_incident from, part;
	struct pp_json *body;
	int r = incident_get(l, item, a->incident, &from);

	if (r > 0)
		r = split_check(l, item, &from);
	if (r <= 0)
		return r;
	r = part_make(l, a, &from, &part);
	if (r == 0)
		r = part_tell(l, a, &from, &part);
	if (r == 0)
		r = part_take(l, a, &from, &part);
	if (r < 0)
		return r;
	body = body_with("into", part.number);
	(void)pp_json_set_text(body, "post", a->post);
	r = event_write(l, a, "incident.split", &from, body);
	if (r == 0)
		r = pp_gather_link_one(l, &part, &from, "split", a->actor);
	if (r < 0)
		return r;
	item->out.progress = true;
	r = pp_gather_progress(l, &part, item);
	return r < 0 ? r : answer(item, &part);
}

/* ---- links ---- */

static int link_set(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_incident i, other;
	int r = pair_get(l, item, &i, &other);

	if (r > 0)
		r = pp_gather_link_one(l, &i, &other, "person", item->in.action->actor);
	else if (r == 0)
		return 0;
	return r < 0 ? r : answer(item, &i);
}

static int link_end(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct pp_incident i, other;
	int r = pair_get(l, item, &i, &other);

	if (r <= 0)
		return r;
	r = pp_store_link_remove(l->db, i.incident_id, other.incident_id);
	if (r > 0)
		r = event_write(l, a, "incident.unlinked", &i, body_with("other", other.number));
	if (r == 0)
		r = answer(item, &i);
	return r;
}

int pp_apply_gathering(struct pp_ledger *l, struct pp_item *item)
{
	switch (item->in.action->type) {
	case PP_ACTION_MERGE:
		return merge(l, item);
	case PP_ACTION_SPLIT:
		return split(l, item);
	case PP_ACTION_LINK:
		return link_set(l, item);
	case PP_ACTION_UNLINK:
		return link_end(l, item);
	default:
		return pp_apply_convert(l, item);
	}
}
