/* SPDX-License-Identifier: Apache-2.0 */
/* guard_test.c -- guessers wait longer and longer; others do not. */
#include "guard.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

static void waits_begin_after_five_tries_and_double_up_to_a_minute(void **state)
{
	static const struct {
		int64_t at, want;
	} steps[] = {
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 1000 },
		{ 999, 1 },
		{ 1000, 0 },
		{ 1001, 1999 },
		{ 3000, 0 },
		{ 7000, 0 },
		{ 15000, 0 },
		{ 31000, 0 },
		{ 63000, 0 },
		{ 63000, 60000 },
		{ 123000, 0 },
		{ 123000, 60000 },
		{ 183000, 0 },
		{ 183000, 60000 },
		{ 183000 + PP_GUARD_FORGET_MS + 1, 0 },
		{ 183000 + PP_GUARD_FORGET_MS + 1, 0 },
	};
	struct pp_guard *g = NULL;

	(void)state;
	assert_int_equal(pp_guard_new(&g), 0);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		int64_t got = pp_guard_try(g, "kendal/budi", steps[i].at);

		if (got != steps[i].want)
			fail_msg("step %zu: got %lld, want %lld", i, (long long)got,
				(long long)steps[i].want);
	}
	assert_null(pp_guard_free(g));
}

static void strangers_who_guess_do_not_make_a_known_browser_wait(void **state)
{
	struct pp_guard *g = NULL;

	(void)state;
	assert_int_equal(pp_guard_new(&g), 0);
	for (int i = 0; i < 20; i++)
		(void)pp_guard_try(g, "kendal/budi", 0);
	assert_true(pp_guard_try(g, "kendal/budi", 0) > 0);
	assert_int_equal(pp_guard_try(g, "kendal/budi/0af3", 0), 0);
	assert_int_equal(pp_guard_try(g, "kendal/siti", 0), 0);
	assert_null(pp_guard_free(g));
}

static void a_right_password_and_a_clock_set_back_end_the_wait(void **state)
{
	struct pp_guard *g = NULL;

	(void)state;
	assert_int_equal(pp_guard_new(&g), 0);
	for (int i = 0; i < 6; i++)
		(void)pp_guard_try(g, "a", 100000);
	assert_int_equal(pp_guard_try(g, "a", 100000), 1000);
	pp_guard_clear(g, "a");
	assert_int_equal(pp_guard_try(g, "a", 100000), 0);
	for (int i = 0; i < 6; i++)
		(void)pp_guard_try(g, "a", 100000);
	assert_int_equal(pp_guard_try(g, "a", 5), 0);
	assert_null(pp_guard_free(g));
}

static void a_try_that_is_taken_back_has_not_been_one(void **state)
{
	struct pp_guard *g = NULL;

	(void)state;
	assert_int_equal(pp_guard_new(&g), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(pp_guard_try(g, "a", 0), 0);
	pp_guard_forgive(g, "a");
	pp_guard_forgive(g, "b"); /* who has not tried */
	assert_int_equal(pp_guard_try(g, "a", 0), 0);
	assert_int_equal(pp_guard_try(g, "a", 0), 1000);
	/* Whose only try is taken back is forgotten, and begins anew. */
	assert_int_equal(pp_guard_try(g, "b", 0), 0);
	for (int i = 0; i < 3; i++)
		pp_guard_forgive(g, "b");
	for (int i = 0; i < 5; i++)
		assert_int_equal(pp_guard_try(g, "b", 0), 0);
	assert_int_equal(pp_guard_try(g, "b", 0), 1000);
	assert_null(pp_guard_free(g));
}

static void any_number_of_names_fits_and_the_quietest_makes_room(void **state)
{
	struct pp_guard *g = NULL;
	char key[32];

	(void)state;
	assert_int_equal(pp_guard_new(&g), 0);
	for (int i = 0; i < 6; i++)
		(void)pp_guard_try(g, "busy", 50000);
	for (int i = 0; i < 5 * PP_GUARD_KEYS; i++) {
		snprintf(key, sizeof(key), "name-%d", i);
		assert_int_equal(pp_guard_try(g, key, 100 + i % 1000), 0);
	}
	assert_int_equal(pp_guard_try(g, "busy", 50000), 1000);
	assert_null(pp_guard_free(g));
}

static void without_memory_there_is_no_guard_and_a_name_of_nobody_is_nothing(void **state)
{
	struct pp_guard *g = NULL;

	(void)state;
	memory_fail(1);
	assert_int_equal(pp_guard_new(&g), -ENOMEM);
	assert_true(memory_has_failed());
	assert_int_equal(pp_guard_new(&g), 0);
	pp_guard_clear(g, "kendal/nobody");
	for (int i = 0; i < 2000; i++) /* the longest wait, over and over */
		assert_int_equal(pp_guard_try(g, "kendal/budi", i * PP_GUARD_WAIT_MAX_MS), 0);
	pp_guard_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_begin_after_five_tries_and_double_up_to_a_minute),
		cmocka_unit_test(strangers_who_guess_do_not_make_a_known_browser_wait),
		cmocka_unit_test(a_right_password_and_a_clock_set_back_end_the_wait),
		cmocka_unit_test(a_try_that_is_taken_back_has_not_been_one),
		cmocka_unit_test(any_number_of_names_fits_and_the_quietest_makes_room),
		cmocka_unit_test(without_memory_there_is_no_guard_and_a_name_of_nobody_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
