/* SPDX-License-Identifier: Apache-2.0 */
/* check_test.c -- books with one fault each, and the words with which they are refused. */
#include "dispatch/check.h"

#include "memory_fails.h"
#include "pospin_test.h"
#include "sample_book.h"

#include <errno.h>

#include "dispatch/who.h"

static const struct pp_check_place places[] = {
	{ "", "", "33.24.07" },
	{ "", "33.24.07.2001", "33.24.07" },
	{ "boja-01", "33.24.07.2001", "33.24.07" },
	{ "boja-02", "33.24.07.2001", "33.24.07" },
	{ "", "33.24.12.2001", "33.24.12" },
	{ "weleri-01", "33.24.12.2001", "33.24.12" },
	{ "st-weleri", "33.24.12.2001", "33.24.12" },
};
static const char *const webhooks[] = { "desk" };
static const struct pp_check_world world = { 7, 1, places, webhooks, 1000 };

/* What is told, one a line: "! plan fire ring step: text". */
struct heard {
	char text[65536];
	size_t count;
	bool told_after_refusals;
};

static void hear(void *user, const struct pp_check_finding *f)
{
	static const char *const abouts[] = { "book", "plan", "agency", "roster", "contact",
		"trouble" };
	struct heard *h = user;
	size_t used = strlen(h->text);

	h->count++;
	used += (size_t)snprintf(h->text + used, sizeof(h->text) - used, "%s %s %zu",
		f->refused ? "!" : "-", abouts[f->about], f->index);
	if (f->step >= 0)
		used += (size_t)snprintf(h->text + used, sizeof(h->text) - used, " %s/%d",
			pp_ring_text(f->ring), f->step);
	snprintf(h->text + used, sizeof(h->text) - used, ": %s\n", f->text);
}

/* Copies that a test may change; the lists behind them are shared. */
struct copies {
	struct pp_plan_book book;
	struct pp_plan plans[P_COUNT + 1];
	struct pp_plan_contact contacts[C_COUNT];
	struct pp_plan_agency agencies[A_COUNT];
	struct pp_check_world world;
};

static void copies_make(struct copies *c)
{
	*c = (struct copies){ .book = book, .world = world };
	memcpy(c->plans, plans, sizeof(plans));
	memcpy(c->contacts, contacts, sizeof(contacts));
	memcpy(c->agencies, agencies, sizeof(agencies));
	c->book.plans = c->plans;
	c->book.contacts = c->contacts;
	c->book.agencies = c->agencies;
}

typedef void change_fn(struct copies *c);
static int checked(change_fn *change, struct heard *ret_heard)
{
	static struct copies c;

	copies_make(&c);
	change(&c);
	ret_heard->text[0] = '\0';
	ret_heard->count = 0;
	return pp_plan_check(&c.book, &c.world, hear, ret_heard);
}

static void nothing(struct copies *c)
{
	(void)c;
}

static void a_book_that_calls_somebody_everywhere_at_every_hour_is_accepted(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(nothing, &heard), 0);
	assert_string_equal(heard.text, "");
}

static void no_place(struct copies *c)
{
	c->world.place_count = 0;
	for (int i = 0; i < P_COUNT; i++)
		c->plans[i].areas = everywhere;
	c->plans[P_POST].classes = 0; /* else neither `all` nor `post` */
	for (int i = 0; i < A_COUNT; i++) {
		c->agencies[i].station = NULL;
		c->agencies[i].areas = everywhere;
	}
}

static void a_site_without_places_is_tried_all_the_same(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(no_place, &heard), 0);
	assert_string_equal(
		heard.text, "- plan 4: is never chosen: more specific ones stand before it\n");
}

