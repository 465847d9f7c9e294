/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c -- who was called for an incident, and what they say; and what that means for the
 * incident, its lamps and the others. */
#include "book.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/random.h"
#include "store/notifications.h"
#include "refusal.h"
#include "texts/texts.h"

#define REASON_MAX 200 /* bytes */

static struct pp_json *call_body(const struct pp_call_row *row)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_i64(body, "call", row->call_id);
	if (row->ring[0]) {
		(void)pp_json_set_text(body, "ring", row->ring);
		(void)pp_json_set_i64(body, "step", row->step + 1);
	}
	if (row->agency[0])
		(void)pp_json_set_text(body, "agency", row->agency);
	if (row->contact[0])
		(void)pp_json_set_text(body, "contact", row->contact);
	return body;
}

/* "call.accepted", with the reason apart from the chain. */
static int call_write(struct pp_ledger *l, const struct pp_incident *incident,
	const struct pp_call_row *row, const struct pp_call_said *said,
	struct pp_written *ret_written)
{
	char kind[32];

	snprintf(kind, sizeof(kind), "call.%s", pp_callout_state_text(row->state));
	return pp_moving_tell(l, incident,
		&(struct pp_moving_event){ kind, said->by, call_body(row), "reason", said->reason },
		ret_written);
}

/* A call is known by what only its callee was sent. */
void pp_call_code_hash(const char *code, uint8_t ret_hash[PP_SHA256_SIZE])
{
	char text[40];
	int length = snprintf(text, sizeof(text), "pospin-call\n%s", code);

	pp_sha256(text, (size_t)length, ret_hash);
}

int pp_call_make(struct pp_ledger *l, const struct pp_incident *incident, struct pp_call_row *row,
	char ret_code[PP_CALLOUT_CODE_SIZE], struct pp_written *ret_written)
{
	struct pp_call_code code;
	struct pp_call_row other;
	uint64_t random;
	int r;

	row->incident_id = incident->incident_id;
	row->state = PP_CALLOUT_IS_NOTIFIED;
	snprintf(row->tenant, sizeof(row->tenant), "%s", incident->tenant);
	do { /* two that are open never have the same */
		pp_random(&random, sizeof(random));
		pp_callout_code_make(random, code.spoken);
		pp_call_code_hash(code.spoken, code.hash);
		r = pp_store_call_by_code(l->db, code.hash, &other);
	} while (r == 1);
	if (r == 0)
		r = pp_store_call_add(l->db, row, &code, l->now_ms);
	if (r < 0)
		return r;
	snprintf(ret_code, PP_CALLOUT_CODE_SIZE, "%s", code.spoken);
	return call_write(
		l, incident, row, &(struct pp_call_said){ "server", "", 0 }, ret_written);
}

int pp_call_unit(struct pp_ledger *l, const char *tenant, const char *text, const char **ret_unit)
{
	const struct pp_plan_book *book;
	const struct pp_plan_agency *agency;
	int r = pp_shelf_take(l->shelf, l->db, tenant, &book);

	if (r < 0)
		return r;
	agency = pp_plan_agency_named(book, text);
	*ret_unit = agency ? agency->id : text;
	return 0;
}

int pp_call_send(struct pp_ledger *l, const struct pp_incident *incident, const char *unit)
{
	struct pp_call_row row = { .incident_id = incident->incident_id,
		.state = PP_CALLOUT_IS_NOTIFIED };
	int r = pp_call_unit(l, incident->tenant, unit, &unit);

	if (r < 0)
		return r;
	snprintf(row.tenant, sizeof(row.tenant), "%s", incident->tenant);
	snprintf(row.agency, sizeof(row.agency), "%s", unit);
	/* The timeline has it: incident.dispatched. */
	return pp_store_call_add(l->db, &row, NULL, l->now_ms);
}

/* ---- those who have not answered ---- */

/* 1: it has ended; 0: as it was. */
static int call_end(struct pp_ledger *l, const struct pp_calls_end *end, struct pp_call_row *row,
	struct pp_written *ret_written)
{
	const struct pp_call_said said = { end->by, "", l->now_ms };
	const char *why;
	int next = pp_callout_move(row->state, end->verb, &why), r;

