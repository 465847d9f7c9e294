/* SPDX-License-Identifier: Apache-2.0 */
/* presses_test.c -- the bounded table of open presses. */
#include "agent/presses.h"

#include "pospin_test.h"

static void presses_are_found_by_ticket_and_then_by_number(void **state)
{
	struct pp_presses p = { 0 };
	struct pp_press *a = pp_presses_add(&p, &(struct pp_press){ .ticket = 1 });

	(void)state;
	pp_presses_add(&p, &(struct pp_press){ .ticket = 2, .epoch = 7, .seq = 3 });
	assert_ptr_equal(pp_presses_by_ticket(&p, 1), a);
	assert_null(pp_presses_by_ticket(&p, 0));
	assert_null(pp_presses_find(&p, 7, 0));
	assert_null(pp_presses_find(&p, 8, 3));
	assert_non_null(pp_presses_find(&p, 7, 3));
	pp_presses_remove(&p, a);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.list[0].seq, 3);
}

static void a_full_table_gives_up_its_most_advanced_press(void **state)
{
	struct pp_presses p = { 0 };

	(void)state;
	for (int i = 0; i < PP_VIEW_PRESSES_MAX; i++)
		pp_presses_add(&p, &(struct pp_press){ .epoch = 1,
					   .seq = i + 1,
					   .rung = i == 40 ? PP_RUNG_DISPATCHED : PP_RUNG_TAKEN });
	pp_presses_add(&p, &(struct pp_press){ .epoch = 1, .seq = 1000 });
	assert_int_equal(p.count, PP_VIEW_PRESSES_MAX);
	assert_null(pp_presses_find(&p, 1, 41));
	assert_non_null(pp_presses_find(&p, 1, 1));
	assert_non_null(pp_presses_find(&p, 1, 1000));
}

static void only_presses_without_receipt_come_into_doubt(void **state)
{
	struct pp_presses p = { 0 };

	(void)state;
	pp_presses_add(&p, &(struct pp_press){ .pressed_us = 100, .rung = PP_RUNG_TAKEN });
	pp_presses_add(&p, &(struct pp_press){ .pressed_us = 50, .rung = PP_RUNG_RECEIVED });
	pp_presses_add(&p, &(struct pp_press){ .pressed_us = 200, .rung = PP_RUNG_NONE });
	assert_int_equal(pp_presses_deadline(&p, 1000), 1100);
	assert_int_equal(pp_presses_doubt(&p, 1099, 1000), 0);
	assert_int_equal(pp_presses_doubt(&p, 1100, 1000), 1);
	assert_int_equal(p.list[0].doubt_us, 1100); /* from then on the fallback sounds */
	assert_int_equal(pp_presses_deadline(&p, 1000), 1200);
	assert_int_equal(pp_presses_doubt(&p, 5000, 1000), 1);
	assert_true(pp_presses_deadline(&p, 1000) == UINT64_MAX);
}

static void an_unknown_step_is_at_least_received(void **state)
{
	(void)state;
	assert_int_equal(pp_rung_of_step(PP_STEP_UNKNOWN), PP_RUNG_RECEIVED);
	assert_int_equal(pp_rung_of_step(PP_STEP_ON_SCENE), PP_RUNG_ON_SCENE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presses_are_found_by_ticket_and_then_by_number),
		cmocka_unit_test(a_full_table_gives_up_its_most_advanced_press),
		cmocka_unit_test(only_presses_without_receipt_come_into_doubt),
		cmocka_unit_test(an_unknown_step_is_at_least_received),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
