/* SPDX-License-Identifier: Apache-2.0 */
/* troubles_test.c -- the rules, hours and windows of what engineers are told. */
#include "dispatch/troubles.h"

#include "pospin_test.h"

#define T(text) ((char *)(uintptr_t)(text))
#define WIB 420 /* minutes east */
/* Monday 2025-11-24, 00:00 in Jakarta. */
#define MONDAY (INT64_C(1763917200000))
#define AT(hour, minute) (MONDAY + ((hour)*60 + (minute)) * INT64_C(60000))

static struct pp_plan_way way = { PP_WAY_SMS, T("+6281234567890") };
static struct pp_plan_contact contacts[] = {
	{ .id = T("ani"), .way_count = 1, .ways = &way },
	{ .id = T("budi"), .way_count = 1, .ways = &way },
	{ .id = T("gone") },
};
static size_t ani[] = { 0 }, budi[] = { 1, 0 };
static struct pp_plan_duty duties[] = {
	{ { PP_ALL_DAYS, 8 * 60, 20 * 60 }, 1, ani },
	{ { PP_ALL_DAYS, 20 * 60, 8 * 60 }, 2, budi },
};
static struct pp_plan_roster rosters[] = {
	{ T("all-day"), 2, duties },
	{ T("by-day"), 1, duties },
};
static char *tamper[] = { T("tamper"), T("storage") };
static struct pp_plan_target to_ani = { PP_TARGET_CONTACT, 0, T("ani") };
static struct pp_plan_target to_gone = { PP_TARGET_CONTACT, 2, T("gone") };
static struct pp_plan_target to_all_day[] = { { PP_TARGET_ROSTER, 0, T("all-day") },
	{ PP_TARGET_CONTACT, 0, T("ani") } };
static struct pp_plan_target to_by_day = { PP_TARGET_ROSTER, 1, T("by-day") };

#define NIGHT .has_quiet = true, .quiet = { PP_ALL_DAYS, 22 * 60, 6 * 60 }
#define NAMED .kind_count = 2, .kinds = tamper
#define TO(list, count) .target_count = (count), .targets = (list)

static void the_first_rule_that_fits_counts(void **state)
{
	struct pp_plan_trouble rules[] = { { NAMED, TO(&to_ani, 1) }, { TO(to_all_day, 2) } };
	struct pp_plan_book book = { .trouble_count = 2, .troubles = rules };

	(void)state;
	assert_ptr_equal(pp_trouble_rule(&book, "tamper"), &rules[0]);
	assert_ptr_equal(pp_trouble_rule(&book, "storage"), &rules[0]);
	assert_ptr_equal(pp_trouble_rule(&book, "unsupervised"), &rules[1]);
	book.trouble_count = 1;
	assert_null(pp_trouble_rule(&book, "unsupervised"));
	assert_null(pp_trouble_rule(&book, ""));
	assert_null(pp_trouble_rule(NULL, "tamper"));
}

static void whoever_is_on_duty_is_called_once(void **state)
{
	struct pp_plan_trouble rule = { TO(to_all_day, 2) };
	struct pp_plan_book book = { .contacts = contacts, .rosters = rosters };
	const struct pp_plan_contact *got[PP_PLAN_CALLEES_MAX];

	(void)state;
	assert_int_equal(pp_trouble_call_list(&book, &rule, 9 * 60, got), 1);
	assert_string_equal(got[0]->id, "ani");
	assert_int_equal(pp_trouble_call_list(&book, &rule, 21 * 60, got), 2);
	assert_string_equal(got[0]->id, "budi");
	assert_string_equal(got[1]->id, "ani");
	rule = (struct pp_plan_trouble){ TO(&to_by_day, 1) };
	assert_int_equal(pp_trouble_call_list(&book, &rule, 21 * 60, got), 0);
}

static void nobody_is_written_behind_the_end_of_the_list(void **state)
{
	static struct pp_plan_contact many[PP_PLAN_CALLEES_MAX + 9];
	static struct pp_plan_target to[PP_PLAN_CALLEES_MAX + 9];
	struct pp_plan_trouble rule = { TO(to, PP_COUNT(to)) };
	struct pp_plan_book book = { .contacts = many };
	const struct pp_plan_contact *got[PP_PLAN_CALLEES_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(to); i++)
		to[i] = (struct pp_plan_target){ PP_TARGET_CONTACT, i, NULL };
	assert_int_equal(pp_trouble_call_list(&book, &rule, 0, got), PP_PLAN_CALLEES_MAX);
}

static void quiet_hours_end_in_the_morning_of_the_tenant(void **state)
{
	static const struct {
		int from, to;
		int64_t at_ms, end_ms;
	} rows[] = {
		{ 22 * 60, 6 * 60, AT(21, 59) + 59999, AT(21, 59) + 59999 },
		{ 22 * 60, 6 * 60, AT(22, 0), AT(30, 0) },
		{ 22 * 60, 6 * 60, AT(23, 30) + 12345, AT(30, 0) },
		{ 22 * 60, 6 * 60, AT(24, 0), AT(30, 0) },
		{ 22 * 60, 6 * 60, AT(29, 59) + 59999, AT(30, 0) },
		{ 22 * 60, 6 * 60, AT(30, 0), AT(30, 0) },
		{ 12 * 60, 13 * 60, AT(12, 30), AT(13, 0) },
		{ 12 * 60, 13 * 60, AT(11, 59), AT(11, 59) },
		{ 0, PP_DAY_MINUTES - 1, AT(5, 0), AT(23, 59) },
		{ 18 * 60, PP_DAY_MINUTES, AT(19, 0), AT(24, 0) },
	};
	struct pp_plan_trouble rule = { .has_quiet = true, .quiet.days = PP_ALL_DAYS };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		rule.quiet.from = rows[i].from;
		rule.quiet.to = rows[i].to;
		assert_true(pp_trouble_quiet_end(&rule, rows[i].at_ms, WIB) == rows[i].end_ms);
	}
	rule.has_quiet = false;
	assert_true(pp_trouble_quiet_end(&rule, AT(12, 0), WIB) == AT(12, 0));
	/* Before 1970, where a clock that was never set stands. */
	rule = (struct pp_plan_trouble){ NIGHT };
	assert_true(pp_trouble_quiet_end(&rule, -1, 0) == 6 * 3600000);
}

