/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_test.c -- what is appended stays, in order and without gaps, and the outbox has bounds. */
#include "outbox_rig.h"

static struct pp_outbox *o;

static void open_with(const struct pp_outbox_options *options)
{
	assert_int_equal(pp_outbox_open(options, &o), 0);
}

static int begin(void **state)
{
	struct pp_outbox_options options;

	rig_begin(state);
	options = rig_options();
	open_with(&options);
	return 0;
}

static int end(void **state)
{
	o = pp_outbox_close(o);
	return rig_end(state);
}

static struct pp_outbox_facts facts(void)
{
	struct pp_outbox_facts f;

	pp_outbox_facts(o, &f);
	return f;
}

/* Appends and commits; the seq, or -errno. */
static int64_t append(uint64_t ticket, enum pp_signal_type type)
{
	struct pp_draft draft = rig_draft(ticket, type);
	struct pp_parcel *parcel;
	int64_t seq;
	int r;

	assert_int_equal(pp_outbox_begin(o), 0);
	r = pp_outbox_append(o, &draft, &now, &parcel);
	if (r < 0) {
		pp_outbox_rollback(o);
		return r;
	}
	seq = parcel->seq;
	pp_parcel_free(parcel);
	assert_int_equal(pp_outbox_commit(o), 0);
	return seq;
}

static int receipt(int64_t seq, enum pp_receipt_result result, const struct pp_outbox_now *when)
{
	struct pp_receipt r = { .epoch = facts().epoch, .seq = seq, .result = result };
	int answer;

	assert_int_equal(pp_outbox_begin(o), 0);
	answer = pp_outbox_receipt(o, &r, when);
	assert_int_equal(pp_outbox_commit(o), 0);
	return answer;
}

struct seen {
	size_t count;
	int64_t seqs[256];
	bool refused[256], alarm[256];
	struct pp_signal last;
};

static void see(void *user, struct pp_parcel *parcel, const struct pp_signal *signal)
{
	struct seen *seen = user;

	seen->seqs[seen->count] = parcel->seq;
	seen->refused[seen->count] = parcel->refused;
	seen->alarm[seen->count++] = parcel->alarm;
	seen->last = *signal;
	pp_parcel_free(parcel);
}

/* Everything above after, in small portions. */
static int load(int64_t after, struct seen *seen)
{
	struct pp_outbox_reader reader = { .after = after, .limit = 7, .fn = see, .user = seen };
	int r;

	while ((r = pp_outbox_load(o, &reader, &now)) > 0)
		;
	return r;
}

