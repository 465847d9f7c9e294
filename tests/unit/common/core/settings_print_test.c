/* SPDX-License-Identifier: Apache-2.0 */
/* settings_print_test.c -- what is printed explains itself and reads back as the same settings. */
#include "pospin_test.h"

#include <stdbool.h>

#include "core/settings.h"

struct target {
	char *tenant, *host, *file;
	int64_t port, hold_us;
	double force;
	bool loud;
	int level;
};

static const char *const levels[] = { "error", "info", NULL };

/* The rows of "broker" do not stand together, and yet there must be one map of that name. */
static const struct pp_setting table[] = {
	{ "tenant", PP_SETTING_SLUG, offsetof(struct target, tenant), NULL, 0, 20, NULL,
		"The regency." },
	{ "broker.host", PP_SETTING_TEXT, offsetof(struct target, host), "localhost", 1, 99, NULL,
		"Where the broker is." },
	{ "log.level", PP_SETTING_CHOICE, offsetof(struct target, level), "info", 0, 0, levels,
		"What is logged." },
	{ "broker.port", PP_SETTING_INTEGER, offsetof(struct target, port), "8883", 1, 65535, NULL,
		"Its port." },
	{ "broker.tls.key", PP_SETTING_PATH, offsetof(struct target, file), "", 0, 0, NULL,
		"The private key." },
	{ "button.hold", PP_SETTING_DURATION, offsetof(struct target, hold_us), "20ms", 1000,
		500000, NULL, "How long a press must hold." },
	{ "button.force", PP_SETTING_REAL, offsetof(struct target, force), "-0.5", -1, 8, NULL,
		"How hard." },
	{ "siren", PP_SETTING_BOOLEAN, offsetof(struct target, loud), "false", 0, 0, NULL,
		"Whether it sounds." },
};

static char *printed(const struct target *t)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	pp_settings_print(table, PP_COUNT(table), t, out);
	fclose(out);
	return text;
}

static struct target read_back(const char *text)
{
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;
	struct target t = { 0 };

	if (pp_yaml_parse("t.yaml", text, strlen(text), &root, &problem) < 0 ||
		pp_settings_read(table, PP_COUNT(table), NULL, root, &t, &problem) < 0)
		fail_msg("%s in\n%s", problem.text, text);
	pp_yaml_free(root);
	return t;
}

static void the_sample_shows_fallbacks_limits_and_what_must_be_given(void **state)
{
	char *text = printed(NULL);

	(void)state;
	assert_string_equal(text, "# The regency. Must be given.\n"
				  "tenant:\n"
				  "broker:\n"
				  "  # Where the broker is.\n"
				  "  host: localhost\n"
				  "  # Its port. 1 to 65535.\n"
				  "  port: 8883\n"
				  "  tls:\n"
				  "    # The private key.\n"
				  "    key: \"\"\n"
				  "log:\n"
				  "  # What is logged. One of error, info.\n"
				  "  level: info\n"
				  "button:\n"
				  "  # How long a press must hold. 1ms to 500ms.\n"
				  "  hold: 20ms\n"
				  "  # How hard. -1 to 8.\n"
				  "  force: -0.5\n"
				  "# Whether it sounds. true or false.\n"
				  "siren: false\n");
	free(text);
}

static void values_read_back_as_they_were(void **state)
{
	static const char *const hosts[] = { "a", "10.0.0.1", "true", "null", "~", "a: b", "a #b",
		" a", "\"q\" \\ 'r'", "line\nnext\x1b", "\xc3\xa9", "- a", "[x]", "*x", "&x", "!x",
		"007" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(hosts); i++) {
		char host[64], tenant[] = "kendal", file[] = "/etc/a b";
		struct target t = { .tenant = tenant,
			.host = host,
			.file = file,
			.port = 1,
			.hold_us = 1500,
			.force = 0.1,
			.loud = true,
			.level = 0 },
			      back;
		char *text;

		snprintf(host, sizeof(host), "%s", hosts[i]);
		text = printed(&t);
		back = read_back(text);
		assert_string_equal(back.host, host);
		assert_string_equal(back.tenant, tenant);
		assert_string_equal(back.file, file);
		assert_int_equal(back.port, 1);
		assert_int_equal(back.hold_us, 1500);
		assert_true(back.force == 0.1);
		assert_true(back.loud);
		assert_int_equal(back.level, 0);
		pp_settings_done(table, PP_COUNT(table), &back);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_shows_fallbacks_limits_and_what_must_be_given),
		cmocka_unit_test(values_read_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
