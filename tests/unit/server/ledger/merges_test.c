/* SPDX-License-Identifier: Apache-2.0 */
/* merges_test.c -- merging, splitting and linking: audited, repeatable, one winner. */
#include "fixture.h"

#include <errno.h>

#include "plan_put.h"
#include "store/incidents.h"

static int set_up(void **state)
{
	struct pp_test_record *r;

	assert_int_equal(record_set_up(state), 0);
	r = *state;
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"INSERT INTO post VALUES"
			" ('kendal', 'boja-03', 'Tiga', 'd1', '01', -7.1, 110.2, NULL, NULL, 1);"
			"INSERT INTO point SELECT tenant, post, 'panic-crime', 'panic', 'crime', 0,"
			" 'T', 'B' FROM post WHERE true ON CONFLICT DO NOTHING"),
		0);
	return 0;
}

static void press(struct pp_test_record *r, const char *post, int64_t seq, enum pp_class class,
	uint32_t flags)
{
	struct pp_signal s = pp_test_alarm(seq);
	struct pp_item *item;

	s.class = class;
	s.flags = flags;
	item = pp_test_signal_item(&s, PP_TEST_NOW);
	snprintf(item->post, sizeof(item->post), "%s", post);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static struct pp_item act(
	struct pp_test_record *r, enum pp_action_type type, const char *incident, const char *other)
{
	return action_apply(
		r, (struct pp_action){ .type = type, .incident = incident, .other = other });
}

#define PEOPLE                                                                                     \
	"tenant: kendal\n"                                                                         \
	"agencies:\n"                                                                              \
	"  weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}\n"             \
	"  sirene: {name: Sirene, kind: damkar, station: boja-02, area: [all]}\n"                  \
	"contacts:\n"                                                                              \
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"              \
	"plans:\n"                                                                                 \
	"  all:\n"                                                                                 \
	"    classes: [all]\n"                                                                     \
	"    area: [all]\n"                                                                        \
	"    rings:\n"
#define FALLBACK "    fallback: {call: [\"webhook:all\"], every: 60s}\n"
#define AGENCIES(whom)                                                                             \
	"      agencies: {until: accepted, steps: [{call: [\"agency:" whom "\"], wait: 60s}]}\n"
#define RINGS AGENCIES("weleri") FALLBACK
#define SIREN PEOPLE AGENCIES("sirene") FALLBACK

/* Two incidents, far from each other; their calls are 1 and 2, and whom they name has been told. */
static void two_called(struct pp_test_record *r, const char *book)
{
	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"),
		0);
}

/* With the code that stands in what was sent. */
static struct pp_action_result answer(struct pp_test_record *r, int64_t call_id, const char *verb)
{
	char code[8] = "", sql[120];
	struct pp_stmt *s;
	const char *at;

	snprintf(sql, sizeof(sql),
		"SELECT text FROM notification WHERE call_id = %d AND purpose = 'alarm'",
		(int)call_id);
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger), sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	at = strstr(pp_column_text(s, 0), "YA ");
	assert_non_null(at);
	memcpy(code, at + 3, 7);
	pp_stmt_reset(s);
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL_ANSWER,
				       .code = code,
				       .state = verb,
				       .actor = "server" })
		.out.action;
}

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

/* ---- who may come to what is left ---- */

static void holder_goes(struct pp_test_record *r, int64_t incident_id)
{
	struct pp_item *item = pp_item_new(PP_ITEM_RETURN);

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "user:siti");
	item->in.claim.incident_id = incident_id;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 6000), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void whoever_was_told_to_stay_by_a_merge_may_come_when_nobody_has_it(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000002", NULL);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "accepted").error, -EPERM);
	holder_goes(r, 2);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
}

static void whoever_has_refused_what_was_merged_may_change_his_mind(void **state)
{
	struct pp_test_record *r = *state;

	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 1, "refused").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 2", "dispatched");
}

static void time_passes(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_LADDERS);

	pp_ledger_set_uptime(r->ledger, uptime_ms);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + uptime_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

/* He comes to what is left, whose own fallback has not begun; and then he does not. */
static void who_was_coming_to_a_merged_one_comes_no_more_and_others_are_called(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, PEOPLE "      desk: {until: taken, steps: [{call: [\"role:operator\"], wait:"
			   " 15s}]}\n    fallback: {call: [\"contact:rt\"], every: 60s}\n");
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	time_passes(r, 17000);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	assert_int_equal(answer(r, 1, "refused").error, 0);
	time_passes(r, 50000);
	time_passes(r, 120000);
	pp_test_text_is(r,
		"SELECT group_concat(ring || ' ' || state || ' ' || accepted, ', ')"
		" FROM ladder_ring WHERE incident_id = 2",
		"desk spent 0, fallback running 0");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE incident_id = 2 AND"
					   " kind = 'ladder.step'"
					   " AND json_extract(body, '$.ring') = 'fallback'"),
		2);
}

