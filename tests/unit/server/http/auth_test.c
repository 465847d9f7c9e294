/* SPDX-License-Identifier: Apache-2.0 */
/* auth_test.c -- who may ask: sessions, pages of other origins, users of this machine. */
#include "web_fixture.h"

#define ACKNOWLEDGE "/api/v1/incidents/KDL-26-000001/acknowledge"

static void without_a_session_nothing_is_told(void **state)
{
	static const char *const cookies[] = {
		"",
		"Cookie: pospin_session=\r\n",
		"Cookie: pospin_session=zz\r\n",
		"Cookie: pospin_session="
		"0000000000000000000000000000000000000000000000000000000000000000\r\n",
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_ENDPOINT_COUNT; i++) {
		char path[120] = "";

		if (pp_endpoints[i].rules & PP_RULE_OPEN)
			continue;
		snprintf(path, sizeof(path), "%s", pp_endpoints[i].path);
		for (size_t k = 0; k < PP_COUNT(cookies); k++)
			web_expect(web_ask_with(&f, pp_endpoints[i].method, path, cookies[k], NULL),
				401, "application/problem+json");
	}
	web_stop(&f);
}

static void a_change_needs_our_header_and_our_origin(void **state)
{
	static const struct {
		const char *head;
		int want;
	} cases[] = {
		{ "", 403 },
		{ "X-PosPin: 1\r\nOrigin: http://evil.test\r\n", 403 },
		{ "X-PosPin: 1\r\nOrigin: null\r\n", 403 },
		{ "X-PosPin: 1\r\nOrigin: https://localhost\r\n", 403 },
		{ "Origin: http://localhost\r\n", 403 },
		{ "X-PosPin: 1\r\nOrigin: http://localhost\r\n", 200 },
	};
	struct web_fixture f;
	char head[500];

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		snprintf(head, sizeof(head), "Cookie: %s\r\n%s" WEB_JSON, f.cookie, cases[i].head);
		web_expect(web_ask_with(&f, "POST", ACKNOWLEDGE, head, "{}"), cases[i].want, NULL);
	}
	/* Without a session's cookie too: nobody is logged in from a foreign page. */
	web_expect(
		web_ask_with(&f, "POST", "/api/v1/session", "Origin: http://evil.test\r\n" WEB_JSON,
			"{\"name\":\"budi\",\"password\":\"x\"}"),
		403, NULL);
	web_stop(&f);
}

static void behind_a_proxy_the_public_origin_counts_and_cookies_are_secure(void **state)
{
	struct web_fixture f;
	char head[500], *answer;

	(void)state;
	web_start_with(&f, NULL, "https://pospin.example");
	assert_true(strncmp(f.link, "https://pospin.example/#setup=", 30) == 0);
	snprintf(head, sizeof(head), "Origin: https://pospin.example\r\n" WEB_JSON);
	{
		char body[700];

		snprintf(body, sizeof(body),
			"{\"token\":\"%s\",\"name\":\"siti\",\"display\":\"Siti\","
			"\"password\":\"" WEB_PASSWORD "\"}",
			f.link + 30);
		web_expect(web_ask_with(&f, "POST", "/api/v1/setup", head, body), 201, NULL);
	}
	answer = web_ask_with(&f, "POST", "/api/v1/session", head,
		"{\"name\":\"siti\",\"password\":\"" WEB_PASSWORD "\"}");
	assert_non_null(strstr(answer, "HttpOnly; SameSite=Strict; Secure"));
	web_keep_cookie(&f, answer);
	snprintf(head, sizeof(head),
		"Cookie: %s\r\nX-PosPin: 1\r\nOrigin: http://localhost\r\n" WEB_JSON, f.cookie);
	web_expect(web_ask_with(&f, "POST", ACKNOWLEDGE, head, "{}"), 403, NULL);
	web_stop(&f);
}

static void on_the_control_socket_the_machines_user_is_known_by_name(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "GET", "/api/v1/session", "", NULL), 200,
		"\"roles\":[\"control\"]");
	web_expect(web_control(&f, "POST", ACKNOWLEDGE, WEB_JSON, "{}"), 200, "acknowledged");
	web_expect(web_control(&f, "GET", "/api/v1/incidents/KDL-26-000001", "", NULL), 200,
		"\"acknowledged_by\":\"ctl:");
	web_expect(
		web_control(&f, "GET", "/api/v1/posts", "X-Tenant: kendal\r\n", NULL), 200, NULL);
	web_expect(web_control(&f, "GET", "/api/v1/posts", "X-Tenant: serang\r\n", NULL), 422,
		"no such tenant");
	web_stop(&f);
}

