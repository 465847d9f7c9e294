/* SPDX-License-Identifier: Apache-2.0 */
/* backoff_test.c -- bounds and doubling of the waits between connects. */
#include "mqtt/backoff.h"

#include "pospin_test.h"

static void waits_double_up_to_the_limit_with_jitter_in_the_upper_half(void **state)
{
	static const struct {
		uint32_t random;
		uint64_t low, high;
	} steps[] = {
		{ 0, 250000, 250000 },
		{ UINT32_MAX, 999999, 1000000 },
		{ 0, 1000000, 1000000 },
		{ UINT32_MAX / 2, 2999990, 3000000 },
		{ UINT32_MAX, 4999990, 5000000 },
		{ 0, 2500000, 2500000 },
	};
	struct pp_backoff b;

	(void)state;
	pp_backoff_init(&b, 500000, 5000000);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		uint64_t got = pp_backoff_next_us(&b, steps[i].random);
		print_message("step %zu: got %llu\n", i, (unsigned long long)got);
		assert_in_range(got, steps[i].low, steps[i].high);
	}
}

static void a_lowered_limit_counts_at_once(void **state)
{
	struct pp_backoff b;

	(void)state;
	pp_backoff_init(&b, 500000, 60000000);
	for (int i = 0; i < 20; i++)
		pp_backoff_next_us(&b, 0);
	assert_int_equal(pp_backoff_next_us(&b, 0), 30000000);
	b.max_us = 5000000;
	assert_in_range(pp_backoff_next_us(&b, UINT32_MAX), 2500000, 5000000);
	b.max_us = 60000000;
	assert_in_range(pp_backoff_next_us(&b, UINT32_MAX), 2500000, 10000000);
}

static void a_reset_starts_from_the_least_wait(void **state)
{
	struct pp_backoff b;

	(void)state;
	pp_backoff_init(&b, 500000, 5000000);
	for (int i = 0; i < 5; i++)
		pp_backoff_next_us(&b, 7);
	pp_backoff_reset(&b);
	assert_int_equal(pp_backoff_next_us(&b, 0), 250000);
}

static void the_largest_limits_do_not_overflow(void **state)
{
	struct pp_backoff b;

	(void)state;
	pp_backoff_init(&b, UINT64_MAX / 2, UINT64_MAX);
	for (int i = 0; i < 4; i++)
		assert_true(pp_backoff_next_us(&b, UINT32_MAX) >= UINT64_MAX / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_limit_with_jitter_in_the_upper_half),
		cmocka_unit_test(a_lowered_limit_counts_at_once),
		cmocka_unit_test(a_reset_starts_from_the_least_wait),
		cmocka_unit_test(the_largest_limits_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
