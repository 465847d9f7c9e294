/* SPDX-License-Identifier: Apache-2.0 */
/* troubles_test.c -- a night with troubles: who is told, when, and who need not be. */
#include "night.h"

#define OF_PEOPLE "purpose IN ('trouble', 'mended')"

static void a_trouble_is_told_when_it_has_stood_long_enough(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "tamper", false, PP_TEST_NOW);
	assert_int_equal(time_goes(r, PP_TEST_NOW + 9999).out.troubles, 0);
	rows_are(r, OF_PEOPLE, "");
	assert_int_equal(time_goes(r, PP_TEST_NOW + 10000).out.troubles, 1);
	rows_are(r, OF_PEOPLE, "sms ani queued, mail ani held");
	pp_test_text_is(r, "SELECT text FROM notification WHERE channel = 'sms'",
		"GANGGUAN Poskamling Boja, Listrik: kotak terbuka 01:40");
	pp_test_text_is(r, "SELECT text FROM notification WHERE channel = 'mail'",
		"GANGGUAN Poskamling Boja, Listrik: kotak terbuka 01:40\nDari: Kabupaten Kendal");
	pp_test_text_is(r,
		"SELECT post || point || json_extract(body, '$.call[0]') FROM event"
		" WHERE kind = 'trouble.told'",
		"boja-01mainscontact:ani");
	assert_int_equal(time_goes(r, PP_TEST_NOW + 20000).out.troubles, 0);
	rows_are(r, OF_PEOPLE, "sms ani queued, mail ani held");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE"
					   " body LIKE '%+6281%' OR body LIKE '%Bu Ani%'"),
		0);
}

static void what_comes_and_goes_is_told_to_nobody(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	for (int i = 0; i < 5; i++) {
		trouble_signal(r, 2 * i + 1, "tamper", false, PP_TEST_NOW + i * 9000);
		trouble_signal(r, 2 * i + 2, "tamper", true, PP_TEST_NOW + i * 9000 + 8000);
		(void)time_goes(r, PP_TEST_NOW + i * 9000 + 8500);
	}
	(void)time_goes(r, NOON);
	rows_are(r, OF_PEOPLE, "");
}

static void quiet_hours_hold_it_until_they_end(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + 5 * MINUTE);
	rows_are(r, OF_PEOPLE, "sms ani collecting, mail budi collecting");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.held_until') || '' FROM event"
		" WHERE kind = 'trouble.told'",
		"1763766000000");
	(void)time_goes(r, MORNING - 1);
	rows_are(r, OF_PEOPLE, "sms ani collecting, mail budi collecting");
	pp_test_record_reopen(r);
	(void)time_goes(r, MORNING);
	rows_are(r, "way = 0 AND " OF_PEOPLE, "sms ani queued, mail budi queued");
	pp_test_text_is(r, "SELECT text FROM notification WHERE contact = 'budi'",
		"TROUBLE Poskamling Boja, Mains: mains lost 01:40\nFrom: Kabupaten Kendal");
}

static void a_trouble_of_a_rule_without_quiet_hours_wakes_them_up(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "", false, PP_TEST_NOW);
	trouble_signal(r, 2, "storage", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + 5 * MINUTE);
	pp_test_text_is(r,
		"SELECT text FROM notification WHERE state = 'queued' AND channel = 'sms'",
		"GANGGUAN Poskamling Boja, Listrik: penyimpanan pos rusak 01:40");
	rows_are(r, "state = 'collecting'", "sms ani collecting, mail budi collecting");
}

static void the_night_is_one_message_without_what_was_mended(void **state)
{
	static const char *const kinds[] = { "battery", "stuck", "chatter", "gap" };
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	for (int i = 0; i < 4; i++) {
		trouble_signal(r, i + 1, kinds[i], false, PP_TEST_NOW + i * 10 * MINUTE);
		(void)time_goes(r, PP_TEST_NOW + i * 10 * MINUTE + 5 * MINUTE);
	}
	trouble_signal(r, 5, "stuck", true, PP_TEST_NOW + 60 * MINUTE);
	pp_test_text_is(r,
		"SELECT group_concat(DISTINCT state || ': ' || detail) FROM notification"
		" WHERE about LIKE '%stuck%'",
		"withdrawn: mended before it was told");
	assert_int_equal(time_goes(r, MORNING).out.collapsed, 4);
	pp_test_text_is(r,
		"SELECT text FROM notification WHERE state = 'queued' AND channel = 'sms'",
		"3 GANGGUAN: Poskamling Boja, Listrik: masukan terputus 02:10; Poskamling Boja,"
		" Listrik: kontak bergetar 02:00; +1 lagi");
	pp_test_text_is(r,
		"SELECT group_concat(state || gathered || ' ' || into_id, ', ') FROM"
		" (SELECT * FROM notification WHERE contact = 'ani' AND way = 0"
		" ORDER BY notification_id)",
		"collapsed0 7, withdrawn0 0, collapsed0 7, queued2 0");
	/* Every one that was told of is named when it is mended, and nobody of the other. */
	trouble_signal(r, 6, "battery", true, NOON);
	(void)time_goes(r, NOON + 1000);
	pp_test_text_is(r,
		"SELECT group_concat(text) FROM notification WHERE purpose = 'mended' AND"
		" channel = 'sms'",
		"PULIH Poskamling Boja, Listrik: baterai lemah 12:00");
}

