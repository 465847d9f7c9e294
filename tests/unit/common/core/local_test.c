/* SPDX-License-Identifier: Apache-2.0 */
/* local_test.c -- a program that tells, one that hangs, one that is gone. */
#include "core/local.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "pospin_test.h"

static void what_is_told_is_heard(void **state)
{
	char *folder = pp_test_folder(), path[600], *text = NULL;
	struct stat facts;
	size_t length = 0;
	int fd;
	pid_t child;

	(void)state;
	snprintf(path, sizeof(path), "%s/new/control", folder);
	fd = pp_local_listen(path);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0660);
	child = fork();
	if (child == 0) {
		while (pp_local_tell(fd, "hello", 5) == -EAGAIN)
			;
		_exit(0);
	}
	assert_int_equal(pp_local_ask(path, 10000, 100, &text, &length), 0);
	assert_string_equal(text, "hello");
	free(text);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fd);
	/* A leftover is replaced. */
	fd = pp_local_listen(path);
	assert_true(fd >= 0);
	pp_local_close(fd, path);
	assert_int_equal(access(path, F_OK), -1);
	pp_local_close(-1, path);
	pp_test_folder_remove(folder);
}

static void one_that_hangs_is_given_up_and_one_that_is_gone_is_known(void **state)
{
	char *folder = pp_test_folder(), path[600], *text = NULL;
	size_t length;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/control", folder);
	assert_int_equal(pp_local_ask(path, 50, 100, &text, &length), -ENOENT);
	fd = pp_local_listen(path);
	assert_int_equal(pp_local_tell(fd, "x", 1), -EAGAIN);
	assert_int_equal(pp_local_ask(path, 50, 100, &text, &length), -ETIMEDOUT);
	close(fd);
	assert_int_equal(pp_local_ask(path, 50, 100, &text, &length), -ECONNREFUSED);
	pp_test_folder_remove(folder);
}

static void a_file_that_is_no_socket_stays(void **state)
{
	char *folder = pp_test_folder(), path[600];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/letter", folder);
	file = fopen(path, "w");
	fputs("dear", file);
	fclose(file);
	assert_int_equal(pp_local_listen(path), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	pp_test_folder_remove(folder);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char path[300], *text;
	size_t length;

	(void)state;
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pp_local_listen(path), -ENAMETOOLONG);
	assert_int_equal(pp_local_ask(path, 1, 1, &text, &length), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_heard),
		cmocka_unit_test(one_that_hangs_is_given_up_and_one_that_is_gone_is_known),
		cmocka_unit_test(a_file_that_is_no_socket_stays),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
