/* SPDX-License-Identifier: Apache-2.0 */
/* incidents_test.c -- numbers, finding, moving, and what a beat tells of them. */
#include "store/incidents.h"

#include "record.h"

#include <errno.h>

static void numbers_count_per_tenant_and_year(void **state)
{
	static const struct {
		const char *tenant;
		int year;
		const char *want;
	} steps[] = { { "kendal", 2026, "KDL-26-000001" }, { "kendal", 2026, "KDL-26-000002" },
		{ "serang", 2026, "SRG-26-000001" }, { "kendal", 2027, "KDL-27-000001" },
		{ "kendal", 2026, "KDL-26-000003" } };
	struct record *r = *state;
	char number[PP_INCIDENT_MAX + 1];

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		assert_int_equal(
			pp_store_incident_number(r->db, steps[i].tenant, steps[i].year, number), 0);
		assert_string_equal(number, steps[i].want);
	}
	assert_int_equal(pp_store_incident_number(r->db, "nobody", 2026, number), -ENOENT);
}

static void moves_write_their_times_and_who(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1), got;
	int64_t dispatched;

	assert_int_equal(
		pp_store_incident_move(r->db, &i, PP_MOVE_ACKNOWLEDGE, "user:siti", NULL, 20), 0);
	assert_int_equal(
		pp_store_incident_move(r->db, &i, PP_MOVE_DISPATCH, "user:siti", NULL, 30), 0);
	assert_int_equal(
		pp_store_incident_move(r->db, &i, PP_MOVE_DISPATCH, "user:siti", NULL, 35), 0);
	assert_int_equal(
		pp_store_incident_move(r->db, &i, PP_MOVE_ON_SCENE, "user:siti", NULL, 40), 0);
	assert_int_equal(pp_store_incident_move(r->db, &i, PP_MOVE_NOTE, "user:siti", NULL, 45), 0);
	assert_int_equal(
		pp_store_incident_move(r->db, &i, PP_MOVE_CLOSE, "user:budi", "real", 50), 0);
	assert_int_equal(pp_store_incident_by_number(r->db, "kendal", i.number, &got), 1);
	assert_int_equal(got.state, PP_INCIDENT_CLOSED);
	assert_int_equal(got.rev, 7);
	assert_string_equal(got.acknowledged_by, "user:siti");
	assert_string_equal(got.closed_by, "user:budi");
	assert_int_equal(
		pp_store_number(r->db, "SELECT dispatched FROM incident", PP_NO_ARGS, &dispatched),
		0);
	assert_int_equal(dispatched, 30);
	assert_int_equal(pp_store_incident_by_number(r->db, "serang", i.number, &got), 0);
}

static void a_beat_is_told_open_presses_and_those_closed_lately(void **state)
{
	struct record *r = *state;
	struct pp_open_press open[PP_OPEN_MAX];
	struct pp_origin o;
	size_t count;

	pp_origin_init(&o, "kendal", "boja-01", 0xabc);
	record_incident(r, PP_CLASS_CRIME, 1);
	record_incident(r, PP_CLASS_FIRE, 2);
	record_incident(r, PP_CLASS_MEDICAL, 3);
	record_exec(r, "UPDATE incident SET state = 'closed', closed = 100 WHERE class = 'crime'");
	record_exec(r, "UPDATE incident SET state = 'closed', closed = 200 WHERE class = 'fire'");
	assert_int_equal(pp_store_open_presses(r->db, &o, 150, open, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(open[0].seq, 3);
	assert_int_equal(open[0].step, PP_STEP_RECEIVED);
	assert_int_equal(open[1].seq, 2);
	assert_int_equal(open[1].step, PP_STEP_CLOSED);
	assert_string_equal(open[1].incident, "KDL-26-000002");
	pp_origin_init(&o, "kendal", "boja-01", 0xdef);
	assert_int_equal(pp_store_open_presses(r->db, &o, 150, open, &count), 0);
	assert_int_equal(count, 0);
}

static void a_beat_is_told_the_newest_presses_when_there_are_too_many(void **state)
{
	struct record *r = *state;
	struct pp_open_press open[PP_OPEN_MAX];
	struct pp_origin o;
	size_t count;

	pp_origin_init(&o, "kendal", "boja-01", 0xabc);
	for (int64_t seq = 1; seq <= PP_OPEN_MAX + 3; seq++)
		record_incident(r, PP_CLASS_CRIME, seq);
	assert_int_equal(pp_store_open_presses(r->db, &o, 0, open, &count), 0);
	assert_int_equal(count, PP_OPEN_MAX);
	assert_int_equal(open[0].seq, PP_OPEN_MAX + 3);
	assert_int_equal(open[PP_OPEN_MAX - 1].seq, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(numbers_count_per_tenant_and_year),
		RECORD_TEST(moves_write_their_times_and_who),
		RECORD_TEST(a_beat_is_told_open_presses_and_those_closed_lately),
		RECORD_TEST(a_beat_is_told_the_newest_presses_when_there_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
