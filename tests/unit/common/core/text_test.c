/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c -- the strict readers refuse everything that a lenient one would guess at. */
#include "pospin_test.h"

#include <errno.h>

#include "core/text.h"

static void integers_are_strict_and_range_checked(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int want;
		int64_t value;
	} rows[] = {
		{ "0", 0, 9, 0, 0 },
		{ "42", 0, 99, 0, 42 },
		{ "-7", -9, 9, 0, -7 },
		{ "9223372036854775807", 0, INT64_MAX, 0, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, 0, 0, INT64_MIN },
		{ "9223372036854775808", 0, INT64_MAX, -ERANGE, 0 },
		{ "-9223372036854775809", INT64_MIN, 0, -ERANGE, 0 },
		{ "99999999999999999999999", 0, INT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999x", 0, INT64_MAX, -EINVAL, 0 },
		{ "10", 0, 9, -ERANGE, 0 },
		{ "-1", 0, 9, -ERANGE, 0 },
		{ "", 0, 9, -EINVAL, 0 },
		{ "-", 0, 9, -EINVAL, 0 },
		{ "-0", -9, 9, -EINVAL, 0 },
		{ "010", 0, 99, -EINVAL, 0 },
		{ "00", 0, 99, -EINVAL, 0 },
		{ "+1", 0, 9, -EINVAL, 0 },
		{ " 1", 0, 9, -EINVAL, 0 },
		{ "1 ", 0, 9, -EINVAL, 0 },
		{ "1.0", 0, 9, -EINVAL, 0 },
		{ "0x1", 0, 9, -EINVAL, 0 },
		{ "1e3", 0, 9999, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int64_t value = -12345;
		int got = pp_text_i64(
			rows[i].text, strlen(rows[i].text), rows[i].min, rows[i].max, &value);

		if (got != rows[i].want || value != (got == 0 ? rows[i].value : -12345))
			fail_msg("'%s': got %d, want %d", rows[i].text, got, rows[i].want);
	}
}

static void reals_are_decimal_and_finite(void **state)
{
	static const struct {
		const char *text;
		int want;
		double value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "1.5", 0, 1.5 },
		{ "-0.000045", 0, -0.000045 },
		{ "1e-3", 0, 0.001 },
		{ "2E+2", 0, 200 },
		{ "1000", 0, 1000 },
		{ "1000.5", -ERANGE, 0 },
		{ "1e400", -ERANGE, 0 },
		{ "-1e400", -ERANGE, 0 },
		{ "nan", -EINVAL, 0 },
		{ "inf", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ ".5", -EINVAL, 0 },
		{ "5.", -EINVAL, 0 },
		{ "1e", -EINVAL, 0 },
		{ "1e+", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1,5", -EINVAL, 0 },
		{ "0.00000000000000000000000000000000000000000000000000000000000001", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		double value = -12345;
		int got = pp_text_real(rows[i].text, strlen(rows[i].text), -1000, 1000, &value);

		if (got != rows[i].want || value != (got == 0 ? rows[i].value : -12345))
			fail_msg("'%s': got %d, want %d", rows[i].text, got, rows[i].want);
	}
}

static void durations_need_their_unit(void **state)
{
	static const struct {
		const char *text;
		int want;
		int64_t us;
	} rows[] = {
		{ "50ms", 0, 50000 },
		{ "7us", 0, 7 },
		{ "15s", 0, 15000000 },
		{ "2min", 0, 120000000 },
		{ "3h", 0, INT64_C(10800000000) },
		{ "1d", 0, INT64_C(86400000000) },
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "50", -EINVAL, 0 },
		{ "ms", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "050ms", -EINVAL, 0 },
		{ "50 ms", -EINVAL, 0 },
		{ "50mS", -EINVAL, 0 },
		{ "50m", -EINVAL, 0 },
		{ "1.5s", -EINVAL, 0 },
		{ "1h30min", -EINVAL, 0 },
		{ "50sec", -EINVAL, 0 },
		{ "-1s", -ERANGE, 0 },
		{ "366d", -ERANGE, 0 },
		{ "9223372036854775807d", -ERANGE, 0 },
		{ "99999999999999999999d", -ERANGE, 0 },
		{ "99999999999999999999", -EINVAL, 0 },
	};
	const int64_t year = 365 * INT64_C(86400000000);

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int64_t us = -1;
		int got = pp_text_duration_us(rows[i].text, strlen(rows[i].text), 0, year, &us);

		if (got != rows[i].want || us != (got == 0 ? rows[i].us : -1))
			fail_msg("'%s': got %d, want %d", rows[i].text, got, rows[i].want);
	}
}

