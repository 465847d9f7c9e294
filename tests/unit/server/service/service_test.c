/* SPDX-License-Identifier: Apache-2.0 */
/* service_test.c -- engine and notifier together: a commit is told to whoever listens and to the
 * notifier, a failing record ends the loop, a failing start says why. */
#include "service/service.h"

#include "core/clock.h"
#include "pospin_record.h"

#include <errno.h>

struct fixture {
	struct pp_test_record record;
	struct pp_server_settings settings;
	struct pp_loop *loop;
	struct pp_loop_source *timer;
	struct pp_service *service;
	struct pp_problem problem;
	int commits, done;
};

static void stop(void *user)
{
	pp_loop_stop(((struct fixture *)user)->loop, 0);
}

static void on_commit(void *user)
{
	((struct fixture *)user)->commits++;
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct fixture *f = user;

	assert_int_equal(result->error, 0);
	f->done++;
}

static int set_up(void **state)
{
	static char none[] = "/nonexistent/file", host[] = "127.0.0.1";
	struct fixture *f = calloc(1, sizeof(*f));

	pp_test_record_init(&f->record);
	f->settings = (struct pp_server_settings){
		.signing_key = f->record.key_path,
		.record_path = f->record.record_path,
		.heads_path = f->record.heads_path,
		.broker = { .host = host, .port = 1, .ca = none, .certificate = none, .key = none },
	};
	assert_int_equal(pp_loop_new(&f->loop), 0);
	assert_int_equal(pp_loop_add_timer(f->loop, 0, stop, f, &f->timer), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_service_free(f->service);
	pp_loop_source_free(f->timer);
	pp_loop_free(f->loop);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

static void run_until(struct fixture *f, const int *counter, int want)
{
	uint64_t end = pp_clock_mono_us() + 20000000;

	while (*counter < want) {
		assert_true(pp_clock_mono_us() < end);
		assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 2000), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
	}
}

static void ask(struct fixture *f)
{
	const struct pp_action user = { .type = PP_ACTION_USER_CREATE,
		.tenant = "kendal",
		.actor = "server",
		.name = "siti",
		.text = "Bu Siti",
		.secret = "h",
		.role = "operator" };

	assert_int_equal(pp_engine_submit(pp_service_engine(f->service), &user, on_done, f), 0);
}

static void a_commit_is_told_to_whoever_listens(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pp_service_new(&f->settings, f->loop, &f->problem, &f->service), 0);
	pp_service_on_commit(f->service, on_commit, f);
	ask(f);
	run_until(f, &f->commits, 1);
	assert_int_equal(f->done, 1);
}

/* The webhooks of the small site are on hosts that no resolver knows. */
static void what_a_commit_queues_is_tried_by_the_notifier(void **state)
{
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	uint64_t end = pp_clock_mono_us() + 20000000;

	assert_int_equal(pp_service_new(&f->settings, f->loop, &f->problem, &f->service), 0);
	pp_item_free(pp_test_signal_apply(&f->record, &signal, PP_TEST_NOW));
	ask(f);
	while (pp_notifier_counts(pp_service_notifier(f->service))->tries < 2) {
		assert_true(pp_clock_mono_us() < end);
		assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 2000), 0);
		assert_int_equal(pp_loop_run(f->loop), 0);
	}
}

static void a_failing_record_stops_the_loop_with_a_failure(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink(f->record.heads_path), 0);
	assert_int_equal(symlink("/dev/full", f->record.heads_path), 0);
	assert_int_equal(pp_service_new(&f->settings, f->loop, &f->problem, &f->service), 0);
	ask(f);
	assert_int_equal(pp_loop_arm_at(f->timer, pp_clock_mono_us() + 20000000), 0);
	assert_int_equal(pp_loop_run(f->loop), EXIT_FAILURE);
	assert_int_equal(pp_engine_failure(pp_service_engine(f->service)), -EIO);
}

static void a_failing_start_says_which_file_it_is_about(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink(f->record.key_path), 0);
	assert_int_equal(pp_service_new(&f->settings, f->loop, &f->problem, &f->service), -ENOENT);
	assert_non_null(strstr(f->problem.text, f->record.key_path));
	assert_null(f->service);
	assert_null(pp_service_free(NULL));
}

#define SERVICE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVICE_TEST(a_commit_is_told_to_whoever_listens),
		SERVICE_TEST(what_a_commit_queues_is_tried_by_the_notifier),
		SERVICE_TEST(a_failing_record_stops_the_loop_with_a_failure),
		SERVICE_TEST(a_failing_start_says_which_file_it_is_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
