/* SPDX-License-Identifier: Apache-2.0 */
/* gather_test.c -- alarms of neighbouring posts in one record. */
#include "fixture.h"

#include "incidents/place.h"
#include "plan_put.h"
#include "store/incidents.h"

/* boja-03 stands in the RW of boja-01; boja-04, -05 by its side; the site's boja-02 far away. */
#define PANIC_POINTS                                                                               \
	"INSERT INTO point SELECT tenant, post, 'panic-crime', 'panic', 'crime', 0, 'T', 'B'"      \
	" FROM post WHERE true ON CONFLICT DO NOTHING"
static const char neighbours[] =
	"INSERT INTO post VALUES"
	" ('kendal', 'boja-03', 'Tiga', 'd1', '01', -7.11, 110.2, NULL, NULL, 1),"
	" ('kendal', 'boja-04', 'Empat', 'd1', '04', -7.101, 110.2, NULL, NULL, 1),"
	" ('kendal', 'boja-05', 'Lima', 'd1', '05', -7.099, 110.2, NULL, NULL, 1);" PANIC_POINTS;

static int set_up(void **state)
{
	struct pp_test_record *r;

	assert_int_equal(record_set_up(state), 0);
	r = *state;
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), neighbours), 0);
	return 0;
}

struct press {
	const char *post;
	int64_t seq, after_s;
	enum pp_class class;
	uint32_t flags;
};

/* The number of the incident that it belongs to: "KDL-25-00000N". */
static int press(struct pp_test_record *r, const struct press *p)
{
	struct pp_signal s = pp_test_alarm(p->seq);
	struct pp_item *item;
	int number;

	s.class = p->class;
	s.flags = p->flags;
	item = pp_test_signal_item(&s, PP_TEST_NOW + p->after_s * 1000);
	snprintf(item->post, sizeof(item->post), "%s", p->post);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, item->arrived_ms), 0);
	assert_int_equal(item->error, 0);
	number = item->out.incident[strlen(item->out.incident) - 1] - '0';
	pp_item_free(item);
	return number;
}

static void alarms_of_one_place_and_time_become_one_incident(void **state)
{
	static const struct {
		struct press press;
		int incident;
	} steps[] = {
		{ { "boja-01", 1, 0, PP_CLASS_CRIME, 0 }, 1 },
		{ { "boja-02", 1, 5, PP_CLASS_CRIME, 0 }, 2 }, /* another village */
		{ { "boja-03", 1, 60, PP_CLASS_CRIME, 0 }, 1 },
		{ { "boja-04", 1, 90, PP_CLASS_FIRE, 0 }, 3 },   /* never hides in the first */
		{ { "boja-04", 2, 100, PP_CLASS_CRIME, 0 }, 1 }, /* the third post */
		{ { "boja-05", 1, 110, PP_CLASS_CRIME, PP_FLAG_DRILL }, 4 },
		{ { "boja-05", 2, 120, PP_CLASS_CRIME, PP_FLAG_SILENT }, 5 },
		{ { "boja-01", 2, 5000, PP_CLASS_CRIME, 0 }, 1 }, /* still open, its own post */
		{ { "boja-03", 2, 5700, PP_CLASS_CRIME, 0 }, 1 }, /* the same */
		{ { "boja-05", 3, 9999, PP_CLASS_CRIME, 0 },
			6 }, /* what is heard joins no silent one */
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		int got = press(r, &steps[i].press);

		if (got != steps[i].incident)
			fail_msg("step %zu: got %d, want %d", i, got, steps[i].incident);
	}
	assert_int_equal(pp_test_number(r, "SELECT posts FROM incident WHERE incident_id = 1"), 3);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident WHERE incident_id = 1"), 4);
	assert_int_equal(
		pp_test_number(r, "SELECT signals FROM incident WHERE incident_id = 1"), 5);
	pp_test_text_is(r,
		"SELECT group_concat(why, ' ') FROM (SELECT why FROM incident_link"
		" WHERE other_id = 1 ORDER BY incident_id)",
		"class silent");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'incident.linked'"),
		2 * pp_test_number(r, "SELECT count(*) / 2 FROM incident_link"));
}