static struct pp_plan_area foreign[] = { { PP_AREA_DESA, LITERAL("11.01") } };
static void foreign_area(struct copies *c)
{
	c->plans[P_FIRE].areas = foreign;
}
static void foreign_agency(struct copies *c)
{
	c->agencies[A_SATPOL].area_count = 1;
	c->agencies[A_DAMKAR_W].station = LITERAL("st-kendal");
}
static struct pp_plan_way foreign_way[] = { { PP_WAY_WEBHOOK, LITERAL("gone") },
	{ PP_WAY_WEBHOOK, LITERAL("desk") } };
static void foreign_contact(struct copies *c)
{
	c->contacts[C_RT].ways = foreign_way;
	c->contacts[C_RT].way_count = 2;
}
static void no_webhook(struct copies *c)
{
	c->world.webhook_count = 0;
}

static struct pp_plan_target nobody = { PP_TARGET_CONTACT, C_RT, LITERAL("rt") };
static struct pp_plan_trouble rules[] = {
	{ .target_count = 1, .targets = &nobody },
	{ .target_count = 1, .targets = &nobody },
};
static void two_rules_for_all(struct copies *c)
{
	c->book.troubles = rules;
	c->book.trouble_count = 2;
}
static void rule_without_ways(struct copies *c)
{
	c->book.troubles = rules;
	c->book.trouble_count = 1;
	c->contacts[C_RT].way_count = 0;
}

static void rules_for_troubles_are_checked_as_the_rest(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(two_rules_for_all, &heard), -EINVAL);
	assert_string_equal(heard.text,
		"! trouble 1: never counts: rules before it have all of its kinds\n");
	assert_int_equal(checked(rule_without_ways, &heard), -EINVAL);
	assert_non_null(strstr(heard.text, "! trouble 0: calls nobody from mon 00:00 on\n"));
}

static void names_that_the_registry_does_not_know_are_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(foreign_area, &heard), -EINVAL);
	assert_non_null(strstr(heard.text, "! plan 2: the registry has no desa '11.01'\n"));
	assert_int_equal(checked(foreign_agency, &heard), -EINVAL);
	assert_string_equal(heard.text, "! agency 1: the registry has no post 'st-kendal'\n");
	assert_int_equal(checked(foreign_contact, &heard), -EINVAL);
	assert_string_equal(heard.text, "! contact 4: the site has no webhook 'gone'\n");
	assert_int_equal(checked(no_webhook, &heard), -EINVAL);
	assert_string_equal(heard.text, "! plan 2 agencies/1: the site has no webhook 'desk'\n");
}

static struct pp_plan_span office = { 0x1f, 8 * 60, 16 * 60 };
static void gap(struct copies *c)
{
	c->plans[P_ALL].has_hours = true;
	c->plans[P_ALL].hours = office;
}
static void no_medical(struct copies *c)
{
	c->plans[P_ALL].classes &= ~CLASS(MEDICAL);
	c->plans[P_ALL].areas = weleri;
}

static void an_hour_a_class_and_a_place_without_plan_are_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(gap, &heard), -EINVAL);
	assert_string_equal(heard.text,
		"! book 0: there is no plan from mon 00:00 to mon 08:00 in kecamatan 33.24.07, "
		"class unspecified\n"
		"! book 0: there is no plan from mon 00:00 to mon 08:00 in kecamatan 33.24.07, "
		"class fire\n"
		"! book 0: there is no plan from mon 00:00 to mon 08:00 in kecamatan 33.24.07, "
		"class disaster\n"
		"! book 0: there is no plan from mon 00:00 to mon 08:00 in kecamatan 33.24.07, "
		"class medical\n");
	assert_int_equal(checked(no_medical, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"! book 0: there is no plan at every hour in kecamatan 33.24.07, class medical\n"));
}

static void two_alike(struct copies *c)
{
	c->plans[P_COUNT] = plans[P_CRIME];
	c->plans[P_COUNT].id = LITERAL("z");
	c->book.plan_count++;
}

static void two_plans_of_which_neither_is_more_specific_are_refused_once(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(two_alike, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"! plan 5: neither it nor plan 'crime' is the more specific from mon 05:00 to mon "
		"22:00 in kecamatan 33.24.07, class crime\n"));
	assert_int_equal(heard.count, 2); /* and that z is never chosen */
}

