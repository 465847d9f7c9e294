/* SPDX-License-Identifier: Apache-2.0 */
/* who_test.c -- a plan played through without calling anyone. */
#include "dispatch/who.h"

#include "pospin_test.h"
#include "sample_book.h"

#include <errno.h>

static int line_add(void *user, const struct pp_plan_call *call)
{
	char *text = user;
	size_t used = strlen(text);

	used += (size_t)snprintf(text + used, 512 - used, "%s%s/%zu +%llds", used ? "; " : "",
		pp_ring_text(call->at.ring), call->at.step, (long long)call->after_ms / 1000);
	for (size_t i = 0; i < call->count; i++)
		used += (size_t)snprintf(text + used, 512 - used, " %s",
			call->callees[i].role      ? call->callees[i].role
			: call->callees[i].contact ? call->callees[i].contact->id
						   : "other");
	return 0;
}

static void each_step_has_its_time_and_the_fallback_the_first_rings_end(void **state)
{
	struct pp_plan_query query = query_of(PP_CLASS_FIRE, "weleri-01", 0);
	char got[512] = "";

	(void)state;
	assert_int_equal(pp_plan_who(&book, &plans[P_FIRE], &query, line_add, got), 0);
	assert_string_equal(got, "desk/0 +0s operator; desk/1 +15s satpol; "
				 "agencies/0 +0s damkar-w other; agencies/1 +60s damkar-k other; "
				 "fallback/0 +45s satpol");
}

static void a_step_that_calls_nobody_takes_no_time(void **state)
{
	struct pp_plan_query query = query_of(PP_CLASS_FIRE, "boja-02", 0);
	char got[512] = "";

	(void)state;
	assert_int_equal(pp_plan_who(&book, &plans[P_FIRE], &query, line_add, got), 0);
	assert_string_equal(got, "desk/0 +0s operator; desk/1 +15s satpol; "
				 "agencies/0 +0s; agencies/1 +0s damkar-k other; "
				 "fallback/0 +45s satpol");
}

static void rosters_are_looked_up_at_the_time_of_their_step(void **state)
{
	struct pp_plan_step late[] = { { 1, operators, 120000 }, { 2, neighbours, 60000 } };
	struct pp_plan plan = { .rings = { [PP_RING_NEIGHBOURS] = { PP_UNTIL_TAKEN, 2, late } },
		.fallback = FALLBACK };
	struct pp_plan_query query = query_of(PP_CLASS_FIRE, "boja-02", MINUTE(SAT, 21, 58));
	char got[512] = "";

	(void)state;
	assert_int_equal(pp_plan_who(&book, &plan, &query, line_add, got), 0);
	assert_string_equal(got,
		"neighbours/0 +0s operator; neighbours/1 +120s rt ronda-a ronda-b; "
		"fallback/0 +180s satpol");
	got[0] = '\0';
	query.minute = MINUTE(SAT, 21, 57);
	assert_int_equal(pp_plan_who(&book, &plan, &query, line_add, got), 0);
	assert_string_equal(got, "neighbours/0 +0s operator; neighbours/1 +120s rt; "
				 "fallback/0 +180s satpol");
}

static int second_stop(void *user, const struct pp_plan_call *call)
{
	(void)call;
	return ++*(int *)user == 2 ? -ECANCELED : 0;
}

static void it_ends_when_whoever_listens_has_had_enough(void **state)
{
	struct pp_plan_query query = query_of(PP_CLASS_FIRE, "weleri-01", 0);
	int calls = 0;

	(void)state;
	assert_int_equal(
		pp_plan_who(&book, &plans[P_FIRE], &query, second_stop, &calls), -ECANCELED);
	assert_int_equal(calls, 2);
}

static void a_contact_is_stale_after_ninety_days(void **state)
{
	struct pp_plan_contact c = { .verified_ms = 1000 };

	(void)state;
	assert_false(pp_plan_contact_is_stale(&c, 1000 + PP_PLAN_STALE_MS));
	assert_true(pp_plan_contact_is_stale(&c, 1001 + PP_PLAN_STALE_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_has_its_time_and_the_fallback_the_first_rings_end),
		cmocka_unit_test(a_step_that_calls_nobody_takes_no_time),
		cmocka_unit_test(rosters_are_looked_up_at_the_time_of_their_step),
		cmocka_unit_test(it_ends_when_whoever_listens_has_had_enough),
		cmocka_unit_test(a_contact_is_stale_after_ninety_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
