/* SPDX-License-Identifier: Apache-2.0 */
/* signals_test.c -- what becomes of signals: I2, I3, I9 and promises 5 to 7 of the contract. */
#include "fixture.h"

#include <errno.h>

#define KINDS                                                                                      \
	"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event"                              \
	" WHERE kind NOT IN ('registry.imported', 'trouble.raised', 'incident.linked',"            \
	" 'ladder.step')"                                                                          \
	" ORDER BY event_id)"

static void an_alarm_opens_an_incident_with_everything_that_belongs_to_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got = signal_apply(r, &s, PP_TEST_NOW);

	assert_string_equal(got.out.incident, "KDL-25-000001");
	assert_false(got.out.duplicate);
	assert_false(got.out.progress);
	pp_test_text_is(r, KINDS, "incident.opened");
	pp_test_text_is(
		r, "SELECT actor FROM event WHERE kind = 'incident.opened'", "post:kendal/boja-01");
	pp_test_text_is(r, "SELECT body FROM event WHERE kind = 'incident.opened'",
		"{\"kind\":\"panic\",\"occurred\":1763750400000,\"occurred_by\":\"arrival\","
		"\"late\":false,\"signal_id\":1,\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1,"
		"\"number\":\"KDL-25-000001\",\"class\":\"crime\",\"silent\":false,\"drill\":false,"
		"\"unknown\":false,\"trust\":1,\"posts\":1,\"joined\":false}");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
	assert_int_equal(pp_test_number(r, "SELECT rev FROM incident"), 1);
	assert_int_equal(pp_test_number(r, "SELECT high FROM epoch"), 1);
}

static void a_duplicate_gets_the_same_answer_and_changes_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	int64_t events;

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger), "UPDATE incident SET state = 'closed'"), 0);
	events = pp_test_number(r, "SELECT count(*) FROM event");
	for (int i = 0; i < 3; i++) {
		struct pp_item got = signal_apply(r, &s, PP_TEST_NOW + 1000000);

		assert_true(got.out.duplicate);
		assert_string_equal(got.out.incident, "KDL-25-000001");
		pp_test_record_reopen(r);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
	assert_int_equal(pp_test_number(r, "SELECT signals FROM incident"), 1);
}

static void the_same_triple_with_other_content_is_a_conflict_and_the_first_stays(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;

	signal_apply(r, &s, PP_TEST_NOW);
	s.class = PP_CLASS_FIRE;
	got = signal_apply(r, &s, PP_TEST_NOW);
	assert_true(got.out.conflict);
	assert_false(got.out.duplicate);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal WHERE class = 'crime'"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 1);
}

static void the_same_number_of_another_epoch_or_post_is_another_signal(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item *item;

	signal_apply(r, &s, PP_TEST_NOW);
	s.epoch = 5;
	assert_false(signal_apply(r, &s, PP_TEST_NOW).out.duplicate);
	item = pp_test_signal_item(&s, PP_TEST_NOW);
	snprintf(item->post, sizeof(item->post), "%s", "boja-02");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	assert_false(item->out.duplicate);
	pp_item_free(item);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 3);
}

/* One signal after another, and the incident each belongs to. */
static void a_press_that_comes_again_under_another_epoch_opens_and_tells_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;
	int64_t events;

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger), "UPDATE incident SET state = 'closed'"), 0);
	events = pp_test_number(r, "SELECT count(*) FROM event");
	s.epoch = 5;
	got = signal_apply(r, &s, PP_TEST_NOW + 3000);
	assert_false(got.out.duplicate);
	assert_string_equal(got.out.incident, "KDL-25-000001");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM signal"), 2);
	s.seq = 2;
	s.mono_ms++;
	got = signal_apply(r, &s, PP_TEST_NOW + 3000);
	assert_string_equal(got.out.incident, "KDL-25-000002");
	s.epoch = 6;
	got = signal_apply(r, &s, PP_TEST_NOW + 60000); /* of another boot, by chance */
	assert_string_equal(got.out.incident, "KDL-25-000002");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'incident.signal'"), 1);
}
static void alarms_join_the_open_incident_of_their_class_only(void **state)
{
	static const struct {
		enum pp_class class;
		uint32_t flags;
		const char *sql; /* before it */
		const char *want;
	} steps[] = {
		{ PP_CLASS_CRIME, 0, NULL, "KDL-25-000001" },
		{ PP_CLASS_CRIME, 0, NULL, "KDL-25-000001" },
		{ PP_CLASS_FIRE, 0, NULL, "KDL-25-000002" },
		{ PP_CLASS_CRIME, PP_FLAG_DRILL, NULL, "KDL-25-000003" },
		{ PP_CLASS_CRIME, 0,
			"UPDATE incident SET state = 'on-scene', acknowledged_by = 'user:siti'",
			"KDL-25-000001" },
		{ PP_CLASS_CRIME, 0, "UPDATE incident SET state = 'closed'", "KDL-25-000004" },
		{ PP_CLASS_FIRE, 0, NULL, "KDL-25-000005" },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_signal s = pp_test_alarm((int64_t)i + 1);
		struct pp_item got;

		if (steps[i].sql)
			assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), steps[i].sql), 0);
		s.class = steps[i].class;
		s.flags = steps[i].flags;
		got = signal_apply(r, &s, PP_TEST_NOW);
		if (strcmp(got.out.incident, steps[i].want) != 0)
			fail_msg("step %zu: %s, want %s", i, got.out.incident, steps[i].want);
		assert_int_equal(got.out.progress, i == 4);
	}
	pp_test_text_is(r, KINDS,
		"incident.opened incident.signal incident.opened incident.opened incident.signal"
		" incident.opened incident.opened");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 14);
	assert_int_equal(pp_test_number(r, "SELECT signals FROM incident LIMIT 1"), 3);
	assert_int_equal(pp_test_number(r, "SELECT rev FROM incident LIMIT 1"), 3);
}

