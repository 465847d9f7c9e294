/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_settings_test.c -- the sample is fine, mistakes are named with file, line and column. */
#include "pospin_test.h"

#include <errno.h>

#include "config/recorder_settings.h"

static void the_sample_is_fine(void **state)
{
	struct pp_recorder_settings s;
	struct pp_problem problem = { "" };

	(void)state;
	assert_int_equal(
		pp_recorder_settings_read(
			POSPIN_SOURCE_DIR "/packaging/examples/recorder.yaml", &s, &problem),
		0);
	assert_string_equal(s.spool_path, "/var/lib/pospin/recorder/spool.db");
	assert_int_equal(s.store.api, 0);
	pp_recorder_settings_done(&s);
}

/* What must be there, and rest from the fourth line on. */
static void settings_write(const char *path, const char *rest)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "record: a\ndata: b\nbroker: {ca: c, certificate: d, key: e}\n%s", rest);
	fclose(file);
}

static void mistakes_are_named_with_their_place(void **state)
{
	static const struct {
		const char *rest, *place;
	} cases[] = {
		{ "store: {url: 'ftp://x'}\n", ":4:" },
		{ "store: {url: 'http:///'}\n", ":4:" },
		{ "store: {api: 3}\n", ":4:14" },
		{ "stroe: {}\n", ":4:1" },
		{ "spool: {limit: 0}\n", ":4:16" },
	};
	char *folder = pp_test_folder(), path[600];

	(void)state;
	snprintf(path, sizeof(path), "%s/recorder.yaml", folder);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_recorder_settings s;
		struct pp_problem problem = { "" };

		settings_write(path, cases[i].rest);
		assert_int_equal(pp_recorder_settings_read(path, &s, &problem), -EINVAL);
		assert_non_null(strstr(problem.text, "recorder.yaml:"));
		assert_non_null(strstr(problem.text, cases[i].place));
	}
	pp_test_folder_remove(folder);
}

static void what_is_logged_of_the_store_is_without_name_and_password(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{ "http://store:8086/", "http://store:8086" },
		{ "https://pos:rahasia@store:8086/db/", "https://store:8086/db" },
		{ "http://pos@store", "http://store" },
		{ "http://pos:r/h@s?a#@store", "http://store" },
	};
	char *folder = pp_test_folder(), path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/recorder.yaml", folder);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_recorder_settings s;
		struct pp_problem problem = { "" };
		char rest[100];

		snprintf(rest, sizeof(rest), "store: {url: '%s'}\n", cases[i].url);
		settings_write(path, rest);
		assert_int_equal(pp_recorder_settings_read(path, &s, &problem), 0);
		assert_string_equal(s.store_shown, cases[i].shown);
		pp_recorder_settings_done(&s);
	}
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_is_fine),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(what_is_logged_of_the_store_is_without_name_and_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
