/* SPDX-License-Identifier: Apache-2.0 */
/* troubles_test.c -- what engineers read, alone and of many, and that an SMS stays one. */
#include "texts/troubles.h"

#include "pospin_test.h"

static const struct pp_texts_trouble some[] = {
	{ false, "Poskamling Boja", "Tombol", "stuck", 22 * 60 + 4 },
	{ false, "Pos Dua", "", "unsupervised", 23 * 60 },
	{ true, "Pos Tiga", NULL, "mains", -1 },
	{ false, "Pos Empat", "", "storage", 1 },
	{ false, "Pos Lima", "", "tamper", 1440 },
	{ false, "Pos Enam", "", "odd-word", 0 },
};

static void the_sentences_of_one_and_of_many(void **state)
{
	static const struct {
		bool english;
		enum pp_texts_shape shape;
		size_t first, count;
		int64_t troubles, mended;
		const char *want;
	} rows[] = {
		{ false, PP_TEXTS_SHORT, 0, 1, 1, 0,
			"GANGGUAN Poskamling Boja, Tombol: tombol macet 22:04" },
		{ true, PP_TEXTS_SHORT, 0, 1, 1, 0,
			"TROUBLE Poskamling Boja, Tombol: button stuck 22:04" },
		{ false, PP_TEXTS_SHORT, 2, 1, 0, 1, "PULIH Pos Tiga: listrik padam" },
		{ true, PP_TEXTS_LONG, 2, 1, 0, 1,
			"MENDED Pos Tiga: mains lost\nFrom: Kabupaten Kendal" },
		{ false, PP_TEXTS_LONG, 1, 1, 1, 0,
			"GANGGUAN Pos Dua: pos tidak terdengar 23:00\nDari: Kabupaten Kendal" },
		{ false, PP_TEXTS_SHORT, 0, 2, 2, 0,
			"2 GANGGUAN: Poskamling Boja, Tombol: tombol macet 22:04; Pos Dua: pos"
			" tidak terdengar 23:00" },
		{ true, PP_TEXTS_SHORT, 1, 2, 1, 1,
			"1 TROUBLE, 1 MENDED: Pos Dua: post not heard 23:00; MENDED Pos Tiga:"
			" mains lost" },
		{ true, PP_TEXTS_SHORT, 2, 1, 0, 7, "7 MENDED: Pos Tiga: mains lost; +6 more" },
		{ false, PP_TEXTS_SHORT, 0, 6, 2000, 3,
			"2000 GANGGUAN, 3 PULIH: Poskamling Boja, Tombol: tombol macet 22:04; Pos"
			" Dua: pos tidak terdengar 23:00; PULIH Pos Tiga: listrik padam; +2000"
			" lagi" },
		{ false, PP_TEXTS_LONG, 1, 2, 6, 1,
			"6 GANGGUAN, 1 PULIH, Kabupaten Kendal\nGANGGUAN Pos Dua: pos tidak"
			" terdengar 23:00\nPULIH Pos Tiga: listrik padam\n+5 lagi" },
		{ true, PP_TEXTS_LONG, 4, 2, 2, 0,
			"2 TROUBLES, Kabupaten Kendal\nTROUBLE Pos Lima: box open\nTROUBLE Pos"
			" Enam: odd-word 00:00" },
	};
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_texts_troubles about = { .english = rows[i].english,
			.site = "Kabupaten Kendal",
			.troubles = rows[i].troubles,
			.mended = rows[i].mended,
			.all = &some[rows[i].first],
			.count = rows[i].count };

		pp_texts_troubles_make(&about, rows[i].shape, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void many_with_the_longest_names_stay_one_sms_and_one_letter(void **state)
{
	static struct pp_texts_trouble all[64];
	char text[PP_TEXTS_MAX], name[200];
	struct pp_texts_troubles about = { .all = all, .site = name };

	(void)state;
	memset(name, 'W', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < PP_COUNT(all); i++)
		all[i] = (struct pp_texts_trouble){ i % 2, name, name, name, 1439 };
	for (about.count = 1; about.count <= PP_COUNT(all); about.count++) {
		for (int language = 0; language < 2; language++) {
			about.english = language;
			about.troubles = (int64_t)about.count * 1000;
			about.mended = 99999;
			pp_texts_troubles_make(&about, PP_TEXTS_SHORT, text);
			assert_true(strlen(text) <= PP_TEXTS_SHORT_MAX);
			assert_non_null(strstr(text, language ? "more" : "lagi"));
			pp_texts_troubles_make(&about, PP_TEXTS_LONG, text);
			assert_true(strlen(text) < PP_TEXTS_MAX);
			assert_non_null(strstr(text, language ? "more" : "lagi"));
		}
	}
	about.count = 1;
	about.troubles = 1;
	about.mended = 0;
	pp_texts_troubles_make(&about, PP_TEXTS_SHORT, text);
	assert_true(strlen(text) > 100 && strlen(text) <= PP_TEXTS_SHORT_MAX);
}

static void what_a_post_says_of_itself_comes_out_inert(void **state)
{
	static const char bad[] = "<b>\x1b[2J\n=1+1\xe2\x80\xae&";
	const struct pp_texts_trouble one = { false, bad, bad, bad, -1 };
	struct pp_texts_troubles about = { .site = bad, .troubles = 1, .all = &one, .count = 1 };
	static const enum pp_texts_shape shapes[] = { PP_TEXTS_SHORT, PP_TEXTS_LONG };
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int many = 0; many < 2; many++) {
			about.troubles = 1 + many;
			pp_texts_troubles_make(&about, shapes[i], text);
			assert_null(strpbrk(text, "<>&\x1b\r"));
			assert_null(strstr(text, "\xe2\x80\xae"));
			assert_true(shapes[i] == PP_TEXTS_LONG || !strchr(text, '\n'));
			assert_null(strstr(text, "\n="));
		}
	}
}

