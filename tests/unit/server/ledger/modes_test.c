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

static void what_is_no_mode_is_refused_with_the_reason(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action cases[7];
	static const int errors[] = { -EINVAL, -EINVAL, -ENOENT, -ENOENT, -EINVAL, -EINVAL,
		-EINVAL };

	for (size_t i = 0; i < PP_COUNT(cases); i++)
		cases[i] = mode(PP_ACTION_MODE_BEGIN, "test", NULL);
	cases[0].state = "drill";
	cases[1].state = "disabled"; /* a whole post */
	cases[2].post = "nowhere";
	cases[3].name = "nothing";
	cases[4].text = "";
	cases[5].seconds = 59;
	cases[6].seconds = 8 * 3600 + 1;
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
		RECORD_TEST(what_is_no_mode_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
