/* SPDX-License-Identifier: Apache-2.0 */
/* apply_test.c -- batches: order, savepoints, and failures that must not be survived. */
#include "ledger/ledger.h"

#include "fixture.h"

#include <errno.h>

static void a_bad_item_does_not_hurt_its_neighbours(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal first = pp_test_alarm(1), second = pp_test_alarm(2),
			 third = pp_test_alarm(3);
	struct pp_item *items[3] = { pp_test_signal_item(&first, PP_TEST_NOW),
		pp_test_signal_item(&second, PP_TEST_NOW),
		pp_test_signal_item(&third, PP_TEST_NOW) };

	/* A tenant that has gone from the record since the signal was verified. */
	snprintf(items[1]->tenant, sizeof(items[1]->tenant), "%s", "kediri");
	assert_int_equal(pp_ledger_apply(r->ledger, items, 3, PP_TEST_NOW), 0);
	assert_int_equal(items[0]->error, 0);
	assert_true(items[1]->error < 0);
	assert_int_equal(items[2]->error, 0);
	assert_string_equal(items[2]->out.incident, "KDL-25-000001");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal_key"), 2);
	for (int i = 0; i < 3; i++)
		pp_item_free(items[i]);
}

static void states_date_the_signals_that_came_before_them(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *items[2] = { pp_test_signal_item(&s, PP_TEST_NOW),
		state_item(17, 400001, PP_TEST_NOW) };

	assert_int_equal(pp_ledger_apply(r->ledger, items, 2, PP_TEST_NOW), 0);
	assert_true(items[0]->out.late);
	assert_int_equal(pp_test_number(r, "SELECT occurred FROM signal"), PP_TEST_NOW - 300000);
	/* And the beat tells what its own batch has done. */
	assert_int_equal(items[1]->out.beat.high, 1);
	assert_int_equal(items[1]->out.beat.count, 1);
	assert_string_equal(items[1]->out.beat.open[0].incident, "KDL-25-000001");
	pp_item_free(items[0]);
	pp_item_free(items[1]);
}

static void a_record_that_cannot_be_written_fails_the_whole_batch(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);
	int error;

	/* No page may be added: what a full disk does. */
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), "PRAGMA max_page_count = 1"), 0);
	for (int64_t seq = 1;; seq++) {
		s.seq = seq;
		pp_item_free(item);
		item = pp_test_signal_item(&s, PP_TEST_NOW);
		error = pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW);
		if (error < 0)
			break;
		assert_true(seq < 10000);
	}
	assert_int_equal(error, -ENOSPC);
	pp_item_free(item);
	pp_test_record_reopen(r);
	/* Everything that was told is there, and nothing of the rest. */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), s.seq - 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal_key"), s.seq - 1);
}

static void an_empty_batch_is_fine(void **state)
{
	struct pp_test_record *r = *state;

	assert_int_equal(pp_ledger_apply(r->ledger, NULL, 0, PP_TEST_NOW), 0);
}

/* One page of the closed record in the place of another: a disk that mixes up its blocks. */
static void page_copy(const char *path, int64_t from, int64_t to)
{
	FILE *f = fopen(path, "r+b");
	char page[4096];

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)(from - 1) * 4096, SEEK_SET), 0);
	assert_int_equal(fread(page, 1, sizeof(page), f), sizeof(page));
	assert_int_equal(fseek(f, (long)(to - 1) * 4096, SEEK_SET), 0);
	assert_int_equal(fwrite(page, 1, sizeof(page), f), sizeof(page));
	fclose(f);
}

static void a_damaged_record_is_nobodys_fault_but_the_disks(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);
	int64_t event =
		pp_test_number(r, "SELECT rootpage FROM sqlite_schema WHERE name = 'event'");
	int64_t key =
		pp_test_number(r, "SELECT rootpage FROM sqlite_schema WHERE name = 'signal_key'");

	r->ledger = pp_ledger_close(r->ledger);
	page_copy(r->record_path, event, key);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), -EUCLEAN);
	pp_item_free(item);
}

/* SQLite finds nothing wrong with it, and would commit what is beside it. */
static void a_row_that_cannot_have_been_written_fails_the_whole_batch(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal first = pp_test_alarm(1), second = pp_test_alarm(2);
	struct pp_item *items[2] = { pp_test_signal_item(&first, PP_TEST_NOW),
		pp_test_signal_item(&second, PP_TEST_NOW) };

	assert_int_equal(pp_ledger_apply(r->ledger, &items[0], 1, PP_TEST_NOW), 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "DROP TRIGGER event_no_update; UPDATE event SET hash = x'00'"),
		0);
	assert_int_equal(pp_ledger_apply(r->ledger, &items[1], 1, PP_TEST_NOW), -EIO);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 1);
	for (int i = 0; i < 2; i++)
		pp_item_free(items[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_bad_item_does_not_hurt_its_neighbours),
		RECORD_TEST(states_date_the_signals_that_came_before_them),
		RECORD_TEST(a_record_that_cannot_be_written_fails_the_whole_batch),
		RECORD_TEST(an_empty_batch_is_fine),
		RECORD_TEST(a_damaged_record_is_nobodys_fault_but_the_disks),
		RECORD_TEST(a_row_that_cannot_have_been_written_fails_the_whole_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
