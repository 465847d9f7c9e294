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
		{ PP_TEXTS_CLOSED, false,
			"KDL-26-000123: sudah selesai. Tidak perlu datang lagi. Terima kasih." },
		{ PP_TEXTS_CLOSED, true,
			"KDL-26-000123: it is over. You need not come any more. Thank you." },
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

static void what_is_not_known_is_not_said(void **state)
{
	static const struct {
		const char *post, *rw, *desa, *kecamatan;
		int minute;
		const char *in_short, *in_long;
	} rows[] = {
		{ "Pos 1", "03", "Boja", "Boja", 0, "FIRE K-1: Pos 1 RW 03, Boja, Boja 00:00.",
			"FIRE K-1: Pos 1 00:00\nPlace: RW 03, Boja, Boja" },
		{ "Pos 1", "03", "Boja", NULL, 1439, "FIRE K-1: Pos 1 RW 03, Boja 23:59.",
			"FIRE K-1: Pos 1 23:59\nPlace: RW 03, Boja" },
		{ "Pos 1", "", "Boja", "Boja", 1440, "FIRE K-1: Pos 1, Boja, Boja.",
			"FIRE K-1: Pos 1\nPlace: Boja, Boja" },
		{ "Pos 1", "03", "", "", -1, "FIRE K-1: Pos 1 RW 03.",
			"FIRE K-1: Pos 1\nPlace: RW 03" },
		{ "Pos 1", NULL, NULL, "Boja", -1, "FIRE K-1: Pos 1, Boja.",
			"FIRE K-1: Pos 1\nPlace: Boja" },
		{ NULL, "03", "Boja", "Boja", 0, "FIRE K-1: RW 03, Boja, Boja 00:00.",
			"FIRE K-1: RW 03, Boja 00:00\nPlace: Boja" },
		{ "", "", "Boja", "", -1, "FIRE K-1: Boja.", "FIRE K-1: Boja" },
		{ "Pos 1", NULL, NULL, NULL, -1, "FIRE K-1: Pos 1.", "FIRE K-1: Pos 1" },
	};
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_texts_about about = { .english = true,
			.number = "K-1",
			.class = PP_CLASS_FIRE,
			.post = rows[i].post,
			.rw = rows[i].rw,
			.desa = rows[i].desa,
			.kecamatan = rows[i].kecamatan,
			.minute = rows[i].minute };

		pp_texts_make(&about, PP_TEXTS_SHORT, text);
		assert_string_equal(text, rows[i].in_short);
		pp_texts_make(&about, PP_TEXTS_LONG, text);
		assert_string_equal(text, rows[i].in_long);
	}
}

static void a_drill_in_silence_and_a_second_call_say_so_in_both_languages(void **state)
{
	static const struct {
		bool english;
		enum pp_texts_shape shape;
		const char *want;
	} rows[] = {
		{ false, PP_TEXTS_SHORT,
			"LATIHAN LAGI MEDIS K-1: Pos 1 (2 menit lalu)."
			" SENYAP: jangan menelepon pos."
			" Balas: YA 1234567 atau TIDAK 1234567" },
		{ true, PP_TEXTS_SHORT,
			"DRILL AGAIN MEDICAL K-1: Pos 1 (2 minutes ago)."
			" SILENT: do not ring the post."
			" Reply: YES 1234567 or NO 1234567" },
		{ false, PP_TEXTS_LONG,
			"LATIHAN LAGI MEDIS K-1: Pos 1 (2 menit lalu)\n"
			"Alarm sejauh ini: 2\nDari: Kendal"
			"\nSENYAP: jangan menelepon pos.\nIni latihan."
			"\n Balas: YA 1234567 atau TIDAK 1234567" },
		{ true, PP_TEXTS_LONG,
			"DRILL AGAIN MEDICAL K-1: Pos 1 (2 minutes ago)\n"
			"Alarms so far: 2\nFrom: Kendal"
			"\nSILENT: do not ring the post.\nThis is a drill."
			"\n Reply: YES 1234567 or NO 1234567" },
	};
	struct pp_texts_about about = { .purpose = PP_TEXTS_AGAIN,
		.class = PP_CLASS_MEDICAL,
		.site = "Kendal",
		.number = "K-1",
		.post = "Pos 1",
		.minute = -1,
		.drill = true,
		.silent = true,
		.late_ms = 120000,
		.signals = 2,
		.code = "1234567" };
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		about.english = rows[i].english;
		pp_texts_make(&about, rows[i].shape, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void stop_and_test_are_short_in_every_shape(void **state)
{
	static const struct {
		enum pp_texts_purpose purpose;
		bool english;
		const char *want;
	} rows[] = {
		{ PP_TEXTS_STOP, false, "LATIHAN K-1: sudah ditangani. Terima kasih. (Siti)" },
		{ PP_TEXTS_STOP, true, "DRILL K-1: it is being handled. Thank you. (Siti)" },
		{ PP_TEXTS_TEST, false,
			"Uji coba PosPin, Kendal: bukan alarm."
			" Alamat ini dikabari bila ada alarm." },
		{ PP_TEXTS_TEST, true,
			"PosPin test, Kendal: no alarm. This address will be told of alarms." },
	};
	struct pp_texts_about about = { .site = "Kendal",
		.number = "K-1",
		.post = "Pos 1",
		.drill = true,
		.by = "Siti" };
	char text[PP_TEXTS_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		about.purpose = rows[i].purpose;
		about.english = rows[i].english;
		pp_texts_make(&about, PP_TEXTS_SHORT, text);
		assert_string_equal(text, rows[i].want);
		pp_texts_make(&about, PP_TEXTS_LONG, text);
		assert_string_equal(text, rows[i].want);
	}
}

static void classes_have_a_word_in_both_languages(void **state)
{
	(void)state;
	for (int i = 0; i < PP_CLASS_COUNT; i++)
		assert_string_not_equal(pp_texts_class((enum pp_class)i, false),
			pp_texts_class((enum pp_class)i, true));
	assert_string_equal(pp_texts_class(PP_CLASS_FIRE, false), "KEBAKARAN");
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
		cmocka_unit_test(what_is_not_known_is_not_said),
		cmocka_unit_test(a_drill_in_silence_and_a_second_call_say_so_in_both_languages),
		cmocka_unit_test(stop_and_test_are_short_in_every_shape),
		cmocka_unit_test(classes_have_a_word_in_both_languages),
		cmocka_unit_test(an_sms_stays_one_whatever_its_fields),
		cmocka_unit_test(foreign_words_stay_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
