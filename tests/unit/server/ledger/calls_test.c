/* SPDX-License-Identifier: Apache-2.0 */
/* calls_test.c -- what those who were called say, and what becomes of the incident by it. */
#include "by_plan.h"

#include <errno.h>

#include "book.h"

#define NUMBER "KDL-25-000001"

/* A call of the agencies' ring, as a step makes it. */
struct made {
	const char *agency;
	char code[PP_CALLOUT_CODE_SIZE];
	int64_t call_id;
};
static int make(struct pp_ledger *l, void *user)
{
	struct made *m = user;
	struct pp_call_row row = { .ring = "agencies", .step = 0 };
	struct pp_incident incident;
	int r = pp_store_incident_by_id(l->db, 1, &incident);

	snprintf(row.agency, sizeof(row.agency), "%s", m->agency);
	if (r == 1)
		r = pp_call_make(l, &incident, &row, m->code, &(struct pp_written){ 0 });
	m->call_id = row.call_id;
	return r;
}

static struct made called(struct pp_test_record *r, const char *agency)
{
	struct made m = { .agency = agency };

	assert_int_equal(pp_ledger_transact(r->ledger, PP_TEST_NOW, make, &m), 0);
	return m;
}

static void opened(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);

	(void)signal_apply(r, &s, PP_TEST_NOW);
}

static struct pp_action_result say(
	struct pp_test_record *r, int64_t call_id, const char *state, const char *why)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				       .incident = NUMBER,
				       .call_id = call_id,
				       .state = state,
				       .text = why })
		.out.action;
}

static void state_is(struct pp_test_record *r, const char *want)
{
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 1", want);
}

static void whoever_accepts_and_arrives_moves_the_incident(void **state)
{
	struct pp_test_record *r = *state;
	struct made m;

	opened(r);
	m = called(r, "damkar-weleri");
	assert_string_equal(say(r, m.call_id, "accepted", NULL).state, "dispatched");
	assert_string_equal(say(r, m.call_id, "en-route", NULL).state, "dispatched");
	assert_string_equal(say(r, m.call_id, "on-scene", NULL).state, "on-scene");
	assert_string_equal(say(r, m.call_id, "done", NULL).state, "on-scene");
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE incident_id = 1"
		" AND kind NOT LIKE 'ladder.%' ORDER BY event_id)",
		"incident.opened call.notified call.accepted incident.dispatched call.en-route"
		" call.on-scene incident.on-scene call.done");
	/* The desk takes it all the same, and the state stays what it is. */
	assert_string_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
						    .incident = NUMBER })
				    .out.action.state,
		"on-scene");
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
						 .incident = NUMBER })
				 .out.action.error,
		-EPERM);
}

static void who_accepted_and_comes_no_more_takes_the_promise_back(void **state)
{
	struct pp_test_record *r = *state;
	struct made one, two;

	opened(r);
	one = called(r, "damkar-weleri");
	two = called(r, "damkar-boja");
	(void)say(r, one.call_id, "accepted", NULL);
	(void)say(r, two.call_id, "accepted", NULL);
	assert_string_equal(say(r, one.call_id, "refused", "mogok").state, "dispatched");
	assert_string_equal(say(r, two.call_id, "refused", NULL).state, "open");
	assert_int_equal(pp_test_number(r, "SELECT dispatched IS NULL FROM incident"), 1);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM personal WHERE value = 'mogok'"), 1);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	(void)say(r, two.call_id, "accepted", NULL);
	assert_string_equal(say(r, two.call_id, "refused", NULL).state, "acknowledged");
}

static void a_unit_that_the_desk_sends_is_a_call_of_its_own(void **state)
{
	struct pp_test_record *r = *state;

	opened(r);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	(void)action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_DISPATCH, .incident = NUMBER, .unit = "Damkar 1" });
	pp_test_text_is(
		r, "SELECT agency || ' ' || state FROM call WHERE ring = ''", "Damkar 1 notified");
	assert_string_equal(say(r, 1, "accepted", NULL).state, "dispatched");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"
					   " WHERE kind = 'incident.dispatched'"),
		1);
	assert_string_equal(say(r, 1, "refused", NULL).state, "acknowledged");
}

