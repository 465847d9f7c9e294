/* SPDX-License-Identifier: Apache-2.0 */
/* query_people_test.c -- who a cookie belongs to. */
#include "store/query.h"

#include "record.h"

#include <errno.h>

static void users_and_sessions_are_found_while_they_are_valid(void **state)
{
	struct record *r = *state;
	uint8_t token[32] = { 7 };
	struct pp_user_row u;
	int64_t count;

	record_exec(r,
		"INSERT INTO user (user_id, tenant, name, display, password, role, active,"
		" created) VALUES (1, 'kendal', 'siti', 'Bu Siti', 'hash', 'operator', 1, 0)");
	record_exec(r, "INSERT INTO session (token, user_id, created, expires, ends, confirmed)"
		       " VALUES (x'07' || zeroblob(31), 1, 0, 100, 120, 5)");
	assert_int_equal(pp_query_user(r->db, "kendal", "siti", &u), 0);
	assert_string_equal(u.display, "Bu Siti");
	assert_string_equal(u.password, "hash");
	assert_int_equal(pp_query_user(r->db, "serang", "siti", &u), -ENOENT);
	assert_int_equal(pp_query_user_count(r->db, NULL, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(pp_query_user_count(r->db, "serang", &count), 0);
	assert_int_equal(count, 0);
	record_exec(r, "UPDATE session SET token = CAST(token AS BLOB)");
	assert_int_equal(pp_query_session(r->db, token, 99, &u), 0);
	assert_int_equal(u.ends_ms, 120);
	assert_int_equal(u.confirmed_ms, 5);
	assert_false(u.factor);
	assert_string_equal(u.name, "siti");
	assert_int_equal(pp_query_session(r->db, token, 100, &u), -ENOENT);
	record_exec(r, "UPDATE user SET active = 0");
	assert_int_equal(pp_query_session(r->db, token, 99, &u), -ENOENT);
	assert_int_equal(pp_query_user(r->db, "kendal", "siti", &u), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(users_and_sessions_are_found_while_they_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
