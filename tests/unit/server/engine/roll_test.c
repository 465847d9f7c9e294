/* SPDX-License-Identifier: Apache-2.0 */
/* roll_test.c -- whoever may speak is asked once, a few at a time. */
#include "post.h"

static void every_post_that_may_speak_is_asked_once(void **state)
{
	struct desk_fixture *f = *state;
	static const char *const want[] = { "pospin/v1/kendal/boja-01/progress",
		"pospin/v1/kendal/boja-02/progress" };
	size_t from = 0;

	pp_key_free(post_enrol(f, "boja-02"));
	desk_open(f);
	assert_true(pp_desk_roll_call(f->desk, &from, 1));
	assert_int_equal(f->count, 1);
	while (pp_desk_roll_call(f->desk, &from, 1))
		;
	assert_int_equal(f->count, PP_COUNT(want));
	for (size_t i = 0; i < PP_COUNT(want); i++)
		assert_string_equal(f->heard[i].topic, want[i]);
	assert_false(pp_desk_roll_call(f->desk, &from, 1));
	assert_int_equal(f->count, PP_COUNT(want));
}

static void who_may_not_speak_is_not_asked(void **state)
{
	struct desk_fixture *f = *state;
	size_t from = 0;

	pp_key_free(post_enrol(f, "boja-02"));
	assert_int_equal(pp_db_exec(pp_ledger_db(f->record.ledger),
				 "UPDATE post SET active = 0 WHERE post = 'boja-01'"),
		0);
	desk_open(f);
	assert_false(pp_desk_roll_call(f->desk, &from, 50));
	assert_int_equal(f->count, 1);
	assert_string_equal(f->heard[0].topic, "pospin/v1/kendal/boja-02/progress");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(every_post_that_may_speak_is_asked_once),
		DESK_TEST(who_may_not_speak_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