static void only_the_one_time_code_of_an_open_call_counts(void **state)
{
	struct pp_test_record *r = *state;
	struct made m;
	char wrong[PP_CALLOUT_CODE_SIZE];
	struct pp_action answer = { .type = PP_ACTION_CALL_ANSWER,
		.tenant = "serang",
		.actor = "server",
		.state = "accepted" };

	opened(r);
	m = called(r, "damkar-weleri");
	answer.code = "1";
	assert_int_equal(action_apply(r, answer).out.action.error, -EINVAL);
	pp_callout_code_make(strtoull(m.code, NULL, 10) / 10 + 1, wrong);
	answer.code = wrong;
	assert_int_equal(action_apply(r, answer).out.action.error, -ENOENT);
	state_is(r, "open");
	answer.code = m.code;
	assert_int_equal(action_apply(r, answer).out.action.error, 0);
	state_is(r, "dispatched");
	pp_test_text_is(
		r, "SELECT actor FROM event WHERE kind = 'call.accepted'", "agency:damkar-weleri");
	/* What was sent is not what is kept. */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE"
					   " instr(body, (SELECT code FROM call)) > 0"),
		0);
}

static void what_makes_no_sense_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *state, *why;
		int64_t call_id;
		int want;
	} cases[] = {
		{ "accepted", NULL, 99, -ENOENT },
		{ "stopped", NULL, 1, -EINVAL },
		{ "expired", NULL, 1, -EINVAL },
		{ "dance", NULL, 1, -EINVAL },
		{ NULL, NULL, 1, -EINVAL },
		{ "done", NULL, 1, -EPERM },
		{ "refused", "a\nb", 1, -EINVAL },
	};
	struct pp_test_record *r = *state;

	opened(r);
	(void)called(r, "damkar-weleri");
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						 .incident = NUMBER,
						 .call_id = 1,
						 .unit = "damkar-boja",
						 .state = "accepted" })
				 .out.action.error,
		-ENOENT); /* another agency's */
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		int got = say(r, cases[i].call_id, cases[i].state, cases[i].why).error;

		if (got != cases[i].want)
			fail_msg("case %zu: got %d, want %d", i, got, cases[i].want);
	}
	pp_test_text_is(r, "SELECT state FROM call", "notified");
	state_is(r, "open");
}

static void closing_stops_who_has_not_answered_and_no_yes_comes_after_it(void **state)
{
	struct pp_test_record *r = *state;
	struct made m;

	opened(r);
	m = called(r, "damkar-weleri");
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "INSERT INTO ladder_ring VALUES (1, 'agencies', 'running', 0, 1,"
				 " 0, 60000)"),
		0);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	(void)action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_CLOSE, .incident = NUMBER, .code = "prank", .text = "" });
	pp_test_text_is(r, "SELECT state FROM call", "stopped");
	assert_int_equal(say(r, m.call_id, "on-scene", NULL).error, -EPERM);
}

/* ---- a night ---- */

static void who_was_stopped_may_come_when_the_first_one_comes_no_more(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK AGENCIES("\"agency:weleri\", \"agency:boja\"")
			       FALLBACK("webhook:all"));
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM call WHERE call_id = 2", "stopped");
	assert_int_equal(answer(r, 2, "accepted").error, -EPERM);
	assert_int_equal(answer(r, 1, "refused").error, 0); /* broken down on the way */
	pp_test_text_is(r, "SELECT state FROM incident", "open");
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident", "dispatched");
}

