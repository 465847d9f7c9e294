/* SPDX-License-Identifier: Apache-2.0 */
/* setup_test.c -- the first operator: by the link, once, and by nothing else. */
#include "web_fixture.h"

#include <errno.h>

static void the_link_makes_one_operator_and_is_spent(void **state)
{
	struct web_fixture f;
	char link[PP_WEB_LINK_SIZE], prefix[60];

	(void)state;
	web_start(&f);
	snprintf(prefix, sizeof(prefix), "http://127.0.0.1:%u/#setup=", f.port);
	assert_true(strncmp(f.link, prefix, strlen(prefix)) == 0);
	assert_int_equal(strlen(f.link), strlen(prefix) + 64);
	web_expect(web_ask(&f, "GET", "/api/v1/setup", NULL), 200, "{\"needed\":true}");
	web_expect(web_setup(&f, "budi"), 201,
		"{\"name\":\"budi\",\"display\":\"" SCRIPT
		"\",\"roles\":[\"administrator\",\"operator\"]}");
	web_expect(web_ask(&f, "GET", "/api/v1/setup", NULL), 200, "{\"needed\":false}");
	web_expect(web_setup(&f, "siti"), 409, "an operator already");
	loop_thread_stop(&f.thread);
	assert_int_equal(pp_web_setup_link(f.web, link), -ENOENT);
	loop_thread_start(&f.thread, f.loop);
	web_stop(&f);
}

static void what_is_not_right_is_refused_and_the_link_stays_good(void **state)
{
	static const struct {
		const char *token, *name, *password, *more;
		int want;
		const char *part;
	} cases[] = {
		{ "x", "budi", WEB_PASSWORD, "", 403, "link is not valid" },
		{ "0000000000000000000000000000000000000000000000000000000000000000", "budi",
			WEB_PASSWORD, "", 403, "link is not valid" },
		{ "", "budi", WEB_PASSWORD, "", 422, "'token'" },
		{ NULL, "Budi", WEB_PASSWORD, "", 422, "'name'" },
		{ NULL, "budi.s", WEB_PASSWORD, "", 422, "'name'" },
		{ NULL, "_budi", WEB_PASSWORD, "", 422, "'name'" },
		{ NULL, "../budi", WEB_PASSWORD, "", 422, "'name'" },
		{ NULL, SCRIPT, WEB_PASSWORD, "", 422, "'name'" },
		{ NULL, "budi", "kurang", "", 422, "'password' must have 10 to 256 bytes" },
		{ NULL, "budi", WEB_PASSWORD, ",\"role\":\"administrator\"", 422,
			"unknown member 'role'" },
		{ NULL, "budi", WEB_PASSWORD, ",\"tenant\":\"serang\"", 422, "no such tenant" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char body[500];

		snprintf(body, sizeof(body),
			"{\"token\":\"%s\",\"name\":\"%s\",\"display\":\"Budi\","
			"\"password\":\"%s\"%s}",
			cases[i].token ? cases[i].token : strstr(f.link, "#setup=") + 7,
			cases[i].name, cases[i].password, cases[i].more);
		web_expect(
			web_ask(&f, "POST", "/api/v1/setup", body), cases[i].want, cases[i].part);
	}
	web_expect(web_setup(&f, "budi"), 201, NULL);
	web_stop(&f);
}

static void of_two_at_once_one_is_made(void **state)
{
	struct web_fixture f;
	int first, second;
	char *request, body[400], *answers[2];

	(void)state;
	web_start(&f);
	snprintf(body, sizeof(body),
		"{\"token\":\"%s\",\"name\":\"budi\",\"display\":\"Budi\",\"password\":"
		"\"" WEB_PASSWORD "\"}",
		strstr(f.link, "#setup=") + 7);
	request = web_request("POST", "/api/v1/setup", WEB_JSON, body);
	first = client_connect(f.port);
	second = client_connect(f.port);
	client_send(first, request, strlen(request));
	client_send(second, request, strlen(request));
	answers[0] = client_read(first, NULL);
	answers[1] = client_read(second, NULL);
	assert_int_equal(answer_status(answers[0]) + answer_status(answers[1]), 201 + 409);
	free(answers[0]);
	free(answers[1]);
	free(request);
	close(first);
	close(second);
	web_stop(&f);
}

static void without_a_site_there_is_nobody_to_make(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f,
		"DELETE FROM trouble; DELETE FROM incident_post; DELETE FROM incident;"
		" DELETE FROM point; DELETE FROM post; DELETE FROM desa; DELETE FROM kecamatan;"
		" DELETE FROM tenant;",
		NULL);
	web_expect(web_setup(&f, "budi"), 409, "import a site first");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_link_makes_one_operator_and_is_spent),
		cmocka_unit_test(what_is_not_right_is_refused_and_the_link_stays_good),
		cmocka_unit_test(of_two_at_once_one_is_made),
		cmocka_unit_test(without_a_site_there_is_nobody_to_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
