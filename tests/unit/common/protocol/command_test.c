/* SPDX-License-Identifier: Apache-2.0 */
/* command_test.c -- golden orders and answers byte for byte, and every way to get them wrong. */
#include "protocol/command.h"

#include "golden.h"

#include <errno.h>

static void golden_orders_come_out_byte_for_byte(void **state)
{
	static const char *const files[] = { "command.json", "command-silence.json",
		"command-near.json" };
	static const int64_t seconds[] = { 30, 0, 60 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(files); i++) {
		char *text = golden_read(files[i]), *again = NULL, why[160] = "";
		struct pp_command c;
		size_t length;

		assert_int_equal(pp_command_decode(text, strlen(text), &c, why), 0);
		assert_true(c.epoch == 0x9f3c2a77d01b44e2u);
		assert_int_equal(c.boot, 17);
		assert_int_equal(c.order, i == 1 ? PP_ORDER_SILENCE : PP_ORDER_SOUND);
		assert_int_equal(c.seconds, seconds[i]);
		assert_string_equal(c.of, i == 2 ? "boja-bebengan-02" : "");
		assert_int_equal(pp_command_encode(&c, &again, &length), 0);
		assert_string_equal(again, text);
		free(again);
		free(text);
	}
}

static void golden_answers_come_out_byte_for_byte(void **state)
{
	static const char *const files[] = { "answer.json", "answer-refused.json" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(files); i++) {
		char *text = golden_read(files[i]), *again = NULL, why[160] = "";
		struct pp_reply r;
		size_t length;

		assert_int_equal(pp_reply_decode(text, strlen(text), &r, why), 0);
		assert_int_equal(r.result, i ? PP_RESULT_REFUSED : PP_RESULT_DONE);
		assert_string_equal(r.detail, i ? "this post has no siren" : "");
		assert_int_equal(pp_reply_encode(&r, &again, &length), 0);
		assert_string_equal(again, text);
		free(again);
		free(text);
	}
}

#define HEAD "{\"id\":\"0000000000000001\",\"epoch\":\"0000000000000002\",\"boot\":1,"

static void an_order_that_is_not_whole_is_refused_with_its_member(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "[]", "" },
		{ "{}", "id: not 16" },
		{ "{\"id\":\"0000000000000000\"}", "id: 0 is none" },
		{ "{\"id\":\"00000000000000A1\"}", "id: not 16" },
		{ "{\"id\":1}", "id: not 16" },
		{ "{\"id\":\"0000000000000001\"}", "epoch" },
		{ "{\"id\":\"0000000000000001\",\"epoch\":\"0000000000000002\",\"boot\":0}",
			"boot" },
		{ HEAD "\"until\":-1,\"order\":\"silence\"}", "until" },
		{ HEAD "\"until\":1.5,\"order\":\"silence\"}", "until" },
		{ HEAD "\"order\":\"silence\"}", "until" },
		{ HEAD "\"until\":1}", "order: missing" },
		{ HEAD "\"until\":1,\"order\":7}", "order: not a text" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"for\":9}", "class" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"loud\",\"for\":9}", "class" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"fire\"}", "for" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"fire\",\"for\":0}", "for" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"fire\",\"for\":181}",
			"for: more than 180" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"fire\",\"for\":9,"
		       "\"of\":\"a b\"}",
			"of: no name" },
		{ HEAD "\"until\":1,\"order\":\"sound\",\"class\":\"fire\",\"for\":9,"
		       "\"of\":7}",
			"of: not a text" },
		{ HEAD "\"until\":1,\"until\":2,\"order\":\"silence\"}", "" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_command c = { .boot = -7 };
		char why[160] = "";
		int r = pp_command_decode(rows[i].text, strlen(rows[i].text), &c, why);

		if (r != -EBADMSG || strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("row %zu: %d, '%s'", i, r, why);
		assert_int_equal(c.boot, -7);
	}
}

static void words_of_a_later_version_are_taken_as_unknown(void **state)
{
	static const char order[] = HEAD "\"until\":1,\"order\":\"dance\",\"tempo\":3}";
	static const char reply[] = "{\"id\":\"0000000000000001\",\"result\":\"maybe\"}";
	static const char version[] = "{\"v\":2,\"id\":\"0000000000000001\"}";
	struct pp_command c;
	struct pp_reply r;
	char why[160];

	(void)state;
	assert_int_equal(pp_command_decode(order, strlen(order), &c, why), 0);
	assert_int_equal(c.order, PP_ORDER_UNKNOWN);
	assert_int_equal(pp_reply_decode(reply, strlen(reply), &r, why), 0);
	assert_int_equal(r.result, PP_RESULT_UNKNOWN);
	assert_int_equal(pp_command_decode(version, strlen(version), &c, why), -EPROTONOSUPPORT);
	assert_int_equal(pp_reply_decode(version, strlen(version), &r, why), -EPROTONOSUPPORT);
}

static void an_answer_without_id_or_result_is_refused(void **state)
{
	static const char *const rows[] = { "{\"result\":\"done\"}",
		"{\"id\":\"0000000000000001\"}", "{\"id\":\"0000000000000001\",\"result\":1}",
		"{\"id\":\"0000000000000001\",\"result\":\"done\",\"detail\":1}" };
	struct pp_reply r;
	char why[160];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_int_equal(pp_reply_decode(rows[i], strlen(rows[i]), &r, why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_orders_come_out_byte_for_byte),
		cmocka_unit_test(golden_answers_come_out_byte_for_byte),
		cmocka_unit_test(an_order_that_is_not_whole_is_refused_with_its_member),
		cmocka_unit_test(words_of_a_later_version_are_taken_as_unknown),
		cmocka_unit_test(an_answer_without_id_or_result_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
