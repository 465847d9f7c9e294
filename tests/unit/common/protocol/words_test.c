/* SPDX-License-Identifier: Apache-2.0 */
/* words_test.c -- every word reads back to itself, and nothing else is a word. */
#include "protocol/words.h"

#include "pospin_test.h"

#include <errno.h>

static void every_word_reads_back_to_itself(void **state)
{
	(void)state;
	for (int i = 1; i < PP_KIND_COUNT; i++)
		assert_int_equal(pp_kind_parse(pp_kind_text((enum pp_kind)i)), i);
	for (int i = 1; i < PP_SIGNAL_COUNT; i++)
		assert_int_equal(pp_signal_parse(pp_signal_text((enum pp_signal_type)i)), i);
	for (int i = 0; i < PP_CLASS_COUNT; i++)
		assert_int_equal(pp_class_parse(pp_class_text((enum pp_class)i)), i);
	for (int i = 1; i < PP_POINT_STATE_COUNT; i++)
		assert_int_equal(
			pp_point_state_parse(pp_point_state_text((enum pp_point_state)i)), i);
	for (int i = 1; i < PP_STEP_COUNT; i++)
		assert_int_equal(pp_step_parse(pp_step_text((enum pp_step)i)), i);
	for (int i = 1; i < PP_ORDER_COUNT; i++)
		assert_int_equal(pp_order_parse(pp_order_text((enum pp_order)i)), i);
	for (int i = 1; i < PP_RESULT_COUNT; i++)
		assert_int_equal(pp_result_parse(pp_result_text((enum pp_result)i)), i);
	for (int i = 0; i < PP_CHANNEL_COUNT; i++)
		assert_int_equal(pp_channel_parse(pp_channel_text((enum pp_channel)i)), i);
}

static void the_words_of_the_contract_are_these(void **state)
{
	(void)state;
	assert_int_equal(pp_kind_parse("panic"), PP_KIND_PANIC);
	assert_int_equal(pp_signal_parse("trouble-restore"), PP_SIGNAL_TROUBLE_RESTORE);
	assert_int_equal(pp_class_parse("unspecified"), PP_CLASS_UNSPECIFIED);
	assert_int_equal(pp_point_state_parse("disabled"), PP_POINT_DISABLED);
	assert_int_equal(pp_step_parse("on-scene"), PP_STEP_ON_SCENE);
	assert_int_equal(pp_channel_parse("will"), PP_CHANNEL_WILL);
	assert_int_equal(pp_order_parse("sound"), PP_ORDER_SOUND);
	assert_int_equal(pp_result_parse("interrupted"), PP_RESULT_INTERRUPTED);
	assert_int_equal(pp_kind_parse("flood"), PP_KIND_FLOOD);
}

static void what_is_no_word_is_refused(void **state)
{
	static const char *const rows[] = { "", "unknown", "Panic", "panic ", "alar", "alarms",
		"3" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(pp_kind_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_signal_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_class_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_point_state_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_step_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_channel_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_order_parse(rows[i]), -EINVAL);
		assert_int_equal(pp_result_parse(rows[i]), -EINVAL);
	}
	assert_int_equal(pp_kind_parse(NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_reads_back_to_itself),
		cmocka_unit_test(the_words_of_the_contract_are_these),
		cmocka_unit_test(what_is_no_word_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
