/* SPDX-License-Identifier: Apache-2.0 */
/* trust_test.c -- the level of every kind of fact, and that history never outweighs one. */
#include "incidents/trust.h"

#include "pospin_test.h"

static void the_strongest_fact_says_the_level(void **state)
{
	static const struct {
		uint32_t facts;
		int64_t posts;
		int level;
	} cases[] = {
		{ 0, 1, 1 },
		{ PP_TRUST_PRESS, 1, 1 },
		{ PP_TRUST_DETECTOR, 1, 1 },
		{ PP_TRUST_PRESS | PP_TRUST_HELD, 1, 2 },
		{ PP_TRUST_PRESS | PP_TRUST_SECOND_POINT, 1, 2 },
		{ PP_TRUST_DETECTOR | PP_TRUST_VERIFIED, 1, 2 },
		{ PP_TRUST_DETECTOR | PP_TRUST_PRESS, 1, 3 },
		{ PP_TRUST_PRESS, 2, 3 },
		{ PP_TRUST_REPORT, 0, 3 },
		{ PP_TRUST_PRESS, 3, 4 },
		{ PP_TRUST_PRESS, 32, 4 },
		{ PP_TRUST_PRESS | PP_TRUST_ON_SCENE, 1, 4 },
		{ PP_TRUST_PRESS | PP_TRUST_REAL_BEFORE, 1, 1 },
		{ PP_TRUST_PRESS | PP_TRUST_FALSE_BEFORE, 1, 0 },
		{ PP_TRUST_PRESS | PP_TRUST_HELD | PP_TRUST_FALSE_BEFORE, 1, 2 },
		{ PP_TRUST_PRESS | PP_TRUST_FALSE_BEFORE, 2, 3 },
		{ PP_TRUST_PRESS | PP_TRUST_HELD | PP_TRUST_EXERCISE, 3, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int got = pp_trust_level(pp_trust_facts(cases[i].facts, cases[i].posts));

		if (got != cases[i].level)
			fail_msg("case %zu: got %d, want %d", i, got, cases[i].level);
	}
}

static void what_followed_from_a_post_that_has_left_goes_with_it(void **state)
{
	uint32_t facts = pp_trust_facts(PP_TRUST_PRESS, 3);

	(void)state;
	assert_true(facts & PP_TRUST_THIRD_POST);
	facts = pp_trust_facts(facts, 2);
	assert_true(facts == (PP_TRUST_PRESS | PP_TRUST_NEIGHBOUR));
	assert_true(pp_trust_facts(facts, 1) == PP_TRUST_PRESS);
}

static void only_false_alarms_and_several_of_them_make_a_bad_name(void **state)
{
	(void)state;
	assert_int_equal(pp_trust_history(0, 0), 0);
	assert_int_equal(pp_trust_history(PP_TRUST_FALSE_MIN - 1, 0), 0);
	assert_int_equal(pp_trust_history(PP_TRUST_FALSE_MIN, 0), PP_TRUST_FALSE_BEFORE);
	assert_int_equal(pp_trust_history(50, 1), PP_TRUST_REAL_BEFORE);
}

static void every_fact_has_its_words_in_both_languages(void **state)
{
	(void)state;
	for (int i = 0; i < PP_TRUST_FACT_COUNT; i++) {
		struct pp_trust_word word = pp_trust_word((enum pp_trust_bit)i);

		assert_true(word.code[0] && word.id[0] && word.en[0]);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				word.code, pp_trust_word((enum pp_trust_bit)j).code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_fact_says_the_level),
		cmocka_unit_test(what_followed_from_a_post_that_has_left_goes_with_it),
		cmocka_unit_test(only_false_alarms_and_several_of_them_make_a_bad_name),
		cmocka_unit_test(every_fact_has_its_words_in_both_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
