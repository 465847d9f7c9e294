/* SPDX-License-Identifier: Apache-2.0 */
/* verify_test.c -- every way of improving the record that must show. */
#include "ledger/chain.h"

#include "fixture.h"

#include <errno.h>

static struct pp_verify_report verify(struct pp_test_record *r, const char *heads_path)
{
	struct pp_verify_report report;

	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), NULL, heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1, &report),
		0);
	return report;
}

/* Four events in kendal (import, opened, step, note), one in serang. */
static void fill(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_NOTE, .incident = "KDL-25-000001", .text = "Pak Budi" });
}

static void an_untouched_record_has_no_problems(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	fill(r);
	report = verify(r, r->heads_path);
	assert_string_equal(report.first, "");
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.tenants, 2);
	assert_int_equal(report.events, 5);
	assert_int_equal(report.heads, 4);
	assert_int_equal(report.personal, 1);
}

static void what_was_changed_is_found_and_named(void **state)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE event SET body = '{}' WHERE tenant = 'kendal' AND height = 2",
			"tenant kendal: event 2 has been changed" },
		{ "UPDATE event SET at = at + 1 WHERE tenant = 'kendal' AND height = 1",
			"tenant kendal: event 1 has been changed" },
		{ "UPDATE event SET actor = 'server' WHERE tenant = 'kendal' AND height = 4",
			"tenant kendal: event 4 has been changed" },
		{ "UPDATE incident SET number = 'KDL-25-000009'",
			"tenant kendal: event 2 has been changed" },
		{ "UPDATE event SET hash = zeroblob(32) WHERE tenant = 'kendal' AND height = 1",
			"tenant kendal: event 1 has been changed" },
		{ "UPDATE event SET hash = x'' WHERE tenant = 'kendal' AND height = 1",
			"tenant kendal: event 1 has been changed" },
		{ "DELETE FROM event WHERE tenant = 'kendal' AND height = 1",
			"tenant kendal: event 2 follows event 0" },
		{ "DELETE FROM personal; DELETE FROM event WHERE tenant = 'kendal' AND height = 4",
			"tenant kendal: event 4 is missing, but its head was signed" },
		{ "DELETE FROM event WHERE tenant = 'serang'",
			"tenant serang: event 1 is missing, but its head was signed" },
		{ "UPDATE personal SET value = 'Pak Bodo'",
			"tenant kendal: the text of event 4 has been changed" },
	};

	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_test_record *r;
		struct pp_verify_report report;

		record_set_up((void **)&r);
		fill(r);
		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
					 "PRAGMA foreign_keys = OFF; DROP TRIGGER event_no_update;"
					 "DROP TRIGGER event_no_delete"),
			0);
		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), cases[i].sql), 0);
		report = verify(r, r->heads_path);
		if (report.problems == 0 || strcmp(report.first, cases[i].want) != 0)
			fail_msg("case %zu: %d '%s'", i, (int)report.problems, report.first);
		record_tear_down((void **)&r);
	}
	(void)state;
}

static void an_erased_personal_text_is_counted_and_no_problem(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	fill(r);
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger), "UPDATE personal SET value = NULL"), 0);
	report = verify(r, r->heads_path);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.erased, 1);
}

static void heads_of_a_foreign_key_and_broken_lines_are_problems(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;
	uint8_t other[1][PP_PUBLIC_KEY_SIZE] = { { 9 } };
	FILE *file;

	fill(r);
	assert_int_equal(pp_chain_verify(pp_ledger_db(r->ledger), "kendal", r->heads_path,
				 (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])other, 1, &report),
		0);
	assert_int_equal(report.problems, 4);
	assert_non_null(strstr(report.first, "not signed by a known key"));
	file = fopen(r->heads_path, "a");
	fputs("rubbish\nkendal 99 torn by a power c", file);
	fclose(file);
	report = verify(r, r->heads_path);
	assert_int_equal(report.problems, 1);
	assert_string_equal(report.first, "heads file: unreadable line: rubbish");
}

static void a_missing_heads_file_is_an_error(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_verify_report report;

	assert_int_equal(
		pp_chain_verify(pp_ledger_db(r->ledger), NULL, "/nonexistent", NULL, 0, &report),
		-ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_untouched_record_has_no_problems),
		cmocka_unit_test(what_was_changed_is_found_and_named),
		RECORD_TEST(an_erased_personal_text_is_counted_and_no_problem),
		RECORD_TEST(heads_of_a_foreign_key_and_broken_lines_are_problems),
		RECORD_TEST(a_missing_heads_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
