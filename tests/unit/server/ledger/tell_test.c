/* SPDX-License-Identifier: Apache-2.0 */
/* tell_test.c -- a night by the plan: who is called, what they are sent, and who is told to stay.
 */
#include "tell.h"

#include <errno.h>

/* boja-02 and boja-03 stand where boja-01 does. */
static const char near_book[] =
	"tenant: kendal\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {neighbours: {until: taken, steps: [{call:"
	" [\"posts:near\", rt], wait: 60s}, {call: [rt], wait: 60s}]}}, fallback: {call: [rt],"
	" every: 60s}}\n";

static void rings_start_together_and_each_way_of_a_contact_waits_for_the_one_before(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	calls_are(r, "siti notified, weleri notified");
	rows_are(r, "1",
		"mail siti siti@example.id queued, sms rt +6281234567890 queued,"
		" mail rt budi@example.id held, mail piket piket@example.id queued,"
		" siren boja-02 kendal/boja-02 queued");
	/* What is sent has the code of the call, and nothing else of the record has. */
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE channel = 'sms'"
				  " AND text GLOB '*[0-9][0-9][0-9][0-9][0-9][0-9][0-9]*'"),
		1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE"
					   " body LIKE '%example.id%' OR body LIKE '%Pak Budi%'"),
		0);
}

static void a_refusal_calls_the_next_and_an_acceptance_ends_it(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	assert_int_equal(say(r, 2, "refused").error, 0);
	calls_are(r, "siti notified, weleri refused, boja notified");
	assert_string_equal(say(r, 3, "accepted").state, "dispatched");
	tick(r, 999000);
	calls_are(r, "siti expired, weleri refused, boja accepted");
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	assert_string_equal(say(r, 3, "on-scene").state, "on-scene");
}

static void a_yes_that_comes_late_is_a_yes_and_the_next_one_need_not_come(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	tick(r, 61000);
	calls_are(r, "siti expired, weleri expired, boja notified, rt notified");
	assert_string_equal(say(r, 2, "accepted").state, "dispatched");
	calls_are(r, "siti expired, weleri accepted, boja stopped, rt stopped");
	assert_int_equal(say(r, 3, "accepted").error, -EPERM); /* and is told that it is taken */
}

static void taking_it_stops_the_neighbours_and_not_the_agencies(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE target = 'siti'"),
		0);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	calls_are(r, "siti stopped, weleri notified");
	rows_are(r, "purpose = 'stop'", "mail siti siti@example.id queued");
	pp_test_text_is(r, "SELECT text FROM notification WHERE purpose = 'stop'",
		NUMBER ": it is being handled. Thank you.");
	tick(r, 61000);
	calls_are(r, "siti stopped, weleri expired, boja notified");
}

static void the_word_to_stop_is_in_each_contacts_language(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE target IN ('siti', 'rt')"),
		0);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CLOSE,
						 .incident = NUMBER,
						 .code = "real" })
				 .out.action.error,
		0);
	pp_test_text_is(r,
		"SELECT text FROM notification WHERE purpose = 'stop' AND"
		" target = 'siti'",
		NUMBER ": it is being handled. Thank you.");
	pp_test_text_is(r,
		"SELECT text FROM notification WHERE purpose = 'stop' AND"
		" target = 'rt' AND channel = 'sms'",
		NUMBER ": sudah ditangani. Terima kasih.");
}

static void what_was_not_sent_yet_is_withdrawn(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	assert_int_equal(say(r, 2, "accepted").error, 0);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	rows_are(r, "target = 'siti'", "mail siti siti@example.id withdrawn");
}

static void a_silent_alarm_sounds_no_station(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, true);
	calls_are(r, "siti notified, weleri notified");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE channel = 'siren'"), 0);
}

static void near_night_begins(struct pp_test_record *r, uint32_t flags)
{
	struct pp_signal s = pp_test_alarm(1);

	s.flags = flags;
	plan_put(r, near_book);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "INSERT INTO post SELECT tenant, 'boja-03', name, desa, '09',"
				 " -7.1005, 110.2, NULL, NULL, 1 FROM post WHERE post = 'boja-02';"
				 "UPDATE post SET rw = '01' WHERE post = 'boja-02'"),
		0);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
}

static void near_posts_sound_until_somebody_has_it(void **state)
{
	struct pp_test_record *r = *state;

	near_night_begins(r, 0);
	calls_are(r, "rt notified");
	rows_are(r, "channel = 'siren'",
		"siren boja-03 kendal/boja-03 queued, siren boja-02 kendal/boja-02 queued");
	pp_test_text_is(r, "SELECT min(text) || max(call_id) FROM notification WHERE channel = "
			   "'siren'",
		"crime boja-010");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.call') FROM event WHERE kind = 'ladder.step'",
		"[\"station:boja-03\",\"station:boja-02\",\"contact:rt\"]");
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE target = 'boja-03'"),
		0);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
	rows_are(r, "channel = 'siren'",
		"siren boja-03 kendal/boja-03 sent, siren boja-02 kendal/boja-02 withdrawn,"
		" siren boja-03 kendal/boja-03 queued");
	rows_are(r, "channel = 'siren' AND purpose = 'stop'",
		"siren boja-03 kendal/boja-03 queued");
	/* Once. */
	(void)action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_CLOSE, .incident = NUMBER, .code = "real" });
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'ladder.hushed'"), 1);
}

static void who_of_the_neighbours_comes_ends_the_sirens_too(void **state)
{
	struct pp_test_record *r = *state;

	near_night_begins(r, 0);
	assert_int_equal(say(r, 1, "accepted").error, 0);
	rows_are(r, "channel = 'siren'",
		"siren boja-03 kendal/boja-03 withdrawn, siren boja-02 kendal/boja-02 withdrawn");
}

