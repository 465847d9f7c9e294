/* SPDX-License-Identifier: Apache-2.0 */
/* debounce_test.c -- a level counts after it has held still. */
#include "debounce/debounce.h"

#include <errno.h>

#include "pospin_test.h"

struct step {
	uint64_t at_us;
	bool level;
	int want;
	uint64_t want_onset_us;
};

static void play(uint64_t on_us, uint64_t off_us, const struct step *steps, size_t count)
{
	struct pp_debounce *d;

	assert_int_equal(pp_debounce_new(on_us, off_us, &d), 0);
	for (size_t i = 0; i < count; i++) {
		int got = pp_debounce_feed(d, steps[i].level, steps[i].at_us);

		if (got != steps[i].want || (got && pp_debounce_onset(d) != steps[i].want_onset_us))
			fail_msg("step %zu at %ju us: got %d onset %ju, want %d onset %ju", i,
				(uintmax_t)steps[i].at_us, got, (uintmax_t)pp_debounce_onset(d),
				steps[i].want, (uintmax_t)steps[i].want_onset_us);
	}
	pp_debounce_free(d);
}

static void a_glitch_is_ignored_and_a_hold_is_accepted_once(void **state)
{
	static const struct step steps[] = {
		{ 0, true, 0, 0 },
		{ 5000, false, 0, 0 },
		{ 40000, false, 0, 0 },
		{ 50000, true, 0, 0 },
		{ 69000, true, 0, 0 },
		{ 70000, true, 1, 50000 },
		{ 71000, true, 0, 0 },
		{ 90000, false, 0, 0 },
		{ 109999, false, 0, 0 },
		{ 110000, false, 1, 90000 },
	};

	(void)state;
	play(20000, 20000, steps, PP_COUNT(steps));
}

static void a_hold_counts_though_nobody_looked_before_it_ended(void **state)
{
	static const struct step steps[] = {
		{ 1000, true, 0, 0 },
		{ 51000, false, 1, 1000 },
		{ 200000, true, 1, 51000 },
		{ 203000, false, 0, 0 },
	};

	(void)state;
	play(5000, 50000, steps, PP_COUNT(steps));
}

static void the_onset_is_the_first_edge_of_the_bouncing(void **state)
{
	static const struct step steps[] = {
		{ 100000, true, 0, 0 },
		{ 101000, false, 0, 0 },
		{ 103000, true, 0, 0 },
		{ 104000, false, 0, 0 },
		{ 110000, true, 0, 0 },
		{ 115000, true, 1, 100000 },
	};

	(void)state;
	play(5000, 50000, steps, PP_COUNT(steps));
}

static void old_glitches_do_not_date_a_change_back(void **state)
{
	static const struct step steps[] = {
		{ 0, true, 0, 0 },
		{ 500, false, 0, 0 },
		{ 40000, true, 0, 0 },
		{ 40500, false, 0, 0 },
		{ 80000, true, 0, 0 },
		{ 80500, false, 0, 0 },
		{ 120000, true, 0, 0 },
		{ 120500, false, 0, 0 },
		{ 160000, true, 0, 0 },
		{ 165000, true, 1, 120000 },
	};

	(void)state;
	play(5000, 50000, steps, PP_COUNT(steps));
}

static void the_deadline_is_when_a_step_changes_it(void **state)
{
	struct pp_debounce *d;

	(void)state;
	assert_int_equal(pp_debounce_new(5000, 50000, &d), 0);
	assert_true(pp_debounce_deadline(d) == UINT64_MAX);
	pp_debounce_feed(d, true, 7000);
	assert_int_equal(pp_debounce_deadline(d), 12000);
	assert_int_equal(pp_debounce_step(d, 11999), 0);
	assert_int_equal(pp_debounce_step(d, 12000), 1);
	assert_true(pp_debounce_level(d));
	assert_true(pp_debounce_deadline(d) == UINT64_MAX);
	pp_debounce_free(d);
}

static void a_forced_level_goes_off_after_its_calm(void **state)
{
	struct pp_debounce *d;

	(void)state;
	assert_int_equal(pp_debounce_new(5000, 50000, &d), 0);
	pp_debounce_feed(d, true, 1000);
	pp_debounce_feed(d, false, 2000);
	pp_debounce_force_on(d, 500);
	assert_true(pp_debounce_level(d));
	assert_false(pp_debounce_raw(d));
	assert_int_equal(pp_debounce_onset(d), 500);
	assert_int_equal(pp_debounce_step(d, 51999), 0);
	assert_int_equal(pp_debounce_step(d, 52000), 1);
	assert_int_equal(pp_debounce_onset(d), 2000);
	pp_debounce_set_on(d, 20000);
	pp_debounce_feed(d, true, 60000);
	assert_int_equal(pp_debounce_deadline(d), 80000);
	pp_debounce_free(d);
}

static void a_hold_out_of_range_is_refused(void **state)
{
	static const uint64_t bad[][2] = { { 999, 5000 }, { 5000, 0 }, { 5000001, 5000 },
		{ 5000, 5000001 } };
	struct pp_debounce *d = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_debounce_new(bad[i][0], bad[i][1], &d), -ERANGE);
	assert_null(d);
	assert_null(pp_debounce_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_glitch_is_ignored_and_a_hold_is_accepted_once),
		cmocka_unit_test(a_hold_counts_though_nobody_looked_before_it_ended),
		cmocka_unit_test(the_onset_is_the_first_edge_of_the_bouncing),
		cmocka_unit_test(old_glitches_do_not_date_a_change_back),
		cmocka_unit_test(the_deadline_is_when_a_step_changes_it),
		cmocka_unit_test(a_forced_level_goes_off_after_its_calm),
		cmocka_unit_test(a_hold_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
