/* SPDX-License-Identifier: Apache-2.0 */
/* ladder_test.c -- histories of incidents that somebody takes, refuses, or leaves alone. */
#include "dispatch/ladder.h"

#include "pospin_test.h"

#include <errno.h>

/* Desk 15 + 15 s, neighbours 60 s, agencies 60 + 60 s (until one accepts), fallback each 60 s. */
static struct pp_plan_step desk[] = { { .wait_ms = 15000 }, { .wait_ms = 15000 } };
static struct pp_plan_step neighbours[] = { { .wait_ms = 60000 } };
static struct pp_plan_step agencies[] = { { .wait_ms = 60000 }, { .wait_ms = 60000 } };
static const struct pp_plan whole = {
	.rings = { [PP_RING_DESK] = { PP_UNTIL_TAKEN, 2, desk },
		[PP_RING_NEIGHBOURS] = { PP_UNTIL_TAKEN, 1, neighbours },
		[PP_RING_AGENCIES] = { PP_UNTIL_ACCEPTED, 2, agencies } },
	.fallback = { .wait_ms = 60000 },
};
static const struct pp_plan desk_only = {
	.rings = { [PP_RING_DESK] = { PP_UNTIL_TAKEN, 1, desk } },
	.fallback = { .wait_ms = 60000 },
};
static const struct pp_plan nothing = { .fallback = { .wait_ms = 60000 } };

/* One input and all that it must lead to: "d0 n0 a0" fired; "-d taken" ended; "f3" the fallback. */
struct moment {
	int64_t at_s;
	enum pp_ladder_event event;
	enum pp_ring ring;
	unsigned step;
	const char *want;
};
#define END -1

static void effects_print(
	const struct pp_ladder_effect *effects, size_t count, char *text, size_t n)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char letter = "dnaf"[effects[i].ring];

		if (effects[i].fire)
			used += (size_t)snprintf(text + used, n - used, "%s%c%u", used ? " " : "",
				letter, effects[i].step);
		else
			used += (size_t)snprintf(text + used, n - used, "%s-%c %s", used ? " " : "",
				letter, pp_ladder_why_text(effects[i].why));
	}
}

static void play_from(
	struct pp_ladder *l, const struct pp_plan *plan, int64_t begin_ms, const struct moment *m)
{
	struct pp_ladder_effect effects[PP_LADDER_EFFECTS_MAX];
	char got[200];

	for (; m->at_s != END; m++) {
		const struct pp_ladder_input in = { m->event, m->ring, m->step };
		size_t count = pp_ladder_feed(l, plan, &in, begin_ms + m->at_s * 1000, effects);

		effects_print(effects, count, got, sizeof(got));
		if (strcmp(got, m->want) != 0)
			fail_msg(
				"at %lld s: got '%s', want '%s'", (long long)m->at_s, got, m->want);
	}
}

static void play(const struct pp_plan *plan, const struct moment *m)
{
	struct pp_ladder l = { 0 };

	play_from(&l, plan, 1000000, m);
}

static void an_incident_that_nobody_takes_ends_in_the_fallback_and_never_in_silence(void **state)
{
	static const struct moment night[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 14, PP_LADDER_TICK, 0, 0, "" },
		{ 15, PP_LADDER_TICK, 0, 0, "d1" },
		{ 29, PP_LADDER_TICK, 0, 0, "" },
		{ 30, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ 60, PP_LADDER_TICK, 0, 0, "-n spent a1" },
		{ 89, PP_LADDER_TICK, 0, 0, "" },
		{ 90, PP_LADDER_TICK, 0, 0, "f1" },
		{ 120, PP_LADDER_TICK, 0, 0, "-a spent" },
		{ 150, PP_LADDER_TICK, 0, 0, "f2" },
		{ 210, PP_LADDER_TICK, 0, 0, "f3" },
		/* Whoever was called long ago, and has not answered, need not come either. */
		{ 211, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken -f taken" },
		{ 1000, PP_LADDER_TICK, 0, 0, "" },
		{ 1001, PP_LADDER_CLOSED, 0, 0, "-a closed" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, night);
}

static void taking_it_ends_what_waits_for_that_and_agencies_must_still_come(void **state)
{
	static const struct moment taken[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 5, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 60, PP_LADDER_TICK, 0, 0, "a1" },
		{ 70, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 1, "-a accepted" },
		{ 500, PP_LADDER_TICK, 0, 0, "" },
		{ END, 0, 0, 0, NULL },
	};
	static const struct moment spent[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 5, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 60, PP_LADDER_TICK, 0, 0, "a1" },
		{ 120, PP_LADDER_TICK, 0, 0, "-a spent" }, /* the desk holds it: no fallback */
		{ 200, PP_LADDER_TICK, 0, 0, "" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, taken);
	play(&whole, spent);
}

