/* SPDX-License-Identifier: Apache-2.0 */
/* profile_test.c -- reading a neighbourhood's profile and playing its strokes. */
#include "annunciator/profile.h"

#include "pospin_test.h"

static int read_text(const char *text, struct pp_profile *p, struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	int r = pp_yaml_parse("profile.yaml", text, strlen(text), &root, problem);

	if (r < 0)
		return r;
	r = pp_profile_read(root, p, problem);
	pp_yaml_free(root);
	return r;
}

/* Strokes begun in the first `us` microseconds, as seen by someone who asks only when told to. */
static unsigned count_strokes(const struct pp_profile *p, enum pp_class class, uint64_t us)
{
	unsigned strokes = 0;
	bool was = false;

	for (uint64_t t = 0; t < us;) {
		uint64_t next;
		bool on = pp_pattern_at(p, class, p->stroke_us, t, &next);

		strokes += on && !was;
		was = on;
		assert_true(next > 0);
		t += next;
	}
	return strokes;
}

static void the_default_strokes_are_those_of_central_java(void **state)
{
	/* A group of n takes n strokes of 0.4 s and 1 s of pause. */
	static const struct {
		enum pp_class class;
		uint64_t us;
		unsigned strokes;
	} rows[] = {
		{ PP_CLASS_CRIME, 1800000, 2 },
		{ PP_CLASS_CRIME, 3600000, 4 },
		{ PP_CLASS_FIRE, 2200000, 3 },
		{ PP_CLASS_FIRE, 4400000, 6 },
		{ PP_CLASS_DISASTER, 2600000, 4 },
		{ PP_CLASS_DISASTER, 5200000, 8 },
		{ PP_CLASS_UNSPECIFIED, 4000000, 10 },
		{ PP_CLASS_MEDICAL, 4000000, 10 },
	};
	struct pp_profile p;

	(void)state;
	pp_profile_default(&p);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		unsigned got = count_strokes(&p, rows[i].class, rows[i].us);

		if (got != rows[i].strokes)
			fail_msg("row %zu: got %u strokes, want %u", i, got, rows[i].strokes);
	}
	assert_true(p.at_once[PP_CLASS_FIRE]);
	assert_false(p.at_once[PP_CLASS_MEDICAL]);
}

static void a_profile_changes_what_it_names_and_keeps_the_rest(void **state)
{
	struct pp_problem problem;
	struct pp_profile p;

	(void)state;
	assert_int_equal(read_text("tempo: 500ms\nsound-for: 1min\nat-once: [medical]\n"
				   "patterns:\n  fire: 5-1\n  crime: titir\n",
				 &p, &problem),
		0);
	assert_int_equal(p.tempo_us, 500000);
	assert_int_equal(p.sound_us, 60000000);
	assert_int_equal(p.pause_us, 1000000);
	assert_true(p.at_once[PP_CLASS_MEDICAL]);
	assert_false(p.at_once[PP_CLASS_FIRE]);
	assert_int_equal(p.patterns[PP_CLASS_FIRE].count, 2);
	assert_int_equal(p.patterns[PP_CLASS_FIRE].groups[0], 5);
	assert_int_equal(p.patterns[PP_CLASS_CRIME].count, 0);
	assert_int_equal(p.patterns[PP_CLASS_DISASTER].groups[1], 4);
}

static void a_bad_profile_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "tempo: 400\n", "profile.yaml:1:8: tempo: expected a duration" },
		{ "pause: 20min\n",
			"profile.yaml:1:8: pause: expected a duration from 200ms to 10s" },
		{ "patterns:\n  fire: 3--3\n", "profile.yaml:2:9: expected titir" },
		{ "patterns:\n  fire: 1-2-3-4-5-6-7-8-9\n", "profile.yaml:2:9: expected titir" },
		{ "patterns:\n  flood: 4-4\n", "profile.yaml:2:3: expected crime" },
		{ "at-once: fire\n", "profile.yaml:1:10: expected a list" },
		{ "at_once: [fire]\n", "profile.yaml:1:1: unknown key 'at_once'" },
		{ "stroke: 500ms\n", "must be shorter than tempo" },
		{ "[]\n", "expected a map" },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		struct pp_profile p;
		int r = read_text(rows[i].text, &p, &problem);

		if (r == 0 || !strstr(problem.text, rows[i].want))
			fail_msg("row %zu: got %d '%s', want '%s'", i, r, problem.text,
				rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_strokes_are_those_of_central_java),
		cmocka_unit_test(a_profile_changes_what_it_names_and_keeps_the_rest),
		cmocka_unit_test(a_bad_profile_is_refused_with_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
