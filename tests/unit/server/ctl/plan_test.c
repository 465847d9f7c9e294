/* SPDX-License-Identifier: Apache-2.0 */
/* plan_test.c -- the sample dispatch file into a record, out of it, and who would be called. */
#include "streams.h"

#include "core/file.h"
#include "db/db.h"

#define SITE POSPIN_SOURCE_DIR "/packaging/examples/site-kendal.yaml"
#define SAMPLE POSPIN_SOURCE_DIR "/packaging/examples/plans-kendal.yaml"

static char *folder, record[600], file[600];

static int record_make(void **state)
{
	struct said s;

	(void)state;
	folder = pp_test_folder();
	snprintf(record, sizeof(record), "%s/record.db", folder);
	snprintf(file, sizeof(file), "%s/plans.yaml", folder);
	SAY(&s, "import", "--record", record, SITE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	return 0;
}

static int record_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

/* The sample with its first `from` replaced by `to`. */
static void sample_write_changed(const char *from, const char *to)
{
	size_t length;
	char *text, *place, *changed;
	FILE *out = open_memstream(&changed, &length);

	assert_int_equal(pp_file_read(SAMPLE, 1 << 20, &text, NULL), 0);
	place = strstr(text, from);
	assert_non_null(place);
	fprintf(out, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
	fclose(out);
	assert_int_equal(pp_file_write(file, changed, length, 0644), 0);
	free(changed);
	free(text);
}

static void the_sample_is_acceptable_and_imported_once(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "plan", "check", SAMPLE);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "5 plans, 9 agencies, 2 rosters, 14 contacts of tenant kendal");
	assert_says(s.out, "kendal: sample data, not for a real site");
	assert_says(s.out, "only its form was checked");
	said_done(&s);
	SAY(&s, "plan", "check", "--record", record, SAMPLE);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	said_done(&s);
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "kendal: plan revision 1; contacts: 14 new, 0 changed, 0 erased");
	said_done(&s);
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "says all of this already, nothing is written");
	said_done(&s);
}

static void what_is_wrong_is_said_with_its_line_and_nothing_is_written(void **state)
{
	static const char *const rows[][3] = {
		{ "agency:damkar-weleri", "agency:damkar-pati",
			"/plans.yaml:67:22: there is no 'agency:damkar-pati'" },
		{ "kecamatan:33.24.12", "kecamatan:33.24.99",
			"agency damkar-weleri: the registry has no kecamatan '33.24.99'" },
		{ "fallback: { call: [satpolpp, polres], every: 60s }",
			"fallback: { call: [\"role:operator\"], every: 60s }",
			"plan umum, fallback: calls nobody who is not at the page" },
		{ "rw-boja-02, \"roster:ronda-boja\"", "\"roster:ronda-boja\"",
			"plan kejahatan-boja-malam, ring neighbours, step 1: calls nobody from mon "
			"21:00 to mon 22:00 in post boja-01, class crime" },
		{ "tenant: kendal", "tenant: serang", "the record has no tenant 'serang'" },
	};
	struct said s;

	(void)state;
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	said_done(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sample_write_changed(rows[i][0], rows[i][1]);
		SAY(&s, "plan", "import", "--record", record, file);
		assert_int_equal(s.status, 1);
		if (!strstr(s.err, rows[i][2]))
			fail_msg("row %zu: got '%s', want '%s'", i, s.err, rows[i][2]);
		said_done(&s);
		SAY(&s, "plan", "check", "--record", record, file);
		assert_int_equal(s.status, 1);
		said_done(&s);
	}
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	assert_says(s.out, "says all of this already, nothing is written");
	said_done(&s);
	SAY(&s, "plan", "check", "/nowhere");
	assert_int_equal(s.status, 1);
	said_done(&s);
	SAY(&s, "plan", "check", "--record", "/nowhere", SAMPLE);
	assert_int_equal(s.status, 1);
	said_done(&s);
}

