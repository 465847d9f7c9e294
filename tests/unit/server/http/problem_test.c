/* SPDX-License-Identifier: Apache-2.0 */
/* problem_test.c -- problem documents are JSON whatever the detail holds. */
#include "problem.h"

#include "pospin_test.h"

#include "json/json.h"

static void a_problem_has_its_four_members_and_stays_inert(void **state)
{
	struct pp_json *json;
	const char *text;
	char *printed;
	size_t length;
	int64_t status;

	(void)state;
	assert_int_equal(
		pp_problem_print(422, "unknown member '<script>\"\n'", &printed, &length), 0);
	assert_int_equal(strlen(printed), length);
	assert_int_equal(pp_json_parse(printed, length, &json, NULL), 0);
	assert_int_equal(pp_json_count(json), 4);
	assert_int_equal(pp_json_get_text(json, "type", 40, &text), 0);
	assert_string_equal(text, "about:blank");
	assert_int_equal(pp_json_get_text(json, "title", 40, &text), 0);
	assert_string_equal(text, "Unprocessable Content");
	assert_int_equal(pp_json_get_i64(json, "status", 100, 599, &status), 0);
	assert_int_equal(status, 422);
	assert_int_equal(pp_json_get_text(json, "detail", 200, &text), 0);
	assert_string_equal(text, "unknown member '<script>\"\n'");
	pp_json_free(json);
	free(printed);
}

static void every_status_that_the_api_gives_has_a_title(void **state)
{
	static const unsigned statuses[] = { 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500,
		503 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(statuses); i++)
		assert_string_not_equal(pp_problem_title(statuses[i]), "Error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_has_its_four_members_and_stays_inert),
		cmocka_unit_test(every_status_that_the_api_gives_has_a_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
