/* SPDX-License-Identifier: Apache-2.0 */
/* key_list_test.c -- files of public keys are read strictly and say which line is wrong. */
#include "pospin_test.h"

#include <errno.h>
#include <sys/stat.h>

#include "crypto/key_list.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static void good_lists_are_read(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} rows[] = {
		{ KEY_A, 1 },
		{ KEY_A "\n", 1 },
		{ "# the server\n\n" KEY_A "  \r\n" KEY_B "\n", 2 },
		{ "#" KEY_A "\n" KEY_B, 1 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_key_list list;

		assert_int_equal(
			pp_key_list_parse(rows[i].text, strlen(rows[i].text), &list, NULL), 0);
		assert_int_equal(list.count, rows[i].count);
	}
}

static void a_bad_list_names_its_line(void **state)
{
	static const struct {
		const char *text;
		int want;
		unsigned line;
	} rows[] = {
		{ "", -EBADMSG, 0 },
		{ "# nothing\n", -EBADMSG, 0 },
		{ KEY_A "\nAAAA\n", -EBADMSG, 2 },
		{ "\n " KEY_A "\n", -EBADMSG, 2 },
		{ KEY_A "\n# again\n" KEY_A "\n", -EBADMSG, 3 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_key_list list;
		unsigned line = 99;

		assert_int_equal(
			pp_key_list_parse(rows[i].text, strlen(rows[i].text), &list, &line),
			rows[i].want);
		assert_int_equal(line, rows[i].line);
	}
}

static void too_many_keys_are_refused(void **state)
{
	char text[(PP_KEY_LIST_MAX + 1) * 48] = "";
	struct pp_key_list list;
	unsigned line = 0;

	(void)state;
	for (uint8_t i = 0; i <= PP_KEY_LIST_MAX; i++) {
		uint8_t key[PP_PUBLIC_KEY_SIZE] = { i };
		char line_text[48];

		pp_base64(key, sizeof(key), line_text);
		strncat(text, line_text, sizeof(text) - strlen(text) - 1);
		strncat(text, "\n", sizeof(text) - strlen(text) - 1);
	}
	assert_int_equal(pp_key_list_parse(text, strlen(text), &list, &line), -E2BIG);
	assert_int_equal(line, PP_KEY_LIST_MAX + 1);
}

static void what_is_saved_is_loaded(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_key_list list = { .count = 2, .keys = { { 1 }, { 2, 3 } } }, read;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/keys.txt", folder);
	assert_int_equal(pp_key_list_load(path, &read, NULL), -ENOENT);
	assert_int_equal(pp_key_list_save(&list, path), 0);
	assert_int_equal(pp_key_list_load(path, &read, NULL), 0);
	assert_int_equal(read.count, 2);
	assert_memory_equal(read.keys, list.keys, sizeof(list.keys[0]) * 2);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	pp_test_folder_remove(folder);
}

static void a_new_key_comes_first_and_a_known_one_stays(void **state)
{
	uint8_t key[PP_PUBLIC_KEY_SIZE] = { 0 };
	struct pp_key_list list = { .count = 0 };

	(void)state;
	for (int i = 0; i < PP_KEY_LIST_MAX + 2; i++) {
		key[0] = (uint8_t)i;
		pp_key_list_put(&list, key);
		pp_key_list_put(&list, key);
		assert_int_equal(list.keys[0][0], i);
	}
	assert_int_equal(list.count, PP_KEY_LIST_MAX);
	key[0] = 5;
	pp_key_list_put(&list, key);
	assert_int_equal(list.keys[0][0], PP_KEY_LIST_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_key_comes_first_and_a_known_one_stays),
		cmocka_unit_test(good_lists_are_read),
		cmocka_unit_test(a_bad_list_names_its_line),
		cmocka_unit_test(too_many_keys_are_refused),
		cmocka_unit_test(what_is_saved_is_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
