/* SPDX-License-Identifier: Apache-2.0 */
/* wire_test.c -- a debounced wire whose chatter hides no activation. */
#include "debounce/wire.h"

#include <errno.h>

#include "pospin_test.h"

#define SECOND 1000000u

struct probe {
	struct pp_wire *wire;
	uint64_t now_us;
	unsigned changes, chatters, calms; /* seen so far; changes: to on */
};

static void note(struct probe *p, unsigned what)
{
	p->changes += (what & PP_WIRE_CHANGED) && pp_wire_is_on(p->wire);
	p->chatters += (what & PP_WIRE_CHATTERS) != 0;
	p->calms += (what & PP_WIRE_CALMED) != 0;
}

static void probe_begin(struct probe *p)
{
	static const struct pp_wire_config config = {
		.on_us = 5000, .off_us = 50000, .chatter_edges = 40, .chatter_us = 10 * SECOND
	};

	*p = (struct probe){ .now_us = SECOND };
	assert_int_equal(pp_wire_new(&config, &p->wire), 0);
	note(p, pp_wire_start(p->wire, false, p->now_us));
}

static void probe_wait(struct probe *p, uint64_t us)
{
	p->now_us += us;
	while (pp_wire_deadline(p->wire) <= p->now_us)
		note(p, pp_wire_step(p->wire, pp_wire_deadline(p->wire)));
}

static void probe_pulse(struct probe *p, uint64_t on_us, uint64_t off_us)
{
	note(p, pp_wire_feed(p->wire, true, p->now_us));
	probe_wait(p, on_us);
	note(p, pp_wire_feed(p->wire, false, p->now_us));
	probe_wait(p, off_us);
}

static void chatter_of_a_plausible_press_counts_as_on_once(void **state)
{
	struct probe p;

	(void)state;
	probe_begin(&p);
	for (int i = 0; i < 500; i++) /* never 5 ms on: debounce alone would hide it */
		probe_pulse(&p, 3000, 5000);
	assert_int_equal(p.chatters, 1);
	assert_int_equal(p.changes, 1);
	assert_true(pp_wire_chatters(p.wire));
	probe_wait(&p, 10 * SECOND);
	assert_int_equal(p.calms, 1);
	assert_false(pp_wire_is_on(p.wire));
	pp_wire_free(p.wire);
}

static void chatter_of_interference_is_trouble_and_no_activation(void **state)
{
	struct probe p;

	(void)state;
	probe_begin(&p);
	for (int i = 0; i < 500; i++)
		probe_pulse(&p, 300, 20000);
	assert_int_equal(p.chatters, 1);
	assert_int_equal(p.changes, 0);
	pp_wire_free(p.wire);
}

static void a_real_hold_is_taken_during_chatter(void **state)
{
	static const struct {
		uint64_t hold_us;
		unsigned want;
	} rows[] = { { 49000, 0 }, { 50000, 1 }, { 200000, 1 } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct probe p;

		probe_begin(&p);
		for (int n = 0; n < 100; n++)
			probe_pulse(&p, 300, 20000);
		probe_pulse(&p, rows[i].hold_us, 100000);
		if (p.changes != rows[i].want)
			fail_msg("hold of %ju us: taken %u times, want %u",
				(uintmax_t)rows[i].hold_us, p.changes, rows[i].want);
		pp_wire_free(p.wire);
	}
}

static void a_wire_that_flaps_for_an_hour_is_told_of_once_a_minute(void **state)
{
	struct probe p;
	unsigned early;

	(void)state;
	probe_begin(&p);
	while (!pp_wire_chatters(p.wire))
		probe_pulse(&p, 100000, 100000);
	early = p.changes;
	while (p.now_us < 3600ull * SECOND)
		probe_pulse(&p, 100000, 100000);
	assert_in_range(early, 1, 21);
	assert_in_range(p.changes - early, 55, 60);
	early = p.changes;
	probe_pulse(&p, 500000, 100000); /* and yet a long hold counts at any time */
	probe_pulse(&p, 500000, 100000);
	assert_in_range(p.changes - early, 2, 2);
	pp_wire_free(p.wire);
}

static void a_minute_at_10_khz_is_one_activation_and_one_trouble_that_heals(void **state)
{
	struct probe p;

	(void)state;
	probe_begin(&p);
	for (int i = 0; i < 600000; i++)
		probe_pulse(&p, 50, 50);
	assert_int_equal(p.changes, 1); /* half of the time on: it may be a finger */
	assert_int_equal(p.chatters, 1);
	assert_int_equal(p.calms, 0);
	probe_wait(&p, 11 * SECOND);
	assert_int_equal(p.calms, 1);
	assert_false(pp_wire_is_on(p.wire) || pp_wire_chatters(p.wire));
	probe_pulse(&p, 20000, 100000);
	assert_int_equal(p.changes, 2);
	pp_wire_free(p.wire);
}

static void on_at_start_is_known_as_such_until_it_ends(void **state)
{
	static const struct pp_wire_config config = {
		.on_us = 5000, .off_us = 50000, .chatter_edges = 40, .chatter_us = 10 * SECOND
	};
	struct probe p = { .now_us = SECOND };

	(void)state;
	assert_int_equal(pp_wire_new(&config, &p.wire), 0);
	note(&p, pp_wire_start(p.wire, true, p.now_us));
	probe_wait(&p, 5000);
	assert_int_equal(p.changes, 1);
	assert_true(pp_wire_at_start(p.wire));
	note(&p, pp_wire_feed(p.wire, false, p.now_us));
	probe_wait(&p, SECOND);
	probe_pulse(&p, 20000, 100000);
	assert_int_equal(p.changes, 2);
	assert_false(pp_wire_at_start(p.wire));
	pp_wire_free(p.wire);
}

static void settings_out_of_range_are_refused(void **state)
{
	static const struct pp_wire_config bad[] = { { 0, 50000, 40, SECOND },
		{ 5000, 0, 40, SECOND }, { 5000, 50000, 1, SECOND }, { 5000, 50000, 40, 1 } };
	struct pp_wire *w = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_wire_new(&bad[i], &w), -ERANGE);
	assert_null(w);
	assert_null(pp_wire_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_at_10_khz_is_one_activation_and_one_trouble_that_heals),
		cmocka_unit_test(chatter_of_a_plausible_press_counts_as_on_once),
		cmocka_unit_test(chatter_of_interference_is_trouble_and_no_activation),
		cmocka_unit_test(a_real_hold_is_taken_during_chatter),
		cmocka_unit_test(a_wire_that_flaps_for_an_hour_is_told_of_once_a_minute),
		cmocka_unit_test(on_at_start_is_known_as_such_until_it_ends),
		cmocka_unit_test(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
