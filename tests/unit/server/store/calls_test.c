/* SPDX-License-Identifier: Apache-2.0 */
/* calls_test.c -- calls that are kept, found by their code, and counted. */
#include "store/calls.h"

#include "record.h"

static struct pp_call_row call_add(
	struct record *r, const struct pp_incident *i, const char *agency, uint8_t code)
{
	struct pp_call_row row = {
		.incident_id = i->incident_id, .step = 1, .tenant = "kendal", .ring = "agencies"
	};
	struct pp_call_code with = { .spoken = "1234567" };

	memset(with.hash, code, sizeof(with.hash));
	snprintf(row.agency, sizeof(row.agency), "%s", agency);
	assert_int_equal(pp_store_call_add(r->db, &row, code ? &with : NULL, 1000), 0);
	assert_true(row.call_id > 0);
	return row;
}

static void a_call_is_found_by_its_id_and_by_its_code_while_the_incident_is_open(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row row = call_add(r, &i, "damkar-weleri", 7), back;
	uint8_t hash[PP_SHA256_SIZE];

	assert_int_equal(pp_store_call(r->db, "kendal", row.call_id, &back), 1);
	assert_string_equal(back.agency, "damkar-weleri");
	assert_int_equal(back.state, PP_CALLOUT_IS_NOTIFIED);
	assert_int_equal(pp_store_call(r->db, "serang", row.call_id, &back), 0);
	memset(hash, 7, sizeof(hash));
	assert_int_equal(pp_store_call_by_code(r->db, hash, &back), 1);
	assert_int_equal(back.call_id, row.call_id);
	hash[0] = 8;
	assert_int_equal(pp_store_call_by_code(r->db, hash, &back), 0);
	hash[0] = 7;
	record_exec(r, "UPDATE incident SET state = 'closed'");
	assert_int_equal(pp_store_call_by_code(r->db, hash, &back), 0);
}

static void each_state_keeps_its_time_and_the_first_yes_counts(void **state)
{
	static const enum pp_callout_state states[] = { PP_CALLOUT_IS_ACCEPTED,
		PP_CALLOUT_IS_EN_ROUTE, PP_CALLOUT_IS_ON_SCENE, PP_CALLOUT_IS_DONE };
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row row = call_add(r, &i, "damkar-weleri", 0);
	int64_t ok = 0;

	for (size_t n = 0; n < 4; n++) {
		row.state = states[n];
		assert_int_equal(
			pp_store_call_set(r->db, &row,
				&(struct pp_call_said){ "user:budi", "", 2000 + (int64_t)n }),
			0);
	}
	assert_int_equal(
		pp_store_number(r->db,
			"SELECT count(*) FROM call WHERE state = 'done' AND accepted = 2000"
			" AND en_route = 2001 AND on_scene = 2002 AND ended = 2003"
			" AND said_by = 'user:budi'",
			PP_NO_ARGS, &ok),
		0);
	assert_int_equal(ok, 1);
}

static void calls_are_walked_and_counted(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row a = call_add(r, &i, "damkar-weleri", 0),
			   b = call_add(r, &i, "damkar-boja", 0), found = { 0 };
	struct pp_call_query query = { .incident_id = i.incident_id,
		.state = PP_CALLOUT_IS_NOTIFIED };
	int64_t coming, arrived, awaited;

	assert_int_equal(pp_store_call_next(r->db, &query, &found), 1);
	assert_int_equal(found.call_id, a.call_id);
	query.after_id = found.call_id;
	query.ring = "agencies";
	assert_int_equal(pp_store_call_next(r->db, &query, &found), 1);
	assert_int_equal(found.call_id, b.call_id);
	query.after_id = 0;
	query.ring = "desk";
	assert_int_equal(pp_store_call_next(r->db, &query, &found), 0);

	assert_int_equal(pp_store_calls_awaited(r->db, &a, &awaited), 0);
	assert_int_equal(awaited, 2);
	a.state = PP_CALLOUT_IS_REFUSED;
	b.state = PP_CALLOUT_IS_EN_ROUTE;
	assert_int_equal(
		pp_store_call_set(r->db, &a, &(struct pp_call_said){ "ctl:x", "api", 1 }), 0);
	assert_int_equal(pp_store_call_set(r->db, &b, &(struct pp_call_said){ "ctl:x", "", 1 }), 0);
	assert_int_equal(pp_store_calls_awaited(r->db, &a, &awaited), 0);
	assert_int_equal(awaited, 0);
	assert_int_equal(pp_store_calls_coming(r->db, i.incident_id, &coming, &arrived), 0);
	assert_int_equal(coming, 1);
	assert_int_equal(arrived, 0);
}

static void other_calls_of_the_same_callee_are_found_while_he_comes(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row a = call_add(r, &i, "damkar-weleri", 7),
			   b = call_add(r, &i, "damkar-weleri", 8),
			   c = call_add(r, &i, "damkar-boja", 9), found = { 0 };

	assert_int_equal(pp_store_call_beside(r->db, &a, 0, &found), 0); /* he does not come */
	b.state = c.state = PP_CALLOUT_IS_EN_ROUTE;
	assert_int_equal(pp_store_call_set(r->db, &b, &(struct pp_call_said){ "x", "", 1 }), 0);
	assert_int_equal(pp_store_call_set(r->db, &c, &(struct pp_call_said){ "x", "", 1 }), 0);
	assert_int_equal(pp_store_call_beside(r->db, &a, 0, &found), 1);
	assert_int_equal(found.call_id, b.call_id);
	assert_int_equal(pp_store_call_beside(r->db, &a, b.call_id, &found), 0);
	assert_int_equal(pp_store_call_beside(r->db, &b, 0, &found), 0); /* itself */
	record_exec(r, "UPDATE call SET ring = '', state = 'notified' WHERE call_id = 2");
	assert_int_equal(pp_store_call_beside(r->db, &a, 0, &found), 1); /* the desk has sent it */
}

static void whoever_is_called_again_has_the_same_call_and_code_while_it_waits(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_call_row first = call_add(r, &i, "damkar-weleri", 7), again = first;
	char spoken[PP_CALLOUT_CODE_SIZE] = "";

	again.call_id = 0;
	again.step = 4;
	assert_int_equal(pp_store_call_again(r->db, &again, spoken, 5000), 1);
	assert_int_equal(again.call_id, first.call_id);
	assert_string_equal(spoken, "1234567");
	assert_int_equal(pp_store_call(r->db, "kendal", first.call_id, &first), 1);
	assert_int_equal(first.step, 4);
	snprintf(again.ring, sizeof(again.ring), "fallback");
	assert_int_equal(pp_store_call_again(r->db, &again, spoken, 5000), 0);
	first.state = PP_CALLOUT_IS_STOPPED;
	assert_int_equal(
		pp_store_call_set(r->db, &first, &(struct pp_call_said){ "server", "", 1 }), 0);
	assert_int_equal(pp_store_call_again(r->db, &first, spoken, 5000), 0);
	record_exec(r, "DELETE FROM call WHERE spoken <> ''"); /* it is not kept */
	assert_int_equal(pp_store_call(r->db, "kendal", first.call_id, &first), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_call_is_found_by_its_id_and_by_its_code_while_the_incident_is_open),
		RECORD_TEST(each_state_keeps_its_time_and_the_first_yes_counts),
		RECORD_TEST(calls_are_walked_and_counted),
		RECORD_TEST(other_calls_of_the_same_callee_are_found_while_he_comes),
		RECORD_TEST(whoever_is_called_again_has_the_same_call_and_code_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