/* ---- one that everybody has left ---- */

#define RINGS_ARE(id)                                                                              \
	"SELECT state || ' ' || trust || ' ' || (SELECT group_concat(ring || ' ' || state || ' '"  \
	" || accepted, ', ') FROM ladder_ring WHERE incident_id = " id " AND state <> 'none')"     \
	" FROM incident WHERE incident_id = " id
#define CALLS                                                                                      \
	"SELECT group_concat(call_id || ' ' || incident_id || ' ' || state, ', ') FROM call"

/* Whoever came to the first has gone home; the second rings. */
static void one_is_left(struct pp_test_record *r)
{
	two_called(r, PEOPLE RINGS);
	assert_int_equal(answer(r, 1, "accepted").error, 0);
	assert_int_equal(answer(r, 1, "on-scene").error, 0);
	assert_int_equal(answer(r, 1, "done").error, 0);
}

static void what_rings_rings_on_when_what_all_have_left_is_merged_into_it(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	act(r, PP_ACTION_MERGE, "KDL-25-000001", "KDL-25-000002");
	pp_test_text_is(r, RINGS_ARE("2"), "open 3 agencies running 0");
	/* Who comes and then does not is no lamp either. */
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r, RINGS_ARE("2"), "open 3 agencies spent 0, fallback running 0");
}

static void what_rings_and_is_merged_into_what_all_have_left_calls_anew(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got;

	one_is_left(r);
	got = act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	assert_string_equal(got.out.action.state, "open");
	pp_test_text_is(r, RINGS_ARE("1"), "open 3 agencies running 0");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 expired, 3 1 notified");
	pp_test_text_is(r,
		"SELECT group_concat(number) FROM event e JOIN incident i USING (incident_id)"
		" WHERE kind = 'incident.stood-down'",
		"KDL-25-000001");
	assert_int_equal(answer(r, 2, "accepted").error, 0); /* by the code of before, too */
	pp_test_text_is(r, RINGS_ARE("1"), "dispatched 3 agencies ended 1");
}

static void a_holder_of_what_is_merged_into_what_all_have_left_holds_it(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	act(r, PP_ACTION_ACKNOWLEDGE, "KDL-25-000002", NULL);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, RINGS_ARE("1"), "acknowledged 3 agencies running 0");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 expired, 3 1 notified");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'stop' AND contact <> ''"),
		0);
}

static void whoever_comes_to_what_is_merged_into_what_all_have_left_comes(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	assert_int_equal(answer(r, 2, "accepted").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, RINGS_ARE("1"), "dispatched 3 agencies ended 1");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 accepted");
	assert_int_equal(answer(r, 2, "refused").error, 0);
	pp_test_text_is(r, RINGS_ARE("1"), "open 3 agencies spent 0, fallback running 0");
}

static void two_that_all_have_left_call_nobody(void **state)
{
	struct pp_test_record *r = *state;

	one_is_left(r);
	assert_int_equal(answer(r, 2, "on-scene").error, 0);
	assert_int_equal(answer(r, 2, "done").error, 0);
	act(r, PP_ACTION_MERGE, "KDL-25-000002", "KDL-25-000001");
	pp_test_text_is(r, CALLS, "1 1 done, 2 1 done");
	pp_test_text_is(r, "SELECT state FROM incident WHERE incident_id = 1", "on-scene");
}

#define MERGE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, record_tear_down)

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
		MERGE_TEST(a_merge_under_the_hand_that_closes_is_not_closed_with_it),
		MERGE_TEST(a_part_is_looked_at_before_it_is_closed),
		MERGE_TEST(whoever_was_told_to_stay_by_a_merge_may_come_when_nobody_has_it),
		MERGE_TEST(whoever_has_refused_what_was_merged_may_change_his_mind),
		MERGE_TEST(who_was_coming_to_a_merged_one_comes_no_more_and_others_are_called),
		MERGE_TEST(what_rings_rings_on_when_what_all_have_left_is_merged_into_it),
		MERGE_TEST(what_rings_and_is_merged_into_what_all_have_left_calls_anew),
		MERGE_TEST(a_holder_of_what_is_merged_into_what_all_have_left_holds_it),
		MERGE_TEST(whoever_comes_to_what_is_merged_into_what_all_have_left_comes),
		MERGE_TEST(two_that_all_have_left_call_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