static void each_post_that_joins_is_told_anew_and_says_so(void **state)
{
	struct pp_test_record *r = *state;

	press(r, &(struct press){ "boja-01", 1, 0, PP_CLASS_CRIME, 0 });
	press(r, &(struct press){ "boja-03", 1, 1, PP_CLASS_CRIME, 0 });
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 4);
	pp_test_text_is(r,
		"SELECT kind || ' ' || post || ' ' || (body ->> 'joined') || ' ' ||"
		" (body ->> 'posts') || ' ' || (body ->> 'trust') FROM event"
		" ORDER BY event_id DESC LIMIT 1",
		"incident.signal boja-03 1 2 3");
	pp_test_text_is(r,
		"SELECT body ->> '$.post.id' FROM notification ORDER BY notification_id DESC"
		" LIMIT 1",
		"boja-03");
}

static void a_closed_one_is_never_joined_but_shown_beside_it(void **state)
{
	struct pp_test_record *r = *state;

	press(r, &(struct press){ "boja-01", 1, 0, PP_CLASS_CRIME, 0 });
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE incident SET state = 'closed', closed = 1"),
		0);
	assert_int_equal(press(r, &(struct press){ "boja-03", 1, 60, PP_CLASS_CRIME, 0 }), 2);
	assert_int_equal(press(r, &(struct press){ "boja-01", 2, 61, PP_CLASS_CRIME, 0 }), 2);
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 2", "closed");
}

static void each_post_hears_of_its_own_presses_in_what_they_joined(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_open_press open[PP_OPEN_MAX];
	struct pp_origin o;
	struct pp_item got;
	size_t count;

	press(r, &(struct press){ "boja-01", 1, 0, PP_CLASS_CRIME, 0 });
	press(r, &(struct press){ "boja-03", 7, 1, PP_CLASS_CRIME, 0 });
	got = action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	assert_true(got.out.progress);
	assert_string_equal(got.post, "boja-01");
	assert_int_equal(got.out.also_count, 1);
	assert_string_equal(got.out.also[0], "boja-03");
	pp_origin_init(&o, "kendal", "boja-03", 0x9f3c2a77d01b44e2);
	assert_int_equal(pp_store_open_presses(pp_ledger_db(r->ledger), &o, 0, open, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(open[0].seq, 7);
	assert_int_equal(open[0].step, PP_STEP_ACKNOWLEDGED);
	assert_string_equal(open[0].incident, "KDL-25-000001");
}

static void a_press_that_is_held_or_repeated_elsewhere_is_trusted_more(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 1);
	s = (struct pp_signal){ .epoch = s.epoch,
		.seq = 2,
		.boot = 17,
		.mono_ms = 103001,
		.at_ms = PP_AT_UNKNOWN,
		.point = "panic-crime",
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_RESTORE,
		.cause = 1 };
	signal_apply(r, &s, PP_TEST_NOW + 3000);
	assert_int_equal(pp_test_number(r, "SELECT trust FROM incident"), 2);
}

static void so_many_posts_make_one_incident_and_the_next_one_stands_beside_it(void **state)
{
	struct pp_test_record *r = *state;
	char post[24], sql[400];

	for (int i = 0; i <= PP_PLACE_POSTS_MAX; i++) {
		snprintf(post, sizeof(post), "p-%02d", i);
		snprintf(sql, sizeof(sql),
			"INSERT INTO post VALUES ('kendal', '%s', 'P', 'd1', '77', -7.5, 110.2,"
			" NULL, NULL, 1);" PANIC_POINTS,
			post);
		assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), sql), 0);
		assert_int_equal(press(r, &(struct press){ post, 1, i, PP_CLASS_DISASTER, 0 }),
			i < PP_PLACE_POSTS_MAX ? 1 : 2);
	}
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 2", "full");
}

static const char plan[] =
	"tenant: kendal\n"
	"agencies: {weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}}\n"
	"contacts: {rt: {name: Pak Budi, role: rt, ways: [{sms: \"+6281234567890\"}]}}\n"
	"plans:\n"
	"  all:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      agencies: {until: accepted, steps: [{call: [\"agency:weleri\"], wait: 60s}]}\n"
	"    fallback: {call: [\"webhook:all\"], every: 60s}\n";

