/* SPDX-License-Identifier: Apache-2.0 */
/* enrol_test.c -- the keys of posts. */
#include "fixture.h"

#include <errno.h>

static void keys_are_given_once_and_stay_revoked(void **state)
{
	static const struct {
		const char *tenant, *post;
		uint8_t key;
		int want; /* 99: revoke */
	} steps[] = {
		{ "kendal", "nowhere", 1, -ENOENT },
		{ "serang", "boja-01", 1, -ENOENT },
		{ "kendal", "boja-01", 1, 0 },
		{ "kendal", "boja-01", 1, 1 },
		{ "kendal", "boja-02", 1, -EEXIST },
		{ "kendal", "boja-01", 2, 0 },
		{ "kendal", "boja-01", 0, 99 },
		{ "kendal", "boja-01", 1, -EKEYREVOKED },
		{ "kendal", "boja-01", 3, 0 },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_enrolment e = { steps[i].tenant, steps[i].post, { steps[i].key },
			"ctl:root", PP_ENROL_ANY, NULL, 0 };
		int got;

		if (steps[i].want == 99) {
			assert_int_equal(pp_ledger_revoke(r->ledger,
						 &(struct pp_key_revocation){
							 e.tenant, e.post, e.actor, NULL, NULL },
						 PP_TEST_NOW),
				0);
			continue;
		}
		got = pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW);
		if (got != steps[i].want)
			fail_msg("step %zu: %d, want %d", i, got, steps[i].want);
	}
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM post_key WHERE revoked IS NULL"), 1);
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind LIKE"
		" 'post.%'"
		" ORDER BY event_id)",
		"post.enrolled post.enrolled post.revoked post.enrolled");
}

static void the_registry_revision_grows_with_each_change(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_enrolment e = { "kendal", "boja-01", { 7 }, "ctl:root", PP_ENROL_ANY, NULL, 0 };
	int64_t rev = pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'");

	assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'"), rev + 1);
	assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 1);
	assert_int_equal(
		pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'"), rev + 1);
	assert_int_equal(
		pp_ledger_revoke(r->ledger,
			&(struct pp_key_revocation){ "kendal", "boja-01", "ctl:root", NULL, NULL },
			PP_TEST_NOW),
		0);
	assert_int_equal(
		pp_test_number(r, "SELECT value FROM meta WHERE key = 'registry_rev'"), rev + 2);
	assert_int_equal(
		pp_ledger_revoke(r->ledger,
			&(struct pp_key_revocation){ "kendal", "boja-01", "ctl:root", NULL, NULL },
			PP_TEST_NOW),
		-EALREADY);
}

static void names_that_no_post_can_have_are_not_enrolled(void **state)
{
	static const struct {
		const char *tenant, *post, *why;
	} rows[] = {
		{ "", "boja-01", "tenant: is empty" },
		{ "kendal", "", "post: is empty" },
		{ "svc-kendal", "boja-01", "tenant: names that begin with svc-" },
		{ "kendal", "svc-server", "post: names that begin with svc-" },
		{ "kendal", "svc-", "post: names that begin with svc-" },
		{ "+", "boja-01", "tenant: a-z" },
		{ "kendal", "#", "post: a-z" },
		{ "kendal", "*", "post: a-z" },
		{ "kendal", "boja+01", "post: a-z" },
		{ "kendal", "a/b", "post: a-z" },
		{ "kendal/boja-01", "x", "tenant: a-z" },
		{ "kendal", "../boja-01", "post: a-z" },
		{ "kendal", "-boja", "post: a-z" },
		{ "kendal", "Boja", "post: a-z" },
		{ "kendal", "boja 01", "post: a-z" },
		{ "kendal", "boja-01\n", "post: a-z" },
		{ "kendal", "boja\x01", "post: a-z" },
		{ "kendal", "boja\x7f", "post: a-z" },
		{ "kendal", "b\xc3\xb6ja", "post: a-z" },
		{ "kendal", "%u", "post: a-z" },
		{ "kendal", "$SYS", "post: a-z" },
		{ "kendal", "a2345678901234567890123456789012345678901", "post: has more than 40" },
		{ "k23456789012345678901", "boja-01", "tenant: has more than 20" },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_enrolment e = { rows[i].tenant, rows[i].post, { 1 }, "ctl:root",
			PP_ENROL_ANY, NULL, 0 };
		const char *why = "";

		if (pp_enrolment_check(rows[i].tenant, rows[i].post, &why) != -EINVAL ||
			strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("row %zu: '%s', want '%s'", i, why, rows[i].why);
		assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), -EINVAL);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM post_key"), 0);
}

