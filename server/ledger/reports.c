/* SPDX-License-Identifier: Apache-2.0 */
/* reports.c -- what people tell the desk: an incident without a signal, in the same queue. Whoever
 * writes it down has taken it. It joins nothing by itself; what is near is shown beside it, and one
 * act merges the two. */
#include "gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"
#include "registry/zone.h"
#include "store/registry.h"
#include "refusal.h"

/* What is written down, as far as it has been read. */
struct report {
	const struct pp_action *action;
	struct pp_incident incident;
	struct pp_store_place place;
	struct pp_gather gather;
};

static bool is_empty(const char *text)
{
	return !text || !text[0];
}

/* 1: the words are fine; 0: refused. */
static int words_check(struct pp_item *item, const struct pp_action *a)
{
	if (!a->class || pp_class_parse(a->class) < 0)
		return pp_action_refuse(item, -EINVAL,
			"class: expected crime, fire, disaster, medical or unspecified");
	if (!pp_words_are_fine(a->text, PP_NOTE_MAX, true))
		return pp_action_refuse(
			item, -EINVAL, "note: expected 1 to %d bytes of text", PP_NOTE_MAX);
	if (!is_empty(a->name) && !pp_words_are_fine(a->name, PP_CALLER_MAX, false))
		return pp_action_refuse(
			item, -EINVAL, "caller: expected at most %d bytes of text", PP_CALLER_MAX);
	if (is_empty(a->post) == is_empty(a->desa))
		return pp_action_refuse(item, -EINVAL, "expected a post, or a desa");
	if (!is_empty(a->rw) && !pp_words_are_fine(a->rw, PP_PLACE_CODE_MAX, false))
		return pp_action_refuse(
			item, -EINVAL, "rw: expected at most %d bytes of text", PP_PLACE_CODE_MAX);
	if (!is_empty(a->state) && strcmp(a->state, pp_mark_text(PP_MARK_DRILL)) != 0)
		return pp_action_refuse(item, -EINVAL, "mark: expected drill, or nothing");
	return 1;
}

/* 1: the place is known; 0: refused. */
static int place_find(struct pp_ledger *l, struct pp_item *item, struct report *ret)
{
	const struct pp_action *a = ret->action;
	int r;

	if (!is_empty(a->post)) {
		r = pp_store_place(l->db, a->tenant, a->post, &ret->place);
		if (r > 0)
			memcpy(ret->incident.post, ret->place.post, sizeof(ret->place.post));
		return r != 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such post");
	}
	r = strlen(a->desa) > PP_PLACE_CODE_MAX ? 0
						: pp_store_desa_exists(l->db, a->tenant, a->desa);
	if (r <= 0)
		return r < 0 ? r : pp_action_refuse(item, -ENOENT, "there is no such desa");
	snprintf(ret->place.desa, sizeof(ret->place.desa), "%s", a->desa);
	snprintf(ret->place.rw, sizeof(ret->place.rw), "%s", a->rw ? a->rw : "");
	memcpy(ret->incident.desa, ret->place.desa, sizeof(ret->place.desa));
	memcpy(ret->incident.rw, ret->place.rw, sizeof(ret->place.rw));
	return 1;
}

static int incident_make(struct pp_ledger *l, struct report *t)
{
	const struct pp_action *a = t->action;
	struct pp_incident *i = &t->incident;
	char zone[40];
	int r = pp_store_tenant_zone(l->db, a->tenant, zone);

	snprintf(i->tenant, sizeof(i->tenant), "%s", a->tenant);
	i->class = (enum pp_class)pp_class_parse(a->class);
	i->mark = is_empty(a->state) ? PP_MARK_REAL : PP_MARK_DRILL;
	i->reported = true;
	i->occurred_ms = i->opened_ms = l->now_ms;
	if (r == 0)
		r = pp_store_incident_number(
			l->db, a->tenant, pp_zone_year(zone, l->now_ms), i->number);
	if (r == 0)
		r = pp_store_incident_add(l->db, i);
	if (r == 0)
		r = pp_gather_fact(
			l, i, PP_TRUST_REPORT | (i->mark == PP_MARK_REAL ? 0u : PP_TRUST_EXERCISE));
	return r < 0 || is_empty(a->code) ? r
					  : pp_store_report_key_put(l->db, i->incident_id, a->code);
}

