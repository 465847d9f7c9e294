/* SPDX-License-Identifier: Apache-2.0 */
/* storms_test.c -- counts that are kept, and questions whose answers are bounded. */
#include "store/storms.h"

#include "record.h"

static struct pp_storm_row row_of(int64_t incident_id)
{
	return (struct pp_storm_row){
		.tenant = "kendal", .post = "boja-01", .incident_id = incident_id
	};
}

static void a_count_is_read_back_as_it_was_written_until_it_is_forgotten(void **state)
{
	struct record *r = *state;
	struct pp_storm_row row = row_of(7), back = row_of(7), other = row_of(8);

	row.storm = (struct pp_storm){ 1, 2, true, 3, 4, 5 };
	row.first_id = 6;
	row.last_id = 9;
	assert_int_equal(pp_store_storm_put(r->db, &row), 0);
	row.storm.count = 22;
	assert_int_equal(pp_store_storm_put(r->db, &row), 0);
	assert_int_equal(pp_store_storm(r->db, &back), 0);
	assert_memory_equal(&back, &row, sizeof(row));
	assert_int_equal(pp_store_storm(r->db, &other), 0);
	assert_int_equal(other.storm.count, 0);
	assert_int_equal(pp_store_storm_point(r->db, 7, "panic-crime"), 1);
	assert_int_equal(pp_store_storm_point(r->db, 7, "panic-crime"), 0);
	assert_int_equal(pp_store_storm_forget(r->db, &row), 0);
	assert_int_equal(pp_store_storm_point(r->db, 7, "panic-crime"), 1);
	back = row_of(7);
	assert_int_equal(pp_store_storm(r->db, &back), 0);
	assert_int_equal(back.storm.count, 0);
}

static void what_is_due_is_what_the_rule_would_tell_or_forget(void **state)
{
	static const struct {
		struct pp_storm storm;
		int64_t now_ms;
		int due;
	} cases[] = {
		{ { 1000, 3, false, 0, 0, 0 }, 1000 + PP_STORM_WINDOW_MS, 0 },
		{ { 1000, 3, false, 0, 0, 0 }, 1000 + PP_STORM_IDLE_MS, 1 },
		{ { 1000, 99, true, 0, 1000, 0 }, 1000 + PP_STORM_COUNT_MS, 0 },
		{ { 1000, 99, true, 1, 1000, 0 }, 1000 + PP_STORM_COUNT_MS - 1, 0 },
		{ { 1000, 99, true, 1, 1000, 0 }, 1000 + PP_STORM_COUNT_MS, 1 },
		{ { 1000, 99, true, 0, 1000, 0 }, 1000 + PP_STORM_WINDOW_MS, 1 },
		{ { 7200000, 99, true, 1, 7200000, 0 }, 1000, 1 },
	};
	struct record *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pp_storm_row row = row_of(7), due;

		row.storm = cases[i].storm;
		assert_int_equal(pp_store_storm_put(r->db, &row), 0);
		assert_int_equal(pp_store_storm_due(r->db, cases[i].now_ms, 0, &due), cases[i].due);
		assert_int_equal(pp_store_storm_due(r->db, cases[i].now_ms, 1, &due), 0);
	}
}

static void a_bounded_count_stops_one_above_its_bound(void **state)
{
	struct record *r = *state;
	int64_t count;

	for (int i = 0; i < 9; i++) {
		char kind[8];
		const struct pp_trouble_row row = { "kendal", "boja-01", "", kind, "", 0 };

		snprintf(kind, sizeof(kind), "k%d", i);
		assert_int_equal(pp_store_trouble_raise(r->db, &row), 1);
	}
	assert_int_equal(pp_store_troubles_count(r->db, "kendal", "boja-01", 100, &count), 0);
	assert_int_equal(count, 9);
	assert_int_equal(pp_store_troubles_count(r->db, "kendal", "boja-01", 4, &count), 0);
	assert_int_equal(count, 5);
	assert_int_equal(pp_store_troubles_count(r->db, "serang", "boja-01", 4, &count), 0);
	assert_int_equal(count, 0);
}

static void epochs_are_counted_by_when_they_were_first_seen(void **state)
{
	struct record *r = *state;
	struct pp_origin o;
	int64_t count;

	for (uint64_t i = 0; i < 9; i++) {
		pp_origin_init(&o, "kendal", "boja-01", i);
		assert_int_equal(pp_store_epoch_heard(r->db, &o, 1, 1, 1000 + (int64_t)i), 0);
	}
	assert_int_equal(pp_store_epochs_count(r->db, &o, 1003, 100, &count), 0);
	assert_int_equal(count, 5);
	assert_int_equal(pp_store_epochs_count(r->db, &o, 0, 3, &count), 0);
	assert_int_equal(count, 4);
}

static void an_incident_says_that_it_is_a_storm(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1), now;

	assert_int_equal(pp_store_incident_storm(r->db, i.incident_id, "on"), 0);
	assert_int_equal(pp_store_incident_by_id(r->db, i.incident_id, &now), 1);
	assert_string_equal(now.storm, "on");
	assert_int_equal(now.rev, i.rev + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_count_is_read_back_as_it_was_written_until_it_is_forgotten),
		RECORD_TEST(what_is_due_is_what_the_rule_would_tell_or_forget),
		RECORD_TEST(a_bounded_count_stops_one_above_its_bound),
		RECORD_TEST(epochs_are_counted_by_when_they_were_first_seen),
		RECORD_TEST(an_incident_says_that_it_is_a_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
