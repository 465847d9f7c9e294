/* SPDX-License-Identifier: Apache-2.0 */
/* args_test.c -- arguments arrive as what they are. */
#include "record.h"

#include <errno.h>

static void every_type_is_bound_and_read_back(void **state)
{
	struct record *r = *state;
	struct pp_stmt *s;
	size_t length;
	char text[4];

	assert_int_equal(pp_store_first(r->db, "SELECT ?1, ?2, ?3, ?4, ?5",
				 PP_ARGS(PP_TEXT("abc"), PP_I64(-7), PP_REAL(0.5), PP_BLOB("xy", 2),
					 PP_TEXT(NULL)),
				 &s),
		1);
	assert_int_equal(pp_store_copy(s, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(pp_store_copy(s, 0, text, 3), -EOVERFLOW);
	assert_string_equal(text, "");
	assert_int_equal(pp_column_i64(s, 1), -7);
	assert_true(pp_column_real(s, 2) == 0.5);
	assert_memory_equal(pp_column_blob(s, 3, &length), "xy", 2);
	assert_true(pp_column_is_null(s, 4));
	assert_int_equal(pp_store_copy(s, 4, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	pp_stmt_reset(s);
}

static void changes_and_missing_rows_are_told_apart(void **state)
{
	struct record *r = *state;
	int64_t value = 5;

	assert_int_equal(pp_store_change(r->db, "UPDATE meta SET value = 3 WHERE key = ?1",
				 PP_ARGS(PP_TEXT("registry_rev"))),
		1);
	assert_int_equal(pp_store_change(r->db, "UPDATE meta SET value = 3 WHERE key = ?1",
				 PP_ARGS(PP_TEXT("nothing"))),
		0);
	assert_int_equal(pp_store_number(r->db, "SELECT value FROM meta WHERE key = ?1",
				 PP_ARGS(PP_TEXT("nothing")), &value),
		-ENOENT);
	assert_int_equal(value, 5);
	assert_int_equal(pp_store_number(r->db, "SELECT value FROM meta WHERE key = ?1",
				 PP_ARGS(PP_TEXT("registry_rev")), &value),
		0);
	assert_int_equal(value, 3);
}

static void bad_sql_is_an_error(void **state)
{
	struct record *r = *state;

	assert_int_equal(pp_store_run(r->db, "SELECT nothing FROM nowhere", PP_NO_ARGS), -EINVAL);
	assert_int_equal(pp_store_run(r->db, "SELECT 1", PP_ARGS(PP_I64(1))), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(every_type_is_bound_and_read_back),
		RECORD_TEST(changes_and_missing_rows_are_told_apart),
		RECORD_TEST(bad_sql_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
