/* SPDX-License-Identifier: Apache-2.0 */
/* findings_test.c -- the list, its text and its JSON. */
#include "checkup/findings.h"

#include "pospin_test.h"

static char *printed(const struct pp_findings *f)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	pp_findings_print(f, out);
	fclose(out);
	return text;
}

static void findings_say_what_is_wrong_and_what_to_do(void **state)
{
	static const struct pp_finding rows[] = {
		{ PP_FINDING_OK, "disk.space", "plenty", "" },
		{ PP_FINDING_FAIL, "broker", "it is away", "start it" },
		{ PP_FINDING_WARN, "clock", "it is not set", "mend NTP" },
	};
	struct pp_findings f = { 0 };
	struct pp_json *o;
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(pp_findings_worst(&f), PP_FINDING_OK);
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_int_equal(pp_findings_add(&f, &rows[i]), 0);
	assert_int_equal(pp_findings_worst(&f), PP_FINDING_FAIL);
	text = printed(&f);
	assert_string_equal(text, "OK    disk.space             plenty\n"
				  "FAIL  broker                 it is away\n"
				  "                             -> start it\n"
				  "WARN  clock                  it is not set\n"
				  "                             -> mend NTP\n"
				  "1 fine, 1 to look at, 1 to mend\n");
	free(text);
	o = pp_findings_json(&f);
	assert_int_equal(pp_json_print(o, &text, &length), 0);
	assert_non_null(strstr(text, "{\"health\":\"fail\",\"findings\":[{\"level\":\"ok\","
				     "\"id\":\"disk.space\",\"text\":\"plenty\",\"todo\":\"\"}"));
	free(text);
	pp_json_free(o);
	pp_findings_done(&f);
}

static void what_could_move_a_terminal_is_made_harmless(void **state)
{
	static const struct pp_finding bad = { PP_FINDING_WARN, "x\n", "a\x1b[2J\xff", "\t" },
				       good = { PP_FINDING_OK, "y", "caf\xc3\xa9", "" };
	struct pp_findings f = { 0 };

	(void)state;
	assert_int_equal(pp_findings_add(&f, &bad), 0);
	assert_int_equal(pp_findings_add(&f, &good), 0);
	assert_string_equal(f.list[0].id, "x?");
	assert_string_equal(f.list[0].text, "a?[2J?");
	assert_string_equal(f.list[0].todo, "?");
	assert_string_equal(f.list[1].text, "caf\xc3\xa9");
	pp_findings_done(&f);
}

static void too_many_findings_end_in_one_that_says_so(void **state)
{
	static const struct pp_finding one = { PP_FINDING_OK, "x", "y", "" };
	struct pp_findings f = { 0 };

	(void)state;
	for (size_t i = 0; i < PP_FINDINGS_MAX + 10; i++)
		assert_int_equal(pp_findings_add(&f, &one), 0);
	assert_int_equal(f.count, PP_FINDINGS_MAX);
	assert_string_equal(f.list[f.count - 1].id, "too-many");
	pp_findings_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_say_what_is_wrong_and_what_to_do),
		cmocka_unit_test(what_could_move_a_terminal_is_made_harmless),
		cmocka_unit_test(too_many_findings_end_in_one_that_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
