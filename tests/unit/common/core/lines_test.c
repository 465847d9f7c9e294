/* SPDX-License-Identifier: Apache-2.0 */
/* lines_test.c -- lines that are added, by one program or two, and one that was torn. */
#include "core/lines.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/file.h"
#include "pospin_test.h"

static char *folder, path[512];
static int reads_until_error; /* 0: none fails */

/* core/lines.c reaches this instead of the C library's. */
ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
	if (reads_until_error > 0 && --reads_until_error == 0) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, data, length, offset);
}

static int folder_make(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/lines", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void expect(const char *want)
{
	char *text = NULL;

	assert_int_equal(pp_file_read(path, 1000, &text, NULL), 0);
	assert_string_equal(text, want);
	free(text);
}

static void lines_are_added_behind_those_that_are_there(void **state)
{
	struct pp_lines *l;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pp_lines_open(path, 0640, &l), 0);
		assert_int_equal(pp_lines_append(l, "one\ntwo\n", 8), 0);
		assert_null(pp_lines_close(l));
	}
	expect("one\ntwo\none\ntwo\n");
}

static void two_programs_add_to_one_file(void **state)
{
	struct pp_lines *a, *b;

	(void)state;
	assert_int_equal(pp_lines_open(path, 0640, &a), 0);
	assert_int_equal(pp_lines_open(path, 0640, &b), 0);
	assert_int_equal(pp_lines_append(a, "a\n", 2), 0);
	assert_int_equal(pp_lines_append(b, "b\n", 2), 0);
	assert_int_equal(pp_lines_append(a, "c\n", 2), 0);
	expect("a\nb\nc\n");
	pp_lines_close(a);
	pp_lines_close(b);
}

static void the_beginning_of_a_line_goes_when_the_file_is_opened(void **state)
{
	static const struct {
		const char *was, *is;
	} rows[] = { { "", "" }, { "tor", "" }, { "whole\ntor", "whole\n" },
		{ "whole\n", "whole\n" }, { "\n", "\n" } };
	struct pp_lines *l;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(pp_file_write(path, rows[i].was, strlen(rows[i].was), 0640), 0);
		assert_int_equal(pp_lines_open(path, 0640, &l), 0);
		pp_lines_close(l);
		expect(rows[i].is);
	}
}

static void the_end_of_the_file_is_read(void **state)
{
	static const struct {
		size_t max;
		const char *text;
		bool whole;
	} rows[] = { { 100, "one\ntwo\n", true }, { 8, "one\ntwo\n", true },
		{ 6, "e\ntwo\n", false }, { 0, "", false } };
	struct pp_lines *l;

	(void)state;
	assert_int_equal(pp_lines_open(path, 0640, &l), 0);
	assert_int_equal(pp_lines_append(l, "one\ntwo\n", 8), 0);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		size_t length = 0;
		char *text = NULL;
		bool whole;

		assert_int_equal(pp_lines_tail(l, rows[i].max, &text, &length, &whole), 0);
		assert_int_equal(length, strlen(rows[i].text));
		assert_memory_equal(text, rows[i].text, length);
		assert_int_equal(whole, rows[i].whole);
		free(text);
	}
	pp_lines_close(l);
}

static void what_cannot_be_opened_or_written_is_told(void **state)
{
	struct pp_lines *l = NULL;

	(void)state;
	assert_int_equal(pp_lines_open("/no/such/folder/lines", 0640, &l), -ENOENT);
	assert_int_equal(pp_lines_open(folder, 0640, &l), -EISDIR);
	assert_null(l);
	if (access("/dev/full", W_OK) == 0) {
		assert_int_equal(pp_lines_open("/dev/full", 0640, &l), 0);
		assert_int_equal(pp_lines_append(l, "x\n", 2), -ENOSPC);
		pp_lines_close(l);
	}
	assert_null(pp_lines_close(NULL));
}

/* Of a torn line four bytes are read, and then the disk fails: the line may be whole. */
static void an_end_that_cannot_be_read_is_an_error_and_stays_as_it_is(void **state)
{
	struct pp_lines *l;

	(void)state;
	assert_int_equal(pp_file_write(path, "one\ntwo\ntorn in two", 19, 0640), 0);
	for (int reads = 1; reads <= 5; reads += 4) {
		reads_until_error = reads;
		assert_int_equal(pp_lines_open(path, 0640, &l), -EIO);
		reads_until_error = 0;
		expect("one\ntwo\ntorn in two");
	}
	assert_int_equal(pp_lines_open(path, 0640, &l), 0);
	pp_lines_close(l);
	expect("one\ntwo\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_end_that_cannot_be_read_is_an_error_and_stays_as_it_is, folder_make,
			folder_remove),
		cmocka_unit_test_setup_teardown(
			lines_are_added_behind_those_that_are_there, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			two_programs_add_to_one_file, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			the_beginning_of_a_line_goes_when_the_file_is_opened, folder_make,
			folder_remove),
		cmocka_unit_test_setup_teardown(
			the_end_of_the_file_is_read, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_opened_or_written_is_told, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
