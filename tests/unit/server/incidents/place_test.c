/* SPDX-License-Identifier: Apache-2.0 */
/* place_test.c -- the whole table of what belongs together, and each of its numbers from both
 * sides. */
#include "incidents/place.h"

#include "pospin_test.h"

#define T0 INT64_C(1763750400000)
#define MINUTE INT64_C(60000)
#define METRE (1 / 111195.0) /* of latitude */

static const struct pp_place here = { "boja-01", "d1", "01", -7.1, 110.2 };
/* In the same RW; 299 m and 301 m away in another one; another village. */
static const struct pp_place same_rw = { "boja-02", "d1", "01", -7.3, 110.4 };
static const struct pp_place close_by = { "boja-03", "d1", "02", -7.1 + 299 * METRE, 110.2 };
static const struct pp_place too_far = { "boja-04", "d1", "02", -7.1 + 301 * METRE, 110.2 };
static const struct pp_place elsewhere = { "weleri-01", "d2", "01", -6.9, 110.0 };

/* An open crime of `here`, from T0 to ten minutes later. */
static struct pp_place_incident incident_make(void)
{
	return (struct pp_place_incident){ .place = here,
		.class = PP_CLASS_CRIME,
		.open = true,
		.first_ms = T0,
		.newest_ms = T0 + 10 * MINUTE };
}

static struct pp_place_alarm alarm_make(const struct pp_place *place)
{
	return (struct pp_place_alarm){
		.place = *place, .class = PP_CLASS_CRIME, .occurred_ms = T0 + 12 * MINUTE
	};
}

static void answer_is(const char *what, const struct pp_place_incident *i,
	const struct pp_place_alarm *a, enum pp_place_match match, const char *why)
{
	struct pp_place_answer got = pp_place_match(i, a);

	if (got.match != match || strcmp(got.why, why) != 0)
		fail_msg("%s: got %d '%s', want %d '%s'", what, got.match, got.why, match, why);
}