static int event_write(struct pp_ledger *l, const struct report *t, const char *kind,
	struct pp_event *event, struct pp_written *ret_written)
{
	event->tenant = t->action->tenant;
	event->kind = kind;
	event->actor = t->action->actor;
	event->incident = &t->incident;
	event->post = t->incident.post[0] ? t->incident.post : NULL;
	(void)pp_json_set_text(event->body, "number", t->incident.number);
	(void)pp_json_set_text(event->body, "class", pp_class_text(t->incident.class));
	return pp_timeline_write(l, event, ret_written);
}

/* What was said is personal: who called, and what about whom. */
static int report_tell(struct pp_ledger *l, const struct report *t)
{
	struct pp_event opened = { .body = pp_json_object() }, note;
	struct pp_written written;
	int r;

	(void)pp_json_set_bool(opened.body, "reported", true);
	(void)pp_json_set_bool(opened.body, "drill", t->incident.drill);
	(void)pp_json_set_i64(opened.body, "occurred", t->incident.occurred_ms);
	(void)pp_json_set_i64(opened.body, "trust", t->incident.trust);
	if (!is_empty(t->action->name)) {
		opened.personal_field = "caller";
		opened.personal = t->action->name;
	}
	r = event_write(l, t, "incident.opened", &opened, &written);
	if (r < 0)
		return r;
	note = (struct pp_event){
		.body = pp_json_object(), .personal_field = "text", .personal = t->action->text
	};
	r = event_write(l, t, "incident.note", &note, NULL);
	if (r < 0)
		return r;
	return pp_alert_queue(l, &(struct pp_alert){ .kind = "incident.opened",
					 .point = "",
					 .point_kind = PP_KIND_POST,
					 .incident = &t->incident,
					 .event = &written });
}

static int report_take(struct pp_ledger *l, struct report *t)
{
	struct pp_event event = { .body = NULL };
	int r = pp_store_incident_move(
		l->db, &t->incident, PP_MOVE_ACKNOWLEDGE, t->action->actor, NULL, l->now_ms);

	if (r < 0)
		return r;
	event.body = pp_json_object();
	(void)pp_json_set_i64(event.body, "opened", t->incident.opened_ms);
	r = event_write(l, t, "incident.acknowledged", &event, NULL);
	if (r < 0)
		return r;
	return pp_ladder_tell(l, &(struct pp_ladder_news){ .incident = &t->incident,
					 .input = { .event = PP_LADDER_TAKEN },
					 .by = t->action->actor });
}

/* Before it is there itself. A report joins nothing. */
static int neighbours_find(struct pp_ledger *l, struct report *t)
{
	const struct pp_action *a = t->action;
	const struct pp_place_alarm alarm = { .place = pp_store_place_view(&t->place),
		.class = (enum pp_class)pp_class_parse(a->class),
		.mark = is_empty(a->state) ? PP_MARK_REAL : PP_MARK_DRILL,
		.reported = true,
		.occurred_ms = l->now_ms };

	return pp_gather_find(l, a->tenant, &alarm, &t->gather);
}

/* The same report again, because no answer came: 1, and the answer is the same. */
static int repeated(struct pp_ledger *l, const struct pp_action *a, struct pp_incident *ret)
{
	return is_empty(a->code) ? 0 : pp_store_incident_by_report(l->db, a->tenant, a->code, ret);
}

int pp_apply_report(struct pp_ledger *l, struct pp_item *item)
{
	struct report t = { .action = item->in.action };
	int r = repeated(l, t.action, &t.incident);

	if (r == 0) {
		r = words_check(item, t.action);
		if (r > 0)
			r = place_find(l, item, &t);
		if (r <= 0)
			return r;
		r = neighbours_find(l, &t);
		if (r == 0)
			r = incident_make(l, &t);
		if (r == 0)
			r = report_tell(l, &t);
		if (r == 0)
			r = pp_ladder_open(l, &t.incident);
		if (r == 0)
			r = report_take(l, &t);
		if (r == 0)
			r = pp_gather_link(l, &t.incident, &t.gather);
	}
	if (r < 0)
		return r;
	snprintf(item->out.action.state, sizeof(item->out.action.state), "%s",
		pp_incident_state_text(t.incident.state));
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s", t.incident.number);
	item->out.action.rev = t.incident.rev;
	return 0;
}
