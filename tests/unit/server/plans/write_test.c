/* SPDX-License-Identifier: Apache-2.0 */
/* write_test.c -- a book written and read again, with and without what is personal. */
#include "plans/write.h"

#include "sample_file.h"

static char *printed(struct pp_json *json)
{
	size_t length;
	char *text = NULL;

	assert_int_equal(pp_json_print(json, &text, &length), 0);
	pp_json_free(json);
	return text;
}

static void what_is_written_reads_back_as_the_same_book(void **state)
{
	struct pp_problem problem = { "" };
	struct pp_plan_book *one = NULL, *two = NULL;
	char *first, *second;

	(void)state;
	assert_int_equal(sample_read(sample_file, &one, &problem), 0);
	first = printed(pp_plans_json(one, PP_PLANS_WHOLE));
	if (sample_read(first, &two, &problem) < 0)
		fail_msg("%s", problem.text);
	second = printed(pp_plans_json(two, PP_PLANS_WHOLE));
	assert_string_equal(first, second);
	assert_non_null(strstr(first,
		"\"fire\":{\"classes\":[\"fire\"],\"area\":[\"desa:d1\",\"post:boja-01\"],"
		"\"hours\":"
		"{\"days\":[\"mon\"],\"from\":\"18:00\",\"to\":\"24:00\"},\"rings\":"
		"{\"neighbours\":"
		"{\"until\":\"taken\",\"steps\":[{\"call\":[\"contact:rt\",\"roster:ronda\"],"
		"\"wait\":\"1min\"}]}"));
	free(first);
	free(second);
	pp_plan_book_free(one);
	pp_plan_book_free(two);
}

static void what_is_personal_is_left_out(void **state)
{
	static const enum pp_plans_form forms[] = { PP_PLANS_MASKED, PP_PLANS_KEPT };
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;

	(void)state;
	assert_int_equal(sample_read(sample_file, &book, &problem), 0);
	for (size_t i = 0; i < 2; i++) {
		char *text = printed(pp_plans_json(book, forms[i]));

		assert_null(strstr(text, "Budi"));
		assert_null(strstr(text, "+62"));
		assert_null(strstr(text, "@"));
		assert_non_null(strstr(text, "contact:rt"));
		free(text);
	}
	pp_plan_book_free(book);
}

static void who_would_be_called_is_told_step_by_step(void **state)
{
	const struct pp_plan_query query = { PP_CLASS_FIRE, "boja-01", "d1", "k1",
		18 * 60 /* Monday */, false, false, NULL, NULL, 0 };
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;
	char *text;

	(void)state;
	assert_int_equal(sample_read(sample_file, &book, &problem), 0);
	text = printed(pp_plans_who_json(book, &query, INT64_C(1763750400000), false));
	assert_string_equal(text,
		"{\"plan\":\"fire\",\"built_in\":false,\"class\":\"fire\",\"post\":\"boja-01\","
		"\"minute\":\"mon 18:00\",\"calls\":[{\"ring\":\"neighbours\",\"step\":1,\"until\":"
		"\"taken\",\"after\":0,\"wait\":60,\"callees\":[{\"contact\":\"rt\",\"name\":"
		"\"Pak Budi\",\"contact_role\":\"ketua-rt\",\"ways\":[{\"sms\":\"+6281234567890\"},"
		"{\"mail\":\"budi@example.id\"}],\"verified\":\"2025-11-01\",\"stale\":false}]},"
		"{\"ring\":\"agencies\",\"step\":1,\"until\":\"accepted\",\"after\":0,\"wait\":90,"
		"\"callees\":[{\"agency\":\"damkar\",\"agency_name\":\"Damkar\",\"station\":"
		"\"boja-02\"},{\"webhook\":\"bot\"}]},{\"ring\":\"fallback\",\"step\":1,"
		"\"after\":60,"
		"\"every\":120,\"callees\":[{\"agency\":\"satpol\",\"agency_name\":\"Satpol PP\","
		"\"contact\":\"piket\",\"name\":\"Piket\",\"contact_role\":\"piket\",\"ways\":"
		"[{\"webhook\":\"bot\"}],\"stale\":true}]}]}");
	free(text);
	text = printed(pp_plans_who_json(book, &query, INT64_C(1763750400000), true));
	assert_null(strstr(text, "Budi"));
	assert_null(strstr(text, "+62"));
	free(text);
	pp_plan_book_free(book);
}

static void without_a_book_the_built_in_plan_is_told(void **state)
{
	const struct pp_plan_query query = { PP_CLASS_FIRE, "boja-01", "d1", "k1", 0,
		false, false, NULL, NULL, 0 };
	char *text;

	(void)state;
	text = printed(pp_plans_who_json(NULL, &query, 0, false));
	assert_non_null(strstr(text, "\"plan\":\"\",\"built_in\":true"));
	assert_non_null(strstr(text, "{\"role\":\"operator\"}"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back_as_the_same_book),
		cmocka_unit_test(what_is_personal_is_left_out),
		cmocka_unit_test(who_would_be_called_is_told_step_by_step),
		cmocka_unit_test(without_a_book_the_built_in_plan_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
