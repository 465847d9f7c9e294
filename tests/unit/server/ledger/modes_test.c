/* SPDX-License-Identifier: Apache-2.0 */
/* modes_test.c -- what comes from a post that is being tested, or a point that is disabled. */
#include "fixture.h"

#include <errno.h>

static struct pp_action mode(enum pp_action_type type, const char *state, const char *point)
{
	return (struct pp_action){ .type = type,
		.post = "boja-01",
		.name = point,
		.state = state,
		.text = "uji bulanan",
		.seconds = 3600 };
}

/* At so many seconds after the mode has begun. */
static struct pp_item press(struct pp_test_record *r, const char *point, int64_t seq, int64_t at_s)
{
	struct pp_signal s = pp_test_alarm(seq);

	snprintf(s.point, sizeof(s.point), "%s", point);
	s.class = strcmp(point, "panic-fire") == 0 ? PP_CLASS_FIRE : PP_CLASS_CRIME;
	return signal_apply(r, &s, PP_TEST_NOW + 5000 + at_s * 1000);
}

static void tick(struct pp_test_record *r, int64_t at_s)
{
	struct pp_item *item = pp_item_new(PP_ITEM_STORMS);

	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 5000 + at_s * 1000), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void a_test_takes_one_alarm_of_each_point_and_the_second_is_real(void **state)
{
	struct pp_test_record *r = *state;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "test", NULL));
	press(r, "panic-crime", 1, 10);
	press(r, "panic-fire", 2, 20);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident WHERE mode = 'test'"), 2);
	/* Whoever tests has them: nobody is rung. */
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM incident WHERE state = 'acknowledged'"
				  " AND acknowledged_by = 'user:siti'"),
		2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 0);
	assert_int_equal(pp_test_number(r, "SELECT max(trust) FROM incident"), 0);
	press(r, "panic-crime", 3, 30);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident WHERE mode = ''"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
}

static void a_test_ends_by_itself_and_says_so(void **state)
{
	struct pp_test_record *r = *state;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "test", NULL));
	tick(r, 3599);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'mode.ended'"), 0);
	/* Also when nobody has looked at the time. */
	press(r, "panic-crime", 1, 3600);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident WHERE mode = ''"), 1);
	pp_test_record_reopen(r);
	tick(r, 3600);
	pp_test_text_is(r, "SELECT actor FROM event WHERE kind = 'mode.ended'", "server");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM mode"), 0);
}

static void a_clock_that_steps_ends_every_test(void **state)
{
	static const struct pp_ledger_clock before = { PP_TEST_NOW, 1000, 7 },
					    after = { PP_TEST_NOW - 7200000, 2000, 7 };
	struct pp_test_record *r = *state;

	pp_ledger_look(r->ledger, &before);
	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "test", NULL));
	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "disabled", "mains"));
	assert_int_equal(pp_ledger_look(r->ledger, &after), 1);
	pp_test_text_is(r, "SELECT mode FROM mode", "disabled");
}

static void what_a_disabled_point_sends_is_shown_and_rings_nobody(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "disabled", "panic-crime"));
	got = press(r, "panic-crime", 1, 10);
	assert_string_equal(got.out.incident, "KDL-25-000001");
	pp_test_text_is(r, "SELECT mode || ' ' || state FROM incident", "disabled open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 0);
	press(r, "panic-fire", 2, 20); /* another point of the post */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
	/* By one act it is a real one. */
	action_apply(
		r, (struct pp_action){ .type = PP_ACTION_CONVERT, .incident = "KDL-25-000001" });
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 4);
	action_apply(r, mode(PP_ACTION_MODE_END, "disabled", "panic-crime"));
	press(r, "panic-crime", 3, 30);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 6);
}

