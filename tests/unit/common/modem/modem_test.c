/* SPDX-License-Identifier: Apache-2.0 */
/* modem_test.c -- a bus, a service and a modem that come and go, seen from a loop that never
 * waits. */
#include <fcntl.h>
#include <poll.h>

#include "rig.h"

static void a_modem_is_found_and_sends(void **state)
{
	struct rig *rig = *state;

	assert_string_equal(pp_modem_why_away(rig->modem), "no bus");
	rig_run(rig, rig_is_there);
	assert_int_equal(rig_send(rig, "+6281234567", "PP1abc", false), 0);
	assert_int_equal(rig->sent, 0); /* never inside send */
	rig_run(rig, rig_has_sent);
	assert_int_equal(rig->error, 0);
	assert_int_equal(rig->token, 7);
	rig_expect(rig, "sent +6281234567 PP1abc");
	rig_expect(rig, "deleted ");
}

static bool modem_is_gone(struct rig *rig)
{
	return strcmp(pp_modem_why_away(rig->modem), "no modem") == 0;
}

static void a_modem_that_is_pulled_out_is_missed_and_found_again(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_order(rig, "gone");
	rig_run(rig, modem_is_gone);
	assert_int_equal(rig_send(rig, "112", "tolong", false), 0);
	rig_run(rig, rig_has_sent);
	assert_int_equal(rig->error, -ENOTCONN);
	assert_string_equal(rig->why, "no modem");
	rig_order(rig, "back");
	rig_run(rig, rig_is_there);
}

static bool service_is_gone(struct rig *rig)
{
	return strcmp(pp_modem_why_away(rig->modem), "no ModemManager") == 0;
}

static void a_service_that_dies_is_missed_and_found_again(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_service_stop(rig);
	rig_run(rig, service_is_gone);
	rig_service_start(rig);
	rig_run(rig, rig_is_there);
}

static bool bus_is_gone(struct rig *rig)
{
	return strcmp(pp_modem_why_away(rig->modem), "no bus") == 0;
}

static void what_was_under_way_when_the_bus_died_was_not_sent(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_order(rig, "mode hangs");
	assert_int_equal(rig_send(rig, "112", "tolong", false), 0);
	rig_kill(&rig->bus);
	rig_run(rig, rig_has_sent);
	print_message("error %d\n", rig->error);
	assert_true(rig->error == -ENOTCONN || rig->error == -ETIMEDOUT); /* as sd-bus sees it */
	rig_run(rig, bus_is_gone);
	rig_service_stop(rig);
	rig_bus_start(rig);
	rig_service_start(rig);
	rig_run(rig, rig_is_there);
}

static void an_address_that_is_none_is_a_bus_that_is_away(void **state)
{
	static const struct pp_modem_handlers handlers = { NULL, NULL };
	struct rig *rig = *state;
	char longer[400];

	pp_modem_free(rig->modem);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(
		pp_modem_new(rig->loop, longer, &handlers, rig, &rig->modem), -EINVAL);
	assert_int_equal(
		pp_modem_new(rig->loop, "not an address", &handlers, rig, &rig->modem), 0);
	assert_int_equal(rig_send(rig, "112", "tolong", false), 0);
	rig_run(rig, rig_has_sent);
	assert_int_equal(rig->error, -ENOTCONN);
	assert_string_equal(pp_modem_why_away(rig->modem), "no bus");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_modem_is_found_and_sends, rig_make, rig_free),
		cmocka_unit_test_setup_teardown(
			a_modem_that_is_pulled_out_is_missed_and_found_again, rig_make, rig_free),
		cmocka_unit_test_setup_teardown(
			a_service_that_dies_is_missed_and_found_again, rig_make, rig_free),
		cmocka_unit_test_setup_teardown(
			what_was_under_way_when_the_bus_died_was_not_sent, rig_make, rig_free),
		cmocka_unit_test_setup_teardown(
			an_address_that_is_none_is_a_bus_that_is_away, rig_make, rig_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
