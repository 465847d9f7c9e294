/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test.c -- a step of the server's clock is noticed, also over a restart, and told. */
#include "fixture.h"

#include "ledger/ledger.h"

static int64_t told(struct pp_test_record *r)
{
	return pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'clock.stepped'"
				 " AND tenant = 'kendal'");
}

static void a_step_is_told_once_also_over_a_restart(void **state)
{
	static const struct {
		int64_t wall_ms, mono_ms, boot;
		int want;
	} looks[] = {
		{ 1000000, 1000, 1, 0 },  /* the first */
		{ 1005000, 6000, 1, 0 },  /* time goes on */
		{ 1007900, 8000, 1, 0 },  /* slewed */
		{ 8209000, 9000, 1, 1 },  /* two hours on */
		{ 8210000, 10000, 1, 0 }, /* and goes on from there */
		{ 1012000, 12000, 1, 1 }, /* back */
		{ 9999999, 5, 2, 0 },     /* another boot: nobody knows */
		{ 10001000, 1006, 2, 0 },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(looks); i++) {
		const struct pp_ledger_clock clock = { looks[i].wall_ms, looks[i].mono_ms,
			looks[i].boot };
		int64_t before = told(r);
		int got = pp_ledger_look(r->ledger, &clock);

		if (got != looks[i].want || told(r) - before != looks[i].want)
			fail_msg("look %zu: %d", i, got);
		pp_test_record_reopen(r);
	}
}

static void just_after_a_step_no_incident_that_was_joined_is_closed(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal first = pp_test_alarm(1), second = pp_test_alarm(2);
	struct pp_ledger_clock clock = { PP_TEST_NOW, 1000, 1 };
	struct pp_action close = { .type = PP_ACTION_CLOSE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001",
		.code = "real",
		.text = "" };
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);

	assert_int_equal(pp_ledger_look(r->ledger, &clock), 0);
	signal_apply(r, &first, PP_TEST_NOW);
	signal_apply(r, &second, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	clock.wall_ms += 7200000;
	assert_int_equal(pp_ledger_look(r->ledger, &clock), 1);
	item->in.action = &close;
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, clock.wall_ms + 1000), 0);
	assert_true(item->out.action.error < 0);
	if (!strstr(item->out.action.reason, "has had a new alarm"))
		fail_msg("%s", item->out.action.reason);
	pp_item_free(item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_step_is_told_once_also_over_a_restart),
		RECORD_TEST(just_after_a_step_no_incident_that_was_joined_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
