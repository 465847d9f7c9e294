/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_test.c -- signals go on being numbered and sent when the disk fails, hangs or comes back.
 */
#include "outbox_rig.h"

#include "core/file.h"
#include "outbox/keeper.h"

#include <semaphore.h>
#include <sys/stat.h>

static struct pp_keeper *keeper;
static sem_t woken;
static struct pp_outbox_now clock_now;
static uint64_t retry_first_us;
static const char *memo;

/* The answers so far, oldest first. */
static struct {
	enum pp_store_answer_type type;
	bool durable;
	uint64_t ticket, epoch;
	int64_t seq, over_ms;
	char point[PP_POINT_MAX + 1]; /* STANDS */
} told[256];
static size_t told_count, told_read;

static void wake(void *user)
{
	(void)user;
	sem_post(&woken);
}

static void on_answer(void *user, struct pp_store_answer *a)
{
	(void)user;
	assert_true(told_count < PP_COUNT(told));
	told[told_count].type = a->type;
	told[told_count].durable = a->durable;
	told[told_count].ticket = a->ticket;
	memcpy(told[told_count].point, a->signal.point, sizeof(a->signal.point));
	told[told_count].over_ms = a->over_ms;
	told[told_count].epoch = a->parcel ? a->parcel->epoch : a->facts.epoch;
	told[told_count++].seq = a->parcel ? a->parcel->seq : a->receipt.seq;
}

static void start(const char *file)
{
	struct pp_keeper_options options = {
		.hang_us = 3000000,
		.silent_us = 15000000,
		.retry_first_us = retry_first_us,
		.retry_us = 60000000,
		.memory_max = 8,
		.memo = memo,
	};

	options.store = (struct pp_store_options){ .queue_limit = 64, .wake = wake };
	options.store.outbox = rig_options();
	options.store.outbox.path = file;
	clock_now = now;
	assert_int_equal(pp_keeper_new(&options, on_answer, NULL, &clock_now, &keeper), 0);
}

static int begin(void **state)
{
	rig_begin(state);
	sem_init(&woken, 0, 0);
	told_count = told_read = 0;
	retry_first_us = 0;
	memo = NULL;
	return 0;
}

static int end(void **state)
{
	sync_hangs = false;
	keeper = pp_keeper_free(keeper);
	sem_destroy(&woken);
	return rig_end(state);
}

/* Waits for an answer of this type; the index into told. */
static size_t want(enum pp_store_answer_type type)
{
	for (;;) {
		while (told_read < told_count)
			if (told[told_read++].type == type)
				return told_read - 1;
		assert_int_equal(sem_wait(&woken), 0);
		pp_keeper_read(keeper, &clock_now);
	}
}

/* Waits for the thread to have done all that it was asked. */
static void settle(void)
{
	pp_keeper_ping(keeper, &clock_now);
	(void)want(PP_STORE_PONG);
}

static void append(uint64_t ticket, enum pp_signal_type type)
{
	struct pp_draft draft = rig_draft(ticket, type);

	assert_int_equal(pp_keeper_append(keeper, &draft, &clock_now), 0);
}

static void wait_ms(int64_t ms)
{
	clock_now.mono_ms += ms;
	pp_keeper_step(keeper, &clock_now);
}

/* What the disk says at the next start that it stands. */
static size_t standing_after_restart(void)
{
	size_t count = 0;

	keeper = pp_keeper_free(keeper);
	told_count = told_read = 0;
	start(path);
	(void)want(PP_STORE_OPENED);
	for (size_t i = 0; i < told_count; i++) {
		if (told[i].type != PP_STORE_STANDS)
			continue;
		assert_string_equal(told[i].point, "panic-crime");
		count++;
	}
	return count;
}

static void what_is_appended_while_the_outbox_opens_is_durable(void **state)
{
	size_t i;

	(void)state;
	start(path);
	append(1, PP_SIGNAL_ALARM);
	i = want(PP_STORE_OPENED);
	assert_true(told[i].durable);
	i = want(PP_STORE_APPENDED);
	assert_true(told[i].durable);
	assert_int_equal(told[i].seq, 1);
	assert_true(pp_keeper_durable(keeper));
}

