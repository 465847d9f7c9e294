/* SPDX-License-Identifier: Apache-2.0 */
/* writer_test.c -- its turns, run by the test's own thread: no broker answers, and whatever it does
 * is over when it returns. With threads and a broker: engine_test.c. */
#include "writer.h"

#include "pospin_record.h"

#include "core/clock.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>

#define DISK_S 5

/* A disk that takes its time, once, and the clocks that show it. */
static bool disk_is_slow;
static time_t ahead_s;

int fdatasync(int fd)
{
	ahead_s += disk_is_slow ? DISK_S : 0;
	disk_is_slow = false;
	return (int)syscall(SYS_fdatasync, fd);
}

int clock_gettime(clockid_t id, struct timespec *time)
{
	int r = (int)syscall(SYS_clock_gettime, id, time);

	time->tv_sec += ahead_s;
	return r;
}

struct fixture {
	struct pp_test_record record;
	struct pp_jobs *jobs;
	struct pp_board *board;
	struct pp_writer *writer;
	int done;
	struct pp_action_result result;
};

static const struct pp_action note = { .type = PP_ACTION_NOTE,
	.tenant = "kendal",
	.actor = "user:siti",
	.incident = "KDL-25-000001",
	.text = "x" };

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	pp_test_record_init(&f->record);
	assert_int_equal(pp_jobs_new(&f->jobs), 0);
	assert_int_equal(pp_board_new(&f->board), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_writer_free(f->writer);
	pp_board_free(f->board);
	pp_jobs_free(f->jobs);
	pp_test_record_done(&f->record);
	free(f);
	return 0;
}

static int writer_open(struct fixture *f)
{
	const struct pp_engine_options options = { .record_path = f->record.record_path,
		.heads_path = f->record.heads_path,
		.key_path = f->record.key_path,
		.broker = { .host = "127.0.0.1",
			.port = 1,
			.client_id = "svc-server",
			.ca_path = "/nonexistent/ca.pem",
			.cert_path = "/nonexistent/server.pem",
			.key_path = "/nonexistent/server.key",
			.keepalive_s = 5,
			.connect_timeout_s = 5 } };

	return pp_writer_new(&options, f->jobs, f->board, &f->writer);
}

static void on_done(void *user, const struct pp_action_result *result)
{
	struct fixture *f = user;

	f->done++;
	f->result = *result;
}

static void ask(struct fixture *f, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(pp_jobs_submit(f->jobs, &note, on_done, f), 0);
	pp_writer_wake(f->writer);
}

static void alarm_record(struct fixture *f)
{
	struct pp_signal signal = pp_test_alarm(1);

	pp_item_free(pp_test_signal_apply(&f->record, &signal, PP_TEST_NOW));
}

static void what_was_asked_before_the_end_is_in_the_record_after_it(void **state)
{
	struct fixture *f = *state;
	struct pp_engine_counts counts;

	alarm_record(f);
	assert_int_equal(writer_open(f), 0);
	ask(f, 200);
	pp_board_end(f->board);
	assert_int_equal(pp_writer_run(f->writer), 0);
	assert_int_equal(f->done, 0); /* it is the asking side that is told */
	pp_jobs_finish(f->jobs);
	assert_int_equal(f->done, 200);
	assert_int_equal(f->result.error, 0);
	assert_int_equal(f->result.rev, 201);
	assert_true(pp_board_take_commit(f->board));
	pp_board_counts(f->board, &counts);
	assert_int_equal(counts.actions, 200);
	assert_int_equal(pp_board_failure(f->board), 0);
}

static void a_full_batch_is_one_commit(void **state)
{
	struct fixture *f = *state;
	struct pp_engine_counts counts;

	alarm_record(f);
	assert_int_equal(writer_open(f), 0);
	ask(f, PP_ENGINE_JOBS_MAX);
	assert_int_equal(pp_jobs_submit(f->jobs, &note, on_done, f), -ENOBUFS);
	pp_board_end(f->board);
	assert_int_equal(pp_writer_run(f->writer), 0);
	pp_jobs_finish(f->jobs);
	assert_int_equal(f->done, PP_ENGINE_JOBS_MAX);
	pp_board_counts(f->board, &counts);
	assert_int_equal(counts.commits, 1);
}