static void durations_are_written_so_that_they_read_back(void **state)
{
	static const struct {
		int64_t us;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7us" },
		{ 50000, "50ms" },
		{ 1500000, "1500ms" },
		{ 60000000, "1min" },
		{ 90000000, "90s" },
		{ INT64_C(86400000000), "1d" },
		{ -1000000, "-1s" },
		{ INT64_MIN, "-9223372036854775808us" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char text[32];
		int64_t back = 1;

		pp_text_duration(rows[i].us, text);
		assert_string_equal(text, rows[i].want);
		assert_int_equal(
			pp_text_duration_us(text, strlen(text), INT64_MIN, INT64_MAX, &back), 0);
		assert_int_equal(back, rows[i].us);
	}
}

static void the_distance_counts_slips_of_the_finger(void **state)
{
	static const struct {
		const char *a, *b;
		size_t want;
	} rows[] = {
		{ "", "", 0 },
		{ "host", "host", 0 },
		{ "", "host", 4 },
		{ "hots", "host", 1 },
		{ "hst", "host", 1 },
		{ "hosst", "host", 1 },
		{ "hist", "host", 1 },
		{ "port", "host", 2 },
		{ "brkoer", "broker", 1 },
	};
	char big[65] = "";

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(pp_text_distance(rows[i].a, rows[i].b), rows[i].want);
		assert_int_equal(pp_text_distance(rows[i].b, rows[i].a), rows[i].want);
	}
	memset(big, 'x', 63);
	assert_int_equal(pp_text_distance(big, big), 0);
	assert_int_equal(pp_text_distance(big, ""), 63);
	big[63] = 'x';
	assert_int_equal(pp_text_distance(big, big), 64);
}