static void without_a_disk_signals_are_numbered_in_memory_under_a_new_epoch(void **state)
{
	size_t i;

	(void)state;
	start("/proc/pospin-cannot-write-here/outbox.db");
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	i = want(PP_STORE_OPENED);
	assert_false(told[i].durable);
	uint64_t epoch = told[i].epoch;
	i = want(PP_STORE_APPENDED);
	assert_false(told[i].durable);
	assert_int_equal(told[i].epoch, epoch);
	assert_int_equal(told[i].seq, 1);
	append(2, PP_SIGNAL_ALARM);
	i = want(PP_STORE_APPENDED);
	assert_int_equal(told[i].seq, 2);
	struct pp_receipt receipt = { .epoch = epoch, .seq = 1 };
	pp_keeper_receipt(keeper, &receipt, &clock_now);
	i = want(PP_STORE_KEPT);
	assert_false(told[i].durable);
}

static void memory_has_bounds_and_alarms_are_refused_last(void **state)
{
	size_t i;

	(void)state;
	start("/proc/pospin-cannot-write-here/outbox.db");
	(void)want(PP_STORE_OPENED);
	for (uint64_t ticket = 1; ticket <= 6; ticket++)
		append(ticket, PP_SIGNAL_ALARM);
	append(7, PP_SIGNAL_TROUBLE);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, 7);
	append(8, PP_SIGNAL_ALARM);
	append(9, PP_SIGNAL_ALARM);
	append(10, PP_SIGNAL_ALARM);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, 10);
}

static void an_alarm_that_found_no_room_is_taken_up_when_there_is(void **state)
{
	struct pp_receipt receipt = { .seq = 1 };
	size_t i;

	(void)state;
	start(path); /* 100 rows */
	i = want(PP_STORE_OPENED);
	receipt.epoch = told[i].epoch;
	for (uint64_t ticket = 1; ticket <= 100; ticket++) {
		append(ticket, PP_SIGNAL_ALARM);
		(void)want(PP_STORE_APPENDED);
		told_count = told_read = 0;
	}
	append(101, PP_SIGNAL_ALARM);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, 101);
	append(102, PP_SIGNAL_TROUBLE);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, 102);
	append(103, PP_SIGNAL_RESTORE);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, 103);
	told_count = told_read = 0;
	pp_keeper_receipt(keeper, &receipt, &clock_now);
	i = want(PP_STORE_APPENDED);
	assert_int_equal(told[i].ticket, 101);
	assert_true(told[i].durable);
	assert_int_equal(told[i].seq, 101);
	assert_int_equal(standing_after_restart(), 0); /* the restore, though it had no room */
}

static void a_sync_that_fails_moves_the_signal_to_memory_and_a_healed_disk_is_used_again(
	void **state)
{
	uint64_t disk;
	size_t i;

	(void)state;
	start(path);
	i = want(PP_STORE_OPENED);
	disk = told[i].epoch;
	sync_error = EIO;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	i = want(PP_STORE_APPENDED);
	assert_false(told[i].durable);
	assert_true(told[i].epoch != disk);
	assert_int_equal(told[i].ticket, 1);
	sync_error = 0;
	assert_int_equal(pp_keeper_deadline(keeper), (uint64_t)clock_now.mono_ms * 1000 + 60000000);
	wait_ms(60000);
	i = want(PP_STORE_OPENED);
	assert_true(told[i].durable);
	assert_int_equal(told[i].epoch, disk);
	append(2, PP_SIGNAL_ALARM);
	i = want(PP_STORE_APPENDED);
	assert_true(told[i].durable);
	assert_int_equal(told[i].epoch, disk);
}

