/* SPDX-License-Identifier: Apache-2.0 */
/* store_test.c -- answers come after the sync, what waits is committed together, and a lost store
 * says so. */
#include "outbox_rig.h"

#include "outbox/store.h"

#include <semaphore.h>

static struct pp_store *store;
static sem_t woken;

static void wake(void *user)
{
	(void)user;
	sem_post(&woken);
}

static int begin(void **state)
{
	struct pp_store_options options = { .queue_limit = 64, .wake = wake };

	rig_begin(state);
	sem_init(&woken, 0, 0);
	options.outbox = rig_options();
	assert_int_equal(pp_store_new(&options, &store), 0);
	return 0;
}

static int end(void **state)
{
	sync_hangs = false;
	store = pp_store_free(store);
	sem_destroy(&woken);
	return rig_end(state);
}

static struct pp_store_request *request(enum pp_store_request_type type)
{
	struct pp_store_request *q = calloc(1, sizeof(*q));

	assert_non_null(q);
	q->type = type;
	q->now = now;
	return q;
}

static void push(enum pp_store_request_type type)
{
	assert_int_equal(pp_store_push(store, request(type)), 0);
}

static void push_append(uint64_t ticket, enum pp_signal_type type)
{
	struct pp_store_request *q = request(PP_STORE_APPEND);

	q->draft = rig_draft(ticket, type);
	assert_int_equal(pp_store_push(store, q), 0);
}

static struct pp_store_answer *next(void)
{
	struct pp_store_answer *a;

	while (!(a = pp_store_next(store)))
		assert_int_equal(sem_wait(&woken), 0);
	return a;
}

/* Skips answers until one of this type. */
static struct pp_store_answer *want(enum pp_store_answer_type type)
{
	for (;;) {
		struct pp_store_answer *a = next();

		if (a->type == type)
			return a;
		pp_store_answer_free(a);
	}
}

static void an_append_is_answered_with_its_signed_row_after_a_sync(void **state)
{
	struct pp_store_answer *a;
	int before;

	(void)state;
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
	before = syncs;
	push_append(7, PP_SIGNAL_ALARM);
	a = want(PP_STORE_APPENDED);
	assert_int_equal(a->ticket, 7);
	assert_int_equal(a->parcel->seq, 1);
	assert_true(syncs > before);
	pp_store_answer_free(a);
	a = want(PP_STORE_FACTS);
	assert_int_equal(a->facts.unreceipted, 1);
	pp_store_answer_free(a);
}

static void what_waits_is_committed_together(void **state)
{
	int before;

	(void)state;
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
	sync_hangs = true;
	before = syncs;
	push_append(1, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	for (uint64_t i = 2; i <= 40; i++)
		push_append(i, PP_SIGNAL_ALARM);
	assert_null(pp_store_next(store)); /* nothing is told before its sync */
	sync_hangs = false;
	for (uint64_t i = 1; i <= 40; i++) {
		struct pp_store_answer *a = want(PP_STORE_APPENDED);

		assert_int_equal(a->ticket, i);
		assert_int_equal(a->parcel->seq, i);
		pp_store_answer_free(a);
	}
	assert_true(syncs - before < 20);
}

static void a_restart_loads_what_is_unreceipted(void **state)
{
	struct pp_store_options options = { .queue_limit = 64, .wake = wake };
	struct pp_store_request *q;
	struct pp_store_answer *a;

	(void)state;
	options.outbox = rig_options();
	push(PP_STORE_OPEN);
	push_append(1, PP_SIGNAL_ALARM);
	push_append(2, PP_SIGNAL_ALARM);
	a = want(PP_STORE_APPENDED);
	q = request(PP_STORE_RECEIPT);
	q->receipt = (struct pp_receipt){ .epoch = a->parcel->epoch, .seq = 1 };
	pp_store_answer_free(a);
	assert_int_equal(pp_store_push(store, q), 0);
	a = want(PP_STORE_KEPT);
	assert_true(a->durable);
	pp_store_answer_free(a);
	pp_store_free(store);
	assert_int_equal(pp_store_new(&options, &store), 0);
	push(PP_STORE_OPEN);
	a = want(PP_STORE_LOADED);
	assert_int_equal(a->parcel->seq, 2);
	assert_int_equal(a->signal.mono_ms, 1002);
	pp_store_answer_free(a);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
}

static void a_failed_sync_is_the_loss_of_the_store_until_it_is_opened_again(void **state)
{
	struct pp_store_answer *a;

	(void)state;
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
	sync_error = EIO;
	push_append(1, PP_SIGNAL_ALARM);
	a = next();
	assert_int_equal(a->type, PP_STORE_LOST);
	pp_store_answer_free(a);
	a = next();
	assert_int_equal(a->type, PP_STORE_FAILED);
	assert_int_equal(a->ticket, 1);
	pp_store_answer_free(a);
	sync_error = 0;
	push_append(2, PP_SIGNAL_ALARM);
	a = next(); /* LOST is not told again */
	assert_int_equal(a->type, PP_STORE_FAILED);
	pp_store_answer_free(a);
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
	push_append(3, PP_SIGNAL_ALARM);
	pp_store_answer_free(want(PP_STORE_APPENDED));
}

static void a_damaged_file_is_replaced_and_that_is_told(void **state)
{
	FILE *file = fopen(path, "w");

	(void)state;
	for (int i = 0; i < 8192; i++)
		fputc('x', file);
	fclose(file);
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_DAMAGED));
	pp_store_answer_free(want(PP_STORE_OPENED));
}

