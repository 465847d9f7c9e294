/* SPDX-License-Identifier: Apache-2.0 */
/* ladders.c -- carries out what the ladder of an incident says, in the transaction: calls, the
 * timeline, and what people are sent. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plans/plans.h"
#include "store/ladders.h"
#include "store/notifications.h"

#define INPUTS_MAX (PP_RING_COUNT * PP_PLAN_STEPS_MAX + 1)

/* One ladder that is being fed. Steps that find nobody feed it again. */
struct climb {
	const struct pp_incident *incident;
	const char *by;
	const struct pp_plan_book *book; /* the shelf's; NULL: the tenant has none */
	struct pp_plans_place place;
	const struct pp_plan *plan;
	struct pp_plan_query query;
	struct pp_ladder_row row;
	bool goes_on; /* as another, that nobody has */
	struct pp_ladder_input inputs[INPUTS_MAX];
	size_t count;
};

/* A call that was made, for all whom it tells. */
struct called {
	int64_t call_id;
	char code[PP_CALLOUT_CODE_SIZE];
	struct pp_written event;
};

static const char *ring_name(enum pp_ring ring)
{
	return pp_ring_text(ring);
}

/* ---- a step fires ---- */

/* "role:operator", "agency:damkar-weleri" */
static void callee_name(const struct pp_plan_callee *c, char *ret_name, size_t size)
{
	if (c->agency)
		snprintf(ret_name, size, "agency:%s", c->agency->id);
	else if (c->contact)
		snprintf(ret_name, size, "contact:%s", c->contact->id);
	else if (c->role)
		snprintf(ret_name, size, "role:%s", c->role);
	else if (c->webhook)
		snprintf(ret_name, size, "webhook:%s", c->webhook);
	else
		snprintf(ret_name, size, "station:%s", c->station ? c->station : "");
}

static int step_write(struct pp_ledger *l, const struct climb *c,
	const struct pp_ladder_effect *effect, struct pp_json *callees, struct pp_written *written)
{
	const struct pp_ladder_ring *ring = &c->row.ladder.rings[effect->ring];
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "ring", ring_name(effect->ring));
	(void)pp_json_set_i64(body, "step", (int64_t)effect->step + 1);
	(void)pp_json_set_i64(body, "wait", ring->due_ms - l->uptime_ms);
	(void)pp_json_set_text(body, "plan", c->row.plan);
	(void)pp_json_set(body, "call", callees);
	(void)pp_json_set_bool(body, "drill", c->incident->drill);
	(void)pp_json_set_bool(body, "silent", c->incident->silent);
	return pp_moving_tell(l, c->incident,
		&(struct pp_moving_event){ "ladder.step", "server", body, NULL, NULL }, written);
}

/* A call of its own for each agency and each person; the page shows a role by the step itself.
 * ret_called holds the event of the step. */
static int call_make(struct pp_ledger *l, const struct climb *c,
	const struct pp_ladder_effect *effect, const struct pp_plan_callee *callee,
	struct called *ret_called)
{
	struct pp_call_row row = { .step = effect->step };
	int r;

	snprintf(row.ring, sizeof(row.ring), "%s", ring_name(effect->ring));
	if (callee->agency)
		snprintf(row.agency, sizeof(row.agency), "%s", callee->agency->id);
	else
		snprintf(row.contact, sizeof(row.contact), "%s", callee->contact->id);
	row.incident_id = c->incident->incident_id;
	/* Whoever the fallback calls again has one call and one code, however long the night is. */
	r = effect->ring == PP_RING_FALLBACK
		    ? pp_store_call_again(l->db, &row, ret_called->code, l->now_ms)
		    : 0;
	if (r == 0)
		r = pp_call_make(
			l, c->incident, &row, ret_called->code, &ret_called->event);
	ret_called->call_id = row.call_id;
	return r < 0 ? r : 0;
}

static int webhook_tell(struct pp_ledger *l, const struct climb *c, const char *webhook,
	const struct pp_written *step)
{
	return pp_alert_queue(l, &(struct pp_alert){ .kind = "incident.escalated",
					 .point = "",
					 .point_kind = PP_KIND_POST,
					 .incident = c->incident,
					 .event = step,
					 .purpose = "again",
					 .webhook = strcmp(webhook, "all") == 0 ? NULL : webhook });
}

