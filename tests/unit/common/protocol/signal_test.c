/* SPDX-License-Identifier: Apache-2.0 */
/* signal_test.c -- golden signals byte for byte; what is refused; what is taken although it is
 * foreign. */
#include "protocol/signal.h"

#include "golden.h"

#include <errno.h>

#define ID "\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":5"
#define TIME "\"boot\":2,\"mono\":3"
#define WORDS "\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":\"fire\""

static void golden_signals_come_out_byte_for_byte(void **state)
{
	static const char *const files[] = { "signal-alarm.json", "signal-restore.json",
		"signal-trouble-lost.json" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(files); i++) {
		char *text = golden_read(files[i]), *again = NULL, why[160] = "";
		struct pp_signal s;
		size_t length = 0;

		if (pp_signal_decode(text, strlen(text), &s, why))
			fail_msg("%s: %s", files[i], why);
		assert_false(s.foreign_words);
		assert_int_equal(pp_signal_encode(&s, &again, &length), 0);
		assert_string_equal(again, text);
		assert_int_equal(length, strlen(text));
		free(again);
		free(text);
	}
}

static void the_golden_alarm_says_what_it_says(void **state)
{
	char *text = golden_read("signal-alarm.json"), why[160];
	struct pp_signal s;

	(void)state;
	assert_int_equal(pp_signal_decode(text, strlen(text), &s, why), 0);
	assert_true(s.epoch == 0x9f3c2a77d01b44e2);
	assert_int_equal(s.seq, 4711);
	assert_int_equal(s.boot, 17);
	assert_int_equal(s.mono_ms, 8123456);
	assert_int_equal(s.at_ms, 1763750400123);
	assert_string_equal(s.point, "panic-red");
	assert_int_equal(s.kind, PP_KIND_PANIC);
	assert_int_equal(s.type, PP_SIGNAL_ALARM);
	assert_int_equal(s.class, PP_CLASS_CRIME);
	assert_int_equal(s.flags, PP_FLAG_SILENT);
	assert_int_equal(s.cause, 0);
	assert_int_equal(s.lost_count, 0);
	free(text);
}

static void every_flag_and_the_fullest_signal_go_there_and_back(void **state)
{
	struct pp_signal s = { .epoch = UINT64_MAX,
		.seq = 9007199254740991,
		.boot = 1,
		.at_ms = 0,
		.kind = PP_KIND_INPUT,
		.type = PP_SIGNAL_TEST,
		.class = PP_CLASS_MEDICAL,
		.flags = PP_FLAG_AT_START | PP_FLAG_SILENT | PP_FLAG_DRILL | PP_FLAG_VERIFIED,
		.cause = 7,
		.lost_count = PP_LOST_MAX };
	struct pp_signal got;
	char *text = NULL, why[160] = "";
	size_t length = 0;

	(void)state;
	memset(s.point, 'p', PP_POINT_MAX);
	memset(s.detail, '"', PP_DETAIL_MAX);
	for (size_t i = 0; i < PP_LOST_MAX; i++)
		s.lost[i] = 9007199254740991 - (int64_t)i;
	assert_int_equal(pp_signal_encode(&s, &text, &length), 0);
	assert_non_null(strstr(text, "\"flags\":[\"at-start\",\"silent\",\"drill\",\"verified\"]"));
	assert_int_equal(pp_signal_decode(text, length, &got, why), 0);
	assert_memory_equal(&got, &s, sizeof(s));
	free(text);
}

static void an_unknown_time_is_null_and_troubles_have_no_class(void **state)
{
	struct pp_signal s = { .epoch = 1,
		.seq = 1,
		.boot = 1,
		.at_ms = PP_AT_UNKNOWN,
		.point = "p",
		.kind = PP_KIND_MAINS,
		.type = PP_SIGNAL_TROUBLE,
		.class = PP_CLASS_FIRE };
	char *text = NULL;
	size_t length;

	(void)state;
	assert_int_equal(pp_signal_encode(&s, &text, &length), 0);
	assert_string_equal(text,
		"{\"epoch\":\"0000000000000001\",\"seq\":1,\"boot\":1,\"mono\":0,\"point\":\"p\","
		"\"kind\":\"mains\",\"signal\":\"trouble\",\"at\":null}");
	free(text);
	memcpy(s.detail, "\xff", 2);
	assert_int_equal(pp_signal_encode(&s, &text, &length), -EINVAL);
}

