/* SPDX-License-Identifier: Apache-2.0 */
/* chatter_test.c -- too many edges in too short a time, and what is not that. */
#include "debounce/chatter.h"

#include <errno.h>

#include "pospin_test.h"

/* Feeds count alternating edges, gap_us apart, from *at_us on. Returns the number of the edge that
 * began chatter; 0: none. */
static unsigned feed(struct pp_chatter *c, unsigned count, uint64_t gap_us, uint64_t *at_us)
{
	unsigned began = 0;

	for (unsigned i = 1; i <= count; i++) {
		if (pp_chatter_feed(c, i % 2 == 1, *at_us))
			began = i;
		*at_us += gap_us;
	}
	return began;
}

static struct pp_chatter *made(unsigned edges, uint64_t within_us)
{
	struct pp_chatter *c;

	assert_int_equal(pp_chatter_new(edges, within_us, &c), 0);
	return c;
}

static void more_edges_than_allowed_within_the_time_are_chatter(void **state)
{
	static const struct {
		unsigned count;
		uint64_t gap_us;
		unsigned want; /* the edge that begins it; 0: none */
	} rows[] = {
		{ 40, 10000, 0 },                       /* exactly as many as allowed */
		{ 60, 10000, 41 }, { 100, 250000, 41 }, /* 40 gaps in exactly 10 s */
		{ 100, 250001, 0 },                     /* a little slower */
		{ 60, 1000, 41 },   /* faster than a bounce gap: counted as soon as it lasts longer
				       than a bounce */
		{ 1000, 100, 252 }, /* likewise: at the first edge after 25 ms */
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_chatter *c = made(40, 10000000);
		uint64_t at_us = 1000000;
		unsigned got = feed(c, rows[i].count, rows[i].gap_us, &at_us);

		if (got != rows[i].want)
			fail_msg("row %zu: began at edge %u, want %u", i, got, rows[i].want);
		pp_chatter_free(c);
	}
}

static void the_bounce_of_one_switching_counts_as_one_edge(void **state)
{
	struct pp_chatter *c = made(40, 10000000);
	uint64_t at_us = 1000000;

	(void)state;
	for (unsigned n = 1; n <= 40; n++) {
		for (unsigned i = 0; i <= 200;
			i++) /* 20 ms of bounce, 201 edges, and then the other level */
			assert_int_equal(pp_chatter_feed(c, (n + i) % 2 == 1, at_us + i * 100), 0);
		at_us += 200000;
	}
	assert_false(pp_chatter_is_on(c));
	assert_int_equal(pp_chatter_feed(c, true, at_us), 1);
	pp_chatter_free(c);
}

static void a_pulse_counts_as_two_edges(void **state)
{
	struct pp_chatter *c = made(40, 10000000);
	uint64_t at_us = 1000000;

	(void)state;
	for (unsigned n = 1; n <= 20; n++) {
		assert_int_equal(pp_chatter_feed(c, true, at_us), 0);
		assert_int_equal(pp_chatter_feed(c, false, at_us + 300), 0);
		at_us += 200000;
	}
	assert_int_equal(pp_chatter_feed(c, true, at_us), 1);
	pp_chatter_free(c);
}

static void it_ends_after_ten_seconds_without_an_edge(void **state)
{
	struct pp_chatter *c = made(40, 10000000);
	uint64_t at_us = 1000000, last_us = at_us + 59 * 10000;

	(void)state;
	assert_true(pp_chatter_deadline(c) == UINT64_MAX);
	assert_int_equal(feed(c, 60, 10000, &at_us), 41);
	assert_int_equal(pp_chatter_deadline(c), last_us + PP_CHATTER_CALM_US);
	assert_int_equal(pp_chatter_step(c, last_us + PP_CHATTER_CALM_US - 1), 0);
	assert_int_equal(pp_chatter_step(c, last_us + PP_CHATTER_CALM_US), 1);
	assert_false(pp_chatter_is_on(c));
	at_us = last_us + PP_CHATTER_CALM_US + 1;
	assert_int_equal(feed(c, 40, 10000, &at_us), 0);
	pp_chatter_free(c);
}

static void a_press_is_plausible_if_it_was_on_for_a_fifth_of_the_time(void **state)
{
	static const struct {
		uint64_t on_us, off_us;
		bool want;
	} rows[] = { { 2000, 2000, true }, { 2000, 8000, true }, { 2000, 9000, false },
		{ 300, 20000, false } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_chatter *c = made(40, 10000000);
		uint64_t at_us = 1000000;

		while (!pp_chatter_is_on(c)) {
			pp_chatter_feed(c, true, at_us);
			at_us += rows[i].on_us;
			pp_chatter_feed(c, false, at_us);
			at_us += rows[i].off_us;
		}
		if (pp_chatter_is_plausible(c) != rows[i].want)
			fail_msg("row %zu: plausible is not %d", i, rows[i].want);
		assert_in_range(pp_chatter_onset(c), 1000000, at_us - 1);
		pp_chatter_free(c);
	}
}

static void what_was_told_makes_nothing_plausible(void **state)
{
	struct pp_chatter *c = made(10, 10000000);
	uint64_t at_us = 4100000;

	(void)state;
	pp_chatter_feed(c, true, 1000000); /* a press of 3 s */
	pp_chatter_feed(c, false, 4000000);
	pp_chatter_told(c, 4050000);
	while (!pp_chatter_is_on(c)) {
		pp_chatter_feed(c, true, at_us);
		pp_chatter_feed(c, false, at_us + 300);
		at_us += 100000;
	}
	assert_false(pp_chatter_is_plausible(c));
	assert_int_equal(pp_chatter_onset(c), 4050000);
	pp_chatter_free(c);
}

static void limits_out_of_range_are_refused(void **state)
{
	struct pp_chatter *c = NULL;

	(void)state;
	assert_int_equal(pp_chatter_new(3, 1000000, &c), -ERANGE);
	assert_int_equal(pp_chatter_new(1001, 1000000, &c), -ERANGE);
	assert_int_equal(pp_chatter_new(40, 99999, &c), -ERANGE);
	assert_int_equal(pp_chatter_new(40, 600000001, &c), -ERANGE);
	assert_null(c);
	assert_null(pp_chatter_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_edges_than_allowed_within_the_time_are_chatter),
		cmocka_unit_test(the_bounce_of_one_switching_counts_as_one_edge),
		cmocka_unit_test(a_pulse_counts_as_two_edges),
		cmocka_unit_test(it_ends_after_ten_seconds_without_an_edge),
		cmocka_unit_test(a_press_is_plausible_if_it_was_on_for_a_fifth_of_the_time),
		cmocka_unit_test(what_was_told_makes_nothing_plausible),
		cmocka_unit_test(limits_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
