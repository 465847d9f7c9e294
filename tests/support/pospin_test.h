/* SPDX-License-Identifier: Apache-2.0 */
/* pospin_test.h -- cmocka with the headers that it wants first, and a temporary folder per test. */
#ifndef POSPIN_TEST_H
#define POSPIN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define PP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A new folder under $TMPDIR; the caller frees the name after pp_test_folder_remove. */
static inline char *pp_test_folder(void)
{
	const char *base = getenv("TMPDIR");
	char path[512];
	snprintf(path, sizeof(path), "%s/pospin-test-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(path));
	return strdup(path);
}

static inline void pp_test_folder_remove(char *path)
{
	char command[600];
	assert_true(strncmp(strrchr(path, '/'), "/pospin-test-", 13) == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
	free(path);
}

#endif
