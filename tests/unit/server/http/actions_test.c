/* SPDX-License-Identifier: Apache-2.0 */
/* actions_test.c -- what operators do, over HTTP, until it stands in the record. */
#include "web_fixture.h"

#define FIRST "/api/v1/incidents/KDL-26-000001"

static void the_way_to_closed_and_the_moves_that_are_forbidden(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
		const char *part;
	} steps[] = {
		{ FIRST "/dispatch", "{\"unit\":\"Regu 1\"}", 409, "acknowledge" },
		{ FIRST "/close", "{\"code\":\"real\"}", 409, NULL },
		{ FIRST "/acknowledge", "{}", 200,
			"{\"number\":\"KDL-26-000001\",\"state\":\"acknowledged\"" },
		{ FIRST "/acknowledge", "{}", 409, "user:budi" },
		{ FIRST "/dispatch", "{\"unit\":\"Regu 1\"}", 200, "\"state\":\"dispatched\"" },
		{ FIRST "/dispatch", "{\"unit\":\"Regu 2\"}", 200, "\"state\":\"dispatched\"" },
		{ FIRST "/note", "{\"text\":\"" SCRIPT "\"}", 200, NULL },
		{ FIRST "/on-scene", "{}", 200, "\"state\":\"on-scene\"" },
		{ FIRST "/close", "{\"code\":\"whatever\"}", 422, NULL },
		{ FIRST "/close", "{\"code\":\"real\",\"note\":\"selesai\\nbaik\"}", 200,
			"\"state\":\"closed\"" },
		{ FIRST "/close", "{\"code\":\"real\"}", 409, "closed" },
		{ FIRST "/note", "{\"text\":\"nanti\"}", 200, NULL },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		print_message("step %zu: %s\n", i, steps[i].path);
		web_expect(web_ask(&f, "POST", steps[i].path, steps[i].body), steps[i].want,
			steps[i].part);
	}
	web_expect(web_ask(&f, "GET", FIRST, NULL), 200, "\"units\":[\"Regu 1\",\"Regu 2\"]");
	web_expect(web_ask(&f, "GET", FIRST, NULL), 200, "\"text\":\"" SCRIPT "\"");
	web_stop(&f);
}

static void a_call_is_answered_and_an_incident_offered(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
		const char *part;
	} steps[] = {
		{ FIRST "/hand-over", "{\"to\":\"siti\"}", 409, "held by nobody" },
		{ FIRST "/acknowledge", "{}", 200, NULL },
		{ FIRST "/hand-over", "{\"to\":\"nobody\"}", 422, "no user nobody" },
		{ FIRST "/hand-over", "{}", 422, "'to' is missing" },
		{ FIRST "/take-over", "{}", 409, "not offered to you" },
		{ FIRST "/dispatch", "{\"unit\":\"Regu 1\"}", 200, NULL },
		{ FIRST "/calls/1", "{\"state\":\"accepted\"}", 200, "dispatched" },
		{ FIRST "/calls/1", "{\"state\":\"accepted\"}", 409, "accepted already" },
		{ FIRST "/calls/1", "{\"state\":\"dance\"}", 422, "expected accepted" },
		{ FIRST "/calls/1", "{}", 422, "'state' is missing" },
		{ FIRST "/calls/2", "{\"state\":\"accepted\"}", 404, "no such call" },
		{ FIRST "/calls/0x1", "{\"state\":\"accepted\"}", 404, "no such call" },
		{ FIRST "/calls/1", "{\"state\":\"on-scene\"}", 200, "on-scene" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		print_message("step %zu: %s\n", i, steps[i].path);
		web_expect(web_ask(&f, "POST", steps[i].path, steps[i].body), steps[i].want,
			steps[i].part);
	}
	web_expect(web_ask(&f, "GET", FIRST, NULL), 200,
		"\"agency\":\"Regu 1\",\"contact\":\"\",\"state\":\"on-scene\"");
	web_stop(&f);
}