static void near_is_the_same_rw_or_three_hundred_metres(void **state)
{
	static const struct pp_place nowhere = { "", "", "", 0, 0 };
	static const struct pp_place rw_of_other_desa = { "x", "d2", "01", -7.3, 110.4 };
	static const struct pp_place east = { "x", "d3", "", -7.1, 110.2 + 299 * METRE / 0.9923 };
	static const struct pp_place east_far = { "x", "d3", "", -7.1,
		110.2 + 302 * METRE / 0.9923 };
	static const struct {
		const struct pp_place *place;
		bool near;
	} cases[] = { { &here, true }, { &same_rw, true }, { &close_by, true }, { &too_far, false },
		{ &elsewhere, false }, { &rw_of_other_desa, false }, { &nowhere, false },
		{ &east, true }, { &east_far, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (pp_place_is_near(&here, cases[i].place) != cases[i].near ||
			pp_place_is_near(cases[i].place, &here) != cases[i].near)
			fail_msg("case %zu", i);
	}
	assert_false(pp_place_is_near(&nowhere, &nowhere)); /* unknown places are not one place */
}

static void metres_are_known_where_both_places_are(void **state)
{
	const struct pp_place a = { "a", "", "", -7, 110 }, b = { "b", "", "", -7.002, 110 },
			      c = { "c", "", "", 0, 0 }, d = { "d", "", "", -7, 111 };

	(void)state;
	assert_true(pp_place_metres(&a, &a) < 0.001);
	assert_true(pp_place_metres(&a, &b) > 222.3 && pp_place_metres(&a, &b) < 222.5);
	assert_true(pp_place_metres(&a, &d) > 110000 && pp_place_metres(&a, &d) < 111000);
	assert_true(pp_place_metres(&a, &c) < 0);
}

static void an_alarm_joins_what_is_near_in_place_and_time(void **state)
{
	static const struct {
		const struct pp_place *place;
		int64_t after_ms; /* of the first signal */
		enum pp_place_match match;
	} cases[] = {
		/* Its own post: as long as it is open, and a little before it. */
		{ &here, 0, PP_PLACE_JOIN_POST },
		{ &here, 10000 * MINUTE, PP_PLACE_JOIN_POST },
		{ &here, -10 * MINUTE, PP_PLACE_JOIN_POST },
		{ &here, -10 * MINUTE - 1, PP_PLACE_NONE },
		/* A neighbour: around its signals. */
		{ &same_rw, 20 * MINUTE, PP_PLACE_JOIN },
		{ &same_rw, 20 * MINUTE + 1, PP_PLACE_NONE },
		{ &same_rw, -10 * MINUTE, PP_PLACE_JOIN },
		{ &same_rw, -10 * MINUTE - 1, PP_PLACE_NONE },
		{ &close_by, 12 * MINUTE, PP_PLACE_JOIN },
		{ &too_far, 12 * MINUTE, PP_PLACE_NONE },
		{ &elsewhere, 12 * MINUTE, PP_PLACE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pp_place_incident incident = incident_make();
		struct pp_place_alarm alarm = alarm_make(cases[i].place);
		char what[24];

		alarm.occurred_ms = T0 + cases[i].after_ms;
		snprintf(what, sizeof(what), "case %zu", i);
		answer_is(what, &incident, &alarm, cases[i].match, "");
	}
}

static void what_is_not_one_event_is_linked_with_its_reason(void **state)
{
	struct pp_place_incident i = incident_make();
	struct pp_place_alarm a = alarm_make(&same_rw), own = alarm_make(&here);

	(void)state;
	a.class = own.class = PP_CLASS_FIRE;
	answer_is("class", &i, &a, PP_PLACE_LINK, "class");
	answer_is("class, own post", &i, &own, PP_PLACE_LINK, "class");
	a.class = own.class = PP_CLASS_CRIME;
	i.open = false;
	answer_is("closed", &i, &a, PP_PLACE_LINK, "closed");
	answer_is("a press after closing", &i, &own, PP_PLACE_LINK, "closed");
	a.class = PP_CLASS_FIRE;
	answer_is("closed, of another class", &i, &a, PP_PLACE_LINK, "class");
	own.occurred_ms = T0 + 21 * MINUTE;
	answer_is("long after closing", &i, &own, PP_PLACE_NONE, "");
	i = incident_make();
	i.full = true;
	answer_is("full", &i,
		&(struct pp_place_alarm){ same_rw, PP_CLASS_CRIME, PP_MARK_REAL, false, false, T0 },
		PP_PLACE_LINK, "full");
	assert_true(pp_place_suggests("full"));
	assert_true(pp_place_suggests("report"));
	assert_false(pp_place_suggests("class"));
}

/* Of what was taken nobody is called any more. */
static void an_alarm_after_all_have_gone_or_long_after_is_an_incident_of_its_own(void **state)
{
	static const struct {
		const struct pp_place *place;
		bool taken, left;
		int64_t after_ms; /* of the first signal; the newest is of ten minutes */
		enum pp_place_match match;
		const char *why;
	} cases[] = {
		{ &here, true, false, 20 * MINUTE, PP_PLACE_JOIN_POST, "" },
		{ &here, true, false, 20 * MINUTE + 1, PP_PLACE_LINK, "later" },
		{ &here, true, true, 11 * MINUTE, PP_PLACE_LINK, "later" },
		{ &here, false, true, 11 * MINUTE, PP_PLACE_JOIN_POST, "" },
		{ &here, false, true, 10000 * MINUTE, PP_PLACE_JOIN_POST, "" },
		{ &here, true, false, -10 * MINUTE, PP_PLACE_JOIN_POST, "" },
		{ &here, true, false, -10 * MINUTE - 1, PP_PLACE_NONE, "" },
		{ &same_rw, true, false, 20 * MINUTE, PP_PLACE_JOIN, "" },
		{ &same_rw, true, true, 20 * MINUTE, PP_PLACE_LINK, "later" },
		{ &same_rw, true, true, 20 * MINUTE + 1, PP_PLACE_NONE, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pp_place_incident incident = incident_make();
		struct pp_place_alarm alarm = alarm_make(cases[i].place);
		char what[24];

		incident.taken = cases[i].taken;
		incident.left = cases[i].left;
		alarm.occurred_ms = T0 + cases[i].after_ms;
		snprintf(what, sizeof(what), "case %zu", i);
		answer_is(what, &incident, &alarm, cases[i].match, cases[i].why);
	}
	assert_false(pp_place_suggests("later"));
}

static void what_is_silent_and_what_is_heard_never_join(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++) {
		struct pp_place_incident i = incident_make();
		struct pp_place_alarm a = alarm_make(&close_by), own = alarm_make(&here);

		i.silent = n & 1;
		a.silent = own.silent = n & 2;
		if (i.silent == a.silent) {
			answer_is("both", &i, &a, PP_PLACE_JOIN, "");
			answer_is("both, own post", &i, &own, PP_PLACE_JOIN_POST, "");
		} else {
			answer_is("one", &i, &a, PP_PLACE_LINK, "silent");
			answer_is("one, own post", &i, &own, PP_PLACE_LINK, "silent");
		}
	}
}

static void marks_never_mix(void **state)
{
	(void)state;
	for (int i = 0; i < PP_MARK_COUNT; i++) {
		assert_int_equal(pp_mark_parse(pp_mark_text((enum pp_mark)i)), i);
		for (int a = 0; a < PP_MARK_COUNT; a++) {
			struct pp_place_incident incident = incident_make();
			struct pp_place_alarm alarm = alarm_make(&here);

			incident.mark = (enum pp_mark)i;
			alarm.mark = (enum pp_mark)a;
			answer_is("mark", &incident, &alarm,
				i == a ? PP_PLACE_JOIN_POST : PP_PLACE_NONE, "");
		}
	}
	assert_true(pp_mark_parse("exercise") < 0);
}

static void what_people_tell_is_never_joined_by_itself_but_offered(void **state)
{
	struct pp_place_incident i = incident_make();
	struct pp_place_alarm a = alarm_make(&same_rw), own = alarm_make(&here);

	(void)state;
	a.reported = own.reported = true;
	answer_is("a call", &i, &a, PP_PLACE_LINK, "report");
	answer_is("a call of that post", &i, &own, PP_PLACE_LINK, "report");
	a.place.post = "";
	answer_is("a call of a place", &i, &a, PP_PLACE_LINK, "report");
	a.reported = own.reported = false;
	i.reported = true;
	answer_is("a press after a call", &i, &own, PP_PLACE_LINK, "report");
	i.place.post = own.place.post = "";
	own.reported = true;
	answer_is("two calls", &i, &own, PP_PLACE_LINK, "report");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_is_the_same_rw_or_three_hundred_metres),
		cmocka_unit_test(metres_are_known_where_both_places_are),
		cmocka_unit_test(an_alarm_joins_what_is_near_in_place_and_time),
		cmocka_unit_test(what_is_not_one_event_is_linked_with_its_reason),
		cmocka_unit_test(
			an_alarm_after_all_have_gone_or_long_after_is_an_incident_of_its_own),
		cmocka_unit_test(what_is_silent_and_what_is_heard_never_join),
		cmocka_unit_test(marks_never_mix),
		cmocka_unit_test(what_people_tell_is_never_joined_by_itself_but_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