static void rows_are_offered_again_and_looked_up(void **state)
{
	struct pp_store_request *q;
	struct pp_store_answer *a;
	uint64_t epoch;

	(void)state;
	push(PP_STORE_OPEN);
	push_append(1, PP_SIGNAL_ALARM);
	a = want(PP_STORE_APPENDED);
	epoch = a->parcel->epoch;
	pp_store_answer_free(a);
	q = request(PP_STORE_RECEIPT);
	q->receipt = (struct pp_receipt){ .epoch = epoch, .seq = 1 };
	assert_int_equal(pp_store_push(store, q), 0);
	pp_store_answer_free(want(PP_STORE_KEPT));
	q = request(PP_STORE_FIND);
	q->epoch = epoch;
	q->seq = 1;
	assert_int_equal(pp_store_push(store, q), 0);
	a = want(PP_STORE_FOUND);
	assert_true(a->found);
	assert_string_equal(a->signal.point, "panic-crime");
	pp_store_answer_free(a);
	q = request(PP_STORE_REOFFER);
	q->epoch = epoch;
	assert_int_equal(pp_store_push(store, q), 0);
	a = want(PP_STORE_LOADED);
	assert_int_equal(a->parcel->seq, 1);
	pp_store_answer_free(a);
}

static void small_files_are_written_and_pings_answered(void **state)
{
	struct pp_store_request *q = request(PP_STORE_WRITE);
	struct pp_store_answer *a;
	char file[600];

	(void)state;
	snprintf(file, sizeof(file), "%s/keys", folder);
	q->path = strdup(file);
	q->text = strdup("text\n");
	assert_int_equal(pp_store_push(store, q), 0);
	a = want(PP_STORE_WROTE);
	assert_int_equal(a->error, 0);
	assert_string_equal(a->why, file);
	pp_store_answer_free(a);
	push(PP_STORE_PING);
	pp_store_answer_free(want(PP_STORE_PONG));
}

static void the_queue_has_a_limit(void **state)
{
	int r = 0, before;

	(void)state;
	push(PP_STORE_OPEN);
	pp_store_answer_free(want(PP_STORE_ALL_LOADED));
	sync_hangs = true;
	before = syncs;
	push_append(1, PP_SIGNAL_ALARM);
	while (syncs == before)
		syscall(SYS_sched_yield);
	for (int i = 0; i < 65; i++)
		r = pp_store_push(store, request(PP_STORE_PING));
	assert_int_equal(r, -ENOBUFS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_append_is_answered_with_its_signed_row_after_a_sync),
		TEST(what_waits_is_committed_together),
		TEST(a_restart_loads_what_is_unreceipted),
		TEST(a_failed_sync_is_the_loss_of_the_store_until_it_is_opened_again),
		TEST(a_damaged_file_is_replaced_and_that_is_told),
		TEST(rows_are_offered_again_and_looked_up),
		TEST(small_files_are_written_and_pings_answered),
		TEST(the_queue_has_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
