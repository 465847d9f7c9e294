/* SPDX-License-Identifier: Apache-2.0 */
/* spool_test.c -- what is in the spool stays until it is written, over restarts. */
#include "pospin_test.h"

#include <errno.h>

#include "recorder/spool.h"

struct spool_fixture {
	char *folder;
	char path[600];
	struct pp_spool *spool;
};

static int set_up(void **state)
{
	struct spool_fixture *f = calloc(1, sizeof(*f));

	f->folder = pp_test_folder();
	snprintf(f->path, sizeof(f->path), "%s/spool.db", f->folder);
	assert_int_equal(pp_spool_open(f->path, 1 << 20, false, &f->spool), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct spool_fixture *f = *state;

	pp_spool_close(f->spool);
	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

static void add(struct pp_spool *s, const char *line, int64_t cursor)
{
	assert_int_equal(pp_spool_begin(s), 0);
	assert_int_equal(pp_spool_add(s, line, 1), 0);
	assert_int_equal(pp_spool_set_cursor(s, cursor), 0);
	assert_int_equal(pp_spool_commit(s), 0);
}

static void peek(struct pp_spool *s, int64_t count, const char *want, int64_t *ret_last)
{
	struct pp_buf text = { 0 };

	(void)pp_spool_peek(s, count, &text, ret_last);
	pp_buf_add(&text, "", 1);
	assert_string_equal(text.data, want);
	pp_buf_done(&text);
}

static void lines_come_out_in_order_and_survive_a_restart(void **state)
{
	struct spool_fixture *f = *state;
	int64_t last = 0, cursor = 0;

	add(f->spool, "one", 5);
	add(f->spool, "two", 6);
	add(f->spool, "three", 7);
	pp_spool_close(f->spool);
	assert_int_equal(pp_spool_open(f->path, 1 << 20, false, &f->spool), 0);
	assert_int_equal(pp_spool_cursor(f->spool, &cursor), 0);
	assert_int_equal(cursor, 7);
	peek(f->spool, 2, "one\ntwo\n", &last);
	assert_int_equal(pp_spool_drop(f->spool, last), 0);
	peek(f->spool, 9, "three\n", &last);
}

static void what_was_rolled_back_is_not_there_and_its_cursor_neither(void **state)
{
	struct spool_fixture *f = *state;
	int64_t last = 0, cursor = -1;

	assert_int_equal(pp_spool_begin(f->spool), 0);
	assert_int_equal(pp_spool_add(f->spool, "gone", 1), 0);
	assert_int_equal(pp_spool_set_cursor(f->spool, 9), 0);
	pp_spool_rollback(f->spool);
	peek(f->spool, 9, "", &last);
	assert_int_equal(pp_spool_cursor(f->spool, &cursor), 0);
	assert_int_equal(cursor, 0);
}

static void count_poison(void *user, int64_t at_ms, const char *line, const char *why)
{
	assert_true(at_ms > 0);
	assert_string_equal(line, "bad");
	assert_string_equal(why, "HTTP 400 unable to parse");
	++*(int *)user;
}

static void a_poison_line_is_set_aside_and_can_be_shown(void **state)
{
	struct spool_fixture *f = *state;
	int64_t last = 0, waiting = 0, poison = 0;
	int shown = 0;

	add(f->spool, "bad", 1);
	add(f->spool, "good", 2);
	assert_int_equal(pp_spool_poison(f->spool, "HTTP 400 unable to parse"), 0);
	peek(f->spool, 9, "good\n", &last);
	assert_int_equal(pp_spool_count(f->spool, &waiting, &poison), 0);
	assert_int_equal(waiting, 1);
	assert_int_equal(poison, 1);
	assert_int_equal(pp_spool_each_poison(f->spool, 10, count_poison, &shown), 0);
	assert_int_equal(shown, 1);
}

static void the_offset_of_a_boot_is_the_smallest_seen(void **state)
{
	struct spool_fixture *f = *state;
	static const struct {
		const char *post;
		int64_t boot, observed, want;
	} steps[] = {
		{ "kendal/a", 1, 1000, 1000 },
		{ "kendal/a", 1, 1200, 1000 },
		{ "kendal/a", 1, 900, 900 },
		{ "kendal/a", 2, 5000, 5000 },
		{ "kendal/b", 1, 7000, 7000 },
		{ "kendal/a", 1, 950, 900 },
	};

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		int64_t offset = 0;

		const struct pp_spool_seen seen = { steps[i].boot, 100, steps[i].observed + 100 };

		assert_int_equal(pp_spool_offset(f->spool, steps[i].post, &seen, &offset), 0);
		assert_int_equal(offset, steps[i].want);
	}
}

static void the_smallest_is_forgotten_after_two_hours(void **state)
{
	struct spool_fixture *f = *state;
	static const struct {
		int64_t mono, observed, want;
	} steps[] = { { 0, 1000, 1000 }, { 3599000, 1500, 1000 }, { 3600000, 1400, 1000 },
		{ 7000000, 1600, 1000 }, { 7200000, 1700, 1400 }, { 10800000, 1800, 1700 } };

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		const struct pp_spool_seen seen = { 1, steps[i].mono,
			steps[i].observed + steps[i].mono };
		int64_t offset = 0;

		assert_int_equal(pp_spool_offset(f->spool, "kendal/a", &seen, &offset), 0);
		if (offset != steps[i].want)
			fail_msg("step %zu: %d", i, (int)offset);
	}
}

