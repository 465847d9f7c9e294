/* SPDX-License-Identifier: Apache-2.0 */
/* httpd_test.c -- requests over real sockets: limits and deadlines. */
#include "httpd.h"

#include "http_client.h"

#include <poll.h>

static struct pp_loop *loop;
static struct pp_httpd *httpd;
static struct loop_thread server;
static struct pp_call *_Atomic later; /* seen by the test while the server runs */
static char *folder, control[600];
static _Atomic int closes;

static void answer_text(struct pp_call *c, unsigned status, const char *text)
{
	pp_call_answer(c, status, "text/plain", strdup(text), strlen(text));
}

static ssize_t endless_read(void *user, char *buf, size_t size)
{
	(void)user;
	memset(buf, 'x', size);
	return (ssize_t)size;
}

static void stream_close(void *user)
{
	(void)user;
	closes++;
}

static const struct pp_call_stream endless = { endless_read, stream_close };

static void on_call(void *user, struct pp_call *c)
{
	const char *path = pp_call_path(c);

	(void)user;
	if (pp_call_is_too_large(c)) {
		answer_text(c, 413, "too large");
	} else if (strcmp(path, "/never") == 0) {
		later = c;
	} else if (strcmp(path, "/endless") == 0) {
		pp_call_answer_stream(c, "text/plain", &endless, NULL);
	} else {
		answer_text(c, 200, path);
	}
}

static void start(unsigned hurry)
{
	const struct pp_httpd_options options = {
		.address = "127.0.0.1", .socket_path = control, .connections = 64, .hurry = hurry
	};

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

static void bodies_over_the_limit_are_told_so(void **state)
{
	char head[200], *big = malloc(3000000), *answer;
	static const size_t sizes[] = { PP_HTTP_BODY_MAX, PP_HTTP_BODY_MAX + 1, 500000 };
	static const int want[] = { 200, 413, 413 };
	int fd;

	(void)state;
	start(0);
	memset(big, 'a', 3000000);
	for (size_t i = 0; i < PP_COUNT(sizes); i++) {
		fd = client_connect(pp_httpd_port(httpd));
		snprintf(head, sizeof(head),
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
			"Connection: close\r\n\r\n",
			sizes[i]);
		client_send(fd, head, strlen(head));
		client_send(fd, big, sizes[i]);
		answer = client_read(fd, NULL);
		assert_int_equal(answer_status(answer), want[i]);
		free(answer);
		close(fd);
	}
	/* Far too much: refused on the header alone. */
	expect("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413,
		"too large");
	/* Far too much without saying so: cut. */
	fd = client_connect(pp_httpd_port(httpd));
	snprintf(head, sizeof(head),
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", 3000000);
	client_send(fd, head, strlen(head));
	client_send(fd, big, 3000000);
	answer = client_read(fd, NULL);
	assert_int_equal(answer_status(answer), 0);
	free(answer);
	close(fd);
	free(big);
	expect("GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "/still");
}

static void headers_over_the_limit_and_broken_requests_are_refused(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n\r\n",
		"GARBAGE\r\n\r\n",
		"GET / HTTP/9.9\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	};
	char *big = malloc(100000), *answer;
	int fd;

	(void)state;
	start(100);
	for (size_t i = 0; i < PP_COUNT(requests); i++) {
		answer = client_ask(pp_httpd_port(httpd), requests[i]);
		assert_int_not_equal(answer_status(answer), 200);
		free(answer);
	}
	memset(big, 'a', 100000);
	memcpy(big, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 28);
	fd = client_connect(pp_httpd_port(httpd));
	client_send(fd, big, 100000);
	answer = client_read(fd, NULL);
	assert_int_not_equal(answer_status(answer), 200);
	free(answer);
	close(fd);
	free(big);
	expect("GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "/still");
}

static void slow_clients_are_cut_whatever_they_are_slow_in(void **state)
{
	static const char *const beginnings[] = {
		"",
		"GET / HT",
		"GET / HTTP/1.1\r\nHost: x\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
	};

	(void)state;
	start(100);
	for (size_t i = 0; i < PP_COUNT(beginnings); i++) {
		char *answer = client_ask(pp_httpd_port(httpd), beginnings[i]);

		assert_string_equal(answer, "");
		free(answer);
	}
	/* A drip of headers does not put the end off. */
	{
		int fd = client_connect(pp_httpd_port(httpd));
		struct pollfd p = { fd, POLLIN, 0 };
		int drips = 0;

		client_send(fd, "GET / HTTP/1.1\r\n", 16);
		while (poll(&p, 1, 20) == 0 && drips++ < 500)
			client_send(fd, "X: y\r\n", 6);
		assert_true(drips < 100);
		close(fd);
	}
	loop_thread_stop(&server);
	assert_int_equal(pp_httpd_counts(httpd)->cut_slow, 5);
	assert_int_equal(pp_httpd_counts(httpd)->open_connections, 0);
	loop_thread_start(&server, loop);
}

static void many_that_ask_for_nothing_do_not_keep_others_out(void **state)
{
	static const char part[] = "GET / HTTP/1.1\r\n";
	struct pp_httpd_counts counts;
	int fds[200];

	(void)state;
	start(0);
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		fds[i] = client_connect(pp_httpd_port(httpd));
		client_send(fds[i], part, i % 2 ? strlen(part) : 0);
	}
	expect("GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "/still");
	loop_thread_stop(&server);
	counts = *pp_httpd_counts(httpd);
	loop_thread_start(&server, loop);
	print_message("%zu cut to make room\n", (size_t)counts.cut_crowded);
	assert_true(counts.cut_crowded >= 100);
	assert_int_equal(counts.cut_slow, 0);
	for (size_t i = 0; i < PP_COUNT(fds); i++)
		close(fds[i]);
}

static void a_stream_that_takes_nothing_is_cut(void **state)
{
	int fd;

	(void)state;
	start(100);
	fd = client_connect(pp_httpd_port(httpd));
	client_send(fd, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", 34);
	for (int i = 0; i < 1000 && closes == 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(closes, 1);
	close(fd);
}

static void calls_without_answer_are_freed_with_the_server(void **state)
{
	int fd;

	(void)state;
	start(0);
	fd = client_connect(pp_httpd_port(httpd));
	client_send(fd, "GET /never HTTP/1.1\r\nHost: x\r\n\r\n", 32);
	for (int i = 0; i < 1000 && !later; i++)
		(void)poll(NULL, 0, 10);
	loop_thread_stop(&server);
	assert_non_null(later);
	httpd = pp_httpd_free(httpd);
	loop_thread_start(&server, loop);
	close(fd);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(bodies_over_the_limit_are_told_so),
		CASE(headers_over_the_limit_and_broken_requests_are_refused),
		CASE(slow_clients_are_cut_whatever_they_are_slow_in),
		CASE(many_that_ask_for_nothing_do_not_keep_others_out),
		CASE(a_stream_that_takes_nothing_is_cut),
		CASE(calls_without_answer_are_freed_with_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
