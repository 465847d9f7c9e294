/* SPDX-License-Identifier: Apache-2.0 */
/* plan_test.c -- which plan is chosen, and whom its steps call. */
#include "dispatch/plan.h"

#include "pospin_test.h"
#include "sample_book.h"

#include <errno.h>

static void every_word_is_read_as_it_is_written(void **state)
{
	(void)state;
#define SAME(name, count)                                                                          \
	for (int i = 0; i < (count); i++)                                                          \
		assert_int_equal(pp_##name##_parse(pp_##name##_text(i)), i);                       \
	assert_int_equal(pp_##name##_parse("perhaps"), -EINVAL)
	SAME(way, PP_WAY_COUNT);
	SAME(language, PP_LANGUAGE_COUNT);
	SAME(ring, PP_RING_COUNT + 1);
	SAME(until, PP_UNTIL_COUNT);
	SAME(target, PP_TARGET_COUNT);
	SAME(area, PP_AREA_COUNT);
	assert_string_equal(pp_ring_text(PP_RING_FALLBACK), "fallback");
}

static void the_more_specific_area_wins_then_hours_then_a_named_class(void **state)
{
	static const struct {
		enum pp_class class;
		const char *post;
		int minute;
		const char *want;
	} rows[] = {
		{ PP_CLASS_MEDICAL, "boja-02", MINUTE(MON, 12, 0), "all" },
		{ PP_CLASS_CRIME, "boja-02", MINUTE(MON, 12, 0), "crime" },
		{ PP_CLASS_CRIME, "boja-02", MINUTE(MON, 22, 0), "night" },
		{ PP_CLASS_CRIME, "boja-02", MINUTE(MON, 4, 59), "night" },
		{ PP_CLASS_CRIME, "boja-02", MINUTE(MON, 5, 0), "crime" },
		{ PP_CLASS_FIRE, "boja-02", MINUTE(MON, 22, 0), "all" },
		{ PP_CLASS_FIRE, "weleri-01", MINUTE(MON, 22, 0), "fire" },
		{ PP_CLASS_CRIME, "boja-01", MINUTE(MON, 22, 0), "post" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pp_plan_query query =
			query_of(rows[i].class, rows[i].post, rows[i].minute);
		const struct pp_plan *got = pp_plan_choose(&book, &query);

		if (strcmp(got->id, rows[i].want) != 0)
			fail_msg("row %zu: got '%s', want '%s'", i, got->id, rows[i].want);
	}
}

static void a_desa_is_more_specific_than_its_kecamatan(void **state)
{
	struct pp_plan_area desa = { PP_AREA_DESA, LITERAL("33.24.12.2001") };
	struct pp_plan two[] = { plans[P_FIRE], plans[P_FIRE] };
	struct pp_plan_book small = { .plan_count = 2, .plans = two };
	const struct pp_plan_query query = query_of(PP_CLASS_FIRE, "weleri-01", 0);

	(void)state;
	two[1].areas = &desa;
	assert_ptr_equal(pp_plan_choose(&small, &query), &two[1]);
	two[1].areas = weleri;
	assert_ptr_equal(pp_plan_choose(&small, &query), &two[0]);
}

static void where_no_plan_fits_the_built_in_one_calls_the_desk_and_then_webhooks(void **state)
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	const struct pp_plan_query query = query_of(PP_CLASS_FIRE, "boja-02", 0);
	struct pp_plan_book empty = { .plan_count = 0 };
	const struct pp_plan *plan = pp_plan_choose(NULL, &query);

	(void)state;
	assert_ptr_equal(plan, pp_plan_built_in());
	assert_ptr_equal(pp_plan_choose(&empty, &query), plan);
	assert_ptr_equal(pp_plan_find(&book, ""), plan);
	assert_int_equal(plan->rings[PP_RING_DESK].steps[0].wait_ms, 15000);
	assert_int_equal(pp_plan_call_list(NULL, &(struct pp_plan_place){ plan, PP_RING_DESK, 0 },
				 &query, callees),
		1);
	assert_string_equal(callees[0].role, "operator");
	assert_int_equal(
		pp_plan_call_list(NULL, &(struct pp_plan_place){ plan, PP_RING_FALLBACK, 0 },
			&query, callees),
		1);
	assert_string_equal(callees[0].webhook, "all");
}

static void a_plan_is_found_by_its_id(void **state)
{
	(void)state;
	assert_ptr_equal(pp_plan_find(&book, "fire"), &plans[P_FIRE]);
	assert_null(pp_plan_find(&book, "flood"));
	assert_null(pp_plan_find(NULL, "fire"));
}

/* The ids of whom a step calls, with blanks between: "damkar-w@damkar-w !st-weleri". */
static const char *called(
	const struct pp_plan_place *at, const struct pp_plan_query *query, char text[256])
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	size_t count = pp_plan_call_list(&book, at, query, callees), used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct pp_plan_callee *c = &callees[i];

		used += (size_t)snprintf(text + used, 256 - used, "%s%s%s%s%s", used ? " " : "",
			c->role      ? "role:"
			: c->webhook ? "webhook:"
			: c->station ? "!"
				     : "",
			c->role      ? c->role
			: c->webhook ? c->webhook
			: c->station ? c->station
				     : c->contact->id,
			c->agency ? "@" : "", c->agency ? c->agency->id : "");
	}
	return text;
}

