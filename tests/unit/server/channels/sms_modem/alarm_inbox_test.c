/* SPDX-License-Identifier: Apache-2.0 */
/* alarm_inbox_test.c -- an alarm leaves the modem when the record has it, and not before. The
 * engine is the test itself. */
#include "alarm_inbox.h"

#include "pospin_test.h"

#include <errno.h>

static struct pp_alarm_inbox inbox;
static unsigned asked;
static int refuse; /* what submit says */
static pp_engine_done_fn *done[64];
static void *users[64];

int pp_engine_submit(struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *fn,
	void *user)
{
	(void)e;
	assert_int_equal(action->type, PP_ACTION_TEXT);
	if (refuse)
		return refuse;
	done[asked] = fn;
	users[asked++] = user;
	return 0;
}

static void answer(unsigned which, int error)
{
	const struct pp_action_result result = { .error = error };

	done[which](users[which], &result);
}

static unsigned dealt;
static void on_dealt(void *user)
{
	(void)user;
	dealt++;
}

static bool take(const char *text)
{
	return pp_alarm_inbox_take(
		&inbox, &(struct pp_action){ .type = PP_ACTION_TEXT, .text = text }, text);
}

static int begin(void **state)
{
	(void)state;
	inbox = (struct pp_alarm_inbox){ .dealt = on_dealt };
	dealt = 0;
	asked = 0;
	refuse = 0;
	return 0;
}

static void it_stays_in_the_modem_until_the_record_has_it(void **state)
{
	(void)state;
	assert_false(take("PP1abc"));
	assert_false(take("PP1abc")); /* offered again meanwhile */
	assert_int_equal(asked, 1);
	assert_int_equal(dealt, 0);
	answer(0, 0);
	assert_int_equal(dealt, 1); /* now it may go */
	assert_true(take("PP1abc"));
	assert_int_equal(asked, 1);
}

/* A post whose receipt was lost tells its alarm again, in the same words. */
static void the_same_words_once_more_are_asked_about_once_more(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_false(take("PP1abc"));
		assert_int_equal(asked, i + 1);
		answer(i, 0);
		assert_true(take("PP1abc"));
	}
}

/* Minds change, and then they come. */
static void a_yes_a_no_and_a_yes_again_are_three_answers(void **state)
{
	static const char *const texts[] = { "YA 1234566", "TIDAK 1234566", "YA 1234566" };

	(void)state;
	for (unsigned i = 0; i < PP_COUNT(texts); i++) {
		assert_false(take(texts[i]));
		assert_int_equal(asked, i + 1);
		answer(i, 0);
		assert_true(take(texts[i])); /* offered again, and deleted */
	}
}

static void what_no_post_has_said_may_go_too(void **state)
{
	static const int refusals[] = { -EINVAL, -ENOENT, -EPERM, -EEXIST };

	(void)state;
	for (unsigned i = 0; i < PP_COUNT(refusals); i++) {
		char text[16];

		snprintf(text, sizeof(text), "YA 12%u", i);
		assert_false(take(text));
		answer(i, refusals[i]);
		assert_true(take(text));
	}
}

static void a_record_that_cannot_write_is_asked_again(void **state)
{
	static const int errors[] = { -EBUSY, -ENOSPC, -EIO };

	(void)state;
	for (unsigned i = 0; i < PP_COUNT(errors); i++) {
		assert_false(take("PP1abc"));
		assert_int_equal(asked, i + 1);
		answer(i, errors[i]);
	}
	refuse = -ENOBUFS;
	assert_false(take("PP1abc"));
	refuse = 0;
	assert_false(take("PP1abc"));
	assert_int_equal(asked, 4);
}

static void more_at_once_than_are_remembered_wait_their_turn(void **state)
{
	char text[16];

	(void)state;
	for (int i = 0; i < PP_ALARMS_ASKED_MAX + 3; i++) {
		snprintf(text, sizeof(text), "PP1%d", i);
		assert_false(take(text));
	}
	assert_int_equal(asked, PP_ALARMS_ASKED_MAX);
	answer(5, 0);
	assert_false(take("PP132"));
	assert_int_equal(asked, PP_ALARMS_ASKED_MAX + 1);
	assert_false(take("PP133"));
	assert_int_equal(asked, PP_ALARMS_ASKED_MAX + 1);
}

static void the_same_words_of_another_number_are_another_message(void **state)
{
	const struct pp_action of[] = { { .type = PP_ACTION_TEXT, .name = "+621" },
		{ .type = PP_ACTION_TEXT, .name = "+622" } };

	(void)state;
	assert_false(pp_alarm_inbox_take(&inbox, &of[0], "YA 1234567"));
	assert_false(pp_alarm_inbox_take(&inbox, &of[1], "YA 1234567"));
	assert_int_equal(asked, 2);
	answer(0, -ENOENT);
	assert_false(pp_alarm_inbox_take(&inbox, &of[1], "YA 1234567"));
	assert_true(pp_alarm_inbox_take(&inbox, &of[0], "YA 1234567"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_stays_in_the_modem_until_the_record_has_it, begin),
		cmocka_unit_test_setup(
			the_same_words_once_more_are_asked_about_once_more, begin),
		cmocka_unit_test_setup(
			the_same_words_of_another_number_are_another_message, begin),
		cmocka_unit_test_setup(a_yes_a_no_and_a_yes_again_are_three_answers, begin),
		cmocka_unit_test_setup(what_no_post_has_said_may_go_too, begin),
		cmocka_unit_test_setup(a_record_that_cannot_write_is_asked_again, begin),
		cmocka_unit_test_setup(more_at_once_than_are_remembered_wait_their_turn, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