static void a_name_that_is_taken_is_not_given_again_but_renewed(void **state)
{
	static const struct {
		enum pp_enrolment_kind kind;
		uint8_t key;
		const char *serial;
		int want;
	} steps[] = {
		{ PP_ENROL_RENEWAL, 1, "A1", -ENOKEY },
		{ PP_ENROL_FIRST, 1, "A1", 0 },
		{ PP_ENROL_FIRST, 1, "A2", 1 }, /* interrupted, and done again */
		{ PP_ENROL_FIRST, 2, "A3", -EALREADY },
		{ PP_ENROL_RENEWAL, 2, "A3", 0 },
		{ PP_ENROL_RENEWAL, 2, "A4", 1 },
		{ PP_ENROL_RENEWAL, 3, "A5", 0 },
		{ PP_ENROL_ANY, 4, "A6", 0 },
		{ PP_ENROL_RENEWAL, 5, "A7", -ENOBUFS },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_enrolment e = { "kendal", "boja-01", { steps[i].key }, "ctl:root",
			steps[i].kind, steps[i].serial, 77 };
		int got = pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW);

		if (got != steps[i].want)
			fail_msg("step %zu: %d, want %d", i, got, steps[i].want);
	}
	pp_test_text_is(r,
		"SELECT group_concat(serial || hex(substr(key, 1, 1)), ' ') FROM"
		" (SELECT * FROM post_certificate ORDER BY serial)",
		"A101 A201 A302 A402 A503 A604");
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind LIKE"
		" 'post.%' ORDER BY event_id)",
		"post.enrolled post.renewed post.enrolled post.renewed post.enrolled"
		" post.enrolled");
}

static void one_key_can_be_revoked_alone_with_its_reason(void **state)
{
	static const uint8_t first[PP_PUBLIC_KEY_SIZE] = { 1 }, never[PP_PUBLIC_KEY_SIZE] = { 9 };
	struct pp_test_record *r = *state;
	struct pp_key_revocation v = { "kendal", "boja-01", "ctl:root", first, "dicuri" };

	for (uint8_t key = 1; key <= 2; key++) {
		struct pp_enrolment e = { "kendal", "boja-01", { key }, "ctl:root", PP_ENROL_ANY,
			NULL, 0 };

		assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 0);
	}
	assert_int_equal(pp_ledger_revoke(r->ledger, &v, PP_TEST_NOW), 0);
	assert_int_equal(pp_ledger_revoke(r->ledger, &v, PP_TEST_NOW), -EALREADY);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM post_key WHERE revoked IS NULL"), 1);
	pp_test_text_is(r, "SELECT value FROM personal WHERE field = 'reason'", "dicuri");
	v.key = never;
	assert_int_equal(pp_ledger_revoke(r->ledger, &v, PP_TEST_NOW), -ENOENT);
	v.key = NULL;
	v.post = "boja-02";
	assert_int_equal(pp_ledger_revoke(r->ledger, &v, PP_TEST_NOW), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(keys_are_given_once_and_stay_revoked),
		RECORD_TEST(names_that_no_post_can_have_are_not_enrolled),
		RECORD_TEST(a_name_that_is_taken_is_not_given_again_but_renewed),
		RECORD_TEST(one_key_can_be_revoked_alone_with_its_reason),
		RECORD_TEST(the_registry_revision_grows_with_each_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