	if (next < 0)
		return 0;
	row->state = (enum pp_callout_state)next;
	r = pp_store_call_set(l->db, row, &said);
	if (r == 0 && end->verb == PP_CALLOUT_STOP)
		r = pp_store_notifications_withdraw(
			l->db, &(struct pp_withdrawal){ row->incident_id, row->call_id, l->now_ms,
				       "others have it" });
	if (r == 0)
		r = call_write(l, end->incident, row, &said, ret_written);
	return r < 0 ? r : 1;
}

int pp_calls_end(struct pp_ledger *l, const struct pp_calls_end *end)
{
	static const enum pp_callout_state open[] = { PP_CALLOUT_IS_NOTIFIED,
		PP_CALLOUT_IS_EXPIRED };
	struct pp_written written;
	bool stopped = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < sizeof(open) / sizeof(open[0]); i++) {
		struct pp_call_query query = { .incident_id = end->incident->incident_id,
			.ring = end->ring,
			.state = open[i] };
		struct pp_call_row row;

		while (r >= 0 && (r = pp_store_call_next(l->db, &query, &row)) == 1) {
			query.after_id = row.call_id;
			r = call_end(l, end, &row, &written);
			stopped |= r == 1 && end->verb == PP_CALLOUT_STOP;
		}
	}
	if (r < 0 || !stopped)
		return r < 0 ? r : 0;
	return pp_tell_stop(l, &(struct pp_tell){ .incident = end->incident,
				       .event = &written,
				       .kind = "call.stopped",
				       .by = end->by });
}

/* ---- what they say ---- */

#define CALLS_OF_ONE_MAX 32

/* One call that it is about. */
struct said_of {
	struct pp_call_row row;
	int next; /* a state; negative: it cannot be said of this one */
	const char *why;
};

struct answer {
	struct pp_item *item;
	struct pp_incident incident;
	enum pp_incident_state before; /* of the incident */
	struct pp_call_row row;        /* the one that was answered; then each in its turn */
	enum pp_callout_verb verb;
	bool was_coming;
	struct pp_call_said said;
	int64_t doubt; /* so many wrong codes came from the same number before; 0: none */
	struct said_of calls[CALLS_OF_ONE_MAX]; /* the first is the one that was answered */
	size_t count;
};

/* Its calls went with it into what it has become. */
static int merged_follow(struct pp_ledger *l, struct pp_incident *i)
{
	int r = 1;

	while (r == 1 && i->merged_into > 0)
		r = pp_store_incident_by_id(l->db, i->merged_into, i);
	return r;
}

/* 1: the call that has the code is found; 0: refused, or the code was a test's. */
static int code_find(struct pp_ledger *l, struct answer *w)
{
	const struct pp_action *a = w->item->in.action;
	uint8_t hash[PP_SHA256_SIZE];
	struct pp_guess guess = { .sender = a->name, .hash = hash };
	bool found;
	int r;

	pp_call_code_hash(a->code, hash);
	r = pp_store_call_by_code(l->db, hash, &w->row);
	if (r < 0)
		return r;
	found = r == 1;
	guess.row = found ? &w->row : NULL;
	r = pp_guess_check(l, w->item, &guess, &w->doubt);
	if (r <= 0 || found)
		return r;
	r = pp_contact_answer(l, w->item, hash);
	if (r != 0)
		return r < 0 ? r : 0;
	return pp_guess_wrong(l, w->item, &guess);
}

