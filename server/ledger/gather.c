/* SPDX-License-Identifier: Apache-2.0 */
/* gather.c -- finds the incident that an alarm belongs to, links what stands beside it, and weighs
 * what is known. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"

struct search {
	struct pp_gather *gather;
	const struct pp_place_alarm *alarm;
	enum pp_place_match best;
	int64_t incident_id; /* of the best that it joins */
};

static bool is_linked(const struct pp_gather *g, int64_t incident_id)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->links[i].incident_id == incident_id)
			return true;
	}
	return false;
}

/* Several posts of one incident come one by one: the strongest answer counts. */
static int candidate_weigh(
	void *user, int64_t incident_id, const struct pp_place_incident *candidate)
{
	struct search *s = user;
	struct pp_place_answer a = pp_place_match(candidate, s->alarm);

	if (a.match == PP_PLACE_LINK) {
		if (s->gather->count < PP_LINKS_MAX && !is_linked(s->gather, incident_id))
			s->gather->links[s->gather->count++] =
				(struct pp_gather_link){ incident_id, a.why };
	} else if (a.match > s->best || (a.match == s->best && incident_id > s->incident_id)) {
		s->best = a.match;
		s->incident_id = incident_id;
	}
	return 0;
}

int pp_gather_find(struct pp_ledger *l, const char *tenant, const struct pp_place_alarm *alarm,
	struct pp_gather *ret_gather)
{
	struct search s = { .gather = ret_gather, .alarm = alarm, .best = PP_PLACE_NONE };
	int r;

	ret_gather->count = 0;
	r = pp_store_each_candidate(l->db, tenant, alarm, candidate_weigh, &s);
	if (r < 0 || s.best < PP_PLACE_JOIN)
		return r;
	r = pp_store_incident_by_id(l->db, s.incident_id, &ret_gather->incident);
	return r == 0 ? -EIO : r;
}

static int link_event(struct pp_ledger *l, const struct pp_incident *i,
	const struct pp_incident *other, const char *why, const char *actor)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "number", i->number);
	(void)pp_json_set_text(body, "other", other->number);
	(void)pp_json_set_text(body, "why", why);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = i->tenant,
			.kind = "incident.linked",
			.actor = actor,
			.incident = i,
			.post = i->post[0] ? i->post : NULL,
			.body = body },
		NULL);
}

int pp_gather_link_one(struct pp_ledger *l, const struct pp_incident *incident,
	const struct pp_incident *other, const char *why, const char *actor)
{
	int r = pp_store_link_put(l->db, incident->incident_id, other->incident_id, why);

	if (r <= 0)
		return r;
	r = link_event(l, incident, other, why, actor);
	if (r == 0)
		r = link_event(l, other, incident, why, actor);
	return r < 0 ? r : 1;
}

int pp_gather_link(
	struct pp_ledger *l, const struct pp_incident *incident, const struct pp_gather *gather)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < gather->count; i++) {
		struct pp_incident other;

		r = pp_store_incident_by_id(l->db, gather->links[i].incident_id, &other);
		if (r == 1)
			r = pp_gather_link_one(l, incident, &other, gather->links[i].why, "server");
	}
	return r < 0 ? r : 0;
}

int pp_gather_fact(struct pp_ledger *l, struct pp_incident *incident, uint32_t facts)
{
	incident->facts |= (int64_t)facts;
	return pp_store_incident_weigh(l->db, incident);
}

static uint32_t post_update(struct pp_incident_post *row, const struct pp_gathered *g)
{
	bool second = row->point[0] && strcmp(row->point, g->point) != 0;

	if (row->signals == 0 || g->occurred_ms < row->first_ms)
		row->first_ms = g->occurred_ms;
	if (row->signals == 0 || g->occurred_ms > row->newest_ms)
		row->newest_ms = g->occurred_ms;
	row->signals++;
	if (!row->point[0])
		snprintf(row->point, sizeof(row->point), "%s", g->point);
	return second ? PP_TRUST_SECOND_POINT : 0;
}

int pp_gather_count(struct pp_ledger *l, struct pp_incident *incident, struct pp_gathered *g)
{
	struct pp_incident_post row = { 0 };
	int64_t facts;
	int r = pp_store_incident_post(l->db, incident->incident_id, g->post, &row);

	if (r < 0)
		return r;
	g->joined = row.signals == 0;
	facts = incident->facts | (int64_t)(g->facts | post_update(&row, g));
	r = pp_store_incident_post_put(l->db, incident, g->post, &row);
	/* Most signals of a storm add nothing. */
	if (r < 0 || (!g->joined && facts == incident->facts))
		return r;
	return pp_gather_fact(l, incident, (uint32_t)facts);
}

int pp_gather_held(struct pp_ledger *l, const struct pp_origin *origin, int64_t cause,
	int64_t restored_ms, struct pp_incident *incident)
{
	int64_t pressed_ms;
	int r;

	if (incident->facts & PP_TRUST_HELD)
		return 0;
	r = pp_store_pressed(l->db, origin, cause, &pressed_ms);
	if (r <= 0 || restored_ms - pressed_ms < PP_TRUST_HELD_MS)
		return r < 0 ? r : 0;
	return pp_gather_fact(l, incident, PP_TRUST_HELD);
}

int pp_gather_fresh(struct pp_ledger *l, struct pp_incident *incident)
{
	int r = pp_store_incident_fresh(l->db, incident);

	return r < 0 ? r
		     : pp_ladder_tell(l, &(struct pp_ladder_news){ .incident = incident,
						 .input = { .event = PP_LADDER_FRESH },
						 .by = "server" });
}

struct posts {
	struct pp_item *item;
	bool first;
};

static int post_note(void *user, const char *post)
{
	struct posts *p = user;
	struct pp_item *item = p->item;

	if (p->first)
		snprintf(item->post, sizeof(item->post), "%s", post);
	else if (item->out.also_count < PP_ALSO_MAX)
		snprintf(item->out.also[item->out.also_count++], PP_POST_MAX + 1, "%s", post);
	p->first = false;
	return 0;
}

int pp_gather_progress(
	struct pp_ledger *l, const struct pp_incident *incident, struct pp_item *item)
{
	struct posts p = { item, true };

	item->out.also_count = 0;
	return pp_store_each_incident_post(l->db, incident->incident_id, post_note, &p);
}

int pp_gather_progress_too(
	struct pp_ledger *l, const struct pp_incident *incident, struct pp_item *item)
{
	struct posts p = { item, item->post[0] == '\0' };

	return pp_store_each_incident_post(l->db, incident->incident_id, post_note, &p);
}
