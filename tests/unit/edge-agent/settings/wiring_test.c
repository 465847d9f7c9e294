/* SPDX-License-Identifier: Apache-2.0 */
/* wiring_test.c -- lists of points and outputs, and every way to get them wrong. */
#include "edge_settings/wiring.h"

#include "pospin_test.h"

static struct pp_wiring w;

static int read_text(const char *text, struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	int r = pp_yaml_parse("edge.yaml", text, strlen(text), &root, problem);

	if (r < 0)
		return r;
	r = pp_wiring_read(root, &w, problem);
	pp_yaml_free(root);
	return r;
}

static void points_take_what_they_say_and_what_is_usual_for_their_kind(void **state)
{
	struct pp_problem problem;

	(void)state;
	assert_int_equal(
		read_text(
			"points:\n"
			"  - id: panic-crime\n    kind: panic\n    class: crime\n    line: GPIO17\n"
			"    active: low\n    bias: pull-up\n    debounce: 10ms\n    stuck: 2min\n"
			"  - { id: smoke, kind: smoke, chip: pinctrl-bcm2711, offset: 4, verify: "
			"10s }\n"
			"  - { id: tamper, kind: tamper, line: GPIO5, contact: normally-closed }\n"
			"  - { id: silent, kind: panic, line: GPIO6, silent: true }\n",
			&problem),
		0);
	assert_int_equal(w.point_count, 4);
	assert_string_equal(w.points[0].line.name, "GPIO17");
	assert_true(w.points[0].line.active_low);
	assert_int_equal(w.points[0].line.bias, PP_BIAS_PULL_UP);
	assert_int_equal(w.points[0].class, PP_CLASS_CRIME);
	assert_int_equal(w.points[0].sensor.debounce_us, 10000);
	assert_int_equal(w.points[0].sensor.stuck_us, 120000000);
	assert_true(w.points[0].siren);
	assert_null(w.points[1].line.name);
	assert_string_equal(w.points[1].line.chip, "pinctrl-bcm2711");
	assert_int_equal(w.points[1].line.offset, 4);
	assert_int_equal(w.points[1].class, PP_CLASS_FIRE);
	assert_true(w.points[2].sensor.normally_closed);
	assert_false(w.points[2].siren);
	assert_true(w.points[3].silent);
	pp_wiring_done(&w);
}

#define LEVEL                                                                                      \
	"points:\n  - id: a\n    kind: smoke\n    level:\n      device: ads1015\n"                 \
	"      channel: voltage0\n      clean: 0.5\n      alarm: 1\n      min: 0.1\n"
#define LEVEL_OF(more) LEVEL "      max: 3\n" more

static void a_level_stands_instead_of_a_line(void **state)
{
	struct pp_problem problem;

	(void)state;
	assert_int_equal(read_text(LEVEL_OF("      hysteresis: 0.25\n      drift: 6e-1\n"
					    "      hold: 5s\n    verify: 25s\n"),
				 &problem),
		0);
	assert_true(w.points[0].line.analogue);
	assert_null(w.points[0].line.name);
	assert_true(w.points[0].line.rest == 0.5);
	assert_string_equal(w.points[0].text.device, "ads1015");
	assert_string_equal(w.points[0].text.channel, "voltage0");
	assert_true(w.points[0].sensor.level.alarm == 1);
	assert_true(w.points[0].sensor.level.hysteresis == 0.25);
	assert_true(w.points[0].sensor.level.drift == 0.6);
	assert_int_equal(w.points[0].sensor.level.hold_us, 5000000);
	assert_int_equal(w.points[0].class, PP_CLASS_FIRE);
	pp_wiring_done(&w);
}

static void outputs_are_shared_unless_they_name_a_class(void **state)
{
	struct pp_problem problem;

	(void)state;
	assert_int_equal(read_text("outputs:\n"
				   "  - { id: a, role: taken, line: GPIO1 }\n"
				   "  - { id: b, role: on-scene, class: fire, line: GPIO2, active: "
				   "low, safe: on }\n",
				 &problem),
		0);
	assert_true(w.outputs[0].output.shared);
	assert_false(w.outputs[0].line.initial);
	assert_int_equal(w.outputs[1].output.role, PP_ROLE_ON_SCENE);
	assert_int_equal(w.outputs[1].output.class, PP_CLASS_FIRE);
	assert_true(w.outputs[1].line.output && w.outputs[1].line.initial &&
		    w.outputs[1].line.active_low);
	assert_int_equal(w.outputs[1].safe, PP_SAFE_ON);
	pp_wiring_done(&w);
}

