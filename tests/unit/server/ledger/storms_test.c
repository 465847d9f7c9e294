/* SPDX-License-Identifier: Apache-2.0 */
/* storms_test.c -- what stands in the record after more signals than anybody can look at. */
#include "fixture.h"

#include "incidents/storm.h"
#include "store/storms.h"

static int64_t number(struct pp_test_record *r, const char *sql)
{
	int64_t value = -1;

	assert_int_equal(pp_store_number(pp_ledger_db(r->ledger), sql, PP_NO_ARGS, &value), 0);
	return value;
}

static void tick(struct pp_test_record *r, int64_t now_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_STORMS);

	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, now_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

/* So many alarms, every_ms apart, with the server's tick each second. Returns when it ended. */
static int64_t storm(struct pp_test_record *r, struct pp_signal like, int count, int64_t from_ms,
	int64_t every_ms)
{
	int64_t ticked = from_ms, now = from_ms;

	for (int i = 0; i < count; i++) {
		now = from_ms + i * every_ms;
		for (; ticked < now; ticked += 1000)
			tick(r, ticked);
		(void)signal_apply(r, &like, now);
		like.seq++;
		like.mono_ms++;
	}
	return now;
}

static void every_alarm_of_a_storm_is_recorded_and_the_desk_has_one_incident(void **state)
{
	struct pp_test_record *r = *state;

	(void)storm(r, pp_test_alarm(1), 2000, PP_TEST_NOW, 6);
	assert_int_equal(number(r, "SELECT count(*) FROM signal"), 2000);
	assert_int_equal(number(r, "SELECT count(*) FROM signal_key"), 2000);
	assert_int_equal(number(r, "SELECT count(*) FROM signal WHERE incident_id = 1"), 2000);
	assert_int_equal(number(r, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(number(r, "SELECT signals FROM incident WHERE storm = 'on'"), 2000);
	assert_int_equal(number(r, "SELECT high FROM epoch"), 2000);
}

static void a_storm_is_told_as_counts_that_add_up_and_then_as_over(void **state)
{
	struct pp_test_record *r = *state;
	int64_t at = storm(r, pp_test_alarm(1), 2000, PP_TEST_NOW, 6);

	for (int i = 1; i < 150; i++)
		tick(r, at + i * 1000);
	assert_int_equal(number(r, "SELECT count(*) FROM event WHERE kind IN ('incident.opened',"
				   " 'incident.signal')"),
		PP_STORM_SIGNALS + 1); /* and the point once more, in the storm */
	assert_int_equal(number(r, "SELECT sum(json_extract(body, '$.count')) FROM event"
				   " WHERE kind IN ('incident.storm', 'incident.calm')"),
		2000 - PP_STORM_SIGNALS - 1);
	assert_in_range(
		number(r, "SELECT count(*) FROM event WHERE kind = 'incident.storm'"), 2, 3);
	assert_int_equal(number(r, "SELECT count(*) FROM event WHERE kind = 'incident.calm'"), 1);
	assert_int_equal(number(r, "SELECT count(*) FROM incident WHERE storm = 'over'"), 1);
	assert_int_equal(number(r, "SELECT count(*) FROM storm_point"), 0);
	/* Two webhooks: each alarm that was told, and the beginning. */
	assert_int_equal(
		number(r, "SELECT count(*) FROM notification"), 2 * (PP_STORM_SIGNALS + 2));
	tick(r, at + 200000 + PP_STORM_IDLE_MS);
	assert_int_equal(number(r, "SELECT count(*) FROM storm"), 0);
	assert_int_equal(number(r, "SELECT count(*) FROM storm_point"), 0);
}

static void another_class_and_another_point_do_not_hide_in_a_storm(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(5000);
	int64_t at = storm(r, pp_test_alarm(1), 500, PP_TEST_NOW, 6);
	int64_t told = number(r, "SELECT count(*) FROM notification");

	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"INSERT INTO point VALUES ('kendal', 'boja-01', 'panic-two', 'panic',"
			" 'crime', 0, 'Dua', 'Two')"),
		0);
	s.class = PP_CLASS_FIRE;
	(void)signal_apply(r, &s, at);
	assert_int_equal(number(r, "SELECT count(*) FROM incident WHERE storm = ''"), 1);
	assert_int_equal(number(r, "SELECT count(*) FROM notification"), told + 2);
	s = pp_test_alarm(5001);
	snprintf(s.point, sizeof(s.point), "panic-two");
	(void)signal_apply(r, &s, at);
	assert_int_equal(number(r, "SELECT count(*) FROM event WHERE point = 'panic-two'"
				   " AND kind = 'incident.signal'"),
		1);
	assert_int_equal(number(r, "SELECT count(*) FROM notification"), told + 4);
	s.seq++;
	s.mono_ms++;
	(void)signal_apply(r, &s, at);
	assert_int_equal(number(r, "SELECT count(*) FROM notification"), told + 4);
}

