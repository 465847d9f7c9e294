/* SPDX-License-Identifier: Apache-2.0 */
/* lanes_test.c -- who does not answer has one place, who answers four. */
#include "notify/lanes.h"

#include "pospin_test.h"

static void who_did_not_answer_has_one_place_until_he_does(void **state)
{
	struct pp_lanes *l = calloc(1, sizeof(*l));

	(void)state;
	assert_non_null(l);
	for (int i = 0; i < PP_LANE_TRIES; i++)
		assert_true(pp_lanes_begin(l, 7));
	assert_false(pp_lanes_begin(l, 7));
	assert_true(pp_lanes_begin(l, 8));
	for (int i = 0; i < PP_LANE_TRIES; i++)
		pp_lanes_end(l, 7, false);
	assert_true(pp_lanes_begin(l, 7));
	assert_false(pp_lanes_begin(l, 7));
	pp_lanes_end(l, 7, true);
	assert_true(pp_lanes_begin(l, 7));
	assert_true(pp_lanes_begin(l, 7));
	free(l);
}

static void bad_ones_are_forgotten_for_new_ones_and_never_those_under_way(void **state)
{
	struct pp_lanes *l = calloc(1, sizeof(*l));

	(void)state;
	assert_non_null(l);
	assert_true(pp_lanes_begin(l, 1));
	for (uint64_t i = 2; i < 10 * PP_LANES_SIZE; i++) {
		assert_true(pp_lanes_begin(l, i));
		pp_lanes_end(l, i, false);
	}
	for (int i = 1; i < PP_LANE_TRIES; i++)
		assert_true(pp_lanes_begin(l, 1));
	assert_false(pp_lanes_begin(l, 1));
	for (uint64_t i = 1; i < PP_LANES_SIZE; i++)
		assert_true(pp_lanes_begin(l, 100000 + i));
	assert_false(pp_lanes_begin(l, 200000));
	pp_lanes_end(l, 300000, true);
	free(l);
}

static void recipients_differ_by_each_of_their_parts(void **state)
{
	(void)state;
	assert_true(pp_lanes_recipient("a", "b", "c") == pp_lanes_recipient("a", "b", "c"));
	assert_true(pp_lanes_recipient("a", "b", "c") != pp_lanes_recipient("a", "bc", ""));
	assert_true(pp_lanes_recipient("a", "b", "c") != pp_lanes_recipient("ab", "", "c"));
	assert_true(pp_lanes_recipient("", "", "") != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_did_not_answer_has_one_place_until_he_does),
		cmocka_unit_test(bad_ones_are_forgotten_for_new_ones_and_never_those_under_way),
		cmocka_unit_test(recipients_differ_by_each_of_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
