/* SPDX-License-Identifier: Apache-2.0 */
/* lane_test.c -- first in, first out, and no more than its bounds. */
#include "lane.h"

#include "pospin_test.h"

static void events_come_out_in_the_order_in_which_they_went_in(void **state)
{
	struct pp_lane *lane = calloc(1, sizeof(*lane));
	struct pp_mqtt_event events[3] = { 0 };

	(void)state;
	for (int round = 0; round < PP_LANE_MAX; round++) {
		for (int i = 0; i < 3; i++)
			assert_true(pp_lane_push(lane, &events[i]));
		for (int i = 0; i < 3; i++)
			assert_ptr_equal(pp_lane_take(lane), &events[i]);
		assert_null(pp_lane_take(lane));
	}
	free(lane);
}

static void it_takes_so_many_and_no_more(void **state)
{
	struct pp_lane *lane = calloc(1, sizeof(*lane));
	struct pp_mqtt_event event = { 0 };

	(void)state;
	for (int i = 0; i < PP_LANE_MAX; i++)
		assert_true(pp_lane_push(lane, &event));
	assert_false(pp_lane_push(lane, &event));
	assert_ptr_equal(pp_lane_take(lane), &event);
	assert_true(pp_lane_push(lane, &event));
	free(lane);
}

static void it_takes_so_many_bytes_and_no_more(void **state)
{
	struct pp_lane *lane = calloc(1, sizeof(*lane));
	struct pp_mqtt_event large = { .length = PP_LANE_BYTES_MAX / 4 }, small = { .length = 1 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(pp_lane_push(lane, &large));
	assert_false(pp_lane_push(lane, &small));
	assert_ptr_equal(pp_lane_take(lane), &large);
	assert_true(pp_lane_push(lane, &small));
	free(lane);
}

static struct pp_mqtt_event *event_of(const char *topic)
{
	struct pp_mqtt_event *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	e->topic = strdup(topic);
	e->at_us = 5000000;
	return e;
}

static int sort(struct pp_lanes *lanes, const char *topic)
{
	struct pp_mqtt_event *e = event_of(topic);
	enum pp_throttle_verdict verdict = pp_lanes_sort(lanes, &e, 5000000);

	assert_true((verdict == PP_THROTTLE_LATER) == !e);
	if (e)
		free(e->topic);
	free(e);
	return (int)verdict;
}

static int later(struct pp_lanes *lanes, uint64_t now_us)
{
	struct pp_mqtt_event *e;
	int n = 0;

	while ((e = pp_lanes_later(lanes, (size_t)n, now_us))) {
		free(e->topic);
		free(e);
		n++;
	}
	return n;
}

static void a_flood_waits_and_a_quiet_post_does_not(void **state)
{
	struct pp_lanes *lanes = calloc(1, sizeof(*lanes));
	int counts[3] = { 0 };

	(void)state;
	for (int i = 0; i < 500; i++)
		counts[sort(lanes, "pospin/v1/kendal/weleri-01/signal")]++;
	assert_int_equal(counts[PP_THROTTLE_NOW], PP_THROTTLE_QUIET);
	assert_int_equal(counts[PP_THROTTLE_LATER], 500 - PP_THROTTLE_QUIET);
	assert_int_equal(sort(lanes, "pospin/v1/kendal/boja-01/signal"), PP_THROTTLE_NOW);
	/* In short batches while others are about, in one when they are not. */
	assert_int_equal(later(lanes, 5000000), PP_LANES_LATER_MAX);
	assert_int_equal(later(lanes, 5000000 + PP_LANES_HURRY_US - 1), PP_LANES_LATER_MAX);
	assert_int_equal(later(lanes, 5000000 + PP_LANES_HURRY_US),
		500 - PP_THROTTLE_QUIET - 2 * PP_LANES_LATER_MAX);
	free(lanes);
}

static void what_the_lane_cannot_hold_is_dropped(void **state)
{
	struct pp_lanes *lanes = calloc(1, sizeof(*lanes));
	int counts[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3000; i++)
		counts[sort(lanes, "pospin/v1/kendal/weleri-01/signal")]++;
	assert_int_equal(counts[PP_THROTTLE_LATER], PP_LANE_MAX);
	assert_int_equal(counts[PP_THROTTLE_DROP], 3000 - PP_LANE_MAX - PP_THROTTLE_QUIET);
	assert_int_equal(later(lanes, 9000000), PP_LANE_MAX);
	free(lanes);
}

static void what_waits_at_the_end_is_freed_and_an_event_of_the_future_has_not_waited(void **state)
{
	struct pp_lanes *lanes = calloc(1, sizeof(*lanes));
	struct pp_mqtt_event *event = event_of("pospin/v1/kendal/boja-01/signal");

	(void)state;
	event->at_us = 2000000;
	assert_int_equal(pp_lanes_sort(lanes, &event, 1000000), PP_THROTTLE_NOW);
	assert_true(pp_lane_push(&lanes->later, event));
	pp_lane_done(&lanes->later);
	assert_null(pp_lane_take(&lanes->later));
	free(lanes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_in_the_order_in_which_they_went_in),
		cmocka_unit_test(it_takes_so_many_and_no_more),
		cmocka_unit_test(it_takes_so_many_bytes_and_no_more),
		cmocka_unit_test(a_flood_waits_and_a_quiet_post_does_not),
		cmocka_unit_test(what_the_lane_cannot_hold_is_dropped),
		cmocka_unit_test(
			what_waits_at_the_end_is_freed_and_an_event_of_the_future_has_not_waited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
