/* SPDX-License-Identifier: Apache-2.0 */
/* signals.c -- one verified signal into the record: once, dated, and with all that it means. */
#include "gather.h"

#include <errno.h>
#include <string.h>

#include "incidents/correlate.h"
#include "incidents/trust.h"
#include "registry/zone.h"
#include "store/registry.h"
#include "store/storms.h"
#include "store/timeline.h"
#include "supervision/boot_clock.h"

#define PP_WAITING_MAX 32 /* restores and cancels for one alarm that is not here */

/* One signal on its way. */
struct entry {
	struct pp_item *item;
	const struct pp_signal *signal;
	struct pp_origin origin;
	char actor[PP_ACTOR_MAX];
	struct pp_occurrence occurrence;
	struct pp_verdict verdict;
	struct pp_signal_row row;
	int64_t signal_id;
	bool registered; /* the registry knows its point */
	enum pp_mark mark;
	struct pp_gather gather; /* alarms: where it belongs */
	struct pp_mode mode;     /* mark TEST, DISABLED: whose it is */
	bool joined;             /* the first of its post in an incident of others */
};

/* 1: it is recorded already, and the item says how. */
static int dedupe(struct pp_ledger *l, struct entry *e, const uint8_t digest[PP_SHA256_SIZE])
{
	struct pp_incident incident;
	struct pp_signal_key key;
	int r = pp_store_signal_key(l->db, &e->origin, e->signal->seq, &key);

	if (r <= 0 || key.lost)
		return r < 0 ? r : 0;
	if (memcmp(key.digest, digest, PP_SHA256_SIZE) != 0) {
		e->item->out.conflict = true;
		return 1;
	}
	e->item->out.duplicate = true;
	if (key.incident_id == 0)
		return 1;
	r = pp_store_incident_by_id(l->db, key.incident_id, &incident);
	if (r > 0)
		memcpy(e->item->out.incident, incident.number, sizeof(incident.number));
	return r < 0 ? r : 1;
}

static int date(struct pp_ledger *l, struct entry *e)
{
	struct pp_boot_clock_row row;
	struct pp_boot_clock clock;
	int64_t newest_boot;
	int known = pp_store_boot_clock(l->db, &e->origin, e->signal->boot, &row);
	int r = known < 0 ? known : pp_store_newest_boot(l->db, &e->origin, &newest_boot);

	if (r < 0)
		return r;
	if (known)
		clock = (struct pp_boot_clock){ row.low, row.low_before, row.states };
	pp_signal_date(
		e->signal, known ? &clock : NULL, newest_boot, e->item->arrived_ms, &e->occurrence);
	e->item->out.late = e->occurrence.late;
	return 0;
}

static int judge(struct pp_ledger *l, struct entry *e)
{
	struct pp_store_point registered = { .silent = false };
	struct pp_known_point point;
	int r;

	if (e->signal->point[0])
		r = pp_store_point(
			l->db, e->item->tenant, e->item->post, e->signal->point, &registered);
	else
		r = e->signal->kind == PP_KIND_POST;
	if (r < 0)
		return r;
	point = (struct pp_known_point){ .known = r, .silent = registered.silent };
	e->registered = r && e->signal->point[0];
	pp_signal_judge(e->signal, &point, &e->verdict);
	e->mark = e->verdict.drill ? PP_MARK_DRILL : PP_MARK_REAL;
	if (e->mark != PP_MARK_REAL || e->verdict.meaning != PP_MEANS_ALARM)
		return 0;
	return pp_mode_mark(l,
		&(struct pp_mode_asked){
			e->item, e->signal->point, e->verdict.silent, &e->occurrence },
		&e->mode, &e->mark);
}

