/* SPDX-License-Identifier: Apache-2.0 */
/* moving_test.c -- finding an incident, and answering what became of it. */
#include "fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_incident_is_found_by_its_number_or_the_action_is_refused, record_set_up,
			record_tear_down),
		cmocka_unit_test(a_refusal_names_whoever_was_quicker),
		RECORD_TEST(the_posts_hear_of_a_move_that_has_changed_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
