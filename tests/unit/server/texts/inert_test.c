/* SPDX-License-Identifier: Apache-2.0 */
/* inert_test.c -- attacks on whoever shows a text come out as texts. */
#include "texts/inert.h"

#include "pospin_test.h"

static void attacks_become_texts(void **state)
{
	static const struct {
		const char *text, *inert, *plain;
	} rows[] = {
		{ "Poskamling Krajan", "Poskamling Krajan", "Poskamling Krajan" },
		{ "<script>alert(1)</script>", "(script)alert(1)(/script)",
			"(script)alert(1)(/script)" },
		{ "a&amp;b", "a+amp;b", "a+amp;b" },
		{ "=cmd|'/C calc'!A1", "'=cmd|'/C calc'!A1", "'=cmd/'/C calc'!A1" },
		{ "+62811", "'+62811", "'+62811" },
		{ "@SUM(A1)", "'@SUM(A1)", "'@SUM(A1)" },
		{ "-2+3", "'-2+3", "'-2+3" },
		{ "a\x1b[31mred", "a[31mred", "a(31mred" },
		{ "a\r\nBcc: all@b", "a Bcc: all@b", "a Bcc: all@b" },
		{ "  a \t\n  b  ", "a b", "a b" },
		{ "x\xe2\x80\xae" "exe.gpj", "xexe.gpj", "xexe.gpj" },
		{ "x\xe2\x81\xa6y\xe2\x81\xa9\xe2\x80\x8f", "xy", "xy" },
		{ "a\xe2\x80\xa8" "b\xc2\x85" "c", "a b c", "a b c" },
		{ "z\xc2\x9b" "31m", "z31m", "z31m" },
		{ "bad\xff\xc0\xaf\xed\xa0\x80\xf8tail", "badtail", "badtail" },
		{ "cut\xe2\x82", "cut", "cut" },
		/* beyond the last character, a byte too long, a surrogate; and their neighbours */
		{ "a\xf4\x90\x80\x80" "b\xe0\x9f\xbf" "c\xed\xbf\xbf" "d", "abcd", "abcd" },
		{ "a\xee\x80\x80" "b\xf4\x8f\xbf\xbf" "c", "abc", "abc" },
		{ "\xef\xb9\xa9", "\xef\xb9\xa9", "?" },
		/* every blank that Unicode has */
		{ "a\xc2\xa0" "b\xe1\x9a\x80" "c\xe2\x80\x80" "d\xe2\x80\x8a" "e",
			"a b c d e", "a b c d e" },
		{ "a\xe2\x80\xa9" "b\xe2\x80\xaf" "c\xe2\x81\x9f" "d\xe3\x80\x80" "e\v",
			"a b c d e", "a b c d e" },
		{ "\xe2\x80\x98" "a\xe2\x80\x99 \xca\xbc" "b",
			"\xe2\x80\x98" "a\xe2\x80\x99 \xca\xbc" "b",
			"'a' 'b" },
		{ "a \xe2\x80\x93 \xe2\x80\x90\xe2\x80\x95",
			"a \xe2\x80\x93 \xe2\x80\x90\xe2\x80\x95",
			"a - --" },
		{ "2 \xc3\x97 3 \xe2\x80\xa6 \xc2\xb0",
			"2 \xc3\x97 3 \xe2\x80\xa6 \xc2\xb0", "2 x 3 ? ?" },
		{ "Jalan \xc3\x89tang \xe2\x80\x9c" "A\xe2\x80\x9d",
			"Jalan \xc3\x89tang \xe2\x80\x9c" "A\xe2\x80\x9d", "Jalan Etang \"A\"" },
		{ "\xe2\x82\xac 5 [x] {y} ~", "\xe2\x82\xac 5 [x] {y} ~", "? 5 (x) (y) -" },
		{ "\xf0\x9f\x94\xa5 api", "\xf0\x9f\x94\xa5 api", "? api" },
		{ "\xf3\xa0\x81\x81tag", "tag", "tag" },
		{ "", "", "" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		pp_texts_inert(rows[i].text, text, sizeof(text));
		assert_string_equal(text, rows[i].inert);
		pp_texts_plain(rows[i].text, text, sizeof(text));
		assert_string_equal(text, rows[i].plain);
	}
}

static void what_is_too_long_is_cut_between_characters(void **state)
{
	char text[10];

	(void)state;
	pp_texts_inert("123456789", text, sizeof(text));
	assert_string_equal(text, "123456789");
	pp_texts_inert("1234567890", text, sizeof(text));
	assert_string_equal(text, "123456...");
	pp_texts_inert("12345\xe2\x82\xac\xe2\x82\xac", text, sizeof(text));
	assert_string_equal(text, "12345...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attacks_become_texts),
		cmocka_unit_test(what_is_too_long_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
