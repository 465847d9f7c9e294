/* SPDX-License-Identifier: Apache-2.0 */
/* roster_test.c -- the local week, minute by minute. */
#include "dispatch/roster.h"

#include "pospin_test.h"

#include <errno.h>

#define MINUTE(day, hour, minute) ((day)*1440 + (hour)*60 + (minute))

static void the_minute_of_the_week_is_that_of_the_zone(void **state)
{
	(void)state;
	assert_int_equal(pp_plan_minute(0, 0), MINUTE(3, 0, 0)); /* a Thursday */
	assert_int_equal(pp_plan_minute(-1, 0), MINUTE(2, 23, 59));
	/* 2026-11-22T06:30:00Z is a Sunday. */
	assert_int_equal(pp_plan_minute(INT64_C(1795329000000), 0), MINUTE(6, 6, 30));
	assert_int_equal(pp_plan_minute(INT64_C(1795329000000), 420), MINUTE(6, 13, 30));
	assert_int_equal(
		pp_plan_minute(INT64_C(1795329000000) + 12 * 3600000, 420), MINUTE(0, 1, 30));
	/* Twenty weeks and one day before. */
	assert_int_equal(pp_plan_minute(INT64_C(-141) * 86400000, 0), MINUTE(2, 0, 0));
}

static void a_span_over_midnight_belongs_to_the_day_on_which_it_begins(void **state)
{
	static const struct pp_plan_span night = { 0x60, 22 * 60, 4 * 60 }, /* Sat, Sun */
		day = { 0x01, 8 * 60, 16 * 60 }, whole = { 0x01, 0, 0 },
					 evening = { 0x40, 18 * 60, 1440 },
					 round = { 0x02, 6 * 60, 6 * 60 };
	static const struct {
		const struct pp_plan_span *span;
		int minute;
		bool want;
	} rows[] = {
		{ &night, MINUTE(5, 21, 59), false },
		{ &night, MINUTE(5, 22, 0), true },
		{ &night, MINUTE(6, 3, 59), true },
		{ &night, MINUTE(6, 4, 0), false },
		{ &night, MINUTE(6, 22, 0), true },
		{ &night, MINUTE(0, 3, 59), true },
		{ &night, MINUTE(0, 4, 0), false },
		{ &night, MINUTE(5, 3, 0), false },
		{ &day, MINUTE(0, 7, 59), false },
		{ &day, MINUTE(0, 8, 0), true },
		{ &day, MINUTE(0, 15, 59), true },
		{ &day, MINUTE(0, 16, 0), false },
		{ &day, MINUTE(1, 8, 0), false },
		{ &whole, MINUTE(0, 0, 0), true },
		{ &whole, MINUTE(0, 23, 59), true },
		{ &whole, MINUTE(1, 0, 0), false },
		{ &evening, MINUTE(6, 23, 59), true },
		{ &evening, MINUTE(0, 0, 0), false },
		{ &round, MINUTE(1, 6, 0), true },
		{ &round, MINUTE(2, 5, 59), true },
		{ &round, MINUTE(2, 6, 0), false },
		{ &round, MINUTE(1, 5, 59), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (pp_plan_span_has(rows[i].span, rows[i].minute) != rows[i].want)
			fail_msg("row %zu: want %d", i, rows[i].want);
	}
}

static void between_two_edges_a_span_does_not_change(void **state)
{
	static const struct pp_plan_span spans[] = { { 0x60, 22 * 60, 4 * 60 }, { 0x01, 0, 0 },
		{ 0x7f, 7, 1440 }, { 0x40, 18 * 60, 1440 } };

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		static bool edges[PP_WEEK_MINUTES];

		memset(edges, 0, sizeof(edges));
		pp_plan_span_edges(&spans[i], edges);
		for (int m = 0; m < PP_WEEK_MINUTES; m++) {
			bool before = pp_plan_span_has(
				&spans[i], (m + PP_WEEK_MINUTES - 1) % PP_WEEK_MINUTES);

			if (before != pp_plan_span_has(&spans[i], m))
				assert_true(edges[m]);
		}
	}
}

static void times_are_read_strictly_and_written_back(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{ "00:00", 0 },
		{ "07:05", 425 },
		{ "23:59", 1439 },
		{ "24:00", 1440 },
		{ "24:01", -EINVAL },
		{ "7:05", -EINVAL },
		{ "07:60", -EINVAL },
		{ "07.05", -EINVAL },
		{ "0a:00", -EINVAL },
		{ "07:a0", -EINVAL },
		{ "07:055", -EINVAL },
		{ "", -EINVAL },
	};
	char text[10];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(pp_plan_clock_parse(rows[i].text), rows[i].want);
		if (rows[i].want < 0)
			continue;
		pp_plan_clock_text(rows[i].want, text);
		assert_string_equal(text, rows[i].text);
	}
	pp_plan_minute_text(MINUTE(5, 22, 0), text);
	assert_string_equal(text, "sat 22:00");
	for (int day = 0; day < 7; day++)
		assert_int_equal(pp_plan_day_parse(pp_plan_day_text(day)), day);
	assert_int_equal(pp_plan_day_parse("sabtu"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_minute_of_the_week_is_that_of_the_zone),
		cmocka_unit_test(a_span_over_midnight_belongs_to_the_day_on_which_it_begins),
		cmocka_unit_test(between_two_edges_a_span_does_not_change),
		cmocka_unit_test(times_are_read_strictly_and_written_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
