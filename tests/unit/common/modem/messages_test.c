/* SPDX-License-Identifier: Apache-2.0 */
/* messages_test.c -- what is sent, reported on and received; refusals and hanging by name. */
#include <fcntl.h>
#include <poll.h>

#include "rig.h"

static void numbers_are_three_to_fifteen_digits(void **state)
{
	static const char *const fine[] = { "112", "+6281234567890", "081234567890123" };
	static const char *const bad[] = { "", "+", "12", "+62 812", "0812-345",
		"+0812345678901234", "tolong", "112\n", "++62812" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(fine); i++)
		assert_true(pp_modem_number_is_fine(fine[i]));
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_false(pp_modem_number_is_fine(bad[i]));
}

static void what_is_no_message_is_refused(void **state)
{
	struct rig *rig = *state;
	char longer[PP_MODEM_TEXT_MAX + 2];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(rig_send(rig, "tolong", "x", false), -EINVAL);
	assert_int_equal(rig_send(rig, "112", "", false), -EINVAL);
	assert_int_equal(rig_send(rig, "112", longer, false), -EINVAL);
}

static void a_refusal_is_told_in_the_words_of_the_modem(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_order(rig, "mode refuses");
	assert_int_equal(rig_send(rig, "112", "tolong", false), 0);
	rig_run(rig, rig_has_sent);
	assert_int_equal(rig->error, -EREMOTEIO);
	assert_string_equal(rig->why, "Couldn't send SMS: no network service");
	rig_expect(rig, "deleted ");
}

static void a_message_that_hangs_holds_no_other_and_their_number_is_bounded(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_order(rig, "mode hangs");
	for (int i = 0; i < PP_MODEM_SENDS_MAX - 1; i++)
		assert_int_equal(rig_send(rig, "112", "hangs", false), 0);
	rig_order(rig, "receive +62811 it has taken them all"); /* a word that comes after them */
	rig_run(rig, rig_has_received);
	rig_order(rig, "mode fine");
	assert_int_equal(rig_send(rig, "113", "goes", false), 0);
	assert_int_equal(rig_send(rig, "113", "too many", false), -ENOBUFS);
	rig_run(rig, rig_has_sent);
	assert_int_equal(rig->error, 0);
	assert_int_equal(rig->sent, 1);
}

static bool was_reported(struct rig *rig)
{
	return rig->delivered + rig->lost > 0;
}

static void a_report_says_that_it_arrived_or_never_will(void **state)
{
	static const char *const orders[] = { "lose", "arrive" };
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	for (unsigned i = 0; i < 2; i++) {
		rig->sent = rig->delivered = rig->lost = 0;
		assert_int_equal(rig_send(rig, "112", "tolong", true), 0);
		rig_run(rig, rig_has_sent);
		rig_expect(rig, "sent 112 tolong");
		assert_false(was_reported(rig));
		rig_order(rig, orders[i]);
		rig_run(rig, was_reported);
		assert_int_equal(rig->delivered, i);
		assert_int_equal(rig->token, 7);
		rig_expect(rig, "deleted ");
	}
}

static void what_comes_in_is_taken_once_and_deleted(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, rig_is_there);
	rig_order(rig, "receive +6281234567 YA 123456");
	rig_run(rig, rig_has_received);
	rig_expect(rig, "deleted ");
	assert_string_equal(rig->number, "+6281234567");
	assert_string_equal(rig->text, "YA 123456");
	assert_int_equal(rig->received, 1);
}

static void what_came_in_before_or_was_not_taken_is_there_when_the_modem_is_found(void **state)
{
	struct rig *rig = *state;

	rig->refuse = true;
	rig_run(rig, rig_is_there);
	rig_order(rig, "receive 112 first");
	rig_run(rig, rig_has_received);
	rig->received = 0;
	pp_modem_offer(rig->modem);
	rig_run(rig, rig_has_received);
	rig_order(rig, "gone");
	rig->received = 0;
	rig->refuse = false;
	rig_order(rig, "back");
	rig_run(rig, rig_has_received);
	assert_string_equal(rig->text, "first");
	rig_expect(rig, "deleted ");
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_make, rig_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_three_to_fifteen_digits),
		RIGGED(what_is_no_message_is_refused),
		RIGGED(a_refusal_is_told_in_the_words_of_the_modem),
		RIGGED(a_message_that_hangs_holds_no_other_and_their_number_is_bounded),
		RIGGED(a_report_says_that_it_arrived_or_never_will),
		RIGGED(what_comes_in_is_taken_once_and_deleted),
		RIGGED(what_came_in_before_or_was_not_taken_is_there_when_the_modem_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
