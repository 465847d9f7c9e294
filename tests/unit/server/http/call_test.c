/* SPDX-License-Identifier: Apache-2.0 */
/* call_test.c -- what a handler sees of a request, answers at once and later, streams. */
#include "call.h"

#include "http_client.h"
#include "httpd.h"

static struct pp_loop *loop;
static struct pp_httpd *httpd;
static struct loop_thread server;
static struct pp_loop_source *timer;
static struct pp_call *later;
static char *folder, control[600];
static int closes;
static bool once_done;

static void answer_text(struct pp_call *c, unsigned status, const char *text)
{
	pp_call_answer(c, status, "text/plain", strdup(text), strlen(text));
}

static void on_later(void *user)
{
	struct pp_call *c = later;

	(void)user;
	later = NULL;
	answer_text(c, 200, "later");
}

static ssize_t once_read(void *user, char *buf, size_t size)
{
	bool *done = user;

	assert_true(size >= 6);
	if (*done)
		return 0;
	*done = true;
	memcpy(buf, "hello\n", 6);
	return 6;
}

static void stream_close(void *user)
{
	(void)user;
	closes++;
}

static const struct pp_call_stream once = { once_read, stream_close };

static void on_wake_stream(void *user)
{
	(void)user;
	once_done = false;
	pp_call_wake(later);
}

static void echo(struct pp_call *c)
{
	const char *query = pp_call_query(c, "q"), *cookie = pp_call_cookie(c, "pospin_session");
	size_t length;
	const char *body = pp_call_body(c, &length);
	char text[400];
	uid_t uid = 0;
	bool local = pp_call_is_local(c, &uid);

	snprintf(text, sizeof(text), "%s %s q=%s cookie=%s body=%zu:%.20s local=%d uid=%d",
		pp_call_method(c), pp_call_path(c), query ? query : "-", cookie ? cookie : "-",
		length, body, local, (int)uid);
	pp_call_set_header(c, "X-Echo", "yes");
	answer_text(c, 200, text);
}

static void on_call(void *user, struct pp_call *c)
{
	const char *path = pp_call_path(c);

	(void)user;
	if (strcmp(path, "/later") == 0) {
		later = c;
		assert_non_null(pp_call_room(c, 100));
		assert_int_equal(pp_loop_arm_at(timer, pp_loop_now_us(loop) + 20000), 0);
	} else if (strcmp(path, "/once") == 0) {
		later = c;
		once_done = false;
		pp_call_answer_stream(c, "text/plain", &once, &once_done);
	} else if (strcmp(path, "/headers") == 0) {
		for (int i = 0; i < 20; i++)
			pp_call_set_header(c, "X-Many", "1");
		answer_text(c, 200, "many");
	} else {
		echo(c);
	}
}

static void start(pp_loop_fn *timer_fn)
{
	const struct pp_httpd_options options = { .address = "127.0.0.1", .socket_path = control };

	assert_int_equal(pp_loop_add_timer(loop, 1, timer_fn, NULL, &timer), 0);
	assert_int_equal(pp_httpd_new(loop, &options, on_call, NULL, &httpd), 0);
	loop_thread_start(&server, loop);
}

static int set_up(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(control, sizeof(control), "%s/control", folder);
	closes = 0;
	return pp_loop_new(&loop);
}

static int tear_down(void **state)
{
	(void)state;
	loop_thread_stop(&server);
	httpd = pp_httpd_free(httpd);
	timer = pp_loop_source_free(timer);
	loop = pp_loop_free(loop);
	pp_test_folder_remove(folder);
	return 0;
}

static void expect(const char *request, int status, const char *part)
{
	char *answer = client_ask(pp_httpd_port(httpd), request);

	if (answer_status(answer) != status || !strstr(answer, part))
		fail_msg("got: %s", answer);
	free(answer);
}

static void requests_reach_the_handler_whole_and_answers_carry_the_safety_headers(void **state)
{
	(void)state;
	start(on_later);
	expect("GET /a%20b?q=1%262 HTTP/1.1\r\nHost: x\r\nCookie: a=b; pospin_session=c0ffee\r\n"
	       "Connection: close\r\n\r\n",
		200, "GET /a b q=1&2 cookie=c0ffee body=0: local=0");
	expect("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd",
		200, "body=4:abcd");
	expect("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: "
	       "close\r\n\r\n"
	       "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
		200, "body=5:abcde");
	expect("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200,
		"Content-Security-Policy: default-src 'self'");
	expect("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200,
		"X-Content-Type-Options: nosniff");
	expect("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "X-Echo: yes");
}

static void an_answer_may_come_later_and_a_connection_serves_several_requests(void **state)
{
	static const char request[] = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd;

	(void)state;
	start(on_later);
	fd = client_connect(pp_httpd_port(httpd));
	for (int i = 0; i < 3; i++) {
		char *answer;

		client_send(fd, request, strlen(request));
		answer = client_read(fd, "later");
		assert_int_equal(answer_status(answer), 200);
		free(answer);
	}
	close(fd);
	/* A client that leaves before its answer. */
	fd = client_connect(pp_httpd_port(httpd));
	client_send(fd, request, strlen(request));
	close(fd);
	expect("GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "/still");
}

static void a_stream_is_woken_and_is_closed_once(void **state)
{
	char *text;
	int fd;

	(void)state;
	start(on_wake_stream);
	fd = client_connect(pp_httpd_port(httpd));
	client_send(fd, "GET /once HTTP/1.1\r\nHost: x\r\n\r\n", 31);
	text = client_read(fd, "hello\n");
	assert_non_null(strstr(text, "Transfer-Encoding: chunked"));
	free(text);
	loop_thread_stop(&server);
	assert_int_equal(pp_httpd_counts(httpd)->open_streams, 1);
	assert_int_equal(pp_loop_arm_at(timer, 0), 0);
	loop_thread_start(&server, loop);
	text = client_read(fd, "hello\n");
	assert_non_null(strstr(text, "hello"));
	free(text);
	close(fd);
	loop_thread_stop(&server);
	httpd = pp_httpd_free(httpd);
	assert_int_equal(closes, 1);
	loop_thread_start(&server, loop);
}

static void the_control_socket_tells_who_is_there(void **state)
{
	char want[40], *answer;

	(void)state;
	start(on_later);
	answer = client_ask_fd(client_connect_unix(control),
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	snprintf(want, sizeof(want), "local=1 uid=%d", (int)getuid());
	assert_non_null(strstr(answer, want));
	free(answer);
}

static void headers_that_do_not_fit_make_the_answer_a_failure(void **state)
{
	(void)state;
	start(on_later);
	expect("GET /headers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 500, "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(requests_reach_the_handler_whole_and_answers_carry_the_safety_headers),
		CASE(an_answer_may_come_later_and_a_connection_serves_several_requests),
		CASE(a_stream_is_woken_and_is_closed_once),
		CASE(the_control_socket_tells_who_is_there),
		CASE(headers_that_do_not_fit_make_the_answer_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