static void a_refusal_moves_on_at_once_and_only_its_own_step(void **state)
{
	static const struct moment refused[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 3, PP_LADDER_REFUSED, PP_RING_AGENCIES, 0, "a1" },
		{ 4, PP_LADDER_REFUSED, PP_RING_AGENCIES, 0, "" }, /* not the step that waits */
		{ 15, PP_LADDER_TICK, 0, 0, "d1" },
		{ 20, PP_LADDER_REFUSED, PP_RING_AGENCIES, 1, "-a spent f0" },
		{ 21, PP_LADDER_REFUSED, PP_RING_AGENCIES, 1, "" },
		{ 22, PP_LADDER_REFUSED, PP_RING_FALLBACK, 0, "" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, refused);
}

static void whoever_accepts_ends_his_own_ring_and_the_fallback(void **state)
{
	static const struct moment accepted[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 10, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "-n accepted" },
		{ 15, PP_LADDER_TICK, 0, 0, "d1" },
		{ 30, PP_LADDER_TICK, 0, 0, "-d spent" }, /* somebody comes: no fallback */
		{ 40, PP_LADDER_LOST, PP_RING_NEIGHBOURS, 0, "-n spent f0" },
		{ 45, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "-n accepted -f accepted" },
		{ 46, PP_LADDER_LOST, PP_RING_NEIGHBOURS, 0, "-n spent f0" },
		{ 50, PP_LADDER_ACCEPTED, PP_RING_FALLBACK, 0, "-f accepted" },
		{ 55, PP_LADDER_LOST, PP_RING_FALLBACK, 0, "f0" },
		{ 60, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 0, "-a accepted -f accepted" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, accepted);
}

static void who_accepted_and_comes_no_more_is_followed_by_the_next(void **state)
{
	static const struct moment lost[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 5, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 0, "-a accepted" },
		{ 6, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 0, "" },
		{ 7, PP_LADDER_LOST, PP_RING_AGENCIES, 0, "" }, /* the other one still comes */
		{ 8, PP_LADDER_LOST, PP_RING_AGENCIES, 0, "a1" },
		{ 9, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 10, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "" },
		{ 11, PP_LADDER_LOST, PP_RING_NEIGHBOURS, 0, "" }, /* the desk holds it */
		{ 12, PP_LADDER_LOST, PP_RING_NEIGHBOURS, 0, "" }, /* none is left to lose */
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, lost);
}

static void when_all_have_left_and_nobody_comes_everybody_behind_them_is_called(void **state)
{
	static const struct moment left[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 5, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "-n accepted" },
		{ 6, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "" },
		{ 7, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 0, "-a accepted" },
		{ 15, PP_LADDER_TICK, 0, 0, "d1" },
		{ 30, PP_LADDER_TICK, 0, 0, "-d spent" },
		{ 40, PP_LADDER_LOST, PP_RING_AGENCIES, 0, "a1" },
		{ 40, PP_LADDER_LEFT, 0, 0, "-n spent f0" },
		{ 41, PP_LADDER_LEFT, 0, 0, "" }, /* none is left to lose */
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, left);
}

