/* SPDX-License-Identifier: Apache-2.0 */
/* board_test.c -- what is shown is read, what is taken is gone. */
#include "board.h"

#include "pospin_test.h"

#include <errno.h>

static int set_up(void **state)
{
	struct pp_board *b = NULL;

	assert_int_equal(pp_board_new(&b), 0);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	assert_null(pp_board_free(*state));
	return 0;
}

static void the_newest_counts_are_read_with_what_was_turned_away(void **state)
{
	struct pp_engine_counts counts = { .signals = 1, .actions_busy = 77 }, read;

	pp_board_show(*state, &counts);
	counts.signals = 2;
	pp_board_committed(*state, &counts);
	pp_board_turned_away(*state);
	pp_board_counts(*state, &read);
	assert_int_equal(read.signals, 2);
	assert_int_equal(read.actions_busy, 1);
}

static void any_number_of_commits_is_taken_once(void **state)
{
	const struct pp_engine_counts counts = { 0 };

	assert_false(pp_board_take_commit(*state));
	pp_board_show(*state, &counts);
	assert_false(pp_board_take_commit(*state));
	pp_board_committed(*state, &counts);
	pp_board_committed(*state, &counts);
	assert_true(pp_board_take_commit(*state));
	assert_false(pp_board_take_commit(*state));
}

static void a_failure_stays(void **state)
{
	assert_int_equal(pp_board_failure(*state), 0);
	pp_board_failed(*state, -EIO);
	assert_int_equal(pp_board_failure(*state), -EIO);
	assert_int_equal(pp_board_failure(*state), -EIO);
}

static void an_end_is_told_once_asked_for(void **state)
{
	assert_false(pp_board_is_ending(*state));
	pp_board_end(*state);
	assert_true(pp_board_is_ending(*state));
}

static void news(void *user)
{
	struct pp_loop *loop = *(struct pp_loop **)user;

	pp_loop_stop(loop, 7);
}

static void commits_answers_and_failures_wake_the_asking_loop(void **state)
{
	const struct pp_engine_counts counts = { 0 };
	struct pp_loop_source *source;
	struct pp_loop *loop;

	assert_int_equal(pp_loop_new(&loop), 0);
	assert_int_equal(pp_loop_add_wake(loop, news, &loop, &source), 0);
	pp_board_set_news(*state, source);
	pp_board_committed(*state, &counts);
	assert_int_equal(pp_loop_run(loop), 7);
	pp_board_answered(*state);
	assert_int_equal(pp_loop_run(loop), 7);
	pp_board_failed(*state, -EIO);
	assert_int_equal(pp_loop_run(loop), 7);
	pp_loop_source_free(source);
	pp_loop_free(loop);
}

static void nobody_is_a_board(void **state)
{
	(void)state;
	assert_null(pp_board_free(NULL));
}

#define BOARD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(the_newest_counts_are_read_with_what_was_turned_away),
		BOARD_TEST(any_number_of_commits_is_taken_once),
		BOARD_TEST(a_failure_stays),
		BOARD_TEST(an_end_is_told_once_asked_for),
		BOARD_TEST(commits_answers_and_failures_wake_the_asking_loop),
		cmocka_unit_test(nobody_is_a_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
