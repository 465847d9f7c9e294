/* SPDX-License-Identifier: Apache-2.0 */
/* tell_merged_test.c -- nights that people make one: who comes, who is told to stay, and of what.
 */
#include "tell.h"

/* The same class, too far away to be joined. */
static void press_far(struct pp_test_record *r, const char *post)
{
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item = pp_test_signal_item(&s, PP_TEST_NOW);

	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"INSERT INTO post VALUES ('kendal', 'boja-03', 'Tiga', 'd1', '03', -7.5,"
			" 110.9, NULL, NULL, 1) ON CONFLICT DO NOTHING;"
			"INSERT INTO point SELECT tenant, post, 'panic-crime', 'panic', 'crime', 0,"
			" 'T', 'B' FROM post WHERE true ON CONFLICT DO NOTHING"),
		0);
	snprintf(item->post, sizeof(item->post), "%s", post);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void next_door(struct pp_test_record *r)
{
	press_far(r, "boja-02"); /* incident 2 */
}

static void whoever_comes_to_a_merged_one_comes_to_what_is_left(void **state)
{
	struct pp_test_record *r = *state;
	const char *left = "KDL-25-000002";

	night_begins(r, false);
	next_door(r);
	assert_int_equal(say(r, 2, "accepted").error, 0);
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_MERGE, .incident = NUMBER, .other = left });
	/* The agencies of what is left need not be asked; its desk and neighbours still are. */
	calls_are(r, "siti expired, weleri accepted, siti notified, weleri stopped");
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
	assert_int_equal(pp_test_number(r, "SELECT taken FROM ladder WHERE incident_id = 2"), 0);
	/* And when they come no more, others are called. */
	assert_string_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						    .incident = left,
						    .call_id = 2,
						    .state = "refused" })
				    .out.action.state,
		"open");
	calls_are(r, "siti expired, weleri refused, siti notified, weleri stopped, boja notified");
}

static void a_holder_holds_what_his_was_made_a_part_of(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	acknowledge(r);
	next_door(r);
	assert_int_equal(say(r, 2, "refused").error, 0);
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				      .incident = "KDL-25-000002",
				      .call_id = 4,
				      .state = "accepted" });
	(void)action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_MERGE, .incident = NUMBER, .other = "KDL-25-000002" });
	pp_test_text_is(r,
		"SELECT state || ' ' || acknowledged_by FROM incident WHERE incident_id = 2",
		"dispatched user:siti");
	assert_int_equal(pp_test_number(r, "SELECT taken FROM ladder WHERE incident_id = 2"), 1);
}

static void merge(struct pp_test_record *r)
{
	(void)action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_MERGE, .incident = NUMBER, .other = "KDL-25-000002" });
}

static void whoever_comes_is_not_told_to_stay_when_two_are_made_one(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	next_door(r);
	everything_is_sent(r, "1");
	assert_int_equal(say(r, 2, "accepted").error, 0);
	merge(r);
	calls_are(r, "siti expired, weleri accepted, siti notified, weleri stopped");
	rows_are(r, "purpose = 'stop'", "");
	pp_test_text_is(r, "SELECT DISTINCT incident_id FROM notification WHERE call_id = 2", "2");
}

static void whoever_comes_to_what_is_left_is_not_told_to_stay(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	next_door(r);
	everything_is_sent(r, "1");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				      .incident = "KDL-25-000002",
				      .call_id = 4,
				      .state = "accepted" });
	merge(r);
	calls_are(r, "siti expired, weleri stopped, siti notified, weleri accepted");
	rows_are(r, "purpose = 'stop'", "");
}

static void the_word_about_one_place_is_none_about_the_other(void **state)
{
	struct pp_test_record *r = *state;
	static const char stops[] = "SELECT group_concat(number, ' ') FROM notification n JOIN"
				    " event e USING (event_id) JOIN incident i ON i.incident_id ="
				    " e.incident_id WHERE purpose = 'stop' AND contact = 'siti'"
				    " ORDER BY notification_id";

	night_begins(r, false);
	next_door(r);
	everything_is_sent(r, "1");
	acknowledge(r);
	pp_test_text_is(r, stops, NUMBER);
	everything_is_sent(r, "1");
	merge(r); /* who holds the one holds both */
	pp_test_text_is(r, stops, NUMBER " KDL-25-000002");
	everything_is_sent(r, "1");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				      .incident = "KDL-25-000002",
				      .call_id = 4,
				      .state = "accepted" });
	pp_test_text_is(r, stops, NUMBER " KDL-25-000002"); /* once about each */
}

