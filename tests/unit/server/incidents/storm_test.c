/* SPDX-License-Identifier: Apache-2.0 */
/* storm_test.c -- storms in simulated time. */
#include "incidents/storm.h"

#include "pospin_test.h"

#define NOW INT64_C(1763750400000)

struct heard {
	int told, begun, counted, over, alerts;
	int64_t counts;
};

static void step(struct pp_storm *s, int64_t now_ms, struct heard *h)
{
	struct pp_storm_news n = pp_storm_step(s, now_ms);

	h->begun += n.word == PP_STORM_BEGUN;
	h->counted += n.word == PP_STORM_COUNTED;
	h->over += n.word == PP_STORM_OVER;
	h->alerts += n.alert;
	h->counts += n.count;
}

/* So many signals, so far apart, with a step a second as the server makes them. */
static struct heard play(struct pp_storm *s, int64_t from_ms, int count, int64_t every_ms)
{
	struct heard h = { 0 };
	int64_t ticked = from_ms;

	for (int i = 0; i < count; i++) {
		int64_t now = from_ms + i * every_ms;

		for (; ticked < now; ticked += 1000)
			step(s, ticked, &h);
		if (pp_storm_feed(s, now))
			h.told++;
		else
			step(s, now, &h);
	}
	return h;
}

static struct heard wait(struct pp_storm *s, int64_t from_ms, int seconds)
{
	struct heard h = { 0 };

	for (int i = 0; i < seconds; i++)
		step(s, from_ms + i * 1000, &h);
	return h;
}

static void as_many_as_a_person_can_press_are_told_one_by_one(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h = play(&s, NOW, PP_STORM_SIGNALS, 100);

	(void)state;
	assert_int_equal(h.told, PP_STORM_SIGNALS);
	assert_false(s.on);
}

static void alarms_that_come_for_ever_but_slowly_are_told_one_by_one(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h = play(&s, NOW, 10000, 3100);

	(void)state;
	assert_int_equal(h.told, 10000);
}

static void ten_thousand_in_a_minute_are_told_as_counts_that_add_up(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h = play(&s, NOW, 10000, 6), after = wait(&s, NOW + 60000, 200);

	(void)state;
	assert_int_equal(h.told, PP_STORM_SIGNALS);
	assert_int_equal(h.begun, 1);
	assert_in_range(h.counted, 5, 6);
	assert_int_equal(h.told + h.counts + after.counts, 10000);
	assert_int_equal(after.over, 1);
	assert_false(s.on);
}

static void a_storm_without_end_rings_by_the_minute_for_ever(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h = play(&s, NOW, 24 * 60 * 60, 1000);

	(void)state;
	assert_int_equal(h.told, PP_STORM_SIGNALS);
	assert_in_range(h.alerts, 24 * 60 - 2, 24 * 60 + 1);
	assert_in_range(h.counted, 24 * 360 - 10, 24 * 360 + 1);
	assert_int_equal(h.over, 0);
	assert_true(s.on);
}

static void a_few_in_a_minute_end_a_storm_and_the_next_is_told_by_itself(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h;

	(void)state;
	(void)play(&s, NOW, 100, 10);
	h = play(&s, NOW + 60000, PP_STORM_CALM, 1000);
	assert_int_equal(h.told, 0);
	h = wait(&s, NOW + 65000, 120);
	assert_int_equal(h.over, 1);
	assert_int_equal(s.untold, 0);
	assert_true(pp_storm_feed(&s, NOW + 200000));
}

static void a_clock_set_back_two_hours_loses_no_count(void **state)
{
	struct pp_storm s = { 0 };
	struct heard h = play(&s, NOW, 100, 10), later;

	(void)state;
	later = play(&s, NOW - 7200000, 100, 10);
	assert_int_equal(h.told + h.counts + later.told + later.counts + s.untold, 200);
	later = wait(&s, NOW - 7200000 + 1000, 200);
	assert_int_equal(later.over, 1);
	assert_int_equal(s.untold, 0);
}

static void a_count_is_forgotten_when_nothing_can_come_of_it(void **state)
{
	struct pp_storm s = { 0 };

	(void)state;
	(void)pp_storm_feed(&s, NOW);
	assert_false(pp_storm_is_idle(&s, NOW + PP_STORM_IDLE_MS - 1));
	assert_true(pp_storm_is_idle(&s, NOW + PP_STORM_IDLE_MS));
	(void)play(&s, NOW, 100, 10);
	assert_false(pp_storm_is_idle(&s, NOW + 100 * PP_STORM_IDLE_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_as_a_person_can_press_are_told_one_by_one),
		cmocka_unit_test(alarms_that_come_for_ever_but_slowly_are_told_one_by_one),
		cmocka_unit_test(ten_thousand_in_a_minute_are_told_as_counts_that_add_up),
		cmocka_unit_test(a_storm_without_end_rings_by_the_minute_for_ever),
		cmocka_unit_test(a_few_in_a_minute_end_a_storm_and_the_next_is_told_by_itself),
		cmocka_unit_test(a_clock_set_back_two_hours_loses_no_count),
		cmocka_unit_test(a_count_is_forgotten_when_nothing_can_come_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