static void a_signal_without_identity_or_form_is_refused_by_name(void **state)
{
	static const struct {
		const char *text;
		int want;
		const char *why;
	} rows[] = {
		{ "", -EBADMSG, "line 1" },
		{ "[]", -EBADMSG, "not an object" },
		{ "{" TIME "," WORDS ",\"seq\":5}", -EBADMSG, "epoch: " },
		{ "{\"epoch\":12,\"seq\":5," TIME "," WORDS "}", -EBADMSG, "epoch: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\"," TIME "}", -EBADMSG, "seq: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":0}", -EBADMSG, "seq: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":-1}", -EBADMSG, "seq: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":\"5\"}", -EBADMSG, "seq: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":5.0}", -EBADMSG, "seq: " },
		{ "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":9007199254740992}", -EBADMSG, "seq: " },
		{ "{" ID ",\"boot\":2,\"mono\":3.5}", -EBADMSG, "mono: not an integer" },
		{ "{" ID "," TIME ",\"at\":1e3}", -EBADMSG, "at: not an integer" },
		{ "{" ID "," TIME ",\"cause\":4.0}", -EBADMSG, "cause: not an integer" },
		{ "{" ID "," TIME ",\"x\":{\"y\":1,\"y\":2}}", -EBADMSG, "duplicate" },
		{ "{" ID "," TIME ",\"x\":NaN}", -EBADMSG, "line 1" },
		{ "{" ID "," TIME ",\"v\":2}", -EPROTONOSUPPORT, "v: not 1" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_signal s = { .seq = 77 };
		char why[160] = "";
		int got = pp_signal_decode(rows[i].text, strlen(rows[i].text), &s, why);

		if (got != rows[i].want || !strstr(why, rows[i].why))
			fail_msg("%s: got %d (%s), want %d (%s)", rows[i].text, got, why,
				rows[i].want, rows[i].why);
		assert_int_equal(s.seq, 77);
	}
}

struct taken {
	const char *text;
	bool foreign;
	const char *want; /* what was understood, written again */
};
#define AS(words) "{" ID "," TIME "," words "}"
#define REST "\"signal\":\"alarm\",\"class\":\"unspecified\",\"at\":null"
#define TAKEN AS(WORDS ",\"at\":null")

static void check_taken(const struct taken *row)
{
	char why[160] = "", *again = NULL;
	struct pp_signal s;
	size_t length;

	if (pp_signal_decode(row->text, strlen(row->text), &s, why))
		fail_msg("%s was refused: %s", row->text, why);
	assert_int_equal(pp_signal_encode(&s, &again, &length), 0);
	if (strcmp(again, row->want) != 0 || s.foreign_words != row->foreign)
		fail_msg("%s\n  got %s, foreign %d\n want %s", row->text, again, s.foreign_words,
			row->want);
	free(again);
}