static void whoever_says_yes_is_not_told_to_stay(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN NEIGHBOURS(STEP("\"contact:rt\"", "60s"))
			       FALLBACK("contact:rt"));
	night_sent(r);
	night_tick(r, 61000); /* the fallback: the same man */
	night_sent(r);
	assert_int_equal(answer(r, 1, "accepted").error, 0); /* to his first message */
	night_told(r, "stop", "");
}

static void whoever_is_called_all_night_has_one_call_and_one_code(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK FALLBACK("contact:rt"));
	for (int i = 0; i < 120; i++) {
		night_tick(r, 16000 + 60000 * i);
		night_sent(r);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call"), 1);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE target = 'rt'"), 120);
	assert_int_equal(
		pp_test_number(r, "SELECT count(DISTINCT text) FROM notification WHERE"
				  " target = 'rt' AND text LIKE '%YA %'"),
		1);
	night_taken(r);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'call.stopped'"), 1);
	night_told(r, "stop", "sms rt queued");
}

static void the_first_code_of_a_long_night_is_a_yes(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK FALLBACK("contact:rt"));
	for (int i = 0; i < 3; i++) {
		night_tick(r, 16000 + 60000 * i);
		night_sent(r);
	}
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident", "dispatched");
	night_told(r, "stop", "");
}

/* One agency, two messages, two codes: of the agencies' ring and of the fallback. */
static void called_twice(struct pp_test_record *r)
{
	night_begin(r, PEOPLE PLAN AGENCIES("\"agency:weleri\"") FALLBACK("agency:weleri"));
	night_tick(r, 61000);
	pp_test_text_is(r, "SELECT group_concat(ring || ' ' || state, ', ') FROM call",
		"agencies expired, fallback notified");
}

static void whoever_was_called_twice_is_believed_by_either_code(void **state)
{
	static const struct {
		const char *says[4]; /* "1 accepted": by the code of the first message */
		const char *want;    /* of the incident, its two calls, and the fallback */
	} cases[] = {
		{ { "1 accepted", "2 refused" }, "open: refused, stopped; running" },
		{ { "2 accepted", "1 refused" }, "open: refused, refused; running" },
		{ { "1 accepted", "2 accepted" }, "dispatched: accepted, stopped; ended" },
		{ { "1 accepted", "2 en-route" }, "dispatched: en-route, stopped; ended" },
		{ { "2 en-route", "1 refused" }, "open: refused, refused; running" },
		{ { "2 accepted", "1 on-scene", "2 done" }, "on-scene: done, done; ended" },
		{ { "2 on-scene", "1 done" }, "on-scene: expired, done; ended" },
		{ { "2 on-scene", "1 refused" }, "on-scene: refused, on-scene; ended" },
		{ { "2 on-scene", "1 on-scene" }, "on-scene: on-scene, on-scene; ended" },
		{ { "2 on-scene", "1 accepted", "1 done" }, "on-scene: done, done; ended" },
		{ { "2 accepted", "1 accepted", "2 refused" }, "open: refused, refused; running" },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		if (i > 0) {
			(void)record_tear_down(state);
			(void)record_set_up(state);
			r = *state;
		}
		called_twice(r);
		for (size_t k = 0; k < 4 && cases[i].says[k]; k++)
			(void)answer(r, cases[i].says[k][0] - '0', cases[i].says[k] + 2);
		pp_test_text_is(r,
			"SELECT i.state || ': ' || (SELECT group_concat(state, ', ') FROM call"
			" WHERE call_id < 3) || '; ' || (SELECT state FROM ladder_ring"
			" WHERE ring = 'fallback') FROM incident i",
			cases[i].want);
	}
}

/* Others had it; then the desk sends him, too, and he says yes to the message that he has. */
static void a_yes_to_what_is_over_is_one_to_what_still_asks(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK AGENCIES("\"agency:weleri\", \"agency:boja\"")
			       FALLBACK("contact:rt"));
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	night_taken(r);
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_DISPATCH,
				      .incident = NIGHT,
				      .unit = "Damkar Boja" });
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	pp_test_text_is(r, "SELECT group_concat(agency || ' ' || state, ', ') FROM call",
		"weleri accepted, boja stopped, boja accepted");
	assert_int_equal(answer(r, 2, "accepted").error, -EPERM); /* is accepted already */
}