static struct pp_plan_target only_ronda[] = { { PP_TARGET_ROSTER, 0, LITERAL("ronda") } };
static struct pp_plan_step only_ronda_steps[] = { { 1, only_ronda, 60000 } };
static void ronda_alone(struct copies *c)
{
	c->plans[P_NIGHT].rings[PP_RING_NEIGHBOURS].steps = only_ronda_steps;
}
static void unreachable_contact(struct copies *c)
{
	c->contacts[C_SATPOL].way_count = 0;
}
static struct pp_plan_target all_webhooks[] = { { PP_TARGET_WEBHOOK, 0, LITERAL("all") } };
static void desk_fallback(struct copies *c)
{
	c->plans[P_ALL].fallback.targets = operators;
}
static void webhook_fallback(struct copies *c)
{
	c->plans[P_ALL].fallback.targets = all_webhooks;
}
static void webhook_fallback_without_any(struct copies *c)
{
	webhook_fallback(c);
	c->world.webhook_count = 0;
}

static void a_ring_and_a_fallback_that_at_some_hour_call_nobody_are_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(ronda_alone, &heard), -EINVAL);
	assert_string_equal(heard.text,
		"! plan 3 neighbours/0: calls nobody from mon 04:00 to mon 05:00 in kecamatan "
		"33.24.07, class crime\n");
	assert_int_equal(checked(unreachable_contact, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"! plan 0 fallback/0: calls nobody who is not at the page at every hour in "
		"kecamatan 33.24.07, class unspecified\n"));
	assert_int_equal(checked(desk_fallback, &heard), -EINVAL);
	assert_int_equal(checked(webhook_fallback, &heard), 0);
	assert_int_equal(checked(webhook_fallback_without_any, &heard), -EINVAL);
}

static void station_fallback(struct copies *c)
{
	c->agencies[A_SATPOL].contact_count = 0;
	c->agencies[A_SATPOL].station = LITERAL("st-weleri");
	c->agencies[A_SATPOL].areas = everywhere;
	c->plans[P_ALL].fallback.targets = to_satpol;
}

/* For what is silent or late it does not sound. */
static void a_fallback_of_a_station_alone_is_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(station_fallback, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"fallback/0: calls nobody but a station, which does not sound for what is silent"
		" or late, at every hour in "));
}

static void agency_elsewhere(struct copies *c)
{
	static struct pp_plan_step two[] = { { 1, to_weleri, 60000 }, { 1, to_satpol, 60000 } };

	c->plans[P_POST].rings[PP_RING_AGENCIES] =
		(struct pp_plan_ring){ PP_UNTIL_ACCEPTED, 2, two };
}

static void a_step_that_can_never_call_anybody_is_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(agency_elsewhere, &heard), -EINVAL);
	assert_string_equal(heard.text, "! plan 4 agencies/0: calls nobody at any hour and place "
					"of its plan: it can never be reached\n");
}

static struct pp_plan_target near_and_rt[] = { { PP_TARGET_POSTS, 0, LITERAL("near") },
	{ PP_TARGET_CONTACT, C_RT, LITERAL("rt") } };
static struct pp_plan_step near_then_rt[] = { { 1, near_and_rt, 5000 },
	{ 1, near_and_rt + 1, 60000 } };
static void near_posts_first(struct copies *c)
{
	c->plans[P_NIGHT].rings[PP_RING_NEIGHBOURS] =
		(struct pp_plan_ring){ PP_UNTIL_TAKEN, 2, near_then_rt };
}
static void near_posts_alone(struct copies *c)
{
	c->plans[P_NIGHT].rings[PP_RING_NEIGHBOURS] =
		(struct pp_plan_ring){ PP_UNTIL_TAKEN, 1, near_then_rt };
}
static void near_posts_by_the_desk(struct copies *c)
{
	c->plans[P_NIGHT].rings[PP_RING_DESK] =
		(struct pp_plan_ring){ PP_UNTIL_TAKEN, 2, near_then_rt };
}
static void near_posts_again_and_again(struct copies *c)
{
	c->plans[P_NIGHT].fallback.targets = near_and_rt;
	c->plans[P_NIGHT].fallback.target_count = 2;
}

