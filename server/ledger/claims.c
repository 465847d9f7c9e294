/* SPDX-License-Identifier: Apache-2.0 */
/* claims.c -- who holds an incident: offering it, taking it over, and what happens when the page of
 * whoever holds it is gone. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "roles/roles.h"
#include "store/ladders.h"
#include "store/query.h"
#include "refusal.h"

static int claim_write(struct pp_ledger *l, const struct pp_incident *i, const char *kind,
	const char *actor, const char *other)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "user", other);
	return pp_moving_tell(
		l, i, &(struct pp_moving_event){ kind, actor, body, NULL, NULL }, NULL);
}

/* ---- offering it ---- */

/* Only whoever could take it. 1; 0: refused. */
static int offer_check(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *i)
{
	const struct pp_action *a = item->in.action;
	struct pp_user_row user;
	struct pp_scope scope;
	uint32_t roles = 0;
	const char *why;
	int r = pp_query_user(l->db, a->tenant, a->name, &user);

	if (r == -ENOENT)
		return pp_action_refuse(item, -EINVAL, "there is no user %s", a->name);
	if (r < 0)
		return r;
	if (pp_roles_parse(user.role, &roles, &why) < 0 || (roles & PP_AS_DESK) == 0)
		return pp_action_refuse(
			item, -EINVAL, "%s is neither operator nor supervisor", a->name);
	scope = (struct pp_scope){ .tenant = a->tenant, .kecamatan = user.kecamatan };
	r = pp_query_sees_incident(l->db, &scope, i->number);
	return r == 0 ? pp_action_refuse(item, -EINVAL, "it is not of the region of %s", a->name)
		      : r;
}

static int offer(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *i)
{
	const struct pp_action *a = item->in.action;
	struct pp_hand_over offer;
	int r;

	if (!a->name || !pp_text_is_slug(a->name, strlen(a->name), 40))
		return pp_action_refuse(item, -EINVAL, "name: expected the name of a user");
	if (i->state == PP_INCIDENT_CLOSED)
		return pp_moving_refuse(item, i, "is closed already");
	if (!i->acknowledged_by[0])
		return pp_moving_refuse(item, i, "is held by nobody: acknowledge it");
	if (strcmp(i->acknowledged_by, a->actor) != 0)
		return pp_action_refuse(
			item, -EPERM, "incident %s is held by %s", i->number, i->acknowledged_by);
	r = offer_check(l, item, i);
	if (r <= 0)
		return r;
	snprintf(offer.from, sizeof(offer.from), "%s", a->actor);
	snprintf(offer.to, sizeof(offer.to), "user:%s", a->name);
	if (strcmp(offer.from, offer.to) == 0)
		return pp_action_refuse(item, -EINVAL, "it is yours already");
	r = pp_store_hand_over_put(l->db, i->incident_id, &offer, l->now_ms);
	if (r == 0)
		r = claim_write(l, i, "incident.offered", a->actor, offer.to);
	if (r == 0)
		r = pp_moving_done(l, item, i, i->state);
	return r;
}

/* Only while it is held by whoever has offered it. */
static int take_over(struct pp_ledger *l, struct pp_item *item, struct pp_incident *i)
{
	const struct pp_action *a = item->in.action;
	enum pp_incident_state before = i->state;
	struct pp_hand_over offer;
	const char *why;
	int r = pp_store_hand_over(l->db, i->incident_id, &offer);

	if (r < 0)
		return r;
	if (r == 0 || strcmp(offer.to, a->actor) != 0 ||
		strcmp(offer.from, i->acknowledged_by) != 0)
		return pp_action_refuse(item, -EPERM, "incident %s is not offered to you%s%s",
			i->number, i->acknowledged_by[0] ? "; it is held by " : "",
			i->acknowledged_by);
	if (pp_incident_move(i->state, PP_MOVE_TAKE_OVER, &why) < 0)
		return pp_moving_refuse(item, i, why);
	r = pp_store_hand_over_end(l->db, i->incident_id);
	if (r == 0)
		r = pp_store_incident_move(l->db, i, PP_MOVE_TAKE_OVER, a->actor, NULL, l->now_ms);
	if (r == 0)
		r = claim_write(l, i, "incident.handed-over", a->actor, offer.from);
	if (r == 0)
		r = pp_moving_done(l, item, i, before);
	return r;
}

int pp_apply_claim(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_incident incident;
	int r = pp_moving_find(l, item, &incident);

	if (r <= 0)
		return r;
	return item->in.action->type == PP_ACTION_HAND_OVER ? offer(l, item, &incident)
							    : take_over(l, item, &incident);
}

/* ---- gone ---- */

/* 1: it has returned; 0: somebody has been quicker. */
static int claim_return(
	struct pp_ledger *l, struct pp_incident *incident, const char *holder, const char *by)
{
	struct pp_ladder_news news = {
		.incident = incident, .input = { .event = PP_LADDER_RETURNED }, .by = by
	};
	const char *why;
	int r;

	if (strcmp(incident->acknowledged_by, holder) != 0 ||
		pp_incident_move(incident->state, PP_MOVE_RETURN, &why) < 0)
		return 0;
	r = pp_store_hand_over_end(l->db, incident->incident_id);
	if (r == 0)
		r = pp_store_incident_move(l->db, incident, PP_MOVE_RETURN, by, NULL, l->now_ms);
	if (r == 0)
		r = claim_write(l, incident, "incident.returned", by, holder);
	if (r == 0)
		r = pp_ladder_tell(l, &news);
	return r < 0 ? r : 1;
}

int pp_apply_return(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_incident incident;
	enum pp_incident_state before;
	int r = pp_store_incident_by_id(l->db, item->in.claim.incident_id, &incident);

	if (r <= 0)
		return r;
	before = incident.state;
	r = claim_return(l, &incident, item->in.claim.holder, "server");
	return r <= 0 ? r : pp_moving_done(l, item, &incident, before);
}

int pp_claims_return(struct pp_ledger *l, struct pp_item *item, const char *name)
{
	const struct pp_action *a = item->in.action;
	struct pp_incident incident;
	char holder[PP_ACTOR_MAX];
	int64_t id = 0;
	int r;

	snprintf(holder, sizeof(holder), "user:%s", name);
	while ((r = pp_store_claim_next(l->db, a->tenant, holder, id, &id)) == 1) {
		r = pp_store_incident_by_id(l->db, id, &incident);
		if (r == 1)
			r = claim_return(l, &incident, holder, a->actor);
		if (r == 1) {
			item->out.progress = true;
			r = pp_gather_progress_too(l, &incident, item);
		}
		if (r < 0)
			break;
	}
	return r;
}