static void a_unit_that_has_said_no_and_comes_is_on_its_way(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK FALLBACK("contact:rt"));
	night_taken(r);
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_DISPATCH,
				      .incident = NIGHT,
				      .unit = "Regu 1" });
	assert_string_equal(say(r, 1, "refused", "ban").state, "acknowledged");
	assert_string_equal(say(r, 1, "en-route", NULL).state, "dispatched");
}

static void no_call_is_done_that_was_never_there(void **state)
{
	struct pp_test_record *r = *state;

	called_twice(r);
	(void)answer(r, 2, "on-scene");
	(void)answer(r, 1, "accepted");
	(void)answer(r, 1, "done");
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind LIKE"
		" 'call.%' AND body ->> 'call' = 1 ORDER BY event_id)",
		"call.notified call.expired call.accepted call.on-scene call.done");
}

static void the_desk_speaks_of_the_call_that_it_names(void **state)
{
	struct pp_test_record *r = *state;

	called_twice(r);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	assert_int_equal(say(r, 1, "refused", NULL).error, 0);
	pp_test_text_is(r, "SELECT group_concat(state, ', ') FROM call", "refused, accepted");
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						 .incident = NUMBER,
						 .call_id = 1,
						 .unit = "weleri", /* by its own page */
						 .state = "refused" })
				 .out.action.error,
		0);
	state_is(r, "open");
}

/* Siti has been there and has gone home; weleri, on its way, breaks down. */
static void all_leave(struct pp_test_record *r)
{
	assert_int_equal(answer(r, 1, "on-scene").error, 0);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	assert_int_equal(answer(r, 1, "done").error, 0);
	state_is(r, "on-scene");
	assert_int_equal(answer(r, 2, "refused").error, 0);
}

#define VILLAGE                                                                                    \
	PEOPLE PLAN DESK NEIGHBOURS(STEP("\"contact:siti\"", "60s"))                               \
		AGENCIES("\"agency:weleri\"") FALLBACK("contact:rt")

static void who_was_there_and_has_gone_is_nobody_when_the_last_one_comes_no_more(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, VILLAGE);
	all_leave(r);
	state_is(r, "open");
	pp_test_text_is(r,
		"SELECT group_concat(ring || ' ' || state || ' ' || accepted, ', ') FROM"
		" (SELECT * FROM ladder_ring ORDER BY ring)",
		"agencies spent 0, desk running 0, fallback running 0, neighbours spent 0");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call WHERE contact = 'rt'"), 1);
	/* Nobody who was there says how sure it is, and no time is of one who was. */
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 1);
	assert_int_equal(pp_test_number(r, "SELECT on_scene IS NULL FROM incident"), 1);
	assert_int_equal(answer(r, 2, "accepted").error, 0); /* it runs again */
	state_is(r, "dispatched");
}

static void what_the_desk_holds_stays_its_own_when_all_have_left(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, VILLAGE);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	night_taken(r);
	all_leave(r);
	state_is(r, "acknowledged");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call WHERE contact = 'rt'"), 0);
}

static void what_the_desk_has_said_of_the_scene_is_the_desks(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, VILLAGE);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	night_taken(r);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ON_SCENE, .incident = NUMBER });
	assert_int_equal(answer(r, 2, "refused").error, 0);
	state_is(r, "on-scene"); /* the police, that nobody has called */
}

static void all_who_refuse_call_the_next_also_after_a_claim_has_returned(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item *item = pp_item_new(PP_ITEM_RETURN);

	night_begin(r, PEOPLE PLAN NEIGHBOURS(STEP("\"contact:siti\"", "1h") ", "
			       STEP("\"contact:rt\"", "60s")) FALLBACK("webhook:all"));
	night_taken(r);
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "user:siti");
	item->in.claim.incident_id = 1;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 25000), 0);
	pp_item_free(item);
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r, "SELECT group_concat(contact || ' ' || state, ', ') FROM call",
		"siti stopped, siti refused, rt notified");
}