static void no_near_post_hears_of_what_is_silent(void **state)
{
	struct pp_test_record *r = *state;

	near_night_begins(r, PP_FLAG_SILENT);
	calls_are(r, "rt notified");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE channel = 'siren'"), 0);
}

static void no_near_post_hears_of_an_exercise(void **state)
{
	struct pp_test_record *r = *state;

	near_night_begins(r, PP_FLAG_DRILL);
	calls_are(r, "rt notified");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE channel = 'siren'"), 0);
}

static void siti_is_sent(struct pp_test_record *r)
{
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE target = 'siti' AND state = 'queued'"),
		0);
}

static void whoever_was_called_long_ago_is_told_that_others_have_it(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	siti_is_sent(r);
	tick(r, 62000); /* his ring is over, and the fallback runs */
	assert_int_equal(say(r, 3, "refused").error, 0); /* not as the duty of an agency either */
	acknowledge(r);
	calls_are(r, "siti stopped, weleri expired, boja refused, rt stopped");
	rows_are(r, "purpose = 'stop'", "mail siti siti@example.id queued");
	/* Nobody tells him to come after that. */
	rows_are(r, "contact = 'rt' AND call_id = 4",
		"sms rt +6281234567890 withdrawn, mail rt budi@example.id withdrawn");
}

static void a_message_that_was_under_way_is_followed_by_the_word_that_others_have_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action sent = { .type = PP_ACTION_NOTIFICATION, .state = "sent", .text = "250" };

	night_begins(r, false);
	acknowledge(r);
	rows_are(r, "contact = 'siti'", "mail siti siti@example.id withdrawn");
	sent.notification_id = pp_test_number(
		r, "SELECT notification_id FROM notification WHERE contact = 'siti'");
	(void)action_apply(r, sent);
	rows_are(r, "contact = 'siti'",
		"mail siti siti@example.id sent, mail siti siti@example.id queued");
	rows_are(r, "purpose = 'stop'", "mail siti siti@example.id queued");
	(void)action_apply(r, sent); /* said again: once is enough */
	rows_are(r, "purpose = 'stop'", "mail siti siti@example.id queued");
}

static void refusals_of_those_who_are_called_anew_move_on_at_once(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item *item = pp_item_new(PP_ITEM_RETURN);

	night_begins(r, false);
	acknowledge(r);
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "user:siti");
	item->in.claim.incident_id = 1;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 30000), 0);
	pp_item_free(item);
	calls_are(r, "siti stopped, weleri notified, siti notified");
	assert_int_equal(say(r, 3, "refused").error, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'ladder.ended' AND"
				  " json_extract(body, '$.ring') = 'neighbours' AND"
				  " json_extract(body, '$.why') = 'spent'"),
		1);
}

/* rt is called by himself, and as the duty of an agency. */
static const char twice_book[] =
	"tenant: kendal\n"
	"agencies:\n"
	"  weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}\n"
	"  boja: {name: Damkar Boja, kind: damkar, contacts: [siti], area: [all]}\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
	"  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {neighbours: {until: taken, steps: [{call:"
	" [rt], wait: 60s}]}, agencies: {until: accepted, steps: [{call: [\"agency:weleri\","
	" \"agency:boja\"], wait: 60s}]}}, fallback: {call: [rt], every: 60s}}\n";

static void whoever_is_still_called_by_another_call_is_not_told_to_stay(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, twice_book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	everything_is_sent(r, "call_id = 1"); /* and the agency's waits for its turn */
	acknowledge(r);
	calls_are(r, "rt stopped, weleri notified, boja notified");
	rows_are(r, "purpose = 'stop'", "");
	everything_is_sent(r, "call_id = 2");
	assert_int_equal(say(r, 3, "accepted").error, 0);
	calls_are(r, "rt stopped, weleri stopped, boja accepted");
	rows_are(r, "purpose = 'stop'", "sms rt +6281234567890 queued");
}

static void who_is_yet_to_be_called_by_a_step_that_is_over_is_not_told_to_stay(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, twice_book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	everything_is_sent(r, "call_id = 1");
	tick(r, 62000);
	acknowledge(r);
	calls_are(r, "rt stopped, weleri expired, boja expired, rt stopped");
	rows_are(r, "purpose = 'stop'", ""); /* he will be told to come by call 2 */
	everything_is_sent(r, "call_id = 2");
	assert_int_equal(say(r, 3, "accepted").error, 0);
	rows_are(r, "purpose = 'stop'", "sms rt +6281234567890 queued");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(rings_start_together_and_each_way_of_a_contact_waits_for_the_one_before),
		TEST(a_refusal_calls_the_next_and_an_acceptance_ends_it),
		TEST(a_yes_that_comes_late_is_a_yes_and_the_next_one_need_not_come),
		TEST(taking_it_stops_the_neighbours_and_not_the_agencies),
		TEST(the_word_to_stop_is_in_each_contacts_language),
		TEST(what_was_not_sent_yet_is_withdrawn),
		TEST(a_silent_alarm_sounds_no_station),
		TEST(near_posts_sound_until_somebody_has_it),
		TEST(who_of_the_neighbours_comes_ends_the_sirens_too),
		TEST(no_near_post_hears_of_what_is_silent),
		TEST(no_near_post_hears_of_an_exercise),
		TEST(whoever_was_called_long_ago_is_told_that_others_have_it),
		TEST(a_message_that_was_under_way_is_followed_by_the_word_that_others_have_it),
		TEST(refusals_of_those_who_are_called_anew_move_on_at_once),
		TEST(whoever_is_still_called_by_another_call_is_not_told_to_stay),
		TEST(who_is_yet_to_be_called_by_a_step_that_is_over_is_not_told_to_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
