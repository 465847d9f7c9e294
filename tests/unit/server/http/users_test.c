/* SPDX-License-Identifier: Apache-2.0 */
/* users_test.c -- what administrators do to users, and that nobody else does. */
#include "web_fixture.h"

#define USERS "/api/v1/users"

static void a_user_comes_by_a_link_and_has_just_the_role_that_was_given(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_become(&f, "sari", "\"roles\":\"supervisor\",\"kecamatan\":\"33.24.07\"");
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200,
		"\"roles\":[\"supervisor\"],\"factor\":false");
	web_expect(web_ask(&f, "GET", USERS, NULL), 403, "not for your role");
	web_expect(web_ask(&f, "POST", USERS, "{}"), 403, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/counts", NULL), 403, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/audit", NULL), 403, NULL);
	web_expect(web_control(&f, "GET", USERS, "", NULL), 200,
		"\"name\":\"sari\",\"display\":\"sari\",\"roles\":\"supervisor\","
		"\"kecamatan\":\",33.24.07,\",\"unit\":\"\",\"active\":true,\"invited\":false");
	web_stop(&f);
}

static void what_an_administrator_says_is_checked(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
	} cases[] = {
		{ USERS, "{\"name\":\"x\",\"display\":\"X\",\"roles\":\"king\"}", 422 },
		{ USERS, "{\"name\":\"X\",\"display\":\"X\",\"roles\":\"operator\"}", 422 },
		{ USERS, "{\"name\":\"x\",\"display\":\"X\",\"roles\":\"agency\"}", 422 },
		{ USERS,
			"{\"name\":\"x\",\"display\":\"X\",\"roles\":\"operator\","
			"\"kecamatan\":\"99\"}",
			422 },
		{ USERS, "{\"name\":\"budi\",\"display\":\"X\",\"roles\":\"operator\"}", 409 },
		{ USERS "/nobody/set", "{\"roles\":\"operator\"}", 404 },
		{ USERS "/nobody/reset", "{}", 404 },
		{ USERS "/budi/set", "{\"roles\":\"operator\"}", 409 },
		{ USERS "/budi/disable", "{}", 409 },
		{ USERS "/budi/reset", "{\"x\":1}", 422 },
		{ USERS "/budi/set", "{\"roles\":\"administrator,auditor\"}", 422 },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		print_message("%s %s\n", cases[i].path, cases[i].body);
		web_expect(web_ask(&f, "POST", cases[i].path, cases[i].body), cases[i].want, NULL);
	}
	assert_int_equal(web_number(&f, "SELECT count(*) FROM user"), 1);
	web_stop(&f);
}

static void a_change_of_rights_ends_the_sessions(void **state)
{
	static const char *const changes[][2] = {
		{ "set", "{\"roles\":\"supervisor\"}" },
		{ "set", "{\"kecamatan\":\"33.24.07\"}" },
		{ "factor-off", "{}" },
		{ "disable", "{}" },
	};
	struct web_fixture f;
	char path[80];

	(void)state;
	web_start(&f);
	web_login(&f);
	web_become(&f, "sari", "\"roles\":\"operator\"");
	for (size_t i = 0; i < PP_COUNT(changes); i++) {
		web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, NULL);
		snprintf(path, sizeof(path), USERS "/sari/%s", changes[i][0]);
		web_expect(web_control(&f, "POST", path, WEB_JSON, changes[i][1]), 200, NULL);
		web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 401, NULL);
		if (i + 1 < PP_COUNT(changes))
			web_keep_cookie(&f, web_login_answer(&f, "sari", WEB_PASSWORD));
	}
	web_expect(web_login_answer(&f, "sari", WEB_PASSWORD), 401, "password or code is wrong");
	web_expect(web_control(&f, "POST", USERS "/sari/enable", WEB_JSON, "{}"), 200, NULL);
	web_expect(web_login_answer(&f, "sari", WEB_PASSWORD), 200, NULL);
	web_stop(&f);
}

static void users_are_changed_shortly_after_a_password_only(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_exec(&f, "UPDATE session SET confirmed = confirmed - 300001");
	web_expect(web_ask(&f, "POST", USERS "/budi/reset", "{}"), 403, "X-PosPin-Needs: password");
	web_expect(web_ask(&f, "GET", USERS, NULL), 200, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/session/confirm", "{\"password\":\"tebak\"}"), 403,
		NULL);
	web_expect(web_ask(&f, "POST", USERS "/budi/reset", "{}"), 403, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/session/confirm",
			   "{\"password\":\"" WEB_PASSWORD "\"}"),
		204, NULL);
	web_expect(web_ask(&f, "POST", USERS "/budi/reset", "{}"), 200, "#invitation=");
	/* A clock that was set back is no confirmation. */
	web_exec(&f, "UPDATE session SET confirmed = confirmed + 9000000");
	web_expect(web_ask(&f, "POST", USERS "/budi/reset", "{}"), 403, NULL);
	web_stop(&f);
}

static void the_desk_knows_whom_it_can_hand_to_and_whose_page_is_there(void **state)
{
	struct web_fixture f;
	char head[200], *request, *text;
	int fd;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_become(&f, "tono", "\"roles\":\"engineer\"");
	web_expect(web_ask(&f, "GET", "/api/v1/desk", NULL), 403, "not for your role");
	web_become(&f, "sari", "\"roles\":\"supervisor\"");
	web_expect(web_ask(&f, "GET", "/api/v1/desk", NULL), 200,
		"{\"people\":[{\"name\":\"budi\",\"display\":\"" SCRIPT "\",\"roles\":"
		"\"administrator,operator\"},{\"name\":\"sari\",\"display\":\"sari\","
		"\"roles\":\"supervisor\"}],\"here\":[]}");
	snprintf(head, sizeof(head), "Cookie: %s\r\n", f.cookie);
	request = web_request("GET", "/api/v1/events", head, NULL);
	fd = client_connect(f.port);
	client_send(fd, request, strlen(request));
	free(request);
	text = client_read(fd, "retry: 2000\n\n");
	free(text);
	web_expect(web_ask(&f, "GET", "/api/v1/desk", NULL), 200, "\"here\":[\"sari\"]}");
	close(fd);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_comes_by_a_link_and_has_just_the_role_that_was_given),
		cmocka_unit_test(what_an_administrator_says_is_checked),
		cmocka_unit_test(a_change_of_rights_ends_the_sessions),
		cmocka_unit_test(the_desk_knows_whom_it_can_hand_to_and_whose_page_is_there),
		cmocka_unit_test(users_are_changed_shortly_after_a_password_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
