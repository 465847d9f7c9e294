/* SPDX-License-Identifier: Apache-2.0 */
/* command_test.c -- a table of words and options decides what a command line may say. */
#include "pospin_test.h"

#include "command.h"

static struct pp_ctl_call seen;
static long long seen_days;

static int remember(struct pp_ctl_call *call)
{
	seen = *call;
	seen_days = 7;
	if (pp_ctl_number(call, "days", 1, 30, &seen_days) != PP_CTL_DONE)
		return PP_CTL_FAILED;
	if (pp_ctl_has(call, "check"))
		return pp_ctl_fail(call, "%s: is \x1b[31mred", call->words[0]);
	return PP_CTL_DONE;
}

static const struct pp_ctl_option options[] = {
	{ "dir", "DIR", true, false, "A folder" },
	{ "name", "NAME", false, true, "Names" },
	{ "days", "N", false, false, "Days" },
	{ "check", NULL, false, false, "A flag" },
};
static const struct pp_ctl_command command = {
	.group = "thing",
	.name = "do",
	.help = "Does it.",
	.detail = "In detail.",
	.words = { "FILE", "UNIT" },
	.options = options,
	.option_count = PP_COUNT(options),
	.run = remember,
};

static char *out_text, *err_text;
static size_t out_size, err_size;

static int run(const char *const *words)
{
	char *argv[64] = { strdup("do") };
	int argc = 1, status;
	FILE *out, *err;

	free(out_text);
	free(err_text);
	out = open_memstream(&out_text, &out_size);
	err = open_memstream(&err_text, &err_size);
	memset(&seen, 0, sizeof(seen));
	for (; words[argc - 1]; argc++)
		argv[argc] = strdup(words[argc - 1]);
	status = pp_ctl_command_run(&command, argc, argv, out, err);
	fclose(out);
	fclose(err);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return status;
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static void words_and_options_reach_the_command(void **state)
{
	(void)state;
	assert_int_equal(RUN("a.yaml", "--dir=x", "unit 5", "--name", "n1", "--name=n2"), 0);
	assert_string_equal(seen.title, "pospinctl thing do");
	assert_int_equal(seen.word_count, 2);
	assert_int_equal(seen.counts[0], 1);
	assert_int_equal(seen.counts[1], 2);
	assert_int_equal(seen.counts[2], 0);
	assert_null(seen.values[1][2]);
	assert_int_equal(seen_days, 7);
	assert_string_equal(out_text, "");
	assert_string_equal(err_text, "");
}

static void a_command_line_that_makes_no_sense_is_status_2(void **state)
{
	static const struct {
		const char *words[8], *says;
	} rows[] = {
		{ { "a", "b", NULL }, "--dir DIR is missing" },
		{ { "--dir=x", NULL }, "FILE is missing" },
		{ { "--dir=x", "a", NULL }, "UNIT is missing" },
		{ { "--dir=x", "a", "b", "c", NULL }, "'c' is one word too many" },
		{ { "--dir=x", "--dir=y", "a", "b", NULL }, "--dir is given twice" },
		{ { "--dir=", "a", "b", NULL }, "--dir: its DIR is empty" },
		{ { "--dir=x", "", "b", NULL }, "FILE is empty" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(run(rows[i].words), PP_CTL_USAGE);
		assert_non_null(strstr(err_text, rows[i].says));
		assert_non_null(strstr(err_text, "pospinctl thing do"));
		assert_int_equal(seen.word_count, 0);
	}
	assert_int_equal(RUN("--dir=x", "--nonsense", "a", "b"), PP_CTL_USAGE);
	assert_int_equal(RUN("a", "b", "--dir"), PP_CTL_USAGE);
}

static void too_many_values_are_refused(void **state)
{
	const char *words[PP_CTL_MANY_MAX + 5] = { "a", "b", "--dir=x" };

	(void)state;
	for (size_t i = 0; i < PP_CTL_MANY_MAX; i++)
		words[3 + i] = "--name=n";
	assert_int_equal(run(words), PP_CTL_DONE);
	words[3 + PP_CTL_MANY_MAX] = "--name=n";
	assert_int_equal(run(words), PP_CTL_USAGE);
}

static void help_is_an_answer_whatever_else_is_missing(void **state)
{
	(void)state;
	assert_int_equal(RUN("--help"), PP_CTL_DONE);
	assert_non_null(strstr(out_text, "Usage: pospinctl thing do [OPTION...] FILE UNIT"));
	assert_non_null(strstr(out_text, "Does it."));
	assert_non_null(strstr(out_text, "--dir=DIR"));
	assert_non_null(strstr(out_text, "In detail."));
	assert_int_equal(RUN("--usage"), PP_CTL_DONE);
	assert_non_null(strstr(out_text, "[--dir=DIR]"));
	assert_int_equal(seen.word_count, 0);
}

static void numbers_are_held_to_their_bounds(void **state)
{
	static const char *const bad[] = { "--days=0", "--days=31", "--days=7d", "--days=x" };

	(void)state;
	assert_int_equal(RUN("--dir=x", "a", "b", "--days=30"), PP_CTL_DONE);
	assert_int_equal(seen_days, 30);
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		assert_int_equal(RUN("--dir=x", "a", "b", bad[i]), PP_CTL_FAILED);
		assert_non_null(strstr(err_text, "--days: expected a number from 1 to 30, got '"));
	}
}

static void a_complaint_names_the_command_and_is_inert(void **state)
{
	(void)state;
	assert_int_equal(RUN("--dir=x", "a", "b", "--check"), PP_CTL_FAILED);
	assert_string_equal(err_text, "pospinctl thing do: a: is \\x1b[31mred\n");
}

static int streams_free(void **state)
{
	(void)state;
	free(out_text);
	free(err_text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_options_reach_the_command),
		cmocka_unit_test(a_command_line_that_makes_no_sense_is_status_2),
		cmocka_unit_test(too_many_values_are_refused),
		cmocka_unit_test(help_is_an_answer_whatever_else_is_missing),
		cmocka_unit_test(numbers_are_held_to_their_bounds),
		cmocka_unit_test(a_complaint_names_the_command_and_is_inert),
	};

	return cmocka_run_group_tests(tests, NULL, streams_free);
}
