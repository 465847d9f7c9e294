/* SPDX-License-Identifier: Apache-2.0 */
/* form_test.c -- what a service is sent is what its template says, whatever the values say. */
#include "form/form.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

#include "json/json.h"

static void templates_that_can_never_be_filled_are_refused(void **state)
{
	static const struct {
		const char *template, *type, *success;
		int want;
	} rows[] = {
		{ "", "", "", 0 },
		{ "{\"text\":\"{{text}}\"}", "", "", 0 },
		{ "{\"{{number}}\":[\"a {{text}} b {{key}}\"]}", "json", "ok=true", 0 },
		{ "to={{address}}&m={{text}}", "form", "messages.0.id", 0 },
		{ "{\"text\":{{text}}}", "json", "", -EINVAL },
		{ "{\"text\":\"{{secret}}\"}", "json", "", -EINVAL },
		{ "{\"text\":\"{{text\"}", "json", "", -EINVAL },
		{ "{\"text\":\"{{text}}\"", "json", "", -EINVAL },
		{ "to={{address}} x", "form", "", -EINVAL },
		{ "to={{address}}\n", "form", "", -EINVAL },
		{ "to=\"{{address}}\"", "form", "", -EINVAL },
		{ "<a>{{text}}</a>", "xml", "", -EINVAL },
		{ "{}", "json", "=true", -EINVAL },
		{ "{}", "json", "a..b", -EINVAL },
		{ "{}", "json", ".a", -EINVAL },
		{ "{}", "json", "a.=x", -EINVAL },
		{ "to={{address}}\x7f", "form", "", -EINVAL },
		{ "to={{address", "form", "", -EINVAL },
	};
	char why[160], long_path[PP_FORM_PATH_MAX + 2], *longest = malloc(PP_FORM_TEMPLATE_MAX + 2);

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_form form = { rows[i].template, rows[i].type, rows[i].success, NULL };

		if (pp_form_check(&form, why) != rows[i].want)
			fail_msg("%s", rows[i].template);
	}
	memset(long_path, 'a', sizeof(long_path) - 1);
	long_path[PP_FORM_PATH_MAX + 1] = '\0';
	assert_int_equal(pp_form_check(&(struct pp_form){ .success = long_path }, why), -EINVAL);
	assert_int_equal(pp_form_check(&(struct pp_form){ .success = long_path + 1 }, why), 0);
	assert_int_equal(pp_form_check(&(struct pp_form){ .reference = long_path }, why), -EINVAL);
	assert_int_equal(pp_form_check(&(struct pp_form){ .reference = "a.0" }, why), 0);
	assert_non_null(longest);
	memset(longest, 'a', PP_FORM_TEMPLATE_MAX + 1);
	longest[PP_FORM_TEMPLATE_MAX + 1] = '\0';
	assert_int_equal(pp_form_check(&(struct pp_form){ longest, "form", "", "" }, why), -EINVAL);
	assert_int_equal(pp_form_check(&(struct pp_form){ longest + 1, "form", "", "" }, why), 0);
	free(longest);
}

static void no_value_gets_out_of_its_text(void **state)
{
	static const char *const values[] = { "x", "\",\"admin\":true,\"a\":\"", "\\", "\\\"",
		"a\nb\r\x01", "{{key}}", "<b>&amp;</b>", "\xe2\x80\xa8", "}}{{", "\x7f" };
	struct pp_form form = { "{\"a\":\"<{{text}}>\",\"b\":[\"{{number}}\"]}", "json", "", "" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(values); i++) {
		const char *const all[PP_FORM_FIELD_COUNT] = {
			[PP_FORM_TEXT] = values[i], [PP_FORM_NUMBER] = values[i]
		};
		const struct pp_json *list;
		struct pp_json *json;
		char *body, want[64];
		const char *got;

		assert_int_equal(pp_form_fill(&form, all, &body), 0);
		assert_int_equal(pp_json_parse(body, strlen(body), &json, NULL), 0);
		assert_int_equal(pp_json_count(json), 2);
		assert_int_equal(pp_json_get_text(json, "a", 100, &got), 0);
		snprintf(want, sizeof(want), "<%s>", values[i]);
		assert_string_equal(got, want);
		assert_int_equal(pp_json_get_list(json, "b", &list), 0);
		assert_string_equal(pp_json_item_text(list, 0), values[i]);
		pp_json_free(json);
		free(body);
	}
}

static void a_form_is_percent_encoded(void **state)
{
	const char *const values[PP_FORM_FIELD_COUNT] = {
		[PP_FORM_ADDRESS] = "+62 811", [PP_FORM_TEXT] = "a&to=evil%\n\xc3\xa9"
	};
	struct pp_form form = { "to={{address}}&m={{text}}&k={{key}}", "form", "", "" };
	char *body;

	(void)state;
	assert_int_equal(pp_form_fill(&form, values, &body), 0);
	assert_string_equal(body, "to=%2B62%20811&m=a%26to%3Devil%25%0A%C3%A9&k=");
	assert_string_equal(pp_form_content_type(&form), "application/x-www-form-urlencoded");
	free(body);
}

