/* SPDX-License-Identifier: Apache-2.0 */
/* push_test.c -- a scripted store on a real socket: nothing leaves the spool before a 2xx. */
#include "pospin_test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "recorder/push.h"

struct push_fixture {
	char *folder, url[64];
	struct pp_loop *loop;
	struct pp_loop_source *limit;
	pthread_t store;
	struct pp_spool *spool;
	struct pp_push *push;
	struct pp_recorder_settings settings;
	int socket;
	const int *script; /* status of each answer; 0 ends the test */
	char requests[2000];
	int lost, back, poison;
};

/* One request a connection: read until the body is there, answer, close. */
static void answer_one(struct push_fixture *f, int peer)
{
	char text[70000];
	size_t length = 0, target, told = strlen(f->requests);

	for (;;) {
		ssize_t n = read(peer, text + length, sizeof(text) - 1 - length);
		char *end, *body_length;

		assert_true(n > 0);
		length += (size_t)n;
		text[length] = '\0';
		end = memmem(text, length, "\r\n\r\n", 4);
		body_length = strcasestr(text, "content-length:");
		if (end &&
			length >= (size_t)(end + 4 - text) +
					  (body_length ? strtoul(body_length + 15, NULL, 10) : 0))
			break;
	}
	target = strcspn(text, " ") + 1;
	snprintf(f->requests + told, sizeof(f->requests) - told, "%.*s\n",
		(int)(target + strcspn(text + target, " ")), text);
	dprintf(peer,
		"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 1\r\n\r\n",
		*f->script);
	close(peer);
}

/* The store, on a thread of its own: answers as the script says, and ends with it. */
static void *store_run(void *user)
{
	struct push_fixture *f = user;

	for (; *f->script != 0; f->script++) {
		int peer = accept(f->socket, NULL, NULL);

		assert_true(peer >= 0);
		answer_one(f, peer);
	}
	return NULL;
}

static void on_news(void *user, enum pp_push_news news, const char *text)
{
	struct push_fixture *f = user;

	(void)text;
	f->lost += news == PP_PUSH_STORE_LOST;
	f->back += news == PP_PUSH_STORE_BACK;
	f->poison += news == PP_PUSH_POISON;
}

static void on_limit(void *user)
{
	struct push_fixture *f = user;

	pp_loop_stop(f->loop, 0);
}

static int set_up(void **state)
{
	struct push_fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	char path[600];

	f->folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/spool.db", f->folder);
	assert_int_equal(pp_spool_open(path, 1 << 20, false, &f->spool), 0);
	assert_int_equal(pp_loop_new(&f->loop), 0);
	f->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->socket, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(f->socket, 8), 0);
	assert_int_equal(getsockname(f->socket, (struct sockaddr *)&address, &size), 0);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	f->settings.store.url = f->url;
	f->settings.store.database = f->settings.store.org = f->settings.store.bucket =
		(char *)(uintptr_t) "pospin";
	f->settings.store.timeout_us = 5000000;
	assert_int_equal(pp_loop_add_timer(f->loop, 0, on_limit, f, &f->limit), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct push_fixture *f = *state;

	pp_push_free(f->push);
	pp_loop_source_free(f->limit);
	pp_loop_free(f->loop);
	close(f->socket);
	pp_spool_close(f->spool);
	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

static void play(struct push_fixture *f, const int *script, uint64_t run_us)
{
	const struct pp_push_options options = { f->loop, f->spool, &f->settings, NULL, on_news,
		f };

	f->script = script;
	assert_int_equal(pthread_create(&f->store, NULL, store_run, f), 0);
	assert_int_equal(pp_push_new(&options, &f->push), 0);
	assert_int_equal(pp_loop_arm_at(f->limit, pp_loop_now_us(f->loop) + run_us), 0);
	assert_int_equal(pp_loop_run(f->loop), 0);
	assert_int_equal(pthread_join(f->store, NULL), 0);
}

static void add(struct push_fixture *f, const char *line)
{
	assert_int_equal(pp_spool_begin(f->spool), 0);
	assert_int_equal(pp_spool_add(f->spool, line, 1), 0);
	assert_int_equal(pp_spool_commit(f->spool), 0);
}

static void check_count(struct push_fixture *f, int64_t want_waiting, int64_t want_poison)
{
	int64_t waiting, poison;

	assert_int_equal(pp_spool_count(f->spool, &waiting, &poison), 0);
	assert_int_equal(waiting, want_waiting);
	assert_int_equal(poison, want_poison);
}

static void a_batch_goes_to_influxdb_1_after_the_database_was_made(void **state)
{
	struct push_fixture *f = *state;
	static const int script[] = { 200, 204, 0 };

	add(f, "a v=1 1");
	play(f, script, 1000000);
	assert_string_equal(f->requests, "POST /query?q=CREATE%20DATABASE%20%22pospin%22\n"
					 "POST /write?db=pospin&precision=ns\n");
	check_count(f, 0, 0);
	assert_int_equal(pp_push_written(f->push), 1);
}

static void a_store_that_is_unwell_loses_nothing_and_is_told_once(void **state)
{
	struct push_fixture *f = *state;
	static const int script[] = { 503, 429, 204, 0 };

	f->settings.store.api = 1;
	add(f, "a v=1 1");
	play(f, script, 3500000);
	assert_string_equal(f->requests,
		"POST /api/v2/write?org=pospin&bucket=pospin&precision=ns\n"
		"POST /api/v2/write?org=pospin&bucket=pospin&precision=ns\n"
		"POST /api/v2/write?org=pospin&bucket=pospin&precision=ns\n");
	check_count(f, 0, 0);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->back, 1);
}

static void a_line_that_the_store_refuses_is_set_aside_and_its_neighbour_written(void **state)
{
	struct push_fixture *f = *state;
	static const int script[] = { 400, 400, 204, 0 };

	f->settings.store.api = 1;
	add(f, "poison");
	add(f, "a v=1 1");
	play(f, script, 1500000);
	check_count(f, 0, 1);
	assert_int_equal(f->poison, 1);
	assert_int_equal(f->lost, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_batch_goes_to_influxdb_1_after_the_database_was_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_store_that_is_unwell_loses_nothing_and_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_line_that_the_store_refuses_is_set_aside_and_its_neighbour_written,
			set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