static void a_storm_of_invented_points_is_one_incident_and_few_troubles(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	for (int i = 0; i < 1000; i++) {
		s.seq++;
		snprintf(s.point, sizeof(s.point), "invented-%d", i);
		(void)signal_apply(r, &s, PP_TEST_NOW + i);
	}
	assert_int_equal(number(r, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(number(r, "SELECT signals FROM incident"), 1000);
	assert_in_range(number(r, "SELECT count(*) FROM trouble"), 2, 129);
	assert_int_equal(
		number(r, "SELECT count(*) FROM trouble WHERE kind = 'too-many-troubles'"), 1);
	assert_in_range(number(r, "SELECT count(*) FROM event"), 40, 50);
}

static void troubles_below_the_bound_end_the_trouble_that_there_are_too_many(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	s.type = PP_SIGNAL_TROUBLE;
	for (int i = 0; i < 200; i++) {
		s.seq++;
		snprintf(s.detail, sizeof(s.detail), "invented-%d", i);
		(void)signal_apply(r, &s, PP_TEST_NOW + i);
	}
	assert_int_equal(
		number(r, "SELECT count(*) FROM trouble WHERE kind = 'too-many-troubles'"), 1);
	s.type = PP_SIGNAL_TROUBLE_RESTORE;
	s.detail[0] = '\0';
	s.seq++;
	(void)signal_apply(r, &s, PP_TEST_NOW + 1000);
	assert_int_equal(number(r, "SELECT count(*) FROM trouble"), 0);
}

static void signals_of_no_incident_become_one_security_event_a_minute(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	s.type = PP_SIGNAL_TEST;
	(void)storm(r, s, 1200, PP_TEST_NOW, 100);
	assert_int_equal(number(r, "SELECT count(*) FROM signal"), 1200);
	assert_int_equal(number(r, "SELECT count(*) FROM event WHERE kind = 'signal.test'"),
		PP_STORM_SIGNALS);
	assert_in_range(number(r, "SELECT count(*) FROM event WHERE kind = 'security'"), 1, 3);
}

static void of_restores_that_wait_for_one_alarm_only_so_many_do(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(10000), alarm = pp_test_alarm(9999);

	s.type = PP_SIGNAL_RESTORE;
	s.cause = 9999;
	for (int i = 0; i < 500; i++) {
		s.seq++;
		(void)signal_apply(r, &s, PP_TEST_NOW + i);
	}
	(void)signal_apply(r, &alarm, PP_TEST_NOW + 1000);
	assert_int_equal(number(r, "SELECT count(*) FROM signal"), 501);
	assert_int_equal(
		number(r, "SELECT count(*) FROM signal WHERE incident_id IS NOT NULL"), 33);
}

static void restores_without_end_are_counted_too(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(2);

	(void)storm(r, pp_test_alarm(1), 1, PP_TEST_NOW, 1);
	s.type = PP_SIGNAL_RESTORE;
	s.cause = 1;
	(void)storm(r, s, 1000, PP_TEST_NOW, 6);
	assert_int_equal(
		number(r, "SELECT count(*) FROM signal WHERE incident_id IS NOT NULL"), 1001);
	assert_in_range(number(r, "SELECT count(*) FROM event"), 20, 26);
}

static void a_storm_outlives_a_restart(void **state)
{
	struct pp_test_record *r = *state;
	int64_t at = storm(r, pp_test_alarm(1), 100, PP_TEST_NOW, 6);

	pp_test_record_reopen(r);
	(void)storm(r, pp_test_alarm(101), 100, at, 6);
	assert_int_equal(number(r, "SELECT count(*) FROM event WHERE kind IN ('incident.opened',"
				   " 'incident.signal')"),
		PP_STORM_SIGNALS + 1);
	assert_int_equal(number(r, "SELECT signals FROM incident"), 200);
}

/* Chattering is why points are disabled. */
static void a_disabled_point_that_storms_rings_nobody(void **state)
{
	struct pp_test_record *r = *state;

	action_apply(r, (struct pp_action){ .type = PP_ACTION_MODE_BEGIN,
				.post = "boja-01",
				.name = "panic-crime",
				.state = "disabled",
				.text = "rusak",
				.seconds = 86400 });
	(void)storm(r, pp_test_alarm(1), 300, PP_TEST_NOW + 6000, 500);
	pp_test_text_is(
		r, "SELECT mode || ' ' || state || ' ' || storm FROM incident", "disabled open on");
	pp_test_text_is(r,
		"SELECT group_concat(DISTINCT body ->> 'mark') FROM event"
		" WHERE kind = 'incident.storm'",
		"disabled");
	assert_int_equal(number(r, "SELECT count(*) FROM notification"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(every_alarm_of_a_storm_is_recorded_and_the_desk_has_one_incident),
		RECORD_TEST(a_storm_is_told_as_counts_that_add_up_and_then_as_over),
		RECORD_TEST(another_class_and_another_point_do_not_hide_in_a_storm),
		RECORD_TEST(a_storm_of_invented_points_is_one_incident_and_few_troubles),
		RECORD_TEST(troubles_below_the_bound_end_the_trouble_that_there_are_too_many),
		RECORD_TEST(signals_of_no_incident_become_one_security_event_a_minute),
		RECORD_TEST(of_restores_that_wait_for_one_alarm_only_so_many_do),
		RECORD_TEST(restores_without_end_are_counted_too),
		RECORD_TEST(a_storm_outlives_a_restart),
		RECORD_TEST(a_disabled_point_that_storms_rings_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
