/* SPDX-License-Identifier: Apache-2.0 */
/* static_test.c -- files of the folder are served with their types, and nothing beside it is. */
#include "static.h"

#include "pospin_test.h"

#include <errno.h>
#include <sys/stat.h>

static char *folder;
static struct pp_static *files;

static void put(const char *name, const char *text)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static int set_up(void **state)
{
	char path[600], target[600];

	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/www", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/www/assets", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	put("secret.txt", "secret");
	put("www/index.html", "<!doctype html>");
	put("www/assets/app-1a2b.js", "1;");
	put("www/.env.txt", "hidden");
	put("www/notes.sqlite", "other");
	put("www/empty.css", "");
	snprintf(path, sizeof(path), "%s/www/link.txt", folder);
	snprintf(target, sizeof(target), "%s/secret.txt", folder);
	assert_int_equal(symlink(target, path), 0);
	snprintf(path, sizeof(path), "%s/www/up", folder);
	assert_int_equal(symlink(folder, path), 0);
	snprintf(path, sizeof(path), "%s/www/pipe.txt", folder);
	assert_int_equal(mkfifo(path, 0644), 0);
	snprintf(path, sizeof(path), "%s/www", folder);
	return pp_static_new(path, &files);
}

static int tear_down(void **state)
{
	(void)state;
	files = pp_static_free(files);
	pp_test_folder_remove(folder);
	return 0;
}

static void files_come_with_type_and_etag(void **state)
{
	static const struct {
		const char *path, *type, *text;
	} cases[] = {
		{ "/", "text/html; charset=utf-8", "<!doctype html>" },
		{ "/index.html", "text/html; charset=utf-8", "<!doctype html>" },
		{ "/assets/app-1a2b.js", "text/javascript; charset=utf-8", "1;" },
		{ "/empty.css", "text/css; charset=utf-8", "" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_static_file file;

		assert_int_equal(pp_static_read(files, cases[i].path, &file), 0);
		assert_string_equal(file.type, cases[i].type);
		assert_int_equal(file.length, strlen(cases[i].text));
		assert_memory_equal(file.data, cases[i].text, file.length);
		assert_int_equal(strlen(file.etag), 18);
		free(file.data);
	}
}

static void an_etag_changes_with_the_content(void **state)
{
	struct pp_static_file before, after;

	(void)state;
	assert_int_equal(pp_static_read(files, "/index.html", &before), 0);
	put("www/index.html", "<!DOCTYPE html>");
	assert_int_equal(pp_static_read(files, "/index.html", &after), 0);
	assert_string_not_equal(before.etag, after.etag);
	free(before.data);
	free(after.data);
}

static void nothing_outside_or_of_another_kind_is_served(void **state)
{
	static const char *const paths[] = {
		"/../secret.txt",
		"/assets/../../secret.txt",
		"/assets/..",
		"/./index.html",
		"//index.html",
		"/assets//app-1a2b.js",
		"/assets",
		"/assets/",
		"/link.txt",
		"/up/secret.txt",
		"/.env.txt",
		"/notes.sqlite",
		"/nothing.html",
		"index.html",
		"",
		"/index.html/",
		"/index.html/a.js",
		"/%2e%2e/secret.txt",
		"/a\\..\\secret.txt",
		"/a/b/c/d/e.js",
		"/pipe.txt",
		"/index.html ",
	};
	struct pp_static_file file;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(paths); i++) {
		print_message("%s\n", paths[i]);
		assert_int_equal(pp_static_read(files, paths[i], &file), -ENOENT);
	}
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	struct pp_static_file file;
	char path[600];

	(void)state;
	put("www/big.js", "");
	snprintf(path, sizeof(path), "%s/www/big.js", folder);
	assert_int_equal(truncate(path, PP_STATIC_MAX + 1), 0);
	assert_int_equal(pp_static_read(files, "/big.js", &file), -EFBIG);
}

static void a_folder_that_is_not_there_is_said_so(void **state)
{
	struct pp_static *none = NULL;

	(void)state;
	assert_int_equal(pp_static_new("/nonexistent/console", &none), -ENOENT);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_with_type_and_etag),
		cmocka_unit_test(an_etag_changes_with_the_content),
		cmocka_unit_test(nothing_outside_or_of_another_kind_is_served),
		cmocka_unit_test(a_file_that_is_too_large_is_refused),
		cmocka_unit_test(a_folder_that_is_not_there_is_said_so),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
