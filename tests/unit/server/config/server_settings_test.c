/* SPDX-License-Identifier: Apache-2.0 */
/* server_settings_test.c -- server.yaml is read strictly, and its sample is what the table says. */
#include "config/server_settings.h"

#include "pospin_test.h"

#include <errno.h>

#define NEEDED                                                                                     \
	"data: state\nsigning_key: k\nbroker:\n  ca: ca.crt\n  certificate: c.crt\n  key: c.key\n"

static char *folder, path[600];

static int read_text(const char *text, struct pp_server_settings *s, struct pp_problem *problem)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
	return pp_server_settings_read(path, s, problem);
}

static int set_up(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/server.yaml", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void what_must_be_given_is_enough_and_paths_count_from_the_file(void **state)
{
	struct pp_server_settings s;
	struct pp_problem problem = { "" };
	char want[700];

	(void)state;
	if (read_text(NEEDED, &s, &problem) < 0)
		fail_msg("%s", problem.text);
	snprintf(want, sizeof(want), "%s/state/record.db", folder);
	assert_string_equal(s.record_path, want);
	snprintf(want, sizeof(want), "%s/state/heads.log", folder);
	assert_string_equal(s.heads_path, want);
	assert_string_equal(s.broker.host, "localhost");
	assert_int_equal(s.broker.port, 8883);
	assert_string_equal(s.http.address, "127.0.0.1");
	assert_int_equal(s.http.port, 8480);
	assert_string_equal(s.origin, "");
	assert_int_equal(s.session_idle_us, INT64_C(43200000000));
	assert_false(s.webhook_allow_private);
	pp_server_settings_done(&s);
	assert_null(s.data);
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "data: x\n", "'signing_key' must be given" },
		{ NEEDED "htpp:\n  port: 1\n",
			"server.yaml:7:1: unknown setting 'htpp', did you mean 'http'?" },
		{ NEEDED "http:\n  port: 0\n", "server.yaml:8:9: 'http.port': expected a number" },
		{ NEEDED "http:\n  port: 84800\n",
			"server.yaml:8:9: 'http.port': expected a number" },
		{ NEEDED "session:\n  idle: 12\n",
			"server.yaml:8:9: 'session.idle': expected a duration" },
		{ NEEDED "webhook:\n  allow_private: yes\n", "expected true or false" },
		{ NEEDED "origin: pospin.example\n",
			"server.yaml:7:9: 'origin': expected https://" },
		{ NEEDED "origin: https://pospin.example/console\n",
			"'origin': expected https://" },
		{ NEEDED "tenant: kendal\n", "unknown setting 'tenant'" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_server_settings s;
		struct pp_problem problem = { "" };

		assert_int_equal(read_text(cases[i].text, &s, &problem), -EINVAL);
		if (!strstr(problem.text, cases[i].part))
			fail_msg("got '%s', want '%s'", problem.text, cases[i].part);
	}
}

static void empty_means_no_console_and_no_control_socket(void **state)
{
	struct pp_server_settings s;
	struct pp_problem problem = { "" };

	(void)state;
	if (read_text(NEEDED "http:\n  console: \"\"\n  socket: \"\"\n", &s, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_string_equal(s.http.console, "");
	assert_string_equal(s.http.socket, "");
	pp_server_settings_done(&s);
}

static char *printed(const struct pp_server_settings *s)
{
	char *text = NULL;
	size_t length;
	FILE *f = open_memstream(&text, &length);

	assert_non_null(f);
	pp_server_settings_print(s, f);
	fclose(f);
	return text;
}

static void what_is_printed_reads_back_the_same(void **state)
{
	struct pp_server_settings s, again;
	struct pp_problem problem = { "" };
	char *first, *second;

	(void)state;
	assert_int_equal(read_text(NEEDED "origin: https://pospin.example\n", &s, &problem), 0);
	first = printed(&s);
	if (read_text(first, &again, &problem) < 0)
		fail_msg("%s\n%s", problem.text, first);
	second = printed(&again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	pp_server_settings_done(&s);
	pp_server_settings_done(&again);
}

/* Every setting of the table stands in the sample, with its sentence. */
static void the_sample_names_every_setting(void **state)
{
	char *all = printed(NULL), *sample = NULL, *line, *rest = all;
	size_t size = 0;
	struct pp_server_settings s;
	struct pp_problem problem = { "" };
	FILE *f = fopen(POSPIN_SOURCE_DIR "/packaging/examples/server.yaml", "r");

	(void)state;
	assert_non_null(f);
	assert_true(getdelim(&sample, &size, '\0', f) > 0);
	fclose(f);
	while ((line = strsep(&rest, "\n"))) {
		const char *comment = strstr(line, "# ");

		if (comment && !strstr(sample, comment))
			fail_msg("the sample lacks: %s", comment);
	}
	if (pp_server_settings_read(
		    POSPIN_SOURCE_DIR "/packaging/examples/server.yaml", &s, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_string_equal(s.data, "/var/lib/pospin/server");
	pp_server_settings_done(&s);
	free(all);
	free(sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_be_given_is_enough_and_paths_count_from_the_file),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(empty_means_no_console_and_no_control_socket),
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(the_sample_names_every_setting),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
