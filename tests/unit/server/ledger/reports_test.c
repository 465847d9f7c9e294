/* SPDX-License-Identifier: Apache-2.0 */
/* reports_test.c -- what people tell the desk, beside what buttons say. */
#include "fixture.h"

#include <errno.h>

#include "plan_put.h"

static struct pp_action report(void)
{
	return (struct pp_action){ .type = PP_ACTION_REPORT,
		.class = "fire",
		.desa = "d1",
		.rw = "01",
		.name = "Bu Sri",
		.text = "Api di belakang pasar" };
}

static void a_call_is_an_incident_that_its_writer_has_taken(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got = action_apply(r, report());

	assert_int_equal(got.out.action.error, 0);
	assert_string_equal(got.out.action.reason, "KDL-25-000001");
	assert_string_equal(got.out.action.state, "acknowledged");
	pp_test_text_is(r,
		"SELECT class || ' ' || post || '|' || desa || ' ' || rw || ' ' || trust ||"
		" ' ' || acknowledged_by FROM incident",
		"fire |d1 01 3 user:siti");
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE incident_id = 1"
		" AND kind LIKE 'incident.%' ORDER BY event_id)",
		"incident.opened incident.note incident.acknowledged");
	pp_test_text_is(r,
		"SELECT group_concat(value, '|') FROM (SELECT value FROM personal ORDER BY"
		" event_id)",
		"Bu Sri|Api di belakang pasar");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%Sri%'"), 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
}

static void a_call_and_a_button_stand_beside_each_other_and_one_act_merges_them(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;

	s.class = PP_CLASS_FIRE;
	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r, report());
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 2", "report");
	got = action_apply(r, (struct pp_action){ .type = PP_ACTION_MERGE,
				      .incident = "KDL-25-000002",
				      .other = "KDL-25-000001" });
	assert_int_equal(got.out.action.error, 0);
	assert_string_equal(got.out.action.state, "acknowledged");
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident WHERE incident_id = 1"), 3);
	assert_int_equal(
		pp_test_number(r, "SELECT reported FROM incident WHERE incident_id = 1"), 1);
}

static void a_press_after_a_call_of_its_post_opens_its_own_and_is_offered(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action a = report();
	struct pp_signal s = pp_test_alarm(1);

	a.desa = a.rw = NULL;
	a.post = "boja-01";
	action_apply(r, a);
	s.class = PP_CLASS_FIRE;
	assert_string_equal(signal_apply(r, &s, PP_TEST_NOW + 9000).out.incident, "KDL-25-000002");
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 2", "report");
	s.seq = 2;
	s.mono_ms++;
	assert_string_equal(signal_apply(r, &s, PP_TEST_NOW + 9500).out.incident, "KDL-25-000002");
}

static void the_same_report_again_changes_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action a = report();
	int64_t events;

	a.code = "k-1";
	action_apply(r, a);
	events = pp_test_number(r, "SELECT count(*) FROM event");
	assert_string_equal(action_apply(r, a).out.action.reason, "KDL-25-000001");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
	a.code = "k-2";
	assert_string_equal(action_apply(r, a).out.action.reason, "KDL-25-000002");
}

static void what_cannot_be_written_down_is_refused_with_the_reason(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action cases[8];
	static const int errors[] = { -EINVAL, -EINVAL, -EINVAL, -EINVAL, -ENOENT, -ENOENT, -EINVAL,
		-EINVAL };

	for (size_t i = 0; i < PP_COUNT(cases); i++)
		cases[i] = report();
	cases[0].class = "flood";
	cases[1].text = "";
	cases[2].post = "boja-01"; /* a post and a desa */
	cases[3].desa = NULL;      /* neither */
	cases[4].desa = "d9";
	cases[5].desa = NULL;
	cases[5].post = "nowhere";
	cases[6].name = "Bu\nSri";
	cases[7].state = "exercise";
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_item got = action_apply(r, cases[i]);

		if (got.out.action.error != errors[i] || !got.out.action.reason[0])
			fail_msg("case %zu: %d %s", i, got.out.action.error, got.out.action.reason);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 0);
}

static void an_exercise_on_paper_meets_exercises_only(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_action a = report();

	s.class = PP_CLASS_FIRE;
	signal_apply(r, &s, PP_TEST_NOW);
	a.state = "drill";
	action_apply(r, a);
	assert_int_equal(pp_test_number(r, "SELECT drill FROM incident WHERE incident_id = 2"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident_link"), 0);
}

#define PLAN(id, area, callee)                                                                     \
	"  " id ": {classes: [all], area: [" area "], rings: {agencies: {until: accepted, steps:" \
	" [{call: [" callee "], wait: 60s}]}}, fallback: {call: [" callee "], every: 60s}}\n"

static void a_call_from_a_desa_is_its_plans_and_names_the_place(void **state)
{
	struct pp_test_record *r = *state;

	plan_put(r, "tenant: kendal\n"
		    "contacts:\n"
		    "  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
		    "  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
		    "plans:\n" PLAN("all", "all", "siti") PLAN("near", "\"desa:d1\"", "rt"));
	action_apply(r, report());
	pp_test_text_is(r, "SELECT plan FROM ladder WHERE incident_id = 1", "near");
	pp_test_text_is(r, "SELECT substr(text, 1, 64) FROM notification WHERE channel = 'sms'",
		"KEBAKARAN KDL-25-000001: RW 01, Bebengan, Boja 01:40. Balas: YA ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_call_is_an_incident_that_its_writer_has_taken),
		RECORD_TEST(a_call_and_a_button_stand_beside_each_other_and_one_act_merges_them),
		RECORD_TEST(a_press_after_a_call_of_its_post_opens_its_own_and_is_offered),
		RECORD_TEST(the_same_report_again_changes_nothing),
		RECORD_TEST(what_cannot_be_written_down_is_refused_with_the_reason),
		RECORD_TEST(an_exercise_on_paper_meets_exercises_only),
		RECORD_TEST(a_call_from_a_desa_is_its_plans_and_names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
