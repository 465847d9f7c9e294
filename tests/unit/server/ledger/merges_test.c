/* SPDX-License-Identifier: Apache-2.0 */
/* merges_test.c -- merging, splitting and linking: audited, repeatable, one winner. */
#include "fixture.h"

#include <errno.h>

#include "merged.h"

static void two_incidents_of_one_event_become_one(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;
	int64_t events;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0); /* far away: not joined by itself */
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000001", NULL);
	got = act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(got.out.action.error, 0);
	assert_string_equal(got.out.action.reason, "KDL-25-000002");
	assert_string_equal(got.out.action.state, "acknowledged"); /* its lamp does not go back */
	assert_true(got.out.progress);
	assert_int_equal(got.out.also_count, 1);
	assert_int_equal(
		pp_test_number(r, "SELECT signals FROM incident WHERE incident_id = 2"), 2);
	pp_test_text_is(r,
		"SELECT state || ' ' || closing_code || ' ' || closed_by FROM incident"
		" WHERE incident_id = 1",
		"closed merged user:siti");
	pp_test_text_is(r,
		"SELECT group_concat(kind || ':' || actor, ' ') FROM (SELECT * FROM event WHERE"
		" kind IN ('incident.merged', 'incident.gathered') ORDER BY event_id)",
		"incident.merged:user:siti incident.gathered:user:siti");
	/* Once more: the same answer, and nothing is written. */
	events = pp_test_number(r, "SELECT count(*) FROM event");
	got = act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(got.out.action.error, 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
	/* A further press of either post belongs to what is left. */
	press(r, "boja-01", 2, PP_CLASS_CRIME, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT signals FROM incident WHERE incident_id = 2"), 3);
}

static void what_is_no_one_event_is_not_merged(void **state)
{
	static const struct {
		const char *from, *into, *why;
		int error;
	} cases[] = {
		{ "KDL-25-000001", "KDL-25-000001", "other: expected another incident", -EINVAL },
		{ "KDL-25-000001", "KDL-25-000099", "there is no such incident", -ENOENT },
		{ "KDL-25-000001", NULL, "there is no such incident", -ENOENT },
		{ "KDL-25-000002", "KDL-25-000001",
			"KDL-25-000002 is of class fire and KDL-25-000001 of class crime: link them"
			" instead",
			-EPERM },
		{ "KDL-25-000003", "KDL-25-000001",
			"KDL-25-000003 and KDL-25-000001 are not both real ones: convert the other"
			" first",
			-EPERM },
		{ "KDL-25-000004", "KDL-25-000001",
			"incident KDL-25-000004 is closed already, by user:siti", -EPERM },
		{ "KDL-25-000001", "KDL-25-000004",
			"incident KDL-25-000004 is closed already, by user:siti", -EPERM },
	};
	struct pp_test_record *r = *state;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-01", 2, PP_CLASS_FIRE, 0);
	press(r, "boja-01", 3, PP_CLASS_CRIME, PP_FLAG_DRILL);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000004", NULL);
	action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_CLOSE, .incident = "KDL-25-000004", .code = "prank" });
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_item got = act(r, PP_ACTION_MERGE, cases[i].from, cases[i].into);

		if (got.out.action.error != cases[i].error ||
			strcmp(got.out.action.reason, cases[i].why) != 0)
			fail_msg("case %zu: %d %s", i, got.out.action.error, got.out.action.reason);
	}
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'incident.merged'"), 0);
}

static void a_post_that_does_not_belong_gets_an_incident_of_its_own(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000001", NULL);
	got = action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-03" });
	assert_int_equal(got.out.action.error, 0);
	assert_string_equal(got.out.action.reason, "KDL-25-000002");
	assert_string_equal(got.out.action.state, "acknowledged"); /* by who has parted it */
	assert_string_equal(got.post, "boja-03");
	pp_test_text_is(r,
		"SELECT acknowledged_by || ' ' || post || ' ' || signals FROM incident"
		" WHERE incident_id = 2",
		"user:siti boja-03 1");
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 1", "split");
	got = action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-03" });
	assert_int_equal(got.out.action.error, -ENOENT); /* the second one is told so */
	got = action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-01" });
	assert_int_equal(got.out.action.error, -EPERM);
	/* Its next press goes to its own. */
	press(r, "boja-03", 2, PP_CLASS_CRIME, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT signals FROM incident WHERE incident_id = 2"), 2);
}

static void what_nobody_has_taken_rings_by_itself_after_the_split(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;
	int64_t queued;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	queued = pp_test_number(r, "SELECT count(*) FROM notification");
	got = action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-01" });
	assert_string_equal(got.out.action.state, "open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), queued + 2);
	pp_test_text_is(r, "SELECT post FROM incident WHERE incident_id = 1", "boja-03");
}

/* Weleri was told of boja-01, and comes; nobody at the desk has it. */
static void a_split_leaves_the_unit_where_it_was_sent(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action split = { .type = PP_ACTION_SPLIT,
		.incident = "KDL-25-000001",
		.post = "boja-01" };

	plan_put(r, PEOPLE RINGS);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	assert_int_equal(action_apply(r, split).out.action.error, -EPERM);
	split.post = "boja-03";
	assert_int_equal(action_apply(r, split).out.action.error, 0);
	pp_test_text_is(r, "SELECT group_concat(post || ' ' || state, ', ') FROM incident",
		"boja-01 dispatched, boja-03 open");
	pp_test_text_is(r, "SELECT state FROM call WHERE incident_id = 2", "notified");
}

static void links_are_made_and_ended_by_people(void **state)
{
	struct pp_test_record *r = *state;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_FIRE, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			act(r, PP_ACTION_LINK, "KDL-25-000001", "KDL-25-000002").out.action.error,
			0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'incident.linked'"), 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			act(r, PP_ACTION_UNLINK, "KDL-25-000002", "KDL-25-000001").out.action.error,
			0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident_link"), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'incident.unlinked'"),
		1);
}