static void no_alarm_waits_for_the_morning(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *tick = pp_item_new(PP_ITEM_LADDERS);

	book_put(r, BOOK, PP_TEST_NOW);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	trouble_signal(r, 2, "", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + 5 * MINUTE);
	(void)signal_apply(r, &s, PP_TEST_NOW + 5 * MINUTE);
	pp_ledger_set_uptime(r->ledger, 20000);
	assert_int_equal(pp_ledger_apply(r->ledger, &tick, 1, PP_TEST_NOW + 5 * MINUTE + 20000), 0);
	pp_item_free(tick);
	(void)time_goes(r, PP_TEST_NOW + 6 * MINUTE);
	rows_are(r, "way = 0 AND purpose = 'alarm'",
		"webhook  queued, webhook  queued, sms ani queued");
	rows_are(r, "way = 0 AND purpose = 'trouble'", "sms ani collecting, mail budi collecting");
}

static void a_trouble_is_no_incident(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, PP_TEST_NOW);
	trouble_signal(r, 1, "tamper", false, PP_TEST_NOW);
	(void)time_goes(r, PP_TEST_NOW + MINUTE);
	assert_int_equal(pp_test_number(r, "SELECT (SELECT count(*) FROM incident)"
					   " + (SELECT count(*) FROM ladder)"
					   " + (SELECT count(*) FROM call)"),
		0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE"
					   " incident_id IS NOT NULL OR call_id <> 0"),
		0);
}

static void silence(struct pp_test_record *r, int64_t now_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_SILENCE);

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->post, sizeof(item->post), "boja-01");
	item->arrived_ms = now_ms;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, now_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void a_post_that_is_lost_and_found_is_told_both_times(void **state)
{
	struct pp_test_record *r = *state;

	book_put(r, BOOK, NOON);
	state_apply(r, state_item(17, 100000, NOON));
	silence(r, NOON + MINUTE);
	(void)time_goes(r, NOON + 6 * MINUTE);
	pp_test_text_is(r, "SELECT text FROM notification WHERE channel = 'sms'",
		"GANGGUAN Poskamling Boja: pos tidak terdengar 12:01");
	state_apply(r, state_item(17, 900000, NOON + 10 * MINUTE));
	(void)time_goes(r, NOON + 10 * MINUTE + 1000);
	pp_test_text_is(r,
		"SELECT text FROM notification WHERE channel = 'sms' AND purpose = 'mended'",
		"PULIH Poskamling Boja: pos tidak terdengar 12:10");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM trouble"), 0);
}

static void a_plan_that_comes_later_tells_what_stands(void **state)
{
	struct pp_test_record *r = *state;

	trouble_signal(r, 1, "tamper", false, PP_TEST_NOW);
	trouble_signal(r, 2, "", false, PP_TEST_NOW);
	(void)time_goes(r, NOON);
	book_put(r, BOOK_HEAD, NOON);
	(void)time_goes(r, NOON);
	rows_are(r, OF_PEOPLE, "");
	book_put(r, BOOK, NOON);
	(void)time_goes(r, NOON + 1000);
	rows_are(
		r, "way = 0 AND " OF_PEOPLE, "sms ani collapsed, sms ani queued, mail budi queued");
	book_put(r, BOOK_HEAD, NOON);
	trouble_signal(r, 3, "storage", false, NOON + 2000);
	trouble_signal(r, 4, "tamper", true, NOON + 3000);
	(void)time_goes(r, NOON + 60 * MINUTE);
	pp_test_text_is(r, "SELECT text FROM notification WHERE purpose = 'mended' AND way = 0",
		"PULIH Poskamling Boja, Listrik: kotak terbuka 12:00");
	rows_are(r, "about LIKE '%storage%'", "");
}

static void a_hundred_at_once_are_one_message(void **state)
{
	struct pp_test_record *r = *state;
	char kind[20];

	book_put(r, BOOK, NOON);
	for (int i = 0; i < 100; i++) {
		snprintf(kind, sizeof(kind), "odd-%d", i);
		trouble_signal(r, i + 1, kind, false, NOON + i);
	}
	for (int minute = 1; minute < 12; minute++)
		(void)time_goes(r, NOON + minute * MINUTE + 500);
	/* Those that came before it was a storm, and the rest a minute later. */
	pp_test_text_is(r,
		"SELECT group_concat(gathered, ' ') FROM (SELECT * FROM notification WHERE"
		" channel = 'sms' AND state = 'queued' ORDER BY notification_id)",
		"19 79");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE"
					   " channel = 'sms' AND state = 'collapsed'"),
		98);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE state ="
					   " 'collapsed' AND into_id NOT IN (SELECT"
					   " notification_id FROM notification WHERE state ="
					   " 'queued')"),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(a_trouble_is_told_when_it_has_stood_long_enough),
		TEST(what_comes_and_goes_is_told_to_nobody),
		TEST(quiet_hours_hold_it_until_they_end),
		TEST(a_trouble_of_a_rule_without_quiet_hours_wakes_them_up),
		TEST(the_night_is_one_message_without_what_was_mended),
		TEST(no_alarm_waits_for_the_morning),
		TEST(a_trouble_is_no_incident),
		TEST(a_post_that_is_lost_and_found_is_told_both_times),
		TEST(a_plan_that_comes_later_tells_what_stands),
		TEST(a_hundred_at_once_are_one_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
