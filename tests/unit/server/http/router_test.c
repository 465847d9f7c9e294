/* SPDX-License-Identifier: Apache-2.0 */
/* router_test.c -- methods and paths find their row, or what is allowed there. */
#include "router.h"

#include "pospin_test.h"

#include <errno.h>

static const struct pp_endpoint table[] = {
	{ "GET", "/api/v1/incidents", 1, 0 },
	{ "GET", "/api/v1/incidents/{number}", 1, 0 },
	{ "POST", "/api/v1/incidents/{number}/close", 1, 0 },
	{ "GET", "/api/v1/session", 0, PP_RULE_OPEN },
	{ "POST", "/api/v1/session", 0, PP_RULE_OPEN },
	{ "DELETE", "/api/v1/session", 1, 0 },
	{ "POST", "/api/v1/incidents/{number}/calls/{call}", 1, 0 },
};

static void a_method_and_path_find_their_row_and_parameter(void **state)
{
	static const struct {
		const char *method, *path;
		int want, row;
		const char *parameter, *allow;
	} cases[] = {
		{ "GET", "/api/v1/incidents", 0, 0, "", "" },
		{ "HEAD", "/api/v1/incidents", 0, 0, "", "" },
		{ "GET", "/api/v1/incidents/KDL-26-000123", 0, 1, "KDL-26-000123", "" },
		{ "POST", "/api/v1/incidents/KDL-26-000123/close", 0, 2, "KDL-26-000123", "" },
		{ "DELETE", "/api/v1/session", 0, 5, "", "" },
		{ "POST", "/api/v1/incidents/X/calls/7", 0, 6, "X", "" },
		{ "POST", "/api/v1/incidents/X/calls/", -ENOENT, 0, "", "" },
		{ "PATCH", "/api/v1/session", -EOPNOTSUPP, 0, "", "GET, HEAD, POST, DELETE" },
		{ "POST", "/api/v1/incidents/X", -EOPNOTSUPP, 0, "", "GET, HEAD" },
		{ "GET", "/api/v1/incidents/X/close", -EOPNOTSUPP, 0, "", "POST" },
		{ "GET", "/api/v1/incidents/", -ENOENT, 0, "", "" },
		{ "GET", "/api/v1/incidents//close", -ENOENT, 0, "", "" },
		{ "GET", "/api/v1/incidents/X/", -ENOENT, 0, "", "" },
		{ "GET", "/api/v1/incidents/X/close/it", -ENOENT, 0, "", "" },
		{ "GET", "/api/v1/incident", -ENOENT, 0, "", "" },
		{ "GET", "/api/v1/incidentsX", -ENOENT, 0, "", "" },
		{ "get", "/api/v1/session", -EOPNOTSUPP, 0, "", "GET, HEAD, POST, DELETE" },
		{ "GET", "", -ENOENT, 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_route_match match = { 0 };

		print_message("%s %s\n", cases[i].method, cases[i].path);
		assert_int_equal(pp_route_find(table, PP_COUNT(table), cases[i].method,
					 cases[i].path, &match),
			cases[i].want);
		assert_string_equal(match.allow, cases[i].allow);
		assert_string_equal(match.parameter, cases[i].parameter);
		if (cases[i].want == 0)
			assert_int_equal(match.route, cases[i].row);
	}
}

static void a_parameter_that_is_too_long_is_no_path(void **state)
{
	char path[200] = "/api/v1/incidents/";
	struct pp_route_match match;

	(void)state;
	memset(path + 18, 'A', PP_ROUTE_PARAMETER_MAX + 1);
	assert_int_equal(pp_route_find(table, PP_COUNT(table), "GET", path, &match), -ENOENT);
	path[18 + PP_ROUTE_PARAMETER_MAX] = '\0';
	assert_int_equal(pp_route_find(table, PP_COUNT(table), "GET", path, &match), 0);
}

static void a_second_parameter_stands_beside_the_first(void **state)
{
	struct pp_route_match match;

	(void)state;
	assert_int_equal(pp_route_find(table, PP_COUNT(table), "POST",
				 "/api/v1/incidents/KDL-1/calls/42", &match),
		0);
	assert_string_equal(match.parameter, "KDL-1");
	assert_string_equal(match.second, "42");
	assert_int_equal(
		pp_route_find(table, PP_COUNT(table), "GET", "/api/v1/incidents/KDL-1", &match), 0);
	assert_string_equal(match.second, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_method_and_path_find_their_row_and_parameter),
		cmocka_unit_test(a_second_parameter_stands_beside_the_first),
		cmocka_unit_test(a_parameter_that_is_too_long_is_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