/* A siren answers by itself, and never that it comes: it is no call. */
static int near_tell(struct pp_ledger *l, const struct climb *c, const char *post,
	const struct pp_written *step)
{
	return pp_tell_near(l,
		&(struct pp_tell){ .incident = c->incident,
			.event = step,
			.kind = "incident.escalated" },
		post);
}

static int callee_tell(struct pp_ledger *l, const struct climb *c,
	const struct pp_plan_callee *callee, const struct called *called)
{
	const struct pp_tell tell = { .incident = c->incident,
		.event = &called->event,
		.kind = "call.notified",
		.call_id = called->call_id,
		.code = called->code };

	if (callee->station)
		return pp_tell_station(l, &tell, callee->station);
	return pp_tell_contact(l, &tell, callee->contact);
}

static bool is_same_agency(const struct pp_plan_callee *a, const struct pp_plan_callee *b)
{
	return a->agency && a->agency == b->agency;
}

/* Several contacts of one agency, and its station, are one call. Returns which; index: a new one.
 */
static size_t first_of(const struct pp_plan_callee *callees, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (is_same_agency(&callees[i], &callees[index]))
			return i;
	}
	return index;
}

static struct pp_json *names_of(const struct pp_plan_callee *callees, size_t count)
{
	struct pp_json *names = pp_json_list();
	char name[2 * PP_PLAN_ID_MAX + 16];

	for (size_t i = 0; i < count; i++) {
		if (first_of(callees, i) != i)
			continue;
		callee_name(&callees[i], name, sizeof(name));
		(void)pp_json_add_text(names, name);
	}
	return names;
}

static int callees_call(struct pp_ledger *l, const struct climb *c,
	const struct pp_ladder_effect *effect, const struct pp_plan_callee *callees, size_t count)
{
	struct called called[PP_PLAN_CALLEES_MAX];
	struct pp_written step;
	int r = step_write(l, c, effect, names_of(callees, count), &step);

	for (size_t i = 0; r == 0 && i < count; i++) {
		size_t first = first_of(callees, i);

		if (callees[i].webhook) {
			r = webhook_tell(l, c, callees[i].webhook, &step);
			continue;
		}
		if (callees[i].near) {
			r = near_tell(l, c, callees[i].station, &step);
			continue;
		}
		if (!callees[i].contact && !callees[i].agency)
			continue; /* a role: the page rings */
		called[i].event = step;
		if (first == i)
			r = call_make(l, c, effect, &callees[i], &called[i]);
		if (r == 0 && (callees[i].contact || callees[i].station))
			r = callee_tell(l, c, &callees[i], &called[first]);
	}
	return r;
}

static void fired_note(
	struct pp_ledger *l, const struct climb *c, const struct pp_ladder_effect *effect)
{
	int64_t due_ms = c->row.ladder.rings[effect->ring].due_ms;
	int64_t wait_ms = effect->ring == PP_RING_FALLBACK
				  ? c->plan->fallback.wait_ms
				  : c->plan->rings[effect->ring].steps[effect->step].wait_ms;

	if (l->fired_count < PP_FIRED_MAX)
		l->fired[l->fired_count++] = (struct pp_fired){ c->incident->incident_id,
			effect->ring, due_ms - wait_ms, due_ms };
}

static int step_fire(struct pp_ledger *l, struct climb *c, const struct pp_ladder_effect *effect)
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	bool fallback = effect->ring == PP_RING_FALLBACK;
	const struct pp_plan_place at = { c->plan, effect->ring, fallback ? 0 : effect->step };
	size_t count = pp_plan_call_list(c->book, &at, &c->query, callees);
	int r = 0;

	/* A plan of before may name stations alone, which do not sound for every alarm. */
	if (fallback && count == 0)
		count = pp_plan_call_list(NULL,
			&(struct pp_plan_place){ pp_plan_built_in(), PP_RING_FALLBACK, 0 },
			&c->query, callees);
	/* Those of the step before have not answered in their time. Whoever the fallback has called
	 * is called for as long as it runs. */
	if (effect->step > 0 && !fallback)
		r = pp_calls_end(l, &(struct pp_calls_end){ c->incident, ring_name(effect->ring),
					    "server", PP_CALLOUT_EXPIRE });
	if (r < 0)
		return r;
	if (count > 0)
		fired_note(l, c, effect);
	if (count > 0)
		return callees_call(l, c, effect, callees, count);
	if (!fallback && c->count < INPUTS_MAX)
		c->inputs[c->count++] =
			(struct pp_ladder_input){ PP_LADDER_EMPTY, effect->ring, effect->step };
	return 0;
}

