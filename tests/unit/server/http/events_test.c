/* SPDX-License-Identifier: Apache-2.0 */
/* events_test.c -- the event stream over HTTP: live, replayed, and over when the session is. */
#include "web_fixture.h"

#include "core/clock.h"

#define FIRST "/api/v1/incidents/KDL-26-000001"

static int open_stream(struct web_fixture *f, const char *query, const char *head)
{
	char path[100], *request;
	int fd = client_connect_unix(f->control);

	snprintf(path, sizeof(path), "/api/v1/events%s", query);
	request = web_request("GET", path, head, NULL);
	client_send(fd, request, strlen(request));
	free(request);
	return fd;
}

static void an_action_comes_out_of_the_stream_at_once(void **state)
{
	struct web_fixture f;
	char *text;
	int fd;

	(void)state;
	web_start(&f);
	fd = open_stream(&f, "", "");
	text = client_read(fd, "retry: 2000\n\n");
	assert_non_null(strstr(text, "Content-Type: text/event-stream\r\n"));
	assert_non_null(strstr(text, "X-Accel-Buffering: no\r\n"));
	free(text);
	web_expect(web_control(&f, "POST", FIRST "/acknowledge", WEB_JSON, "{}"), 200, NULL);
	text = client_read(fd, "}\n\n");
	assert_non_null(strstr(text, "event: incident.acknowledged\ndata: {"));
	assert_non_null(strstr(text, "\"incident\":\"KDL-26-000001\""));
	free(text);
	close(fd);
	web_stop(&f);
}

static void what_was_missed_comes_again(void **state)
{
	static const struct {
		const char *query, *head;
		bool first, second;
	} cases[] = {
		{ "?after=0", "", true, true },
		{ "?after=1", "", false, true },
		{ "", "Last-Event-ID: 0\r\n", true, true },
		{ "?after=0", "Last-Event-ID: 1\r\n", false, true },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "POST", FIRST "/acknowledge", WEB_JSON, "{}"), 200, NULL);
	web_expect(
		web_control(&f, "POST", FIRST "/dispatch", WEB_JSON, "{\"unit\":\"" SCRIPT "\"}"),
		200, NULL);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		int fd = open_stream(&f, cases[i].query, cases[i].head);
		char *text = client_read(fd, "event: incident.dispatched\n");

		print_message("case %zu\n", i);
		assert_int_equal(strstr(text, "incident.acknowledged") != NULL, cases[i].first);
		assert_int_equal(strstr(text, "incident.dispatched") != NULL, cases[i].second);
		free(text);
		close(fd);
	}
	web_stop(&f);
}

static void a_place_that_is_no_number_is_refused(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "GET", "/api/v1/events?after=x", "", NULL), 422, "'after'");
	web_expect(web_control(&f, "GET", "/api/v1/events?after=-1", "", NULL), 422, NULL);
	web_expect(
		web_control(&f, "GET", "/api/v1/events", "Last-Event-ID: 7x\r\n", NULL), 422, NULL);
	web_stop(&f);
}

static void beat(struct web_fixture *f)
{
	loop_thread_stop(&f->thread);
	pp_events_beat(f->web);
	loop_thread_start(&f->thread, f->loop);
}

static void a_stream_ends_with_its_session(void **state)
{
	struct web_fixture f;
	char head[300], *request, *text;
	int fd;

	(void)state;
	web_start(&f);
	web_login(&f);
	snprintf(head, sizeof(head), "Cookie: %s\r\n", f.cookie);
	request = web_request("GET", "/api/v1/events", head, NULL);
	fd = client_connect(f.port);
	client_send(fd, request, strlen(request));
	free(request);
	free(client_read(fd, "retry: 2000\n\n"));
	beat(&f);
	text = client_read(fd, ":\n\n");
	assert_non_null(strstr(text, ":\n\n"));
	free(text);
	web_expect(web_ask(&f, "DELETE", "/api/v1/session", NULL), 204, NULL);
	beat(&f);
	text = client_read(fd, NULL);
	assert_non_null(strstr(text, "0\r\n\r\n"));
	free(text);
	close(fd);
	web_stop(&f);
}

/* The stream of the logged-in browser, from its greeting on. */
static int session_stream(struct web_fixture *f, const char *path)
{
	char head[300], *request;
	int fd = client_connect(f->port);

	snprintf(head, sizeof(head), "Cookie: %s\r\n", f->cookie);
	request = web_request("GET", path, head, NULL);
	client_send(fd, request, strlen(request));
	free(request);
	free(client_read(fd, "retry: 2000\n\n"));
	return fd;
}

/* As if so much time had passed; then a beat, which only those hear who are still there. */
static void look_after(struct web_fixture *f, uint64_t ms)
{
	loop_thread_stop(&f->thread);
	pp_events_presence(f->web, pp_loop_now_us(f->loop) + ms * 1000);
	pp_events_beat(f->web);
	loop_thread_start(&f->thread, f->loop);
}

static void a_page_that_has_promised_a_pulse_and_gives_none_is_gone(void **state)
{
	struct web_fixture f;
	int pulsing, other;
	char *text;

	(void)state;
	web_start(&f);
	web_login(&f);
	other = session_stream(&f, "/api/v1/events");
	pulsing = session_stream(&f, "/api/v1/events?pulse=1");
	look_after(&f, PP_PULSE_MS - 5000);
	free(client_read(pulsing, ":\n\n"));
	free(client_read(other, ":\n\n"));
	look_after(&f, PP_PULSE_MS + 1000);
	text = client_read(pulsing, NULL);
	assert_non_null(strstr(text, "0\r\n\r\n"));
	free(text);
	text = client_read(other, ":\n\n");
	assert_non_null(strstr(text, ":\n\n"));
	free(text);
	close(pulsing);
	close(other);
	web_stop(&f);
}

