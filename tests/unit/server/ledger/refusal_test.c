/* SPDX-License-Identifier: Apache-2.0 */
/* refusal_test.c -- what people may write, and how they are refused. */
#include "refusal.h"

#include "pospin_test.h"

#include <errno.h>

#include "ledger/item.h"

static void texts_are_utf8_without_control_characters(void **state)
{
	static const struct {
		const char *text;
		bool lines, want;
	} cases[] = {
		{ "Bu Siti", false, true },
		{ "<b>Si</b>", false, true },
		{ "123456789 ", false, true },
		{ "123456789 1", false, false },
		{ "", false, false },
		{ NULL, false, false },
		{ "a\nb\tc", true, true },
		{ "a\nb", false, false },
		{ "a\tb", false, false },
		{ "a\x1b[31m", true, false },
		{ "a\x7f", true, false },
		{ "a\rb", true, false },
		{ "\xff", false, false },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++)
		assert_int_equal(
			pp_words_are_fine(cases[i].text, 10, cases[i].lines), cases[i].want);
}

static void a_refusal_is_an_answer_and_no_error(void **state)
{
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);

	(void)state;
	assert_non_null(item);
	assert_int_equal(pp_action_refuse(item, -EPERM, "not %s", "now"), 0);
	assert_int_equal(item->out.action.error, -EPERM);
	assert_string_equal(item->out.action.reason, "not now");
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_utf8_without_control_characters),
		cmocka_unit_test(a_refusal_is_an_answer_and_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
