/* SPDX-License-Identifier: Apache-2.0 */
/* inert_test.c -- what others wrote cannot act on a terminal. */
#include "pospin_test.h"

#include "inert.h"
#include "json/json.h"

static char *shown;
static size_t shown_size;

static FILE *screen(void)
{
	FILE *out = open_memstream(&shown, &shown_size);

	assert_non_null(out);
	return out;
}

static void assert_shown(FILE *out, const char *want)
{
	fclose(out);
	assert_string_equal(shown, want);
	free(shown);
}

static void what_could_act_is_written_out(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" }, { "Pos Ronda RW 03", "Pos Ronda RW 03" },
		{ "kelurahan é 漢 😀", "kelurahan é 漢 😀" },
		{ "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m" },
		{ "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" }, { "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "31m",
			"\\u009b31m" }, /* CSI as one C1 character */
		{ "a\xe2\x80\xae"
		  "b",
			"a\\u202eb" },                            /* right-to-left override */
		{ "\xe2\x80\x8b\xef\xbb\xbf", "\\u200b\\ufeff" }, /* invisible ones */
		{ "\xf3\xa0\x81\x81", "\\ue0041" },               /* a tag character */
		{ "\xff\xc3", "\\xff\\xc3" },                     /* broken UTF-8 */
		{ "\xc0\x9b", "\\xc0\\x9b" },                     /* overlong ESC-like */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },            /* a surrogate */
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		FILE *out = screen();

		pp_inert_write(out, rows[i].text);
		assert_shown(out, rows[i].want);
	}
}

static void cells_have_their_width(void **state)
{
	static const struct {
		const char *text, *want;
		size_t width;
	} rows[] = {
		{ "", "    ", 4 }, { "abcd", "abcd", 4 }, { "abcde", "abc~", 4 },
		{ "é漢", "é漢  ", 4 }, { "ab\x1b", "ab~ ", 4 }, /* an escape is not cut in two */
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		FILE *out = screen();

		pp_inert_cell(out, rows[i].text, rows[i].width);
		assert_shown(out, rows[i].want);
	}
	assert_int_equal(pp_inert_width("a\x1b"), 5);
}

static void json_reads_back_equal(void **state)
{
	static const char text[] = "a\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\x7f é 漢 \"\\\n";
	struct pp_json *object = pp_json_object(), *again;
	const char *got;
	char *printed;
	size_t length;
	FILE *out = screen();

	(void)state;
	pp_json_set_text(object, "name", text);
	assert_int_equal(pp_json_print(object, &printed, &length), 0);
	pp_inert_json(out, printed);
	fclose(out);
	for (const char *p = shown; *p; p++)
		assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	assert_null(strstr(shown, "\xc2\x9b"));
	assert_null(strstr(shown, "\xe2\x80\xae"));
	assert_int_equal(pp_json_parse(shown, strlen(shown), &again, NULL), 0);
	assert_int_equal(pp_json_get_text(again, "name", 100, &got), 0);
	assert_string_equal(got, text);
	pp_json_free(object);
	pp_json_free(again);
	free(printed);
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_could_act_is_written_out),
		cmocka_unit_test(cells_have_their_width),
		cmocka_unit_test(json_reads_back_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