static void a_fact_after_its_alarm_is_told_at_once(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal alarm = pp_test_alarm(1), restore = pp_test_alarm(2),
			 cancel = pp_test_alarm(3);
	struct pp_item got;

	restore.type = PP_SIGNAL_RESTORE;
	restore.cause = 1;
	cancel.type = PP_SIGNAL_CANCEL; /* without cause: the newest alarm of its point */
	signal_apply(r, &alarm, PP_TEST_NOW);
	got = signal_apply(r, &restore, PP_TEST_NOW + 1);
	assert_string_equal(got.out.incident, "KDL-25-000001");
	signal_apply(r, &cancel, PP_TEST_NOW + 2);
	pp_test_text_is(r, KINDS, "incident.opened incident.restore incident.cancel");
	assert_int_equal(pp_test_number(r, "SELECT restored FROM incident"), 1);
	pp_test_text_is(r, "SELECT state FROM incident", "open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
}

static void a_fact_before_its_alarm_waits_for_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal alarm = pp_test_alarm(1), restore = pp_test_alarm(2),
			 cancel = pp_test_alarm(3);
	struct pp_item got;

	restore.type = PP_SIGNAL_RESTORE;
	cancel.type = PP_SIGNAL_CANCEL;
	restore.cause = cancel.cause = 1;
	got = signal_apply(r, &cancel, PP_TEST_NOW);
	assert_string_equal(got.out.incident, "");
	signal_apply(r, &restore, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE incident_id > 0"), 0);
	pp_test_record_reopen(r);
	signal_apply(r, &alarm, PP_TEST_NOW + 5);
	pp_test_text_is(r, KINDS, "incident.opened incident.restore incident.cancel");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM signal WHERE incident_id IS NULL"), 0);
	assert_true(signal_apply(r, &restore, PP_TEST_NOW).out.duplicate);
	assert_string_equal(signal_apply(r, &restore, PP_TEST_NOW).out.incident, "KDL-25-000001");
}

static void what_is_not_understood_opens_an_unspecified_incident_and_a_trouble(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	snprintf(s.point, sizeof(s.point), "%s", "panic-red");
	signal_apply(r, &s, PP_TEST_NOW);
	pp_test_text_is(r, "SELECT class FROM incident", "unspecified");
	pp_test_text_is(r, "SELECT point || ' ' || kind FROM trouble", "panic-red unknown-point");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'trouble.raised'"), 1);
	s.seq = 2;
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'trouble.raised'"), 1);
	/* The registry learns of the point, and the post speaks again. */
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "INSERT INTO point VALUES ('kendal', 'boja-01', 'panic-red',"
				 " 'panic', 'crime', 0, 'Merah', 'Red')"),
		0);
	s.seq = 3;
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM trouble"), 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 2);
}

static void a_silent_point_makes_a_silent_incident(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	snprintf(s.point, sizeof(s.point), "%s", "panic-silent");
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT silent FROM incident"), 1);
}