static int record(struct pp_ledger *l, struct entry *e, const uint8_t digest[PP_SHA256_SIZE])
{
	int r = pp_store_signal_key_put(l->db, &e->origin, e->signal->seq, digest, l->now_ms);

	/* What the post has lost closes the gap in its numbers. */
	for (size_t i = 0; r == 0 && i < e->signal->lost_count; i++)
		r = pp_store_signal_key_put(l->db, &e->origin, e->signal->lost[i], NULL, l->now_ms);
	e->row = (struct pp_signal_row){ .origin = &e->origin,
		.signal = e->signal,
		.occurred_ms = e->occurrence.at_ms,
		.arrived_ms = e->item->arrived_ms,
		.occurred_by = pp_occurred_by_text(e->occurrence.by),
		.late = e->occurrence.late,
		.payload = e->item->in.signal.payload,
		.length = e->item->in.signal.length,
		.sig = e->item->in.signal.sig };
	return r < 0 ? r : pp_store_signal_add(l->db, &e->row, &e->signal_id);
}

static struct pp_json *signal_body(const struct entry *e)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "kind", pp_kind_text(e->signal->kind));
	(void)pp_json_set_i64(body, "occurred", e->occurrence.at_ms);
	(void)pp_json_set_text(body, "occurred_by", pp_occurred_by_text(e->occurrence.by));
	(void)pp_json_set_bool(body, "late", e->occurrence.late);
	(void)pp_json_set_i64(body, "signal_id", e->signal_id);
	(void)pp_json_set_text(body, "epoch", e->origin.epoch);
	(void)pp_json_set_i64(body, "seq", e->signal->seq);
	if (e->item->in.signal.by_text)
		(void)pp_json_set_text(body, "path", "sms");
	return body;
}

static int event_write(struct pp_ledger *l, const struct entry *e, const char *kind,
	const struct pp_incident *incident, struct pp_json *body, struct pp_written *ret_written)
{
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = e->item->tenant,
			.kind = kind,
			.actor = e->actor,
			.incident = incident,
			.post = e->item->post,
			.point = e->signal->point,
			.body = body },
		ret_written);
}

static int incident_make(struct pp_ledger *l, const struct entry *e, struct pp_incident *incident)
{
	int64_t bad, real;
	char zone[40];
	int r = pp_store_tenant_zone(l->db, e->item->tenant, zone);

	incident->state = PP_INCIDENT_OPEN;
	incident->silent = e->verdict.silent;
	incident->mark = e->mark;
	incident->late = e->occurrence.late;
	incident->occurred_ms = e->occurrence.at_ms;
	incident->opened_ms = l->now_ms;
	if (r == 0)
		r = pp_store_incident_number(
			l->db, incident->tenant, pp_zone_year(zone, l->now_ms), incident->number);
	if (r == 0)
		r = pp_store_incident_add(l->db, incident);
	if (r == 0)
		r = pp_store_incident_history(l->db, incident,
			l->now_ms - PP_TRUST_HISTORY_DAYS * INT64_C(86400000), &bad, &real);
	if (r == 0)
		incident->facts = (int64_t)pp_trust_history(bad, real);
	return r;
}

/* What the signal by itself says of how far to trust it. */
static uint32_t signal_facts(const struct entry *e)
{
	uint32_t facts = 0;

	if (e->signal->kind == PP_KIND_PANIC)
		facts |= PP_TRUST_PRESS;
	if (e->signal->kind == PP_KIND_SMOKE || e->signal->kind == PP_KIND_HEAT)
		facts |= PP_TRUST_DETECTOR;
	if (e->signal->flags & PP_FLAG_VERIFIED)
		facts |= PP_TRUST_VERIFIED;
	return e->mark == PP_MARK_REAL ? facts : facts | PP_TRUST_EXERCISE;
}

/* 1: it is told by itself; 0: as part of a count. */
static int incident_count(struct pp_ledger *l, const struct entry *e, struct pp_incident *incident)
{
	const struct pp_counted counted = { .tenant = e->item->tenant,
		.post = e->item->post,
		.incident = incident,
		.signal_id = e->signal_id,
		.point = e->registered ? e->signal->point : NULL };
	int r = pp_storm_count(l, &counted);

	e->item->out.counted = r == 0;
	return r;
}

