/* SPDX-License-Identifier: Apache-2.0 */
/* boot_clock_test.c -- dating what happened at a post without a clock. */
#include "supervision/boot_clock.h"

#include "pospin_test.h"

#define NOW 1763750400000

static void the_quickest_state_dates_the_boot(void **state)
{
	static const int64_t delays[] = { 300, 40, 900, 25, 60 }, want[] = { 300, 40, 40, 25, 25 };
	struct pp_boot_clock c = { 0 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(delays); i++) {
		int64_t mono = 10000 * (int64_t)(i + 1);

		pp_boot_clock_feed(&c, mono, NOW + mono + delays[i]);
		assert_int_equal(c.low, NOW + want[i]);
	}
}

static void a_drifting_clock_is_followed(void **state)
{
	struct pp_boot_clock c = { 0 };
	struct pp_signal s = { .boot = 1, .at_ms = PP_AT_UNKNOWN };
	struct pp_occurrence o;
	int64_t arrived = 0;

	(void)state;
	/* Thirty days at 10 s, the post's clock 50 ppm slow: 130 s in the end. */
	for (int64_t i = 1; i <= 30 * 8640; i++) {
		arrived = NOW + i * 10000 + 20;
		s.mono_ms = i * 10000 - i / 2;
		pp_boot_clock_feed(&c, s.mono_ms, arrived);
	}
	pp_signal_date(&s, &c, 1, arrived, &o);
	assert_int_equal(o.by, PP_OCCURRED_BY_MONO);
	assert_false(o.late);
	assert_true(arrived - o.at_ms < 500);
}

static void one_slow_state_after_a_window_does_not_postdate(void **state)
{
	struct pp_boot_clock c = { 0 };
	struct pp_signal s = { .boot = 1, .at_ms = PP_AT_UNKNOWN, .mono_ms = 3600000 };
	struct pp_occurrence o;

	(void)state;
	for (int64_t i = 1; i <= PP_BOOT_CLOCK_WINDOW; i++)
		pp_boot_clock_feed(&c, i * 10000, NOW + i * 10000 + 20);
	/* The first of the next window was queued for ten minutes. */
	pp_boot_clock_feed(&c, 3610000, NOW + 3610000 + 600000);
	pp_signal_date(&s, &c, 1, NOW + 3610000 + 600000, &o);
	assert_int_equal(o.at_ms, NOW + 3600000 + 20);
	assert_true(o.late);
}

static void states_must_go_forward_within_their_epoch(void **state)
{
	static const struct {
		int64_t boot, mono;
		bool want;
	} cases[] = { { 17, 501, true }, { 17, 500, false }, { 17, 499, false }, { 18, 1, true },
		{ 16, 9999, false } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_state s = { .boot = cases[i].boot, .mono_ms = cases[i].mono };

		assert_int_equal(pp_state_is_newer(17, 500, &s), cases[i].want);
	}
}

