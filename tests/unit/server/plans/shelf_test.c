/* SPDX-License-Identifier: Apache-2.0 */
/* shelf_test.c -- books are kept while they are good, and no longer. */
#include "plans/shelf.h"

#include "../store/record.h"
#include "memory_fails.h"

#include <errno.h>

#include "store/plans.h"

static const char body[] =
	"{\"tenant\":\"kendal\",\"contacts\":[],\"plans\":{\"p\":{\"classes\":[\"all\"],\"area\":"
	"[\"all\"],\"rings\":{\"desk\":{\"until\":\"taken\",\"steps\":[{\"call\":"
	"[\"role:operator\"],\"wait\":\"15s\"}]}},\"fallback\":{\"call\":[\"webhook:all\"],"
	"\"every\":\"1min\"}}}}";

static void body_keep(struct record *r, const char *tenant, int64_t rev)
{
	const uint8_t digest[32] = "d";

	assert_int_equal(pp_store_plan_add(r->db,
				 &(struct pp_plan_row){ tenant, body, "ctl", rev, 1, digest }),
		0);
}

static const struct pp_plan_book *take(
	struct record *r, struct pp_plan_shelf *shelf, const char *tenant)
{
	const struct pp_plan_book *book = NULL;

	assert_int_equal(pp_shelf_take(shelf, r->db, tenant, &book), 0);
	return book;
}

static void a_book_is_read_once_until_plans_or_registry_change(void **state)
{
	struct record *r = *state;
	const struct pp_plan_book *one;
	struct pp_plan_shelf *shelf;

	assert_int_equal(pp_shelf_new(&shelf), 0);
	assert_null(take(r, shelf, "kendal"));
	body_keep(r, "kendal", 1);
	assert_null(take(r, shelf, "kendal")); /* not told of */
	assert_int_equal(pp_store_plans_bump(r->db), 0);
	one = take(r, shelf, "kendal");
	assert_non_null(one);
	assert_int_equal(one->rev, 1);
	assert_null(take(r, shelf, "serang"));
	assert_ptr_equal(take(r, shelf, "kendal"), one);
	record_exec(r, "UPDATE tenant SET timezone = 'Asia/Jayapura'");
	assert_int_equal(take(r, shelf, "kendal")->zone_minutes, 420);
	record_exec(r, "UPDATE meta SET value = value + 1 WHERE key = 'registry_rev'");
	assert_int_equal(take(r, shelf, "kendal")->zone_minutes, 540);
	body_keep(r, "kendal", 2);
	pp_shelf_clear(shelf);
	assert_int_equal(take(r, shelf, "kendal")->rev, 2);
	pp_shelf_free(shelf);
	assert_null(pp_shelf_free(NULL));
}

static void the_tenant_that_was_asked_for_longest_ago_goes(void **state)
{
	struct record *r = *state;
	struct pp_plan_shelf *shelf;
	char tenant[8];

	assert_int_equal(pp_shelf_new(&shelf), 0);
	body_keep(r, "kendal", 1);
	assert_int_equal(take(r, shelf, "kendal")->rev, 1);
	body_keep(r, "kendal", 2);
	for (int i = 0; i < PP_SHELF_MAX - 1; i++) {
		snprintf(tenant, sizeof(tenant), "t%d", i);
		assert_null(take(r, shelf, tenant));
	}
	assert_int_equal(take(r, shelf, "kendal")->rev, 1); /* still there */
	assert_null(take(r, shelf, "t9"));                  /* in the place of t0 */
	assert_int_equal(take(r, shelf, "kendal")->rev, 1);
	for (int i = 0; i < PP_SHELF_MAX; i++) {
		snprintf(tenant, sizeof(tenant), "u%d", i);
		assert_null(take(r, shelf, tenant));
	}
	assert_int_equal(take(r, shelf, "kendal")->rev, 2);
	pp_shelf_free(shelf);
}

static void a_book_that_cannot_be_read_is_as_none(void **state)
{
	struct record *r = *state;
	const struct pp_plan_book *book = NULL;
	struct pp_plan_shelf *shelf;

	assert_int_equal(pp_shelf_new(&shelf), 0);
	body_keep(r, "kendal", 1);
	record_exec(r, "UPDATE plan_rev SET body = '{'");
	assert_null(take(r, shelf, "kendal"));
	body_keep(r, "kendal", 2);
	assert_int_equal(pp_store_plans_bump(r->db), 0);
	assert_int_equal(take(r, shelf, "kendal")->rev, 2);
	assert_int_equal(
		pp_shelf_take(shelf, r->db, "a-tenant-with-a-very-long-name", &book), -EINVAL);
	pp_shelf_free(shelf);
	memory_fail(1);
	assert_int_equal(pp_shelf_new(&shelf), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_book_is_read_once_until_plans_or_registry_change),
		RECORD_TEST(the_tenant_that_was_asked_for_longest_ago_goes),
		RECORD_TEST(a_book_that_cannot_be_read_is_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
