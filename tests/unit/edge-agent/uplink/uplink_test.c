/* SPDX-License-Identifier: Apache-2.0 */
/* uplink_test.c -- the sender's decisions reach a connection, and its events reach the sender. */
#include "parcel_rig.h"

#include "uplink/uplink.h"

/* A connection of our own making. */
static struct {
	int connects, drops, publishes, publish_error;
	uint64_t token;
	struct pp_mqtt_event *events[8];
	size_t count;
} wire;
static int ups, downs, messages;
static struct pp_sender *sender;
static struct pp_uplink *uplink;

static int fake_connect(void *link)
{
	(void)link;
	wire.connects++;
	return 0;
}
static int fake_drop(void *link)
{
	(void)link;
	wire.drops++;
	return 0;
}
static int fake_publish(void *link, const struct pp_send *send)
{
	(void)link;
	wire.publishes++;
	wire.token = send->token;
	return wire.publish_error;
}
static int fake_next(void *link, struct pp_mqtt_event **ret_event)
{
	(void)link;
	if (!wire.count)
		return 0;
	*ret_event = wire.events[--wire.count];
	return 1;
}
static const struct pp_uplink_ops fake = { fake_connect, fake_drop, fake_publish, fake_next };

static void on_message(void *user, const struct pp_mqtt_event *e)
{
	(void)user;
	(void)e;
	messages++;
}
static void on_up(void *user)
{
	(void)user;
	ups++;
}
static void on_down(void *user, int reason, const char *why)
{
	(void)user;
	(void)why;
	assert_int_equal(reason, -5);
	downs++;
}

static int begin(void **state)
{
	static const struct pp_uplink_handlers handlers = { on_message, on_up, on_down };

	(void)state;
	memset(&wire, 0, sizeof(wire));
	ups = downs = messages = 0;
	assert_int_equal(pp_sender_new(0, &sender), 0);
	return pp_uplink_new(sender, &fake, NULL, &handlers, NULL, &uplink);
}

static int end(void **state)
{
	(void)state;
	uplink = pp_uplink_free(uplink);
	sender = pp_sender_free(sender);
	return 0;
}

static void event(enum pp_mqtt_event_type type, uint64_t token, int reason)
{
	struct pp_mqtt_event *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	e->type = type;
	e->token = token;
	e->reason = reason;
	wire.events[wire.count++] = e;
}

static void a_parcel_travels_and_its_round_trip_is_measured(void **state)
{
	(void)state;
	pp_uplink_step(uplink, 0, 0);
	assert_int_equal(wire.connects, 1);
	event(PP_MQTT_CONNECTED, 0, 0);
	assert_false(pp_uplink_read(uplink, 8, SECOND, 0));
	assert_int_equal(ups, 1);
	assert_int_equal(pp_uplink_alive_us(uplink), SECOND);
	assert_int_equal(pp_sender_add(sender, rig_parcel(1, true), SECOND), 0);
	pp_uplink_step(uplink, SECOND, 0);
	assert_int_equal(wire.publishes, 1);
	event(PP_MQTT_PUBLISHED, wire.token, 0);
	event(PP_MQTT_MESSAGE, 0, 0);
	pp_uplink_read(uplink, 8, 3 * SECOND, 0);
	assert_int_equal(pp_uplink_round_trip_us(uplink), 2 * SECOND);
	assert_int_equal(messages, 1);
	event(PP_MQTT_LOST, 0, -5);
	pp_uplink_read(uplink, 8, 4 * SECOND, 0);
	assert_int_equal(downs, 1);
	assert_false(pp_sender_up(sender));
}

static void a_flood_is_read_in_portions(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		event(PP_MQTT_MESSAGE, 0, 0);
	assert_true(pp_uplink_read(uplink, 3, 0, 0));
	assert_int_equal(messages, 3);
	assert_false(pp_uplink_read(uplink, 3, 0, 0));
	assert_int_equal(messages, 5);
}

static void what_the_connection_does_not_take_is_tried_again(void **state)
{
	(void)state;
	pp_uplink_step(uplink, 0, 0);
	event(PP_MQTT_CONNECTED, 0, 0);
	pp_uplink_read(uplink, 8, 0, 0);
	wire.publish_error = -ENOBUFS;
	assert_int_equal(pp_sender_add(sender, rig_parcel(1, true), 0), 0);
	pp_uplink_step(uplink, 0, 0);
	assert_int_equal(wire.publishes, 1);
	wire.publish_error = 0;
	pp_uplink_step(uplink, 10 * SECOND, 0);
	assert_int_equal(wire.publishes, 2);
}

static void a_silent_connection_is_dropped(void **state)
{
	(void)state;
	pp_uplink_step(uplink, 0, 0);
	event(PP_MQTT_CONNECTED, 0, 0);
	pp_uplink_read(uplink, 8, 0, 0);
	assert_int_equal(pp_sender_add(sender, rig_parcel(1, true), 0), 0);
	pp_uplink_step(uplink, 0, 0);
	pp_uplink_step(uplink, 11 * SECOND, 0);
	assert_int_equal(wire.drops, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_parcel_travels_and_its_round_trip_is_measured),
		TEST(a_flood_is_read_in_portions),
		TEST(what_the_connection_does_not_take_is_tried_again),
		TEST(a_silent_connection_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