/* ---- a ring ends ---- */

static int ring_end(struct pp_ledger *l, struct climb *c, const struct pp_ladder_effect *effect)
{
	bool spent = effect->why == PP_LADDER_WHY_SPENT;
	struct pp_json *body = pp_json_object();
	struct pp_written written;
	int r;

	(void)pp_json_set_text(body, "ring", ring_name(effect->ring));
	(void)pp_json_set_text(body, "why", pp_ladder_why_text(effect->why));
	r = pp_moving_tell(l, c->incident,
		&(struct pp_moving_event){ "ladder.ended", c->by, body, NULL, NULL }, &written);
	if (r == 0)
		r = pp_calls_end(l, &(struct pp_calls_end){ c->incident, ring_name(effect->ring),
					    c->by, spent ? PP_CALLOUT_EXPIRE : PP_CALLOUT_STOP });
	if (r < 0 || spent || c->goes_on)
		return r;
	return pp_tell_webhooks_stop(l,
		&(struct pp_tell){ .incident = c->incident, .event = &written, .by = c->by });
}

/* ---- feeding it ---- */

static int climb_feed(struct pp_ledger *l, struct climb *c, const struct pp_ladder_input *input)
{
	struct pp_ladder_effect effects[PP_LADDER_EFFECTS_MAX];
	size_t count = pp_ladder_feed(&c->row.ladder, c->plan, input, l->uptime_ms, effects);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = effects[i].fire ? step_fire(l, c, &effects[i]) : ring_end(l, c, &effects[i]);
	return r;
}

/* After a reboot what remains is counted from what was written down: a deadline that is new must
 * not look like one of five seconds ago. */
static int uptime_keep(struct pp_ledger *l, int64_t uptime_ms)
{
	return pp_store_uptime_put(l->db, &(struct pp_uptime){ l->boot, uptime_ms });
}

static int climb_run(struct pp_ledger *l, struct climb *c, const struct pp_ladder_input *input)
{
	int r = climb_feed(l, c, input);

	for (size_t i = 0; r == 0 && i < c->count; i++) {
		const struct pp_ladder_input empty = c->inputs[i];

		r = climb_feed(l, c, &empty);
	}
	if (r == 0)
		r = pp_store_ladder_put(l->db, &c->row);
	return r < 0 ? r : uptime_keep(l, l->uptime_ms);
}

/* The tenant's plans as they are now, also for what has begun before they were changed. */
static int climb_init(struct pp_ledger *l, struct climb *c, const struct pp_incident *incident)
{
	int r, zone_minutes = 0;

	*c = (struct climb){ .incident = incident, .by = "server" };
	c->query = (struct pp_plan_query){ .class = incident->class,
		.post = incident->post,
		.desa = incident->desa,
		.rw = incident->rw,
		.late = incident->late,
		.silent = incident->silent };
	r = pp_plans_place(l->db, incident->tenant, &c->query, &c->place);
	if (r >= 0)
		r = pp_plans_zone(l->db, incident->tenant, &zone_minutes);
	if (r < 0)
		return r;
	/* An exercise is not to be heard in the next village. */
	if (incident->mark != PP_MARK_REAL)
		c->query.near_count = 0;
	c->query.minute = pp_plan_minute(l->now_ms, zone_minutes);
	return pp_shelf_take(l->shelf, l->db, incident->tenant, &c->book);
}

int pp_ladder_open(struct pp_ledger *l, const struct pp_incident *incident)
{
	const struct pp_ladder_input opened = { .event = PP_LADDER_OPENED };
	struct climb c;
	int r = climb_init(l, &c, incident);

	if (r < 0)
		return r;
	c.plan = pp_plan_choose(c.book, &c.query);
	c.row.incident_id = incident->incident_id;
	snprintf(c.row.tenant, sizeof(c.row.tenant), "%s", incident->tenant);
	snprintf(c.row.plan, sizeof(c.row.plan), "%s", c.plan->id);
	return climb_run(l, &c, &opened);
}

/* Near posts sound until somebody has it. Where it goes on as a part of another they do, too. */
static bool is_hushing(const struct pp_ladder_news *news, const struct pp_ladder_row *before,
	const struct pp_ladder_row *after)
{
	const enum pp_ring ring = PP_RING_NEIGHBOURS;

	if (news->input.event == PP_LADDER_TAKEN)
		return true;
	if (news->input.event == PP_LADDER_CLOSED)
		return news->incident->merged_into == 0;
	return before->ladder.rings[ring].state == PP_LADDER_RUNNING &&
	       after->ladder.rings[ring].state == PP_LADDER_ENDED;
}

