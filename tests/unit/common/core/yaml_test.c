/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_test.c -- every node knows its place, and what a settings file should not hold is refused
 * with it. */
#include "pospin_test.h"

#include <errno.h>

#include "core/file.h"
#include "core/yaml.h"

static struct pp_yaml *parsed(const char *text)
{
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;

	if (pp_yaml_parse("t.yaml", text, strlen(text), &root, &problem) < 0)
		fail_msg("%s", problem.text);
	return root;
}

static void maps_lists_and_scalars_become_a_tree(void **state)
{
	struct pp_yaml *root = parsed("post: boja\n"
				      "points:\n"
				      "  - { line: GPIO17, class: crime }\n"
				      "  - 'x y'\n");
	const struct pp_yaml *points = pp_yaml_get(root, "points");

	(void)state;
	assert_int_equal(pp_yaml_type(root), PP_YAML_MAP);
	assert_int_equal(pp_yaml_count(root), 2);
	assert_string_equal(pp_yaml_text(pp_yaml_get(root, "post")), "boja");
	assert_string_equal(pp_yaml_text(pp_yaml_key(root, 1)), "points");
	assert_int_equal(pp_yaml_type(points), PP_YAML_LIST);
	assert_int_equal(pp_yaml_count(points), 2);
	assert_string_equal(pp_yaml_text(pp_yaml_get(pp_yaml_at(points, 0), "class")), "crime");
	assert_string_equal(pp_yaml_text(pp_yaml_at(points, 1)), "x y");
	assert_int_equal(pp_yaml_count(pp_yaml_at(points, 1)), 0);
	assert_null(pp_yaml_get(root, "poin"));
	assert_null(pp_yaml_get(points, "post"));
	assert_null(pp_yaml_free(root));
	assert_null(pp_yaml_free(NULL));
}

static void every_node_knows_file_line_and_column(void **state)
{
	struct pp_yaml *root = parsed("# one\nbroker:\n  host: localhost\n  ports: [1, 22]\n");
	const struct pp_yaml *broker = pp_yaml_get(root, "broker");
	const struct pp_yaml *second = pp_yaml_at(pp_yaml_get(broker, "ports"), 1);
	struct pp_problem problem;

	(void)state;
	assert_int_equal(pp_yaml_line(root), 2);
	assert_int_equal(pp_yaml_column(root), 1);
	assert_int_equal(pp_yaml_line(broker), 3);
	assert_int_equal(pp_yaml_column(broker), 3);
	assert_int_equal(pp_yaml_line(second), 4);
	assert_int_equal(pp_yaml_column(second), 14);
	assert_string_equal(pp_yaml_name(second), "t.yaml");
	assert_int_equal(pp_problem_at(&problem, second, "expected %d", 7), -EINVAL);
	assert_string_equal(problem.text, "t.yaml:4:14: expected 7");
	pp_yaml_free(root);
}

static void quotes_are_remembered(void **state)
{
	struct pp_yaml *root = parsed("[ plain, 'single', \"double\" ]");

	(void)state;
	assert_false(pp_yaml_quoted(pp_yaml_at(root, 0)));
	assert_true(pp_yaml_quoted(pp_yaml_at(root, 1)));
	assert_true(pp_yaml_quoted(pp_yaml_at(root, 2)));
	pp_yaml_free(root);
}

static void a_text_without_content_is_an_empty_map(void **state)
{
	static const char *const rows[] = { "", "\n\n", "# only a comment\n" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_yaml *root = parsed(rows[i]);

		assert_int_equal(pp_yaml_type(root), PP_YAML_MAP);
		assert_int_equal(pp_yaml_count(root), 0);
		assert_null(pp_yaml_get(root, "a"));
		pp_yaml_free(root);
	}
}

