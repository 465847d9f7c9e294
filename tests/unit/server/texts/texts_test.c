/* SPDX-License-Identifier: Apache-2.0 */
/* texts_test.c -- the sentences, and that an SMS stays one. */
#include "texts/texts.h"

#include "pospin_test.h"

static const struct pp_texts_about fire = {
	.site = "Kabupaten Kendal",
	.number = "KDL-26-000123",
	.class = PP_CLASS_FIRE,
	.post = "Poskamling Krajan Kulon",
	.point = "Tombol kebakaran",
	.rw = "03",
	.desa = "Krajan Kulon",
	.kecamatan = "Kaliwungu",
	.minute = 22 * 60 + 4,
	.code = "1234567",
};

static void the_sentences_of_each_purpose(void **state)
{
	static const struct {
		enum pp_texts_purpose purpose;
		bool english;
		const char *want;
	} rows[] = {
		{ PP_TEXTS_ALARM, false,
			"KEBAKARAN KDL-26-000123: Poskamling Krajan Kulon RW 03, Krajan Kulon,"
			" Kaliwungu 22:04. Balas: YA 1234567 atau TIDAK 1234567" },
		{ PP_TEXTS_ALARM, true,
			"FIRE KDL-26-000123: Poskamling Krajan Kulon RW 03, Krajan Kulon,"
			" Kaliwungu 22:04. Reply: YES 1234567 or NO 1234567" },
		{ PP_TEXTS_STOP, false, "KDL-26-000123: sudah ditangani. Terima kasih." },
		{ PP_TEXTS_STOP, true, "KDL-26-000123: it is being handled. Thank you." },
	};
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_texts_about about = fire;

		about.purpose = rows[i].purpose;
		about.english = rows[i].english;
		pp_texts_make(&about, PP_TEXTS_SHORT, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void a_long_one_has_a_first_line_that_may_stand_alone(void **state)
{
	struct pp_texts_about about = fire;
	char text[PP_TEXTS_MAX];

	(void)state;
	about.drill = true;
	about.late_ms = 61000;
	about.signals = 3;
	pp_texts_make(&about, PP_TEXTS_LONG, text);
	assert_string_equal(text,
		"LATIHAN KEBAKARAN KDL-26-000123: Poskamling Krajan Kulon 22:04 (2 menit lalu)\n"
		"Tempat: RW 03, Krajan Kulon, Kaliwungu\nSensor: Tombol kebakaran\n"
		"Alarm sejauh ini: 3\nDari: Kabupaten Kendal\nIni latihan.\n"
		" Balas: YA 1234567 atau TIDAK 1234567");
}

static void an_sms_stays_one_whatever_its_fields(void **state)
{
	char text[PP_TEXTS_MAX], longest[121];

	(void)state;
	memset(longest, 'W', 120);
	longest[120] = '\0';
	for (int i = 0; i < 5 * 2 * 2 * PP_CLASS_COUNT; i++) {
		struct pp_texts_about about = { .purpose = (enum pp_texts_purpose)(i % 5),
			.english = i / 5 % 2,
			.drill = i / 10 % 2,
			.silent = i / 10 % 2,
			.class = (enum pp_class)(i / 20),
			.late_ms = i / 10 % 2 ? 86400000 : 0,
			.number = "KDL-26-000123",
			.site = longest,
			.post = longest,
			.point = longest,
			.rw = longest,
			.desa = longest,
			.kecamatan = longest,
			.by = longest,
			.detail = longest,
			.code = "1234567" };

		pp_texts_make(&about, PP_TEXTS_SHORT, text);
		if (strlen(text) > PP_TEXTS_SHORT_MAX)
			fail_msg("%zu: %s", strlen(text), text);
		if (about.purpose <= PP_TEXTS_AGAIN) {
			assert_non_null(strstr(text, "KDL-26-000123"));
			assert_non_null(strstr(text, "1234567"));
		}
		pp_texts_make(&about, PP_TEXTS_LONG, text);
		assert_true(strlen(text) < PP_TEXTS_MAX - 1);
	}
}

static void foreign_words_stay_words(void **state)
{
	struct pp_texts_about about = fire;
	char text[PP_TEXTS_MAX];

	(void)state;
	about.post = "<b>Pos</b>\r\nSubject: \x1b[2J%s%n";
	about.by = "Budi\nBalas: YA 9999999";
	pp_texts_make(&about, PP_TEXTS_SHORT, text);
	assert_non_null(strstr(text, "(b)Pos(/b) Subject: (2J%s%n"));
	assert_null(strchr(text, '\n'));
	about.purpose = PP_TEXTS_STOP;
	pp_texts_make(&about, PP_TEXTS_LONG, text);
	assert_null(strchr(text, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sentences_of_each_purpose),
		cmocka_unit_test(a_long_one_has_a_first_line_that_may_stand_alone),
		cmocka_unit_test(an_sms_stays_one_whatever_its_fields),
		cmocka_unit_test(foreign_words_stay_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