static void a_claim_that_returns_begins_the_desk_anew(void **state)
{
	static const struct moment returned[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 5, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 40, PP_LADDER_RETURNED, 0, 0, "d0 n0" },
		{ 55, PP_LADDER_TICK, 0, 0, "d1" },
		{ 60, PP_LADDER_TICK, 0, 0, "a1" },
		{ 70, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ 71, PP_LADDER_ACCEPTED, PP_RING_NEIGHBOURS, 0, "-n accepted -f accepted" },
		{ 72, PP_LADDER_TAKEN, 0, 0, "-d taken" },
		{ 80, PP_LADDER_RETURNED, 0, 0, "d0" }, /* whoever comes is not asked again */
		{ 81, PP_LADDER_RETURNED, 0, 0, "" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, returned);
}

static void rings_that_find_nobody_are_passed_over(void **state)
{
	static const struct moment empty[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 0, PP_LADDER_EMPTY, PP_RING_NEIGHBOURS, 0, "-n spent" }, /* no fallback yet */
		{ 0, PP_LADDER_EMPTY, PP_RING_AGENCIES, 0, "a1" },
		{ 0, PP_LADDER_EMPTY, PP_RING_AGENCIES, 1, "-a spent" },
		{ 15, PP_LADDER_TICK, 0, 0, "d1" },
		{ 30, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ END, 0, 0, 0, NULL },
	};
	static const struct moment all[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0" },
		{ 0, PP_LADDER_EMPTY, PP_RING_DESK, 0, "-d spent f0" },
		{ END, 0, 0, 0, NULL },
	};
	static const struct moment none[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "f0" },
		{ 60, PP_LADDER_TICK, 0, 0, "f1" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, empty);
	play(&desk_only, all);
	play(&nothing, none);
}

static void what_began_late_begins_anew_with_an_alarm_of_this_minute(void **state)
{
	static const struct moment untaken[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 0, PP_LADDER_EMPTY, PP_RING_NEIGHBOURS, 0, "-n spent" },
		{ 20, PP_LADDER_TICK, 0, 0, "d1" },
		{ 21, PP_LADDER_FRESH, 0, 0, "n0" },
		{ 35, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ 36, PP_LADDER_FRESH, 0, 0, "d0" },
		{ END, 0, 0, 0, NULL },
	};
	/* Whoever has it has seen the new one. */
	static const struct moment taken[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 1, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 2, PP_LADDER_FRESH, 0, 0, "" },
		{ 3, PP_LADDER_ACCEPTED, PP_RING_AGENCIES, 0, "-a accepted" },
		{ 4, PP_LADDER_FRESH, 0, 0, "" },
		{ END, 0, 0, 0, NULL },
	};

	/* Agencies do not wait for the desk, nor does the desk's having it spare them. */
	static const struct moment in_vain[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 1, PP_LADDER_TAKEN, 0, 0, "-d taken -n taken" },
		{ 60, PP_LADDER_TICK, 0, 0, "a1" },
		{ 120, PP_LADDER_TICK, 0, 0, "-a spent" },
		{ 121, PP_LADDER_FRESH, 0, 0, "a0" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, untaken);
	play(&whole, taken);
	play(&whole, in_vain);
}

static void closing_ends_everything_and_nothing_begins_again(void **state)
{
	static const struct moment closed[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0" },
		{ 15, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ 20, PP_LADDER_CLOSED, 0, 0, "-d closed -f closed" },
		{ 21, PP_LADDER_RETURNED, 0, 0, "" },
		{ 500, PP_LADDER_TICK, 0, 0, "" },
		{ END, 0, 0, 0, NULL },
	};
	static const struct moment early[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 1, PP_LADDER_CLOSED, 0, 0, "-d closed -n closed -a closed" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&desk_only, closed);
	play(&whole, early);
}

/* Ticks come once a second and somewhere in it; the tenth deadline is where it must be all the
 * same. */
static void late_ticks_do_not_add_up(void **state)
{
	struct pp_ladder l = { 0 };
	struct pp_ladder_effect effects[PP_LADDER_EFFECTS_MAX];
	struct pp_ladder_input in = { PP_LADDER_OPENED, 0, 0 };
	int64_t last_ms = 0;

	(void)state;
	(void)pp_ladder_feed(&l, &desk_only, &in, 0, effects);
	in.event = PP_LADDER_TICK;
	for (int64_t now_ms = 700; now_ms < 700000; now_ms += 999)
		if (pp_ladder_feed(&l, &desk_only, &in, now_ms, effects) > 0)
			last_ms = now_ms;
	assert_in_range(last_ms, 675000, 677000);
	assert_in_range(pp_ladder_due(&l), 735000, 736000);
}