static void a_disk_that_hangs_is_treated_as_lost_and_its_late_row_is_sent_too(void **state)
{
	size_t i;
	int before;

	(void)state;
	start(path);
	(void)want(PP_STORE_OPENED);
	sync_hangs = true;
	before = syncs;
	append(1, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	wait_ms(2999);
	assert_true(pp_keeper_durable(keeper));
	wait_ms(1);
	(void)want(PP_STORE_LOST);
	i = want(PP_STORE_APPENDED);
	assert_false(told[i].durable);
	sync_hangs = false;
	i = want(PP_STORE_LOADED);
	assert_int_equal(told[i].seq, 1);
	wait_ms(60000);
	i = want(PP_STORE_OPENED);
	assert_true(told[i].durable);
}

static void hang_over_an_alarm(void)
{
	int before = syncs;

	sync_hangs = true;
	append(1, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	wait_ms(3000);
	assert_false(told[want(PP_STORE_APPENDED)].durable);
}

/* The row of the alarm is finished late, and only memory has numbered its restore: a press just
 * before the next start would be taken for the one that still stands, and lost. */
static void what_is_over_in_memory_stands_no_more_on_the_disk(void **state)
{
	static const enum pp_signal_type last[] = { PP_SIGNAL_TEST, PP_SIGNAL_RESTORE };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(last); i++) {
		start(path);
		(void)want(PP_STORE_OPENED);
		hang_over_an_alarm();
		append(2, last[i]);
		assert_false(told[want(PP_STORE_APPENDED)].durable);
		sync_hangs = false;
		wait_ms(60000);
		assert_true(told[want(PP_STORE_OPENED)].durable);
		assert_int_equal(standing_after_restart(), last[i] == PP_SIGNAL_RESTORE ? 0 : 1);
		keeper = pp_keeper_free(keeper);
	}
}

/* A program that is killed the moment after the disk has finished knows it too. */
static void a_disk_that_hangs_hears_of_a_restore_right_behind_its_row(void **state)
{
	(void)state;
	start(path);
	(void)want(PP_STORE_OPENED);
	hang_over_an_alarm();
	append(2, PP_SIGNAL_RESTORE);
	sync_hangs = false;
	assert_int_equal(standing_after_restart(), 0);
}

/* The end is told behind the row of the next press, which must not be told once more. */
static void a_press_after_a_restore_on_a_disk_that_hangs_stands(void **state)
{
	(void)state;
	start(path);
	(void)want(PP_STORE_OPENED);
	append(1, PP_SIGNAL_ALARM);
	assert_true(told[want(PP_STORE_APPENDED)].durable);
	int before = syncs;
	sync_hangs = true;
	append(2, PP_SIGNAL_RESTORE);
	append(3, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	wait_ms(3000);
	for (int i = 0; i < 2; i++)
		assert_false(told[want(PP_STORE_APPENDED)].durable);
	sync_hangs = false;
	assert_int_equal(standing_after_restart(), 1);
}

/* Over a signal that neither stands nor ends anything: its row may be there all the same. */
static void lose_disk(uint64_t ticket)
{
	sync_error = EIO;
	append(ticket, PP_SIGNAL_TEST);
	(void)want(PP_STORE_LOST);
	assert_false(told[want(PP_STORE_APPENDED)].durable);
}

static void find_disk(void)
{
	sync_error = 0;
	wait_ms(60000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
}

static void press_and_release_on_a_lost_disk(void)
{
	start(path);
	(void)want(PP_STORE_OPENED);
	append(1, PP_SIGNAL_ALARM);
	assert_true(told[want(PP_STORE_APPENDED)].durable);
	lose_disk(2);
	append(3, PP_SIGNAL_RESTORE);
	assert_false(told[want(PP_STORE_APPENDED)].durable);
	settle();
	find_disk();
}

static void a_lost_disk_hears_what_is_over_when_it_is_found(void **state)
{
	(void)state;
	press_and_release_on_a_lost_disk();
	assert_int_equal(standing_after_restart(), 0);
}

static void what_comes_after_an_end_in_memory_stands(void **state)
{
	(void)state;
	press_and_release_on_a_lost_disk();
	append(4, PP_SIGNAL_ALARM);
	assert_true(told[want(PP_STORE_APPENDED)].durable);
	lose_disk(5);
	find_disk(); /* the end is not told again */
	assert_int_equal(standing_after_restart(), 1);
}

static void copy(const char *from, const char *to, const char *suffix)
{
	char a[540], b[540], *text;
	size_t length;

	snprintf(a, sizeof(a), "%s%s", from, suffix);
	snprintf(b, sizeof(b), "%s%s", to, suffix);
	assert_int_equal(pp_file_read(a, 1 << 20, &text, &length), 0);
	assert_int_equal(pp_file_put(b, text, length, 0600), 0);
	free(text);
}

/* As files are when the program is killed now; what it writes at its end is another's. */
static void kill_and_start(const char *left, const char *left_memo)
{
	copy(path, left, "");
	copy(path, left, "-wal");
	copy(memo, left_memo, "");
	sync_hangs = false;
	keeper = pp_keeper_free(keeper);
	told_count = told_read = 0;
	memo = left_memo;
	start(left);
	(void)want(PP_STORE_OPENED);
}

static void hang_over_a_test(void)
{
	int before = syncs;

	sync_hangs = true;
	append(3, PP_SIGNAL_TEST);
	while (syncs == before)
		syscall(SYS_sched_yield);
}

/* Whether the disk is lost already, or only hangs. */
static void what_was_let_go_on_a_disk_that_hangs_is_known_to_the_next_start(void **state)
{
	static const int64_t waits_ms[] = { 0, 3000 };
	char first[540], second[540], left[540], *text;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(waits_ms); i++) {
		snprintf(path, sizeof(path), "%s/outbox%zu.db", folder, i);
		snprintf(first, sizeof(first), "%s/first%zu", folder, i);
		snprintf(second, sizeof(second), "%s/second%zu", folder, i);
		snprintf(left, sizeof(left), "%s/left%zu.db", folder, i);
		memo = first;
		start(path);
		(void)want(PP_STORE_OPENED);
		append(1, PP_SIGNAL_ALARM);
		assert_true(told[want(PP_STORE_APPENDED)].durable);
		hang_over_a_test();
		append(2, PP_SIGNAL_RESTORE); /* behind it: not even written */
		wait_ms(waits_ms[i]);
		kill_and_start(left, second);
		assert_int_equal(told[0].type, PP_STORE_STANDS);
		assert_int_equal(told[0].over_ms, 1002); /* the rig's second draft */
		/* Its restore is told now; then nobody has to know any more. */
		assert_int_equal(pp_file_read(memo, 1024, &text, NULL), 0);
		assert_non_null(strstr(text, "\npanic-crime 1002\n"));
		free(text);
		append(1, PP_SIGNAL_RESTORE);
		assert_true(told[want(PP_STORE_APPENDED)].durable);
		assert_int_equal(pp_file_read(memo, 1024, &text, NULL), 0);
		assert_null(strstr(text, "panic-crime"));
		free(text);
		keeper = pp_keeper_free(keeper);
	}
}

/* It would end every alarm of this boot at a moment that has not been, start after start. */
static void a_note_of_a_moment_that_has_not_been_ends_nothing(void **state)
{
	static const char *const moments[] = { "5001", "9007199254740993", "9223372036854775807" };
	static char file[540];
	char text[256];
	int length;

	(void)state;
	snprintf(file, sizeof(file), "%s/ends", folder);
	start(path);
	(void)want(PP_STORE_OPENED);
	append(1, PP_SIGNAL_ALARM);
	assert_true(told[want(PP_STORE_APPENDED)].durable);
	memo = file;
	for (size_t i = 0; i < PP_COUNT(moments); i++) {
		length = snprintf(text, sizeof(text), "%s %s\npanic-crime %s\n", BOOT_ID,
			TOPIC, moments[i]);

		assert_int_equal(pp_file_put(memo, text, (size_t)length, 0600), 0);
		assert_int_equal(standing_after_restart(), 1);
		assert_int_equal(told[0].type, PP_STORE_STANDS);
		assert_int_equal(told[0].over_ms, 0);
	}
}

static void a_disk_that_hangs_over_a_receipt_is_lost_too_and_the_receipt_counts(void **state)
{
	struct pp_receipt receipt = { .seq = 1 };
	size_t i;
	int before;

	(void)state;
	start(path);
	i = want(PP_STORE_OPENED);
	receipt.epoch = told[i].epoch;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_APPENDED);
	sync_hangs = true;
	before = syncs;
	pp_keeper_receipt(keeper, &receipt, &clock_now);
	while (syncs == before)
		syscall(SYS_sched_yield);
	wait_ms(3000);
	(void)want(PP_STORE_LOST);
	i = want(PP_STORE_KEPT);
	assert_int_equal(told[i].seq, 1);
	assert_false(told[i].durable);
	assert_false(pp_keeper_durable(keeper));
	/* Once: the server may have lost it again before the disk answers. */
	pp_keeper_receipt(keeper, &receipt, &clock_now);
	(void)want(PP_STORE_KEPT);
	sync_hangs = false;
	settle();
	for (i = 0, before = 0; i < told_count; i++)
		before += told[i].type == PP_STORE_KEPT;
	assert_int_equal(before, 2); /* of two */
}

static void a_disk_that_hangs_over_what_nobody_awaits_is_lost_when_no_ping_is_answered(void **state)
{
	uint64_t epoch;
	int before;

	(void)state;
	start(path);
	epoch = told[want(PP_STORE_OPENED)].epoch;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_APPENDED);
	pp_keeper_receipt(keeper, &(struct pp_receipt){ .epoch = epoch, .seq = 1 }, &clock_now);
	(void)want(PP_STORE_KEPT);
	pp_keeper_ping(keeper, &clock_now);
	(void)want(PP_STORE_PONG);
	wait_ms(60000);
	assert_true(pp_keeper_durable(keeper));
	sync_hangs = true;
	before = syncs;
	pp_keeper_reoffer(keeper, epoch, 0, &clock_now);
	while (syncs == before)
		syscall(SYS_sched_yield);
	pp_keeper_ping(keeper, &clock_now);
	wait_ms(7000);
	pp_keeper_ping(keeper, &clock_now);
	wait_ms(7999);
	assert_true(pp_keeper_durable(keeper));
	wait_ms(1);
	assert_false(pp_keeper_durable(keeper));
	(void)want(PP_STORE_LOST);
	append(2, PP_SIGNAL_ALARM);
	assert_false(told[want(PP_STORE_APPENDED)].durable);
	sync_hangs = false;
	(void)want(PP_STORE_PONG);
	wait_ms(60000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
	wait_ms(60000);
	assert_true(pp_keeper_durable(keeper));
}

static void a_disk_that_can_be_read_but_not_written_stays_lost(void **state)
{
	(void)state;
	start(path);
	(void)want(PP_STORE_OPENED);
	sync_error = EIO;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	(void)want(PP_STORE_APPENDED);
	for (int minute = 0; minute < 3; minute++) {
		wait_ms(60000);
		pp_keeper_ping(keeper, &clock_now);
		(void)want(PP_STORE_PONG);
		assert_false(pp_keeper_durable(keeper));
	}
	sync_error = 0;
	wait_ms(60000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
}

static void memory_goes_on_with_its_numbers_when_the_disk_is_lost_again(void **state)
{
	uint64_t memory;

	(void)state;
	start(path);
	(void)want(PP_STORE_OPENED);
	sync_error = EIO;
	append(1, PP_SIGNAL_ALARM);
	memory = told[want(PP_STORE_APPENDED)].epoch;
	sync_error = 0;
	wait_ms(60000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
	sync_error = EIO;
	append(2, PP_SIGNAL_ALARM);
	size_t i = want(PP_STORE_APPENDED);
	assert_int_equal(told[i].epoch, memory);
	assert_int_equal(told[i].seq, 2);
}

static void what_the_server_has_makes_room_in_memory(void **state)
{
	uint64_t ticket = 1;
	size_t i;

	(void)state;
	start("/proc/pospin-cannot-write-here/outbox.db");
	i = want(PP_STORE_OPENED);
	while (ticket <= 8)
		append(ticket++, PP_SIGNAL_ALARM);
	for (int64_t seq = 1; seq <= 6; seq++) {
		struct pp_receipt receipt = { .epoch = told[i].epoch, .seq = seq };

		pp_keeper_receipt(keeper, &receipt, &clock_now);
	}
	while (ticket <= 14)
		append(ticket++, PP_SIGNAL_ALARM);
	append(ticket, PP_SIGNAL_ALARM);
	i = want(PP_STORE_FULL);
	assert_int_equal(told[i].ticket, ticket);
}

/* When the lost store is tried again, from now. */
static uint64_t retry_ms(void)
{
	return pp_keeper_deadline(keeper) / 1000 - (uint64_t)clock_now.mono_ms;
}

static void an_outbox_that_was_never_read_is_tried_every_five_seconds(void **state)
{
	char late[600], file[640];

	(void)state;
	retry_first_us = 5000000;
	snprintf(late, sizeof(late), "%s/late", folder);
	snprintf(file, sizeof(file), "%s/outbox.db", late);
	start(file);
	(void)want(PP_STORE_LOST);
	for (int i = 0; i < 15; i++) {
		settle();
		assert_false(pp_keeper_durable(keeper));
		assert_int_equal(retry_ms(), 5000);
		wait_ms(5000);
	}
	settle();
	assert_int_equal(mkdir(late, 0700), 0);
	wait_ms(5000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
}

/* What an older record lacks may be on it, and nobody has asked for it yet. */
static void an_outbox_that_was_read_and_is_lost_is_tried_every_ten_seconds_at_least(void **state)
{
	static const uint64_t waits_ms[] = { 5000, 10000, 10000, 10000, 10000, 10000 };

	(void)state;
	retry_first_us = 5000000;
	start(path);
	(void)want(PP_STORE_ALL_LOADED);
	sync_error = EIO;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	for (size_t i = 0; i < PP_COUNT(waits_ms); i++) {
		settle();
		assert_int_equal(retry_ms(), waits_ms[i]);
		wait_ms((int64_t)waits_ms[i]);
	}
}

static void file_ruin(void)
{
	static const char bytes[4096] = "no outbox";
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, sizeof(bytes), file), sizeof(bytes));
	fclose(file);
}

/* Each beginning is an epoch, of which the server takes so many a day. */
static void an_outbox_that_is_begun_anew_again_and_again_is_tried_less_often(void **state)
{
	uint64_t before_ms = 0, wait = 0;

	(void)state;
	retry_first_us = 5000000;
	start(path);
	(void)want(PP_STORE_ALL_LOADED);
	for (uint64_t i = 1; i <= 6; i++) {
		sync_error = EIO;
		append(i, PP_SIGNAL_ALARM);
		(void)want(PP_STORE_LOST);
		wait = retry_ms();
		assert_true(wait >= before_ms);
		before_ms = wait;
		sync_error = 0;
		file_ruin();
		wait_ms((int64_t)wait);
		(void)want(PP_STORE_ALL_LOADED);
		assert_true(pp_keeper_durable(keeper));
	}
	assert_int_equal(wait, 60000);
}

/* Until the next try is 10 s away. */
static void lose_again_and_again(void)
{
	sync_error = EIO;
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	while (retry_ms() < 10000) {
		settle();
		wait_ms((int64_t)retry_ms());
	}
}

static void what_the_server_wants_again_is_looked_for_every_five_seconds(void **state)
{
	(void)state;
	retry_first_us = 5000000;
	start(path);
	(void)want(PP_STORE_ALL_LOADED);
	lose_again_and_again();
	pp_keeper_reoffer(keeper, told[told_count - 1].epoch, 0, &clock_now);
	assert_int_equal(retry_ms(), 0);
	wait_ms(0);
	for (int i = 0; i < 5; i++) {
		settle();
		assert_int_equal(retry_ms(), 5000);
		wait_ms(5000);
	}
	settle();
	sync_error = 0;
	wait_ms(5000);
	assert_true(told[want(PP_STORE_OPENED)].durable);
	(void)want(PP_STORE_ALL_LOADED);
	lose_again_and_again();
}

static void a_disk_that_fails_at_what_the_server_wants_again_is_tried_every_five_seconds(
	void **state)
{
	size_t i;

	(void)state;
	retry_first_us = 5000000;
	start(path);
	i = want(PP_STORE_OPENED);
	append(1, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_APPENDED);
	sync_error = EIO;
	pp_keeper_reoffer(keeper, told[i].epoch, 0, &clock_now);
	append(2, PP_SIGNAL_ALARM);
	(void)want(PP_STORE_LOST);
	for (int k = 0; k < 5; k++) {
		settle();
		assert_int_equal(retry_ms(), 5000);
		wait_ms(5000);
	}
}

static void a_disk_that_hung_for_long_is_found_once(void **state)
{
	size_t found = 0;
	int before;

	(void)state;
	retry_first_us = 5000000;
	start(path);
	(void)want(PP_STORE_ALL_LOADED);
	sync_hangs = true;
	before = syncs;
	append(1, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	for (int i = 0; i < 60; i++)
		wait_ms(5000);
	sync_hangs = false;
	settle();
	for (size_t i = 0; i < told_count; i++)
		found += told[i].type == PP_STORE_OPENED && told[i].durable;
	assert_int_equal(found, 2); /* at the start, and now */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_appended_while_the_outbox_opens_is_durable),
		TEST(without_a_disk_signals_are_numbered_in_memory_under_a_new_epoch),
		TEST(memory_has_bounds_and_alarms_are_refused_last),
		TEST(an_alarm_that_found_no_room_is_taken_up_when_there_is),
		TEST(a_sync_that_fails_moves_the_signal_to_memory_and_a_healed_disk_is_used_again),
		TEST(a_disk_that_hangs_is_treated_as_lost_and_its_late_row_is_sent_too),
		TEST(what_is_over_in_memory_stands_no_more_on_the_disk),
		TEST(a_disk_that_hangs_hears_of_a_restore_right_behind_its_row),
		TEST(a_press_after_a_restore_on_a_disk_that_hangs_stands),
		TEST(a_lost_disk_hears_what_is_over_when_it_is_found),
		TEST(what_comes_after_an_end_in_memory_stands),
		TEST(what_was_let_go_on_a_disk_that_hangs_is_known_to_the_next_start),
		TEST(a_note_of_a_moment_that_has_not_been_ends_nothing),
		TEST(a_disk_that_hangs_over_a_receipt_is_lost_too_and_the_receipt_counts),
		TEST(a_disk_that_hangs_over_what_nobody_awaits_is_lost_when_no_ping_is_answered),
		TEST(a_disk_that_can_be_read_but_not_written_stays_lost),
		TEST(memory_goes_on_with_its_numbers_when_the_disk_is_lost_again),
		TEST(what_the_server_has_makes_room_in_memory),
		TEST(an_outbox_that_was_never_read_is_tried_every_five_seconds),
		TEST(an_outbox_that_was_read_and_is_lost_is_tried_every_ten_seconds_at_least),
		TEST(an_outbox_that_is_begun_anew_again_and_again_is_tried_less_often),
		TEST(what_the_server_wants_again_is_looked_for_every_five_seconds),
		TEST(a_disk_that_fails_at_what_the_server_wants_again_is_tried_every_five_seconds),
		TEST(a_disk_that_hung_for_long_is_found_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