/* 1: the call is found, with its incident; 0: refused. */
static int answer_find(struct pp_ledger *l, struct answer *w, char *actor, size_t size)
{
	const struct pp_action *a = w->item->in.action;
	int r;

	if (a->type == PP_ACTION_CALL) {
		r = pp_moving_find(l, w->item, &w->incident);
		if (r == 1)
			r = merged_follow(l, &w->incident);
		if (r == 1)
			r = pp_store_call(l->db, a->tenant, a->call_id, &w->row);
		if (r == 1 && (w->row.incident_id != w->incident.incident_id ||
				      (a->unit && strcmp(a->unit, w->row.agency) != 0)))
			r = 0;
		if (r == 0 && w->item->out.action.error == 0)
			return pp_action_refuse(w->item, -ENOENT, "there is no such call");
		snprintf(actor, size, "%s", a->actor);
		return r;
	}
	if (!a->code || !pp_callout_code_is_fine(a->code))
		return pp_action_refuse(
			w->item, -EINVAL, "code: expected the seven digits of a call");
	r = code_find(l, w);
	if (r == 1)
		r = pp_store_incident_by_id(l->db, w->row.incident_id, &w->incident);
	if (r <= 0)
		return r;
	snprintf(actor, size, "%s:%s", w->row.agency[0] ? "agency" : "contact",
		w->row.agency[0] ? w->row.agency : w->row.contact);
	snprintf(w->item->tenant, sizeof(w->item->tenant), "%s", w->row.tenant);
	return r;
}

/* Others had it, and have it no more: whoever was told to stay may come all the same. 1, 0. */
static int is_wanted_again(struct pp_ledger *l, const struct answer *w)
{
	int64_t under_way, arrived;
	int r;

	if (w->row.state != PP_CALLOUT_IS_STOPPED || w->incident.state != PP_INCIDENT_OPEN)
		return 0;
	r = pp_store_calls_coming(l->db, w->incident.incident_id, &under_way, &arrived);
	return r < 0 ? r : under_way + arrived == 0;
}

static int answer_check(struct answer *w)
{
	const struct pp_action *a = w->item->in.action;
	int verb = a->state ? pp_callout_verb_parse(a->state) : -1;

	if (verb < 0 || verb >= (int)PP_CALLOUT_VERBS_OF_PEOPLE)
		return pp_action_refuse(w->item, -EINVAL,
			"state: expected accepted, refused, en-route, on-scene or done");
	if (w->said.reason[0] && !pp_words_are_fine(w->said.reason, REASON_MAX, false))
		return pp_action_refuse(
			w->item, -EINVAL, "reason: expected at most %d bytes of text", REASON_MAX);
	if (w->incident.state == PP_INCIDENT_CLOSED && verb != PP_CALLOUT_FINISH)
		return pp_moving_refuse(w->item, &w->incident, "is closed already");
	w->verb = (enum pp_callout_verb)verb;
	w->before = w->incident.state;
	return 1;
}

/* Whoever was called twice has two codes and is one: by which of them he comes is all the same. The
 * desk's word is of the call that it names. */
static int calls_gather(struct pp_ledger *l, struct answer *w)
{
	const struct pp_action *a = w->item->in.action;
	bool by_callee = a->type == PP_ACTION_CALL_ANSWER || a->unit;
	int64_t after_id = 0;
	int r = by_callee;

	w->calls[w->count++].row = w->row;
	while (r == 1 && w->count < CALLS_OF_ONE_MAX) {
		struct pp_call_row *other = &w->calls[w->count].row;

		r = pp_store_call_beside(l->db, &w->row, after_id, other);
		after_id = other->call_id;
		w->count += r == 1;
	}
	return r < 0 ? r : 0;
}

/* Whoever is done where he is comes by none of his calls. */
static void moves_make(struct answer *w, bool wanted_again)
{
	bool is_there = false;

	for (size_t i = 0; i < w->count; i++)
		is_there |= w->calls[i].row.state == PP_CALLOUT_IS_ON_SCENE;
	for (size_t i = 0; i < w->count; i++) {
		struct said_of *c = &w->calls[i];
		bool comes = i > 0 || pp_callout_is_coming(c->row.state);

		if (is_there && comes && w->verb == PP_CALLOUT_FINISH)
			c->next = PP_CALLOUT_IS_DONE;
		else
			c->next = pp_callout_move(
				i == 0 && wanted_again ? PP_CALLOUT_IS_NOTIFIED : c->row.state,
				w->verb, &c->why);
	}
}

