/* SPDX-License-Identifier: Apache-2.0 */
/* notifier_test.c -- queued rows of a real record reach a receiver, and the record says what became
 * of them. */
#include "notify/notifier.h"

#include "pospin_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "crypto/sign.h"
#include "db/db.h"
#include "store/schema.h"

/* Answers by the path: /ok, /missing, /hang, and /shaky, which fails once. */
struct receiver {
	int listener;
	uint16_t port;
	pthread_t thread;
	_Atomic int ok, hanging, shaky;
	int held[64];
	char last[4096]; /* the newest request; read after receiver_stop */
	char shaky_keys[2][80];
};

struct fixture {
	char *folder, record[600];
	struct pp_loop *loop;
	struct pp_loop_source *wake;
	struct pp_engine *engine;
	struct pp_notifier *notifier;
	struct pp_db *db;
	pthread_t thread;
	struct receiver receiver;
	struct pp_server_settings settings;
};

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void read_request(struct receiver *r, int fd)
{
	size_t length = 0;

	while (length < sizeof(r->last) - 1) {
		ssize_t n = recv(fd, r->last + length, sizeof(r->last) - 1 - length, 0);

		if (n <= 0)
			break;
		length += (size_t)n;
		r->last[length] = '\0';
		if (strstr(r->last, "\r\n\r\n{}"))
			break;
	}
}

static void serve(struct receiver *r, int fd)
{
	const char *key;

	read_request(r, fd);
	key = strstr(r->last, "Idempotency-Key: ");
	if (strncmp(r->last, "POST /hang", 10) == 0 && r->hanging < 64) {
		r->held[r->hanging++] = fd;
		return;
	}
	if (strncmp(r->last, "POST /ok", 8) == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		r->ok++;
	} else if (strncmp(r->last, "POST /shaky", 11) == 0 && key && r->shaky < 2) {
		snprintf(r->shaky_keys[r->shaky], 80, "%.*s", (int)strcspn(key, "\r"), key);
		say(fd, r->shaky++ == 0 ? "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
					: "HTTP/1.1 204 No Content\r\n\r\n");
	} else {
		say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	}
	close(fd);
}

static void *receiver_run(void *arg)
{
	struct receiver *r = arg;
	int fd;

	while ((fd = accept(r->listener, NULL, NULL)) >= 0)
		serve(r, fd);
	return NULL;
}

static void receiver_start(struct receiver *r)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(a);

	r->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&a, length), 0);
	assert_int_equal(listen(r->listener, 64), 0);
	assert_int_equal(getsockname(r->listener, (struct sockaddr *)&a, &length), 0);
	r->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&r->thread, NULL, receiver_run, r), 0);
}

static void receiver_stop(struct receiver *r)
{
	shutdown(r->listener, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	close(r->listener);
	for (int i = 0; i < r->hanging; i++)
		close(r->held[i]);
}

static void on_commit(void *user)
{
	struct fixture *f = user;

	pp_notifier_committed(f->notifier);
}

static void on_wake(void *user)
{
	struct fixture *f = user;

	pp_loop_stop(f->loop, 0);
}

static void *loop_run(void *arg)
{
	struct fixture *f = arg;

	(void)pp_loop_run(f->loop);
	return NULL;
}

/* A webhook whose URL ends in path, and count notifications for it. */
static void queue(struct fixture *f, const char *target, const char *path, int count)
{
	struct pp_db *db = NULL;
	char sql[1024];

	assert_int_equal(pp_db_open(f->record, PP_DB_WRITE, &db), 0);
	snprintf(sql, sizeof(sql),
		"INSERT INTO webhook (tenant, name, url, secret, active)"
		" VALUES ('kendal', '%s', 'http://127.0.0.1:%u%s',"
		" 'rahasia', 1)",
		target, f->receiver.port, path);
	assert_int_equal(pp_db_exec(db, sql), 0);
	for (int i = 0; i < count; i++) {
		snprintf(sql, sizeof(sql),
			"INSERT INTO notification (tenant, incident_id, event_id,"
			" channel, target, key, body, state, attempts, created, next, changed, "
			"detail)"
			" VALUES ('kendal', 1, 1, 'webhook', '%s', 'key-%s-%d', '{}', 'queued', 0,"
			" unixepoch() * 1000, %d, 0, '')",
			target, target, i, 1000 + i);
		assert_int_equal(pp_db_exec(db, sql), 0);
	}
	pp_db_close(db);
}

static void record_make(struct fixture *f)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(f->record, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(pp_db_exec(db, "INSERT INTO tenant VALUES ('kendal', 'Kabupaten Kendal', "
					"'KDL', 'Asia/Jakarta', 1);"
					"INSERT INTO incident (tenant, number, post, class, state, "
					"rev, silent, late, drill,"
					" occurred, opened, signals, restored) VALUES ('kendal', "
					"'KDL-26-000001', 'boja-01',"
					" 'crime', 'open', 1, 0, 0, 0, 1000, 1001, 1, 0);"
					"INSERT INTO event (tenant, height, at, kind, actor, "
					"incident_id, body, previous, hash)"
					" VALUES ('kendal', 1, 1, 'incident.opened', 'server', 1, "
					"'{}', zeroblob(32),"
					" zeroblob(32));"),
		0);
	pp_db_close(db);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->folder = pp_test_folder();
	snprintf(f->record, sizeof(f->record), "%s/record.db", f->folder);
	record_make(f);
	receiver_start(&f->receiver);
	*state = f;
	return 0;
}

static void start(struct fixture *f, bool allow_private)
{
	char key_path[600], heads[600];
	struct pp_key *key = NULL;
	struct pp_server_settings *settings = &f->settings;
	struct pp_notifier_options options = { f->record, settings };
	struct pp_engine_options engine = { .record_path = f->record,
		.heads_path = heads,
		.key_path = key_path,
		.broker = { .host = "127.0.0.1",
			.port = 1,
			.client_id = "svc-server",
			.ca_path = key_path,
			.cert_path = key_path,
			.key_path = key_path } };

	settings->webhook_allow_private = allow_private;
	snprintf(key_path, sizeof(key_path), "%s/signing.key", f->folder);
	snprintf(heads, sizeof(heads), "%s/heads.log", f->folder);
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_key_save(key, key_path), 0);
	pp_key_free(key);
	assert_int_equal(pp_loop_new(&f->loop), 0);
	assert_int_equal(pp_loop_add_wake(f->loop, on_wake, f, &f->wake), 0);
	assert_int_equal(pp_engine_new(&engine, f->loop, &f->engine), 0);
	assert_int_equal(pp_notifier_new(&options, f->loop, f->engine, &f->notifier), 0);
	pp_engine_on_commit(f->engine, on_commit, f);
	assert_int_equal(pp_db_open(f->record, PP_DB_READ, &f->db), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, loop_run, f), 0);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_loop_wake(f->wake);
	pthread_join(f->thread, NULL);
	pp_engine_free(f->engine);
	pp_notifier_free(f->notifier);
	pp_loop_source_free(f->wake);
	pp_loop_free(f->loop);
	pp_db_close(f->db);
	if (f->receiver.thread)
		receiver_stop(&f->receiver);
	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

