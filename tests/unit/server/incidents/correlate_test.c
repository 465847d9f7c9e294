/* SPDX-License-Identifier: Apache-2.0 */
/* correlate_test.c -- what signals mean, known words and foreign ones. */
#include "incidents/correlate.h"

#include "pospin_test.h"

static const struct pp_known_point known = { .known = true };

static void alarms_take_the_class_they_name(void **state)
{
	struct pp_verdict v;

	(void)state;
	for (int c = 0; c < PP_CLASS_COUNT; c++) {
		struct pp_signal s = {
			.kind = PP_KIND_PANIC, .type = PP_SIGNAL_ALARM, .class = (enum pp_class)c
		};

		pp_signal_judge(&s, &known, &v);
		assert_int_equal(v.meaning, PP_MEANS_ALARM);
		assert_int_equal(v.class, c);
		assert_false(v.unknown);
	}
}

static void what_is_not_understood_is_an_unspecified_alarm_and_a_trouble(void **state)
{
	static const struct {
		const char *name;
		struct pp_signal signal;
		bool known;
		const char *want;
	} cases[] = {
		{ "point",
			{ .type = PP_SIGNAL_ALARM, .kind = PP_KIND_PANIC, .class = PP_CLASS_FIRE },
			false, "unknown-point" },
		{ "flag",
			{ .type = PP_SIGNAL_ALARM,
				.kind = PP_KIND_PANIC,
				.class = PP_CLASS_FIRE,
				.flags = PP_FLAG_FOREIGN,
				.foreign_words = true },
			true, "unknown-flag" },
		{ "class",
			{ .type = PP_SIGNAL_ALARM, .kind = PP_KIND_PANIC, .foreign_words = true },
			true, "unknown-word" },
		{ "kind",
			{ .type = PP_SIGNAL_ALARM, .class = PP_CLASS_FIRE, .foreign_words = true },
			true, "unknown-kind" },
		{ "signal",
			{ .kind = PP_KIND_PANIC, .class = PP_CLASS_FIRE, .foreign_words = true },
			true, "unknown-signal" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_known_point point = { .known = cases[i].known };
		struct pp_verdict v;

		pp_signal_judge(&cases[i].signal, &point, &v);
		if (v.meaning != PP_MEANS_ALARM || v.class != PP_CLASS_UNSPECIFIED || !v.unknown)
			fail_msg("%s: meaning %d, class %d", cases[i].name, v.meaning, v.class);
		assert_string_equal(v.why_unknown, cases[i].want);
	}
}

static void an_alarm_is_silent_by_its_flag_or_by_the_registry(void **state)
{
	static const struct {
		uint32_t flags;
		bool registered, want;
	} cases[] = { { 0, false, false }, { PP_FLAG_SILENT, false, true }, { 0, true, true } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_signal s = {
			.kind = PP_KIND_PANIC, .type = PP_SIGNAL_ALARM, .flags = cases[i].flags
		};
		struct pp_known_point point = { .known = true, .silent = cases[i].registered };
		struct pp_verdict v;

		pp_signal_judge(&s, &point, &v);
		assert_int_equal(v.silent, cases[i].want);
	}
}

static void a_drill_is_marked(void **state)
{
	struct pp_signal s = {
		.kind = PP_KIND_PANIC, .type = PP_SIGNAL_ALARM, .flags = PP_FLAG_DRILL
	};
	struct pp_verdict v;

	(void)state;
	pp_signal_judge(&s, &known, &v);
	assert_true(v.drill);
}

static void everything_but_alarms_is_a_fact_or_a_trouble(void **state)
{
	static const struct {
		enum pp_signal_type type;
		enum pp_meaning want;
	} cases[] = {
		{ PP_SIGNAL_RESTORE, PP_MEANS_RESTORE },
		{ PP_SIGNAL_CANCEL, PP_MEANS_CANCEL },
		{ PP_SIGNAL_TROUBLE, PP_MEANS_TROUBLE },
		{ PP_SIGNAL_TROUBLE_RESTORE, PP_MEANS_TROUBLE_END },
		{ PP_SIGNAL_TEST, PP_MEANS_TEST },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_signal s = { .kind = PP_KIND_TAMPER, .type = cases[i].type };
		struct pp_verdict v;

		pp_signal_judge(&s, &known, &v);
		assert_int_equal(v.meaning, cases[i].want);
	}
}

static void a_trouble_is_called_by_the_first_word_of_its_detail_or_by_its_kind(void **state)
{
	static const struct {
		enum pp_signal_type type;
		const char *detail, *want;
	} cases[] = {
		{ PP_SIGNAL_TROUBLE, "stuck", "stuck" },
		{ PP_SIGNAL_TROUBLE, "storage: I/O error", "storage" },
		{ PP_SIGNAL_TROUBLE, "", "mains" },
		{ PP_SIGNAL_TROUBLE, "!?", "mains" },
		{ PP_SIGNAL_TROUBLE_RESTORE, "stuck", "stuck" },
		{ PP_SIGNAL_TROUBLE_RESTORE, "", "" },
		{ PP_SIGNAL_TROUBLE, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
			"abcdefghijklmnopqrstuvwxyzabcdef" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_signal s = { .kind = PP_KIND_MAINS, .type = cases[i].type };
		struct pp_verdict v;

		snprintf(s.detail, sizeof(s.detail), "%s", cases[i].detail);
		pp_signal_judge(&s, &known, &v);
		assert_string_equal(v.trouble, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_take_the_class_they_name),
		cmocka_unit_test(what_is_not_understood_is_an_unspecified_alarm_and_a_trouble),
		cmocka_unit_test(an_alarm_is_silent_by_its_flag_or_by_the_registry),
		cmocka_unit_test(a_drill_is_marked),
		cmocka_unit_test(everything_but_alarms_is_a_fact_or_a_trouble),
		cmocka_unit_test(
			a_trouble_is_called_by_the_first_word_of_its_detail_or_by_its_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