static void with_several_tenants_each_is_named_and_sees_its_own(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f,
		"INSERT INTO tenant VALUES ('serang', 'Kota Serang', 'SRG', 'Asia/Jakarta', 1);",
		NULL);
	web_expect(web_control(&f, "GET", "/api/v1/incidents", "", NULL), 422, "several tenants");
	web_expect(web_control(&f, "GET", "/api/v1/incidents", "X-Tenant: kendal\r\n", NULL), 200,
		"KDL-26-000001");
	web_expect(web_control(&f, "GET", "/api/v1/incidents", "X-Tenant: serang\r\n", NULL), 200,
		"\"incidents\":[]");
	web_expect(web_control(&f, "GET", "/api/v1/incidents/KDL-26-000001", "X-Tenant: serang\r\n",
			   NULL),
		404, NULL);
	web_expect(web_control(&f, "POST", ACKNOWLEDGE, "X-Tenant: serang\r\n" WEB_JSON, "{}"), 404,
		NULL);
	web_stop(&f);
}

static int64_t session_expires(struct web_fixture *f)
{
	struct pp_db *db = NULL;
	struct pp_stmt *s;
	int64_t expires;

	assert_int_equal(pp_db_open(f->record, PP_DB_READ, &db), 0);
	assert_int_equal(pp_db_prepare(db, "SELECT max(expires) FROM session", &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	expires = pp_column_i64(s, 0);
	pp_db_close(db);
	return expires;
}

static void session_age(struct web_fixture *f, const char *sql)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(f->record, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_exec(db, sql), 0);
	pp_db_close(db);
}

static void a_session_that_is_used_lives_on_and_an_idle_one_ends(void **state)
{
	struct web_fixture f;
	int64_t before, after;

	(void)state;
	web_start(&f);
	web_login(&f);
	before = session_expires(&f);
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, NULL);
	session_age(&f, "UPDATE session SET expires = expires - 3000000");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, NULL);
	/* The refresh is on its way; a change that is answered after COMMIT comes behind it. */
	web_expect(web_ask(&f, "POST", ACKNOWLEDGE, "{}"), 200, NULL);
	after = session_expires(&f);
	assert_true(after >= before);
	session_age(&f, "UPDATE session SET expires = 5");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 401, NULL);
	web_stop(&f);
}

static void a_name_that_was_made_to_point_here_is_refused(void **state)
{
	static const struct {
		const char *origin, *host;
		int want;
	} cases[] = {
		{ NULL, "127.0.0.1:8480", 200 },
		{ NULL, "[::1]:8480", 200 },
		{ NULL, "localhost:8480", 200 },
		{ NULL, "LOCALHOST", 200 },
		{ NULL, "evil.example:8480", 421 },
		{ NULL, "127.0.0.1.evil.example", 421 },
		{ NULL, "localhost.evil.example", 421 },
		{ "https://pospin.example", "pospin.example", 200 },
		{ "https://pospin.example", "127.0.0.1", 200 },
		{ "https://pospin.example", "evil.example", 421 },
		{ "https://pospin.example", "pospin.example.evil.example", 421 },
	};
	char request[200];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct web_fixture f;

		print_message("%s\n", cases[i].host);
		web_start_with(&f, NULL, cases[i].origin);
		snprintf(request, sizeof(request),
			"GET /api/v1/health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
			cases[i].host);
		web_expect(client_ask(f.port, request), cases[i].want, NULL);
		web_stop(&f);
	}
}

static void a_change_from_another_site_without_origin_is_refused(void **state)
{
	static const struct {
		const char *site;
		int want;
	} cases[] = { { "cross-site", 403 }, { "same-site", 403 }, { "same-origin", 200 } };
	struct web_fixture f;
	char head[400];

	(void)state;
	web_start(&f);
	web_login(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		snprintf(head, sizeof(head),
			"Cookie: %s\r\nX-PosPin: 1\r\nSec-Fetch-Site: %s\r\n" WEB_JSON, f.cookie,
			cases[i].site);
		web_expect(web_ask_with(&f, "POST", ACKNOWLEDGE, head, "{}"), cases[i].want, NULL);
	}
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_session_nothing_is_told),
		cmocka_unit_test(a_change_needs_our_header_and_our_origin),
		cmocka_unit_test(behind_a_proxy_the_public_origin_counts_and_cookies_are_secure),
		cmocka_unit_test(on_the_control_socket_the_machines_user_is_known_by_name),
		cmocka_unit_test(with_several_tenants_each_is_named_and_sees_its_own),
		cmocka_unit_test(a_name_that_was_made_to_point_here_is_refused),
		cmocka_unit_test(a_change_from_another_site_without_origin_is_refused),
		cmocka_unit_test(a_session_that_is_used_lives_on_and_an_idle_one_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