static void what_is_shown_can_be_imported_again(void **state)
{
	struct said s, again;

	(void)state;
	SAY(&s, "plan", "show", "--record", record);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "kendal has no plan of its own: the desk is called");
	said_done(&s);
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	said_done(&s);
	SAY(&s, "plan", "show", "--record", record);
	assert_int_equal(s.status, 0);
	assert_int_equal(pp_file_write(file, s.out, strlen(s.out), 0644), 0);
	said_done(&s);
	SAY(&again, "plan", "import", "--record", record, file);
	assert_string_equal(again.err, "");
	assert_says(again.out, "says all of this already, nothing is written");
	said_done(&again);
	SAY(&s, "plan", "show", "--record", record, "--tenant", "serang");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there is no such tenant in the record");
	said_done(&s);
}

static void who_would_be_called_is_told_with_times_and_ways(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "plan", "import", "--record", record, SAMPLE);
	said_done(&s);
	SAY(&s, "plan", "who", "--record", record, "--post", "boja-01", "--class", "crime", "--at",
		"sat 23:30");
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out,
		"plan kejahatan-boja-malam, class crime at boja-01, sat 23:30; nobody is "
		"called by this question\n"
		"  after 0 s: ring desk, step 1, for 15 s\n"
		"      everybody at the page as operator\n"
		"  after 15 s: ring desk, step 2, for 15 s\n");
	assert_says(s.out,
		"      ronda-boja-b, Warga ronda B (contoh): sms +620000000203 (on duty: "
		"ronda-boja)");
	assert_says(s.out, "  after 60 s, every 60 s: fallback\n");
	said_done(&s);
	/* 2026-11-21 is a Saturday. */
	SAY(&s, "plan", "who", "--record", record, "--post", "weleri-01", "--class", "fire", "--at",
		"2026-11-21T03:00", "--json");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "\"plan\":\"kebakaran\"");
	assert_says(s.out, "\"minute\":\"sat 03:00\"");
	assert_says(s.out, "\"agency\":\"damkar-weleri\"");
	assert_null(strstr(s.out, "\"agency\":\"damkar-boja\""));
	said_done(&s);
	SAY(&s, "plan", "who", "--record", record, "--post", "boja-01", "--class", "crime", "--at",
		"sat 23:30", "--late");
	assert_null(strstr(s.out, "ronda-boja-b"));
	assert_says(s.out, "nobody at this time and place: the next step is tried at once");
	said_done(&s);
}

static void questions_that_make_no_sense_are_refused(void **state)
{
	static const char *const rows[][4] = {
		{ "nowhere", "fire", "sat 22:30", "--post: kendal has no active post 'nowhere'" },
		{ "boja-01", "flood", "sat 22:30", "--class: expected crime" },
		{ "boja-01", "fire", "sabtu malam", "--at: expected a time" },
		{ "boja-01", "fire", "sat 24:00", "--at: expected a time" },
		{ "boja-01", "fire", "sab 22:00", "--at: expected a time" },
	};
	struct said s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SAY(&s, "plan", "who", "--record", record, "--post", rows[i][0], "--class",
			rows[i][1], "--at", rows[i][2]);
		assert_int_equal(s.status, 1);
		assert_says(s.err, rows[i][3]);
		said_done(&s);
	}
	SAY(&s, "plan", "who", "--record", record, "--post", "boja-01", "--class", "fire");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "the built-in plan, class fire at boja-01");
	said_done(&s);
}

#define RECORD_TEST(test) cmocka_unit_test_setup_teardown(test, record_make, record_remove)
int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(the_sample_is_acceptable_and_imported_once),
		RECORD_TEST(what_is_wrong_is_said_with_its_line_and_nothing_is_written),
		RECORD_TEST(what_is_shown_can_be_imported_again),
		RECORD_TEST(who_would_be_called_is_told_with_times_and_ways),
		RECORD_TEST(questions_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
