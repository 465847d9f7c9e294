/* SPDX-License-Identifier: Apache-2.0 */
/* moving_test.c -- finding an incident, and answering what became of it. */
#include "merged.h"

#include <errno.h>

#include "book.h"

static void an_incident_is_found_by_its_number_or_the_action_is_refused(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_action action = { .tenant = "kendal", .incident = "KDL-25-000001" };
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);
	struct pp_incident incident;

	(void)signal_apply(r, &s, PP_TEST_NOW);
	item->in.action = &action;
	assert_int_equal(pp_moving_find(r->ledger, item, &incident), 1);
	assert_int_equal(incident.incident_id, 1);
	action.tenant = "serang";
	assert_int_equal(pp_moving_find(r->ledger, item, &incident), 0);
	assert_int_equal(item->out.action.error, -ENOENT);
	action.incident = NULL;
	assert_int_equal(pp_moving_find(r->ledger, item, &incident), 0);
	pp_item_free(item);
}

static void a_refusal_names_whoever_was_quicker(void **state)
{
	struct pp_incident i = { .number = "KDL-25-000001",
		.state = PP_INCIDENT_ACKNOWLEDGED,
		.acknowledged_by = "user:siti",
		.closed_by = "user:budi",
		.rev = 7 };
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);

	(void)state;
	assert_int_equal(pp_moving_refuse(item, &i, "is acknowledged already"), 0);
	assert_string_equal(item->out.action.reason,
		"incident KDL-25-000001 is acknowledged already, by user:siti");
	assert_int_equal(item->out.action.rev, 7);
	i.state = PP_INCIDENT_CLOSED;
	(void)pp_moving_refuse(item, &i, "is closed already");
	assert_string_equal(
		item->out.action.reason, "incident KDL-25-000001 is closed already, by user:budi");
	(void)pp_moving_refuse(item, &i, "has no unit under way");
	assert_string_equal(
		item->out.action.reason, "incident KDL-25-000001 has no unit under way");
	assert_string_equal(item->out.action.state, "closed");
	pp_item_free(item);
}

static void the_posts_hear_of_a_move_that_has_changed_the_state(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);
	struct pp_incident i;

	(void)signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_store_incident_by_id(pp_ledger_db(r->ledger), 1, &i), 1);
	assert_int_equal(pp_moving_done(r->ledger, item, &i, PP_INCIDENT_OPEN), 0);
	assert_false(item->out.progress);
	assert_int_equal(pp_moving_done(r->ledger, item, &i, PP_INCIDENT_ACKNOWLEDGED), 0);
	assert_true(item->out.progress);
	assert_string_equal(item->post, "boja-01");
	assert_string_equal(item->out.action.state, "open");
	/* Who is there has seen it. */
	i.state = PP_INCIDENT_ON_SCENE;
	assert_int_equal(pp_moving_done(r->ledger, item, &i, PP_INCIDENT_DISPATCHED), 0);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 4);
	pp_item_free(item);
}

/* ---- who may come to what is left ---- */

static void holder_goes(struct pp_test_record *r, int64_t incident_id)
{
	struct pp_item *item = pp_item_new(PP_ITEM_RETURN);

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "user:siti");
	item->in.claim.incident_id = incident_id;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 6000), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void whoever_was_told_to_stay_by_a_merge_may_come_when_nobody_has_it(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000002", NULL);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "accepted").error, -EPERM);
	holder_goes(r, 2);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
}

static void whoever_has_refused_what_was_merged_may_change_his_mind(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 1, "refused").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
}

static void time_passes(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_LADDERS);

	pp_ledger_set_uptime(r->ledger, uptime_ms);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + uptime_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

/* He comes to what is left, whose own fallback has not begun; and then he does not. */
static void who_was_coming_to_a_merged_one_comes_no_more_and_others_are_called(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, PEOPLE "      desk: {until: taken, steps: [{call: [\"role:operator\"], wait:"
			   " 15s}]}\n    fallback: {call: [\"contact:rt\"], every: 60s}\n");
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	time_passes(r, 17000);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "refused").error, 0);
	time_passes(r, 50000);
	time_passes(r, 120000);
	pp_test_text_is(r,
		"SELECT group_concat(ring || ' ' || state || ' ' || accepted, ', ')"
		" FROM ladder_ring WHERE incident_id = 2",
		"desk spent 0, fallback running 0");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE incident_id = 2 AND"
					   " kind = 'ladder.step'"
					   " AND json_extract(body, '$.ring') = 'fallback'"),
		2);
}

