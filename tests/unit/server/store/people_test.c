/* SPDX-License-Identifier: Apache-2.0 */
/* people_test.c -- users and sessions. */
#include "store/people.h"

#include "record.h"

#include <errno.h>

static const struct pp_user_new siti = { "kendal", "siti", "Bu Siti", "$argon2id$", "operator", 1 };

static void a_name_belongs_to_one_user_of_a_tenant(void **state)
{
	struct record *r = *state;
	struct pp_user_new other = siti;

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_user_add(r->db, &siti), -EEXIST);
	other.tenant = "serang";
	assert_int_equal(pp_store_user_add(r->db, &other), 0);
}

static void a_session_is_opened_lengthened_and_ended(void **state)
{
	struct record *r = *state;
	uint8_t token[32] = "token";
	struct pp_session_new s = { "kendal", "siti", token, 10, 100 };
	int64_t expires;
	char name[48];

	assert_int_equal(pp_store_session_put(r->db, &s), -ENOENT);
	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_session_put(r->db, &s), 1);
	s.until_ms = 150;
	assert_int_equal(pp_store_session_put(r->db, &s), 0);
	s.until_ms = 120; /* never back */
	assert_int_equal(pp_store_session_put(r->db, &s), 0);
	assert_int_equal(
		pp_store_number(r->db, "SELECT expires FROM session", PP_NO_ARGS, &expires), 0);
	assert_int_equal(expires, 150);
	assert_int_equal(pp_store_session_end(r->db, "serang", token, name), 0);
	assert_int_equal(pp_store_session_end(r->db, "kendal", token, name), 1);
	assert_string_equal(name, "siti");
	assert_int_equal(pp_store_session_end(r->db, "kendal", token, name), 0);
}

static void sessions_that_are_over_are_swept(void **state)
{
	struct record *r = *state;
	uint8_t old[32] = "old", new[32] = "new";
	int64_t count;

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_session_put(
				 r->db, &(struct pp_session_new){ "kendal", "siti", old, 10, 20 }),
		1);
	assert_int_equal(pp_store_session_put(
				 r->db, &(struct pp_session_new){ "kendal", "siti", new, 20, 90 }),
		1);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM session", PP_NO_ARGS, &count), 0);
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_name_belongs_to_one_user_of_a_tenant),
		RECORD_TEST(a_session_is_opened_lengthened_and_ended),
		RECORD_TEST(sessions_that_are_over_are_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
