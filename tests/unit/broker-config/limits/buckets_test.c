/* SPDX-License-Identifier: Apache-2.0 */
/* buckets_test.c -- shares of the broker in simulated time. */
#include "buckets.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

#include <stdio.h>

#define FLOOD "kendal/weleri-01"
#define HONEST "kendal/boja-01"

static int passed(struct pp_limits *l, const char *channel, int count, int64_t now_ms)
{
	uint64_t say;
	int n = 0;

	for (int i = 0; i < count; i++)
		n += pp_limits_pass(l, FLOOD, channel, now_ms, &say);
	return n;
}

static void a_flood_gets_its_burst_and_then_its_share(void **state)
{
	static const struct {
		const char *channel;
		int burst, per_s;
	} cases[] = { { "signal", 512, 300 }, { "state", 64, 4 }, { "answer", 64, 4 },
		{ "sample", 32, 2 }, { "never-heard-of", 16, 1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t at = 5000 + 2000 * (int64_t)i;

		assert_int_equal(passed(*state, cases[i].channel, 30000, at), cases[i].burst);
		assert_int_equal(
			passed(*state, cases[i].channel, 30000, at + 1000), cases[i].per_s);
	}
}

static void ten_thousand_alarms_a_minute_pass_whole(void **state)
{
	uint64_t say;

	for (int i = 0; i < 10000; i++)
		assert_true(pp_limits_pass(*state, FLOOD, "signal", 5000 + i * 6, &say));
}

static void a_storm_without_end_is_cut_to_twenty_a_second(void **state)
{
	int64_t at = 5000;
	int n;

	for (int s = 0; s < 600; s++)
		(void)passed(*state, "signal", 500, at += 1000);
	n = passed(*state, "signal", 500, at + 1000);
	assert_int_equal(n, 20);
}

static void the_channels_of_a_client_do_not_touch_each_other(void **state)
{
	uint64_t say;

	assert_int_equal(passed(*state, "sample", 1000, 5000), 32);
	assert_true(pp_limits_pass(*state, FLOOD, "signal", 5000, &say));
}

static void another_client_passes_beside_a_flood_however_many_there_are(void **state)
{
	char name[32];
	uint64_t say;

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "kendal/post-%d", i);
		for (int j = 0; j < 17; j++)
			assert_int_equal(pp_limits_pass(*state, name, "x", 5000, &say), j < 16);
	}
	assert_true(pp_limits_pass(*state, HONEST, "x", 5000, &say));
}

static void more_clients_than_are_kept_apart_share_one_place(void **state)
{
	char name[32];
	uint64_t say;
	int refused = 0;

	for (int i = 0; i < 2 * PP_LIMITS_CLIENTS; i++) {
		snprintf(name, sizeof(name), "kendal/post-%d", i);
		refused += !pp_limits_pass(*state, name, "x", 5000, &say);
	}
	assert_true(refused > 0);
	assert_false(pp_limits_pass(*state, "kendal/one-more", "x", 5000, &say));
	/* Those that are idle make room again. */
	assert_true(pp_limits_pass(*state, "kendal/one-more", "x", 5000000, &say));
}

static void a_refusal_is_said_at_once_and_then_once_a_minute(void **state)
{
	uint64_t say = 0;

	(void)passed(*state, "sample", 32, 5000);
	assert_false(pp_limits_pass(*state, FLOOD, "sample", 5000, &say));
	assert_int_equal(say, 1);
	for (int i = 0; i < 10; i++) {
		assert_false(pp_limits_pass(*state, FLOOD, "sample", 5000, &say));
		assert_int_equal(say, 0);
	}
	(void)passed(*state, "sample", 32, 5000 + PP_LIMITS_SAY_EVERY_MS - 1);
	assert_false(pp_limits_pass(*state, FLOOD, "sample", 5000 + PP_LIMITS_SAY_EVERY_MS, &say));
	assert_int_equal(say, 11);
}

static void a_clock_that_steps_back_gives_and_takes_nothing(void **state)
{
	assert_int_equal(passed(*state, "sample", 100, 5000), 32);
	assert_int_equal(passed(*state, "sample", 100, 4000), 0);
	assert_int_equal(passed(*state, "sample", 100, 5500), 1);
}

static int set_up(void **state)
{
	return pp_limits_new((struct pp_limits **)state);
}

static int tear_down(void **state)
{
	pp_limits_free(*state);
	return 0;
}

static void without_memory_all_clients_share_one_place_and_nobody_is_cut_off(void **state)
{
	struct pp_limits *l = NULL;
	char name[24];
	uint64_t say;

	(void)state;
	for (unsigned long nth = 1; nth <= 2; nth++) {
		memory_fail(nth);
		assert_true(pp_limits_new(&l) < 0);
		assert_true(memory_has_failed());
	}
	assert_null(pp_limits_free(NULL));
	assert_int_equal(pp_limits_new(&l), 0);
	memory_fail(1);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "kendal/boja-%d", i);
		assert_true(pp_limits_pass(l, name, "signal", 5000, &say));
	}
	assert_true(memory_has_failed());
	pp_limits_free(l);
}

static void names_that_are_none_share_a_place_and_a_long_calm_gives_the_whole_burst(void **state)
{
	char name[400];
	uint64_t say;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true(pp_limits_pass(*state, "", "signal", 5000, &say));
	assert_true(pp_limits_pass(*state, name, "signal", 5000, &say));
	assert_int_equal(passed(*state, "state", 1000, 5000), 64);
	assert_int_equal(passed(*state, "state", 1000, INT64_C(5000000000000)), 64);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_flood_gets_its_burst_and_then_its_share),
		T(ten_thousand_alarms_a_minute_pass_whole),
		T(a_storm_without_end_is_cut_to_twenty_a_second),
		T(the_channels_of_a_client_do_not_touch_each_other),
		T(another_client_passes_beside_a_flood_however_many_there_are),
		T(more_clients_than_are_kept_apart_share_one_place),
		T(a_refusal_is_said_at_once_and_then_once_a_minute),
		T(a_clock_that_steps_back_gives_and_takes_nothing),
		cmocka_unit_test_setup_teardown(
			without_memory_all_clients_share_one_place_and_nobody_is_cut_off, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			names_that_are_none_share_a_place_and_a_long_calm_gives_the_whole_burst,
			set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