static void after_a_long_absence_the_next_step_has_its_whole_time(void **state)
{
	static const struct moment away[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ 300, PP_LADDER_TICK, 0, 0, "d1 -n spent a1 f0" },
		{ 314, PP_LADDER_TICK, 0, 0, "" },
		{ 315, PP_LADDER_TICK, 0, 0, "-d spent" },
		{ 360, PP_LADDER_TICK, 0, 0, "-a spent f1" },
		{ 900, PP_LADDER_TICK, 0, 0, "f2" },
		{ 959, PP_LADDER_TICK, 0, 0, "" },
		{ 960, PP_LADDER_TICK, 0, 0, "f3" },
		{ END, 0, 0, 0, NULL },
	};

	(void)state;
	play(&whole, away);
}

static void a_plan_that_became_shorter_ends_the_ring(void **state)
{
	static const struct moment begun[] = {
		{ 0, PP_LADDER_OPENED, 0, 0, "d0 n0 a0" },
		{ END, 0, 0, 0, NULL },
	};
	static const struct moment after[] = {
		{ 15, PP_LADDER_TICK, 0, 0, "-d spent f0" },
		{ 60, PP_LADDER_TICK, 0, 0, "-n spent -a spent" },
		{ END, 0, 0, 0, NULL },
	};
	struct pp_ladder l = { 0 };

	(void)state;
	play_from(&l, &whole, 0, begun);
	play_from(&l, &desk_only, 0, after);
}

static void the_next_deadline_is_the_earliest_of_what_runs(void **state)
{
	struct pp_ladder l = { 0 };

	(void)state;
	assert_int_equal(pp_ladder_due(&l), PP_LADDER_NEVER);
	l.rings[PP_RING_AGENCIES] =
		(struct pp_ladder_ring){ .state = PP_LADDER_RUNNING, .due_ms = 7000 };
	l.rings[PP_RING_FALLBACK] =
		(struct pp_ladder_ring){ .state = PP_LADDER_RUNNING, .due_ms = 9000 };
	l.rings[PP_RING_DESK] = (struct pp_ladder_ring){ .state = PP_LADDER_SPENT, .due_ms = 1 };
	assert_int_equal(pp_ladder_due(&l), 7000);
}

static void states_and_reasons_have_texts(void **state)
{
	(void)state;
	for (int i = 0; i < PP_LADDER_STATE_COUNT; i++)
		assert_int_equal(
			pp_ladder_state_parse(pp_ladder_state_text((enum pp_ladder_state)i)), i);
	assert_int_equal(pp_ladder_state_parse("over"), -EINVAL);
	assert_string_equal(pp_ladder_why_text(PP_LADDER_WHY_TAKEN), "taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_incident_that_nobody_takes_ends_in_the_fallback_and_never_in_silence),
		cmocka_unit_test(taking_it_ends_what_waits_for_that_and_agencies_must_still_come),
		cmocka_unit_test(a_refusal_moves_on_at_once_and_only_its_own_step),
		cmocka_unit_test(whoever_accepts_ends_his_own_ring_and_the_fallback),
		cmocka_unit_test(who_accepted_and_comes_no_more_is_followed_by_the_next),
		cmocka_unit_test(
			when_all_have_left_and_nobody_comes_everybody_behind_them_is_called),
		cmocka_unit_test(a_claim_that_returns_begins_the_desk_anew),
		cmocka_unit_test(rings_that_find_nobody_are_passed_over),
		cmocka_unit_test(what_began_late_begins_anew_with_an_alarm_of_this_minute),
		cmocka_unit_test(closing_ends_everything_and_nothing_begins_again),
		cmocka_unit_test(late_ticks_do_not_add_up),
		cmocka_unit_test(after_a_long_absence_the_next_step_has_its_whole_time),
		cmocka_unit_test(a_plan_that_became_shorter_ends_the_ring),
		cmocka_unit_test(the_next_deadline_is_the_earliest_of_what_runs),
		cmocka_unit_test(states_and_reasons_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