static void whom_a_fallback_has_called_need_not_come_to_where_somebody_comes(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	next_door(r);
	assert_int_equal(say(r, 2, "refused").error, 0); /* of 1 all are called, and nobody comes */
	assert_int_equal(say(r, 1, "refused").error, 0);
	everything_is_sent(r, "1");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				      .incident = "KDL-25-000002",
				      .call_id = 4,
				      .state = "accepted" });
	calls_are(r, "siti refused, weleri refused, siti notified, weleri accepted, boja notified,"
		     " rt notified");
	merge(r);
	calls_are(r, "siti refused, weleri refused, siti notified, weleri accepted, boja stopped,"
		     " rt stopped");
}

static void whom_a_merged_fallback_has_called_hears_when_somebody_comes(void **state)
{
	struct pp_test_record *r = *state;

	night_begins(r, false);
	next_door(r);
	assert_int_equal(say(r, 2, "refused").error, 0);
	assert_int_equal(say(r, 1, "refused").error, 0);
	merge(r);
	calls_are(r, "siti refused, weleri refused, siti notified, weleri notified, boja expired,"
		     " rt expired");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				      .incident = "KDL-25-000002",
				      .call_id = 3,
				      .state = "accepted" });
	pp_test_text_is(r, "SELECT state FROM call WHERE contact = 'rt'", "stopped");
}

/* ---- one word about each ---- */

#define SECOND "KDL-25-000002"
#define THIRD "KDL-25-000003"
#define PART "KDL-25-000004"

static const char far_book[] =
	"tenant: kendal\n"
	"agencies:\n"
	"  weleri: {name: Damkar Weleri, kind: damkar, contacts: [piket], area: [all]}\n"
	"  boja: {name: Damkar Boja, kind: damkar, contacts: [piket], area: [all]}\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
	"  piket: {name: Pak Piket, role: piket, ways: [{mail: piket@example.id}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {agencies: {until: accepted, steps: [{call:"
	" [\"agency:weleri\", \"agency:boja\"], wait: 60s}]}}, fallback: {call: [rt], every:"
	" 60s}}\n";

/* Three incidents, and the fallback of each has called rt. Weleri's calls are 1, 3 and 5, Boja's 2,
 * 4 and 6, and rt's 7, 8 and 9. */
static void three_fall_back(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, far_book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	press_far(r, "boja-02");
	press_far(r, "boja-03");
	everything_is_sent(r, "1");
	tick(r, 62000);
	everything_is_sent(r, "1");
	pp_test_text_is(r,
		"SELECT group_concat(call_id || ' of ' || incident_id, ', ') FROM call"
		" WHERE contact = 'rt'",
		"7 of 1, 8 of 2, 9 of 3");
}

static void say_of(struct pp_test_record *r, const char *number, int64_t call_id, const char *state)
{
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						 .incident = number,
						 .call_id = call_id,
						 .state = state })
				 .out.action.error,
		0);
}

/* For so long others have it. */
static void somebody_comes_and_goes(struct pp_test_record *r, const char *number, int64_t call_id)
{
	say_of(r, number, call_id, "on-scene");
	say_of(r, number, call_id, "done");
	everything_is_sent(r, "1");
}

static void make_one(struct pp_test_record *r, const char *from, const char *into)
{
	assert_int_equal(action_apply(r,
				 (struct pp_action){
					 .type = PP_ACTION_MERGE, .incident = from, .other = into })
				 .out.action.error,
		0);
}

/* Boja-02 becomes the fourth. */
static void part_off(struct pp_test_record *r)
{
	assert_string_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_SPLIT,
						    .incident = NUMBER,
						    .post = "boja-02" })
				    .out.action.reason,
		PART);
	everything_is_sent(r, "1");
}

/* Of which incidents he has been told, one after the other, that others have it. */
static void rt_has_heard_of(struct pp_test_record *r, const char *incidents)
{
	pp_test_text_is(r,
		"SELECT coalesce(group_concat(incident_id, ' '), '') FROM (SELECT e.incident_id"
		" FROM notification n JOIN event e USING (event_id) WHERE purpose = 'stop'"
		" AND contact = 'rt' ORDER BY notification_id)",
		incidents);
}

