/* SPDX-License-Identifier: Apache-2.0 */
/* convert_test.c -- a drill, a test and what a disabled point has sent become real: as if they had
 * just come, whoever had them. */
#include "fixture.h"

#include <errno.h>

#include "plan_put.h"

#define NUMBER "KDL-25-000001"

static const char book[] =
	"tenant: kendal\n"
	"agencies: {weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}}\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
	"  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
	"plans:\n"
	"  all:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: [\"role:operator\"], wait: 15s}]}\n"
	"      neighbours: {until: taken, steps: [{call: [\"contact:siti\"], wait: 60s}]}\n"
	"      agencies: {until: accepted, steps: [{call: [\"agency:weleri\"], wait: 60s}]}\n"
	"    fallback: {call: [\"webhook:all\"], every: 60s}\n";

static void press(struct pp_test_record *r, int64_t seq, uint32_t flags)
{
	struct pp_signal s = pp_test_alarm(seq);

	s.flags = flags;
	s.class = PP_CLASS_FIRE;
	signal_apply(r, &s, PP_TEST_NOW + 6000);
}

static struct pp_item convert(struct pp_test_record *r)
{
	return action_apply(
		r, (struct pp_action){ .type = PP_ACTION_CONVERT, .incident = NUMBER });
}

static struct pp_item say(struct pp_test_record *r, int64_t call_id, const char *verb)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				       .incident = NUMBER,
				       .call_id = call_id,
				       .state = verb });
}

static void sent(struct pp_test_record *r)
{
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE state = 'queued'"),
		0);
}

static void drill_begin(struct pp_test_record *r)
{
	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, 1, PP_FLAG_DRILL);
}

/* Everybody whom the first steps name, with the words of a real one. */
static void is_called_as_real(struct pp_test_record *r)
{
	pp_test_text_is(r,
		"SELECT group_concat(contact, ' ') FROM (SELECT contact FROM notification WHERE"
		" state = 'queued' AND contact <> '' AND text NOT LIKE '%LATIHAN%'"
		" AND purpose = 'alarm' ORDER BY contact)",
		"rt siti");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM ladder_ring"
					   " WHERE state = 'running' AND step = 0"),
		3);
}

static void a_drill_that_turns_serious_is_real_by_one_act_and_told_anew(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	press(r, 1, PP_FLAG_DRILL);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 0);
	got = convert(r);
	assert_int_equal(got.out.action.error, 0);
	assert_int_equal(pp_test_number(r, "SELECT drill FROM incident"), 0);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 1);
	pp_test_text_is(
		r, "SELECT body ->> 'was' FROM event WHERE kind = 'incident.converted'", "drill");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 4);
	got = convert(r);
	assert_int_equal(got.out.action.error, -EPERM);
	/* A real press of the post belongs to it now. */
	press(r, 2, 0);
	assert_int_equal(pp_test_number(r, "SELECT signals FROM incident"), 2);
}

static void people_called_to_a_drill_hear_that_it_is_real(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	drill_begin(r);
	sent(r);
	action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	got = convert(r);
	assert_string_equal(got.out.action.state, "open"); /* whoever had it, had a drill */
	assert_true(got.out.progress);
	is_called_as_real(r);
	/* Nobody is told that others have it. */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE"
					   " purpose = 'stop' AND contact = 'rt'"),
		0);
}

static void a_message_of_a_drill_that_waits_does_not_go_out_when_it_is_real(void **state)
{
	struct pp_test_record *r = *state;

	drill_begin(r);
	convert(r);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE state IN"
					   " ('queued', 'held') AND text LIKE '%LATIHAN%'"),
		0);
	is_called_as_real(r);
}

static void a_yes_to_a_drill_is_no_yes_to_the_fire(void **state)
{
	static const char *const verbs[] = { "accepted", "en-route" };
	struct pp_test_record *r = *state;

	drill_begin(r);
	sent(r);
	for (size_t i = 0; i < PP_COUNT(verbs); i++)
		assert_int_equal(say(r, 2, verbs[i]).out.action.error, 0);
	pp_test_text_is(r, "SELECT state FROM incident", "dispatched");
	assert_string_equal(convert(r).out.action.state, "open");
	is_called_as_real(r);
	pp_test_text_is(
		r, "SELECT state || coalesce(code, '') FROM call WHERE call_id = 2", "stopped");
	assert_int_equal(pp_test_number(r, "SELECT sum(accepted) FROM ladder_ring"), 0);
}

static void who_is_on_the_scene_of_a_drill_is_there_and_others_are_called(void **state)
{
	struct pp_test_record *r = *state;

	drill_begin(r);
	sent(r);
	assert_int_equal(say(r, 2, "on-scene").out.action.error, 0);
	assert_string_equal(convert(r).out.action.state, "on-scene");
	is_called_as_real(r);
	assert_int_equal(say(r, 2, "done").out.action.error, 0);
}

