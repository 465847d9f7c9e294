/* SPDX-License-Identifier: Apache-2.0 */
/* queue_test.c -- events wait in order of time, and the descriptor says whether there are any. */
#include "queue.h"

#include <poll.h>

#include "pospin_test.h"

static bool readable(const struct pp_queue *q)
{
	struct pollfd fd = { .fd = pp_queue_fd(q), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static void events_come_out_in_order_of_time_and_of_arrival(void **state)
{
	static const uint64_t times[] = { 30, 10, 20, 10, 40 };
	static const size_t want[] = { 1, 3, 2, 0, 4 };
	struct pp_level_event out[8];
	struct pp_queue *q;

	(void)state;
	assert_int_equal(pp_queue_new(&q), 0);
	assert_false(readable(q));
	for (size_t i = 0; i < PP_COUNT(times); i++)
		pp_queue_add(q, &(struct pp_level_event){ .line = i, .at_us = times[i] });
	assert_true(readable(q));
	assert_int_equal(pp_queue_take(q, out, 2), 2);
	assert_true(readable(q));
	assert_int_equal(pp_queue_take(q, out + 2, 6), 3);
	assert_false(readable(q));
	assert_int_equal(pp_queue_take(q, out, 6), 0);
	for (size_t i = 2; i < PP_COUNT(want); i++)
		assert_int_equal(out[i].line, want[i]);
	pp_queue_free(q);
}

static void it_says_how_much_room_is_left(void **state)
{
	struct pp_level_event event = { 0 };
	struct pp_queue *q;

	(void)state;
	assert_int_equal(pp_queue_new(&q), 0);
	for (size_t left = PP_QUEUE_SIZE; left > 0; left--) {
		assert_int_equal(pp_queue_room(q), left);
		pp_queue_add(q, &event);
	}
	assert_int_equal(pp_queue_room(q), 0);
	assert_int_equal(pp_queue_take(q, &event, 1), 1);
	assert_int_equal(pp_queue_room(q), 1);
	assert_null(pp_queue_free(q));
	assert_null(pp_queue_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_in_order_of_time_and_of_arrival),
		cmocka_unit_test(it_says_how_much_room_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
