/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_test.c -- opening, and transactions that are on the disk or did not happen. */
#include "ledger/ledger.h"

#include "book.h"
#include "fixture.h"
#include "ledger/chain.h"

#include <errno.h>

static int write_event(struct pp_ledger *l, void *user)
{
	const struct pp_event event = { .tenant = user, .kind = "security", .actor = "server" };

	return pp_timeline_write(l, &event, NULL);
}

static int write_event_and_fail(struct pp_ledger *l, void *user)
{
	int r = write_event(l, user);

	return r < 0 ? r : -EINVAL;
}

static void each_transaction_signs_the_head_it_leaves(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"), 0);
	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"serang"), 0);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), NULL, r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.events, 4); /* and the two imports */
	assert_int_equal(report.heads, 4);
	assert_int_equal(report.tenants, 2);
}

static void a_failed_transaction_leaves_nothing(void **state)
{
	struct pp_test_record *r = *state;
	int64_t before = pp_test_number(r, "SELECT count(*) FROM event");

	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event_and_fail, (void *)"kendal"),
		-EINVAL);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), before);
	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"), 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), before + 1);
}

static void heads_that_cannot_be_written_fail_the_batch(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_lines *saved = r->ledger->heads;

	assert_int_equal(pp_lines_open("/dev/full", 0600, &r->ledger->heads), 0);
	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"), -EIO);
	pp_lines_close(r->ledger->heads);
	r->ledger->heads = saved;
}

static void heads_of_batches_wait_until_they_are_written_together(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pp_ledger_write(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"), 0);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), "kendal", r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	int64_t before = report.heads;
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), "kendal", r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	assert_int_equal(report.heads, before + 1);
	assert_int_equal(report.problems, 0);
}

static void closing_writes_the_heads_that_wait(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	assert_int_equal(
		pp_ledger_write(r->ledger, PP_TEST_NOW, write_event, (void *)"serang"), 0);
	pp_test_record_reopen(r);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), "serang", r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	assert_int_equal(report.heads, report.events);
}

static void a_head_that_was_torn_by_a_power_cut_is_mended(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;
	FILE *file = fopen(r->heads_path, "ae");

	fputs("kendal 2 0123", file);
	fclose(file);
	pp_test_record_reopen(r);
	assert_int_equal(
		pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"), 0);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), NULL, r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	assert_string_equal(report.first, "");
	assert_int_equal(report.heads, 3);
}

static void two_ledgers_on_one_record_keep_one_chain(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_ledger_options options = { .record_path = r->record_path };
	struct pp_verify_report report;
	struct pp_ledger *other;

	assert_int_equal(pp_ledger_open(&options, &other), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
			pp_ledger_transact(r->ledger, PP_TEST_NOW, write_event, (void *)"kendal"),
			0);
		assert_int_equal(
			pp_ledger_transact(other, PP_TEST_NOW, write_event, (void *)"kendal"), 0);
	}
	pp_ledger_close(other);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), NULL, NULL, NULL, 0, &report), 0);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.events, 12);
}

static void what_cannot_be_opened_is_an_error(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_ledger *l = NULL;
	struct pp_ledger_options options = { .record_path = "/nonexistent/record.db" };

	assert_true(pp_ledger_open(&options, &l) < 0);
	options.record_path = r->record_path;
	options.heads_path = "/nonexistent/heads.log";
	assert_int_equal(pp_ledger_open(&options, &l), -ENOENT);
	assert_null(l);
	assert_null(pp_ledger_close(NULL));
}

static void a_record_of_a_newer_program_is_left_alone(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_ledger_options options = { .record_path = r->record_path };
	struct pp_ledger *l;

	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), "PRAGMA user_version = 99"), 0);
	assert_int_equal(pp_ledger_open(&options, &l), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(each_transaction_signs_the_head_it_leaves),
		RECORD_TEST(a_failed_transaction_leaves_nothing),
		RECORD_TEST(heads_that_cannot_be_written_fail_the_batch),
		RECORD_TEST(heads_of_batches_wait_until_they_are_written_together),
		RECORD_TEST(closing_writes_the_heads_that_wait),
		RECORD_TEST(a_head_that_was_torn_by_a_power_cut_is_mended),
		RECORD_TEST(two_ledgers_on_one_record_keep_one_chain),
		RECORD_TEST(what_cannot_be_opened_is_an_error),
		RECORD_TEST(a_record_of_a_newer_program_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