static void signals_are_dated_by_the_best_that_is_known(void **state)
{
	static const struct pp_boot_clock clock = { NOW - 100000, NOW - 100000, 5 };
	static const struct {
		const char *name;
		bool known;
		int64_t boot, mono, at, newest_boot;
		int64_t want_at;
		enum pp_occurred_by by;
		bool late;
		enum pp_clock_verdict verdict;
	} cases[] = {
		{ "by the boot", true, 3, 99000, PP_AT_UNKNOWN, 3, NOW - 1000, PP_OCCURRED_BY_MONO,
			false, PP_CLOCK_UNKNOWN },
		{ "and its own clock is right", true, 3, 99000, NOW - 900, 3, NOW - 1000,
			PP_OCCURRED_BY_MONO, false, PP_CLOCK_GOOD },
		{ "and its own clock is wrong", true, 3, 99000, NOW - 7000, 3, NOW - 1000,
			PP_OCCURRED_BY_MONO, false, PP_CLOCK_WRONG },
		{ "never after its arrival", true, 3, 100500, PP_AT_UNKNOWN, 3, NOW,
			PP_OCCURRED_BY_MONO, false, PP_CLOCK_UNKNOWN },
		{ "exactly 120 s old", true, 3, -20000, PP_AT_UNKNOWN, 3, NOW - 120000,
			PP_OCCURRED_BY_MONO, false, PP_CLOCK_UNKNOWN },
		{ "older", true, 3, -20001, PP_AT_UNKNOWN, 3, NOW - 120001, PP_OCCURRED_BY_MONO,
			true, PP_CLOCK_UNKNOWN },
		{ "boot unknown: by its own clock", false, 2, 5, NOW - 300000, 3, NOW - 300000,
			PP_OCCURRED_BY_AT, true, PP_CLOCK_UNKNOWN },
		{ "own clock in the future", false, 3, 5, NOW + 5001, 3, NOW,
			PP_OCCURRED_BY_ARRIVAL, false, PP_CLOCK_WRONG },
		{ "own clock a little ahead", false, 3, 5, NOW + 4000, 3, NOW, PP_OCCURRED_BY_AT,
			false, PP_CLOCK_UNKNOWN },
		{ "nothing known, this boot", false, 3, 5, PP_AT_UNKNOWN, 3, NOW,
			PP_OCCURRED_BY_ARRIVAL, false, PP_CLOCK_UNKNOWN },
		{ "nothing known, an earlier boot", false, 2, 5, PP_AT_UNKNOWN, 3, NOW,
			PP_OCCURRED_BY_ARRIVAL, true, PP_CLOCK_UNKNOWN },
		{ "nothing known at all", false, 2, 5, PP_AT_UNKNOWN, 0, NOW,
			PP_OCCURRED_BY_ARRIVAL, false, PP_CLOCK_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_signal s = {
			.boot = cases[i].boot, .mono_ms = cases[i].mono, .at_ms = cases[i].at
		};
		struct pp_occurrence o;

		pp_signal_date(&s, cases[i].known ? &clock : NULL, cases[i].newest_boot, NOW, &o);
		if (o.at_ms != cases[i].want_at || o.by != cases[i].by || o.late != cases[i].late ||
			o.clock != cases[i].verdict)
			fail_msg("%s: at %+d, by %s, late %d, clock %d", cases[i].name,
				(int)(o.at_ms - NOW), pp_occurred_by_text(o.by), o.late, o.clock);
	}
}

static void a_clock_is_wrong_on_either_side_and_a_window_that_begins_dates_nothing(void **state)
{
	const struct pp_boot_clock clock = { .low = 1000000, .low_before = 1000000, .states = 3 };
	const struct pp_boot_clock empty = { .low = 1, .low_before = 1, .states = 0 };
	struct pp_signal signal = { .boot = 3, .mono_ms = 5000 };
	struct pp_occurrence o;

	(void)state;
	signal.at_ms = 1005000 - PP_CLOCK_TOLERANCE_MS - 1;
	pp_signal_date(&signal, &clock, 3, 1100000, &o);
	assert_int_equal(o.clock, PP_CLOCK_WRONG);
	signal.at_ms = 1005000 + PP_CLOCK_TOLERANCE_MS + 1;
	pp_signal_date(&signal, &clock, 3, 1100000, &o);
	assert_int_equal(o.clock, PP_CLOCK_WRONG);
	signal.at_ms = 1005000;
	pp_signal_date(&signal, &clock, 3, 1100000, &o);
	assert_int_equal(o.clock, PP_CLOCK_GOOD);
	pp_signal_date(&signal, &empty, 3, 1100000, &o);
	assert_int_equal(o.by, PP_OCCURRED_BY_AT);
	signal.at_ms = PP_AT_UNKNOWN;
	signal.boot = 0; /* not told: it cannot be of an earlier one */
	pp_signal_date(&signal, NULL, 3, 1100000, &o);
	assert_false(o.late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quickest_state_dates_the_boot),
		cmocka_unit_test(a_drifting_clock_is_followed),
		cmocka_unit_test(one_slow_state_after_a_window_does_not_postdate),
		cmocka_unit_test(states_must_go_forward_within_their_epoch),
		cmocka_unit_test(signals_are_dated_by_the_best_that_is_known),
		cmocka_unit_test(
			a_clock_is_wrong_on_either_side_and_a_window_that_begins_dates_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
