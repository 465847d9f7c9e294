/* SPDX-License-Identifier: Apache-2.0 */
/* settings_test.c -- a setting is what the table says, or the message says where and what was
 * expected. */
#include "pospin_test.h"

#include <errno.h>
#include <stdbool.h>

#include "core/settings.h"

struct target {
	char *host, *title, *key_file, *tenant, *area;
	int64_t port, hold_us;
	double gain;
	bool loud;
	int level;
};

static const char *const levels[] = { "error", "info", "debug", NULL };

#define ROW(name, kind, member, fall, low, high)                                                   \
	{                                                                                          \
		.key = name, .type = PP_SETTING_##kind, .offset = offsetof(struct target, member), \
		.fallback = fall, .min = low, .max = high, .choices = levels, .help = "Help."      \
	}

static const struct pp_setting table[] = {
	ROW("tenant", SLUG, tenant, NULL, 0, 8),
	ROW("area", SLUG, area, "", 0, 8),
	ROW("title", TEXT, title, "PosPin", 2, 10),
	ROW("broker.host", TEXT, host, "localhost", 1, 0),
	ROW("broker.port", INTEGER, port, "8883", 1, 65535),
	ROW("broker.tls.key", PATH, key_file, "keys/post.key", 0, 0),
	ROW("gain", REAL, gain, "0.25", -2, 8),
	ROW("button.hold", DURATION, hold_us, "20ms", 1000, 500000),
	ROW("siren.loud", BOOLEAN, loud, "true", 0, 0),
	ROW("log.level", CHOICE, level, "info", 0, 0),
};
static const char *const others[] = { "points", "site.posts", NULL };

static int read_text(
	const char *name, const char *text, struct target *t, struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	int r = pp_yaml_parse(name, text, strlen(text), &root, problem);

	if (r == 0)
		r = pp_settings_read(table, PP_COUNT(table), others, root, t, problem);
	pp_yaml_free(root);
	return r;
}

static void what_is_not_given_has_its_fallback(void **state)
{
	struct pp_problem problem = { "" };
	struct target t;

	(void)state;
	assert_int_equal(read_text("t.yaml", "tenant: kendal\n", &t, &problem), 0);
	assert_string_equal(t.tenant, "kendal");
	assert_string_equal(t.area, "");
	assert_string_equal(t.title, "PosPin");
	assert_string_equal(t.host, "localhost");
	assert_int_equal(t.port, 8883);
	assert_string_equal(t.key_file, "keys/post.key");
	assert_int_equal(t.hold_us, 20000);
	assert_true(t.gain == 0.25);
	assert_true(t.loud);
	assert_int_equal(t.level, 1);
	pp_settings_done(table, PP_COUNT(table), &t);
	assert_null(t.host);
	assert_int_equal(t.port, 0);
}