/* Nobody has it: whoever was called for either may say yes, by the code that he was sent. */
static void a_yes_to_one_that_was_merged_is_a_yes(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'stop' AND contact <> ''"),
		0);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r,
		"SELECT state || ' ' || (SELECT accepted FROM ladder_ring WHERE incident_id = 2"
		" AND ring = 'agencies') FROM incident WHERE incident_id = 2",
		"dispatched 1");
	pp_test_text_is(r, "SELECT group_concat(state) FROM call", "accepted,stopped");
}

/* Also from a page that still shows the other. */
static void a_call_of_one_that_was_merged_is_known_by_its_number(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						 .incident = "KDL-25-000001",
						 .call_id = 1,
						 .state = "en-route" })
				 .out.action.error,
		0);
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
}

static void whoever_waits_for_a_merged_one_is_stopped_when_it_is_taken(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE "      neighbours: {until: taken, steps: [{call: [\"contact:rt\"],"
			     " wait: 60s}]}\n" FALLBACK);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000002", NULL);
	pp_test_text_is(r, "SELECT group_concat(state) FROM call", "stopped,stopped");
}

static void one_that_is_merged_into_what_somebody_comes_to_still_finds_somebody(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r,
		"SELECT state || taken || (SELECT state FROM ladder_ring WHERE incident_id = 2"
		" AND ring = 'fallback') FROM incident JOIN ladder USING (incident_id)"
		" WHERE incident_id = 2",
		"open0running");
}

static void a_siren_that_waits_stays_silent_when_its_incident_becomes_so(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, SIREN);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_FIRE, 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE channel = 'siren' AND incident_id = 2;"
				 "UPDATE incident SET class = 'crime' WHERE incident_id = 2"),
		0);
	press(r, "boja-01", 2, PP_CLASS_CRIME, PP_FLAG_SILENT);
	act(r, PP_ACTION_MERGE, "KDL-25-000003", "KDL-25-000001");
	act(r, PP_ACTION_MERGE, "KDL-25-000003", "KDL-25-000001");
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	pp_test_text_is(r,
		"SELECT group_concat(state || ' ' || purpose, ', ') FROM"
		" (SELECT * FROM notification WHERE channel = 'siren' ORDER BY notification_id)",
		"withdrawn alarm, sent alarm, queued stop");
}

/* Siti holds one and closes it; in that instant Budi makes another a part of it, that rings. */
static void a_merge_under_the_hand_that_closes_is_not_closed_with_it(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_action close = {
		.type = PP_ACTION_CLOSE, .incident = "KDL-25-000001", .code = "prank"
	};
	struct pp_action_result got;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000001", NULL);
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_MERGE,
				      .actor = "user:budi",
				      .incident = "KDL-25-000002",
				      .other = "KDL-25-000001" });
	got = action_apply(r, close).out.action;
	assert_int_equal(got.error, -EPERM);
	assert_string_equal(got.reason,
		"incident KDL-25-000001 has had a new alarm a moment ago: look at it first");
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 1", "acknowledged");
}

/* Whoever parts it holds the part; a press of that post may have come under his hand. */
static void a_part_is_looked_at_before_it_is_closed(void **state)
{
	struct pp_test_record *r = *state;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000001", NULL);
	(void)action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-03" });
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CLOSE,
						 .incident = "KDL-25-000002",
						 .code = "prank" })
				 .out.action.error,
		-EPERM);
}

/* ---- where whoever was called was sent ---- */

static struct pp_action_result split(struct pp_test_record *r, const char *post)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_SPLIT,
				       .incident = "KDL-25-000001",
				       .post = post })
		.out.action;
}

static void whoever_was_called_to_a_post_is_not_left_with_another_by_a_split(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, PEOPLE RINGS);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(split(r, "boja-01").error, -EPERM);
	assert_string_equal(split(r, "boja-01").reason,
		"whoever was called for incident KDL-25-000001 was sent to boja-01: split off the"
		" others");
	assert_int_equal(split(r, "boja-03").error, 0);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT group_concat(post || ' ' || state, ', ') FROM incident",
		"boja-01 dispatched, boja-03 open");
}

