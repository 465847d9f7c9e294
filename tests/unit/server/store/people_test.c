/* SPDX-License-Identifier: Apache-2.0 */
/* people_test.c -- users and sessions. */
#include "store/people.h"

#include "record.h"

#include <errno.h>

static const struct pp_user_new siti = { "kendal", "siti", "Bu Siti", "$argon2id$", "operator", "",
	"", 1 };

static void a_name_belongs_to_one_user_of_a_tenant(void **state)
{
	struct record *r = *state;
	struct pp_user_new other = siti;

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_user_add(r->db, &siti), -EEXIST);
	other.tenant = "serang";
	assert_int_equal(pp_store_user_add(r->db, &other), 0);
}

static int64_t number(struct record *r, const char *sql)
{
	int64_t value;

	assert_int_equal(pp_store_number(r->db, sql, PP_NO_ARGS, &value), 0);
	return value;
}

static void a_session_lives_while_it_is_used_and_not_beyond_its_end(void **state)
{
	struct record *r = *state;
	uint8_t token[32] = "token";
	struct pp_session_new s = { "kendal", "siti", token, 10, 100, 140 };
	char name[48];

	assert_int_equal(pp_store_session_open(r->db, &s), -ENOENT);
	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_session_open(r->db, &s), 0);
	assert_int_equal(pp_store_session_open(r->db, &s), -EEXIST);
	assert_int_equal(number(r, "SELECT confirmed FROM session"), 10);
	assert_int_equal(pp_store_session_keep(r->db, token, 130), 0);
	assert_int_equal(number(r, "SELECT expires FROM session"), 130);
	assert_int_equal(pp_store_session_keep(r->db, token, 120), 0); /* never back */
	assert_int_equal(number(r, "SELECT expires FROM session"), 130);
	assert_int_equal(pp_store_session_keep(r->db, token, 200), 0);
	assert_int_equal(number(r, "SELECT expires FROM session"), 140);
	s.now_ms = 50;
	assert_int_equal(pp_store_session_confirm(r->db, &s), 1);
	assert_int_equal(number(r, "SELECT confirmed FROM session"), 50);
	assert_int_equal(pp_store_session_end(r->db, "serang", token, name), 0);
	assert_int_equal(pp_store_session_end(r->db, "kendal", token, name), 1);
	assert_string_equal(name, "siti");
	assert_int_equal(pp_store_session_end(r->db, "kendal", token, name), 0);
	/* What has ended is not brought back by being used. */
	assert_int_equal(pp_store_session_keep(r->db, token, 300), 0);
	assert_int_equal(number(r, "SELECT count(*) FROM session"), 0);
	assert_int_equal(pp_store_session_confirm(r->db, &s), 0);
}

static void sessions_that_are_over_are_swept_and_those_of_a_user_end_but_one(void **state)
{
	struct record *r = *state;
	uint8_t old[32] = "old", new[32] = "new", other[32] = "other";

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_session_open(r->db,
				 &(struct pp_session_new){ "kendal", "siti", old, 10, 20, 99 }),
		0);
	assert_int_equal(pp_store_session_open(r->db,
				 &(struct pp_session_new){ "kendal", "siti", new, 20, 90, 99 }),
		0);
	assert_int_equal(number(r, "SELECT count(*) FROM session"), 1);
	assert_int_equal(pp_store_session_open(r->db,
				 &(struct pp_session_new){ "kendal", "siti", other, 20, 90, 99 }),
		0);
	assert_int_equal(pp_store_sessions_end(r->db, "kendal", "siti", new), 0);
	assert_int_equal(number(r, "SELECT count(*) FROM session"), 1);
	assert_int_equal(pp_store_sessions_end(r->db, "kendal", "siti", NULL), 0);
	assert_int_equal(number(r, "SELECT count(*) FROM session"), 0);
}

