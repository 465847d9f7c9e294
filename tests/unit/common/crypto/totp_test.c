/* SPDX-License-Identifier: Apache-2.0 */
/* totp_test.c -- the vectors of RFC 6238, appendix B, and what a code is worth how long. */
#include "crypto/totp.h"

#include "pospin_test.h"

#include <errno.h>

static const uint8_t key[] = "12345678901234567890"; /* the RFC's */

static void codes_are_those_of_the_rfc(void **state)
{
	static const struct {
		int64_t at_s;
		const char *want;
	} cases[] = {
		{ 59, "94287082" },
		{ 1111111109, "07081804" },
		{ 1111111111, "14050471" },
		{ 1234567890, "89005924" },
		{ 2000000000, "69279037" },
		{ INT64_C(20000000000), "65353130" },
	};
	char code[9];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		pp_totp_code(key, 20, cases[i].at_s / PP_TOTP_STEP_S, 8, code);
		assert_string_equal(code, cases[i].want);
		pp_totp_code(key, 20, cases[i].at_s / PP_TOTP_STEP_S, 6, code);
		assert_string_equal(code, cases[i].want + 2);
	}
}

static void a_code_holds_one_step_around_and_once(void **state)
{
	static const struct {
		int64_t steps_later, used;
		int want;
	} cases[] = {
		{ 0, 0, 0 },
		{ 1, 0, 0 },
		{ -1, 0, 0 },
		{ 2, 0, -EACCES },
		{ -2, 0, -EACCES },
		{ 0, 37037036, -EACCES },
		{ 0, 37037035, 0 },
		{ 1, 37037036, -EACCES },
	};
	char code[7];

	(void)state;
	pp_totp_code(key, 20, 37037036, 6, code); /* of 1111111109 */
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		int64_t step = 7, now = 1111111109 + cases[i].steps_later * PP_TOTP_STEP_S;

		print_message("case %zu\n", i);
		assert_int_equal(
			pp_totp_check(key, code, now, cases[i].used, &step), cases[i].want);
		assert_int_equal(step, cases[i].want == 0 ? 37037036 : 7);
	}
}

static void what_is_no_code_does_not_fit(void **state)
{
	static const char *const codes[] = { "", "08180", "0818040", "08180x", "081804 ",
		" 81804", "\xd9\xa0", "081805" };
	int64_t step;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(codes); i++)
		assert_int_equal(pp_totp_check(key, codes[i], 1111111109, 0, &step), -EACCES);
	assert_int_equal(pp_totp_check(key, "081804", 1111111109, 0, &step), 0);
}

static void keys_are_written_in_base32(void **state)
{
	static const struct {
		const char *data, *want;
	} cases[] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" },
		{ "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" },
		{ "12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" } };
	char text[40];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		pp_base32((const uint8_t *)cases[i].data, strlen(cases[i].data), text);
		assert_string_equal(text, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_rfc),
		cmocka_unit_test(a_code_holds_one_step_around_and_once),
		cmocka_unit_test(what_is_no_code_does_not_fit),
		cmocka_unit_test(keys_are_written_in_base32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
