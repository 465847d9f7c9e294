/* SPDX-License-Identifier: Apache-2.0 */
/* troubles_test.c -- what a file may say of troubles and limits, and what is said of the rest. */
#include "plans/read.h"

#include "plans/write.h"
#include "sample_file.h"

#include <errno.h>

static void rules_and_limits_are_read(void **state)
{
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;

	(void)state;
	if (sample_read(sample_file, &book, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(book->trouble_count, 2);
	assert_int_equal(book->troubles[0].kind_count, 2);
	assert_string_equal(book->troubles[0].kinds[1], "storage");
	assert_int_equal(book->troubles[0].after_ms, 30000);
	assert_false(book->troubles[0].has_quiet);
	assert_int_equal(book->troubles[1].kind_count, 0);
	assert_int_equal(book->troubles[1].quiet.from, 22 * 60);
	assert_int_equal(book->troubles[1].quiet.days, PP_ALL_DAYS);
	assert_int_equal(book->troubles[1].target_count, 2);
	assert_int_equal(book->troubles[1].targets[1].kind, PP_TARGET_ROSTER);
	assert_int_equal(book->limits[PP_LIMIT_TROUBLES].most, 3);
	assert_int_equal(book->limits[PP_LIMIT_ALARMS].window_ms, 600000);
	pp_plan_book_free(book);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct refusal rows[] = {
		{ "kinds: [tamper, storage]", "kinds: []", "p.yaml:28:13: 'kinds' is empty" },
		{ "kinds: [tamper, storage]", "kinds: [tamper, all]",
			"p.yaml:28:22: 'kinds': expected [all], or kinds of trouble such as "
			"tamper" },
		{ "kinds: [tamper, storage]", "kinds: [a-kind-that-is-longer-than-any-could-be]",
			"p.yaml:28:14: 'kinds': expected [all], or kinds of trouble such as "
			"tamper" },
		{ "kinds: [tamper, storage]", "kinds: [Tamper]",
			"p.yaml:28:14: 'kinds': expected lower-case letters, digits and '-', got "
			"'Tamper'" },
		{ "kinds: [tamper, storage], after: 30s", "kinds: [tamper]",
			"p.yaml:28:5: 'after' is missing" },
		{ "after: 30s", "after: 30",
			"p.yaml:28:39: expected 'after': a time up to 1d, "
			"such as 5min" },
		{ "after: 30s", "after: 25h",
			"p.yaml:28:39: expected 'after': a time up to 1d, such as 5min" },
		{ "after: 30s", "after: 0", NULL },
		{ "after: 30s", "after: 0s", NULL },
		{ "call: [contact:rt]}", "call: [nobody]}",
			"p.yaml:28:51: there is no contact or roster 'nobody': troubles are told "
			"to contact:ID and roster:ID" },
		{ "call: [contact:rt]}", "call: [agency:damkar]}",
			"p.yaml:28:51: there is no contact or roster 'agency:damkar': troubles are "
			"told to contact:ID and roster:ID" },
		{ "call: [contact:rt]}", "call: [role:operator]}",
			"p.yaml:28:51: there is no contact or roster 'role:operator': troubles are "
			"told to contact:ID and roster:ID" },
		{ "call: [contact:rt]}", "call: []}", "p.yaml:28:50: 'call' is empty" },
		{ ", call: [contact:rt]}", "}", "p.yaml:28:5: 'call' is missing" },
		{ "  ronda: [{",
			"  rt: [{days: [sat], from: \"01:00\", to: \"02:00\", "
			"contacts: [rt]}]\n  ronda: [{",
			"p.yaml:25:50: 'rt' is the name of several things: write agency:, contact: "
			"or roster: before it" },
		{ "quiet: {from: \"22:00\", to: \"06:00\"}", "quiet: {from: \"22:00\"}",
			"p.yaml:29:40: 'to' is missing" },
		{ "quiet: {from: \"22:00\", to: \"06:00\"}",
			"quiet: {from: \"22:00\", to: \"25:00\"}",
			"p.yaml:29:60: expected a time of day such as \"22:00\", in quotes" },
		{ "quiet: {from: \"22:00\", to: \"06:00\"}",
			"quiet: {from: \"06:00\", to: \"06:00\"}",
			"p.yaml:29:40: 'quiet': a whole day: nobody would ever be told" },
		{ "quiet: {from: \"22:00\", to: \"06:00\"}",
			"quiet: {from: \"00:00\", to: \"24:00\"}",
			"p.yaml:29:40: 'quiet': a whole day: nobody would ever be told" },
		{ "quiet: {from", "quiet: {days: [sat], from", "p.yaml:29:41: unknown key 'days'" },
		{ "limits: {troubles", "limits: {trouble", "p.yaml:30:10: unknown key 'trouble'" },
		{ "{most: 3,", "{most: 0,", "p.yaml:30:27: 'most': expected 1 to 1000 messages" },
		{ "{most: 3,", "{most: 1001,",
			"p.yaml:30:27: 'most': expected 1 to 1000 messages" },
		{ "in: 1min}", "in: 4s}",
			"p.yaml:30:34: expected 'in': a time from 5s to 1d, such as 10min" },
		{ "in: 1min}", "}", "p.yaml:30:20: 'in' is missing" },
		{ "most: 3, ", "", "p.yaml:30:20: 'most' is missing" },
		{ "limits: {troubles: {most: 3, in: 1min}, alarms: {most: 90, in: 10min}}\n", "",
			NULL },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void a_name_of_two_things_needs_its_word(void **state)
{
	static const char file[] = "tenant: kendal\n"
				   "contacts: {jaga: {name: J, role: r, ways: [{webhook: b}]}}\n"
				   "rosters: {jaga: [{from: \"00:00\", to: \"24:00\", contacts:"
				   " [jaga]}]}\n"
				   "plans: {p: {classes: [all], area: [all], rings: {desk: {until:"
				   " taken, steps: [{call: [role:operator], wait: 9s}]}}, fallback:"
				   " {call: [contact:jaga], every: 9s}}}\n"
				   "troubles: [{kinds: [all], after: 9s, call: [jaga]}]\n";
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;

	(void)state;
	assert_int_equal(sample_read(file, &book, &problem), -EINVAL);
	assert_string_equal(problem.text,
		"p.yaml:5:45: 'jaga' is a contact and a roster: write contact: or roster: before "
		"it");
}

static void a_book_that_says_nothing_of_them_is_written_without(void **state)
{
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;
	char *text = strdup(sample_file), *printed;
	struct pp_json *json;
	size_t length;

	(void)state;
	*strstr(text, "troubles:\n") = '\0';
	assert_int_equal(sample_read(text, &book, &problem), 0);
	json = pp_plans_json(book, PP_PLANS_KEPT);
	assert_int_equal(pp_json_print(json, &printed, &length), 0);
	assert_null(strstr(printed, "troubles"));
	assert_null(strstr(printed, "limits"));
	pp_json_free(json);
	free(printed);
	free(text);
	pp_plan_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_and_limits_are_read),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(a_name_of_two_things_needs_its_word),
		cmocka_unit_test(a_book_that_says_nothing_of_them_is_written_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
