/* SPDX-License-Identifier: Apache-2.0 */
/* engine_test.c -- the thread with a real broker: messages, actions, failure, the end. */
#include "engine/engine.h"

#include "../../common/mqtt/broker.h"
#include "core/clock.h"
#include "pospin_record.h"
#include "protocol/seal.h"
#include "protocol/state.h"
#include "protocol/topic.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/syscall.h>

struct fixture {
	struct pp_test_record record;
	struct broker broker;
	char paths[5][320]; /* ca, alice's and bob's certificate and key */
	struct pp_key *post;
	struct pp_loop *loop;
	struct pp_loop_source *timer;
	struct pp_engine *engine;
	struct pp_mqtt *client; /* the post, bob */
	int commits, failures, done, asked;
	struct pp_action_result result;
	sem_t syncing;
};
/* Asks while the next commit is on its way to the disk. */
static _Atomic(struct fixture *) asking;
static const struct pp_action a_note = { .type = PP_ACTION_NOTE,
	.tenant = "kendal",
	.actor = "user:siti",
	.incident = "KDL-25-000009",
	.text = "x" };

static void allow_all(const struct broker *b)
{
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), "%s/acl", b->folder);
	file = fopen(path, "we");
	fputs("pattern readwrite pospin/v1/#\npattern read $SYS/#\n", file);
	fclose(file);
}

static void on_commit(void *user)
{
	((struct fixture *)user)->commits++;
}

static void on_failure(void *user)
{
	((struct fixture *)user)->failures++;
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct fixture *f = user;

	f->done++;
	f->result = *result;
}

static void stop(void *user)
{
	pp_loop_stop(((struct fixture *)user)->loop, 0);
}

/* Lets the asking loop run until *counter reaches want, 10 s at most. */
static void wait_for(struct fixture *f, const int *counter, int want)
{
	uint64_t end = pp_clock_mono_us() + 10000000;

	while (*counter < want) {
		if (pp_clock_mono_us() > end)
			fail_msg("waited in vain");
		assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 2000), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
	}
}

static struct pp_mqtt_options client_options(
	struct fixture *f, const char *name, char (*paths)[320])
{
	snprintf(f->paths[0], sizeof(f->paths[0]), "%s/ca.pem", f->broker.folder);
	snprintf(paths[0], sizeof(paths[0]), "%s/%s.pem", f->broker.folder, name);
	snprintf(paths[1], sizeof(paths[1]), "%s/%s.key", f->broker.folder, name);
	return (struct pp_mqtt_options){ .host = "127.0.0.1",
		.port = f->broker.port,
		.client_id = name,
		.ca_path = f->paths[0],
		.cert_path = paths[0],
		.key_path = paths[1],
		.keepalive_s = 5,
		.connect_timeout_s = 5,
		.queue_limit = 100 };
}

static void engine_start(struct fixture *f)
{
	const struct pp_engine_options options = { .record_path = f->record.record_path,
		.heads_path = f->record.heads_path,
		.key_path = f->record.key_path,
		.broker = client_options(f, "alice", f->paths + 1) };

	assert_int_equal(pp_engine_new(&options, f->loop, &f->engine), 0);
	pp_engine_on_commit(f->engine, on_commit, f);
	pp_engine_on_failure(f->engine, on_failure, f);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct pp_enrolment e = { .tenant = "kendal", .post = "boja-01", .actor = "ctl:test" };

	pp_test_record_init(&f->record);
	assert_int_equal(pp_key_new(&f->post), 0);
	pp_key_public(f->post, e.key);
	assert_int_equal(pp_ledger_enrol(f->record.ledger, &e, PP_TEST_NOW), 0);
	broker_prepare(&f->broker);
	allow_all(&f->broker);
	assert_int_equal(pp_loop_new(&f->loop), 0);
	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop, f, &f->timer), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_mqtt_free(f->client);
	pp_engine_free(f->engine);
	pp_loop_source_free(f->timer);
	pp_loop_free(f->loop);
	broker_done(&f->broker);
	pp_key_free(f->post);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