static void rows_survive_with_their_epoch_and_numbers_go_on(void **state)
{
	struct pp_outbox_options options = rig_options();
	struct seen seen = { 0 };
	uint64_t epoch = facts().epoch;

	(void)state;
	assert_int_equal(append(1, PP_SIGNAL_ALARM), 1);
	assert_int_equal(append(2, PP_SIGNAL_RESTORE), 2);
	o = pp_outbox_close(o);
	open_with(&options);
	assert_int_equal(facts().epoch, epoch);
	assert_int_equal(facts().boot, 1);
	assert_int_equal(facts().unreceipted, 2);
	assert_int_equal(load(0, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.seqs[0], 1);
	assert_true(seen.alarm[0]);
	assert_false(seen.alarm[1]);
	assert_int_equal(append(3, PP_SIGNAL_ALARM), 3);
}

static void a_new_kernel_boot_is_counted(void **state)
{
	struct pp_outbox_options options = rig_options();

	(void)state;
	o = pp_outbox_close(o);
	options.boot_id = "00000000000000000000000000000002";
	open_with(&options);
	assert_int_equal(facts().boot, 2);
	o = pp_outbox_close(o);
	open_with(&options);
	assert_int_equal(facts().boot, 2);
}

static void a_failed_transaction_uses_no_number(void **state)
{
	struct pp_draft draft = rig_draft(1, PP_SIGNAL_ALARM);
	struct pp_parcel *parcel;

	(void)state;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	pp_parcel_free(parcel);
	pp_outbox_rollback(o);
	assert_int_equal(facts().rows, 0);
	sync_error = EIO;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	pp_parcel_free(parcel);
	assert_int_equal(pp_outbox_commit(o), -EIO);
	sync_error = 0;
	assert_int_equal(append(2, PP_SIGNAL_ALARM), 1);
}

static void receipts_are_taken_once_and_counted(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	append(1, PP_SIGNAL_ALARM);
	append(2, PP_SIGNAL_RESTORE);
	append(3, PP_SIGNAL_ALARM);
	assert_int_equal(receipt(1, PP_RECEIPT_RECORDED, &now), 0);
	assert_int_equal(receipt(1, PP_RECEIPT_RECORDED, &now), -ENOENT);
	assert_int_equal(receipt(9, PP_RECEIPT_RECORDED, &now), -ENOENT);
	assert_int_equal(receipt(3, PP_RECEIPT_REFUSED, &now), 0);
	assert_int_equal(facts().unreceipted, 2);
	assert_int_equal(facts().receipted_alarms, 1);
	assert_int_equal(load(0, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.refused[1]);
	assert_int_equal(receipt(3, PP_RECEIPT_RECORDED, &now), 0);
	assert_int_equal(facts().receipted_alarms, 2);
}

static void receipted_rows_make_room_first_then_troubles_are_refused_and_alarms_last(void **state)
{
	int64_t seq = 0;

	(void)state;
	for (uint64_t i = 1; i <= 100; i++) /* rows_max */
		seq = append(i, PP_SIGNAL_ALARM);
	assert_int_equal(seq, 100);
	assert_int_equal(append(101, PP_SIGNAL_ALARM), -ENOBUFS);
	for (int64_t i = 1; i <= 20; i++)
		receipt(i, PP_RECEIPT_RECORDED, &now);
	assert_int_equal(append(102, PP_SIGNAL_ALARM), 101); /* 20 receipted rows have gone */
	assert_int_equal(facts().rows, 81);
	for (uint64_t i = 0; i < 9; i++)
		assert_true(append(200 + i, PP_SIGNAL_TROUBLE) > 0);
	assert_int_equal(facts().rows, 90);
	assert_false(facts().room);
	assert_int_equal(append(300, PP_SIGNAL_TROUBLE), -ENOBUFS);
	assert_true(append(301, PP_SIGNAL_ALARM) > 0);
}

static void receipted_rows_go_after_ninety_days_and_others_never(void **state)
{
	struct pp_outbox_now later = now, unknown = { .mono_ms = 1, .wall_ms = PP_AT_UNKNOWN };

	(void)state;
	append(1, PP_SIGNAL_ALARM);
	append(2, PP_SIGNAL_ALARM);
	append(3, PP_SIGNAL_ALARM);
	receipt(1, PP_RECEIPT_RECORDED, &now);
	receipt(2, PP_RECEIPT_RECORDED, &unknown);
	later.wall_ms += 91LL * 24 * 3600 * 1000;
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_purge(o, &unknown), 0);
	assert_int_equal(pp_outbox_purge(o, &later), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_int_equal(facts().rows, 2);
	assert_int_equal(append(4, PP_SIGNAL_ALARM), 4);
}

static void a_damaged_file_is_told_from_a_failing_disk_and_set_aside(void **state)
{
	struct pp_outbox_options options = rig_options();
	uint64_t epoch = facts().epoch;
	char aside[PP_ASIDE_MAX];
	FILE *file;

	(void)state;
	o = pp_outbox_close(o);
	file = fopen(path, "r+");
	assert_non_null(file);
	for (int i = 0; i < 4096; i++)
		fputc('x', file);
	fclose(file);
	assert_int_equal(pp_outbox_open(&options, &o), -EBADMSG);
	assert_int_equal(pp_outbox_set_aside(path, 42, aside), 0);
	assert_non_null(strstr(aside, "outbox.db.damaged-42"));
	open_with(&options);
	assert_true(facts().epoch != epoch);
	o = pp_outbox_close(o);
	sync_error = EIO;
	char fresh[600];
	snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	options.path = fresh;
	assert_true(pp_outbox_open(&options, &o) < 0);
	o = NULL;
}

static void a_good_file_on_a_failing_disk_is_not_called_damaged(void **state)
{
	struct pp_outbox_options options = rig_options();
	uint64_t epoch = facts().epoch;

	(void)state;
	assert_int_equal(append(1, PP_SIGNAL_ALARM), 1);
	o = pp_outbox_close(o);
	options.boot_id = "00000000000000000000000000000002"; /* something to write */
	sync_error = EIO;
	assert_int_equal(pp_outbox_open(&options, &o), -EIO);
	sync_error = 0;
	o = NULL;
	open_with(&options);
	assert_true(facts().epoch == epoch);
	assert_int_equal(facts().unreceipted, 1);
}

/* A thread that waits in a page fault for a disk that hangs keeps all the others from memory. */
static void no_file_of_the_outbox_is_mapped_into_memory(void **state)
{
	char line[4096];
	FILE *maps = fopen("/proc/self/maps", "re");

	(void)state;
	assert_non_null(maps);
	assert_int_equal(append(1, PP_SIGNAL_ALARM), 1);
	while (fgets(line, sizeof(line), maps))
		assert_null(strstr(line, path));
	fclose(maps);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_survive_with_their_epoch_and_numbers_go_on),
		TEST(a_new_kernel_boot_is_counted),
		TEST(no_file_of_the_outbox_is_mapped_into_memory),
		TEST(a_failed_transaction_uses_no_number),
		TEST(receipts_are_taken_once_and_counted),
		TEST(receipted_rows_make_room_first_then_troubles_are_refused_and_alarms_last),
		TEST(receipted_rows_go_after_ninety_days_and_others_never),
		TEST(a_damaged_file_is_told_from_a_failing_disk_and_set_aside),
		TEST(a_good_file_on_a_failing_disk_is_not_called_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
