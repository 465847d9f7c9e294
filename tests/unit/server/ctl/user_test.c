/* SPDX-License-Identifier: Apache-2.0 */
/* user_test.c -- `user ...` asks the server for what it says. */
#include "fake_server.h"
#include "streams.h"

#define MADE                                                                                       \
	FAKE_ANSWER("201 Created", "application/json",                                             \
		"{\"name\":\"siti\",\"link\":\"https://p/#invitation=ab\",\"until\":5}")
#define CHANGED FAKE_ANSWER("200 OK", "application/json", "{\"name\":\"siti\"}")

static void a_user_is_added_and_the_link_is_printed(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f, MADE);
	SAY(&s, "user", "add", "siti", "--display=Bu Siti", "--roles=operator,supervisor",
		"--kecamatan=33.24.07", "--socket", f.path);
	fake_server_join(&f);
	assert_string_equal(s.err, "");
	assert_says(s.out, "https://p/#invitation=ab");
	assert_int_equal(strncmp(f.asked, "POST /api/v1/users ", 19), 0);
	assert_string_equal(strstr(f.asked, "\r\n\r\n") + 4,
		"{\"display\":\"Bu Siti\",\"roles\":\"operator,supervisor\","
		"\"kecamatan\":\"33.24.07\",\"name\":\"siti\"}");
	said_done(&s);
}

static void changes_ask_for_what_they_say(void **state)
{
	static const struct {
		const char *word, *option, *target, *body;
	} cases[] = {
		{ "set", "--roles=engineer", "set", "{\"roles\":\"engineer\"}" },
		{ "set", "--kecamatan=all", "set", "{\"kecamatan\":\"\"}" },
		{ "disable", "--json", "disable", "{}" },
		{ "enable", "--json", "enable", "{}" },
		{ "reset", "--json", "reset", "{}" },
		{ "totp", "--off", "factor-off", "{}" },
	};
	char line[80];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct fake_server f;
		struct said s;

		fake_server_start(&f, CHANGED);
		SAY(&s, "user", cases[i].word, "siti", cases[i].option, "--socket", f.path);
		fake_server_join(&f);
		assert_int_equal(s.status, 0);
		snprintf(line, sizeof(line), "POST /api/v1/users/siti/%s ", cases[i].target);
		assert_int_equal(strncmp(f.asked, line, strlen(line)), 0);
		assert_string_equal(strstr(f.asked, "\r\n\r\n") + 4, cases[i].body);
		said_done(&s);
	}
}

static void what_people_are_called_stays_inert(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f,
		FAKE_ANSWER("200 OK", "application/json",
			"{\"users\":[{\"name\":\"siti\",\"display\":\"\\u001b[31mSiti\","
			"\"roles\":\"operator\",\"kecamatan\":\"\",\"unit\":\"\","
			"\"active\":false,\"invited\":true,\"factor\":false}]}"));
	SAY(&s, "user", "list", "--socket", f.path);
	fake_server_join(&f);
	assert_says(s.out, "siti  operator  -  -  ");
	assert_says(s.out, "[no password yet] [disabled]");
	assert_null(strchr(s.out, '\x1b'));
	said_done(&s);
}

static void nothing_but_a_name_gets_into_a_target(void **state)
{
	static const char *const bad[] = { "../posts", "siti/set", "Siti", "siti%2f" };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		SAY(&s, "user", "disable", bad[i], "--socket", "/nowhere");
		assert_int_equal(s.status, 1);
		assert_says(s.err, "there can be no user");
		said_done(&s);
	}
	SAY(&s, "user", "totp", "siti", "--socket", "/nowhere");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "--off");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_added_and_the_link_is_printed),
		cmocka_unit_test(changes_ask_for_what_they_say),
		cmocka_unit_test(what_people_are_called_stays_inert),
		cmocka_unit_test(nothing_but_a_name_gets_into_a_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