/* A yes is one to the call that was answered, or where that is over to the first that still asks.
 */
static void yes_choose(struct answer *w)
{
	for (size_t i = 1; w->calls[0].next < 0 && i < w->count; i++) {
		const struct said_of own = w->calls[0];

		w->calls[0] = w->calls[i];
		w->calls[i] = own;
	}
}

/* NULL: it can be said. Whoever has not come by any of them is not done by one of them. */
static const char *refusal_of(const struct answer *w)
{
	const struct said_of *own = &w->calls[0];
	bool comes = pp_callout_is_coming(own->row.state), said = own->next >= 0;

	if (w->count == 1 || (comes && said) || w->verb == PP_CALLOUT_ACCEPT)
		return said ? NULL : own->why;
	if (said && w->verb != PP_CALLOUT_FINISH)
		return NULL;
	for (size_t i = 1; i < w->count; i++) {
		if (w->calls[i].next >= 0)
			return NULL;
	}
	return w->calls[1].why;
}

static int incident_move(struct pp_ledger *l, struct answer *w, enum pp_move move, const char *kind)
{
	enum pp_incident_state before = w->incident.state;
	struct pp_json *body;
	const char *why;
	int r;

	if (pp_incident_move(before, move, &why) < 0)
		return 0;
	r = pp_store_incident_move(l->db, &w->incident, move, w->said.by, NULL, l->now_ms);
	if (r < 0 || (w->incident.state == before && move != PP_MOVE_ACCEPT))
		return r;
	body = call_body(&w->row);
	(void)pp_json_set_i64(body, "opened", w->incident.opened_ms);
	if (move == PP_MOVE_ACCEPT)
		(void)pp_json_set_text(
			body, "unit", w->row.agency[0] ? w->row.agency : w->row.contact);
	return pp_moving_tell(l, &w->incident,
		&(struct pp_moving_event){ kind, w->said.by, body, NULL, NULL }, NULL);
}

static int ladder_tell(struct pp_ledger *l, const struct answer *w, enum pp_ladder_event event)
{
	struct pp_ladder_news news = { .incident = &w->incident, .by = w->said.by };
	int ring = w->row.ring[0] ? pp_ring_parse(w->row.ring) : -1;

	if (ring < 0)
		return 0;
	news.input = (struct pp_ladder_input){ event, (enum pp_ring)ring, (unsigned)w->row.step };
	return pp_ladder_tell(l, &news);
}

/* Somebody comes. A unit that the desk has sent is on the timeline as that already, unless it had
 * said no. */
static int coming(struct pp_ledger *l, struct answer *w)
{
	int r = 0;

	if (w->was_coming)
		return 0;
	if (w->row.ring[0] || w->incident.state < PP_INCIDENT_DISPATCHED)
		r = incident_move(l, w, PP_MOVE_ACCEPT, "incident.dispatched");
	return r < 0 ? r : ladder_tell(l, w, PP_LADDER_ACCEPTED);
}

/* Nobody is left who comes, and whoever was there has gone: the lamp at the post must not say so
 * any longer. What the desk has said of the scene is the desk's. 1; 0: it stays as it is. */
static int stand_down(struct pp_ledger *l, struct answer *w)
{
	int64_t under_way, there;
	int r = pp_store_calls_coming(l->db, w->incident.incident_id, &under_way, &there);

	if (r < 0 || under_way + there > 0)
		return r;
	r = w->incident.state != PP_INCIDENT_ON_SCENE
		    ? 1
		    : pp_store_calls_arrived_first(l->db, w->incident.incident_id);
	if (r <= 0)
		return r;
	r = incident_move(l, w, PP_MOVE_STAND_DOWN, "incident.stood-down");
	if (r == 0 && w->incident.state == PP_INCIDENT_ACKNOWLEDGED &&
		!w->incident.acknowledged_by[0])
		r = incident_move(l, w, PP_MOVE_RETURN, "incident.returned");
	return r < 0 ? r : 1;
}

