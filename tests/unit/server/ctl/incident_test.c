/* SPDX-License-Identifier: Apache-2.0 */
/* incident_test.c -- each `incident` command asks the server for what it says. */
#include "fake_server.h"
#include "streams.h"

#define MOVED                                                                                      \
	FAKE_ANSWER("200 OK", "application/json",                                                  \
		"{\"number\":\"KDL-26-000007\",\"state\":\"acknowledged\",\"rev\":2}")
#define EMPTY FAKE_ANSWER("200 OK", "application/json", "{\"incidents\":[],\"event\":0}")
#define SHOWN                                                                                      \
	FAKE_ANSWER("200 OK", "application/json",                                                  \
		"{\"number\":\"KDL-26-000007\",\"state\":\"open\",\"class\":\"fire\",\"post\":{"   \
		"\"name\":\"A\\u001bB\"}}")

static void commands_ask_for_what_they_say(void **state)
{
	static const struct {
		const char *words[8], *answer, *line, *body, *says;
	} rows[] = {
		{ { "list" }, EMPTY, "GET /api/v1/incidents?state=open&limit=100 ", "",
			"No incidents." },
		{ { "list", "--all", "--limit=5" }, EMPTY,
			"GET /api/v1/incidents?state=all&limit=5 ", "", "No incidents." },
		{ { "show", "KDL-26-000007" }, SHOWN, "GET /api/v1/incidents/KDL-26-000007 ", "",
			"A\\x1bB" },
		{ { "ack", "KDL-26-000007" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/acknowledge ", "{}",
			"KDL-26-000007 acknowledged\n" },
		{ { "dispatch", "KDL-26-000007", "Damkar Boja" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/dispatch ",
			"{\"unit\":\"Damkar Boja\"}", "KDL" },
		{ { "on-scene", "KDL-26-000007" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/on-scene ", "{}", "KDL" },
		{ { "close", "KDL-26-000007", "real" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/close ", "{\"code\":\"real\"}",
			"KDL" },
		{ { "close", "KDL-26-000007", "prank", "--note=anak \"nakal\"" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/close ",
			"{\"code\":\"prank\",\"note\":\"anak \\\"nakal\\\"\"}", "KDL" },
		{ { "note", "KDL-26-000007", "api padam" }, MOVED,
			"POST /api/v1/incidents/KDL-26-000007/note ", "{\"text\":\"api padam\"}",
			"KDL" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		const char *words[12] = { "incident", rows[i].words[0], "--socket" };
		struct fake_server f;
		struct said s;

		fake_server_start(&f, rows[i].answer);
		words[3] = f.path;
		for (size_t k = 1; rows[i].words[k]; k++)
			words[3 + k] = rows[i].words[k];
		say(&s, words);
		fake_server_join(&f);
		assert_string_equal(s.err, "");
		assert_int_equal(s.status, 0);
		assert_says(s.out, rows[i].says);
		assert_int_equal(strncmp(f.asked, rows[i].line, strlen(rows[i].line)), 0);
		assert_string_equal(strstr(f.asked, "\r\n\r\n") + 4, rows[i].body);
		said_done(&s);
	}
}

static void json_is_the_servers_answer_made_inert(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json",
				      "{ \"name\": \"a\xc2\x9b\" , \"n\": 1 }"));
	SAY(&s, "incident", "show", "KDL-26-000007", "--json", "--socket", f.path,
		"--tenant=kendal");
	fake_server_join(&f);
	assert_int_equal(s.status, 0);
	assert_string_equal(s.out, "{\"name\":\"a\\u009b\",\"n\":1}\n");
	assert_says(f.asked, "X-Tenant: kendal");
	said_done(&s);
}

static void nothing_but_a_number_gets_into_a_target(void **state)
{
	static const char *const bad[] = { "../session", "KDL-26-000007/close", "KDL 26",
		"kdl-26-000007", "KDL-26-0000070000000000000", "KDL%2F" };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		SAY(&s, "incident", "ack", bad[i], "--socket", "/nowhere");
		assert_int_equal(s.status, 1);
		assert_says(s.err, "is no incident's number");
		said_done(&s);
	}
	SAY(&s, "incident", "list", "--tenant", "a\r\nX-Evil: 1", "--socket", "/nowhere");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there can be no tenant");
	said_done(&s);
}

static void a_refused_move_is_status_1_with_the_servers_reason(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f, FAKE_ANSWER("409 Conflict", "application/problem+json",
				      "{\"detail\":\"acknowledge KDL-26-000007 first\"}"));
	SAY(&s, "incident", "dispatch", "KDL-26-000007", "U", "--socket", f.path);
	fake_server_join(&f);
	assert_int_equal(s.status, 1);
	assert_string_equal(
		s.err, "pospinctl incident dispatch: acknowledge KDL-26-000007 first\n");
	assert_string_equal(s.out, "");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_ask_for_what_they_say),
		cmocka_unit_test(json_is_the_servers_answer_made_inert),
		cmocka_unit_test(nothing_but_a_number_gets_into_a_target),
		cmocka_unit_test(a_refused_move_is_status_1_with_the_servers_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
