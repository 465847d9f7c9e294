/* SPDX-License-Identifier: Apache-2.0 */
/* collecting_test.c -- too many messages to one recipient become one that says how many. */
#include "night.h"

#define LIMITED BOOK "limits: {troubles: {most: 2, in: 10min}, alarms: {most: 3, in: 1min}}\n"
#define BOT "target = 'bot'"

static void alarm_at(struct pp_test_record *r, int64_t seq, int64_t now_ms)
{
	struct pp_signal s = pp_test_alarm(seq);

	(void)signal_apply(r, &s, now_ms);
}

static void states_are(struct pp_test_record *r, const char *where, const char *want)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"SELECT group_concat(state || iif(into_id, '>' || into_id, ''), ' ') FROM"
		" (SELECT * FROM notification WHERE %s ORDER BY notification_id)",
		where);
	pp_test_text_is(r, sql, want);
}

/* Opens one and lets six more come to it, a second apart: 1, 3, 5, ... are the bot's. */
static void seven_alarms(struct pp_test_record *r)
{
	book_put(r, LIMITED, PP_TEST_NOW);
	for (int i = 0; i < 7; i++)
		alarm_at(r, i + 1, PP_TEST_NOW + i * 1000);
}

static void further_alarms_of_one_incident_become_one(void **state)
{
	struct pp_test_record *r = *state;

	seven_alarms(r);
	states_are(r, BOT, "queued queued queued collecting collecting collecting collecting");
	assert_int_equal(time_goes(r, PP_TEST_NOW + 59999).out.collapsed, 0);
	assert_int_equal(time_goes(r, PP_TEST_NOW + 60000).out.collapsed, 6); /* two webhooks */
	states_are(r, BOT, "queued queued queued collapsed>13 collapsed>13 collapsed>13 queued");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.collapsed') || ' ' ||"
		" json_extract(body, '$.incident.signals') FROM notification"
		" WHERE notification_id = 13",
		"3 7");
	assert_int_equal(pp_test_number(r, "SELECT text LIKE '%Termasuk 3 pesan sebelumnya.'"
					   " AND text LIKE '%sejauh ini: 7%' FROM notification"
					   " WHERE notification_id = 13"),
		1);
	pp_test_text_is(r,
		"SELECT (json_extract(body, '$.into') = (SELECT key FROM notification WHERE"
		" notification_id = 13)) || json_extract(body, '$.count') ||"
		" json_array_length(body, '$.keys') || json_extract(body, '$.number') FROM event"
		" WHERE kind = 'notification.collapsed' AND body LIKE '%\"bot\"%'",
		"133KDL-25-000001");
	/* None is left, and none was lost. */
	states_are(r, "state = 'collecting' OR notification_id = 1", "queued");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE " BOT), 7);
}

static void what_waits_goes_after_a_restart_as_well(void **state)
{
	struct pp_test_record *r = *state;

	seven_alarms(r);
	pp_test_record_reopen(r);
	(void)time_goes(r, PP_TEST_NOW + 60000);
	states_are(r, BOT, "queued queued queued collapsed>13 collapsed>13 collapsed>13 queued");
}

static void the_first_word_of_another_incident_does_not_wait(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(9);

	seven_alarms(r);
	snprintf(s.point, sizeof(s.point), "panic-fire");
	s.class = PP_CLASS_FIRE;
	(void)signal_apply(r, &s, PP_TEST_NOW + 8000);
	pp_test_text_is(r,
		"SELECT group_concat(n.state) FROM notification n JOIN incident i"
		" USING (incident_id) WHERE i.class = 'fire'",
		"queued,queued");
}

static void one_that_comes_while_others_wait_waits_with_them(void **state)
{
	struct pp_test_record *r = *state;

	seven_alarms(r);
	/* The window has room again, and nobody has let the others go yet. */
	alarm_at(r, 8, PP_TEST_NOW + 120000);
	states_are(r, "state = 'collecting' AND " BOT,
		"collecting collecting collecting collecting collecting");
	(void)time_goes(r, PP_TEST_NOW + 120000);
	states_are(r, "notification_id > 6 AND " BOT,
		"collapsed>15 collapsed>15 collapsed>15 collapsed>15 queued");
}

