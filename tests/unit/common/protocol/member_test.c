/* SPDX-License-Identifier: Apache-2.0 */
/* member_test.c -- size, version, epochs, whole numbers and texts that are cut to fit. */
#include "member.h"

#include "pospin_test.h"

#include <errno.h>

static struct pp_json *message(const char *text)
{
	struct pp_json *m = NULL;
	char why[PP_WHY_SIZE] = "";

	if (pp_message_parse(text, strlen(text), &m, why))
		fail_msg("%s: %s", text, why);
	return m;
}

static void only_objects_of_major_version_one_are_messages(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{ "{}", 0 },
		{ "{\"v\":1}", 0 },
		{ "{\"v\":2}", -EPROTONOSUPPORT },
		{ "{\"v\":0}", -EPROTONOSUPPORT },
		{ "{\"v\":1.0}", -EPROTONOSUPPORT },
		{ "{\"v\":\"1\"}", -EPROTONOSUPPORT },
		{ "{\"v\":null}", -EPROTONOSUPPORT },
		{ "[]", -EBADMSG },
		{ "", -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_json *m = NULL;
		char why[PP_WHY_SIZE] = "";
		int got = pp_message_parse(rows[i].text, strlen(rows[i].text), &m, why);

		if (got != rows[i].want || !got != !why[0])
			fail_msg("%s: got %d (%s), want %d", rows[i].text, got, why, rows[i].want);
		pp_json_free(m);
	}
}

static void a_message_is_as_long_as_the_limit_and_no_longer(void **state)
{
	char text[PP_PAYLOAD_MAX + 2], why[PP_WHY_SIZE];
	struct pp_json *m = NULL;
	char *out = NULL;
	size_t length = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + PP_PAYLOAD_MAX - 2, "\"}", 2);
	assert_int_equal(pp_message_parse(text, PP_PAYLOAD_MAX, &m, why), 0);
	assert_int_equal(pp_message_print(m, &out, &length), 0);
	assert_int_equal(length, PP_PAYLOAD_MAX);
	free(out);
	memcpy(text + PP_PAYLOAD_MAX - 2, "x\"}", 3);
	assert_int_equal(pp_message_parse(text, PP_PAYLOAD_MAX + 1, &m, why), -EBADMSG);
	assert_string_equal(why, "longer than 8192 bytes");
	assert_int_equal(pp_json_parse(text, PP_PAYLOAD_MAX + 1, &m, why), 0);
	assert_int_equal(pp_message_print(m, &out, &length), -EMSGSIZE);
	assert_int_equal(pp_message_print(NULL, &out, &length), -ENOMEM);
}

static void an_epoch_is_sixteen_lower_case_hex_digits(void **state)
{
	static const char *const bad[] = { "{}", "{\"epoch\":1}", "{\"epoch\":null}",
		"{\"epoch\":\"\"}", "{\"epoch\":\"9f3c2a77d01b44e\"}",
		"{\"epoch\":\"9f3c2a77d01b44e22\"}", "{\"epoch\":\"9F3C2A77D01B44E2\"}",
		"{\"epoch\":\"0x3c2a77d01b44e2\"}", "{\"epoch\":\" f3c2a77d01b44e2\"}" };
	struct pp_json *m = pp_json_object();
	char why[PP_WHY_SIZE];
	uint64_t epoch = 0;
	const char *text;

	(void)state;
	pp_member_set_epoch(m, 0xf3c2a77d01b44e2);
	assert_int_equal(pp_json_get_text(m, "epoch", 16, &text), 0);
	assert_string_equal(text, "0f3c2a77d01b44e2");
	assert_int_equal(pp_member_epoch(m, &epoch, why), 0);
	assert_true(epoch == 0xf3c2a77d01b44e2);
	pp_json_free(m);
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		m = message(bad[i]);
		assert_int_equal(pp_member_epoch(m, &epoch, why), -EBADMSG);
		assert_memory_equal(why, "epoch: ", 7);
		pp_json_free(m);
	}
}

