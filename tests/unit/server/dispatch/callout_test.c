/* SPDX-License-Identifier: Apache-2.0 */
/* callout_test.c -- the whole table of a call's states and verbs, written out a second time. */
#include "dispatch/callout.h"

#include "pospin_test.h"

#include <errno.h>

#define NO (-EPERM)
#define IS(state) PP_CALLOUT_IS_##state

static void every_verb_leads_where_the_table_says_or_is_refused_with_a_reason(void **state)
{
	static const int want[PP_CALLOUT_STATE_COUNT][PP_CALLOUT_VERB_COUNT] = {
		/* accept, refuse, en route, on scene, done, expire, stop */
		{ IS(ACCEPTED), IS(REFUSED), IS(EN_ROUTE), IS(ON_SCENE), NO, IS(EXPIRED),
			IS(STOPPED) },
		{ NO, IS(REFUSED), IS(EN_ROUTE), IS(ON_SCENE), NO, NO, NO },
		{ IS(ACCEPTED), NO, IS(EN_ROUTE), IS(ON_SCENE), NO, NO, NO },
		{ NO, IS(REFUSED), NO, IS(ON_SCENE), NO, NO, NO },
		{ NO, NO, NO, NO, IS(DONE), NO, NO },
		{ NO, NO, NO, NO, NO, NO, NO },
		{ IS(ACCEPTED), IS(REFUSED), IS(EN_ROUTE), IS(ON_SCENE), NO, NO, IS(STOPPED) },
		{ NO, NO, NO, IS(ON_SCENE), NO, NO, NO },
	};

	(void)state;
	for (int s = 0; s < PP_CALLOUT_STATE_COUNT; s++) {
		for (int v = 0; v < PP_CALLOUT_VERB_COUNT; v++) {
			const char *why = NULL;
			int got = pp_callout_move(
				(enum pp_callout_state)s, (enum pp_callout_verb)v, &why);

			if (got != want[s][v])
				fail_msg("%s when %s: got %d, want %d",
					pp_callout_verb_text((enum pp_callout_verb)v),
					pp_callout_state_text((enum pp_callout_state)s), got,
					want[s][v]);
			assert_true((got == NO) == (why != NULL));
		}
	}
}

static void states_and_verbs_have_texts(void **state)
{
	(void)state;
	for (int s = 0; s < PP_CALLOUT_STATE_COUNT; s++)
		assert_int_equal(
			pp_callout_state_parse(pp_callout_state_text((enum pp_callout_state)s)), s);
	for (int v = 0; v < PP_CALLOUT_VERB_COUNT; v++)
		assert_int_equal(
			pp_callout_verb_parse(pp_callout_verb_text((enum pp_callout_verb)v)), v);
	assert_int_equal(pp_callout_verb_parse("arrive"), -EINVAL);
	assert_int_equal(pp_callout_state_parse(""), -EINVAL);
}

static void only_who_said_yes_is_coming(void **state)
{
	(void)state;
	for (int s = 0; s < PP_CALLOUT_STATE_COUNT; s++)
		assert_int_equal(pp_callout_is_coming((enum pp_callout_state)s),
			s == PP_CALLOUT_IS_ACCEPTED || s == PP_CALLOUT_IS_EN_ROUTE ||
				s == PP_CALLOUT_IS_ON_SCENE);
}

static void a_code_with_one_wrong_digit_is_none(void **state)
{
	char code[PP_CALLOUT_CODE_SIZE];

	(void)state;
	for (uint64_t random = 0; random < 2000000; random += 7919) {
		pp_callout_code_make(random, code);
		assert_true(pp_callout_code_is_fine(code));
		for (size_t i = 0; i < strlen(code); i++) {
			char right = code[i];

			code[i] = right == '9' ? '0' : (char)(right + 1);
			assert_false(pp_callout_code_is_fine(code));
			code[i] = right;
		}
	}
}

static void what_is_no_code_is_refused(void **state)
{
	static const char *const not_codes[] = { "", "1", "123456", "12345678", "12345a7",
		" 123456", "1234-56" };

	(void)state;
	for (size_t i = 0; i < sizeof(not_codes) / sizeof(not_codes[0]); i++)
		assert_false(pp_callout_code_is_fine(not_codes[i]));
	assert_true(pp_callout_code_is_fine("0000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_leads_where_the_table_says_or_is_refused_with_a_reason),
		cmocka_unit_test(states_and_verbs_have_texts),
		cmocka_unit_test(only_who_said_yes_is_coming),
		cmocka_unit_test(a_code_with_one_wrong_digit_is_none),
		cmocka_unit_test(what_is_no_code_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