/* The next event of that type that the post sees, 20 s at most. */
static struct pp_mqtt_event *post_waits(
	struct fixture *f, enum pp_mqtt_event_type type, const char *channel)
{
	uint64_t end = pp_clock_mono_us() + 20000000;

	while (pp_clock_mono_us() < end) {
		struct pollfd p = { pp_mqtt_fd(f->client), POLLIN, 0 };
		struct pp_mqtt_event *e;

		(void)poll(&p, 1, 100);
		while (pp_mqtt_next(f->client, &e) == 1) {
			if (e->type == type && (!channel || strstr(e->topic, channel)))
				return e;
			pp_mqtt_event_free(e);
		}
	}
	fail_msg("the post waited in vain for %s", channel ? channel : "an event");
	return NULL;
}

static void post_connect(struct fixture *f)
{
	static const char *const subscriptions[] = { "pospin/v1/kendal/boja-01/receipt",
		"pospin/v1/kendal/boja-01/beat", "pospin/v1/kendal/boja-01/progress", NULL };
	struct pp_mqtt_options options = client_options(f, "bob", f->paths + 3);

	options.subscriptions = subscriptions;
	assert_int_equal(pp_mqtt_new(&options, &f->client), 0);
	assert_int_equal(pp_mqtt_connect(f->client), 0);
	pp_mqtt_event_free(post_waits(f, PP_MQTT_CONNECTED, NULL));
}

static void post_publish(struct fixture *f, const char *topic, const char *text, size_t length)
{
	uint8_t sig[PP_SIGNATURE_SIZE];

	assert_int_equal(pp_seal(f->post, topic, text, length, sig), 0);
	assert_int_equal(pp_mqtt_publish(f->client, topic, text, length, sig, 1), 0);
}

static void broker_wait(struct fixture *f)
{
	uint64_t end = pp_clock_mono_us() + 20000000;
	struct pp_engine_counts counts = { 0 };

	while (!counts.broker_connected && pp_clock_mono_us() < end) {
		assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 20000), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
		pp_engine_counts(f->engine, &counts);
	}
	assert_true(counts.broker_connected);
}

static void counts_wait_busy(struct fixture *f)
{
	uint64_t end = pp_clock_mono_us() + 20000000;
	struct pp_engine_counts counts = { 0 };

	while (counts.record_error != -EBUSY && pp_clock_mono_us() < end) {
		assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 20000), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
		pp_engine_counts(f->engine, &counts);
	}
	assert_int_equal(counts.record_error, -EBUSY);
}

static void a_press_over_the_broker_is_recorded_and_receipted(void **state)
{
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	struct pp_engine_counts counts;
	struct pp_mqtt_event *e;
	struct pp_receipt receipt;
	size_t length, count;
	char *text;

	broker_start(&f->broker);
	engine_start(f);
	broker_wait(f);
	post_connect(f);
	assert_int_equal(pp_signal_encode(&signal, &text, &length), 0);
	post_publish(f, "pospin/v1/kendal/boja-01/signal", text, length);
	free(text);
	e = post_waits(f, PP_MQTT_MESSAGE, "/receipt");
	assert_int_equal(pp_receipts_decode(e->payload, e->length, &receipt, 1, &count, NULL), 0);
	assert_true(e->has_signature);
	assert_int_equal(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])f->record.public_key,
				 1, e->topic, e->payload, e->length, e->signature),
		0);
	pp_mqtt_event_free(e);
	assert_int_equal(receipt.result, PP_RECEIPT_RECORDED);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 1);
	wait_for(f, &f->commits, 1);
	pp_engine_counts(f->engine, &counts);
	assert_int_equal(counts.signals, 1);
}