static void nothing_at_all_is_still_a_text(void **state)
{
	const struct pp_texts_trouble none = { .minute = -1 };
	struct pp_texts_troubles about = { .troubles = 1, .all = &none, .count = 1 };
	char text[PP_TEXTS_MAX];

	(void)state;
	pp_texts_troubles_make(&about, PP_TEXTS_LONG, text);
	assert_string_equal(text, "GANGGUAN : ");
	about.troubles = 2;
	pp_texts_troubles_make(&about, PP_TEXTS_LONG, text);
	assert_string_equal(text, "2 GANGGUAN\nGANGGUAN : \n+1 lagi");
}

static void each_known_kind_has_words_of_both_languages(void **state)
{
	(void)state;
	assert_string_equal(pp_texts_trouble_kind("mains", false), "listrik padam");
	assert_string_equal(pp_texts_trouble_kind("mains", true), "mains lost");
	assert_string_equal(pp_texts_trouble_kind("what", true), "what");
}

static void a_message_says_how_many_are_in_it(void **state)
{
	char text[PP_TEXTS_MAX] = "LAGI KEBAKARAN";

	(void)state;
	pp_texts_collapsed_add(0, false, text);
	assert_string_equal(text, "LAGI KEBAKARAN");
	pp_texts_collapsed_add(180, false, text);
	assert_string_equal(text, "LAGI KEBAKARAN\nTermasuk 180 pesan sebelumnya.");
	pp_texts_collapsed_add(1, true, text);
	assert_non_null(strstr(text, "\nWith 1 earlier message."));
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pp_texts_collapsed_add(180, false, text);
	assert_int_equal(strlen(text), PP_TEXTS_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentences_of_one_and_of_many),
		cmocka_unit_test(many_with_the_longest_names_stay_one_sms_and_one_letter),
		cmocka_unit_test(what_a_post_says_of_itself_comes_out_inert),
		cmocka_unit_test(nothing_at_all_is_still_a_text),
		cmocka_unit_test(each_known_kind_has_words_of_both_languages),
		cmocka_unit_test(a_message_says_how_many_are_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