static void troubles_begin_and_end_in_the_order_of_their_post(void **state)
{
	static const struct {
		int64_t seq;
		enum pp_signal_type type;
		const char *detail;
		int64_t want;
	} steps[] = {
		{ 2, PP_SIGNAL_TROUBLE_RESTORE, "", 0 }, /* overtook its trouble */
		{ 1, PP_SIGNAL_TROUBLE, "", 0 }, { 5, PP_SIGNAL_TROUBLE, "", 1 },
		{ 4, PP_SIGNAL_TROUBLE_RESTORE, "", 1 }, /* of an earlier one */
		{ 6, PP_SIGNAL_TROUBLE, "stuck", 2 }, { 7, PP_SIGNAL_TROUBLE_RESTORE, "stuck", 1 },
		{ 8, PP_SIGNAL_TROUBLE, "chatter", 2 },
		{ 9, PP_SIGNAL_TROUBLE_RESTORE, "", 0 }, /* all of the point */
		{ 11, PP_SIGNAL_TROUBLE, "stuck", 1 }, { 13, PP_SIGNAL_TROUBLE, "chatter", 2 },
		{ 12, PP_SIGNAL_TROUBLE_RESTORE, "", 1 }, /* only what was before it */
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_signal s = pp_test_alarm(steps[i].seq);
		int64_t got;

		snprintf(s.point, sizeof(s.point), "%s", "mains");
		snprintf(s.detail, sizeof(s.detail), "%s", steps[i].detail);
		s.kind = PP_KIND_MAINS;
		s.type = steps[i].type;
		s.class = PP_CLASS_UNSPECIFIED;
		signal_apply(r, &s, PP_TEST_NOW);
		got = pp_test_number(r, "SELECT count(*) FROM trouble");
		if (got != steps[i].want)
			fail_msg("step %zu: %d troubles, want %d", i, (int)got, (int)steps[i].want);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'trouble.ended'"), 4);
}

static void lost_numbers_close_the_gap(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal first = pp_test_alarm(1), told = pp_test_alarm(4),
			 found = pp_test_alarm(3);

	told.type = PP_SIGNAL_TROUBLE;
	told.kind = PP_KIND_POST;
	told.point[0] = '\0';
	snprintf(told.detail, sizeof(told.detail), "%s", "storage");
	told.lost[0] = 2;
	told.lost[1] = 3;
	told.lost_count = 2;
	signal_apply(r, &first, PP_TEST_NOW);
	signal_apply(r, &told, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT high FROM epoch"), 4);
	/* What was thought lost and comes after all is taken. */
	assert_false(signal_apply(r, &found, PP_TEST_NOW).out.duplicate);
	assert_int_equal(pp_test_number(r, "SELECT signals FROM incident"), 2);
	pp_test_text_is(r, "SELECT kind FROM trouble", "storage");
}

static void late_alarms_are_dated_by_their_boot_and_marked(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;

	state_apply(r, state_item(17, 500000, PP_TEST_NOW));
	s.mono_ms = 500000 - 300000;
	pp_test_record_reopen(r);
	got = signal_apply(r, &s, PP_TEST_NOW + 1000);
	assert_true(got.out.late);
	assert_int_equal(pp_test_number(r, "SELECT occurred FROM incident"), PP_TEST_NOW - 300000);
	assert_int_equal(pp_test_number(r, "SELECT late FROM incident"), 1);
	pp_test_text_is(r, "SELECT occurred_by FROM signal", "mono");
}

static void a_wrong_clock_of_a_post_is_a_trouble_until_it_is_right(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	state_apply(r, state_item(17, 100001, PP_TEST_NOW));
	s.at_ms = PP_TEST_NOW - 60000;
	signal_apply(r, &s, PP_TEST_NOW);
	pp_test_text_is(r, "SELECT kind FROM trouble", "clock");
	assert_int_equal(pp_test_number(r, "SELECT occurred FROM signal"), PP_TEST_NOW);
	s.seq = 2;
	s.at_ms = PP_TEST_NOW + 10;
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM trouble"), 0);
}

static void a_test_is_a_fact_and_no_incident(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	s.type = PP_SIGNAL_TEST;
	signal_apply(r, &s, PP_TEST_NOW);
	pp_test_text_is(r, KINDS, "signal.test");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_alarm_opens_an_incident_with_everything_that_belongs_to_it),
		RECORD_TEST(a_duplicate_gets_the_same_answer_and_changes_nothing),
		RECORD_TEST(the_same_triple_with_other_content_is_a_conflict_and_the_first_stays),
		RECORD_TEST(the_same_number_of_another_epoch_or_post_is_another_signal),
		RECORD_TEST(a_press_that_comes_again_under_another_epoch_opens_and_tells_nothing),
		RECORD_TEST(alarms_join_the_open_incident_of_their_class_only),
		RECORD_TEST(a_fact_after_its_alarm_is_told_at_once),
		RECORD_TEST(a_fact_before_its_alarm_waits_for_it),
		RECORD_TEST(what_is_not_understood_opens_an_unspecified_incident_and_a_trouble),
		RECORD_TEST(a_silent_point_makes_a_silent_incident),
		RECORD_TEST(troubles_begin_and_end_in_the_order_of_their_post),
		RECORD_TEST(lost_numbers_close_the_gap),
		RECORD_TEST(late_alarms_are_dated_by_their_boot_and_marked),
		RECORD_TEST(a_wrong_clock_of_a_post_is_a_trouble_until_it_is_right),
		RECORD_TEST(a_test_is_a_fact_and_no_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