static void whole_numbers_end_at_two_to_the_53(void **state)
{
	static const struct {
		const char *text;
		int must, may;
		int64_t may_value;
	} rows[] = {
		{ "{}", -EBADMSG, 0, -7 },
		{ "{\"n\":null}", -EBADMSG, 0, -7 },
		{ "{\"n\":0}", -EBADMSG, 0, 0 },
		{ "{\"n\":1}", 0, 0, 1 },
		{ "{\"n\":9007199254740991}", 0, 0, PP_WHOLE_MAX },
		{ "{\"n\":9007199254740992}", -EBADMSG, -EBADMSG, 0 },
		{ "{\"n\":-1}", -EBADMSG, -EBADMSG, 0 },
		{ "{\"n\":1.0}", -EBADMSG, -EBADMSG, 0 },
		{ "{\"n\":\"1\"}", -EBADMSG, -EBADMSG, 0 },
		{ "{\"n\":true}", -EBADMSG, -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_json *m = message(rows[i].text);
		char why[PP_WHY_SIZE] = "n: ";
		int64_t value = 0;

		assert_int_equal(pp_member_whole(m, "n", 1, &value, why), rows[i].must);
		assert_memory_equal(why, "n: ", 3);
		value = 0;
		assert_int_equal(pp_member_whole_or(m, "n", -7, &value, why), rows[i].may);
		assert_true(value == rows[i].may_value);
		pp_json_free(m);
	}
}

static void texts_and_lists_may_be_missing_but_not_of_another_type(void **state)
{
	struct pp_json *m = message("{\"t\":\"abcdef\",\"n\":1,\"l\":[1,2],\"z\":null}");
	const struct pp_json *list = NULL;
	char text[4], why[PP_WHY_SIZE];

	(void)state;
	assert_int_equal(pp_member_text(m, "t", text, sizeof(text), why), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(pp_member_text(m, "z", text, sizeof(text), why), 0);
	assert_string_equal(text, "");
	assert_int_equal(pp_member_text(m, "n", text, sizeof(text), why), -EBADMSG);
	assert_string_equal(why, "n: not a text");
	assert_int_equal(pp_member_list(m, "l", 2, &list, why), 0);
	assert_int_equal(pp_json_count(list), 2);
	assert_int_equal(pp_member_list(m, "l", 1, &list, why), -EBADMSG);
	assert_string_equal(why, "l: more than 1");
	assert_int_equal(pp_member_list(m, "n", 1, &list, why), -EBADMSG);
	assert_int_equal(pp_member_list(m, "none", 1, &list, why), 0);
	assert_null(list);
	pp_json_free(m);
}

static void a_text_is_cut_between_characters_and_loses_its_controls(void **state)
{
	static const struct {
		const char *text, *want;
		bool changed;
	} rows[] = {
		{ "", "", false },
		{ "abcdefg", "abcdefg", false },
		{ "abcdefgh", "abcdefg", true },
		{ "abcdef\xc3\xa9", "abcdef", true },
		{ "abcde\xc3\xa9", "abcde\xc3\xa9", false },
		{ "abcd\xf0\x9f\x94\xa5", "abcd", true },
		{ "\xf0\x9f\x94\xa5\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5", true },
		{ "a\nb\x7f\x1b", "a?b??", true },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char text[8];

		assert_int_equal(pp_text_fit(rows[i].text, text, sizeof(text)), rows[i].changed);
		assert_string_equal(text, rows[i].want);
	}
}

static void a_point_always_comes_out_as_a_name(void **state)
{
	static const struct {
		const char *name, *want;
		bool changed;
	} rows[] = {
		{ "panic-red", "panic-red", false },
		{ "1-", "1-", false },
		{ "", "", false },
		{ "-p", "xp", true },
		{ "Panic Red", "xanic--ed", true },
		{ "\xc3\xa9t", "x-t", true },
		{ "a\"<\n", "a---", true },
		{ "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef", false },
		{ "0123456789abcdef0123456789abcdefX", "0123456789abcdef0123456789abcdef", true },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char point[PP_POINT_MAX + 1];

		assert_int_equal(pp_point_fit(rows[i].name, point), rows[i].changed);
		assert_string_equal(point, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_objects_of_major_version_one_are_messages),
		cmocka_unit_test(a_message_is_as_long_as_the_limit_and_no_longer),
		cmocka_unit_test(an_epoch_is_sixteen_lower_case_hex_digits),
		cmocka_unit_test(whole_numbers_end_at_two_to_the_53),
		cmocka_unit_test(texts_and_lists_may_be_missing_but_not_of_another_type),
		cmocka_unit_test(a_text_is_cut_between_characters_and_loses_its_controls),
		cmocka_unit_test(a_point_always_comes_out_as_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