static void a_refusal_leaves_the_desk_its_time(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN "      desk: {until: taken, steps: [" STEP(
			       "\"role:operator\", \"contact:siti\"", "60s") "]}\n"
			       FALLBACK("agency:weleri"));
	assert_int_equal(answer(r, 1, "refused").error, 0);
	pp_test_text_is(r, "SELECT state FROM ladder_ring WHERE ring = 'desk'", "running");
}

static void taking_ends_what_a_ring_that_was_over_has_queued(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK NEIGHBOURS(STEP("\"contact:rt\"", "60s"))
			       FALLBACK("webhook:all"));
	night_tick(r, 61000); /* the ring is spent, and no SMS has gone out */
	night_taken(r);
	night_told(r, "alarm", "webhook bot queued, webhook siren queued, sms rt withdrawn");
}

static void what_has_not_gone_out_when_it_is_over_stays_in(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK AGENCIES("\"agency:sirene\"") FALLBACK("webhook:all"));
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	night_taken(r);
	assert_int_equal(answer(r, 1, "on-scene").error, 0);
	night_over(r);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE call_id > 0 AND state <> 'withdrawn'"),
		0);
}

static void webhooks_that_a_step_has_called_hear_that_it_is_taken(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN NEIGHBOURS(STEP("\"webhook:bot\"", "60s"))
			       FALLBACK("webhook:all"));
	night_sent(r);
	night_taken(r);
	night_told(r, "stop", "webhook bot queued");
}

static void webhooks_that_were_down_all_night_do_not_ring_when_it_is_over(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK FALLBACK("webhook:all"));
	for (int i = 1; i <= 60; i++)
		night_tick(r, 1000 + 60000 * i);
	night_taken(r);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'again' AND state <> 'withdrawn'"),
		0);
	night_told(r, "stop", "");
}

/* siti leaves for it, rt has arrived. */
static void night_of_two(struct pp_test_record *r)
{
	night_begin(r, PEOPLE PLAN NEIGHBOURS(STEP("\"contact:siti\"", "60s"))
			       AGENCIES("\"agency:weleri\"") FALLBACK("webhook:all"));
	assert_int_equal(answer(r, 1, "en-route").error, 0);
	assert_int_equal(answer(r, 2, "on-scene").error, 0);
	night_taken(r);
}

static void whoever_is_on_the_way_is_told_that_it_is_over(void **state)
{
	struct pp_test_record *r = *state;

	night_of_two(r);
	night_sent(r);
	night_told(r, "stop", "");
	night_over(r);
	night_told(r, "closed", "mail siti queued");
	night_told(r, "stop", "");
	pp_test_text_is(r, "SELECT text FROM notification WHERE purpose = 'closed'",
		"KDL-25-000001: sudah selesai. Tidak perlu datang lagi. Terima kasih.");
	pp_test_text_is(r,
		"SELECT kind FROM event WHERE event_id = (SELECT event_id FROM notification"
		" WHERE purpose = 'closed')",
		"incident.closed");
}

static void whose_message_was_under_way_when_it_was_closed_is_told_afterwards_and_once(
	void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_action sent = { .type = PP_ACTION_NOTIFICATION,
		.notification_id = 3,
		.state = "sent",
		.text = "250" };

	night_of_two(r);
	night_over(r);
	night_told(r, "closed", "");
	pp_test_text_is(r,
		"SELECT contact || ' ' || state FROM notification WHERE notification_id = 3",
		"siti withdrawn");
	for (int i = 0; i < 2; i++)
		(void)action_apply(r, sent);
	night_told(r, "closed", "mail siti queued");
}

