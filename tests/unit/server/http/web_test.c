/* SPDX-License-Identifier: Apache-2.0 */
/* web_test.c -- what every request passes first, and the console's files. */
#include "web_fixture.h"

#include <errno.h>

static void put(struct web_fixture *f, const char *name, const char *text)
{
	char path[700];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	assert_int_equal(pp_file_write(path, text, strlen(text), 0644), 0);
}

static void paths_methods_and_sizes_are_checked_before_anything_else(void **state)
{
	struct web_fixture f;
	char *big = malloc(PP_HTTP_BODY_MAX + 2);

	(void)state;
	assert_non_null(big);
	memset(big, 'a', PP_HTTP_BODY_MAX + 1);
	big[PP_HTTP_BODY_MAX + 1] = '\0';
	web_start(&f);
	web_expect(web_ask(&f, "GET", "/api/v1/nothing", NULL), 404, "application/problem+json");
	web_expect(web_ask(&f, "GET", "/api/v2/health", NULL), 404, NULL);
	web_expect(web_ask(&f, "DELETE", "/api/v1/incidents", NULL), 405,
		"Allow: GET, HEAD, POST\r\n");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents/KDL-26-000001/close", NULL), 405,
		"Allow: POST\r\n");
	web_expect(web_ask(&f, "PATCH", "/api/v1/session", NULL), 405,
		"Allow: GET, HEAD, POST, DELETE\r\n");
	web_expect(web_ask(&f, "POST", "/api/v1/session", big), 413, "a body may have 65536 bytes");
	web_expect(web_ask(&f, "POST", "/", "{}"), 405, "Allow: GET, HEAD\r\n");
	web_stop(&f);
	free(big);
}

static void the_console_is_served_with_a_policy_and_an_etag(void **state)
{
	struct web_fixture f;
	char *answer, head[100];
	const char *etag;

	(void)state;
	web_start(&f);
	put(&f, "console/index.html", "<!doctype html><title>PosPin</title>");
	put(&f, "secret.txt", "secret");
	answer = web_ask(&f, "GET", "/", NULL);
	assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8\r\n"));
	assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'self';"));
	assert_non_null(strstr(answer, "Cache-Control: no-cache\r\n"));
	etag = strstr(answer, "ETag: ");
	assert_non_null(etag);
	snprintf(head, sizeof(head), "If-None-Match: %.18s\r\n", etag + 6);
	web_expect(answer, 200, "<title>PosPin</title>");
	web_expect(web_ask_with(&f, "GET", "/", head, NULL), 304, NULL);
	answer = web_ask(&f, "HEAD", "/index.html", NULL);
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	web_expect(answer, 200, "Content-Length: 36");
	web_expect(web_ask(&f, "GET", "/../secret.txt", NULL), 404, NULL);
	web_expect(web_ask(&f, "GET", "/%2e%2e/secret.txt", NULL), 404, NULL);
	web_expect(web_ask(&f, "GET", "/..%2fsecret.txt", NULL), 404, NULL);
	web_expect(web_ask(&f, "GET", "/index.html%00.png", NULL), 404, NULL);
	web_stop(&f);
}

static void what_cannot_start_says_why(void **state)
{
	struct web_fixture f;
	struct pp_web_options options;
	struct pp_web *other = NULL;

	(void)state;
	web_start(&f);
	options = (struct pp_web_options){ .record_path = f.record,
		.address = "127.0.0.1",
		.port = f.port,
		.session_idle_ms = 3600000,
		.version = "test" };
	loop_thread_stop(&f.thread);
	assert_int_equal(pp_web_new(&options, f.loop, f.engine, &other), -EADDRINUSE);
	options.port = 0;
	options.console = "/nonexistent";
	assert_int_equal(pp_web_new(&options, f.loop, f.engine, &other), -ENOENT);
	options.console = NULL;
	options.socket = f.control;
	assert_int_equal(pp_web_new(&options, f.loop, f.engine, &other), -EADDRINUSE);
	options.socket = NULL;
	options.record_path = "/nonexistent/record.db";
	assert_true(pp_web_new(&options, f.loop, f.engine, &other) < 0);
	assert_null(other);
	loop_thread_start(&f.thread, f.loop);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_methods_and_sizes_are_checked_before_anything_else),
		cmocka_unit_test(the_console_is_served_with_a_policy_and_an_etag),
		cmocka_unit_test(what_cannot_start_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