static void in_a_drill_every_press_goes_the_whole_way_as_one_and_the_post_shows_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got = action_apply(r, mode(PP_ACTION_MODE_BEGIN, "drill", NULL));

	assert_int_equal(got.out.action.error, 0);
	assert_true(got.out.progress); /* it asks for the beat that says so */
	assert_string_equal(got.post, "boja-01");
	got = state_apply(r, state_item(17, 100, PP_TEST_NOW + 6000));
	assert_true(got.out.beat.drill);
	press(r, "panic-crime", 1, 10);
	press(r, "panic-crime", 2, 20);
	press(r, "panic-fire", 3, 30);
	pp_test_text_is(r,
		"SELECT group_concat(class || drill || mode || signals || trust, ' ')"
		" FROM incident",
		"crime120 fire110");
	/* Everybody is told, and reads what it is. */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM ladder"), 2);
	assert_true(pp_test_number(r, "SELECT count(*) FROM notification") >= 4);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE text NOT LIKE 'LATIHAN %' OR NOT"
					   " json_extract(body, '$.incident.drill')"),
		0);
	assert_int_equal(
		action_apply(r, mode(PP_ACTION_MODE_END, "drill", NULL)).out.progress, true);
	got = state_apply(r, state_item(17, 40000, PP_TEST_NOW + 46000));
	assert_false(got.out.beat.drill);
	press(r, "panic-crime", 4, 50);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident WHERE NOT drill"), 1);
}

static void a_drill_ends_by_itself_and_when_the_clock_steps(void **state)
{
	static const struct pp_ledger_clock before = { PP_TEST_NOW, 1000, 7 },
					    after = { PP_TEST_NOW - 7200000, 2000, 7 };
	struct pp_test_record *r = *state;
	struct pp_item got;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "drill", NULL));
	got = state_apply(r, state_item(17, 100, PP_TEST_NOW + 5000 + 3600000));
	assert_false(got.out.beat.drill); /* also when nobody has looked at the time */
	tick(r, 3600);
	pp_test_text_is(r, "SELECT actor FROM event WHERE kind = 'mode.ended'", "server");
	pp_ledger_look(r->ledger, &before);
	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "drill", NULL));
	assert_int_equal(pp_ledger_look(r->ledger, &after), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM mode"), 0);
}

/* Whoever is threatened does not wait for the end of an exercise. */
static void a_silent_press_is_nobodys_drill(void **state)
{
	struct pp_test_record *r = *state;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "drill", NULL));
	press(r, "panic-silent", 1, 10);
	pp_test_text_is(r, "SELECT drill || silent FROM incident", "01");
}

/* Pressed with the network away, and come in the time of an exercise. */
static void what_was_pressed_before_it_was_announced_is_real(void **state)
{
	static const char *const modes[] = { "test", "drill" };
	struct pp_test_record *r = *state;

	for (int i = 0; i < 2; i++) {
		struct pp_signal s = pp_test_alarm(i + 1);
		int64_t now_ms = PP_TEST_NOW + 5000 + 60000;

		s.mono_ms = 100000 + i * 1000;
		s.at_ms = PP_TEST_NOW - 20000 + i;
		s.class = i ? PP_CLASS_FIRE : PP_CLASS_CRIME;
		snprintf(s.point, sizeof(s.point), "%s", i ? "panic-fire" : "panic-crime");
		action_apply(r, mode(PP_ACTION_MODE_BEGIN, modes[i], NULL));
		(void)signal_apply(r, &s, now_ms);
		action_apply(r, mode(PP_ACTION_MODE_END, modes[i], NULL));
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident WHERE NOT drill"
					   " AND mode = ''"),
		2);
}

/* ... or before its point was disabled; but what is known to be of after that is not believed,
 * however late it comes. */