static void one_more_is_sent_when_the_window_has_room(void **state)
{
	static const struct {
		int64_t nth_ms, now_ms, want_ms;
	} rows[] = {
		{ -1, 5000, 5000 },    /* not so many yet */
		{ 4000, 5000, 14000 }, /* all of them in the window */
		{ -5000, 5000, 5000 },
		{ 0, 10000, 10000 }, /* the oldest has just left it */
		{ 1, 10000, 10001 },
		{ 20000, 5000, 30000 },
	};
	const struct pp_plan_limit limit = { 6, 10000 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_true(
			pp_pace_next(&limit, rows[i].nth_ms, rows[i].now_ms) == rows[i].want_ms);
}

static void a_limit_is_the_books_or_the_usual_one(void **state)
{
	struct pp_plan_book book = { .limits = { [PP_LIMIT_ALARMS] = { 9, 60000 } } };

	(void)state;
	assert_int_equal(pp_pace_limit(NULL, PP_LIMIT_TROUBLES).most, 6);
	assert_int_equal(pp_pace_limit(&book, PP_LIMIT_TROUBLES).window_ms, 600000);
	assert_int_equal(pp_pace_limit(NULL, PP_LIMIT_ALARMS).most, 60);
	assert_int_equal(pp_pace_limit(&book, PP_LIMIT_ALARMS).most, 9);
}

static void a_rule_that_calls_nobody_or_never_counts_is_refused(void **state)
{
	static const struct {
		struct pp_plan_trouble rules[2];
		const char *want[2]; /* NULL: it will do */
	} rows[] = {
		{ { { NAMED, TO(&to_ani, 1) }, { TO(to_all_day, 2) } }, { NULL, NULL } },
		{ { { TO(&to_ani, 1) }, { NAMED, TO(&to_ani, 1) } },
			{ NULL, "never counts: rules before it have all of its kinds" } },
		{ { { NAMED, TO(&to_ani, 1) }, { NAMED, TO(&to_ani, 1) } },
			{ NULL, "never counts: rules before it have all of its kinds" } },
		{ { { NAMED, TO(&to_ani, 1) },
			  { .kind_count = 1, .kinds = &tamper[1], TO(&to_ani, 1) } },
			{ NULL, "never counts: rules before it have all of its kinds" } },
		{ { { .kind_count = 1, .kinds = tamper, TO(&to_ani, 1) },
			  { NAMED, TO(&to_ani, 1) } },
			{ NULL, NULL } },
		{ { { NAMED, TO(&to_gone, 1) }, { TO(&to_by_day, 1) } },
			{ "calls nobody from mon 00:00 on", "calls nobody from mon 00:00 on" } },
		/* Nobody is called in quiet hours, so they need nobody on duty. */
		{ { { NAMED, NIGHT, TO(&to_by_day, 1) },
			  { .has_quiet = true,
				  .quiet = { PP_ALL_DAYS, 20 * 60, 8 * 60 },
				  TO(&to_by_day, 1) } },
			{ "calls nobody from mon 06:00 on", NULL } },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_plan_trouble rules[2] = { rows[i].rules[0], rows[i].rules[1] };
		struct pp_plan_book book = { .contacts = contacts,
			.rosters = rosters,
			.trouble_count = 2,
			.troubles = rules };

		for (size_t k = 0; k < 2; k++) {
			int64_t steps = 1000000;
			char text[160];
			const char *got = pp_trouble_check(&book, k, &steps, text);

			assert_true(steps >= 0);
			if (!rows[i].want[k])
				assert_null(got);
			else
				assert_string_equal(got ? got : "", rows[i].want[k]);
		}
	}
}

static void looking_at_a_rule_has_an_end(void **state)
{
	struct pp_plan_trouble rule = { TO(to_all_day, 1) };
	struct pp_plan_book book = {
		.contacts = contacts, .rosters = rosters, .trouble_count = 1, .troubles = &rule
	};
	int64_t steps = 5;
	char text[160];

	(void)state;
	assert_null(pp_trouble_check(&book, 0, &steps, text));
	assert_true(steps < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_that_fits_counts),
		cmocka_unit_test(whoever_is_on_duty_is_called_once),
		cmocka_unit_test(nobody_is_written_behind_the_end_of_the_list),
		cmocka_unit_test(quiet_hours_end_in_the_morning_of_the_tenant),
		cmocka_unit_test(one_more_is_sent_when_the_window_has_room),
		cmocka_unit_test(a_limit_is_the_books_or_the_usual_one),
		cmocka_unit_test(a_rule_that_calls_nobody_or_never_counts_is_refused),
		cmocka_unit_test(looking_at_a_rule_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
