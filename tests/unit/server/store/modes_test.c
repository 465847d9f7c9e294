/* SPDX-License-Identifier: Apache-2.0 */
/* modes_test.c -- tests and disabled points, from their begin to their end. */
#include "store/modes.h"

#include "record.h"

static struct pp_mode mode_make(const char *point, enum pp_mark mark, int64_t until_ms)
{
	struct pp_mode m = { .tenant = "kendal",
		.post = "boja-01",
		.mark = mark,
		.reason = "uji bulanan",
		.owner = "user:andi",
		.began_ms = 100,
		.until_ms = until_ms };

	snprintf(m.point, sizeof(m.point), "%s", point);
	return m;
}

static int mark_of(struct record *r, const char *point, int64_t now_ms)
{
	struct pp_mode m;
	int found = pp_store_mode_of(r->db, "kendal", "boja-01", point, now_ms, &m);

	return found == 1 ? (int)m.mark : -found;
}

static void a_mode_holds_for_its_points_until_its_end(void **state)
{
	struct record *r = *state;
	struct pp_mode test = mode_make("", PP_MARK_TEST, 1000),
		       off = mode_make("panic-silent", PP_MARK_DISABLED, 2000), due;

	assert_int_equal(mark_of(r, "panic-crime", 500), 0);
	assert_int_equal(pp_store_mode_put(r->db, &test), 0);
	assert_int_equal(pp_store_mode_put(r->db, &off), 0);
	assert_int_equal(mark_of(r, "panic-crime", 999), PP_MARK_TEST);
	assert_int_equal(mark_of(r, "panic-crime", 1000), 0);
	assert_int_equal(mark_of(r, "panic-silent", 999), PP_MARK_DISABLED);
	assert_int_equal(pp_store_mode_due(r->db, 999, false, &due), 0);
	assert_int_equal(pp_store_mode_due(r->db, 999, true, &due), 1); /* tests end */
	assert_int_equal(due.mark, PP_MARK_TEST);
	assert_int_equal(pp_store_mode_due(r->db, 1000, false, &due), 1);
	assert_string_equal(due.owner, "user:andi");
	assert_int_equal(pp_store_mode_end(r->db, &due), 1);
	assert_int_equal(pp_store_mode_end(r->db, &due), 0);
	assert_int_equal(pp_store_mode_due(r->db, 1999, true, &due), 0);
}

static void each_point_is_tested_once_and_anew_in_the_next_test(void **state)
{
	struct record *r = *state;
	struct pp_mode test = mode_make("", PP_MARK_TEST, 1000);

	for (int i = 0; i < 2; i++) {
		assert_int_equal(pp_store_mode_put(r->db, &test), 0);
		assert_int_equal(pp_store_mode_tested(r->db, &test, "panic-crime", 5), 1);
		assert_int_equal(pp_store_mode_tested(r->db, &test, "panic-crime", 6), 0);
		assert_int_equal(pp_store_mode_tested(r->db, &test, "panic-silent", 7), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_mode_holds_for_its_points_until_its_end),
		RECORD_TEST(each_point_is_tested_once_and_anew_in_the_next_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