static void a_press_from_before_its_point_was_disabled_is_real(void **state)
{
	static const struct {
		int64_t pressed_ms, now_ms;
		const char *want;
	} steps[] = {
		{ -300000, 61000, "open" },
		{ 30000, 300000, "disabledopen" },
	};
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "disabled", "panic-crime"));
	state_apply(r, state_item(17, 500000, PP_TEST_NOW + 5000 + 60000));
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		s.seq = (int64_t)i + 1;
		s.mono_ms = 440000 + steps[i].pressed_ms;
		assert_true(
			signal_apply(r, &s, PP_TEST_NOW + 5000 + steps[i].now_ms).out.late);
		pp_test_text_is(r,
			"SELECT mode || state FROM incident ORDER BY incident_id DESC LIMIT 1",
			steps[i].want);
	}
	s = pp_test_alarm(3); /* without a time of its own, and of an older boot */
	s.boot = 16;
	assert_true(signal_apply(r, &s, PP_TEST_NOW + 310000).out.late);
	pp_test_text_is(r, "SELECT group_concat(mode || signals) FROM incident", "2,disabled1");
}

static void where_help_is_called_for_nobody_exercises(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	press(r, "panic-crime", 1, 10);
	got = action_apply(r, mode(PP_ACTION_MODE_BEGIN, "drill", NULL));
	assert_int_equal(got.out.action.error, -EPERM);
	assert_non_null(strstr(got.out.action.reason, "KDL-25-000001"));
	assert_int_equal(
		action_apply(r, mode(PP_ACTION_MODE_BEGIN, "test", NULL)).out.action.error, -EPERM);
	assert_int_equal(action_apply(r, mode(PP_ACTION_MODE_BEGIN, "disabled", "panic-crime"))
				 .out.action.error,
		0);
}

static void in_a_test_that_turned_serious_every_press_is_real(void **state)
{
	struct pp_test_record *r = *state;

	action_apply(r, mode(PP_ACTION_MODE_BEGIN, "test", NULL));
	press(r, "panic-crime", 1, 10);
	press(r, "panic-crime", 2, 20); /* the second one is meant */
	press(r, "panic-fire", 3, 30);
	pp_test_text_is(r, "SELECT group_concat(class || mode, ' ') FROM incident",
		"crimetest crime fire");
}

static void what_is_no_mode_is_refused_with_the_reason(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action cases[9];
	static const int errors[] = { -EINVAL, -EINVAL, -ENOENT, -ENOENT, -EINVAL, -EINVAL, -EINVAL,
		-EINVAL, -EINVAL };

	for (size_t i = 0; i < PP_COUNT(cases); i++)
		cases[i] = mode(PP_ACTION_MODE_BEGIN, "test", NULL);
	cases[0].state = "exercise";
	cases[1].state = "disabled"; /* a whole post */
	cases[2].post = "nowhere";
	cases[3].name = "nothing";
	cases[4].text = "";
	cases[5].seconds = 59;
	cases[6].seconds = 8 * 3600 + 1;
	cases[7].state = "drill";
	cases[7].seconds = 4 * 3600 + 1;
	cases[8].state = "drill"; /* of a point */
	cases[8].name = "panic-fire";
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_item got = action_apply(r, cases[i]);

		if (got.out.action.error != errors[i])
			fail_msg("case %zu: %d %s", i, got.out.action.error, got.out.action.reason);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM mode"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_test_takes_one_alarm_of_each_point_and_the_second_is_real),
		RECORD_TEST(a_test_ends_by_itself_and_says_so),
		RECORD_TEST(a_clock_that_steps_ends_every_test),
		RECORD_TEST(what_a_disabled_point_sends_is_shown_and_rings_nobody),
		RECORD_TEST(in_a_drill_every_press_goes_the_whole_way_as_one_and_the_post_shows_it),
		RECORD_TEST(a_drill_ends_by_itself_and_when_the_clock_steps),
		RECORD_TEST(a_silent_press_is_nobodys_drill),
		RECORD_TEST(what_was_pressed_before_it_was_announced_is_real),
		RECORD_TEST(a_press_from_before_its_point_was_disabled_is_real),
		RECORD_TEST(where_help_is_called_for_nobody_exercises),
		RECORD_TEST(in_a_test_that_turned_serious_every_press_is_real),
		RECORD_TEST(what_is_no_mode_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
