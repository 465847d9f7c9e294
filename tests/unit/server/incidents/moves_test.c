/* SPDX-License-Identifier: Apache-2.0 */
/* moves_test.c -- the whole table of states and moves, written out a second time. */
#include "incidents/moves.h"

#include "pospin_test.h"

#include <errno.h>

#define NO (-EPERM)
#define IS(state) PP_INCIDENT_##state

static void every_move_leads_where_the_table_says_or_is_refused_with_a_reason(void **state)
{
	static const int want[PP_INCIDENT_STATE_COUNT][PP_MOVE_COUNT] = {
		/* acknowledge, dispatch, on-scene, close, note; claim, take over, return, accept,
		 * arrive, stand down */
		{ IS(ACKNOWLEDGED), NO, NO, NO, IS(OPEN), IS(ACKNOWLEDGED), NO, NO, IS(DISPATCHED),
			IS(ON_SCENE), NO },
		{ NO, IS(DISPATCHED), NO, IS(CLOSED), IS(ACKNOWLEDGED), NO, IS(ACKNOWLEDGED),
			IS(OPEN), IS(DISPATCHED), IS(ON_SCENE), NO },
		{ NO, IS(DISPATCHED), IS(ON_SCENE), IS(CLOSED), IS(DISPATCHED), IS(DISPATCHED),
			IS(DISPATCHED), IS(DISPATCHED), IS(DISPATCHED), IS(ON_SCENE),
			IS(ACKNOWLEDGED) },
		{ NO, IS(ON_SCENE), NO, IS(CLOSED), IS(ON_SCENE), IS(ON_SCENE), IS(ON_SCENE),
			IS(ON_SCENE), IS(ON_SCENE), IS(ON_SCENE), IS(ACKNOWLEDGED) },
		{ NO, NO, NO, NO, IS(CLOSED), NO, NO, NO, NO, NO, NO },
	};

	(void)state;
	for (int s = 0; s < PP_INCIDENT_STATE_COUNT; s++) {
		for (int m = 0; m < PP_MOVE_COUNT; m++) {
			const char *why = NULL;
			int got =
				pp_incident_move((enum pp_incident_state)s, (enum pp_move)m, &why);

			if (got != want[s][m])
				fail_msg("%s in %s: got %d, want %d", pp_move_text((enum pp_move)m),
					pp_incident_state_text((enum pp_incident_state)s), got,
					want[s][m]);
			assert_true((got == NO) == (why != NULL));
		}
	}
}

static void no_way_leads_out_of_closed(void **state)
{
	const char *why;

	(void)state;
	for (int m = 0; m < PP_MOVE_COUNT; m++) {
		int got = pp_incident_move(PP_INCIDENT_CLOSED, (enum pp_move)m, &why);

		assert_true(got == -EPERM || got == PP_INCIDENT_CLOSED);
	}
	assert_int_equal(pp_incident_move(PP_INCIDENT_CLOSED, PP_MOVE_CLOSE, &why), -EPERM);
	assert_string_equal(why, "is closed already");
}

static void closing_codes_are_the_listed_ones_only(void **state)
{
	(void)state;
	assert_true(pp_closing_code_is_known("real"));
	assert_true(pp_closing_code_is_known("unfounded"));
	assert_false(pp_closing_code_is_known("Real"));
	assert_false(pp_closing_code_is_known(""));
	assert_string_equal(pp_closing_codes(), "real, nuisance, prank, test, fault, unfounded");
}

static void states_have_texts_and_steps(void **state)
{
	(void)state;
	for (int s = 0; s < PP_INCIDENT_STATE_COUNT; s++) {
		const char *text = pp_incident_state_text((enum pp_incident_state)s);

		assert_int_equal(pp_incident_state_parse(text), s);
		assert_int_not_equal(pp_incident_step((enum pp_incident_state)s), PP_STEP_UNKNOWN);
	}
	assert_int_equal(pp_incident_state_parse("opened"), -EINVAL);
	assert_int_equal(pp_incident_step(PP_INCIDENT_OPEN), PP_STEP_RECEIVED);
	assert_int_equal(pp_incident_step(PP_INCIDENT_CLOSED), PP_STEP_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_move_leads_where_the_table_says_or_is_refused_with_a_reason),
		cmocka_unit_test(no_way_leads_out_of_closed),
		cmocka_unit_test(closing_codes_are_the_listed_ones_only),
		cmocka_unit_test(states_have_texts_and_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