static int64_t number(struct fixture *f, const char *state, const char *target)
{
	struct pp_stmt *s;

	assert_int_equal(
		pp_db_prepare(f->db,
			"SELECT count(*) FROM notification WHERE state = ?1 AND target = ?2", &s),
		0);
	pp_stmt_text(s, 1, state);
	pp_stmt_text(s, 2, target);
	assert_int_equal(pp_stmt_step(s), 1);
	int64_t count = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return count;
}

/* Until count notifications of target have the state; 10 s at most. */
static void wait_for(struct fixture *f, const char *state, const char *target, int64_t count)
{
	for (int i = 0; i < 1000; i++) {
		if (number(f, state, target) == count)
			return;
		(void)poll(NULL, 0, 10);
	}
	fail_msg("%s: %lld are %s, want %lld", target, (long long)number(f, state, target), state,
		(long long)count);
}

static void detail_is(struct fixture *f, const char *target, int64_t attempts, const char *part)
{
	struct pp_stmt *s;

	assert_int_equal(pp_db_prepare(f->db,
				 "SELECT attempts, detail FROM notification WHERE target = ?1", &s),
		0);
	pp_stmt_text(s, 1, target);
	assert_int_equal(pp_stmt_step(s), 1);
	assert_int_equal(pp_column_i64(s, 0), attempts);
	if (!strstr(pp_column_text(s, 1), part))
		fail_msg("%s: %s", target, pp_column_text(s, 1));
	pp_stmt_reset(s);
}

static void what_waits_at_the_start_is_sent_signed(void **state)
{
	struct fixture *f = *state;

	queue(f, "relawan", "/ok", 3);
	start(f, true);
	wait_for(f, "sent", "relawan", 3);
	detail_is(f, "relawan", 1, "HTTP 200");
	assert_int_equal(f->receiver.ok, 3);
	receiver_stop(&f->receiver);
	f->receiver.thread = 0;
	assert_non_null(strstr(f->receiver.last, "X-PosPin-Signature: sha256="));
	assert_non_null(strstr(f->receiver.last, "Idempotency-Key: key-relawan-"));
}

static void a_failing_target_is_tried_again_with_the_same_key(void **state)
{
	struct fixture *f = *state;

	queue(f, "goyah", "/shaky", 1);
	start(f, true);
	wait_for(f, "sent", "goyah", 1);
	detail_is(f, "goyah", 2, "HTTP 204");
	assert_int_equal(f->receiver.shaky, 2);
	assert_string_equal(f->receiver.shaky_keys[0], f->receiver.shaky_keys[1]);
}

static void what_cannot_succeed_fails_at_once(void **state)
{
	struct fixture *f = *state;

	queue(f, "hilang", "/missing", 1);
	start(f, true);
	wait_for(f, "failed", "hilang", 1);
	detail_is(f, "hilang", 1, "HTTP 404");
}

static void a_private_target_is_refused_unless_it_is_allowed(void **state)
{
	struct fixture *f = *state;

	queue(f, "dalam", "/ok", 1);
	start(f, false);
	wait_for(f, "failed", "dalam", 1);
	detail_is(f, "dalam", 1, "private");
	assert_int_equal(f->receiver.ok, 0);
}

static void a_target_that_hangs_delays_no_other(void **state)
{
	struct fixture *f = *state;

	queue(f, "macet", "/hang", 40);
	queue(f, "relawan", "/ok", 40);
	start(f, true);
	wait_for(f, "sent", "relawan", 40);
	assert_in_range(f->receiver.hanging, 1, 4);
	assert_int_equal(number(f, "queued", "macet"), 40);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_waits_at_the_start_is_sent_signed),
		CASE(a_failing_target_is_tried_again_with_the_same_key),
		CASE(what_cannot_succeed_fails_at_once),
		CASE(a_private_target_is_refused_unless_it_is_allowed),
		CASE(a_target_that_hangs_delays_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