static void a_contact_is_found_by_its_id(void **state)
{
	(void)state;
	assert_ptr_equal(pp_plan_contact_find(&book, "rt"), &contacts[C_RT]);
	assert_null(pp_plan_contact_find(&book, "nobody"));
	assert_null(pp_plan_contact_find(NULL, "rt"));
}

static void an_agency_is_known_by_its_id_and_by_its_name_in_any_case(void **state)
{
	struct pp_plan_agency nameless = { .id = "regu" };
	const struct pp_plan_book small = { .agencies = &nameless, .agency_count = 1 };

	(void)state;
	assert_ptr_equal(pp_plan_agency_named(&book, "damkar-w"), &agencies[A_DAMKAR_W]);
	assert_ptr_equal(pp_plan_agency_named(&book, "damkar WELERI"), &agencies[A_DAMKAR_W]);
	assert_null(pp_plan_agency_named(&book, "Damkar"));
	assert_null(pp_plan_agency_named(&small, "Regu"));
	assert_null(pp_plan_agency_named(NULL, "damkar-w"));
}

static void a_step_calls_the_people_on_duty_and_nobody_twice(void **state)
{
	static const struct {
		int plan;
		enum pp_ring ring;
		size_t step;
		const char *post;
		int minute;
		bool late;
		const char *want;
	} rows[] = {
		{ P_NIGHT, PP_RING_NEIGHBOURS, 0, "boja-02", MINUTE(SAT, 21, 59), false, "rt" },
		{ P_NIGHT, PP_RING_NEIGHBOURS, 0, "boja-02", MINUTE(SAT, 22, 0), false,
			"rt ronda-a ronda-b rt" },
		{ P_NIGHT, PP_RING_NEIGHBOURS, 0, "boja-02", MINUTE(MON, 3, 59), false,
			"rt ronda-a ronda-b rt" },
		{ P_NIGHT, PP_RING_NEIGHBOURS, 0, "boja-02", MINUTE(MON, 4, 0), false, "rt" },
		{ P_NIGHT, PP_RING_NEIGHBOURS, 0, "boja-02", MINUTE(SAT, 22, 0), true, "" },
		{ P_NIGHT, PP_RING_NEIGHBOURS, 1, "boja-02", MINUTE(SAT, 22, 0), false, "" },
		{ P_NIGHT, PP_RING_AGENCIES, 0, "boja-02", MINUTE(SAT, 22, 0), false, "" },
		{ P_NIGHT, PP_RING_DESK, 0, "boja-02", 0, true, "role:operator" },
		{ P_FIRE, PP_RING_AGENCIES, 0, "weleri-01", 0, false,
			"damkar-w@damkar-w !st-weleri@damkar-w" },
		{ P_FIRE, PP_RING_AGENCIES, 0, "weleri-01", 0, true, "damkar-w@damkar-w" },
		{ P_FIRE, PP_RING_AGENCIES, 0, "boja-02", 0, false, "" },
		{ P_FIRE, PP_RING_AGENCIES, 1, "boja-02", 0, false,
			"damkar-k@damkar-k webhook:desk" },
		{ P_FIRE, PP_RING_FALLBACK, 0, "boja-02", 0, false, "satpol@satpol" },
		{ P_FIRE, PP_RING_FALLBACK, 1, "boja-02", 0, false, "" },
	};
	char got[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pp_plan_query query = query_of(PP_CLASS_FIRE, rows[i].post, rows[i].minute);
		const struct pp_plan_place at = { &plans[rows[i].plan], rows[i].ring,
			rows[i].step };
		const char *want = rows[i].want;

		query.late = rows[i].late;
		/* Through the roster and by name: once. */
		if (strcmp(want, "rt ronda-a ronda-b rt") == 0)
			want = "rt ronda-a ronda-b";
		if (strcmp(called(&at, &query, got), want) != 0)
			fail_msg("row %zu: got '%s', want '%s'", i, got, want);
	}
}

