/* SPDX-License-Identifier: Apache-2.0 */
/* sample_test.c -- the golden sample byte for byte, and readings that are refused. */
#include "protocol/sample.h"

#include "golden.h"

#include <errno.h>
#include <math.h>

#include "protocol/signal.h"

static void the_golden_sample_comes_out_byte_for_byte(void **state)
{
	char *text = golden_read("sample.json"), *again = NULL, why[160] = "";
	struct pp_sample s;
	size_t length;

	(void)state;
	assert_int_equal(pp_sample_decode(text, strlen(text), &s, why), 0);
	assert_int_equal(s.count, 3);
	assert_string_equal(s.readings[1].name, "level");
	assert_string_equal(s.readings[1].point, "smoke-1");
	assert_string_equal(s.readings[0].point, "");
	assert_true(fabs(s.readings[0].value - 48.7) < 1e-12);
	assert_int_equal(s.readings[2].mono_ms, 8129900);
	assert_int_equal(pp_sample_encode(&s, &again, &length), 0);
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void what_is_no_number_is_left_out_and_no_clock_is_null(void **state)
{
	struct pp_sample s = { .boot = 1, .at_ms = PP_AT_UNKNOWN, .count = 4 }, got;
	char *text = NULL, why[160] = "";
	size_t length;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		s.readings[i] =
			(struct pp_reading){ .name = "load", .unit = "1", .value = (double)i };
	s.readings[0].value = NAN;
	s.readings[1].value = INFINITY;
	s.readings[3].value = -1.7976931348623157e308;
	assert_int_equal(pp_sample_encode(&s, &text, &length), 0);
	assert_string_equal(text,
		"{\"boot\":1,\"mono\":0,\"at\":null,\"readings\":[{\"name\":\"load\","
		"\"value\":2.0,\"unit\":\"1\",\"mono\":0}]}");
	assert_int_equal(pp_sample_decode(text, length, &got, why), 0);
	assert_int_equal(got.count, 1);
	assert_true(got.at_ms == PP_AT_UNKNOWN);
	free(text);
}

static void readings_that_do_not_fit_one_message_are_refused_by_the_encoder(void **state)
{
	static struct pp_sample s = { .boot = 1, .count = PP_READINGS_MAX };
	char *text = NULL;
	size_t length;

	(void)state;
	for (size_t i = 0; i < PP_READINGS_MAX; i++) {
		s.readings[i].value = -0.1234567890123456789e-300;
		memset(s.readings[i].name, 'n', sizeof(s.readings[i].name) - 1);
		memset(s.readings[i].point, 'p', PP_POINT_MAX);
		memset(s.readings[i].unit, 'u', sizeof(s.readings[i].unit) - 1);
	}
	assert_int_equal(pp_sample_encode(&s, &text, &length), -EMSGSIZE);
	s.count = PP_READINGS_MAX / 2;
	assert_int_equal(pp_sample_encode(&s, &text, &length), 0);
	free(text);
}

#define HEAD "{\"boot\":1,\"mono\":2,\"readings\":["
#define REST "\"unit\":\"1\",\"mono\":3}]}"

static void a_sample_with_anything_missing_or_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "{\"mono\":2,\"readings\":[]}", "boot: " },
		{ "{\"boot\":1,\"readings\":[]}", "mono: " },
		{ "{\"boot\":1,\"mono\":2}", "readings: missing" },
		{ "{\"boot\":1,\"mono\":2,\"at\":1.5,\"readings\":[]}", "at: " },
		{ "{\"boot\":1,\"mono\":2,\"readings\":{}}", "readings: not a list" },
		{ HEAD "1]}", "name: " },
		{ HEAD "{\"value\":1," REST, "name: " },
		{ HEAD "{\"name\":\"a,b=1 \",\"value\":1," REST, "name: " },
		{ HEAD "{\"name\":\"\",\"value\":1," REST, "name: " },
		{ HEAD "{\"name\":\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\",\"value\":1," REST,
			"name: " },
		{ HEAD "{\"name\":\"load\",\"point\":\"A\",\"value\":1," REST, "point: " },
		{ HEAD "{\"name\":\"load\",\"point\":\"\",\"value\":1," REST, "point: " },
		{ HEAD "{\"name\":\"load\",\"point\":3,\"value\":1," REST, "point: " },
		{ HEAD "{\"name\":\"load\",\"value\":\"1\"," REST, "value: " },
		{ HEAD "{\"name\":\"load\",\"value\":null," REST, "value: " },
		{ HEAD "{\"name\":\"load\",\"value\":1,\"mono\":3}]}", "unit: " },
		{ HEAD "{\"name\":\"load\",\"value\":1,\"unit\":\"a b\",\"mono\":3}]}", "unit: " },
		{ HEAD "{\"name\":\"load\",\"value\":1,\"unit\":\"\",\"mono\":3}]}", "unit: " },
		{ HEAD "{\"name\":\"load\",\"value\":1,\"unit\":\"\\u00b0C\",\"mono\":3}]}",
			"unit: " },
		{ HEAD "{\"name\":\"load\",\"value\":1,\"unit\":\"1\"}]}", "mono: " },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_sample s = { .boot = 77 };
		char why[160] = "";

		if (pp_sample_decode(rows[i].text, strlen(rows[i].text), &s, why) != -EBADMSG ||
			strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: got \"%s\", want %s", rows[i].text, why, rows[i].why);
		assert_int_equal(s.boot, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_golden_sample_comes_out_byte_for_byte),
		cmocka_unit_test(what_is_no_number_is_left_out_and_no_clock_is_null),
		cmocka_unit_test(readings_that_do_not_fit_one_message_are_refused_by_the_encoder),
		cmocka_unit_test(a_sample_with_anything_missing_or_wrong_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