/* ---- one that everybody has left ---- */

#define RINGS_ARE(id)                                                                              \
	"SELECT state || ' ' || trust || ' ' || (SELECT group_concat(ring || ' ' || state || ' '"  \
	" || accepted, ', ') FROM ladder_ring WHERE incident_id = " id " AND state <> 'none')"     \
	" FROM incident WHERE incident_id = " id
#define CALLS                                                                                      \
	"SELECT group_concat(call_id || ' ' || incident_id || ' ' || state, ', ') FROM call"

/* Whoever came to the first has gone home; the second rings. */
static void one_is_left(struct pp_test_record *r)
{
	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	assert_int_equal(answer(r, 1, "on-scene").error, 0);
	assert_int_equal(answer(r, 1, "done").error, 0);
}

static void what_rings_rings_on_when_what_all_have_left_is_merged_into_it(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	pp_test_text_is(r, RINGS_ARE("2"), "open 3 agencies running 0");
	/* Who comes and then does not is no lamp either. */
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r, RINGS_ARE("2"), "open 3 agencies spent 0, fallback running 0");
}

static void what_rings_and_is_merged_into_what_all_have_left_calls_anew(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	one_is_left(r);
	got = act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	assert_string_equal(got.out.action.state, "open");
	pp_test_text_is(r, RINGS_ARE("1"), "open 3 agencies running 0");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 expired, 3 1 notified");
	pp_test_text_is(r,
		"SELECT group_concat(number) FROM event e JOIN incident i USING (incident_id)"
		" WHERE kind = 'incident.stood-down'",
		"KDL-25-000001");
	assert_int_equal(answer(r, 2, "accepted").error, 0); /* by the code of before, too */
	pp_test_text_is(r, RINGS_ARE("1"), "dispatched 3 agencies ended 1");
}

static void a_holder_of_what_is_merged_into_what_all_have_left_holds_it(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000002", NULL);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, RINGS_ARE("1"), "acknowledged 3 agencies running 0");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 expired, 3 1 notified");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'stop' AND contact <> ''"),
		0);
}

static void whoever_comes_to_what_is_merged_into_what_all_have_left_comes(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, RINGS_ARE("1"), "dispatched 3 agencies ended 1");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 accepted");
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r, RINGS_ARE("1"), "open 3 agencies spent 0, fallback running 0");
}

static void two_that_all_have_left_call_nobody(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	assert_int_equal(answer(r, 2, "on-scene").error, 0);
	assert_int_equal(answer(r, 2, "done").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 done");
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 1", "on-scene");
}

#define LEFT_TEST(name) cmocka_unit_test_setup_teardown(name, merged_set_up, record_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_incident_is_found_by_its_number_or_the_action_is_refused, record_set_up,
			record_tear_down),
		cmocka_unit_test(a_refusal_names_whoever_was_quicker),
		RECORD_TEST(the_posts_hear_of_a_move_that_has_changed_the_state),
		LEFT_TEST(whoever_was_told_to_stay_by_a_merge_may_come_when_nobody_has_it),
		LEFT_TEST(whoever_has_refused_what_was_merged_may_change_his_mind),
		LEFT_TEST(who_was_coming_to_a_merged_one_comes_no_more_and_others_are_called),
		LEFT_TEST(what_rings_rings_on_when_what_all_have_left_is_merged_into_it),
		LEFT_TEST(what_rings_and_is_merged_into_what_all_have_left_calls_anew),
		LEFT_TEST(a_holder_of_what_is_merged_into_what_all_have_left_holds_it),
		LEFT_TEST(whoever_comes_to_what_is_merged_into_what_all_have_left_comes),
		LEFT_TEST(two_that_all_have_left_call_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
