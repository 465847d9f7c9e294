/* SPDX-License-Identifier: Apache-2.0 */
/* phrase_test.c -- the words of scripts. */
#include "phrase.h"

#include <errno.h>

#include "pospin_test.h"

static void text_is_split_at_blanks(void **state)
{
	static const struct {
		const char *text;
		size_t want;
	} rows[] = { { "", 0 }, { "  \t\r\n", 0 }, { "a", 1 }, { " a  b\t", 2 }, { "a b c", 3 },
		{ "a b c d", 4 }, { "a b c d e f", 4 } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char text[32], *words[3];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_int_equal(pp_phrase_split(text, words, 3), rows[i].want);
		if (rows[i].want == 2) {
			assert_string_equal(words[0], "a");
			assert_string_equal(words[1], "b");
		}
	}
}

static void levels_are_on_and_off_only(void **state)
{
	(void)state;
	assert_int_equal(pp_phrase_level("on"), 1);
	assert_int_equal(pp_phrase_level("off"), 0);
	assert_int_equal(pp_phrase_level("On"), -EINVAL);
	assert_int_equal(pp_phrase_level(""), -EINVAL);
	assert_int_equal(pp_phrase_level("1"), -EINVAL);
	assert_string_equal(pp_phrase_level_text(true), "on");
	assert_string_equal(pp_phrase_level_text(false), "off");
}

static void seconds_are_read_exactly(void **state)
{
	static const struct {
		const char *word;
		int want;
		uint64_t us;
	} rows[] = {
		{ "0", 0, 0 },
		{ "12", 0, 12000000 },
		{ "1.25", 0, 1250000 },
		{ "0.000001", 0, 1 },
		{ "007.5", 0, 7500000 },
		{ "10000000", 0, 10000000000000 },
		{ "10000001", -ERANGE, 0 },
		{ "123456789", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ ".5", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1.0000001", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "1.2.3", -EINVAL, 0 },
		{ "1s", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		uint64_t us = 0;
		int got = pp_phrase_seconds(rows[i].word, &us);

		if (got != rows[i].want || us != rows[i].us)
			fail_msg("'%s': got %d, %ju us", rows[i].word, got, (uintmax_t)us);
	}
}

static void an_unknown_point_is_told_the_known_ones(void **state)
{
	static const struct pp_line lines[] = { { .id = "panic" }, { .id = "smoke" } };
	struct pp_source_why why;
	size_t line = 9;

	(void)state;
	assert_int_equal(pp_phrase_line(lines, 2, "smoke", &line, &why), 0);
	assert_int_equal(line, 1);
	assert_int_equal(pp_phrase_line(lines, 2, "smok", &line, &why), -ENOENT);
	assert_string_equal(why.text, "no point 'smok'; known: panic, smoke");
}

static void many_points_do_not_overflow_the_answer(void **state)
{
	struct pp_line lines[64];
	struct pp_source_why why;
	size_t line;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(lines); i++)
		lines[i] = (struct pp_line){ .id = "a-rather-long-name-of-a-point-xx" };
	assert_int_equal(pp_phrase_line(lines, PP_COUNT(lines), "x", &line, &why), -ENOENT);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_split_at_blanks),
		cmocka_unit_test(levels_are_on_and_off_only),
		cmocka_unit_test(seconds_are_read_exactly),
		cmocka_unit_test(an_unknown_point_is_told_the_known_ones),
		cmocka_unit_test(many_points_do_not_overflow_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