static void who_has_left_the_scene_or_stayed_away_hears_nothing_of_the_end(void **state)
{
	struct pp_test_record *r = *state;

	night_of_two(r);
	night_sent(r);
	assert_int_equal(answer(r, 1, "refused").error, 0);
	assert_int_equal(answer(r, 2, "done").error, 0);
	night_over(r);
	night_told(r, "closed", "");
	night_told(r, "stop", "");
}

/* As people write it: the plan's calls and the desk's are one agency's. */
static void an_agency_is_known_by_its_name(void **state)
{
	struct pp_test_record *r = *state;

	night_begin(r, PEOPLE PLAN DESK FALLBACK("contact:rt"));
	action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
				.actor = "user:budi",
				.incident = NUMBER });
	action_apply(r, (struct pp_action){ .type = PP_ACTION_DISPATCH,
				.actor = "user:budi",
				.incident = NUMBER,
				.unit = "damkar WELERI" });
	pp_test_text_is(r, "SELECT agency FROM call WHERE ring = ''", "weleri");
	action_apply(r, (struct pp_action){ .type = PP_ACTION_USER_CREATE,
				.name = "pos-weleri",
				.text = "Pos",
				.secret = "h",
				.role = "agency",
				.unit = "Damkar Weleri" });
	pp_test_text_is(r, "SELECT unit FROM user", "weleri");
	/* Also of whoever was made before the plan. */
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE user SET unit = 'Damkar Weleri'"), 0);
	plan_put(r, PEOPLE PLAN DESK FALLBACK("contact:rt"));
	pp_test_text_is(r, "SELECT unit FROM user", "weleri");
	action_apply(r, (struct pp_action){ .type = PP_ACTION_USER_SET,
				.name = "pos-weleri",
				.role = "agency",
				.unit = "Regu 1" });
	pp_test_text_is(r, "SELECT unit FROM user", "Regu 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(whoever_accepts_and_arrives_moves_the_incident),
		TEST(who_accepted_and_comes_no_more_takes_the_promise_back),
		TEST(a_unit_that_the_desk_sends_is_a_call_of_its_own),
		TEST(only_the_one_time_code_of_an_open_call_counts),
		TEST(what_makes_no_sense_is_refused_and_changes_nothing),
		TEST(closing_stops_who_has_not_answered_and_no_yes_comes_after_it),
		TEST(who_was_stopped_may_come_when_the_first_one_comes_no_more),
		TEST(whoever_says_yes_is_not_told_to_stay),
		TEST(whoever_is_called_all_night_has_one_call_and_one_code),
		TEST(the_first_code_of_a_long_night_is_a_yes),
		TEST(whoever_was_called_twice_is_believed_by_either_code),
		TEST(a_yes_to_what_is_over_is_one_to_what_still_asks),
		TEST(a_unit_that_has_said_no_and_comes_is_on_its_way),
		TEST(no_call_is_done_that_was_never_there),
		TEST(the_desk_speaks_of_the_call_that_it_names),
		TEST(who_was_there_and_has_gone_is_nobody_when_the_last_one_comes_no_more),
		TEST(what_the_desk_holds_stays_its_own_when_all_have_left),
		TEST(what_the_desk_has_said_of_the_scene_is_the_desks),
		TEST(all_who_refuse_call_the_next_also_after_a_claim_has_returned),
		TEST(a_refusal_leaves_the_desk_its_time),
		TEST(taking_ends_what_a_ring_that_was_over_has_queued),
		TEST(what_has_not_gone_out_when_it_is_over_stays_in),
		TEST(webhooks_that_a_step_has_called_hear_that_it_is_taken),
		TEST(webhooks_that_were_down_all_night_do_not_ring_when_it_is_over),
		TEST(whoever_is_on_the_way_is_told_that_it_is_over),
		TEST(whose_message_was_under_way_when_it_was_closed_is_told_afterwards_and_once),
		TEST(who_has_left_the_scene_or_stayed_away_hears_nothing_of_the_end),
		TEST(an_agency_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
