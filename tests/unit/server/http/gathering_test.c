/* SPDX-License-Identifier: Apache-2.0 */
/* gathering_test.c -- incidents written down, merged, linked and converted, over HTTP. */
#include "web_fixture.h"

#define INCIDENTS "/api/v1/incidents"
#define FIRST INCIDENTS "/KDL-26-000001"
#define MODES "/api/v1/posts/boja-01/modes"
#define CALL                                                                                       \
	"{\"class\":\"crime\",\"post\":\"boja-01\",\"caller\":\"Bu Sri\",\"note\":\"" SCRIPT       \
	"\",\"key\":\"0123456789\"}"

#define NUMBERS                                                                                    \
	"INSERT INTO incident_number SELECT 'kendal', year, 2 FROM (SELECT 2024 + value AS"        \
	" year FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]'))"

static void a_test_of_a_post_begins_and_ends(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
		const char *part;
	} steps[] = {
		{ MODES, "{\"mode\":\"test\",\"reason\":\"uji\",\"for\":\"30min\"}", 409,
			"close it first" },
		{ INCIDENTS "/KDL-26-000001/acknowledge", "{}", 200, NULL },
		{ INCIDENTS "/KDL-26-000001/close", "{\"code\":\"real\"}", 200, NULL },
		{ INCIDENTS "/KDL-26-000002/acknowledge", "{}", 200, NULL },
		{ INCIDENTS "/KDL-26-000002/close", "{\"code\":\"real\"}", 200, NULL },
		{ MODES, "{\"mode\":\"test\",\"reason\":\"uji\",\"for\":\"30min\"}", 200,
			"boja-01" },
		{ MODES, "{\"mode\":\"test\",\"reason\":\"uji\",\"for\":\"30\"}", 422, "'for'" },
		{ MODES, "{\"mode\":\"test\",\"reason\":\"uji\",\"for\":\"9h\"}", 422, "8h" },
		{ MODES, "{\"mode\":\"pause\",\"reason\":\"uji\",\"for\":\"1h\"}", 422, "mode" },
		{ MODES, "{\"mode\":\"disabled\",\"reason\":\"rusak\",\"for\":\"2d\"}", 422,
			"whole post" },
		{ MODES,
			"{\"mode\":\"disabled\",\"point\":\"panic-crime\",\"reason\":\"rusak\","
			"\"for\":\"2d\"}",
			200, NULL },
		{ MODES "/end", "{\"mode\":\"test\"}", 200, NULL },
		{ MODES "/end", "{\"mode\":\"test\"}", 200, NULL }, /* it has ended */
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		print_message("step %zu: %s\n", i, steps[i].body);
		web_expect(web_ask(&f, "POST", steps[i].path, steps[i].body), steps[i].want,
			steps[i].part);
	}
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200,
		"\"modes\":[{\"point\":\"panic-crime\",\"mode\":\"disabled\"");
	web_stop(&f);
}

static void a_call_is_written_down_linked_and_merged(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
		const char *part;
	} steps[] = {
		{ INCIDENTS, CALL, 201, "\"state\":\"acknowledged\"" },
		{ INCIDENTS, CALL, 201, "\"state\":\"acknowledged\"" }, /* the same one */
		{ INCIDENTS, "{\"class\":\"crime\",\"note\":\"x\"}", 422, "a post, or a desa" },
		{ INCIDENTS, "{\"class\":\"crime\",\"post\":\"no\",\"note\":\"x\"}", 404, NULL },
		{ INCIDENTS, "{\"class\":\"crime\",\"desa\":\"no\",\"note\":\"x\"}", 404, NULL },
		{ INCIDENTS, "{\"class\":\"crime\",\"post\":\"boja-01\"}", 422, "'note'" },
		{ FIRST "/convert", "{}", 409, "is a real one already" },
		{ FIRST "/merge", "{\"other\":\"KDL-26-999999\"}", 404, NULL },
		{ FIRST "/merge", "{}", 422, "'other' is missing" },
		{ FIRST "/split", "{\"post\":\"nowhere\"}", 404, "no alarm of that post" },
		{ FIRST "/merge", "{\"other\":\"KDL-26-000001\"}", 422, "another" },
	};
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NUMBERS, NULL);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		print_message("step %zu: %s\n", i, steps[i].path);
		web_expect(web_ask(&f, "POST", steps[i].path, steps[i].body), steps[i].want,
			steps[i].part);
	}
	web_expect(web_ask(&f, "GET", INCIDENTS, NULL), 200, "\"reported\":true");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_of_a_post_begins_and_ends),
		cmocka_unit_test(a_call_is_written_down_linked_and_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