/* Those whom the fallback of what was merged into it has called. */
static int fallback_stop(struct pp_ledger *l, const struct pp_ladder_news *news)
{
	const enum pp_ladder_event event = news->input.event;

	if (event != PP_LADDER_TAKEN && event != PP_LADDER_CLOSED && event != PP_LADDER_ACCEPTED)
		return 0;
	return pp_calls_end(l, &(struct pp_calls_end){ news->incident,
				       ring_name(PP_RING_FALLBACK), news->by, PP_CALLOUT_STOP });
}

/* A role has no call that could refuse: the desk keeps its time. */
static bool is_for_a_role(const struct climb *c, const struct pp_ladder_input *input)
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	const struct pp_plan_place at = { c->plan, input->ring, input->step };
	size_t count = 0;

	if (input->event == PP_LADDER_REFUSED && input->ring < PP_RING_FALLBACK &&
		input->step < c->plan->rings[input->ring].step_count)
		count = pp_plan_call_list(c->book, &at, &c->query, callees);
	for (size_t i = 0; i < count; i++) {
		if (callees[i].role)
			return true;
	}
	return false;
}

/* What has not gone out when it is over is not to go out any more. */
static int closed_hush(struct pp_ledger *l, const struct pp_ladder_news *news)
{
	if (news->input.event != PP_LADDER_CLOSED)
		return 0;
	return pp_store_notifications_withdraw(l->db,
		&(struct pp_withdrawal){ news->incident->incident_id, 0, l->now_ms, "it is over" });
}

int pp_ladder_tell(struct pp_ledger *l, const struct pp_ladder_news *news)
{
	struct pp_ladder_row row;
	struct climb c;
	int r = pp_store_ladder(l->db, news->incident->incident_id, &row);

	if (r <= 0)
		return r;
	r = climb_init(l, &c, news->incident);
	if (r < 0)
		return r;
	c.row = row;
	c.by = news->by;
	c.goes_on = news->goes_on;
	c.plan = pp_plan_find(c.book, c.row.plan);
	if (!c.plan)
		c.plan = pp_plan_choose(c.book, &c.query);
	if (is_for_a_role(&c, &news->input))
		return 0;
	r = climb_run(l, &c, &news->input);
	if (r == 0)
		r = fallback_stop(l, news);
	if (r == 0)
		r = closed_hush(l, news);
	return r < 0 || !is_hushing(news, &row, &c.row) ? r : pp_tell_hush(l, news);
}

/* ---- time ---- */

static bool is_late(const struct pp_fired *fired, int64_t told_ms)
{
	return told_ms - fired->from_ms > PP_LADDER_SLACK_MS;
}

static int fired_delay(struct pp_ledger *l, void *user)
{
	const int64_t *told_ms = user;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->fired_count; i++) {
		const struct pp_fired *f = &l->fired[i];

		if (is_late(f, *told_ms))
			r = pp_store_ladder_delay(
				l->db, &(struct pp_ladder_delay){ f->incident_id, f->ring,
					       f->due_ms, *told_ms - f->from_ms });
	}
	return r < 0 ? r : uptime_keep(l, *told_ms);
}

int pp_ledger_told(struct pp_ledger *l, int64_t uptime_ms)
{
	bool late = false;
	int r;

	for (size_t i = 0; i < l->fired_count; i++)
		late |= is_late(&l->fired[i], uptime_ms);
	if (!late)
		return 0;
	r = pp_ledger_write(l, l->now_ms, fired_delay, &uptime_ms);
	if (r < 0)
		return r;
	l->fired_count = 0;
	return 1;
}

int pp_apply_ladders(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_incident incident;
	int64_t incident_id;
	int r = 1;

	for (size_t i = 0; r == 1 && i < PP_LADDERS_AT_ONCE; i++) {
		r = pp_store_ladder_due(l->db, l->uptime_ms, &incident_id);
		if (r == 1)
			r = pp_store_incident_by_id(l->db, incident_id, &incident);
		if (r == 1) {
			const struct pp_ladder_news tick = { .incident = &incident,
				.input = { .event = PP_LADDER_TICK },
				.by = "server" };

			r = pp_ladder_tell(l, &tick);
			r = r < 0 ? r : 1;
			item->out.steps++;
		}
	}
	return r < 0 ? r : uptime_keep(l, l->uptime_ms);
}
