/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test.c -- what the clock said is there again, and every tenant is met once. */
#include "store/clock.h"

#include "record.h"

#include <errno.h>

static void the_clock_is_kept_and_written_over(void **state)
{
	struct pp_db *db = ((struct record *)*state)->db;
	int64_t boot = 7, offset = 7;

	assert_int_equal(pp_store_clock(db, &boot, &offset), 0);
	assert_int_equal(pp_store_clock_put(db, 12, -34), 0);
	assert_int_equal(pp_store_clock_put(db, 56, -78), 0);
	assert_int_equal(pp_store_clock(db, &boot, &offset), 1);
	assert_int_equal(boot, 56);
	assert_int_equal(offset, -78);
}

static int count(void *user, const char *tenant)
{
	assert_non_null(tenant);
	return ++*(int *)user == 2 ? -ECANCELED : 0;
}

static void tenants_are_walked_until_it_is_enough(void **state)
{
	int met = 0;
	int r = pp_store_each_tenant(((struct record *)*state)->db, count, &met);

	assert_true(met > 0);
	assert_int_equal(r, met == 2 ? -ECANCELED : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(the_clock_is_kept_and_written_over),
		RECORD_TEST(tenants_are_walked_until_it_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