/* A siren is nobody who comes, and not every post has another near it. */
static void near_posts_are_sounded_beside_people_among_the_neighbours(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(near_posts_first, &heard), 0);
	assert_int_equal(checked(near_posts_alone, &heard), -EINVAL);
	assert_non_null(strstr(heard.text, "neighbours/0: calls nobody "));
	assert_int_equal(checked(near_posts_by_the_desk, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"! plan 3 desk/0: posts:near belongs into the ring neighbours\n"));
	assert_int_equal(checked(near_posts_again_and_again, &heard), -EINVAL);
	assert_non_null(strstr(heard.text,
		"! plan 3 fallback/0: posts:near belongs into the ring neighbours\n"));
}

static size_t crowd_of[40];
static void crowd(struct copies *c)
{
	static struct pp_plan_target twice[] = { { PP_TARGET_AGENCY, A_SATPOL, LITERAL("satpol") },
		{ PP_TARGET_AGENCY, A_DAMKAR_K, LITERAL("damkar-k") } };

	for (size_t i = 0; i < 40; i++)
		crowd_of[i] = C_SATPOL;
	for (int i = 0; i < A_COUNT; i++) {
		c->agencies[i].contacts = crowd_of;
		c->agencies[i].contact_count = 40;
	}
	c->plans[P_ALL].fallback = (struct pp_plan_step){ 2, twice, 60000 };
}

static void a_step_of_too_many_is_refused(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(crowd, &heard), -EINVAL);
	assert_non_null(strstr(
		heard.text, "! plan 0 fallback/0: calls up to 82 at once, and 64 are the most\n"));
}

static void not_come_yet(struct copies *c)
{
	c->world.now_ms = 5 * INT64_C(86400000);
	c->contacts[C_RT].verified_ms = 6 * INT64_C(86400000);
	c->contacts[C_SATPOL].verified_ms = 6 * INT64_C(86400000) + 1;
}

/* Such a contact would not be stale for years. */
static void a_day_that_has_not_come_yet_verifies_nobody(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(not_come_yet, &heard), -EINVAL);
	assert_non_null(strstr(heard.text, "verified on a day that has not come yet\n"));
}

static void unused(struct copies *c)
{
	c->plans[P_NIGHT].rings[PP_RING_NEIGHBOURS].step_count = 0;
	c->plans[P_FIRE].rings[PP_RING_AGENCIES].step_count = 0;
	c->agencies[A_DAMKAR_K].contact_count = 0;
	c->contacts[C_RT].verified_ms = 0;
	c->contacts[C_SATPOL].verified_ms = 86400000;
	c->contacts[C_RONDA_A].verified_ms = -86400000;
	c->world.now_ms = PP_PLAN_STALE_MS + 2 * INT64_C(86400000);
}

static void what_nobody_calls_and_who_is_stale_is_told_and_accepted(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(unused, &heard), 0);
	assert_non_null(strstr(heard.text, "- contact 0: no plan calls it\n"));
	assert_non_null(strstr(heard.text, "- agency 0: no plan calls it\n"));
	assert_non_null(strstr(heard.text, "- agency 1: no plan calls it\n"));
	assert_non_null(strstr(heard.text, "- roster 0: no plan calls it\n"));
	assert_non_null(strstr(heard.text, "- contact 2: has said that it is somebody else\n"));
	assert_non_null(strstr(heard.text, "- contact 4: has never been verified\n"));
	assert_non_null(strstr(
		heard.text, "- contact 5: was verified 91 days ago: more than 90 are too long\n"));
	assert_null(strstr(heard.text, "!"));
}