static void only_the_given_length_is_read(void **state)
{
	int64_t value = 0;

	(void)state;
	assert_int_equal(pp_text_i64("123", 2, 0, 999, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(pp_text_duration_us("50msx", 4, 0, 999999, &value), 0);
	assert_int_equal(value, 50000);
}

static void slugs_are_lower_case_and_bounded(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
		{ "kendal", true },
		{ "boja-bebengan-03", true },
		{ "3", true },
		{ "a-", true },
		{ "", false },
		{ "-a", false },
		{ "Kendal", false },
		{ "a_b", false },
		{ "a b", false },
		{ "a/b", false },
		{ "boja-bebengan-033", false },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		if (pp_text_is_slug(rows[i].text, strlen(rows[i].text), 16) != rows[i].want)
			fail_msg("'%s'", rows[i].text);
}

static void only_well_formed_utf8_passes(void **state)
{
#define U(literal, want)                                                                           \
	{                                                                                          \
		literal, sizeof(literal) - 1, want                                                 \
	}
	static const struct {
		const char *text;
		size_t length;
		bool want;
	} rows[] = {
		U("", true),
		U("api di dapur", true),
		U("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa5", true),
		U("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true),
		U("a\0b", false),
		U("\x80", false),
		U("\xc0\x80", false),
		U("\xc1\xbf", false),
		U("\xe0\x9f\xbf", false),
		U("\xed\xa0\x80", false),
		U("\xf0\x8f\xbf\xbf", false),
		U("\xf4\x90\x80\x80", false),
		U("\xf5\x80\x80\x80", false),
		U("\xe2\x82", false),
		U("\xc3", false),
		U("\xc3(", false),
		U("\xf0\x9f\x94(", false),
	};
#undef U

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		if (pp_text_is_utf8(rows[i].text, rows[i].length) != rows[i].want)
			fail_msg("row %zu", i);
}

static void hex_goes_there_and_back(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x9f, 0xa0, 0xff };
	unsigned char back[4] = { 0 };
	char hex[9];

	(void)state;
	pp_text_hex(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, "009fa0ff");
	assert_int_equal(pp_text_unhex(hex, 8, back, sizeof(back)), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
}

static void unhex_takes_exactly_the_size_in_lower_case(void **state)
{
	static const char *const rows[] = { "", "0", "001122", "00112", "001122334", "0011223344",
		"0011223G", "001122AA", "0011 233" };
	unsigned char out[4] = { 1, 2, 3, 4 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		if (pp_text_unhex(rows[i], strlen(rows[i]), out, sizeof(out)) != -EINVAL)
			fail_msg("'%s' was taken", rows[i]);
	assert_memory_equal(out, "\1\2\3\4", 4);
}

static void times_are_written_in_utc_with_milliseconds(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ INT64_C(1795292856123), "2026-11-21T20:27:36.123Z" },
		{ INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
		{ INT64_MIN, "0000-01-01T00:00:00.000Z" },
	};
	char text[25];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		pp_text_utc(rows[i].ms, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void a_buffer_grows_and_is_handed_over(void **state)
{
	struct pp_buf b = { 0 };
	size_t length = 0;
	char *text = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		pp_buf_addf(&b, "%d,", i);
	pp_buf_add(&b, "a\0b", 3);
	pp_buf_add(&b, NULL, 0);
	assert_int_equal(pp_buf_take(&b, &text, &length), 0);
	assert_int_equal(length, 10 + 90 * 2 + 900 * 3 + 1000 + 3);
	assert_memory_equal(text, "0,1,2,", 6);
	assert_memory_equal(text + length - 3, "a\0b", 4);
	assert_null(b.data);
	free(text);
}

static void an_empty_buffer_gives_an_empty_text(void **state)
{
	struct pp_buf b = { 0 };
	char *text = NULL;

	(void)state;
	assert_int_equal(pp_buf_take(&b, &text, NULL), 0);
	assert_string_equal(text, "");
	free(text);
}

static void a_failed_buffer_stays_failed_until_taken(void **state)
{
	struct pp_buf b = { 0 };
	char *text = NULL;

	(void)state;
	pp_buf_add(&b, "abc", 3);
	pp_buf_add(&b, "", SIZE_MAX - 1);
	pp_buf_add(&b, "def", 3);
	assert_true(b.failed);
	assert_int_equal(pp_buf_take(&b, &text, NULL), -ENOMEM);
	assert_null(text);
	assert_null(b.data);
	assert_false(b.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_strict_and_range_checked),
		cmocka_unit_test(reals_are_decimal_and_finite),
		cmocka_unit_test(durations_need_their_unit),
		cmocka_unit_test(durations_are_written_so_that_they_read_back),
		cmocka_unit_test(the_distance_counts_slips_of_the_finger),
		cmocka_unit_test(only_the_given_length_is_read),
		cmocka_unit_test(slugs_are_lower_case_and_bounded),
		cmocka_unit_test(only_well_formed_utf8_passes),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(unhex_takes_exactly_the_size_in_lower_case),
		cmocka_unit_test(times_are_written_in_utc_with_milliseconds),
		cmocka_unit_test(a_buffer_grows_and_is_handed_over),
		cmocka_unit_test(an_empty_buffer_gives_an_empty_text),
		cmocka_unit_test(a_failed_buffer_stays_failed_until_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
