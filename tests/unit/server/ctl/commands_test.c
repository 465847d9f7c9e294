/* SPDX-License-Identifier: Apache-2.0 */
/* commands_test.c -- the first words of a command line find their command, or a hint. */
#include "streams.h"

static void help_lists_every_command(void **state)
{
	static const char *const commands[] = { "pki init", "pki revoke", "pki refresh-crl",
		"pki rotate-signing", "pki retire-signing", "pki rotate-services",
		"pki retire-services", "pki issue", "post request", "post enrol", "post renew",
		"post revoke", "import", "verify", "audit export", "audit verify", "incident list",
		"incident show", "incident ack", "incident dispatch", "incident on-scene",
		"incident close", "incident note" };
	struct said s;

	(void)state;
	SAY(&s, "--help");
	assert_int_equal(s.status, 0);
	for (size_t i = 0; i < PP_COUNT(commands); i++)
		assert_says(s.out, commands[i]);
	said_done(&s);
}

static void help_of_a_group_lists_only_its_own(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "incident", "--help");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "incident close");
	assert_null(strstr(s.out, "pki init"));
	said_done(&s);
}

static void every_command_has_help(void **state)
{
	static const char *const commands[][3] = { { "pki", "init", "--help" },
		{ "post", "request", "--help" }, { "post", "enrol", "--help" },
		{ "import", "--help", NULL }, { "verify", "--help", NULL },
		{ "audit", "export", "--help" }, { "audit", "verify", "--help" },
		{ "incident", "list", "--help" }, { "incident", "show", "--help" },
		{ "incident", "ack", "--help" }, { "incident", "dispatch", "--help" },
		{ "incident", "on-scene", "--help" }, { "incident", "close", "--help" },
		{ "incident", "note", "--help" } };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(commands); i++) {
		const char *const words[] = { commands[i][0], commands[i][1], commands[i][2],
			NULL };

		say(&s, words);
		assert_int_equal(s.status, 0);
		assert_says(s.out, "Usage: pospinctl ");
		assert_string_equal(s.err, "");
		said_done(&s);
	}
}

static void the_version_is_told(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "--version");
	assert_int_equal(s.status, 0);
	assert_string_equal(s.out, "pospinctl " POSPIN_VERSION "\n");
	said_done(&s);
}

static void what_there_is_not_gets_a_hint(void **state)
{
	static const struct {
		const char *words[3], *says;
	} rows[] = {
		{ { NULL }, "a command is missing" },
		{ { "pki", NULL }, "pki what?" },
		{ { "incidnet", NULL },
			"there is no command 'incidnet'; did you mean 'incident'?" },
		{ { "incident", "clsoe", NULL }, "'incident clsoe'; did you mean 'close'?" },
		{ { "imprt", NULL }, "did you mean 'import'?" },
		{ { "frobnicate", NULL }, "there is no command 'frobnicate'" },
		{ { "init", NULL }, "there is no command 'init'" },
	};
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		say(&s, rows[i].words);
		assert_int_equal(s.status, 2);
		assert_says(s.err, rows[i].says);
		assert_string_equal(s.out, "");
		said_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_lists_every_command),
		cmocka_unit_test(help_of_a_group_lists_only_its_own),
		cmocka_unit_test(every_command_has_help),
		cmocka_unit_test(the_version_is_told),
		cmocka_unit_test(what_there_is_not_gets_a_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