/* Whether a step of the ring waits for somebody else. 1, 0. */
static int is_awaited(struct pp_ledger *l, const struct answer *w)
{
	int64_t awaited;
	int r = pp_store_calls_awaited(l->db, &w->row, &awaited);

	return r < 0 ? r : awaited > 0;
}

static int ring_refused(struct pp_ledger *l, struct answer *w)
{
	int r;

	if (w->was_coming)
		return ladder_tell(l, w, PP_LADDER_LOST);
	r = is_awaited(l, w);
	return r != 0 ? (r < 0 ? r : 0) : ladder_tell(l, w, PP_LADDER_REFUSED);
}

static int refused(struct pp_ledger *l, struct answer *w)
{
	int left = w->was_coming || !w->row.ring[0] ? stand_down(l, w) : 0;
	int r = left < 0 ? left : ring_refused(l, w);

	if (r < 0 || left <= 0)
		return r;
	return pp_ladder_tell(
		l, &(struct pp_ladder_news){ .incident = &w->incident,
			   .input = { .event = PP_LADDER_LEFT },
			   .by = w->said.by });
}

static int answer_mean(struct pp_ledger *l, struct answer *w)
{
	int r;

	switch (w->verb) {
	case PP_CALLOUT_REFUSE:
		return refused(l, w);
	case PP_CALLOUT_FINISH:
		return 0;
	case PP_CALLOUT_ARRIVE:
		r = coming(l, w);
		return r < 0 ? r : incident_move(l, w, PP_MOVE_ARRIVE, "incident.on-scene");
	default:
		return coming(l, w);
	}
}

static int row_set(struct pp_ledger *l, struct answer *w, enum pp_callout_state state)
{
	int r;

	w->row.state = state;
	r = pp_store_call_set(l->db, &w->row, &w->said);
	return r < 0 ? r : call_write(l, &w->incident, &w->row, &w->said, NULL);
}

static int call_say(struct pp_ledger *l, struct answer *w, const struct said_of *c)
{
	bool unsaid = c->next == PP_CALLOUT_IS_DONE && c->row.state != PP_CALLOUT_IS_ON_SCENE;
	int r = 0;

	w->row = c->row;
	w->was_coming = pp_callout_is_coming(c->row.state);
	if (unsaid) /* he was there by another call */
		r = row_set(l, w, PP_CALLOUT_IS_ON_SCENE);
	if (r == 0)
		r = row_set(l, w, (enum pp_callout_state)c->next);
	return r < 0 ? r : answer_mean(l, w);
}

/* 1: it was said; 0: it has been refused. */
static int calls_say(struct pp_ledger *l, struct answer *w)
{
	int r = w->verb == PP_CALLOUT_REFUSE ? 0 : is_wanted_again(l, w);
	const char *why;

	if (r < 0)
		return r;
	moves_make(w, r == 1);
	if (w->verb == PP_CALLOUT_ACCEPT)
		yes_choose(w);
	why = refusal_of(w);
	if (why)
		return pp_action_refuse(w->item, -EPERM, "the call %s", why);
	r = 0;
	for (size_t i = 0; r == 0 && i < w->count; i++) {
		if (w->calls[i].next >= 0 && (i == 0 || w->verb != PP_CALLOUT_ACCEPT))
			r = call_say(l, w, &w->calls[i]);
	}
	return r < 0 ? r : 1;
}

int pp_apply_call(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct answer w = { .item = item };
	char actor[PP_ACTOR_MAX + 20], doubt[REASON_MAX] = "";
	int r = answer_find(l, &w, actor, sizeof(actor));

	if (r <= 0)
		return r;
	if (w.doubt > 0)
		pp_texts_doubt(w.doubt, doubt, sizeof(doubt));
	w.said = (struct pp_call_said){ actor,
		a->type == PP_ACTION_CALL && a->text ? a->text : doubt, l->now_ms };
	r = answer_check(&w);
	if (r <= 0)
		return r;
	r = calls_gather(l, &w);
	if (r == 0)
		r = calls_say(l, &w);
	return r <= 0 ? r : pp_moving_done(l, item, &w.incident, w.before);
}
