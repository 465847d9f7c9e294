/* SPDX-License-Identifier: Apache-2.0 */
/* body_test.c -- bodies that are not exactly what was asked for are refused, and the reason names
 * the member. */
#include "body.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

#include "json/json.h"

static int read_close(const char *text, size_t length, const char **code, const char **note,
	struct pp_json **json, char detail[PP_BODY_DETAIL_SIZE])
{
	const struct pp_body_field fields[] = {
		{ "code", 1, 16, false, false, code },
		{ "note", 0, 40, true, true, note },
	};

	return pp_body_read(text, length, fields, PP_COUNT(fields), json, detail);
}

static void bad_bodies_are_refused_with_the_member_named(void **state)
{
	static const struct {
		const char *text;
		int want;
		const char *detail; /* a part of it */
	} cases[] = {
		{ "", -EBADMSG, "no JSON" },
		{ "{\"code\":", -EBADMSG, "no JSON" },
		{ "{\"code\":\"real\",\"code\":\"test\"}", -EBADMSG, "no JSON" },
		{ "{\"code\":\"\xff\"}", -EBADMSG, "no JSON" },
		{ "[]", -EINVAL, "JSON object" },
		{ "\"real\"", -EBADMSG, "no JSON" },
		{ "{}", -EINVAL, "'code' is missing" },
		{ "{\"code\":null}", -EINVAL, "'code' is missing" },
		{ "{\"code\":1}", -EINVAL, "'code' must be a text" },
		{ "{\"code\":\"\"}", -EINVAL, "'code' must have 1 to 16" },
		{ "{\"code\":\"12345678901234567\"}", -EINVAL, "'code' must have 1 to 16" },
		{ "{\"code\":\"re\\nal\"}", -EINVAL, "control" },
		{ "{\"code\":\"real\",\"note\":\"a\\u0007b\"}", -EINVAL, "'note' has control" },
		{ "{\"code\":\"real\",\"note\":\"a\\u007fb\"}", -EINVAL, "'note' has control" },
		{ "{\"code\":\"re\\tal\"}", -EINVAL, "'code' has control" },
		{ "{\"code\":\"real\",\"notes\":\"x\"}", -EINVAL, "unknown member 'notes'" },
		{ "{\"code\":\"real\",\"note\":{}}", -EINVAL, "'note' must be a text" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		const char *code = "untouched", *note = "untouched";
		struct pp_json *json = NULL;
		char detail[PP_BODY_DETAIL_SIZE] = "";

		assert_int_equal(read_close(cases[i].text, strlen(cases[i].text), &code, &note,
					 &json, detail),
			cases[i].want);
		print_message("%s\n", detail);
		assert_non_null(strstr(detail, cases[i].detail));
		assert_null(json);
	}
}

static void a_good_body_gives_its_texts_and_optional_ones_may_be_absent(void **state)
{
	static const char text[] = "{\"note\":\"baris satu\\nbaris\\tdua\",\"code\":\"real\"}";
	const char *code, *note;
	struct pp_json *json = NULL;
	char detail[PP_BODY_DETAIL_SIZE];

	(void)state;
	assert_int_equal(read_close(text, strlen(text), &code, &note, &json, detail), 0);
	assert_string_equal(code, "real");
	assert_string_equal(note, "baris satu\nbaris\tdua");
	assert_null(pp_json_free(json));
	assert_int_equal(read_close("{\"code\":\"test\"}", 15, &code, &note, &json, detail), 0);
	assert_string_equal(code, "test");
	assert_null(note);
	assert_null(pp_json_free(json));
}

static void a_body_that_memory_fails_is_not_called_wrong(void **state)
{
	static const char text[] = "{\"code\":\"real\",\"note\":\"lama sekali\"}";
	char detail[PP_BODY_DETAIL_SIZE];
	int failed = 0;

	(void)state;
	for (unsigned long nth = 1;; nth++) {
		struct pp_json *json = NULL;
		const char *code, *note;
		int r;

		memory_fail(nth);
		r = read_close(text, strlen(text), &code, &note, &json, detail);
		if (!memory_has_failed()) {
			assert_int_equal(r, 0);
			pp_json_free(json);
			break;
		}
		assert_int_equal(r, -ENOMEM);
		assert_null(json);
		failed++;
	}
	assert_true(failed > 0);
}

static void only_json_types_count_as_json(void **state)
{
	(void)state;
	assert_true(pp_body_type_is_json("application/json"));
	assert_true(pp_body_type_is_json("Application/JSON; charset=utf-8"));
	assert_true(pp_body_type_is_json("application/json ; charset=utf-8"));
	assert_false(pp_body_type_is_json(NULL));
	assert_false(pp_body_type_is_json("text/plain"));
	assert_false(pp_body_type_is_json("application/jsonp"));
	assert_false(pp_body_type_is_json("application/x-www-form-urlencoded"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_bodies_are_refused_with_the_member_named),
		cmocka_unit_test(a_good_body_gives_its_texts_and_optional_ones_may_be_absent),
		cmocka_unit_test(a_body_that_memory_fails_is_not_called_wrong),
		cmocka_unit_test(only_json_types_count_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