static void say(struct pp_test_record *r, const char *verb)
{
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
						 .incident = "KDL-25-000001",
						 .call_id = 1,
						 .state = verb })
				 .out.action.error,
		0);
}

/* The desk sleeps, and nobody has closed it. */
static void a_press_after_all_have_gone_home_calls_anew(void **state)
{
	static const char *const verbs[] = { "accepted", "on-scene", "done" };
	static const struct press again = { "boja-01", 2, 300, PP_CLASS_CRIME, 0 },
				  neighbour = { "boja-03", 1, 310, PP_CLASS_CRIME, 0 };
	struct pp_test_record *r = *state;

	plan_put(r, plan);
	press(r, &(struct press){ "boja-01", 1, 0, PP_CLASS_CRIME, 0 });
	for (size_t i = 0; i < PP_COUNT(verbs); i++)
		say(r, verbs[i]);
	assert_int_equal(press(r, &again), 2);
	assert_int_equal(press(r, &neighbour), 2); /* not what they have left */
	pp_test_text_is(r,
		"SELECT group_concat(state || ' ' || signals, ', ') FROM incident",
		"on-scene 1, open 2");
	pp_test_text_is(r, "SELECT why FROM incident_link WHERE incident_id = 2", "later");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM call WHERE state = 'notified'"), 1);
	pp_test_text_is(r, "SELECT group_concat(state) FROM ladder_ring WHERE incident_id = 2",
		"running");
}

static void a_press_long_after_somebody_took_it_calls_anew(void **state)
{
	static const struct press soon = { "boja-01", 2, 600, PP_CLASS_CRIME, 0 },
				  later = { "boja-01", 3, 1201, PP_CLASS_CRIME, 0 };
	struct pp_test_record *r = *state;

	plan_put(r, plan);
	press(r, &(struct press){ "boja-01", 1, 0, PP_CLASS_CRIME, 0 });
	action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
				.actor = "ctl:root",
				.incident = "KDL-25-000001" });
	assert_int_equal(press(r, &soon), 1);
	assert_int_equal(press(r, &later), 2);
	pp_test_text_is(r, "SELECT group_concat(state) FROM incident", "acknowledged,open");
}

static const char village[] =
	"tenant: kendal\n"
	"contacts: {siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}}\n"
	"plans:\n"
	"  all:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: [\"role:operator\"], wait: 15s}]}\n"
	"      neighbours: {until: taken, steps: [{call: [\"contact:siti\"], wait: 60s}]}\n"
	"    fallback: {call: [\"webhook:all\"], every: 60s}\n";

/* Alarms of five minutes ago start no neighbours; one of this minute does. */
static void a_fresh_press_into_a_late_incident_calls_the_neighbours(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, village);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	state_apply(r, state_item(17, 500000, PP_TEST_NOW));
	for (int i = 0; i < 2; i++) {
		s.seq = i + 1;
		s.mono_ms = 500000 - 300000 + i;
		assert_true(signal_apply(r, &s, PP_TEST_NOW + 1000).out.late);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call"), 0);
	s.seq = 3;
	s.mono_ms = 501500;
	assert_false(signal_apply(r, &s, PP_TEST_NOW + 2000).out.late);
	pp_test_text_is(r, "SELECT signals || late FROM incident", "30");
	pp_test_text_is(r, "SELECT group_concat(contact || state) FROM call", "sitinotified");
	/* Once. */
	s.seq = 4;
	(void)signal_apply(r, &s, PP_TEST_NOW + 2500);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call"), 1);
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, record_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(alarms_of_one_place_and_time_become_one_incident),
		PLACE_TEST(each_post_that_joins_is_told_anew_and_says_so),
		PLACE_TEST(a_closed_one_is_never_joined_but_shown_beside_it),
		PLACE_TEST(each_post_hears_of_its_own_presses_in_what_they_joined),
		PLACE_TEST(a_press_that_is_held_or_repeated_elsewhere_is_trusted_more),
		PLACE_TEST(a_press_after_all_have_gone_home_calls_anew),
		PLACE_TEST(a_press_long_after_somebody_took_it_calls_anew),
		PLACE_TEST(a_fresh_press_into_a_late_incident_calls_the_neighbours),
		PLACE_TEST(so_many_posts_make_one_incident_and_the_next_one_stands_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