static void an_action_is_answered_after_its_commit_and_the_post_asks_again(void **state)
{
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	const struct pp_action a = { .type = PP_ACTION_ACKNOWLEDGE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001" };

	pp_item_free(pp_test_signal_apply(&f->record, &signal, PP_TEST_NOW));
	broker_start(&f->broker);
	engine_start(f);
	broker_wait(f);
	post_connect(f);
	assert_int_equal(pp_engine_submit(f->engine, &a, on_done, f), 0);
	assert_int_equal(f->done, 0);
	wait_for(f, &f->done, 1);
	assert_int_equal(f->result.error, 0);
	assert_string_equal(f->result.state, "acknowledged");
	pp_test_text_is(&f->record, "SELECT state FROM incident", "acknowledged");
	pp_mqtt_event_free(post_waits(f, PP_MQTT_MESSAGE, "/progress"));
}

static void what_comes_while_the_server_is_away_waits_at_the_broker(void **state)
{
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	size_t length;
	char *text;

	broker_start(&f->broker);
	engine_start(f);
	broker_wait(f);
	f->engine = pp_engine_free(f->engine);
	post_connect(f);
	assert_int_equal(pp_signal_encode(&signal, &text, &length), 0);
	post_publish(f, "pospin/v1/kendal/boja-01/signal", text, length);
	free(text);
	pp_mqtt_event_free(post_waits(f, PP_MQTT_PUBLISHED, NULL));
	engine_start(f);
	pp_mqtt_event_free(post_waits(f, PP_MQTT_MESSAGE, "/receipt"));
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 1);
}

static void whenever_it_hears_again_it_asks_what_posts_hold(void **state)
{
	struct fixture *f = *state;

	broker_start(&f->broker);
	post_connect(f);
	for (int i = 0; i < 2; i++) {
		engine_start(f);
		pp_mqtt_event_free(post_waits(f, PP_MQTT_MESSAGE, "/progress"));
		f->engine = pp_engine_free(f->engine);
	}
}

static void people_can_work_while_the_broker_is_away_and_it_is_found_again(void **state)
{
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	const struct pp_action note = { .type = PP_ACTION_NOTE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001",
		.text = "x" };

	pp_item_free(pp_test_signal_apply(&f->record, &signal, PP_TEST_NOW));
	engine_start(f);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pp_engine_submit(f->engine, &note, on_done, f), 0);
	wait_for(f, &f->done, 50);
	assert_int_equal(f->result.error, 0);
	assert_int_equal(f->result.rev, 51);
	broker_start(&f->broker);
	broker_wait(f);
}

static void an_end_answers_everything_that_was_asked(void **state)
{
	struct fixture *f = *state;
	const struct pp_action a = { .type = PP_ACTION_NOTE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000009",
		.text = "x" };

	engine_start(f);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pp_engine_submit(f->engine, &a, on_done, f), 0);
	f->engine = pp_engine_free(f->engine);
	assert_int_equal(f->done, 100);
	assert_int_equal(f->result.error, -ENOENT);
}

/* Asks, on the engine's own thread and while the first question is being written, until it is told
 * that nothing more is taken. */
static void ask_until_the_end(struct fixture *f)
{
	int r = 0;

	while (r != -EIO) {
		r = pp_engine_submit(f->engine, &a_note, on_done, f);
		if (r == 0 && ++f->asked == 2)
			sem_post(&f->syncing);
	}
	for (int i = 0; i < 20000; i++)
		sched_yield(); /* the end is told just after */
}

/* SQLite reaches this instead of the C library's. */
int fdatasync(int fd)
{
	struct fixture *f = atomic_exchange(&asking, NULL);

	if (f)
		ask_until_the_end(f);
	return (int)syscall(SYS_fdatasync, fd);
}

static void an_end_answers_what_was_asked_while_something_was_written(void **state)
{
	struct fixture *f = *state;
	const struct pp_action user = { .type = PP_ACTION_USER_CREATE,
		.tenant = "kendal",
		.actor = "server",
		.name = "siti",
		.text = "Bu Siti",
		.secret = "h",
		.role = "operator" };

	sem_init(&f->syncing, 0, 0);
	engine_start(f);
	f->asked = 1;
	atomic_store(&asking, f);
	assert_int_equal(pp_engine_submit(f->engine, &user, on_done, f), 0);
	assert_int_equal(sem_wait(&f->syncing), 0);
	f->engine = pp_engine_free(f->engine);
	assert_true(f->done > 1);
	assert_int_equal(f->done, f->asked);
	sem_destroy(&f->syncing);
}