static void a_step_of_the_clock_forgets_what_was_observed_by_it(void **state)
{
	struct spool_fixture *f = *state;
	const struct pp_spool_seen seen = { 1, 0, 1000 }, later = { 1, 0, 7201000 };
	int64_t offset = 0;

	assert_int_equal(pp_spool_look(f->spool, 7, 500000), 0);
	assert_int_equal(pp_spool_look(f->spool, 7, 501000), 0);
	assert_int_equal(pp_spool_offset(f->spool, "kendal/a", &seen, &offset), 0);
	assert_int_equal(pp_spool_look(f->spool, 7, 500000 + 7200000), 1);
	assert_int_equal(pp_spool_look(f->spool, 7, 500000 + 7200000), 0);
	assert_int_equal(pp_spool_offset(f->spool, "kendal/a", &later, &offset), 0);
	assert_int_equal(offset, 7201000);
	assert_int_equal(pp_spool_look(f->spool, 8, 3), 0); /* another boot: nobody knows */
}

static void it_says_when_it_is_full_and_when_room_is_made(void **state)
{
	struct spool_fixture *f = *state;
	char line[2001];
	int64_t last = 0;
	struct pp_buf text = { 0 };

	memset(line, 'x', 2000);
	line[2000] = '\0';
	assert_false(pp_spool_full(f->spool));
	assert_int_equal(pp_spool_begin(f->spool), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(pp_spool_add(f->spool, line, 1), 0);
	assert_int_equal(pp_spool_commit(f->spool), 0);
	assert_true(pp_spool_full(f->spool));
	assert_int_equal(pp_spool_peek(f->spool, 2000, &text, &last), 1000);
	pp_buf_done(&text);
	assert_int_equal(pp_spool_drop(f->spool, last), 0);
	assert_false(pp_spool_full(f->spool));
}

static int64_t waiting(struct pp_spool *s)
{
	int64_t lines = -1, poison;

	assert_int_equal(pp_spool_count(s, &lines, &poison), 0);
	return lines;
}

static void lines_that_were_added_together_stay_so_until_one_must_go_alone(void **state)
{
	struct spool_fixture *f = *state;
	int64_t last = 0;

	assert_int_equal(pp_spool_add(f->spool, "a\nb\nc", 3), 0);
	assert_int_equal(pp_spool_add(f->spool, "d", 1), 0);
	assert_int_equal(pp_spool_add(f->spool, "e\nf", 2), 0);
	assert_int_equal(waiting(f->spool), 6);
	peek(f->spool, 100, "a\nb\nc\nd\ne\nf\n", &last);
	peek(f->spool, 5, "a\nb\nc\nd\n", &last);
	peek(f->spool, 2, "a\nb\n", &last);
	assert_int_equal(waiting(f->spool), 6);
	assert_int_equal(pp_spool_drop(f->spool, last), 0);
	assert_int_equal(waiting(f->spool), 4);
	peek(f->spool, 100, "c\nd\ne\nf\n", &last);
	assert_int_equal(pp_spool_drop(f->spool, last), 0);
	assert_int_equal(waiting(f->spool), 0);
}

static void of_lines_that_were_added_together_only_the_poisonous_one_is_set_aside(void **state)
{
	struct spool_fixture *f = *state;
	int64_t last = 0;

	assert_int_equal(pp_spool_add(f->spool, "bad\ngood\nbetter", 3), 0);
	assert_int_equal(pp_spool_poison(f->spool, "no"), 0);
	assert_int_equal(waiting(f->spool), 2);
	assert_int_equal(pp_spool_add(f->spool, "x\ny", 2), 0);
	peek(f->spool, 100, "good\nbetter\nx\ny\n", &last);
	assert_int_equal(pp_spool_poison(f->spool, "no"), 0);
	peek(f->spool, 1, "better\n", &last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_that_were_added_together_stay_so_until_one_must_go_alone, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			of_lines_that_were_added_together_only_the_poisonous_one_is_set_aside,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			lines_come_out_in_order_and_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_rolled_back_is_not_there_and_its_cursor_neither, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_poison_line_is_set_aside_and_can_be_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_offset_of_a_boot_is_the_smallest_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_smallest_is_forgotten_after_two_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_step_of_the_clock_forgets_what_was_observed_by_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			it_says_when_it_is_full_and_when_room_is_made, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