static void who_was_there_in_a_drill_and_has_gone_is_not_there_when_it_is_real(void **state)
{
	struct pp_test_record *r = *state;

	drill_begin(r);
	sent(r);
	assert_int_equal(say(r, 2, "on-scene").out.action.error, 0);
	assert_int_equal(say(r, 2, "done").out.action.error, 0);
	assert_string_equal(convert(r).out.action.state, "open");
	is_called_as_real(r);
	pp_test_text_is(r, "SELECT body ->> 'trust' FROM event WHERE kind = 'incident.converted'",
		"1");
}

static void a_unit_of_a_drill_that_the_desk_saw_arrive_is_no_help_at_the_fire(void **state)
{
	struct pp_test_record *r = *state;

	drill_begin(r);
	action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	action_apply(r, (struct pp_action){ .type = PP_ACTION_DISPATCH,
				.incident = NUMBER,
				.unit = "Damkar 3" });
	action_apply(r, (struct pp_action){ .type = PP_ACTION_ON_SCENE, .incident = NUMBER });
	assert_string_equal(convert(r).out.action.state, "open");
	pp_test_text_is(r, "SELECT coalesce(acknowledged_by, '-') FROM incident", "-");
	is_called_as_real(r);
}

static void what_collects_of_a_drill_is_withdrawn_when_it_is_real(void **state)
{
	struct pp_test_record *r = *state;

	drill_begin(r);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'collecting'"
				 " WHERE channel = 'webhook'"),
		0);
	convert(r);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE"
					   " state = 'collecting' AND text LIKE '%LATIHAN%'"),
		0);
}

/* Whoever began the test is an engineer, or works over the control socket: neither comes. */
static void a_test_that_becomes_real_is_held_by_nobody_and_calls(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	action_apply(r, (struct pp_action){ .type = PP_ACTION_MODE_BEGIN,
				.actor = "ctl:root",
				.post = "boja-01",
				.state = "test",
				.text = "servis",
				.seconds = 3600 });
	press(r, 1, 0);
	pp_test_text_is(r, "SELECT state || acknowledged_by FROM incident", "acknowledgedctl:root");
	convert(r);
	pp_test_text_is(r, "SELECT state || coalesce(acknowledged_by, '-') FROM incident", "open-");
	is_called_as_real(r);
	pp_test_text_is(r, "SELECT body ->> 'user' FROM event WHERE kind = 'incident.returned'",
		"ctl:root");
}

static void what_is_pressed_next_is_real_too(
	struct pp_test_record *r, const char *mode, const char *point)
{
	struct pp_signal s = pp_test_alarm(2);
	struct pp_item got;

	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	action_apply(r, (struct pp_action){ .type = PP_ACTION_MODE_BEGIN,
				.actor = "user:teknisi",
				.post = "boja-01",
				.name = point,
				.state = mode,
				.text = "servis",
				.seconds = 3600 });
	press(r, 1, 0);
	pp_test_text_is(r, "SELECT iif(drill, 'drill', mode) FROM incident", mode);
	got = convert(r);
	assert_int_equal(got.out.action.error, 0);
	assert_true(got.out.progress);
	assert_string_equal(got.post, "boja-01"); /* its lamp says so no longer */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM mode"), 0);
	pp_test_text_is(r,
		"SELECT body ->> 'mode' FROM event WHERE kind = 'mode.ended'"
		" AND actor LIKE 'user:%'", mode);
	s.class = PP_CLASS_MEDICAL;
	signal_apply(r, &s, PP_TEST_NOW + 9000);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident i JOIN ladder USING"
					   " (incident_id) WHERE class = 'medical' AND NOT drill"
					   " AND acknowledged_by IS NULL"),
		1);
}

static void a_drill_that_becomes_real_is_over(void **state)
{
	what_is_pressed_next_is_real_too(*state, "drill", NULL);
}

static void a_test_that_becomes_real_is_over(void **state)
{
	what_is_pressed_next_is_real_too(*state, "test", NULL);
}

static void a_disabled_point_that_was_right_is_believed(void **state)
{
	what_is_pressed_next_is_real_too(*state, "disabled", "panic-crime");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_drill_that_turns_serious_is_real_by_one_act_and_told_anew),
		RECORD_TEST(people_called_to_a_drill_hear_that_it_is_real),
		RECORD_TEST(a_message_of_a_drill_that_waits_does_not_go_out_when_it_is_real),
		RECORD_TEST(a_yes_to_a_drill_is_no_yes_to_the_fire),
		RECORD_TEST(who_is_on_the_scene_of_a_drill_is_there_and_others_are_called),
		RECORD_TEST(who_was_there_in_a_drill_and_has_gone_is_not_there_when_it_is_real),
		RECORD_TEST(a_unit_of_a_drill_that_the_desk_saw_arrive_is_no_help_at_the_fire),
		RECORD_TEST(what_collects_of_a_drill_is_withdrawn_when_it_is_real),
		RECORD_TEST(a_test_that_becomes_real_is_held_by_nobody_and_calls),
		RECORD_TEST(a_drill_that_becomes_real_is_over),
		RECORD_TEST(a_test_that_becomes_real_is_over),
		RECORD_TEST(a_disabled_point_that_was_right_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