static void a_failing_record_ends_it_loudly(void **state)
{
	struct fixture *f = *state;
	const struct pp_action user = { .type = PP_ACTION_USER_CREATE,
		.tenant = "kendal",
		.actor = "server",
		.name = "siti",
		.text = "Bu Siti",
		.secret = "h",
		.role = "operator" };
	char heads[600];

	/* A full disk under the heads file. */
	snprintf(heads, sizeof(heads), "%s", f->record.heads_path);
	assert_int_equal(unlink(heads), 0);
	assert_int_equal(symlink("/dev/full", heads), 0);
	engine_start(f);
	assert_int_equal(pp_engine_submit(f->engine, &user, on_done, f), 0);
	wait_for(f, &f->failures, 1);
	assert_int_equal(f->done, 1); /* the record has it; its seal is what failed */
	assert_int_equal(f->result.error, 0);
	assert_int_equal(pp_engine_failure(f->engine), -EIO);
	assert_int_equal(pp_engine_submit(f->engine, &user, on_done, f), -EIO);
	assert_int_equal(f->done, 1);
}

static void a_locked_record_turns_people_away_keeps_signals_and_goes_on(void **state)
{
	struct fixture *f = *state;
	struct pp_signal first = pp_test_alarm(1), second = pp_test_alarm(2);
	const struct pp_action note = { .type = PP_ACTION_NOTE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001",
		.text = "x" };
	struct pp_db *other;
	size_t length;
	char *text;

	pp_item_free(pp_test_signal_apply(&f->record, &first, PP_TEST_NOW));
	broker_start(&f->broker);
	engine_start(f);
	broker_wait(f);
	post_connect(f);
	assert_int_equal(pp_db_open(f->record.record_path, PP_DB_WRITE, &other), 0);
	assert_int_equal(pp_db_begin(other), 0);
	assert_int_equal(pp_engine_submit(f->engine, &note, on_done, f), 0);
	wait_for(f, &f->done, 1);
	assert_int_equal(f->result.error, -EBUSY);
	assert_int_equal(pp_signal_encode(&second, &text, &length), 0);
	post_publish(f, "pospin/v1/kendal/boja-01/signal", text, length);
	free(text);
	pp_mqtt_event_free(post_waits(f, PP_MQTT_PUBLISHED, NULL));
	counts_wait_busy(f); /* the broker has it; the engine may not yet */
	assert_int_equal(pp_engine_failure(f->engine), 0);
	pp_db_rollback(other);
	pp_db_close(other);
	pp_mqtt_event_free(post_waits(f, PP_MQTT_MESSAGE, "/receipt"));
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM signal"), 2);
	assert_int_equal(pp_test_number(&f->record, "SELECT rev FROM incident"), 2);
	assert_int_equal(f->failures, 0);
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct pp_engine_options options = { .record_path = f->record.record_path,
		.key_path = "/nonexistent/server.key",
		.broker = client_options(f, "alice", f->paths + 1) };

	assert_true(pp_engine_new(&options, f->loop, &f->engine) < 0);
	options.key_path = f->record.key_path;
	options.record_path = "/nonexistent/record.db";
	assert_true(pp_engine_new(&options, f->loop, &f->engine) < 0);
	assert_null(f->engine);
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENGINE_TEST(a_press_over_the_broker_is_recorded_and_receipted),
		ENGINE_TEST(an_action_is_answered_after_its_commit_and_the_post_asks_again),
		ENGINE_TEST(what_comes_while_the_server_is_away_waits_at_the_broker),
		ENGINE_TEST(whenever_it_hears_again_it_asks_what_posts_hold),
		ENGINE_TEST(people_can_work_while_the_broker_is_away_and_it_is_found_again),
		ENGINE_TEST(an_end_answers_everything_that_was_asked),
		ENGINE_TEST(an_end_answers_what_was_asked_while_something_was_written),
		ENGINE_TEST(a_failing_record_ends_it_loudly),
		ENGINE_TEST(a_locked_record_turns_people_away_keeps_signals_and_goes_on),
		ENGINE_TEST(what_cannot_be_opened_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
