/* SPDX-License-Identifier: Apache-2.0 */
/* fields_test.c -- typed members of a map, and what is said of wrong ones. */
#include "fields.h"

#include "pospin_test.h"

#include <errno.h>

struct fixture {
	struct pp_yaml *root;
	struct pp_problem problem;
};

static void parse(struct fixture *f, const char *text)
{
	if (pp_yaml_parse("site.yaml", text, strlen(text), &f->root, &f->problem) < 0)
		fail_msg("%s", f->problem.text);
}

static void done(struct fixture *f)
{
	f->root = pp_yaml_free(f->root);
}

static void numbers_are_plain_decimals_in_bounds(void **state)
{
	static const struct field_range range = { -11, 6, "a latitude" };
	static const struct {
		const char *text;
		double want; /* 99: refused */
	} cases[] = { { "x: -6.985", -6.985 }, { "x: 0", 0 }, { "x: 5.5", 5.5 }, { "x: 7", 99 },
		{ "x: 1e0", 99 }, { "x: ' 1'", 99 }, { "x: \"1\"", 99 }, { "x: 0x1", 99 },
		{ "x: 1.", 99 }, { "x: .5", 99 }, { "x: nan", 99 }, { "x: [1]", 99 },
		{ "y: 1", 99 } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct fixture f;
		double value = 99;
		int r;

		parse(&f, cases[i].text);
		r = field_real(f.root, "x", &range, &value, &f.problem);
		if ((r < 0) != (cases[i].want == 99) || value < cases[i].want - 1e-9 ||
			value > cases[i].want + 1e-9)
			fail_msg("%s: %d, %f", cases[i].text, r, value);
		done(&f);
	}
}

static void booleans_are_true_and_false_only(void **state)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = { { "x: true", 1 }, { "x: false", 0 }, { "x: yes", -EINVAL },
		{ "x: 'true'", -EINVAL }, { "x: flase", -EINVAL }, { "y: 1", 2 } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct fixture f;
		bool value = false;
		int r;

		parse(&f, cases[i].text);
		r = field_bool(f.root, "x", &value, &f.problem);
		if (cases[i].want == 2)
			assert_int_equal(r, 0);
		else
			assert_int_equal(r < 0 ? r : value, cases[i].want);
		done(&f);
	}
}

static void texts_are_bounded_and_without_control_characters(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = { { "x: Boja", NULL }, { "x: ''", "site.yaml:1:4: 'x': expected 1 to 5 bytes" },
		{ "x: Kaliwungu", "site.yaml:1:4: 'x': expected 1 to 5 bytes, got 9" },
		{ "x: \"a\\nb\"", "site.yaml:1:4: 'x': control characters" },
		{ "x: [a]", "site.yaml:1:4: 'x': expected a text" },
		{ "y: a", "site.yaml:1:1: 'x' is missing" } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct fixture f;
		char *text = NULL;
		int r;

		parse(&f, cases[i].text);
		r = field_text(f.root, "x", 5, &text, &f.problem);
		assert_int_equal(r, cases[i].want ? -EINVAL : 0);
		if (cases[i].want && !strstr(f.problem.text, cases[i].want))
			fail_msg("got %s, want %s", f.problem.text, cases[i].want);
		free(text);
		done(&f);
	}
}

static void unknown_keys_and_wrong_shapes_are_named(void **state)
{
	static const char *const names[] = { "id", "name", NULL };
	struct fixture f;
	const struct pp_yaml *node;

	(void)state;
	parse(&f, "id: a\nnmae: b\n");
	assert_int_equal(fields_check(f.root, names, &f.problem), -EINVAL);
	assert_non_null(strstr(f.problem.text, "site.yaml:2:1: unknown key 'nmae'"));
	assert_int_equal(field_map(f.root, "id", &node, &f.problem), -EINVAL);
	assert_int_equal(field_list(f.root, "id", true, &node, &f.problem), -EINVAL);
	assert_int_equal(field_list(f.root, "list", false, &node, &f.problem), 0);
	assert_null(node);
	assert_int_equal(field_list(f.root, "list", true, &node, &f.problem), -EINVAL);
	done(&f);
	parse(&f, "- a\n");
	assert_int_equal(fields_check(f.root, names, &f.problem), -EINVAL);
	done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_plain_decimals_in_bounds),
		cmocka_unit_test(booleans_are_true_and_false_only),
		cmocka_unit_test(texts_are_bounded_and_without_control_characters),
		cmocka_unit_test(unknown_keys_and_wrong_shapes_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