static void what_is_given_is_taken(void **state)
{
	static const char text[] = "tenant: 'kendal'\n"
				   "area: boja\n"
				   "title: \"Pos 1\"\n"
				   "broker: { host: 10.0.0.1, port: 1883, tls: { key: \"/k\" } }\n"
				   "button:\n  hold: 500ms\n"
				   "siren:\n  loud: false\n"
				   "gain: -1.5e0\n"
				   "log:\n  level: 'debug'\n"
				   "points: [1, 2]\n"
				   "site: { posts: [] }\n";
	struct pp_problem problem = { "" };
	struct target t;

	(void)state;
	if (read_text("t.yaml", text, &t, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_string_equal(t.tenant, "kendal");
	assert_string_equal(t.area, "boja");
	assert_string_equal(t.title, "Pos 1");
	assert_string_equal(t.host, "10.0.0.1");
	assert_int_equal(t.port, 1883);
	assert_string_equal(t.key_file, "/k");
	assert_int_equal(t.hold_us, 500000);
	assert_true(t.gain == -1.5);
	assert_false(t.loud);
	assert_int_equal(t.level, 2);
	pp_settings_done(table, PP_COUNT(table), &t);
}

static void a_relative_path_is_taken_from_the_files_folder(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{ "/etc/pospin/edge.yaml", "tenant: a\n", "/etc/pospin/keys/post.key" },
		{ "/edge.yaml", "tenant: a\nbroker: {tls: {key: k}}\n", "/k" },
		{ "sub/edge.yaml", "tenant: a\nbroker: {tls: {key: ../k}}\n", "sub/../k" },
		{ "edge.yaml", "tenant: a\nbroker: {tls: {key: k}}\n", "k" },
		{ "/etc/edge.yaml", "tenant: a\nbroker: {tls: {key: /abs}}\n", "/abs" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		struct target t;

		assert_int_equal(read_text(rows[i].name, rows[i].text, &t, &problem), 0);
		assert_string_equal(t.key_file, rows[i].want);
		pp_settings_done(table, PP_COUNT(table), &t);
	}
}

static void without_a_file_the_fallbacks_are_set(void **state)
{
	struct pp_problem problem = { "" };
	struct target t;

	(void)state;
	assert_int_equal(
		pp_settings_read(table + 1, PP_COUNT(table) - 1, NULL, NULL, &t, &problem), 0);
	assert_string_equal(t.host, "localhost");
	assert_string_equal(t.key_file, "keys/post.key");
	pp_settings_done(table + 1, PP_COUNT(table) - 1, &t);
	assert_int_equal(
		pp_settings_read(table, PP_COUNT(table), NULL, NULL, &t, &problem), -EINVAL);
	assert_string_equal(problem.text, "'tenant' must be given: Help.");
}

#define HOLD "a duration such as 50ms, from 1ms to 500ms (units us, ms, s, min, h, d)"

static void bad_values_say_where_and_what_was_expected(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "button:\n  hold: 50\n", "3:9: 'button.hold': expected " HOLD ", got '50'" },
		{ "button: {hold: 050ms}\n",
			"2:16: 'button.hold': expected " HOLD ", got '050ms'" },
		{ "button: {hold: 1s}\n", "2:16: 'button.hold': expected " HOLD ", got '1s'" },
		{ "button: {hold: '50ms'}\n",
			"2:16: 'button.hold': expected " HOLD ", got the quoted text '50ms'" },
		{ "siren: {loud: yes}\n", "2:15: 'siren.loud': expected true or false, got 'yes'" },
		{ "siren: {loud: True}\n",
			"2:15: 'siren.loud': expected true or false, got 'True'" },
		{ "siren: {loud: flase}\n",
			"2:15: 'siren.loud': expected true or false, got 'flase'" },
		{ "siren: {loud: 'true'}\n",
			"2:15: 'siren.loud': expected true or false, got the quoted text 'true'" },
		{ "siren: {loud: }\n", "2:15: 'siren.loud': expected true or false, got nothing" },
		{ "broker: {port: 010}\n",
			"2:16: 'broker.port': expected a number from 1 to 65535, got '010'" },
		{ "broker: {port: 65536}\n",
			"2:16: 'broker.port': expected a number from 1 to 65535, got '65536'" },
		{ "broker: {port: '1883'}\n", "2:16: 'broker.port': expected a number from 1 to "
					      "65535, got the quoted text "
					      "'1883'" },
		{ "gain: nan\n", "2:7: 'gain': expected a number from -2 to 8, got 'nan'" },
		{ "gain: 8.1\n", "2:7: 'gain': expected a number from -2 to 8, got '8.1'" },
		{ "gain: '1'\n",
			"2:7: 'gain': expected a number from -2 to 8, got the quoted text '1'" },
		{ "broker: {port: [1]}\n", "2:16: 'broker.port': expected one value, got a list" },
		{ "broker: {host: {}}\n", "2:16: 'broker.host': expected one value, got a map" },
		{ "broker: {host: ''}\n", "2:16: 'broker.host': expected a text of 1 to 4095 "
					  "bytes, got the quoted text ''" },
		{ "broker: {host: ~}\n", "2:16: 'broker.host': expected a text (in quotes if it is "
					 "meant so), got '~'" },
		{ "broker: {tls: {key: ''}}\n",
			"2:21: 'broker.tls.key': expected a path, got the quoted text ''" },
		{ "title: x\n", "2:8: 'title': expected a text of 2 to 10 bytes, got 'x'" },
		{ "area: Boja\n", "2:7: 'area': expected at most 8 of a-z, 0-9 and '-' (not "
				  "first), got 'Boja'" },
		{ "area: far-too-long\n",
			"2:7: 'area': expected at most 8 of a-z, 0-9 and '-' (not "
			"first), got 'far-too-long'" },
		{ "log: {level: warn}\n",
			"2:14: 'log.level': expected one of error, info, debug, got 'warn'" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		char text[200], want[300];
		struct target t;
		int r;

		snprintf(text, sizeof(text), "tenant: kendal\n%s", rows[i].text);
		snprintf(want, sizeof(want), "t.yaml:%s", rows[i].want);
		r = read_text("t.yaml", text, &t, &problem);
		if (r != -EINVAL || strcmp(problem.text, want) != 0)
			fail_msg("row %zu: %d\ngot  %s\nwant %s", i, r, problem.text, want);
		assert_null(t.tenant);
		pp_settings_done(table, PP_COUNT(table), &t);
	}
}

static void unknown_doubled_and_missing_keys_are_errors(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "tenant: a\nbroker:\n  hots: b\n",
			"t.yaml:3:3: unknown setting 'broker.hots', did you mean 'broker.host'?" },
		{ "tenant: a\nbrokre: {}\n",
			"t.yaml:2:1: unknown setting 'brokre', did you mean 'broker'?" },
		{ "tenant: a\npiont: []\n",
			"t.yaml:2:1: unknown setting 'piont', did you mean 'points'?" },
		{ "tenant: a\nbroker: {colour: red}\n",
			"t.yaml:2:10: unknown setting 'broker.colour', expected one of host, port, "
			"tls" },
		{ "tenant: a\ncolour: red\n", "t.yaml:2:1: unknown setting 'colour', expected one "
					      "of tenant, area, title, "
					      "broker, gain, button, siren, log, points, site" },
		{ "tenant: a\nbroker.host: b\n",
			"t.yaml:2:1: unknown setting 'broker.host', expected one of tenant" },
		{ "tenant: a\nbroker: x\n",
			"t.yaml:2:9: expected 'broker' to be a map (key: value)" },
		{ "tenant: a\nbroker:\n",
			"t.yaml:2:8: expected 'broker' to be a map (key: value)" },
		{ "tenant: a\nsite: { post: [] }\n",
			"t.yaml:2:9: unknown setting 'site.post', did you mean 'site.posts'?" },
		{ "- tenant\n", "t.yaml:1:1: expected a map (key: value)" },
		{ "tenant: a\narea: b\ntenant: c\n",
			"t.yaml:3:1: 'tenant' is given twice, first in line 1" },
		{ "# nothing\narea: b\n", "t.yaml:2:1: 'tenant' must be given: Help." },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		struct target t;
		int r = read_text("t.yaml", rows[i].text, &t, &problem);

		if (r != -EINVAL || strncmp(problem.text, rows[i].want, strlen(rows[i].want)) != 0)
			fail_msg("row %zu: %d\ngot  %s\nwant %s", i, r, problem.text, rows[i].want);
	}
}