static void heads_that_cannot_be_sealed_end_it_with_a_failure(void **state)
{
	struct fixture *f = *state;

	alarm_record(f);
	assert_int_equal(unlink(f->record.heads_path), 0);
	assert_int_equal(symlink("/dev/full", f->record.heads_path), 0);
	assert_int_equal(writer_open(f), 0);
	ask(f, 1);
	assert_int_equal(pp_writer_run(f->writer), -EIO);
	pp_jobs_finish(f->jobs);
	assert_int_equal(f->done, 1); /* the record has it; its seal is what failed */
	assert_int_equal(f->result.error, 0);
	assert_int_equal(pp_board_failure(f->board), -EIO);
	assert_int_equal(pp_jobs_submit(f->jobs, &note, on_done, f), -EIO);
}

static void a_locked_record_turns_people_away_and_is_no_failure(void **state)
{
	struct fixture *f = *state;
	struct pp_engine_counts counts;
	struct pp_db *other;

	alarm_record(f);
	assert_int_equal(writer_open(f), 0);
	assert_int_equal(pp_db_open(f->record.record_path, PP_DB_WRITE, &other), 0);
	assert_int_equal(pp_db_begin(other), 0);
	ask(f, 3);
	pp_board_end(f->board);
	assert_int_equal(pp_writer_run(f->writer), 0);
	pp_jobs_finish(f->jobs);
	assert_int_equal(f->done, 3);
	assert_int_equal(f->result.error, -EBUSY);
	pp_board_counts(f->board, &counts);
	assert_int_equal(counts.record_error, -EBUSY);
	assert_int_equal(pp_board_failure(f->board), 0);
	pp_db_rollback(other);
	pp_db_close(other);
}

/* The step of this batch is told when the batch is on the disk, and its time runs from then. */
static void a_step_that_waited_for_the_disk_has_its_whole_time(void **state)
{
	const struct pp_action convert = { .type = PP_ACTION_CONVERT,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001" };
	struct fixture *f = *state;
	struct pp_signal signal = pp_test_alarm(1);
	int64_t began_ms, due_ms;

	signal.flags = PP_FLAG_DRILL;
	pp_item_free(pp_test_signal_apply(&f->record, &signal, PP_TEST_NOW));
	assert_int_equal(writer_open(f), 0);
	assert_int_equal(pp_jobs_submit(f->jobs, &convert, on_done, f), 0);
	pp_writer_wake(f->writer);
	pp_board_end(f->board);
	began_ms = (int64_t)(pp_clock_boot_us() / 1000);
	disk_is_slow = true;
	assert_int_equal(pp_writer_run(f->writer), 0);
	pp_jobs_finish(f->jobs);
	assert_int_equal(f->result.error, 0);
	assert_false(disk_is_slow);
	due_ms = pp_test_number(&f->record, "SELECT due FROM ladder_ring WHERE ring = 'desk'");
	assert_in_range(due_ms, began_ms + 15000 + DISK_S * 1000, INT64_MAX);
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink(f->record.key_path), 0);
	assert_int_equal(writer_open(f), -ENOENT);
	assert_null(f->writer);
}

#define WRITER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WRITER_TEST(what_was_asked_before_the_end_is_in_the_record_after_it),
		WRITER_TEST(a_full_batch_is_one_commit),
		WRITER_TEST(heads_that_cannot_be_sealed_end_it_with_a_failure),
		WRITER_TEST(a_locked_record_turns_people_away_and_is_no_failure),
		WRITER_TEST(a_step_that_waited_for_the_disk_has_its_whole_time),
		WRITER_TEST(what_cannot_be_opened_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
