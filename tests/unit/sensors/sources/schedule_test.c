/* SPDX-License-Identifier: Apache-2.0 */
/* schedule_test.c -- levels to come, and the reader of script files. */
#include "schedule.h"

#include <errno.h>

#include "pospin_test.h"
#include "source_ops.h"

static const struct pp_line lines[] = { { .id = "panic" }, { .id = "smoke" },
	{ .id = "siren", .output = true } };
static const struct pp_source source = { .lines = lines, .count = PP_COUNT(lines) };

static int load(struct pp_schedule *s, const char *text, size_t length, struct pp_source_why *why)
{
	char *folder = pp_test_folder(), path[600];
	FILE *f;
	int r;

	snprintf(path, sizeof(path), "%s/play.script", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
	r = pp_schedule_load(s, path, 1000, &source, why);
	/* The folder's name is another one each time. */
	if (r < 0 && strstr(why->text, "play.script"))
		memmove(why->text, strstr(why->text, "play.script"),
			strlen(strstr(why->text, "play.script")) + 1);
	pp_test_folder_remove(folder);
	return r;
}

static void levels_come_out_when_they_are_due(void **state)
{
	static const uint64_t times[] = { 50, 20, 20, 90, 10 };
	struct pp_timed_level level;
	struct pp_schedule *s;

	(void)state;
	assert_int_equal(pp_schedule_new(&s), 0);
	assert_true(pp_schedule_deadline(s) == UINT64_MAX);
	for (size_t i = 0; i < PP_COUNT(times); i++)
		assert_int_equal(pp_schedule_add(s,
					 &(struct pp_timed_level){ .at_us = times[i], .line = i }),
			0);
	assert_int_equal(pp_schedule_deadline(s), 10);
	assert_false(pp_schedule_take(s, 9, &level));
	assert_true(pp_schedule_take(s, 20, &level));
	assert_int_equal(level.line, 4);
	assert_true(pp_schedule_take(s, 20, &level));
	assert_int_equal(level.line, 1);
	assert_true(pp_schedule_take(s, 20, &level));
	assert_int_equal(level.line, 2);
	assert_false(pp_schedule_take(s, 20, &level));
	assert_int_equal(pp_schedule_add(s, &(struct pp_timed_level){ .at_us = 30, .line = 7 }), 0);
	assert_true(pp_schedule_take(s, 1000, &level));
	assert_int_equal(level.line, 7);
	assert_int_equal(pp_schedule_deadline(s), 50);
	assert_null(pp_schedule_free(s));
	assert_null(pp_schedule_free(NULL));
}

static void it_holds_no_more_than_its_limit(void **state)
{
	struct pp_timed_level level = { 0 };
	struct pp_schedule *s;

	(void)state;
	assert_int_equal(pp_schedule_new(&s), 0);
	for (level.at_us = 0; level.at_us < PP_SCHEDULE_MAX; level.at_us++)
		assert_int_equal(pp_schedule_add(s, &level), 0);
	assert_int_equal(pp_schedule_add(s, &level), -ENOSPC);
	assert_true(pp_schedule_take(s, 0, &level));
	assert_int_equal(pp_schedule_add(s, &level), 0);
	pp_schedule_free(s);
}

static void a_script_is_read_with_comments_and_blank_lines(void **state)
{
	static const char text[] =
		"# a press\n\n1.5 panic on # now\n  1.7\tpanic off\r\n0 smoke on";
	static const struct pp_timed_level want[] = { { 1000, 1, true, 0 }, { 1501000, 0, true, 0 },
		{ 1701000, 0, false, 0 } };
	struct pp_source_why why;
	struct pp_schedule *s;

	(void)state;
	assert_int_equal(pp_schedule_new(&s), 0);
	assert_int_equal(load(s, text, strlen(text), &why), 0);
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		struct pp_timed_level got;

		assert_true(pp_schedule_take(s, UINT64_MAX - 1, &got));
		assert_int_equal(got.at_us, want[i].at_us);
		assert_int_equal(got.line, want[i].line);
		assert_int_equal(got.active, want[i].active);
	}
	assert_true(pp_schedule_deadline(s) == UINT64_MAX);
	pp_schedule_free(s);
}

static void a_bad_line_is_named_with_its_file_and_number(void **state)
{
#define EXPECTED "expected '<seconds> <id> on|off', such as '1.5 panic on'"
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "1 panic on\n2 panik off\n",
			"play.script:2: no point 'panik'; known: panic, smoke, siren" },
		{ "\n\n1 panic\n", "play.script:3: " EXPECTED },
		{ "1 panic on now\n", "play.script:1: " EXPECTED },
		{ "1 panic ON\n", "play.script:1: " EXPECTED },
		{ "1s panic on\n", "play.script:1: " EXPECTED },
		{ "press panic\n", "play.script:1: " EXPECTED },
		{ "1 siren on", "play.script:1: siren is an output" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_source_why why;
		struct pp_schedule *s;

		assert_int_equal(pp_schedule_new(&s), 0);
		assert_int_equal(load(s, rows[i].text, strlen(rows[i].text), &why), -EINVAL);
		assert_string_equal(why.text, rows[i].want);
		pp_schedule_free(s);
	}
}

static void a_file_that_is_no_text_or_not_there_is_an_error(void **state)
{
	struct pp_source_why why;
	struct pp_schedule *s;

	(void)state;
	assert_int_equal(pp_schedule_new(&s), 0);
	assert_int_equal(load(s, "1 panic on\n\0 2", 14, &why), -EINVAL);
	assert_int_equal(pp_schedule_load(s, "/nonexistent/x.script", 0, &source, &why), -ENOENT);
	assert_string_equal(why.text, "/nonexistent/x.script: No such file or directory");
	pp_schedule_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_come_out_when_they_are_due),
		cmocka_unit_test(it_holds_no_more_than_its_limit),
		cmocka_unit_test(a_script_is_read_with_comments_and_blank_lines),
		cmocka_unit_test(a_bad_line_is_named_with_its_file_and_number),
		cmocka_unit_test(a_file_that_is_no_text_or_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