/* Makes the signal a part of the incident. 1: it is told by itself; 0: as part of a count. */
static int incident_join(struct pp_ledger *l, struct entry *e, struct pp_incident *incident)
{
	struct pp_gathered gathered = { .post = e->item->post,
		.point = e->signal->point,
		.occurred_ms = e->occurrence.at_ms,
		.facts = signal_facts(e) };
	int r = pp_store_signal_attach(l->db, e->signal_id, incident->incident_id);

	if (r == 0)
		r = pp_store_incident_signal(l->db, incident);
	if (r == 0)
		r = pp_gather_count(l, incident, &gathered);
	e->joined = gathered.joined && incident->signals > 1;
	return r < 0 ? r : incident_count(l, e, incident);
}

/* ... tells it, and queues what people are sent. */
static int incident_alert(
	struct pp_ledger *l, struct entry *e, struct pp_incident *incident, const char *kind)
{
	struct pp_json *body;
	struct pp_written written;
	int r = incident_join(l, e, incident);

	if (r <= 0)
		return r;
	body = signal_body(e);
	(void)pp_json_set_text(body, "number", incident->number);
	(void)pp_json_set_text(body, "class", pp_class_text(incident->class));
	(void)pp_json_set_bool(body, "silent", incident->silent);
	(void)pp_json_set_bool(body, "drill", incident->drill);
	(void)pp_json_set_bool(body, "unknown", e->verdict.unknown);
	(void)pp_json_set_i64(body, "trust", incident->trust);
	(void)pp_json_set_i64(body, "posts", incident->posts);
	(void)pp_json_set_bool(body, "joined", e->joined);
	if (incident->mark != PP_MARK_REAL)
		(void)pp_json_set_text(body, "mark", pp_mark_text(incident->mark));
	r = event_write(l, e, kind, incident, body, &written);
	/* What is tested or disabled is shown, and nobody is told. */
	if (r < 0 || incident->mark == PP_MARK_TEST || incident->mark == PP_MARK_DISABLED)
		return r;
	return pp_alert_queue(l, &(struct pp_alert){ .kind = kind,
					 .post = e->item->post,
					 .point = e->signal->point,
					 .point_kind = e->signal->kind,
					 .incident = incident,
					 .event = &written });
}

/* A restore or cancel joins the incident of its alarm. */
struct fact {
	const char *kind; /* of the event */
	int64_t signal_id, seq, cause, occurred_ms;
	const char *point;
};
/* 1: it is told by itself; 0: as part of a count. */
static int fact_join(struct pp_ledger *l, const struct entry *e, const struct fact *fact,
	struct pp_incident *incident)
{
	const struct pp_counted counted = { .tenant = e->item->tenant,
		.post = e->item->post,
		.incident = incident,
		.signal_id = fact->signal_id };
	int r = 0;

	if (incident)
		r = pp_store_signal_attach(l->db, fact->signal_id, incident->incident_id);
	if (r == 0 && incident)
		r = pp_store_incident_restored(l->db, incident);
	if (r == 0 && incident)
		r = pp_gather_held(l, &e->origin, fact->cause, fact->occurred_ms, incident);
	return r < 0 ? r : pp_storm_count(l, &counted);
}

static int fact_attach(struct pp_ledger *l, const struct entry *e, const struct fact *fact,
	struct pp_incident *incident)
{
	struct pp_json *body;
	int r = fact_join(l, e, fact, incident);

