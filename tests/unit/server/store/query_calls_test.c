/* SPDX-License-Identifier: Apache-2.0 */
/* query_calls_test.c -- calls and countdowns as people see them. */
#include "record.h"

#include "core/clock.h"
#include "store/calls.h"
#include "store/ladders.h"
#include "store/query.h"

#include <errno.h>

static const struct pp_scope scope = { .tenant = "kendal", .notes = true };

static void an_incident_shows_its_calls_its_countdown_and_to_whom_it_is_offered(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row call = { .incident_id = i.incident_id,
		.tenant = "kendal",
		.ring = "agencies",
		.agency = "damkar" };
	struct pp_ladder_row ladder = { .incident_id = i.incident_id, .tenant = "kendal" };
	struct pp_json *json;
	const struct pp_json *calls;
	int64_t left = -1;
	const char *text;

	assert_int_equal(pp_query_incident(r->db, &scope, i.number, &json), 0);
	assert_true(pp_json_has(json, "escalates_in"));
	assert_int_equal(pp_json_get_i64(json, "escalates_in", 0, INT64_MAX, &left), -ENOENT);
	pp_json_free(json);
	assert_int_equal(pp_store_call_add(r->db, &call, NULL, 1000), 0);
	ladder.ladder.rings[PP_RING_DESK] = (struct pp_ladder_ring){ .state = PP_LADDER_RUNNING,
		.due_ms = (int64_t)(pp_clock_boot_us() / 1000) + 3600000 };
	assert_int_equal(pp_store_ladder_put(r->db, &ladder), 0);
	assert_int_equal(pp_store_hand_over_put(r->db, i.incident_id,
				 &(struct pp_hand_over){ "user:budi", "user:siti" }, 1),
		0);
	assert_int_equal(pp_query_incident(r->db, &scope, i.number, &json), 0);
	assert_int_equal(pp_json_get_i64(json, "escalates_in", 0, 3600000, &left), 0);
	assert_true(left > 3000000);
	assert_int_equal(pp_json_get_text(json, "offered_to", 80, &text), 0);
	assert_string_equal(text, "user:siti");
	assert_int_equal(pp_json_get_list(json, "calls", &calls), 0);
	assert_int_equal(pp_json_count(calls), 1);
	assert_int_equal(pp_json_get_text(pp_json_item(calls, 0), "agency", 80, &text), 0);
	assert_string_equal(text, "damkar");
	assert_int_equal(pp_json_get_i64(pp_json_item(calls, 0), "step", 1, 1, &left), 0);
	assert_int_equal(
		pp_json_get_i64(pp_json_item(calls, 0), "accepted", 0, INT64_MAX, &left), -ENOENT);
	assert_int_equal(pp_json_get_object(json, "own_call", &calls), -ENOENT);
	pp_json_free(json);
	snprintf(call.agency, sizeof(call.agency), "polres");
	assert_int_equal(pp_store_call_add(r->db, &call, NULL, 2000), 0);
	assert_int_equal(
		pp_query_incident(r->db, &(struct pp_scope){ .tenant = "kendal", .unit = "damkar" },
			i.number, &json),
		0);
	assert_int_equal(pp_json_get_object(json, "own_call", &calls), 0);
	assert_int_equal(pp_json_get_i64(calls, "id", 1, 1, &left), 0);
	assert_int_equal(pp_json_get_text(calls, "state", 20, &text), 0);
	assert_string_equal(text, "notified");
	pp_json_free(json);
}

static void what_is_overdue_counts_down_to_nothing(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_ladder_row ladder = { .incident_id = i.incident_id, .tenant = "kendal" };
	struct pp_incident_page page = { .open_only = true, .limit = 10 };
	const struct pp_json *list;
	struct pp_json *json;
	int64_t left = -1;

	ladder.ladder.rings[PP_RING_DESK] =
		(struct pp_ladder_ring){ .state = PP_LADDER_RUNNING, .due_ms = 0 };
	assert_int_equal(pp_store_ladder_put(r->db, &ladder), 0);
	assert_int_equal(pp_query_incidents(r->db, &scope, &page, &json), 0);
	assert_int_equal(pp_json_get_list(json, "incidents", &list), 0);
	assert_int_equal(
		pp_json_get_i64(pp_json_item(list, 0), "escalates_in", 0, INT64_MAX, &left), 0);
	assert_int_equal(left, 0);
	pp_json_free(json);
}

static void each_ring_says_how_far_it_has_come_and_when_it_goes_on(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_ladder_row row = {
		.incident_id = i.incident_id, .tenant = "kendal", .plan = "kebakaran"
	};
	const struct pp_json *list, *desk;
	struct pp_json *json;
	int64_t number = -1;
	const char *text;

	row.ladder.rings[PP_RING_DESK] = (struct pp_ladder_ring){ .state = PP_LADDER_RUNNING,
		.step = 1,
		.due_ms = (int64_t)(pp_clock_boot_us() / 1000) + 3600000 };
	row.ladder.rings[PP_RING_AGENCIES] =
		(struct pp_ladder_ring){ .state = PP_LADDER_ENDED, .due_ms = 5 };
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	assert_int_equal(pp_query_incident(r->db, &scope, i.number, &json), 0);
	assert_int_equal(pp_json_get_list(json, "ladder", &list), 0);
	assert_int_equal(pp_json_count(list), 2);
	desk = pp_json_item(list, 0);
	assert_int_equal(pp_json_get_text(desk, "ring", 20, &text), 0);
	assert_string_equal(text, "desk");
	assert_int_equal(pp_json_get_text(desk, "plan", 20, &text), 0);
	assert_string_equal(text, "kebakaran");
	assert_int_equal(pp_json_get_i64(desk, "step", 2, 2, &number), 0);
	assert_int_equal(pp_json_get_i64(desk, "next_in", 3000000, 3600000, &number), 0);
	assert_int_equal(pp_json_get_i64(pp_json_item(list, 1), "next_in", 0, 9, &number), -ENOENT);
	pp_json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_incident_shows_its_calls_its_countdown_and_to_whom_it_is_offered),
		RECORD_TEST(each_ring_says_how_far_it_has_come_and_when_it_goes_on),
		RECORD_TEST(what_is_overdue_counts_down_to_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