static void what_is_refused_says_where_and_why(void **state)
{
#define S(literal) literal, sizeof(literal) - 1
	static const struct {
		const char *text;
		size_t length;
		const char *want;
	} rows[] = {
		{ S("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: 'a' is given twice, first in line 1" },
		{ S("m: { x: 1, 'x': 2 }"), "t.yaml:1:12: 'x' is given twice, first in line 1" },
		{ S("a: &x 1\n"), "t.yaml:1:4: anchors (&name) are not accepted" },
		{ S("a: &x {}\n"), "t.yaml:1:4: anchors (&name) are not accepted" },
		{ S("a: *x\n"), "t.yaml:1:4: aliases (*name) are not accepted" },
		{ S("*x : 1\n"), "t.yaml:1:1: aliases (*name) are not accepted" },
		{ S("a: !!int 1\n"), "t.yaml:1:4: tags (!name) are not accepted" },
		{ S("a: !b [1]\n"), "t.yaml:1:4: tags (!name) are not accepted" },
		{ S("a: 1\n---\nb: 2\n"),
			"t.yaml:2:1: expected one document, here starts another" },
		{ S("? [a]\n: 1\n"), "t.yaml:1:3: expected a name as key, got a list or a map" },
		{ S("a: \"x\\0y\"\n"), "t.yaml:1:4: a text may not hold the character NUL" },
		{ S("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"),
			"t.yaml:1:17: nested more than 16 deep" },
		{ S("a: b: c\n"), "t.yaml:1:5: mapping values are not allowed in this context" },
		{ S("a:\n\tb: 1\n"), "t.yaml:2:1: a tab: lines are indented by spaces" },
		{ S("a: [1\n"), "t.yaml:2:1: did not find expected ',' or ']'" },
		{ S("a: 1\nb: \"\xff\"\n"), "t.yaml:2:5: invalid leading UTF-8 octet" },
		{ S("a: 1\nb: \xc0\x80\n"), "t.yaml:2:4: invalid length of a UTF-8 sequence" },
		{ S("a: 1\n\0b: 2\n"), "t.yaml:2:1: control characters are not allowed" },
	};
#undef S

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		struct pp_yaml *root = NULL;
		int r = pp_yaml_parse("t.yaml", rows[i].text, rows[i].length, &root, &problem);

		if (r != -EINVAL || root ||
			strncmp(problem.text, rows[i].want, strlen(rows[i].want)))
			fail_msg("row %zu: got %d '%s', want '%s'", i, r, problem.text,
				rows[i].want);
	}
}

static void sixteen_deep_is_accepted(void **state)
{
	(void)state;
	pp_yaml_free(parsed("[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]"));
}

static int big_parse(const char *piece, size_t times, struct pp_problem *problem)
{
	size_t length = strlen(piece);
	char *text = malloc(length * times);
	struct pp_yaml *root = NULL;
	int r;

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * length, piece, length);
	r = pp_yaml_parse("t.yaml", text, length * times, &root, problem);
	free(text);
	pp_yaml_free(root);
	return r;
}

static void too_many_bytes_and_nodes_are_refused(void **state)
{
	struct pp_problem problem = { "" };

	(void)state;
	assert_int_equal(
		big_parse("# 345678901234567890123456789012\n", 140000, &problem), -EINVAL);
	assert_string_equal(problem.text, "t.yaml: more than 4 MiB");
	assert_int_equal(big_parse("- 1\n", 500000, &problem), -EINVAL);
	assert_string_equal(problem.text, "t.yaml:500000:3: more than 500000 entries");
	assert_int_equal(big_parse("- 1\n", 499999, &problem), 0);
}

static void a_map_with_many_keys_is_read_and_searched_quickly(void **state)
{
	char *text = NULL, key[32];
	struct pp_yaml *root;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	for (int i = 0; i < 100000; i++)
		fprintf(out, "key%d: %d\n", i, i);
	fclose(out);
	root = parsed(text);
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_string_equal(pp_yaml_text(pp_yaml_get(root, key)), key + 3);
	}
	pp_yaml_free(root);
	free(text);
}

static void messages_hold_no_control_characters(void **state)
{
	struct pp_problem problem;

	(void)state;
	pp_problem_at(&problem, NULL, "got '%s'", "\x1b[2J\n");
	assert_string_equal(problem.text, "got '?[2J?'");
}

static void a_file_is_loaded_under_its_own_name(void **state)
{
	char *folder = pp_test_folder(), path[600], want[700];
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;

	(void)state;
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	snprintf(want, sizeof(want), "%s: cannot be read: No such file or directory", path);
	assert_int_equal(pp_yaml_load(path, &root, &problem), -ENOENT);
	assert_string_equal(problem.text, want);
	assert_int_equal(pp_file_write(path, "a: 1\n", 5, 0600), 0);
	assert_int_equal(pp_yaml_load(path, &root, &problem), 0);
	assert_string_equal(pp_yaml_name(root), path);
	pp_yaml_free(root);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_lists_and_scalars_become_a_tree),
		cmocka_unit_test(every_node_knows_file_line_and_column),
		cmocka_unit_test(quotes_are_remembered),
		cmocka_unit_test(a_text_without_content_is_an_empty_map),
		cmocka_unit_test(what_is_refused_says_where_and_why),
		cmocka_unit_test(sixteen_deep_is_accepted),
		cmocka_unit_test(too_many_bytes_and_nodes_are_refused),
		cmocka_unit_test(a_map_with_many_keys_is_read_and_searched_quickly),
		cmocka_unit_test(messages_hold_no_control_characters),
		cmocka_unit_test(a_file_is_loaded_under_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