static void an_invitation_counts_once_and_in_time(void **state)
{
	struct record *r = *state;
	uint8_t key[32] = "key", other[32] = "other";
	struct pp_password_new p = { "kendal", "siti", "$new$", key, 99 };

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(
		pp_store_user_invite(r->db, &(struct pp_invitation){ "kendal", "siti", key, 100 }),
		1);
	p.key = other;
	assert_int_equal(pp_store_user_password(r->db, &p), 0);
	p.key = key;
	p.now_ms = 100;
	assert_int_equal(pp_store_user_password(r->db, &p), 0);
	p.now_ms = 99;
	assert_int_equal(pp_store_user_password(r->db, &p), 1);
	assert_int_equal(pp_store_user_password(r->db, &p), 0);
	p.key = NULL;
	assert_int_equal(pp_store_user_password(r->db, &p), 1);
	assert_int_equal(pp_store_user_enable(r->db, "kendal", "siti", false), 1);
	assert_int_equal(pp_store_user_password(r->db, &p), 0);
	assert_int_equal(
		pp_store_user_invite(r->db, &(struct pp_invitation){ "kendal", "siti", key, 100 }),
		0);
}

static void a_factor_is_begun_then_on_and_each_code_counts_once(void **state)
{
	struct record *r = *state;
	const uint8_t key[PP_FACTOR_KEY_SIZE] = "k";
	uint8_t code[32] = "code";

	assert_int_equal(pp_store_user_add(r->db, &siti), 0);
	assert_int_equal(pp_store_factor_on(r->db, "kendal", "siti", 5), 0);
	assert_int_equal(pp_store_factor_step(r->db, "kendal", "siti", 5), 0);
	assert_int_equal(pp_store_factor_begin(r->db, "kendal", "siti", key), 1);
	assert_int_equal(pp_store_factor_on(r->db, "kendal", "siti", 5), 1);
	assert_int_equal(pp_store_recovery_add(r->db, "kendal", "siti", code), 0);
	assert_int_equal(pp_store_factor_step(r->db, "kendal", "siti", 5), 0);
	assert_int_equal(pp_store_factor_step(r->db, "kendal", "siti", 6), 1);
	assert_int_equal(pp_store_factor_step(r->db, "kendal", "siti", 6), 0);
	assert_int_equal(pp_store_factor_step(r->db, "serang", "siti", 7), 0);
	assert_int_equal(pp_store_recovery_use(r->db, "serang", "siti", code), 0);
	assert_int_equal(pp_store_recovery_use(r->db, "kendal", "siti", code), 1);
	assert_int_equal(pp_store_recovery_use(r->db, "kendal", "siti", code), 0);
	assert_int_equal(pp_store_recovery_add(r->db, "kendal", "siti", code), 0);
	assert_int_equal(pp_store_factor_off(r->db, "kendal", "siti"), 1);
	assert_int_equal(pp_store_recovery_use(r->db, "kendal", "siti", code), 0);
	assert_int_equal(pp_store_factor_step(r->db, "kendal", "siti", 8), 0);
}

static void administrators_are_those_who_can_log_in(void **state)
{
	struct record *r = *state;
	struct pp_user_new a = siti;
	int64_t others;

	a.role = "administrator,operator";
	assert_int_equal(pp_store_user_add(r->db, &a), 0);
	a.name = "invited";
	a.password = "";
	assert_int_equal(pp_store_user_add(r->db, &a), 0);
	assert_int_equal(pp_store_administrators(r->db, "kendal", "siti", &others), 0);
	assert_int_equal(others, 0);
	assert_int_equal(pp_store_administrators(r->db, "kendal", "invited", &others), 0);
	assert_int_equal(others, 1);
	assert_int_equal(pp_store_is_administrator(r->db, "kendal", "siti"), 1);
	assert_int_equal(pp_store_user_set(r->db, &(struct pp_user_new){ .tenant = "kendal",
							  .name = "siti",
							  .role = "operator",
							  .kecamatan = ",k1," }),
		1);
	assert_int_equal(pp_store_is_administrator(r->db, "kendal", "siti"), 0);
	assert_int_equal(number(r, "SELECT count(*) FROM user WHERE display = 'Bu Siti' AND"
				   " kecamatan = ',k1,' AND role = 'operator'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_name_belongs_to_one_user_of_a_tenant),
		RECORD_TEST(a_session_lives_while_it_is_used_and_not_beyond_its_end),
		RECORD_TEST(sessions_that_are_over_are_swept_and_those_of_a_user_end_but_one),
		RECORD_TEST(an_invitation_counts_once_and_in_time),
		RECORD_TEST(a_factor_is_begun_then_on_and_each_code_counts_once),
		RECORD_TEST(administrators_are_those_who_can_log_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
