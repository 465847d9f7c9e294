/* SPDX-License-Identifier: Apache-2.0 */
/* due_test.c -- when time alone is written into the record. */
#include "due.h"

#include "post.h"
#include "store/ladders.h"

static void a_deadline_is_looked_at_when_it_has_come_and_the_clock_is_kept_till_then(void **state)
{
	static const struct {
		int64_t uptime_ms;
		int want;
	} steps[] = {
		{ 101000, 1 }, /* nothing was kept yet */
		{ 105999, 0 },
		{ 106000, 1 },
		{ 110999, 0 },
		{ 111000, 1 },
		{ 114999, 0 },
		{ 115000, 1 }, /* it is due */
		{ 115001, 1 },
	};
	struct desk_fixture *f = *state;
	struct pp_db *db = pp_ledger_db(f->record.ledger);
	struct pp_item *item;
	int64_t kept_ms = 0;

	assert_int_equal(pp_due_ladders(db, 100000, &kept_ms, &item), 0);
	assert_int_equal(pp_db_exec(db, "PRAGMA foreign_keys = OFF; INSERT INTO ladder_ring VALUES"
					" (1, 'desk', 'running', 0, 1, 0, 115000)"),
		0);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		int r = pp_due_ladders(db, steps[i].uptime_ms, &kept_ms, &item);

		if (r != steps[i].want)
			fail_msg("at %lld: got %d, want %d", (long long)steps[i].uptime_ms, r,
				steps[i].want);
		if (r == 1) {
			assert_int_equal(item->type, PP_ITEM_LADDERS);
			pp_item_free(item);
		}
	}
}

static void a_count_that_is_due_is_told(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_db *db = pp_ledger_db(f->record.ledger);
	struct pp_item *item;

	assert_int_equal(pp_due_storms(db, 1000, &item), 0);
	assert_int_equal(pp_db_exec(db, "INSERT INTO storm VALUES ('kendal', 'boja-01', 0, 1000,"
					" 99, 1, 5, 1000, 1000, 0, 0)"),
		0);
	assert_int_equal(pp_due_storms(db, 2000, &item), 0);
	assert_int_equal(pp_due_storms(db, 61000, &item), 1);
	assert_int_equal(item->type, PP_ITEM_STORMS);
	pp_item_free(item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
		TEST(a_deadline_is_looked_at_when_it_has_come_and_the_clock_is_kept_till_then),
		TEST(a_count_that_is_due_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
