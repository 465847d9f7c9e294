/* SPDX-License-Identifier: Apache-2.0 */
/* edge_settings_test.c -- the sample file is right, a small one gets its fallbacks, and mistakes
 * are named. */
#include "edge_settings/edge_settings.h"

#include "pospin_test.h"

#define SMALL                                                                                      \
	"tenant: kendal\npost: boja-01\nbroker:\n  host: localhost\n"                              \
	"points:\n  - { id: a, kind: panic, line: GPIO1 }\n"

static struct pp_edge_settings s;

static int load_text(const char *text, struct pp_problem *problem)
{
	char *folder = pp_test_folder(), path[600];
	FILE *file;
	int r;

	snprintf(path, sizeof(path), "%s/edge.yaml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	r = pp_edge_settings_load(path, &s, problem);
	pp_test_folder_remove(folder);
	return r;
}

static void the_sample_file_is_right(void **state)
{
	struct pp_problem problem = { "" };

	(void)state;
	if (pp_edge_settings_load(POSPIN_SOURCE_DIR "/packaging/examples/edge.yaml", &s, &problem) <
		0)
		fail_msg("%s", problem.text);
	assert_int_equal(s.wiring.point_count, 7);
	assert_int_equal(s.wiring.output_count, 19);
	assert_int_equal(s.profile.patterns[PP_CLASS_FIRE].groups[0], 3);
	assert_int_equal(strlen(s.hash), 16);
	pp_edge_settings_done(&s);
}

static void the_sample_with_levels_is_right(void **state)
{
	struct pp_problem problem = { "" };

	(void)state;
	if (pp_edge_settings_load(
		    POSPIN_SOURCE_DIR "/packaging/examples/edge-levels.yaml", &s, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(s.wiring.point_count, 6);
	assert_true(s.wiring.points[1].sensor.level.alarm == 0.6);
	assert_int_equal(s.wiring.points[3].class, PP_CLASS_DISASTER);
	assert_true(s.wiring.points[3].siren);
	assert_int_equal(s.scalars.levels, PP_EDGE_LEVELS_IIO);
	assert_string_equal(s.scalars.iio_folder, "/sys/bus/iio/devices");
	assert_int_equal(s.scalars.level_every_us, 1000000);
	pp_edge_settings_done(&s);
}

static void what_is_not_said_has_its_fallback(void **state)
{
	struct pp_problem problem = { "" };

	(void)state;
	assert_int_equal(load_text(SMALL, &problem), 0);
	assert_int_equal(s.scalars.source, PP_EDGE_GPIO);
	assert_int_equal(s.scalars.broker_port, 8883);
	assert_int_equal(s.scalars.state_every_us, 10000000);
	assert_int_equal(s.scalars.sample_every_us, 60000000);
	assert_string_equal(s.scalars.data, "/var/lib/pospin-edge");
	assert_true(s.profile.at_once[PP_CLASS_CRIME]);
	pp_edge_settings_done(&s);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "'tenant' must be given" },
		{ "post: boja-01\nbroker:\n  host: x\n", "'tenant' must be given" },
		{ "tenant: kendal\npost: svc-x\nbroker:\n  host: x\npoints:\n  - { id: a, kind: "
		  "panic, line: b }\n",
			":2:7: 'post'" },
		{ SMALL "levels: script\n", "edge.yaml:7:9: 'levels': script needs source" },
		{ SMALL "level_every: 1\n", "'level_every': expected a duration" },
		{ SMALL "brokers: 7\n", "did you mean 'broker'" },
		{ SMALL "state_every: 10\n", "'state_every': expected a duration" },
		{ SMALL "state_every: 2min\n", "from 1s to 1min" },
		{ SMALL "source: wires\n", "'source': expected one of gpio, script" },
		{ SMALL "source: script\n", "script needs script.file or script.socket" },
		{ "tenant: kendal\npost: boja-01\nbroker:\n  host: x\n", "at least one entry" },
		{ SMALL "profile: gone.yaml\n", "gone.yaml" },
		{ SMALL "second_path:\n  number: 0812 345\n", "not a telephone number" },
		{ SMALL "second_path:\n  number: \"+62812345678\"\n  after: 3s\n", "from 10s" },
	};
	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_problem problem = { "" };
		int r = load_text(rows[i].text, &problem);

		if (r == 0 || !strstr(problem.text, rows[i].want))
			fail_msg("row %zu: got %d '%s', want '%s'", i, r, problem.text,
				rows[i].want);
	}
}

static void a_missing_file_is_named(void **state)
{
	struct pp_problem problem = { "" };

	(void)state;
	assert_true(pp_edge_settings_load("/nonexistent/edge.yaml", &s, &problem) < 0);
	assert_non_null(strstr(problem.text, "/nonexistent/edge.yaml"));
}

static void what_is_printed_reads_back(void **state)
{
	struct pp_problem problem = { "" };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	assert_int_equal(load_text(SMALL, &problem), 0);
	pp_edge_settings_print(&s, out);
	fclose(out);
	pp_edge_settings_done(&s);
	if (load_text(text, &problem) < 0)
		fail_msg("%s in:\n%s", problem.text, text);
	assert_string_equal(s.scalars.post, "boja-01");
	pp_edge_settings_done(&s);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_file_is_right),
		cmocka_unit_test(the_sample_with_levels_is_right),
		cmocka_unit_test(what_is_not_said_has_its_fallback),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(what_is_printed_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