static void near_posts_are_sounded_where_a_step_says_so_and_never_late(void **state)
{
	static struct pp_plan_target targets[] = { { PP_TARGET_POSTS, 0, LITERAL("near") },
		{ PP_TARGET_CONTACT, C_RT, LITERAL("rt") } };
	static struct pp_plan_step step = { 2, targets, 60000 };
	static const char *const near[] = { "boja-02", "boja-03" };
	struct pp_plan plan = plans[P_ALL];
	struct pp_plan_query query = query_of(PP_CLASS_CRIME, "boja-01", 0);
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	const struct pp_plan_place at = { &plan, PP_RING_NEIGHBOURS, 0 };

	(void)state;
	plan.rings[PP_RING_NEIGHBOURS] = (struct pp_plan_ring){ PP_UNTIL_TAKEN, 1, &step };
	assert_int_equal(pp_plan_call_list(&book, &at, &query, callees), 1);
	query.near = near;
	query.near_count = 2;
	assert_int_equal(pp_plan_call_list(&book, &at, &query, callees), 3);
	assert_string_equal(callees[1].station, "boja-03");
	assert_true(callees[1].near);
	assert_null(callees[1].agency);
	assert_false(callees[2].near);
	query.late = true;
	assert_int_equal(pp_plan_call_list(&book, &at, &query, callees), 0);
}

static void no_more_are_called_than_there_is_room_for(void **state)
{
	static char names[PP_PLAN_CALLEES_MAX + 1][8];
	struct pp_plan_target many[PP_PLAN_CALLEES_MAX + 1];
	struct pp_plan plan = { .fallback = { PP_PLAN_CALLEES_MAX + 1, many, 60000 } };
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	const struct pp_plan_query query = query_of(PP_CLASS_FIRE, "boja-02", 0);

	(void)state;
	for (size_t i = 0; i <= PP_PLAN_CALLEES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "w%zu", i);
		many[i] = (struct pp_plan_target){ PP_TARGET_WEBHOOK, 0, names[i] };
	}
	assert_int_equal(
		pp_plan_call_list(&book, &(struct pp_plan_place){ &plan, PP_RING_FALLBACK, 0 },
			&query, callees),
		PP_PLAN_CALLEES_MAX);
}

static char *owned(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	return copy;
}

static void *many(size_t count, size_t size)
{
	void *all = calloc(count, size);

	assert_non_null(all);
	return all;
}

static void a_book_frees_all_that_it_owns_also_half_built(void **state)
{
	struct pp_plan_book *b = many(1, sizeof(*b));

	(void)state;
	assert_null(pp_plan_book_free(NULL));
	b->contact_count = b->agency_count = b->roster_count = b->plan_count = 3; /* and no list */
	assert_null(pp_plan_book_free(b));

	b = many(1, sizeof(*b));
	b->tenant = owned("kendal");
	b->contact_count = b->agency_count = b->roster_count = b->plan_count = 2;
	b->contacts = many(2, sizeof(*b->contacts));
	b->contacts[0].id = owned("rt");
	b->contacts[0].way_count = 1;
	b->contacts[0].ways = many(1, sizeof(*b->contacts[0].ways));
	b->contacts[0].ways[0].address = owned("+62811");
	b->contacts[1].way_count = 1;
	b->agencies = many(2, sizeof(*b->agencies));
	b->agencies[0].area_count = b->agencies[1].area_count = 1;
	b->agencies[0].areas = many(1, sizeof(*b->agencies[0].areas));
	b->agencies[0].areas[0].code = owned("x");
	b->rosters = many(2, sizeof(*b->rosters));
	b->rosters[0].duty_count = b->rosters[1].duty_count = 1;
	b->rosters[0].duties = many(1, sizeof(*b->rosters[0].duties));
	b->rosters[0].duties[0].contacts = many(1, sizeof(size_t));
	b->plans = many(2, sizeof(*b->plans));
	b->plans[0].rings[0].step_count = b->plans[1].rings[0].step_count = 1;
	b->plans[0].rings[0].steps = many(1, sizeof(*b->plans[0].rings[0].steps));
	b->plans[0].rings[0].steps[0].target_count = 1;
	b->plans[0].fallback.target_count = 1;
	b->plans[0].fallback.targets = many(1, sizeof(*b->plans[0].fallback.targets));
	b->plans[0].fallback.targets[0].name = owned("rt");
	assert_null(pp_plan_book_free(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_read_as_it_is_written),
		cmocka_unit_test(the_more_specific_area_wins_then_hours_then_a_named_class),
		cmocka_unit_test(a_desa_is_more_specific_than_its_kecamatan),
		cmocka_unit_test(
			where_no_plan_fits_the_built_in_one_calls_the_desk_and_then_webhooks),
		cmocka_unit_test(a_plan_is_found_by_its_id),
		cmocka_unit_test(a_contact_is_found_by_its_id),
		cmocka_unit_test(an_agency_is_known_by_its_id_and_by_its_name_in_any_case),
		cmocka_unit_test(a_step_calls_the_people_on_duty_and_nobody_twice),
		cmocka_unit_test(near_posts_are_sounded_where_a_step_says_so_and_never_late),
		cmocka_unit_test(no_more_are_called_than_there_is_room_for),
		cmocka_unit_test(a_book_frees_all_that_it_owns_also_half_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
