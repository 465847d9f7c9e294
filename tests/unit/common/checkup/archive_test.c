/* SPDX-License-Identifier: Apache-2.0 */
/* archive_test.c -- what tar reads back, its mode, and what is left behind. */
#include "checkup/archive.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "pospin_test.h"

static bool shell(const char *folder, const char *line)
{
	char command[1200];

	snprintf(command, sizeof(command), "cd '%s' && { %s; }", folder, line);
	return system(command) == 0;
}

static void what_was_put_in_comes_out_and_nothing_is_left_behind(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_archive *a = NULL;
	struct stat facts;

	(void)state;
	snprintf(path, sizeof(path), "%s/out.tar.gz", folder);
	assert_int_equal(pp_archive_new(path, "pospin-x", &a), 0);
	assert_int_equal(pp_archive_add(a, "one.txt", "hello\n", 6), 0);
	assert_int_equal(pp_archive_add(a, "empty", "", 0), 0);
	assert_int_equal(pp_archive_finish(a), 0);
	assert_null(pp_archive_free(a));
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	assert_true(shell(folder, "test \"$(ls -A)\" = out.tar.gz"));
	assert_true(shell(folder, "tar -xzf out.tar.gz && grep -qx hello pospin-x/one.txt && "
				  "test ! -s pospin-x/empty && test -e pospin-x/empty"));
	assert_int_equal(pp_archive_new(path, "pospin-x", &a), -EEXIST);
	pp_test_folder_remove(folder);
}

static void what_is_given_up_leaves_nothing(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_archive *a = NULL;

	(void)state;
	snprintf(path, sizeof(path), "%s/out.tar.gz", folder);
	assert_int_equal(pp_archive_new(path, "x", &a), 0);
	assert_int_equal(pp_archive_add(a, "one", "1", 1), 0);
	pp_archive_free(a);
	assert_true(shell(folder, "test -z \"$(ls -A)\""));
	snprintf(path, sizeof(path), "%s/no/such/out.tar.gz", folder);
	assert_int_equal(pp_archive_new(path, "x", &a), -ENOENT);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_comes_out_and_nothing_is_left_behind),
		cmocka_unit_test(what_is_given_up_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