static void no_more_than_the_limit_go_in_any_window(void **state)
{
	struct pp_test_record *r = *state;
	int64_t now_ms = PP_TEST_NOW;

	/* Below a storm, for ten minutes. */
	book_put(r, LIMITED, PP_TEST_NOW);
	for (int i = 0; i < 150; i++, now_ms += 4000) {
		alarm_at(r, i + 1, now_ms);
		(void)time_goes(r, now_ms + 1000);
	}
	(void)time_goes(r, now_ms + 60000);
	assert_int_equal(pp_test_number(r, "SELECT max(n) FROM (SELECT (SELECT count(*) FROM"
					   " notification b WHERE b.target = 'bot' AND b.state ="
					   " 'queued' AND b.created > a.created - 60000 AND"
					   " b.created <= a.created) AS n FROM notification a"
					   " WHERE a.target = 'bot' AND a.state = 'queued')"),
		3);
	assert_int_equal(pp_test_number(r, "SELECT sum(gathered) + count(*) FROM notification"
					   " WHERE state = 'queued' AND " BOT),
		pp_test_number(r, "SELECT count(*) FROM notification WHERE " BOT));
	states_are(
		r, "notification_id = (SELECT max(notification_id) FROM notification)", "queued");
}

static void troubles_beyond_the_limit_go_as_one(void **state)
{
	static const char *const kinds[] = { "tamper", "storage" };
	struct pp_test_record *r = *state;
	int64_t now_ms = NOON;

	book_put(r, LIMITED, NOON);
	/* Each is told, and told to be mended: two messages each time. */
	for (int i = 0; i < 4; i++) {
		trouble_signal(r, i + 1, kinds[i % 2], i >= 2, now_ms);
		(void)time_goes(r, now_ms + 10000);
		now_ms += 20000;
	}
	states_are(r, "channel = 'sms'", "queued queued collecting collecting");
	(void)time_goes(r, NOON + 10 * MINUTE + 9999);
	states_are(r, "channel = 'sms'", "queued queued collecting collecting");
	(void)time_goes(r, NOON + 10 * MINUTE + 10000);
	pp_test_text_is(r, "SELECT text FROM notification WHERE gathered > 0 AND channel = 'sms'",
		"2 PULIH: Poskamling Boja, Listrik: penyimpanan pos rusak 12:01; Poskamling Boja,"
		" Listrik: kotak terbuka 12:00");
}

static void whoever_is_not_in_the_plan_any_more_is_told_nothing(void **state)
{
	static const char without[] =
		"tenant: kendal\n"
		"contacts: {budi: {name: B, role: r, ways: [{mail: b@example.id}]}}\n"
		"plans: {p: {classes: [all], area: [all], rings: {desk: {until: taken, steps:"
		" [{call: [role:operator], wait: 15s}]}}, fallback: {call: [contact:budi], every:"
		" 60s}}}\n";
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + 5 * MINUTE);
	book_put(r, without, PP_TEST_NOW + 6 * MINUTE);
	(void)time_goes(r, MORNING);
	pp_test_text_is(r,
		"SELECT group_concat(contact || ' ' || state || ' ' || detail, ', ') FROM"
		" (SELECT * FROM notification ORDER BY notification_id)",
		"ani withdrawn the contact is not in the plan any more, budi queued ");
}

static void a_morning_that_was_missed_does_not_end_the_next_night(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + 5 * MINUTE);
	/* The server was away from six to eleven at night. */
	(void)time_goes(r, MORNING + 17 * 60 * MINUTE);
	states_are(r, "channel = 'sms'", "collecting");
	(void)time_goes(r, MORNING + 24 * 60 * MINUTE - 1);
	states_are(r, "channel = 'sms'", "collecting");
	(void)time_goes(r, MORNING + 24 * 60 * MINUTE);
	states_are(r, "channel = 'sms'", "queued");
}

static void an_incident_of_which_a_webhook_knows_nothing_is_told_at_once(void **state)
{
	struct pp_test_record *r = *state;

	seven_alarms(r);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'failed' WHERE " BOT),
		0);
	alarm_at(r, 8, PP_TEST_NOW + 8000);
	states_are(r, "notification_id = 15", "queued");
	alarm_at(r, 9, PP_TEST_NOW + 9000);
	states_are(r, "notification_id = 17", "collecting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(further_alarms_of_one_incident_become_one),
		TEST(what_waits_goes_after_a_restart_as_well),
		TEST(the_first_word_of_another_incident_does_not_wait),
		TEST(one_that_comes_while_others_wait_waits_with_them),
		TEST(no_more_than_the_limit_go_in_any_window),
		TEST(troubles_beyond_the_limit_go_as_one),
		TEST(a_morning_that_was_missed_does_not_end_the_next_night),
		TEST(an_incident_of_which_a_webhook_knows_nothing_is_told_at_once),
		TEST(whoever_is_not_in_the_plan_any_more_is_told_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
