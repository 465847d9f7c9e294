/* SPDX-License-Identifier: Apache-2.0 */
/* throttle_test.c -- shares of the engine in simulated time. */
#include "throttle.h"

#include "pospin_test.h"

#include <stdlib.h>

#define FLOOD "pospin/v1/kendal/weleri-01/state"
#define HONEST "pospin/v1/kendal/boja-01/signal"

static int passed(struct pp_throttle *t, int count, int64_t waited_ms, int64_t now_ms)
{
	int n = 0;

	for (int i = 0; i < count; i++)
		n += pp_throttle_judge(t, FLOOD, waited_ms, now_ms) != PP_THROTTLE_DROP;
	return n;
}

static void nothing_is_dropped_while_nothing_waits(void **state)
{
	assert_int_equal(passed(*state, 10000, PP_THROTTLE_BEHIND_MS - 1, 5000), 10000);
}

static void a_flood_gets_its_burst_and_then_its_share(void **state)
{
	assert_int_equal(passed(*state, 10000, 1000, 5000), PP_THROTTLE_BURST);
	assert_int_equal(passed(*state, 10000, 1000, 6000), PP_THROTTLE_PER_S);
	assert_int_equal(passed(*state, 10000, 1000, 6000000), PP_THROTTLE_BURST);
}

static void another_post_passes_beside_a_flood(void **state)
{
	assert_int_equal(passed(*state, 10000, 1000, 5000), PP_THROTTLE_BURST);
	assert_int_equal(pp_throttle_judge(*state, HONEST, 1000, 5000), PP_THROTTLE_NOW);
}

static void a_post_has_one_share_for_all_its_channels(void **state)
{
	assert_int_equal(passed(*state, 10000, 1000, 5000), PP_THROTTLE_BURST);
	assert_int_equal(pp_throttle_judge(*state, "pospin/v1/kendal/weleri-01/signal", 1000, 5000),
		PP_THROTTLE_DROP);
}

static void a_post_that_has_sent_much_waits_for_those_that_have_not(void **state)
{
	for (int i = 0; i < PP_THROTTLE_QUIET; i++)
		assert_int_equal(pp_throttle_judge(*state, FLOOD, 0, 5000), PP_THROTTLE_NOW);
	assert_int_equal(pp_throttle_judge(*state, FLOOD, 0, 5000), PP_THROTTLE_LATER);
	assert_int_equal(pp_throttle_judge(*state, HONEST, 0, 5000), PP_THROTTLE_NOW);
	assert_int_equal(pp_throttle_judge(*state, FLOOD, 0, 6000), PP_THROTTLE_NOW);
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct pp_throttle));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void a_clock_that_steps_back_gives_nothing_and_any_topic_has_a_place(void **state)
{
	struct pp_throttle *t = *state;

	assert_int_equal(passed(t, 10000, 1000, 5000), PP_THROTTLE_BURST);
	assert_int_equal(passed(t, 10, 1000, 4000), 0);
	assert_int_equal(pp_throttle_judge(t, "no-slash", 0, 5000), PP_THROTTLE_NOW);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(nothing_is_dropped_while_nothing_waits),
		T(a_flood_gets_its_burst_and_then_its_share),
		T(a_post_that_has_sent_much_waits_for_those_that_have_not),
		T(another_post_passes_beside_a_flood),
		T(a_post_has_one_share_for_all_its_channels),
		cmocka_unit_test_setup_teardown(
			a_clock_that_steps_back_gives_nothing_and_any_topic_has_a_place, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
