/* SPDX-License-Identifier: Apache-2.0 */
/* password_test.c -- hashing and checking of passwords. */
#include "crypto/password.h"

#include "pospin_test.h"

static void a_password_matches_its_own_hash_only(void **state)
{
	char hash[PP_PASSWORD_HASH_SIZE], again[PP_PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(pp_password_hash("kentongan 4-4", hash), 0);
	assert_memory_equal(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
	assert_true(pp_password_matches(hash, "kentongan 4-4"));
	assert_false(pp_password_matches(hash, "kentongan 4-5"));
	assert_false(pp_password_matches(hash, "kentongan 4-"));
	assert_false(pp_password_matches(hash, ""));
	assert_int_equal(pp_password_hash("kentongan 4-4", again), 0);
	assert_string_not_equal(hash, again);
}

static void what_is_no_hash_matches_nothing(void **state)
{
	static const char *const rows[] = { "", "plain", "$argon2id$v=19$m=65536,t=2,p=1$",
		"$argon2id$", "$2b$12$abcdefghijklmnopqrstuv",
		"$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0$" };
	char overlong[4 * PP_PASSWORD_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_false(pp_password_matches(rows[i], "plain"));
	memset(overlong, 'a', sizeof(overlong) - 1);
	overlong[sizeof(overlong) - 1] = '\0';
	assert_false(pp_password_matches(overlong, "plain"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_matches_its_own_hash_only),
		cmocka_unit_test(what_is_no_hash_matches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