/* The second was made a part of the first by mistake. */
static void calls_of_what_was_merged_go_with_their_post_when_it_is_split_off(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	assert_int_equal(split(r, "boja-02").error, 0);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	pp_test_text_is(r, "SELECT group_concat(post || ' ' || state, ', ') FROM incident",
		"boja-01 open, boja-02 closed, boja-02 dispatched");
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT group_concat(post || ' ' || state, ', ') FROM incident",
		"boja-01 dispatched, boja-02 closed, boja-02 dispatched");
}

static void a_post_to_which_somebody_comes_is_not_split_off_without_him(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	assert_int_equal(split(r, "boja-02").error, -EPERM);
	/* Nor when he has been there: the other post would be the one that somebody came to. */
	assert_int_equal(answer(r, 2, "on-scene").error, 0);
	assert_int_equal(answer(r, 2, "done").error, 0);
	assert_int_equal(split(r, "boja-02").error, -EPERM);
}

static void an_alarm_that_is_merged_into_a_report_keeps_its_post(void **state)
{
	struct pp_test_record *r = *state;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_REPORT,
						 .class = "crime",
						 .desa = "d1",
						 .rw = "09",
						 .name = "Bu Sri",
						 .text = "Maling" })
				 .out.action.error,
		0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	pp_test_text_is(r, "SELECT post || ' ' || rw FROM incident WHERE incident_id = 2",
		"boja-01 09");
	/* ... and takes it along. */
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_SPLIT,
						 .incident = "KDL-25-000002",
						 .post = "boja-01" })
				 .out.action.error,
		0);
	pp_test_text_is(r, "SELECT group_concat(post || ' ' || rw, ', ') FROM incident",
		"boja-01 ,  09, boja-01 ");
}

/* A post whose disk hung has numbered it anew. */
static void press_again(struct pp_test_record *r, const char *post, uint64_t epoch)
{
	struct pp_signal s = pp_test_alarm(1);

	s.epoch = epoch;
	press_apply(r, post, &s);
}

static void a_press_that_comes_again_joins_where_people_have_put_it(void **state)
{
	static const char where[] = "SELECT group_concat(incident_id, ' ') FROM (SELECT * FROM"
				    " signal WHERE post = 'boja-03' ORDER BY signal_id)";
	static const char told[] = "SELECT count(*) FROM event WHERE kind IN"
				   " ('incident.opened', 'incident.signal')";
	struct pp_test_record *r = *state;
	int64_t events;

	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-03", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0); /* far away: incident 2 */
	pp_test_text_is(r, where, "1");
	action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_SPLIT, .incident = "KDL-25-000001", .post = "boja-03" });
	events = pp_test_number(r, told);
	press_again(r, "boja-03", 5);
	pp_test_text_is(r, where, "3 3");
	act(r, PP_ACTION_MERGE, "KDL-25-000003", "KDL-25-000002");
	press_again(r, "boja-03", 6);
	pp_test_text_is(r, where, "2 2 2");
	assert_int_equal(pp_test_number(r, told), events); /* nobody is told twice */
}

#define MERGE_TEST(name) cmocka_unit_test_setup_teardown(name, merged_set_up, record_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MERGE_TEST(two_incidents_of_one_event_become_one),
		MERGE_TEST(what_is_no_one_event_is_not_merged),
		MERGE_TEST(a_yes_to_one_that_was_merged_is_a_yes),
		MERGE_TEST(a_call_of_one_that_was_merged_is_known_by_its_number),
		MERGE_TEST(whoever_waits_for_a_merged_one_is_stopped_when_it_is_taken),
		MERGE_TEST(one_that_is_merged_into_what_somebody_comes_to_still_finds_somebody),
		MERGE_TEST(a_siren_that_waits_stays_silent_when_its_incident_becomes_so),
		MERGE_TEST(a_post_that_does_not_belong_gets_an_incident_of_its_own),
		MERGE_TEST(what_nobody_has_taken_rings_by_itself_after_the_split),
		MERGE_TEST(a_split_leaves_the_unit_where_it_was_sent),
		MERGE_TEST(links_are_made_and_ended_by_people),
		MERGE_TEST(whoever_was_called_to_a_post_is_not_left_with_another_by_a_split),
		MERGE_TEST(calls_of_what_was_merged_go_with_their_post_when_it_is_split_off),
		MERGE_TEST(a_post_to_which_somebody_comes_is_not_split_off_without_him),
		MERGE_TEST(an_alarm_that_is_merged_into_a_report_keeps_its_post),
		MERGE_TEST(a_merge_under_the_hand_that_closes_is_not_closed_with_it),
		MERGE_TEST(a_part_is_looked_at_before_it_is_closed),
		MERGE_TEST(a_press_that_comes_again_joins_where_people_have_put_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