	if (r <= 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_i64(body, "signal_id", fact->signal_id);
	(void)pp_json_set_text(body, "epoch", e->origin.epoch);
	(void)pp_json_set_i64(body, "seq", fact->seq);
	(void)pp_json_set_i64(body, "cause", fact->cause);
	(void)pp_json_set_i64(body, "occurred", fact->occurred_ms);
	if (incident)
		(void)pp_json_set_text(body, "class", pp_class_text(incident->class));
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = e->item->tenant,
			.kind = fact->kind,
			.actor = e->actor,
			.incident = incident,
			.post = e->item->post,
			.point = fact->point,
			.body = body },
		NULL);
}

/* Facts that have come before this alarm have waited for it. */
static int waiting_attach(struct pp_ledger *l, const struct entry *e, struct pp_incident *incident)
{
	struct pp_waiting_signal w;
	int r;

	while ((r = pp_store_signal_waiting(l->db, &e->origin, e->signal->seq, &w)) == 1) {
		bool cancel = strcmp(w.signal, pp_signal_text(PP_SIGNAL_CANCEL)) == 0;
		const struct fact fact = { .kind = cancel ? "incident.cancel" : "incident.restore",
			.signal_id = w.signal_id,
			.seq = w.seq,
			.cause = e->signal->seq,
			.occurred_ms = w.occurred_ms,
			.point = w.point };

		r = fact_attach(l, e, &fact, incident);
		if (r < 0)
			return r;
	}
	return r;
}

/* A post whose disk hung numbers a press anew, and the disk may finish the first number all the
 * same: that is kept beside the other, and nobody is told twice. */
static int twin_apply(struct pp_ledger *l, struct entry *e)
{
	struct pp_incident incident;
	int64_t incident_id = 0;
	int r = pp_store_signal_twin(l->db, &e->row, &incident_id);

	if (r < 0 || incident_id == 0)
		return r < 0 ? r : 0;
	r = pp_store_incident_by_id(l->db, incident_id, &incident);
	if (r == 1)
		r = pp_store_signal_attach(l->db, e->signal_id, incident_id);
	if (r == 0)
		r = waiting_attach(l, e, &incident);
	if (r < 0)
		return r;
	memcpy(e->item->out.incident, incident.number, sizeof(incident.number));
	return 1;
}

/* 1: it belongs to e->gather.incident; 0: to none that is there. */
static int incident_find(struct pp_ledger *l, struct entry *e)
{
	struct pp_store_place place;
	struct pp_place_alarm alarm = { .class = e->verdict.class,
		.mark = e->mark,
		.silent = e->verdict.silent,
		.occurred_ms = e->occurrence.at_ms };
	int r = pp_store_place(l->db, e->item->tenant, e->item->post, &place);

	if (r <= 0)
		return r < 0 ? r : -ENOENT; /* only posts of the registry can speak */
	alarm.place = pp_store_place_view(&place);
	return pp_gather_find(l, e->item->tenant, &alarm, &e->gather);
}