static void bodies_that_are_not_exactly_right_change_nothing(void **state)
{
	static const struct {
		const char *path, *type, *body;
		int want;
		const char *part;
	} cases[] = {
		{ FIRST "/acknowledge", "application/json", "", 400, "no JSON" },
		{ FIRST "/acknowledge", "application/json", "{", 400, "no JSON" },
		{ FIRST "/acknowledge", "application/json", "[]", 422, "JSON object" },
		{ FIRST "/acknowledge", "application/json", "{\"force\":true}", 422,
			"unknown member 'force'" },
		{ FIRST "/acknowledge", "application/json", "{\"" SCRIPT "\":1}", 422,
			"unknown member '" SCRIPT "'" },
		{ FIRST "/acknowledge", "text/plain", "{}", 415, "application/json" },
		{ FIRST "/acknowledge", "application/x-www-form-urlencoded", "{}", 415, NULL },
		{ FIRST "/dispatch", "application/json", "{}", 422, "'unit' is missing" },
		{ FIRST "/dispatch", "application/json", "{\"unit\":\"\"}", 422, "'unit'" },
		{ FIRST "/dispatch", "application/json", "{\"unit\":7}", 422,
			"'unit' must be a text" },
		{ FIRST "/dispatch", "application/json", "{\"unit\":\"a\",\"unit\":\"b\"}", 400,
			"no JSON" },
		{ FIRST "/note", "application/json", "{\"text\":\"\\u0000\"}", 400, "no JSON" },
		{ FIRST "/close", "application/json", "{\"note\":\"x\"}", 422,
			"'code' is missing" },
		{ "/api/v1/incidents/KDL-26-999999/acknowledge", "application/json", "{}", 404,
			NULL },
		{ "/api/v1/incidents/kdl'--/acknowledge", "application/json", "{}", 404, NULL },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char head[100];

		print_message("%s %s\n", cases[i].path, cases[i].body);
		snprintf(head, sizeof(head), "Content-Type: %s\r\n", cases[i].type);
		web_expect(web_control(&f, "POST", cases[i].path, head, cases[i].body),
			cases[i].want, cases[i].part);
	}
	web_expect(web_control(&f, "GET", FIRST, "", NULL), 200, "\"state\":\"open\",\"rev\":1,");
	web_stop(&f);
}

static void of_two_operators_at_once_one_gets_the_incident(void **state)
{
	struct web_fixture f;
	char *request = web_request("POST", FIRST "/acknowledge", WEB_JSON, "{}");
	int fds[8], status[600] = { 0 };

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		fds[i] = client_connect_unix(f.control);
		client_send(fds[i], request, strlen(request));
	}
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		char *answer = client_read(fds[i], NULL);

		status[answer_status(answer)]++;
		free(answer);
		close(fds[i]);
	}
	assert_int_equal(status[200], 1);
	assert_int_equal(status[409], 7);
	free(request);
	web_stop(&f);
}

static void what_is_answered_stands_in_the_record(void **state)
{
	struct web_fixture f;
	struct pp_db *db = NULL;
	struct pp_stmt *s;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "POST", FIRST "/acknowledge", WEB_JSON, "{}"), 200, NULL);
	assert_int_equal(pp_db_open(f.record, PP_DB_READ, &db), 0);
	assert_int_equal(
		pp_db_prepare(
			db, "SELECT count(*) FROM event WHERE kind = 'incident.acknowledged'", &s),
		0);
	assert_int_equal(pp_stmt_step(s), 1);
	assert_int_equal(pp_column_i64(s, 0), 1);
	pp_db_close(db);
	web_stop(&f);
}

static void a_server_that_ends_still_answers_what_it_has_recorded(void **state)
{
	struct web_fixture f;
	char *request = web_request("POST", FIRST "/acknowledge", WEB_JSON, "{}");
	int fd;

	(void)state;
	web_start(&f);
	loop_thread_stop(&f.thread);
	fd = client_connect_unix(f.control);
	client_send(fd, request, strlen(request));
	free(request);
	/* One turn takes the request in; the answer comes while everything ends. */
	while (pp_httpd_counts(f.web->httpd)->requests == 0) {
		loop_thread_start(&f.thread, f.loop);
		loop_thread_stop(&f.thread);
	}
	loop_thread_start(&f.thread, f.loop);
	web_stop(&f);
	web_expect(client_read(fd, NULL), 200, "acknowledged");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_to_closed_and_the_moves_that_are_forbidden),
		cmocka_unit_test(a_call_is_answered_and_an_incident_offered),
		cmocka_unit_test(bodies_that_are_not_exactly_right_change_nothing),
		cmocka_unit_test(of_two_operators_at_once_one_gets_the_incident),
		cmocka_unit_test(what_is_answered_stands_in_the_record),
		cmocka_unit_test(a_server_that_ends_still_answers_what_it_has_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