static void a_map_inside_the_file_can_be_read_with_its_own_table(void **state)
{
	static const char text[] = "points:\n  - tenant: a\n  - tenant: B\n";
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;
	const struct pp_yaml *points;
	struct target t;

	(void)state;
	assert_int_equal(pp_yaml_parse("t.yaml", text, strlen(text), &root, &problem), 0);
	points = pp_yaml_get(root, "points");
	assert_int_equal(pp_settings_read(table, 1, NULL, pp_yaml_at(points, 0), &t, &problem), 0);
	assert_string_equal(t.tenant, "a");
	pp_settings_done(table, 1, &t);
	assert_int_equal(
		pp_settings_read(table, 1, NULL, pp_yaml_at(points, 1), &t, &problem), -EINVAL);
	assert_memory_equal(problem.text, "t.yaml:3:13: ", 13);
	pp_yaml_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_has_its_fallback),
		cmocka_unit_test(what_is_given_is_taken),
		cmocka_unit_test(a_relative_path_is_taken_from_the_files_folder),
		cmocka_unit_test(without_a_file_the_fallbacks_are_set),
		cmocka_unit_test(bad_values_say_where_and_what_was_expected),
		cmocka_unit_test(unknown_doubled_and_missing_keys_are_errors),
		cmocka_unit_test(a_map_inside_the_file_can_be_read_with_its_own_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