/* Whoever tests the post has what comes of it. */
static int test_take(struct pp_ledger *l, const struct entry *e, struct pp_incident *incident)
{
	const char *owner = e->mode.owner;
	struct pp_json *body;
	int r = pp_store_incident_move(
		l->db, incident, PP_MOVE_ACKNOWLEDGE, owner, NULL, l->now_ms);

	if (r < 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_i64(body, "opened", incident->opened_ms);
	return pp_moving_tell(l, incident,
		&(struct pp_moving_event){ "incident.acknowledged", owner, body, NULL, NULL },
		NULL);
}

static int alarm_open(struct pp_ledger *l, struct entry *e, struct pp_incident *ret_incident)
{
	struct pp_incident like = { .class = e->verdict.class };
	int r;

	memcpy(like.tenant, e->item->tenant, sizeof(like.tenant));
	memcpy(like.post, e->item->post, sizeof(like.post));
	r = incident_make(l, e, &like);
	if (r == 0)
		r = incident_alert(l, e, &like, "incident.opened");
	if (r >= 0 && like.mark == PP_MARK_TEST)
		r = test_take(l, e, &like);
	/* What is tested or disabled calls nobody. */
	if (r >= 0 && (like.mark == PP_MARK_REAL || like.mark == PP_MARK_DRILL))
		r = pp_ladder_open(l, &like);
	*ret_incident = like;
	return r < 0 ? r : pp_gather_link(l, &like, &e->gather);
}

static int alarm_join(struct pp_ledger *l, struct entry *e, struct pp_incident *incident)
{
	bool fresh = incident->late && !e->occurrence.late;
	int r = incident_alert(l, e, incident, "incident.signal");

	return r < 0 || !fresh ? r : pp_gather_fresh(l, incident);
}

static int alarm_apply(struct pp_ledger *l, struct entry *e)
{
	struct pp_incident incident;
	int found, r = twin_apply(l, e);

	if (r != 0)
		return r < 0 ? r : 0;
	found = incident_find(l, e);
	if (found < 0)
		return found;
	if (found) {
		incident = e->gather.incident;
		r = alarm_join(l, e, &incident);
	} else {
		r = alarm_open(l, e, &incident);
	}
	if (r >= 0)
		r = waiting_attach(l, e, &incident);
	if (r < 0)
		return r;
	memcpy(e->item->out.incident, incident.number, sizeof(incident.number));
	e->item->out.progress = incident.state != PP_INCIDENT_OPEN;
	return 0;
}

/* Its alarm is not here yet. Of those that wait for one alarm only so many do: when it comes, all
 * of them are told in one transaction. */
static int fact_wait(struct pp_ledger *l, const struct entry *e, const struct fact *fact)
{
	int64_t count;
	int r = pp_store_waiting_count(l->db, &e->origin, fact->cause, PP_WAITING_MAX, &count);

	if (r < 0 || count <= PP_WAITING_MAX)
		return r;
	r = pp_store_waiting_end(l->db, e->signal_id);
	return r < 0 ? r : fact_attach(l, e, fact, NULL);
}

static int fact_apply(struct pp_ledger *l, struct entry *e, const char *kind)
{
	struct fact fact = { .kind = kind,
		.signal_id = e->signal_id,
		.seq = e->signal->seq,
		.cause = e->signal->cause,
		.occurred_ms = e->occurrence.at_ms,
		.point = e->signal->point };
	struct pp_incident incident;
	struct pp_signal_key key = { .incident_id = 0 };
	int r = 0;

	if (fact.cause == 0)
		r = pp_store_alarm_before(l->db, &e->origin, fact.point, fact.seq, &fact.cause);
	if (r == 0 && fact.cause > 0) {
		r = pp_store_signal_key(l->db, &e->origin, fact.cause, &key);
		if (r == 0)
			return fact_wait(l, e, &fact);
	}
	if (r > 0 && key.incident_id > 0)
		r = pp_store_incident_by_id(l->db, key.incident_id, &incident);
	else if (r > 0)
		r = 0;
	if (r < 0)
		return r;
	if (r > 0)
		memcpy(e->item->out.incident, incident.number, sizeof(incident.number));
	return fact_attach(l, e, &fact, r > 0 ? &incident : NULL);
}

static struct pp_trouble trouble_of(const struct entry *e, const char *kind)
{
	return (struct pp_trouble){ .tenant = e->item->tenant,
		.post = e->item->post,
		.point = e->signal->point,
		.kind = kind,
		.detail = e->signal->detail,
		.by = e->actor,
		.since_ms = e->occurrence.at_ms };
}

static int trouble_apply(struct pp_ledger *l, struct entry *e)
{
	const struct pp_trouble t = trouble_of(e, e->verdict.trouble);
	/* Its end may have overtaken it. */
	int r = pp_store_signal_after(l->db, &e->row, PP_SIGNAL_TROUBLE_RESTORE, t.kind);

	return r != 0 ? (r < 0 ? r : 0) : pp_trouble_raise(l, &t);
}

/* Ends it, unless the post has raised it again since. */
static int trouble_end_one(struct pp_ledger *l, const struct entry *e, const struct pp_trouble *t)
{
	int r = pp_store_signal_after(l->db, &e->row, PP_SIGNAL_TROUBLE, t->kind);

	return r != 0 ? (r < 0 ? r : 0) : pp_trouble_end(l, t);
}

static int trouble_end_apply(struct pp_ledger *l, struct entry *e)
{
	struct pp_trouble t = trouble_of(e, e->verdict.trouble);
	char kind[PP_TROUBLE_SIZE] = "";
	int r;

	if (t.kind[0])
		return trouble_end_one(l, e, &t);
	t.kind = kind; /* all of the point */
	do {
		const struct pp_trouble_row row = { t.tenant, t.post, t.point, kind, "", 0 };

		r = pp_store_trouble_next(l->db, &row, PP_TROUBLES_OF_SIGNALS, kind);
		if (r == 1) {
			int ended = trouble_end_one(l, e, &t);

			r = ended < 0 ? ended : 1;
		}
	} while (r == 1);
	return r;
}

static int test_apply(struct pp_ledger *l, struct entry *e)
{
	int r = incident_count(l, e, NULL);

	return r <= 0 ? r : event_write(l, e, "signal.test", NULL, signal_body(e), NULL);
}

static int meaning_apply(struct pp_ledger *l, struct entry *e)
{
	switch (e->verdict.meaning) {
	case PP_MEANS_ALARM:
		return alarm_apply(l, e);
	case PP_MEANS_RESTORE:
		return fact_apply(l, e, "incident.restore");
	case PP_MEANS_CANCEL:
		return fact_apply(l, e, "incident.cancel");
	case PP_MEANS_TROUBLE:
		return trouble_apply(l, e);
	case PP_MEANS_TROUBLE_END:
		return trouble_end_apply(l, e);
	case PP_MEANS_TEST:
	default:
		return test_apply(l, e);
	}
}

/* What the server itself has to say about the signal. */
static int doubts_apply(struct pp_ledger *l, struct entry *e)
{
	struct pp_trouble t = trouble_of(e, e->verdict.why_unknown);
	int r;

	t.by = "server";
	r = e->verdict.unknown ? pp_trouble_raise(l, &t)
			       : pp_troubles_end(l, &t, PP_TROUBLES_UNKNOWN);
	t.kind = "clock";
	t.point = "";
	t.detail = "";
	if (r == 0 && e->occurrence.clock == PP_CLOCK_WRONG)
		r = pp_trouble_raise(l, &t);
	if (r == 0 && e->occurrence.clock == PP_CLOCK_GOOD)
		r = pp_trouble_end(l, &t);
	return r;
}

static int signal_apply(struct pp_ledger *l, struct pp_item *item)
{
	struct entry e = { .item = item, .signal = &item->in.signal.signal };
	uint8_t digest[PP_SHA256_SIZE];
	int r;

	pp_origin_init(&e.origin, item->tenant, item->post, e.signal->epoch);
	pp_actor_post(item->tenant, item->post, e.actor);
	pp_sha256(item->in.signal.payload, item->in.signal.length, digest);
	r = dedupe(l, &e, digest);
	if (r != 0)
		return r < 0 ? r : 0;
	r = date(l, &e);
	if (r == 0)
		r = judge(l, &e);
	if (r == 0)
		r = record(l, &e, digest);
	if (r == 0)
		r = meaning_apply(l, &e);
	return r < 0 ? r : doubts_apply(l, &e);
}

int pp_apply_signal(struct pp_ledger *l, struct pp_item *item)
{
	int r = signal_apply(l, item);

	if (r == 0 && item->in.signal.by_text)
		return pp_text_receipt_apply(l, item);
	return r == 0 && item->out.duplicate ? pp_text_receipt_withdraw(l, item) : r;
}
