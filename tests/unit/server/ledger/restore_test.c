/* SPDX-License-Identifier: Apache-2.0 */
/* restore_test.c -- an older copy of the record put back: it says so, and no number is given twice.
 */
#include "restore.h"

#include "fixture.h"

#include <sys/stat.h>

#include "ledger/chain.h"

static void run(const char *format, const struct pp_test_record *r)
{
	char command[2048];

	snprintf(command, sizeof(command), format, r->record_path, r->record_path);
	assert_int_equal(system(command), 0);
}

static struct pp_verify_report verify(struct pp_test_record *r)
{
	struct pp_verify_report report;

	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), NULL, r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	return report;
}

/* An hour after the one before, which is closed: each opens an incident, beside none. */
static void incident_open(struct pp_test_record *r, int64_t seq)
{
	struct pp_signal s = pp_test_alarm(seq);

	signal_apply(r, &s, PP_TEST_NOW + seq * 3600000);
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger), "UPDATE incident SET state = 'closed'"), 0);
}

static void copy_make(struct pp_test_record *r)
{
	r->ledger = pp_ledger_close(r->ledger);
	run("cp %s %s.copy", r);
	pp_test_record_reopen(r);
}

static void copy_put_back(struct pp_test_record *r)
{
	r->ledger = pp_ledger_close(r->ledger);
	run("rm -f %s-wal %s-shm", r);
	run("cp %s.copy %s", r);
}

static void an_older_copy_tells_it_and_gives_no_number_twice(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;
	int64_t events;

	incident_open(r, 1);
	copy_make(r);
	for (int64_t seq = 2; seq <= 4; seq++)
		incident_open(r, seq);
	events = pp_test_number(r, "SELECT max(event_id) FROM event");
	pp_test_text_is(r, "SELECT max(number) FROM incident", "KDL-25-000004");
	copy_put_back(r);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 6);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'record.restored'"), 1);
	incident_open(r, 2);
	pp_test_text_is(r, "SELECT max(number) FROM incident", "KDL-25-001008");
	assert_true(pp_test_number(r, "SELECT min(event_id) FROM event"
				      " WHERE kind IN ('record.restored')") > events);
	report = verify(r);
	assert_string_equal(report.first, "");
	assert_int_equal(report.restored, 1);
	assert_int_equal(report.lost_heads, 3);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 0);
}

static void the_same_copy_put_back_twice_is_told_twice(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	incident_open(r, 1);
	copy_make(r);
	for (int64_t seq = 2; seq <= 4; seq++)
		incident_open(r, seq);
	copy_put_back(r);
	pp_test_record_reopen(r);
	incident_open(r, 2);
	incident_open(r, 3);
	pp_test_text_is(r, "SELECT max(number) FROM incident", "KDL-25-001009");
	copy_put_back(r);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 5); /* the event and two incidents */
	incident_open(r, 2);
	pp_test_text_is(r, "SELECT max(number) > 'KDL-25-001009' FROM incident", "1");
	report = verify(r);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.restored, 1);
}

/* The first program that meets the copy cannot commit, and ends. */
static void a_start_that_fails_does_not_hide_the_copy(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_ledger_options options = {
		.record_path = r->record_path, .heads_path = r->heads_path, .key = r->key
	};
	struct pp_db *db;

	incident_open(r, 1);
	copy_make(r);
	incident_open(r, 2);
	copy_put_back(r);
	assert_int_equal(pp_db_open(r->record_path, PP_DB_WRITE, &db), 0);
	assert_int_equal(
		pp_db_exec(db,
			"CREATE TABLE nobody(id REFERENCES event DEFERRABLE INITIALLY DEFERRED);"
			"CREATE TRIGGER at_commit AFTER INSERT ON event"
			" BEGIN INSERT INTO nobody VALUES (-1); END"),
		0);
	assert_true(pp_ledger_open(&options, &r->ledger) < 0);
	assert_int_equal(pp_db_exec(db, "DROP TRIGGER at_commit; DROP TABLE nobody"), 0);
	pp_db_close(db);
	r->ledger = NULL;
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 2);
	assert_int_equal(verify(r).problems, 0);
	assert_int_equal(verify(r).restored, 1);
}

/* What a start writes by itself stands behind all that was in the log: of that the disk may lack
 * the end, and is made to have it first. */
static void the_log_is_settled_before_the_note_is_written(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_ledger_options options = { .record_path = r->record_path,
		.heads_path = r->heads_path,
		.key = r->key };
	char log[620];
	struct stat file;

	incident_open(r, 1);
	copy_make(r);
	incident_open(r, 2);
	copy_put_back(r);
	assert_int_equal(pp_ledger_take_up(&options, &r->ledger), 0);
	assert_int_equal(pp_ledger_lost(r->ledger), 2);
	snprintf(log, sizeof(log), "%s-wal", r->record_path);
	assert_int_equal(stat(log, &file), 0);
	assert_true(file.st_size > 0); /* the note alone */
	pp_test_record_reopen(r);
	assert_int_equal(verify(r).problems, 0);
	assert_int_equal(verify(r).restored, 1);
}

static void before_that_verify_says_that_the_heads_go_further(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_ledger_options options = { .record_path = r->record_path };
	struct pp_verify_report report;

	incident_open(r, 1);
	copy_make(r);
	incident_open(r, 2);
	copy_put_back(r);
	assert_int_equal(pp_ledger_open(&options, &r->ledger), 0);
	report = verify(r);
	assert_int_equal(report.problems, 1);
	assert_int_equal(report.ahead, 1);
	assert_non_null(strstr(report.first, "is missing, but its head was signed"));
}

static void what_was_changed_inside_is_not_excused(void **state)
{
	struct pp_test_record *r = *state;

	incident_open(r, 1);
	incident_open(r, 2);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "DROP TRIGGER event_no_update; UPDATE event SET body = '{}'"
				 " WHERE tenant = 'kendal' AND height = 2"),
		0);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 0);
	assert_true(verify(r).problems > 0);
	assert_int_equal(verify(r).restored, 0);
}

static void heads_that_another_key_signed_move_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_head head = { .tenant = "kendal", .height = 1LL << 40 };
	char line[PP_HEAD_LINE_MAX];
	struct pp_key *other;
	FILE *file;

	incident_open(r, 1);
	assert_int_equal(pp_key_new(&other), 0);
	assert_int_equal(pp_head_format(&head, other, line), 0);
	pp_key_free(other);
	file = fopen(r->heads_path, "ae");
	assert_non_null(file);
	fputs(line, file);
	fclose(file);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_lost(r->ledger), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_older_copy_tells_it_and_gives_no_number_twice),
		RECORD_TEST(the_same_copy_put_back_twice_is_told_twice),
		RECORD_TEST(a_start_that_fails_does_not_hide_the_copy),
		RECORD_TEST(the_log_is_settled_before_the_note_is_written),
		RECORD_TEST(before_that_verify_says_that_the_heads_go_further),
		RECORD_TEST(what_was_changed_inside_is_not_excused),
		RECORD_TEST(heads_that_another_key_signed_move_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