static void what_is_no_text_or_too_long_is_not_sent(void **state)
{
	const char *values[PP_FORM_FIELD_COUNT] = { [PP_FORM_TEXT] = "\xff" };
	struct pp_form form = { "{\"a\":\"{{text}}\"}", "json", "", "" };
	char *body = NULL, *longest = malloc(PP_FORM_FILLED_MAX + 1);

	(void)state;
	assert_int_equal(pp_form_fill(&form, values, &body), -EINVAL);
	assert_non_null(longest);
	memset(longest, 'x', PP_FORM_FILLED_MAX);
	longest[PP_FORM_FILLED_MAX] = '\0';
	values[PP_FORM_TEXT] = longest;
	assert_int_equal(pp_form_fill(&form, values, &body), -EMSGSIZE);
	free(longest);
	/* Nor is a template that nobody has checked, nor anything when there is no memory. */
	form.template = "{\"a\":\"{{secret}}\"}";
	values[PP_FORM_TEXT] = "x";
	assert_int_equal(pp_form_fill(&form, values, &body), -EINVAL);
	form.template = "{\"a\":\"{{text}}\"}";
	memory_fail(1);
	assert_int_equal(pp_form_fill(&form, values, &body), -ENOMEM);
	assert_true(memory_has_failed());
	assert_null(body);
	form.template = "ping"; /* no field at all */
	form.type = "form";
	assert_int_equal(pp_form_fill(&form, values, &body), 0);
	assert_string_equal(body, "ping");
	free(body);
	assert_string_equal(pp_form_content_type(&(struct pp_form){ NULL }), "application/json");
}

static void an_answer_says_by_a_member_that_it_was_taken(void **state)
{
	static const struct {
		const char *success, *reference, *body;
		bool want;
		const char *named;
	} rows[] = {
		{ "", "", "no JSON at all", true, "" },
		{ "ok=true", "", "{\"ok\":true}", true, "" },
		{ "ok=true", "", "{\"ok\":false,\"description\":\"chat not found\"}", false, "" },
		{ "ok=true", "", "{\"ok\":\"true\"}", true, "" },
		{ "ok=true", "", "<html>ok=true</html>", false, "" },
		{ "ok=true", "", "", false, "" },
		{ "code=0", "id", "{\"code\":0,\"id\":\"m-1\"}", true, "m-1" },
		{ "code=0", "id", "{\"code\":7,\"id\":\"m-1\"}", false, "" },
		{ "messages.0.id", "messages.0.id", "{\"messages\":[{\"id\":99}]}", true, "99" },
		{ "messages.0.id", "", "{\"messages\":[]}", false, "" },
		{ "messages.0.id", "", "{\"messages\":{\"0\":{\"id\":null}}}", false, "" },
		{ "ids.1", "ids.1", "{\"ids\":[1,\"b\"]}", true, "b" },
		{ "a.b.c=x", "", "{\"a\":{\"b\":{\"c\":\"x\"}}}", true, "" },
		{ "a.b.c=x", "", "{\"a\":{\"b\":\"c\"}}", false, "" },
		{ "ok", "", "{\"ok\":false}", false, "" },
		{ "", "id", "{\"id\":\"a b\"}", true, "" },
		{ "", "id", "{}", true, "" },
		{ "", "id", "no JSON at all", true, "" },
		{ "", "id", "{\"id\":\"a\\u007fb\"}", true, "" },
		{ "ok", "", "{\"ok\":\"\"}", false, "" },
		{ "ok", "", "{\"ok\":{\"a\":1}}", false, "" },
		{ "price=1.5", "price", "{\"price\":1.5}", true, "1.5" },
		{ "ids.0=7", "ids.0", "{\"ids\":[7]}", true, "7" },
		{ "ids.0", "", "{\"ids\":[{\"id\":7}]}", false, "" },
		{ "ids.1", "", "{\"ids\":[7]}", false, "" },
		{ "ids.first", "", "{\"ids\":[7]}", false, "" },
		{ "messages.x.id", "", "{\"messages\":[{\"id\":7}]}", false, "" },
		{ "messages.1001.id", "", "{\"messages\":[{\"id\":7}]}", false, "" },
		{ "a.b.c", "", "{\"d\":1}", false, "" },
	};
	char reference[PP_FORM_REFERENCE_SIZE];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_form form = { "{}", "json", rows[i].success, rows[i].reference };

		if (pp_form_is_success(&form, rows[i].body, strlen(rows[i].body), reference) !=
			rows[i].want)
			fail_msg("%s: %s", rows[i].success, rows[i].body);
		assert_string_equal(reference, rows[i].named);
		/* Who does not ask for the reference is told the same. */
		assert_true(pp_form_is_success(&form, rows[i].body, strlen(rows[i].body), NULL) ==
			    rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_that_can_never_be_filled_are_refused),
		cmocka_unit_test(no_value_gets_out_of_its_text),
		cmocka_unit_test(a_form_is_percent_encoded),
		cmocka_unit_test(what_is_no_text_or_too_long_is_not_sent),
		cmocka_unit_test(an_answer_says_by_a_member_that_it_was_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