static void present_is(struct web_fixture *f, const char *want)
{
	char *text;

	/* Until it could be said it is said again, and grows no longer. */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pp_events_present(f->web, &text), 0);
		assert_string_equal(text, want);
		free(text);
	}
	pp_events_said(f->web);
}

/* The server has noticed that nobody is connected any more. */
static void wait_for_nobody(struct web_fixture *f)
{
	do {
		pp_events_beat(f->web);
		loop_thread_start(&f->thread, f->loop);
		loop_thread_stop(&f->thread);
	} while (f->web->streams);
}

static int page_open(struct web_fixture *f)
{
	int page;

	loop_thread_start(&f->thread, f->loop);
	page = session_stream(f, "/api/v1/events?pulse=1");
	loop_thread_stop(&f->thread);
	return page;
}

/* A page that comes and goes within the five seconds between two words has been there. */
static void whoever_was_there_since_the_last_word_is_named_once_more(void **state)
{
	const char *budi = "kendal/user:budi\n";
	struct web_fixture f;
	char *text = NULL;
	int page;

	(void)state;
	web_start(&f);
	web_login(&f);
	loop_thread_stop(&f.thread);
	assert_int_equal(pp_loop_arm_at(f.web->presence, UINT64_MAX), 0); /* asked here alone */
	present_is(&f, "");
	for (int i = 0; i < 3; i++)
		close(page_open(&f));
	wait_for_nobody(&f);
	present_is(&f, budi);
	present_is(&f, "");
	page = page_open(&f);
	present_is(&f, budi);
	present_is(&f, budi);
	close(page);
	wait_for_nobody(&f);
	present_is(&f, budi);
	present_is(&f, "");
	/* It is seen to be gone before the server has noticed: not named again when it has. */
	page = page_open(&f);
	close(page);
	do {
		free(text);
		assert_int_equal(pp_events_present(f.web, &text), 0);
		pp_events_said(f.web);
	} while (strcmp(text, budi) == 0);
	assert_string_equal(text, "");
	free(text);
	wait_for_nobody(&f);
	present_is(&f, "");
	loop_thread_start(&f.thread, f.loop);
	web_stop(&f);
}

static void whoever_opens_many_streams_loses_the_oldest_of_his_own(void **state)
{
	struct web_fixture f;
	int fds[PP_STREAMS_EACH + 1], other;
	char *text;

	(void)state;
	web_start(&f);
	web_login(&f);
	other = open_stream(&f, "", "");
	free(client_read(other, "retry: 2000\n\n"));
	for (size_t i = 0; i < PP_COUNT(fds); i++)
		fds[i] = session_stream(&f, "/api/v1/events");
	text = client_read(fds[0], NULL);
	assert_non_null(strstr(text, "0\r\n\r\n"));
	free(text);
	beat(&f);
	for (size_t i = 1; i <= PP_COUNT(fds); i++) {
		text = client_read(i < PP_COUNT(fds) ? fds[i] : other, ":\n\n");
		assert_non_null(strstr(text, ":\n\n"));
		free(text);
	}
	for (size_t i = 0; i < PP_COUNT(fds); i++)
		close(fds[i]);
	close(other);
	web_stop(&f);
}

static void any_request_of_its_session_is_a_pulse(void **state)
{
	struct web_fixture f;
	uint64_t asked_us;
	char *text;
	int fd;

	(void)state;
	web_start(&f);
	web_login(&f);
	fd = session_stream(&f, "/api/v1/events?pulse=1");
	asked_us = pp_clock_mono_us();
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, NULL);
	/* So long after the stream has begun that it would be over without. */
	loop_thread_stop(&f.thread);
	pp_events_presence(f.web, asked_us + PP_PULSE_MS * 1000);
	pp_events_beat(f.web);
	loop_thread_start(&f.thread, f.loop);
	text = client_read(fd, ":\n\n");
	assert_non_null(strstr(text, ":\n\n"));
	free(text);
	close(fd);
	web_stop(&f);
}

static void a_server_that_ends_lets_its_streams_go(void **state)
{
	struct web_fixture f;
	int fds[20];

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		fds[i] = open_stream(&f, "", "");
		free(client_read(fds[i], "retry: 2000\n\n"));
	}
	for (size_t i = 0; i < PP_COUNT(fds) / 2; i++)
		close(fds[i]);
	beat(&f);
	web_stop(&f);
	for (size_t i = PP_COUNT(fds) / 2; i < PP_COUNT(fds); i++) {
		char *rest = client_read(fds[i], NULL);

		assert_non_null(strstr(rest, "0\r\n\r\n")); /* said, not just cut */
		free(rest);
		close(fds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_comes_out_of_the_stream_at_once),
		cmocka_unit_test(what_was_missed_comes_again),
		cmocka_unit_test(a_place_that_is_no_number_is_refused),
		cmocka_unit_test(a_page_that_has_promised_a_pulse_and_gives_none_is_gone),
		cmocka_unit_test(whoever_was_there_since_the_last_word_is_named_once_more),
		cmocka_unit_test(whoever_opens_many_streams_loses_the_oldest_of_his_own),
		cmocka_unit_test(any_request_of_its_session_is_a_pulse),
		cmocka_unit_test(a_stream_ends_with_its_session),
		cmocka_unit_test(a_server_that_ends_lets_its_streams_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
