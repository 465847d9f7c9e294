/* SPDX-License-Identifier: Apache-2.0 */
/* incident_view_test.c -- incidents as people read them, every text of others inert. */
#include "pospin_test.h"

#include <time.h>

#include "incident_view.h"

static char *shown;
static size_t shown_size;

static const char *show(
	void (*view)(FILE *, const struct pp_json *, int64_t), const char *json, int64_t now_ms)
{
	struct pp_json *value;
	FILE *out;

	free(shown);
	out = open_memstream(&shown, &shown_size);
	assert_int_equal(pp_json_parse(json, strlen(json), &value, NULL), 0);
	view(out, value, now_ms);
	fclose(out);
	pp_json_free(value);
	for (const char *p = shown; *p; p++)
		assert_true(*p == '\n' || ((unsigned char)*p >= 0x20 && *p != 0x7f));
	return shown;
}

static void assert_line(const char *line)
{
	if (!strstr(shown, line))
		fail_msg("'%s' is not in:\n%s", line, shown);
}

static void a_list_is_a_table_with_ages_and_marks(void **state)
{
	(void)state;
	show(pp_incident_list_show,
		"{\"incidents\":[{\"number\":\"KDL-26-000002\",\"state\":\"open\",\"class\":"
		"\"fire\","
		"\"opened\":1000000,\"silent\":true,\"late\":true,"
		"\"post\":{\"id\":\"boja-01\",\"name\":\"Poskamling \\u001b[2J\"}},"
		"{\"number\":\"KDL-26-000001\",\"state\":\"on-scene\",\"class\":\"crime\","
		"\"opened\":0,\"post\":null}],\"event\":3}",
		1000000 + 125000);
	assert_string_equal(shown,
		"NUMBER         STATE        CLASS       AGE    POST            NAME               "
		"  "
		"       MARKS\n"
		"KDL-26-000002  open         fire        2m     boja-01         Poskamling "
		"\\x1b[2J          silent late\n"
		"KDL-26-000001  on-scene     crime       18m    -               -                  "
		"  "
		"       \n");
}

static void no_incidents_are_said(void **state)
{
	(void)state;
	assert_string_equal(
		show(pp_incident_list_show, "{\"incidents\":[]}", 0), "No incidents.\n");
	assert_string_equal(show(pp_incident_list_show, "{}", 0), "No incidents.\n");
}

static void ages_are_short(void **state)
{
	static const struct {
		int64_t age_s;
		const char *want;
	} rows[] = { { -5, " 0s " }, { 59, " 59s " }, { 60, " 1m " }, { 3599, " 59m " },
		{ 3600 + 5 * 60, " 1h05m " }, { 86400 + 3600, " 1d01h " } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		show(pp_incident_list_show, "{\"incidents\":[{\"opened\":1000000}]}",
			1000000 + rows[i].age_s * 1000);
		assert_line(rows[i].want);
	}
}

static void a_page_tells_the_whole_incident(void **state)
{
	(void)state;
	show(pp_incident_show,
		"{\"number\":\"KDL-26-000002\",\"state\":\"closed\",\"class\":\"fire\","
		"\"occurred\":0,"
		"\"opened\":1500,\"acknowledged\":2000,\"acknowledged_by\":\"user:siti\","
		"\"dispatched\":null,\"closed\":3000,\"closing_code\":\"real\",\"units\":[\"Damkar "
		"\\u009bBoja\"],\"post\":{\"id\":\"boja-01\",\"name\":\"P\",\"desa\":\"Bebengan\","
		"\"latitude\":-7.1,\"longitude\":110.28,\"contact_name\":\"Pak\\u202e RW\"},"
		"\"points\":[{\"point\":\"smoke\",\"label_id\":\"Detektor "
		"asap\",\"signal\":\"alarm\",\"occurred\":0,\"late\":true,\"flags\":[\"verified\"]}"
		"],"
		"\"timeline\":[{\"at\":1500,\"kind\":\"incident.opened\",\"actor\":\"post:kendal/"
		"boja-01\",\"body\":{\"kind\":\"smoke\"}},{\"at\":2500,\"kind\":\"incident.note\","
		"\"actor\":\"ctl:root\",\"body\":{\"text\":\"two\\nlines\"}}],"
		"\"notifications\":[{\"channel\":\"webhook\",\"target\":\"psc\",\"state\":"
		"\"failed\","
		"\"attempts\":3,\"changed\":2000,\"detail\":\"404 \\u001b\"}]}",
		61000);
	assert_line("KDL-26-000002  fire  closed  59s old\n");
	assert_line("post         boja-01\n");
	assert_line("position     -7.10000, 110.28000\n");
	assert_line("contact      Pak\\u202e RW\n");
	assert_line("occurred     1970-01-01 07:00:00.000 +0700\n");
	assert_line("acknowledged 1970-01-01 07:00:02.000 +0700  user:siti\n");
	assert_line("closed       1970-01-01 07:00:03.000 +0700  real\n");
	assert_null(strstr(shown, "dispatched"));
	assert_line("unit         Damkar \\u009bBoja\n");
	assert_line("alarm           smoke           Detektor asap  late  verified\n");
	assert_line("incident.opened         post:kendal/boja-01  kind: smoke\n");
	assert_line("incident.note           ctl:root  text: two\\x0alines\n");
	assert_line("failed     webhook   psc                 3 tries  404 \\x1b\n");
}

static void an_answer_that_lacks_everything_is_shown_all_the_same(void **state)
{
	(void)state;
	assert_string_equal(show(pp_incident_show, "{}", 0), "-  -  -  - old\n");
	assert_string_equal(show(pp_incident_moved_show, "{}", 0), "- -\n");
	show(pp_incident_show,
		"{\"units\":[1],\"timeline\":[{}],\"points\":[{\"flags\":[null]}],"
		"\"notifications\":[{}]}",
		0);
	assert_line("TIMELINE");
}

static int zone_set(void **state)
{
	(void)state;
	setenv("TZ", "WIB-7", 1);
	tzset();
	return 0;
}

static int shown_free(void **state)
{
	(void)state;
	free(shown);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_a_table_with_ages_and_marks),
		cmocka_unit_test(no_incidents_are_said),
		cmocka_unit_test(ages_are_short),
		cmocka_unit_test(a_page_tells_the_whole_incident),
		cmocka_unit_test(an_answer_that_lacks_everything_is_shown_all_the_same),
	};

	return cmocka_run_group_tests(tests, zone_set, shown_free);
}