static void known_members_are_read_and_unknown_ones_ignored(void **state)
{
	static const struct taken rows[] = {
		{ AS(WORDS), false, TAKEN },
		{ AS(WORDS ",\"flags\":null,\"cause\":null,\"detail\":null,\"lost\":null"), false,
			TAKEN },
		{ "{\"v\":1,\"later\":{\"deep\":[1.5]}," ID "," TIME "," WORDS "}", false, TAKEN },
		{ AS(WORDS ",\"at\":1763750400123,\"cause\":4"), false,
			AS(WORDS ",\"at\":1763750400123,\"cause\":4") },
		{ AS("\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"alarm\""), false,
			AS("\"point\":\"p\",\"kind\":\"panic\"," REST) },
		{ AS("\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"restore\",\"class\":"
		     "\"meteor\""),
			false,
			AS("\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"restore\",\"at\":"
			   "null") },
		{ AS("\"kind\":\"post\",\"signal\":\"trouble\",\"detail\":\"storage\",\"lost\":[1,"
		     "2]"),
			false,
			AS("\"kind\":\"post\",\"signal\":\"trouble\",\"at\":null,\"detail\":"
			   "\"storage\","
			   "\"lost\":[1,2]") },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		check_taken(&rows[i]);
}

static void a_foreign_word_never_loses_the_alarm(void **state)
{
	static const struct taken rows[] = {
		{ "{" ID "}", true,
			"{" ID ",\"boot\":0,\"mono\":0,\"kind\":\"unknown\",\"signal\":\"unknown\","
			"\"at\":null}" },
		{ AS("\"point\":\"p\",\"kind\":\"comet\",\"signal\":\"alarm\",\"class\":\"comet\""),
			true, AS("\"point\":\"p\",\"kind\":\"unknown\"," REST) },
		{ AS("\"point\":\"p\",\"kind\":7,\"signal\":\"scream\",\"class\":\"fire\""), true,
			AS("\"point\":\"p\",\"kind\":\"unknown\",\"signal\":\"unknown\",\"at\":"
			   "null") },
		{ AS("\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"alarm\",\"class\":4"), true,
			AS("\"point\":\"p\",\"kind\":\"panic\"," REST) },
		{ AS("\"kind\":\"panic\",\"signal\":\"alarm\""), true,
			AS("\"kind\":\"panic\"," REST) },
		{ AS("\"point\":9,\"kind\":\"panic\",\"signal\":\"alarm\""), true,
			AS("\"kind\":\"panic\"," REST) },
		{ AS("\"point\":\"Pintu \\u00e9\\n\",\"kind\":\"panic\",\"signal\":\"alarm\""),
			true, AS("\"point\":\"xintu----\",\"kind\":\"panic\"," REST) },
		{ AS("\"point\":\"0123456789abcdef0123456789abcdef0\",\"kind\":\"panic\","
		     "\"signal\":\"alarm\""),
			true,
			AS("\"point\":\"0123456789abcdef0123456789abcdef\",\"kind\":"
			   "\"panic\"," REST) },
		{ "{" ID ",\"boot\":2,\"mono\":\"3\"," WORDS "}", true,
			"{" ID ",\"boot\":0,\"mono\":0," WORDS ",\"at\":null}" },
		{ "{" ID ",\"boot\":-1,\"mono\":3," WORDS "}", true,
			"{" ID ",\"boot\":0,\"mono\":0," WORDS ",\"at\":null}" },
		{ AS(WORDS ",\"at\":\"noon\""), true, TAKEN },
		{ AS(WORDS ",\"at\":-1"), true, TAKEN },
		{ AS(WORDS ",\"cause\":[]"), true, TAKEN },
		{ AS(WORDS ",\"detail\":7"), true, TAKEN },
		{ AS(WORDS ",\"detail\":\"a\\tb\""), true,
			AS(WORDS ",\"at\":null,\"detail\":\"a?b\"") },
		{ AS(WORDS ",\"lost\":[1,\"2\",0,3]"), true,
			AS(WORDS ",\"at\":null,\"lost\":[1,3]") },
		{ AS(WORDS ",\"lost\":5"), true, TAKEN },
		{ AS(WORDS ",\"flags\":[\"silent\",\"loud\",3]"), true,
			AS(WORDS ",\"at\":null,\"flags\":[\"silent\"]") },
		{ AS(WORDS ",\"flags\":\"silent\""), true, TAKEN },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		check_taken(&rows[i]);
}

static void a_signal_of_an_unknown_type_keeps_its_class_and_its_foreign_flag(void **state)
{
	static const char text[] = AS("\"point\":\"p\",\"kind\":\"panic\",\"signal\":\"scream\","
				      "\"class\":\"fire\",\"flags\":[\"loud\",\"drill\"]");
	struct pp_signal s;
	char why[160];

	(void)state;
	assert_int_equal(pp_signal_decode(text, sizeof(text) - 1, &s, why), 0);
	assert_int_equal(s.type, PP_SIGNAL_UNKNOWN);
	assert_int_equal(s.class, PP_CLASS_FIRE);
	assert_int_equal(s.flags, PP_FLAG_DRILL | PP_FLAG_FOREIGN);
	assert_true(s.foreign_words);
}

static void more_lost_numbers_than_fit_are_left_open(void **state)
{
	char text[1000] = "{" ID "," TIME "," WORDS ",\"lost\":[1", why[160];
	struct pp_signal s;

	(void)state;
	for (int i = 0; i < PP_LOST_MAX; i++)
		strncat(text, ",2", 3);
	strncat(text, "]}", 3);
	assert_int_equal(pp_signal_decode(text, strlen(text), &s, why), 0);
	assert_int_equal(s.lost_count, PP_LOST_MAX);
	assert_true(s.foreign_words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_signals_come_out_byte_for_byte),
		cmocka_unit_test(the_golden_alarm_says_what_it_says),
		cmocka_unit_test(every_flag_and_the_fullest_signal_go_there_and_back),
		cmocka_unit_test(an_unknown_time_is_null_and_troubles_have_no_class),
		cmocka_unit_test(a_signal_without_identity_or_form_is_refused_by_name),
		cmocka_unit_test(known_members_are_read_and_unknown_ones_ignored),
		cmocka_unit_test(a_foreign_word_never_loses_the_alarm),
		cmocka_unit_test(a_signal_of_an_unknown_type_keeps_its_class_and_its_foreign_flag),
		cmocka_unit_test(more_lost_numbers_than_fit_are_left_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
