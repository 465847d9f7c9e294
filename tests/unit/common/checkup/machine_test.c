/* SPDX-License-Identifier: Apache-2.0 */
/* machine_test.c -- the last lines of a log, programs that fail and that hang. */
#include "checkup/machine.h"

#include <errno.h>

#include "pospin_test.h"

static void the_last_lines_of_a_log_are_taken(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_buf b = { 0 };
	FILE *file;
	size_t lines = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/log", folder);
	file = fopen(path, "w");
	for (int i = 0; i < 700; i++)
		fprintf(file, "line %d\n", i);
	fclose(file);
	pp_machine_log_file(path, &b);
	for (size_t i = 0; i < b.length; i++)
		lines += b.data[i] == '\n';
	assert_int_equal(lines, PP_LOG_LINES);
	assert_true(strncmp(b.data, "line 200\n", 9) == 0);
	assert_non_null(strstr(b.data, "\nline 699\n"));
	pp_buf_done(&b);
	snprintf(path, sizeof(path), "%s/absent", folder);
	pp_machine_log_file(path, &b);
	assert_non_null(strstr(b.data, "cannot be read: No such file"));
	pp_buf_done(&b);
	pp_test_folder_remove(folder);
}

static void programs_are_heard_and_those_that_hang_are_ended(void **state)
{
	static const char *const echo[] = { "/bin/echo", "hello", NULL };
	static const char *const fails[] = { "/bin/false", NULL };
	static const char *const hangs[] = { "/bin/sleep", "100", NULL };
	static const char *const absent[] = { "/no/such/program", NULL };
	struct pp_buf b = { 0 };

	(void)state;
	assert_int_equal(pp_machine_run(echo, 10000, 100, &b), 0);
	assert_string_equal(b.data, "hello\n");
	pp_buf_done(&b);
	assert_int_equal(pp_machine_run(fails, 10000, 100, &b), -EIO);
	assert_int_equal(pp_machine_run(hangs, 50, 100, &b), -ETIMEDOUT);
	assert_int_equal(pp_machine_run(absent, 10000, 100, &b), -ENOENT);
}

static void a_machine_without_a_journal_says_so(void **state)
{
	static const char *const units[] = { "pospin-no-such-unit", NULL };
	struct pp_buf b = { 0 };

	(void)state;
	pp_machine_log_journal(units, 10000, &b);
	assert_non_null(strstr(b.data, "journal"));
	pp_buf_done(&b);
	pp_machine_describe(&b);
	assert_non_null(strstr(b.data, "kernel: Linux"));
	pp_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_lines_of_a_log_are_taken),
		cmocka_unit_test(programs_are_heard_and_those_that_hang_are_ended),
		cmocka_unit_test(a_machine_without_a_journal_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
