/* SPDX-License-Identifier: Apache-2.0 */
/* audit_export_test.c -- which part of a chain goes out, and what is said of a broken one. */
#include "exported.h"

#include <errno.h>

static void a_range_goes_on_to_the_next_signed_head(void **state)
{
	/* The events: 1 to 3 at PP_TEST_NOW, 4 five seconds later. */
	static const struct {
		int64_t from_ms, to_ms, events, first, last;
	} cases[] = {
		{ 0, INT64_MAX, 4, 1, 4 },
		{ PP_TEST_NOW, PP_TEST_NOW, 3, 1, 3 },
		{ PP_TEST_NOW + 1, INT64_MAX, 1, 4, 4 },
		{ 0, PP_TEST_NOW + 1, 3, 1, 3 },
		{ PP_TEST_NOW + 60000, INT64_MAX, 0, 0, 0 },
		{ INT64_MIN, 1, 0, 0, 0 },
	};
	struct pp_test_record *r = *state;

	exported_fill(r);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct exported x;

		exported_make(&x, r, cases[i].from_ms, cases[i].to_ms);
		if (x.report.problems || x.report.events != cases[i].events ||
			x.report.first != cases[i].first || x.report.last != cases[i].last)
			fail_msg("case %zu: %s, %lld events, %lld to %lld", i, x.report.problem,
				(long long)x.report.events, (long long)x.report.first,
				(long long)x.report.last);
		if (cases[i].events)
			assert_int_equal(x.report.sealed, cases[i].last);
		assert_non_null(strstr(x.lines[0], "pospin-audit-1"));
		assert_non_null(strstr(x.lines[x.count - 1], "\"end\""));
		for (size_t k = 0; k < x.count; k++)
			assert_null(strstr(x.lines[k], "Pak Budi"));
		exported_done(&x);
	}
}

static void a_record_that_was_changed_is_exported_as_it_is_and_said_so(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE event SET body = '{}' WHERE tenant = 'kendal' AND height = 2",
			"event 2 has been changed" },
		{ "DELETE FROM event WHERE tenant = 'kendal' AND height = 3",
			"event 4 follows event 2" },
		{ "DELETE FROM event WHERE tenant = 'kendal' AND height = 4",
			"event 4 is missing, but its head was signed" },
	};
	struct pp_test_record *r = *state;

	exported_fill(r);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete;"
				 "PRAGMA foreign_keys = OFF"),
		0);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct exported x;

		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), "SAVEPOINT s"), 0);
		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), cases[i].sql), 0);
		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), "RELEASE s"), 0);
		exported_make(&x, r, 0, INT64_MAX);
		if (!strstr(x.report.problem, cases[i].want))
			fail_msg("case %zu: '%s'", i, x.report.problem);
		exported_done(&x);
		pp_test_record_done(r);
		pp_test_record_init(r);
		exported_fill(r);
		assert_int_equal(
			pp_db_exec(pp_ledger_db(r->ledger),
				"DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete;"
				"PRAGMA foreign_keys = OFF"),
			0);
	}
}

/* What the record says itself to lack is no break of what it has. */
static void after_an_older_copy_was_put_back_it_is_whole_and_says_so(void **state)
{
	struct pp_test_record *r = *state;
	struct exported x;
	char command[2600];

	exported_fill(r);
	r->ledger = pp_ledger_close(r->ledger);
	snprintf(command, sizeof(command), "cp %s %s.copy", r->record_path, r->record_path);
	assert_int_equal(system(command), 0);
	pp_test_record_reopen(r);
	for (int i = 0; i < 3; i++)
		action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTE,
					.incident = "KDL-25-000001",
					.text = "lost" });
	r->ledger = pp_ledger_close(r->ledger);
	snprintf(command, sizeof(command), "rm -f %s-wal %s-shm; cp %s.copy %s", r->record_path,
		r->record_path, r->record_path, r->record_path);
	assert_int_equal(system(command), 0);
	pp_test_record_reopen(r);
	action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_NOTE, .incident = "KDL-25-000001", .text = "again" });
	exported_make(&x, r, 0, INT64_MAX);
	assert_string_equal(x.report.problem, "");
	assert_int_equal(x.report.restored, 1);
	assert_int_equal(x.report.last, 6);
	assert_int_equal(x.report.sealed, 6);
	exported_done(&x);
}

static int refuse(void *user, const char *line, size_t length)
{
	(void)user;
	(void)line;
	(void)length;
	return -ENOSPC;
}

static void a_reader_who_cannot_take_it_ends_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_audit_wish wish = { .tenant = "kendal", .to_ms = INT64_MAX };
	struct pp_audit_report report;

	exported_fill(r);
	assert_int_equal(
		pp_audit_export(pp_ledger_db(r->ledger), &wish, refuse, NULL, &report), -ENOSPC);
	wish.heads_path = "/nowhere/heads.log";
	assert_int_equal(
		pp_audit_export(pp_ledger_db(r->ledger), &wish, refuse, NULL, &report), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_range_goes_on_to_the_next_signed_head),
		RECORD_TEST(a_record_that_was_changed_is_exported_as_it_is_and_said_so),
		RECORD_TEST(after_an_older_copy_was_put_back_it_is_whole_and_says_so),
		RECORD_TEST(a_reader_who_cannot_take_it_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
