/* SPDX-License-Identifier: Apache-2.0 */
/* line_test.c -- what a store would misread never becomes a line. */
#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>
#include <math.h>

#include "recorder/line.h"

static void words_are_escaped_and_empty_tags_left_out(void **state)
{
	struct pp_line l = { 0 };
	char *text = NULL;

	(void)state;
	pp_line_begin(&l, "my event");
	pp_line_tag(&l, "post", "boja 01,a=b");
	pp_line_tag(&l, "none", "");
	pp_line_tag(&l, "null", NULL);
	pp_line_field_i64(&l, "value", -3);
	pp_line_field_real(&l, "share", 0.1);
	assert_int_equal(pp_line_end(&l, 1763750400123000001, &text), 0);
	assert_string_equal(text,
		"my\\ event,post=boja\\ 01\\,a\\=b value=-3i,share=0.10000000000000001"
		" 1763750400123000001");
	free(text);
}

static void what_no_store_reads_right_is_refused_by_name(void **state)
{
	static const struct {
		const char *tag;
		double real;
		int64_t ns;
		const char *why;
	} cases[] = {
		{ "line\nbreak", 1, 1, "tag: post" },
		{ "bell\a", 1, 1, "tag: post" },
		{ "end\\", 1, 1, "tag: post" },
		{ "broken\xff", 1, 1, "tag: post" },
		{ "fine", (double)NAN, 1, "no finite number: value" },
		{ "fine", (double)INFINITY, 1, "no finite number: value" },
		{ "fine", 1, -1, "time before 1970: " },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_line l = { 0 };
		char *text = NULL;

		pp_line_begin(&l, "m");
		pp_line_tag(&l, "post", cases[i].tag);
		pp_line_field_real(&l, "value", cases[i].real);
		assert_int_equal(pp_line_end(&l, cases[i].ns, &text), -EINVAL);
		assert_string_equal(l.why, cases[i].why);
		assert_null(text);
	}
}

static void a_line_that_a_store_would_take_for_a_comment_is_refused(void **state)
{
	struct pp_line l = { 0 };
	char *text = NULL;

	(void)state;
	pp_line_begin(&l, "#m");
	pp_line_field_i64(&l, "value", 1);
	assert_int_equal(pp_line_end(&l, 1, &text), -EINVAL);
	assert_string_equal(l.why, "measurement: #m");
}

static void a_line_without_field_or_beyond_its_length_is_refused(void **state)
{
	struct pp_line l = { 0 };
	char *text = NULL, word[PP_LINE_MAX + 1];

	(void)state;
	pp_line_begin(&l, "m");
	assert_int_equal(pp_line_end(&l, 1, &text), -EINVAL);
	memset(&l, 0, sizeof(l));
	memset(word, 'a', PP_LINE_MAX);
	word[PP_LINE_MAX] = '\0';
	pp_line_begin(&l, "m");
	pp_line_tag(&l, "t", word);
	pp_line_field_i64(&l, "f", 1);
	assert_int_equal(pp_line_end(&l, 1, &text), -EINVAL);
}

static void keys_and_memory_that_are_none_make_no_line(void **state)
{
	struct pp_line l = { 0 };
	char *text = NULL;

	(void)state;
	pp_line_begin(&l, "");
	pp_line_tag(&l, "", "x");
	pp_line_tag(&l, "post", "del\x7f");
	pp_line_field_i64(&l, "bad\nkey", 1);
	assert_int_equal(pp_line_end(&l, 1, &text), -EINVAL);
	assert_string_equal(l.why, "measurement: ");
	l = (struct pp_line){ 0 };
	pp_line_begin(&l, "m");
	memory_fail(1);
	pp_line_field_real(&l,
		"a-field-with-a-long-name-so-that-the-text-must-grow-and-there-is-no"
		"-memory-for-that-any-more-as-it-has-just-been-used-up-by-others",
		-0.0);
	(void)pp_line_end(&l, 1, &text);
	(void)memory_has_failed();
	free(text);
}

static void large_and_negative_numbers_keep_their_digits(void **state)
{
	static const struct {
		double value;
		const char *want;
	} rows[] = { { -0.0, "m v=-0 1" }, { 1e9, "m v=1000000000 1" }, { -3, "m v=-3 1" },
		{ 0.5, "m v=0.5 1" }, { 7, "m v=7 1" } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_line l = { 0 };
		char *text = NULL;

		pp_line_begin(&l, "m");
		pp_line_field_real(&l, "v", rows[i].value);
		assert_int_equal(pp_line_end(&l, 1, &text), 0);
		assert_string_equal(text, rows[i].want);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_escaped_and_empty_tags_left_out),
		cmocka_unit_test(what_no_store_reads_right_is_refused_by_name),
		cmocka_unit_test(a_line_that_a_store_would_take_for_a_comment_is_refused),
		cmocka_unit_test(a_line_without_field_or_beyond_its_length_is_refused),
		cmocka_unit_test(keys_and_memory_that_are_none_make_no_line),
		cmocka_unit_test(large_and_negative_numbers_keep_their_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
