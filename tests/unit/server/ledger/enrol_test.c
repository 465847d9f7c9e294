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
			"ctl:root" };
		int got;

		if (steps[i].want == 99) {
			assert_int_equal(
				pp_ledger_revoke(r->ledger, e.tenant, e.post, e.actor, PP_TEST_NOW),
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
	struct pp_enrolment e = { "kendal", "boja-01", { 7 }, "ctl:root" };
	int64_t rev = pp_test_number(r, "SELECT value FROM meta");

	assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 0);
	assert_int_equal(pp_test_number(r, "SELECT value FROM meta"), rev + 1);
	assert_int_equal(pp_ledger_enrol(r->ledger, &e, PP_TEST_NOW), 1);
	assert_int_equal(pp_test_number(r, "SELECT value FROM meta"), rev + 1);
	assert_int_equal(
		pp_ledger_revoke(r->ledger, "kendal", "boja-01", "ctl:root", PP_TEST_NOW), 0);
	assert_int_equal(pp_test_number(r, "SELECT value FROM meta"), rev + 2);
	assert_int_equal(
		pp_ledger_revoke(r->ledger, "kendal", "boja-01", "ctl:root", PP_TEST_NOW), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(keys_are_given_once_and_stay_revoked),
		RECORD_TEST(the_registry_revision_grows_with_each_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