static void shadowed(struct copies *c)
{
	c->plans[P_COUNT] = plans[P_POST];
	c->plans[P_COUNT].id = LITERAL("z");
	c->plans[P_COUNT].any_class = false;
	c->book.plan_count++;
}

static void a_plan_behind_more_specific_ones_is_told(void **state)
{
	static struct heard heard;

	(void)state;
	assert_int_equal(checked(shadowed, &heard), 0);
	assert_string_equal(
		heard.text, "- plan 4: is never chosen: more specific ones stand before it\n");
}

static void a_hundred_findings_are_enough(void **state)
{
	static struct heard heard;
	static struct pp_plan_area many[300];
	struct pp_plan plan = plans[P_ALL];
	struct pp_plan_book small = book;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		many[i] = foreign[0];
	plan.area_count = 300;
	plan.areas = many;
	small.plan_count = 1;
	small.plans = &plan;
	heard = (struct heard){ .count = 0 };
	assert_int_equal(pp_plan_check(&small, &world, hear, &heard), -EINVAL);
	assert_int_equal(heard.count, PP_CHECK_FINDINGS_MAX + 1);
	assert_non_null(strstr(heard.text, "there is more than these 100 findings\n"));
}

static void a_book_that_takes_too_long_to_try_is_refused_not_half_checked(void **state)
{
	static struct pp_plan_duty many[PP_WEEK_MINUTES / 2];
	static struct pp_check_place wide[2000];
	struct pp_plan_roster roster = { LITERAL("ronda"), PP_WEEK_MINUTES / 2, many };
	struct pp_check_world big = world;
	struct pp_plan_book small = book;
	static struct heard heard;

	(void)state;
	for (int i = 0; i < PP_WEEK_MINUTES / 2; i++) {
		many[i] = duties[0];
		many[i].span = (struct pp_plan_span){ 0x7f, i % 1440, (i + 1) % 1440 };
	}
	for (size_t i = 0; i < 2000; i++)
		wide[i] = places[3];
	small.rosters = &roster;
	big.places = wide;
	big.place_count = 2000;
	assert_int_equal(pp_plan_check(&small, &big, hear, &heard), -E2BIG);
}

static void without_memory_nothing_is_accepted(void **state)
{
	static struct heard heard;

	(void)state;
	for (unsigned long n = 1;; n++) {
		int r;

		memory_fail(n);
		r = checked(nothing, &heard);
		if (!memory_has_failed()) {
			assert_int_equal(r, 0);
			assert_true(n > 3);
			return;
		}
		assert_int_equal(r, -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_book_that_calls_somebody_everywhere_at_every_hour_is_accepted),
		cmocka_unit_test(a_site_without_places_is_tried_all_the_same),
		cmocka_unit_test(rules_for_troubles_are_checked_as_the_rest),
		cmocka_unit_test(names_that_the_registry_does_not_know_are_refused),
		cmocka_unit_test(an_hour_a_class_and_a_place_without_plan_are_refused),
		cmocka_unit_test(two_plans_of_which_neither_is_more_specific_are_refused_once),
		cmocka_unit_test(a_ring_and_a_fallback_that_at_some_hour_call_nobody_are_refused),
		cmocka_unit_test(a_fallback_of_a_station_alone_is_refused),
		cmocka_unit_test(a_step_that_can_never_call_anybody_is_refused),
		cmocka_unit_test(near_posts_are_sounded_beside_people_among_the_neighbours),
		cmocka_unit_test(a_step_of_too_many_is_refused),
		cmocka_unit_test(a_day_that_has_not_come_yet_verifies_nobody),
		cmocka_unit_test(what_nobody_calls_and_who_is_stale_is_told_and_accepted),
		cmocka_unit_test(a_plan_behind_more_specific_ones_is_told),
		cmocka_unit_test(a_hundred_findings_are_enough),
		cmocka_unit_test(a_book_that_takes_too_long_to_try_is_refused_not_half_checked),
		cmocka_unit_test(without_memory_nothing_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
