/* SPDX-License-Identifier: Apache-2.0 */
/* checkup_test.c -- groups that find, hang and die. */
#include "checkup/checkup.h"

#include <errno.h>

#include "pospin_test.h"

static void finds(struct pp_checkup *c, void *user)
{
	pp_checkup_at(c, "looking at %s", (const char *)user);
	pp_checkup_ok(c, "a", "fine: %s", (const char *)user);
	pp_checkup_say(c, PP_WARN("b", "do this"), "not so fine: %d", 7);
}

static void hangs(struct pp_checkup *c, void *user)
{
	(void)user;
	pp_checkup_ok(c, "c", "said before");
	pp_checkup_at(c, "reading a disk that hangs");
	for (;;)
		pause();
}

static void dies(struct pp_checkup *c, void *user)
{
	(void)user;
	pp_checkup_at(c, "falling down");
	_exit(3);
}

static void says_much(struct pp_checkup *c, void *user)
{
	(void)user;
	for (int i = 0; i < 400; i++)
		pp_checkup_ok(c, "m", "%0300d", i);
}

static void expect(const struct pp_findings *f, size_t i, const struct pp_finding *want)
{
	if (i >= f->count || f->list[i].level != want->level ||
		strcmp(f->list[i].id, want->id) != 0 || !strstr(f->list[i].text, want->text) ||
		strcmp(f->list[i].todo, want->todo) != 0)
		fail_msg("finding %zu of %zu: got %s '%s' '%s'", i, f->count,
			i < f->count ? f->list[i].id : "", i < f->count ? f->list[i].text : "",
			i < f->count ? f->list[i].todo : "");
}

static void a_group_that_hangs_or_dies_costs_only_itself_and_is_told(void **state)
{
	static const struct pp_checkup_group groups[] = {
		{ "one", hangs, PP_FINDING_FAIL, "mend the disk" },
		{ "two", finds, PP_FINDING_FAIL, "" },
		{ "three", dies, PP_FINDING_WARN, "tell us" },
		{ "four", finds, PP_FINDING_FAIL, "" },
	};
	static const struct pp_finding want[] = {
		{ PP_FINDING_OK, "c", "said before", "" },
		{ PP_FINDING_FAIL, "one", "no answer within 1 s: reading a disk that hangs",
			"mend the disk" },
		{ PP_FINDING_OK, "a", "fine: it", "" },
		{ PP_FINDING_WARN, "b", "not so fine: 7", "do this" },
		{ PP_FINDING_WARN, "three", "the check itself failed: falling down", "tell us" },
		{ PP_FINDING_OK, "a", "fine: it", "" },
		{ PP_FINDING_WARN, "b", "not so fine: 7", "do this" },
	};
	char user[] = "it";
	struct pp_findings f;

	(void)state;
	assert_int_equal(pp_checkup_run(groups, PP_COUNT(groups), user, 1000, &f), 0);
	for (size_t i = 0; i < PP_COUNT(want); i++)
		expect(&f, i, &want[i]);
	assert_int_equal(f.count, PP_COUNT(want));
	pp_findings_done(&f);
}

static void much_is_heard_to_its_end(void **state)
{
	static const struct pp_checkup_group group = { "m", says_much, PP_FINDING_FAIL, "" };
	struct pp_findings f;

	(void)state;
	assert_int_equal(pp_checkup_run(&group, 1, NULL, 20000, &f), 0);
	assert_int_equal(f.count, 400);
	pp_findings_done(&f);
}

static void a_group_can_run_here(void **state)
{
	struct pp_findings f = { 0 };
	char user[] = "me";

	(void)state;
	pp_checkup_here(finds, user, &f);
	pp_checkup_here(finds, user, &f);
	assert_int_equal(f.count, 4);
	assert_string_equal(f.list[2].text, "fine: me");
	pp_findings_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_that_hangs_or_dies_costs_only_itself_and_is_told),
		cmocka_unit_test(much_is_heard_to_its_end),
		cmocka_unit_test(a_group_can_run_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
