/* SPDX-License-Identifier: Apache-2.0 */
/* fetch_test.c -- good, bad and hostile answers, from a small server of plain sockets. */
#include "fetch/fetch.h"

#include "pospin_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

/* Answers each connection by the path asked for, then closes. A connection that shall hang is kept
 * until the end. */
struct server {
	int listener, stop[2];
	uint16_t port;
	char unix_path[108]; /* empty: TCP */
	pthread_t thread;
	int hanging[64];
	size_t hanging_count;
	char request[8192]; /* the last one; read after server_stop */
	size_t length;
	unsigned redirected; /* requests of /target */
};

static uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void say_much(int fd, const char *head, const char *part, int times)
{
	say(fd, head);
	for (int i = 0; i < times; i++) {
		if (send(fd, part, strlen(part), MSG_NOSIGNAL) < 0)
			return;
	}
}

static void answer(struct server *s, int fd, const char *path)
{
	static const struct {
		const char *path, *text;
	} answers[] = {
		{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
		{ "/empty", "HTTP/1.1 204 No Content\r\n\r\n" },
		{ "/redirect",
			"HTTP/1.1 302 Found\r\nLocation: /target\r\nContent-Length: 0\r\n\r\n" },
		{ "/target", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
		{ "/error", "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad" },
		{ "/busy", "HTTP/1.1 429 Later\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n" },
		{ "/busy-now",
			"HTTP/1.1 503 Later\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n" },
		{ "/busy-odd",
			"HTTP/1.1 503 Later\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n" },
		{ "/early", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this" },
		{ "/garbage", "\x01\x02 this is no HTTP at all\r\n\r\n" },
		{ "/nothing", "" },
	};

	s->redirected += strcmp(path, "/target") == 0;
	if (strcmp(path, "/huge") == 0)
		say_much(fd, "HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef0123456789abcdef", 100000);
	if (strcmp(path, "/headers") == 0)
		say_much(fd, "HTTP/1.1 200 OK\r\n", "X: 0123456789abcdef0123456789abcdef\r\n",
			100000);
	for (size_t i = 0; i < PP_COUNT(answers); i++) {
		if (strcmp(path, answers[i].path) == 0)
			say(fd, answers[i].text);
	}
}

/* Reads until the header's end and as much body as it promises. */
static void read_request(struct server *s, int fd)
{
	size_t want = SIZE_MAX;

	s->length = 0;
	while (s->length < want && s->length < sizeof(s->request) - 1) {
		ssize_t n = recv(fd, s->request + s->length, sizeof(s->request) - 1 - s->length, 0);
		if (n <= 0)
			return;
		s->length += (size_t)n;
		s->request[s->length] = '\0';
		const char *end = strstr(s->request, "\r\n\r\n");
		const char *size = strstr(s->request, "Content-Length: ");
		if (end)
			want = (size_t)(end + 4 - s->request) +
			       (size ? strtoul(size + 16, NULL, 10) : 0);
	}
}

static void serve_one(struct server *s, int fd)
{
	char path[64] = "";

	read_request(s, fd);
	if (sscanf(s->request, "%*s %63s", path) == 1 && strcmp(path, "/hang") == 0 &&
		s->hanging_count < PP_COUNT(s->hanging)) {
		s->hanging[s->hanging_count++] = fd;
		return;
	}
	answer(s, fd, path);
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void *serve(void *user)
{
	struct server *s = user;
	struct pollfd p[2] = { { .fd = s->listener, .events = POLLIN },
		{ .fd = s->stop[0], .events = POLLIN } };

	while (poll(p, 2, -1) > 0 && !p[1].revents) {
		int fd = accept(s->listener, NULL, NULL);
		if (fd >= 0)
			serve_one(s, fd);
	}
	return NULL;
}

static struct server *server_start(const char *unix_path)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct server *s = calloc(1, sizeof(*s));
	socklen_t size = sizeof(in);

	assert_non_null(s);
	s->listener = socket(unix_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (unix_path) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", unix_path);
		assert_int_equal(bind(s->listener, (struct sockaddr *)&un, sizeof(un)), 0);
	} else {
		assert_int_equal(bind(s->listener, (struct sockaddr *)&in, sizeof(in)), 0);
		assert_int_equal(getsockname(s->listener, (struct sockaddr *)&in, &size), 0);
		s->port = ntohs(in.sin_port);
	}
	assert_int_equal(listen(s->listener, 64), 0);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

static void server_stop(struct server *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	while (s->hanging_count > 0)
		close(s->hanging[--s->hanging_count]);
	close(s->stop[0]);
	close(s->stop[1]);
	close(s->listener);
}

static int set_up(void **state)
{
	*state = server_start(NULL);
	return 0;
}

static int tear_down(void **state)
{
	server_stop(*state);
	free(*state);
	return 0;
}

static struct pp_fetch_request request_of(const struct server *s, const char *path, char url[128])
{
	snprintf(url, 128, "http://127.0.0.1:%u%s", s->port, path);
	return (struct pp_fetch_request){
		.method = "GET", .url = url, .timeout_ms = 10000, .answer_limit = 1000
	};
}

static const struct {
	const char *path;
	uint32_t timeout_ms;
	int error;
	long status;
	const char *body;
	long retry_after_s;
} cases[] = {
	{ "/ok", 10000, 0, 200, "hello", -1 },
	{ "/empty", 10000, 0, 204, "", -1 },
	{ "/redirect", 10000, 0, 302, "", -1 },
	{ "/error", 10000, 0, 500, "bad", -1 },
	{ "/busy", 10000, 0, 429, "", 17 },
	{ "/busy-now", 10000, 0, 503, "", 0 },
	{ "/busy-odd", 10000, 0, 503, "", -1 },
	{ "/hang", 200, -ETIMEDOUT, 0, NULL, -1 },
	{ "/early", 10000, -ECONNRESET, 0, NULL, -1 },
	{ "/nothing", 10000, -ECONNRESET, 0, NULL, -1 },
	{ "/garbage", 10000, -EPROTO, 0, NULL, -1 },
	{ "/huge", 10000, -EFBIG, 0, NULL, -1 },
	{ "/headers", 10000, -EFBIG, 0, NULL, -1 },
};

static void check(size_t step, const struct pp_fetch_answer *a)
{
	print_message("step %zu %s: got %d, %ld, '%s'\n", step, cases[step].path, a->error,
		a->status, a->why);
	assert_int_equal(a->error, cases[step].error);
	assert_int_equal(a->retry_after_s, cases[step].retry_after_s);
	if (a->error) {
		assert_true(a->why[0]);
	} else {
		assert_int_equal(a->status, cases[step].status);
		assert_string_equal(a->body, cases[step].body);
		assert_int_equal(a->length, strlen(cases[step].body));
	}
	assert_true(a->length <= 1000);
}

static void every_kind_of_answer_is_told_by_the_blocking_call(void **state)
{
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char url[128];
		struct pp_fetch_request request = request_of(*state, cases[i].path, url);
		struct pp_fetch_answer a;
		request.timeout_ms = cases[i].timeout_ms;
		assert_int_equal(pp_fetch(&request, &a), 0);
		check(i, &a);
		pp_fetch_answer_done(&a);
	}
	assert_int_equal(((struct server *)*state)->redirected, 0);
}

struct run {
	struct pp_loop *loop;
	struct pp_fetcher *fetcher;
	size_t calls, want;
};

struct one {
	struct run *run;
	size_t step;
	int calls;
};

static void count_and_check(void *user, const struct pp_fetch_answer *a)
{
	struct one *one = user;

	check(one->step, a);
	one->calls++;
	if (++one->run->calls == one->run->want)
		pp_loop_stop(one->run->loop, 0);
}

static void run_new(struct run *run, size_t want)
{
	*run = (struct run){ .want = want };
	assert_int_equal(pp_loop_new(&run->loop), 0);
	assert_int_equal(pp_fetcher_new(run->loop, &run->fetcher), 0);
}

static void run_free(struct run *run)
{
	assert_null(pp_fetcher_free(run->fetcher));
	assert_null(pp_loop_free(run->loop));
}

static void all_kinds_at_once_on_a_loop_are_told_once_each(void **state)
{
	struct one ones[3 * PP_COUNT(cases)];
	struct run run;

	run_new(&run, PP_COUNT(ones));
	for (size_t i = 0; i < PP_COUNT(ones); i++) {
		char url[128];
		size_t step = i % PP_COUNT(cases);
		struct pp_fetch_request request = request_of(*state, cases[step].path, url);
		request.timeout_ms = cases[step].timeout_ms == 200 ? 200 : 60000;
		ones[i] = (struct one){ .run = &run, .step = step };
		assert_int_equal(
			pp_fetcher_start(run.fetcher, &request, count_and_check, &ones[i]), 0);
		assert_int_equal(run.calls, 0);
	}
	assert_int_equal(pp_loop_run(run.loop), 0);
	for (size_t i = 0; i < PP_COUNT(ones); i++)
		assert_int_equal(ones[i].calls, 1);
	run_free(&run);
}

static void a_server_that_hangs_holds_up_nobody(void **state)
{
	struct one hang = { 0 }, good = { 0 };
	char url[128];
	struct run run;

	run_new(&run, 1);
	hang.run = good.run = &run;
	struct pp_fetch_request request = request_of(*state, "/hang", url);
	assert_int_equal(pp_fetcher_start(run.fetcher, &request, count_and_check, &hang), 0);
	request = request_of(*state, "/ok", url);
	uint64_t from = mono_us();
	assert_int_equal(pp_fetcher_start(run.fetcher, &request, count_and_check, &good), 0);
	assert_int_equal(pp_loop_run(run.loop), 0);
	assert_true(mono_us() - from < 5000000);
	assert_int_equal(good.calls, 1);
	/* Freed while it runs: it ends without its call. */
	run_free(&run);
	assert_int_equal(hang.calls, 0);
}

static void start_another(void *user, const struct pp_fetch_answer *a)
{
	struct one *one = user;
	char url[128];

	assert_int_equal(a->error, -ECONNREFUSED);
	one->calls++;
	if (++one->run->calls == one->run->want) {
		pp_loop_stop(one->run->loop, 0);
		return;
	}
	struct server closed = { .port = 1 };
	struct pp_fetch_request request = request_of(&closed, "/", url);
	assert_int_equal(pp_fetcher_start(one->run->fetcher, &request, start_another, one), 0);
}

static void the_next_may_be_started_in_the_answers_call(void **state)
{
	struct run run;

	(void)state;
	run_new(&run, 5);
	struct one one = { .run = &run };
	struct server closed = { .port = 1 };
	char url[128];
	struct pp_fetch_request request = request_of(&closed, "/", url);
	assert_int_equal(pp_fetcher_start(run.fetcher, &request, start_another, &one), 0);
	assert_int_equal(pp_loop_run(run.loop), 0);
	assert_int_equal(one.calls, 5);
	run_free(&run);
}

static void a_body_and_headers_arrive_whole_over_a_unix_socket(void **state)
{
	static const char *const headers[] = { "Content-Type: application/json", "X-Key: 7", NULL };
	char *folder = pp_test_folder(), path[200], body[3000];

	(void)state;
	snprintf(path, sizeof(path), "%s/s", folder);
	struct server *s = server_start(path);
	memset(body, 'b', sizeof(body));
	body[100] = '\0';
	struct pp_fetch_request request = {
		.method = "POST",
		.url = "http://localhost/ok",
		.unix_socket = path,
		.headers = headers,
		.body = body,
		.length = sizeof(body),
		.timeout_ms = 10000,
		.answer_limit = 5,
	};
	struct pp_fetch_answer a;
	uint64_t from = mono_us();
	assert_int_equal(pp_fetch(&request, &a), 0);
	assert_true(mono_us() - from < 900000); /* no second of waiting for "100 Continue" */
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello");
	pp_fetch_answer_done(&a);
	server_stop(s);
	assert_memory_equal(s->request, "POST /ok HTTP/1.1\r\n", 19);
	assert_non_null(strstr(s->request, "\r\nX-Key: 7\r\n"));
	assert_non_null(strstr(s->request, "\r\nContent-Type: application/json\r\n"));
	assert_memory_equal(s->request + s->length - sizeof(body), body, sizeof(body));
	free(s);
	pp_test_folder_remove(folder);
}

static void other_methods_are_sent_as_named(void **state)
{
	static const struct {
		const char *method, *line, *body;
	} steps[] = {
		{ "PUT", "PUT /ok HTTP/1.1\r\n", "x" },
		{ "DELETE", "DELETE /ok HTTP/1.1\r\n", NULL },
		{ "HEAD", "HEAD /ok HTTP/1.1\r\n", NULL },
		{ "POST", "POST /ok HTTP/1.1\r\n", NULL },
	};

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct server *s = server_start(NULL);
		struct pp_fetch_answer a;
		char url[128];
		struct pp_fetch_request request = request_of(s, "/ok", url);
		request.method = steps[i].method;
		request.body = steps[i].body;
		request.length = steps[i].body ? 1 : 0;
		assert_int_equal(pp_fetch(&request, &a), 0);
		print_message("step %zu: got %d, %ld\n", i, a.error, a.status);
		assert_int_equal(a.status, 200);
		pp_fetch_answer_done(&a);
		server_stop(s);
		assert_memory_equal(s->request, steps[i].line, strlen(steps[i].line));
		free(s);
	}
	(void)state;
}

static void what_cannot_be_reached_or_asked_says_why(void **state)
{
	static const struct {
		const char *url, *unix_socket;
		int error;
	} steps[] = {
		{ "http://127.0.0.1:1/", NULL, -ECONNREFUSED },
		{ "http://no-such-host.invalid/", NULL, -EHOSTUNREACH },
		{ "file:///etc/passwd", NULL, -EPROTO },
		{ "gopher://127.0.0.1/", NULL, -EPROTO },
		{ "http://", NULL, -EINVAL },
		{ "http://localhost/", "/nonexistent/socket", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_fetch_request request = { .method = "GET",
			.url = steps[i].url,
			.unix_socket = steps[i].unix_socket,
			.timeout_ms = 10000,
			.answer_limit = 10 };
		struct pp_fetch_answer a;
		assert_int_equal(pp_fetch(&request, &a), 0);
		print_message(
			"step %zu: got %d '%s', want %d\n", i, a.error, a.why, steps[i].error);
		assert_int_equal(a.error, steps[i].error);
		pp_fetch_answer_done(&a);
	}
}

static void the_environments_proxy_is_not_asked(void **state)
{
	struct pp_fetch_answer a;
	char url[128];
	struct pp_fetch_request request = request_of(*state, "/ok", url);

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(pp_fetch(&request, &a), 0);
	unsetenv("http_proxy");
	assert_int_equal(a.status, 200);
	pp_fetch_answer_done(&a);
}

static void only_public_addresses_means_not_this_machine_by_any_name(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "0.0.0.0", "127.1",
		"2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254",
		"10.0.0.1" };
	struct server *s = *state;

	for (size_t i = 0; i < PP_COUNT(hosts); i++) {
		char url[128];
		struct pp_fetch_request request = request_of(s, "/ok", url);
		struct pp_fetch_answer a;
		snprintf(url, sizeof(url), "http://%s:%u/ok", hosts[i], s->port);
		request.public_only = true;
		assert_int_equal(pp_fetch(&request, &a), 0);
		print_message("%s: got %d '%s'\n", hosts[i], a.error, a.why);
		assert_int_equal(a.error, -EACCES);
		pp_fetch_answer_done(&a);
	}
}

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(every_kind_of_answer_is_told_by_the_blocking_call),
		SERVER_TEST(all_kinds_at_once_on_a_loop_are_told_once_each),
		SERVER_TEST(a_server_that_hangs_holds_up_nobody),
		cmocka_unit_test(the_next_may_be_started_in_the_answers_call),
		cmocka_unit_test(a_body_and_headers_arrive_whole_over_a_unix_socket),
		cmocka_unit_test(other_methods_are_sent_as_named),
		cmocka_unit_test(what_cannot_be_reached_or_asked_says_why),
		SERVER_TEST(the_environments_proxy_is_not_asked),
		SERVER_TEST(only_public_addresses_means_not_this_machine_by_any_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
