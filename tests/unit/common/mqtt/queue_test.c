/* SPDX-License-Identifier: Apache-2.0 */
/* queue_test.c -- order, count and readability of the waiting events. */
#include "queue.h"

#include "pospin_test.h"

#include <poll.h>

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static struct pp_mqtt_item *item_new(enum pp_mqtt_event_type type, uint64_t token)
{
	struct pp_mqtt_item *item = calloc(1, sizeof(*item));

	assert_non_null(item);
	item->event.type = type;
	item->event.token = token;
	return item;
}

static void events_come_out_in_order_and_the_fd_is_readable_while_they_wait(void **state)
{
	struct pp_mqtt_queue q;

	(void)state;
	assert_int_equal(pp_mqtt_queue_init(&q), 0);
	for (int round = 0; round < 3; round++) {
		assert_false(is_readable(q.fd));
		for (uint64_t i = 0; i < 4; i++)
			pp_mqtt_queue_push(&q, item_new(PP_MQTT_PUBLISHED, i));
		for (uint64_t i = 0; i < 4; i++) {
			assert_true(is_readable(q.fd));
			struct pp_mqtt_item *item = pp_mqtt_queue_take(&q);
			assert_int_equal(item->event.token, i);
			pp_mqtt_event_free(&item->event);
		}
		assert_null(pp_mqtt_queue_take(&q));
	}
	pp_mqtt_queue_done(&q);
}

static void only_messages_are_counted_and_what_is_left_is_freed(void **state)
{
	struct pp_mqtt_queue q;

	(void)state;
	assert_int_equal(pp_mqtt_queue_init(&q), 0);
	pp_mqtt_queue_push(&q, item_new(PP_MQTT_MESSAGE, 0));
	pp_mqtt_queue_push(&q, item_new(PP_MQTT_LOST, 0));
	pp_mqtt_queue_push(&q, item_new(PP_MQTT_MESSAGE, 0));
	assert_int_equal(q.messages, 2);
	assert_int_equal(q.bytes, 0);
	pp_mqtt_event_free(&pp_mqtt_queue_take(&q)->event);
	assert_int_equal(q.messages, 1);
	pp_mqtt_queue_done(&q);
}

static void the_bytes_that_wait_are_those_of_the_payloads(void **state)
{
	static const size_t lengths[] = { 7, 0, 8192 };
	struct pp_mqtt_queue q;
	size_t left = 8199;

	(void)state;
	assert_int_equal(pp_mqtt_queue_init(&q), 0);
	for (size_t i = 0; i < 3; i++) {
		struct pp_mqtt_item *item = item_new(PP_MQTT_MESSAGE, 0);

		item->event.length = lengths[i];
		pp_mqtt_queue_push(&q, item);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(q.bytes, left);
		left -= lengths[i];
		pp_mqtt_event_free(&pp_mqtt_queue_take(&q)->event);
	}
	assert_int_equal(q.bytes, 0);
	pp_mqtt_queue_done(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_in_order_and_the_fd_is_readable_while_they_wait),
		cmocka_unit_test(the_bytes_that_wait_are_those_of_the_payloads),
		cmocka_unit_test(only_messages_are_counted_and_what_is_left_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