static void call_is(struct pp_test_record *r, int64_t call_id, const char *want)
{
	char sql[100];

	snprintf(sql, sizeof(sql),
		"SELECT state || ' of ' || incident_id FROM call WHERE call_id = %lld",
		(long long)call_id);
	pp_test_text_is(r, sql, want);
}

static void the_word_about_what_is_left_is_none_about_what_joins_it_later(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	somebody_comes_and_goes(r, NUMBER, 1);
	rt_has_heard_of(r, "1");
	make_one(r, SECOND, NUMBER);
	call_is(r, 8, "expired of 1");
	say_of(r, NUMBER, 4, "accepted");
	call_is(r, 8, "stopped of 1");
	rt_has_heard_of(r, "1 1");
}

static void nobody_is_told_twice_where_nothing_has_joined_that_he_was_to_come_to(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	make_one(r, SECOND, NUMBER);
	somebody_comes_and_goes(r, NUMBER, 1);
	rt_has_heard_of(r, "1");
	say_of(r, THIRD, 9, "refused");
	make_one(r, THIRD, NUMBER);
	say_of(r, NUMBER, 6, "accepted");
	call_is(r, 5, "stopped of 1"); /* others hear that */
	acknowledge(r);
	rt_has_heard_of(r, "1");
}

/* The third comes to the first as a part of the second. */
static void the_word_is_none_about_what_joins_later_as_a_part_of_another(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	make_one(r, THIRD, SECOND);
	say_of(r, SECOND, 8, "refused");
	somebody_comes_and_goes(r, NUMBER, 1);
	rt_has_heard_of(r, "1");
	make_one(r, SECOND, NUMBER);
	call_is(r, 9, "expired of 1");
	say_of(r, NUMBER, 4, "accepted");
	call_is(r, 9, "stopped of 1");
	rt_has_heard_of(r, "1 1");
}

static void the_word_about_two_made_one_is_said_once_when_they_join_a_third(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	say_of(r, NUMBER, 7, "refused");
	make_one(r, THIRD, SECOND);
	somebody_comes_and_goes(r, SECOND, 3);
	rt_has_heard_of(r, "2");
	make_one(r, SECOND, NUMBER);
	say_of(r, NUMBER, 1, "accepted");
	rt_has_heard_of(r, "2");
}

static void the_word_about_two_made_one_is_said_once_when_they_are_parted(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	make_one(r, SECOND, NUMBER);
	somebody_comes_and_goes(r, NUMBER, 1);
	rt_has_heard_of(r, "1");
	part_off(r);
	call_is(r, 8, "stopped of 4");
	somebody_comes_and_goes(r, PART, 10);
	rt_has_heard_of(r, "1");
}

static void the_word_is_none_about_what_was_parted_from_it_and_joins_it_again(void **state)
{
	struct pp_test_record *r = *state;

	three_fall_back(r);
	make_one(r, SECOND, NUMBER);
	part_off(r);
	call_is(r, 8, "expired of 4");
	somebody_comes_and_goes(r, NUMBER, 1);
	rt_has_heard_of(r, "1");
	make_one(r, PART, NUMBER);
	call_is(r, 8, "expired of 1");
	say_of(r, NUMBER, 10, "accepted");
	call_is(r, 8, "stopped of 1");
	rt_has_heard_of(r, "1 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(whoever_comes_to_a_merged_one_comes_to_what_is_left),
		TEST(a_holder_holds_what_his_was_made_a_part_of),
		TEST(whoever_comes_is_not_told_to_stay_when_two_are_made_one),
		TEST(whoever_comes_to_what_is_left_is_not_told_to_stay),
		TEST(the_word_about_one_place_is_none_about_the_other),
		TEST(whom_a_fallback_has_called_need_not_come_to_where_somebody_comes),
		TEST(whom_a_merged_fallback_has_called_hears_when_somebody_comes),
		TEST(the_word_about_what_is_left_is_none_about_what_joins_it_later),
		TEST(nobody_is_told_twice_where_nothing_has_joined_that_he_was_to_come_to),
		TEST(the_word_is_none_about_what_joins_later_as_a_part_of_another),
		TEST(the_word_about_two_made_one_is_said_once_when_they_join_a_third),
		TEST(the_word_about_two_made_one_is_said_once_when_they_are_parted),
		TEST(the_word_is_none_about_what_was_parted_from_it_and_joins_it_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
