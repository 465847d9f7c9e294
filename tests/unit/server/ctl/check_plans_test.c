/* SPDX-License-Identifier: Apache-2.0 */
/* check_plans_test.c -- a plan that fits, one that the registry has left behind, and stale
 * contacts. */
#include "examined.h"

#include "core/clock.h"
#include "db/db.h"
#include "ledger/plans.h"
#include "plans/plans.h"

static void record_change(const struct examined *x, const char *sql)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(x->record, PP_DB_WRITE, &db), 0);
	if (pp_db_exec(db, sql) < 0)
		fail_msg("%s: %s", sql, pp_db_error(db));
	pp_db_close(db);
}

static void plan_put(const struct examined *x)
{
	struct pp_ledger_options options = { .record_path = x->record };
	struct pp_plans_file *file = NULL;
	struct pp_plan_change change;
	struct pp_problem problem;
	struct pp_ledger *ledger;

	if (pp_plans_file_load(
		    POSPIN_SOURCE_DIR "/packaging/examples/plans-kendal.yaml", &file, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(pp_ledger_open(&options, &ledger), 0);
	assert_int_equal(
		pp_ledger_plan_put(ledger,
			&(struct pp_plan_order){ pp_plans_file_book(file), "ctl:test", -1 },
			pp_clock_wall_ms(), &change),
		0);
	pp_ledger_close(ledger);
	pp_plans_file_free(file);
}

static void a_plan_is_held_against_the_registry_of_today(void **state)
{
	struct examined *x = *state;

	EXPECT(x, pp_check_plans, OK, "plans", "kendal has no plan of its own");
	plan_put(x);
	EXPECT(x, pp_check_plans, OK, "plans", "calls somebody at every hour");
	record_change(x, "UPDATE post SET active = 0 WHERE post = 'boja-01'");
	EXPECT(x, pp_check_plans, FAIL, "plans",
		"plan kejahatan-boja-malam: the registry has no post 'boja-01'");
	record_change(x, "UPDATE plan_rev SET body = '{'");
	EXPECT(x, pp_check_plans, FAIL, "plans", "the plan cannot be read: it is damaged");
}

static void contacts_that_nobody_has_verified_for_long_are_named(void **state)
{
	struct examined *x = *state;

	plan_put(x);
	record_change(x, "UPDATE contact SET verified = 9000000000000");
	EXPECT(x, pp_check_plans, OK, "plans.stale", "every contact of the plan was verified");
	record_change(x, "UPDATE contact SET verified = 0 WHERE contact = 'psc119-piket'");
	EXPECT(x, pp_check_plans, WARN, "plans.stale",
		"kendal: 1 contacts were not verified in the "
		"last 90 days: psc119-piket");
	record_change(x, "UPDATE contact SET verified = 1");
	EXPECT(x, pp_check_plans, WARN, "plans.stale", "14 contacts");
	EXPECT(x, pp_check_plans, WARN, "plans.stale", " and more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_plan_is_held_against_the_registry_of_today),
		SITE_TEST(contacts_that_nobody_has_verified_for_long_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