static void mistakes_are_named_with_their_place(void **state)
{
#define POINT "points:\n  - id: a\n    kind: panic\n"
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "points: 7\n", "edge.yaml:1:9: 'points': expected a list" },
		{ "points: [a]\n", "edge.yaml:1:10: 'points': expected an entry" },
		{ POINT, "'a': expected either line, or chip and offset" },
		{ POINT "    line: GPIO1\n    chip: x\n    offset: 1\n",
			"expected either line, or chip and offset" },
		{ POINT "    chip: x\n", "chip and offset belong together" },
		{ POINT "    line: GPIO1\n    offset: 3\n", "chip and offset belong together" },
		{ POINT "    line: GPIO1\n    debounce: 50\n",
			"edge.yaml:5:15: 'debounce': expected a duration such as 50ms" },
		{ POINT "    line: GPIO1\n    debounce: 400ms\n", "out of range for kind panic" },
		{ POINT "    line: GPIO1\n    silent: yes\n",
			"edge.yaml:5:13: 'silent': expected true or false" },
		{ POINT "    line: GPIO1\n    silent: true\n    siren: true\n",
			"edge.yaml:6:12: 'a': a silent point" },
		{ POINT "    line: GPIO1\n    sirens: true\n", "did you mean 'siren'" },
		{ POINT "    line: GPIO1\n    line: GPIO2\n", "edge.yaml:5:5:" },
		{ "points:\n  - id: a\n    kind: button\n    line: GPIO1\n",
			"'kind': expected one of panic, smoke" },
		{ "points:\n  - { id: A, kind: panic, line: GPIO1 }\n",
			"edge.yaml:2:11: 'id': expected" },
		{ "points:\n  - { id: a, kind: panic, line: GPIO1 }\n  - { id: a, kind: panic, "
		  "line: GPIO2 }\n",
			"edge.yaml:3:5: 'a': another point or output has this id" },
		{ "points:\n  - { id: a, kind: panic, line: GPIO1 }\noutputs:\n  - { id: b, role: "
		  "siren, line: GPIO1 }\n",
			"edge.yaml:4:5: 'b': its line is used by 'a' already" },
		{ LEVEL, "edge.yaml:5:7: 'a': 'level.max' must be given" },
		{ LEVEL_OF("    line: GPIO1\n"),
			"edge.yaml:11:11: 'a': 'line' is for lines, and a level has none" },
		{ LEVEL_OF("    debounce: 5ms\n"), "'debounce' is for lines" },
		{ LEVEL_OF("      drift: 0.7\n"), "drift at most 0.6 alarm" },
		{ LEVEL_OF("      hysteresis: 1\n"), "hysteresis below alarm" },
		{ LEVEL_OF("      hold: 20s\n    verify: 15s\n"), "together up to 30s" },
		{ LEVEL_OF("      hold: 3\n"), "edge.yaml:11:13: 'level.hold': expected a" },
		{ LEVEL_OF("      gain: 3\n"), "unknown setting 'level.gain'" },
		{ "points:\n  - { id: a, kind: panic, level: { device: d, channel: voltage0, "
		  "clean: 1, alarm: 1, min: 0, max: 3 } }\n",
			"edge.yaml:2:34: 'a': expected kind smoke, heat, flood" },
		{ "points:\n  - { id: a, kind: heat, level: { device: d, channel: ../x, "
		  "clean: 1, alarm: 1, min: 0, max: 3 } }\n",
			"'level.channel': expected such as voltage0, got '../x'" },
		{ "points:\n  - { id: a, kind: heat, level: { device: d, channel: temp, "
		  "clean: 1, alarm: nan, min: 0, max: 3 } }\n",
			"'level.alarm': expected a number" },
		{ "points:\n  - { id: a, kind: heat, level: { device: d, channel: temp, "
		  "clean: 1, alarm: 0, min: 0, max: 3 } }\n",
			"'level.alarm': 0 is no distance" },
		{ "outputs:\n  - { id: b, role: lamp, line: GPIO1 }\n",
			"'role': expected one of taken" },
		{ "outputs:\n  - { id: b, role: siren, line: GPIO1, safe: maybe }\n",
			"'safe': expected one of off" },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		int r = read_text(rows[i].text, &problem);

		pp_wiring_done(&w);
		if (r == 0 || !strstr(problem.text, rows[i].want))
			fail_msg("row %zu: got %d '%s', want '%s'", i, r, problem.text,
				rows[i].want);
	}
}

static void what_is_printed_reads_back(void **state)
{
	struct pp_problem problem = { "" };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	assert_int_equal(
		read_text(
			"points:\n  - { id: s, kind: smoke, line: GPIO1, verify: 10s }\n"
			"  - { id: l, kind: flood, level: { device: 'a \"b', channel: temp, clean: "
			"-1.5, alarm: 0.1, min: -2, max: 1e3 } }\n"
			"outputs:\n  - { id: b, role: siren, class: crime, chip: c, offset: 2 }\n",
			&problem),
		0);
	pp_wiring_print(&w, out);
	fclose(out);
	pp_wiring_done(&w);
	if (read_text(text, &problem) < 0)
		fail_msg("%s in:\n%s", problem.text, text);
	assert_int_equal(w.points[0].sensor.verify_us, 10000000);
	assert_string_equal(w.points[1].text.device, "a \"b");
	assert_true(w.points[1].sensor.level.alarm == 0.1);
	assert_true(w.points[1].sensor.level.max == 1000);
	assert_int_equal(w.points[1].sensor.level.hold_us, 3000000);
	assert_int_equal(w.outputs[0].line.offset, 2);
	pp_wiring_done(&w);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_take_what_they_say_and_what_is_usual_for_their_kind),
		cmocka_unit_test(a_level_stands_instead_of_a_line),
		cmocka_unit_test(outputs_are_shared_unless_they_name_a_class),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(what_is_printed_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
