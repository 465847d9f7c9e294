/* SPDX-License-Identifier: Apache-2.0 */
/* moving.c -- what all moves of an incident have in common: finding it, refusing, answering. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"
#include "refusal.h"

int pp_moving_find(struct pp_ledger *l, struct pp_item *item, struct pp_incident *ret_incident)
{
	const struct pp_action *a = item->in.action;
	int r = a->incident
			? pp_store_incident_by_number(l->db, a->tenant, a->incident, ret_incident)
			: 0;

	return r != 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such incident");
}

int pp_moving_refuse(struct pp_item *item, const struct pp_incident *i, const char *why)
{
	bool named = strstr(why, "already") != NULL;
	const char *who = !named                           ? ""
			  : i->state == PP_INCIDENT_CLOSED ? i->closed_by
							   : i->acknowledged_by;

	snprintf(item->out.action.state, sizeof(item->out.action.state), "%s",
		pp_incident_state_text(i->state));
	item->out.action.rev = i->rev;
	return pp_action_refuse(
		item, -EPERM, "incident %s %s%s%s", i->number, why, who[0] ? ", by " : "", who);
}

int pp_moving_done(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *i,
	enum pp_incident_state before)
{
	struct pp_incident moved = *i;
	int r = 0;

	snprintf(item->out.action.state, sizeof(item->out.action.state), "%s",
		pp_incident_state_text(i->state));
	item->out.action.rev = i->rev;
	item->out.progress = i->state != before;
	if (i->state == PP_INCIDENT_ON_SCENE && i->state != before)
		r = pp_gather_fact(l, &moved, PP_TRUST_ON_SCENE);
	return r < 0 ? r : pp_gather_progress(l, i, item);
}

int pp_moving_tell(struct pp_ledger *l, const struct pp_incident *i,
	const struct pp_moving_event *event, struct pp_written *ret_written)
{
	bool has_personal = event->personal && event->personal[0];

	(void)pp_json_set_text(event->body, "number", i->number);
	(void)pp_json_set_text(event->body, "class", pp_class_text(i->class));
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = i->tenant,
			.kind = event->kind,
			.actor = event->actor,
			.incident = i,
			.post = i->post,
			.body = event->body,
			.personal_field = has_personal ? event->personal_field : NULL,
			.personal = has_personal ? event->personal : NULL },
		ret_written);
}
