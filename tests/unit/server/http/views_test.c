/* SPDX-License-Identifier: Apache-2.0 */
/* views_test.c -- who is shown names, numbers and notes, and that it stands on the timeline. */
#include "web_fixture.h"

#define SIREN "{\"channel\":\"siren\",\"contact\":\"boja-01\",\"address\":\"kendal/boja-01\"}"
#define INCIDENT "/api/v1/incidents/KDL-26-000001"
#define VIEWS "SELECT count(*) FROM event WHERE kind = 'personal.viewed'"

static void names_are_for_whoever_has_the_incident(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200,
		"\"contact_name\":null,\"contact_phone\":null,\"contact_masked\":true");
	assert_int_equal(web_number(&f, VIEWS), 0);
	web_expect(web_ask(&f, "POST", INCIDENT "/acknowledge", "{}"), 200, NULL);
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200,
		"\"contact_name\":\"Pak RT\",\"contact_phone\":\"0812\",\"contact_masked\":false");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"contact_phone\":\"0812\"");
	assert_int_equal(web_number(&f, VIEWS), 1);
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 200, "\"contact_phone\":null");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, "\"contact_phone\":null");
	web_become(&f, "sari", "\"roles\":\"operator\"");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"contact_masked\":true");
	web_become(&f, "tono", "\"roles\":\"supervisor\"");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"contact_phone\":\"0812\"");
	assert_int_equal(web_number(&f, VIEWS " AND actor = 'user:tono'"), 1);
	web_stop(&f);
}

static void notes_are_for_those_who_work_incidents(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "POST", INCIDENT "/note", "{\"text\":\"Bu Ani, lantai 2\"}"), 200,
		NULL);
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"text\":\"Bu Ani, lantai 2\"");
	assert_int_equal(web_number(&f, VIEWS " AND body LIKE '%notes%'"), 1);
	web_become(&f, "eko", "\"roles\":\"engineer\"");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"text\":null,\"masked\":true");
	assert_int_equal(web_number(&f, VIEWS " AND actor = 'user:eko'"), 0);
	web_stop(&f);
}

static void a_contact_is_asked_for_and_told(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "GET", "/api/v1/posts/boja-01/contact", NULL), 403, NULL);
	web_become(&f, "eko", "\"roles\":\"engineer\"");
	web_expect(web_ask(&f, "GET", "/api/v1/posts/boja-01/contact", NULL), 200,
		"{\"post\":\"boja-01\",\"name\":\"Pak RT\",\"phone\":\"0812\"}");
	web_expect(web_ask(&f, "GET", "/api/v1/posts/nowhere/contact", NULL), 404, NULL);
	assert_int_equal(web_number(&f, VIEWS " AND body LIKE '%boja-01%'"), 1);
	web_stop(&f);
}

static void an_auditor_reads_the_chain_and_nothing_else(void **state)
{
	struct web_fixture f;
	char *answer;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "POST", INCIDENT "/note", "{\"text\":\"Bu Ani\"}"), 200, NULL);
	web_become(&f, "adil", "\"roles\":\"auditor\"");
	answer = web_ask(&f, "GET", "/api/v1/audit", NULL);
	assert_null(strstr(answer, "Bu Ani"));
	web_expect(answer, 200, "\"kind\":\"incident.note\"");
	web_expect(web_ask(&f, "GET", "/api/v1/audit?after=1", NULL), 200, "{\"height\":2,");
	web_expect(web_ask(&f, "GET", "/api/v1/audit?after=x", NULL), 422, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 403, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 403, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/events", NULL), 403, NULL);
	web_stop(&f);
}

static void what_is_outside_the_region_is_not_there(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f,
		"INSERT INTO kecamatan VALUES ('kendal', '33.24.08', 'Kaliwungu');"
		"INSERT INTO desa VALUES ('kendal', '33.24.08.2001', '33.24.08', 'Krajan');",
		NULL);
	web_login(&f);
	web_become(&f, "jauh", "\"roles\":\"supervisor,engineer\",\"kecamatan\":\"33.24.08\"");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 200, "\"incidents\":[]");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, "\"posts\":[]");
	web_expect(web_ask(&f, "GET", "/api/v1/troubles", NULL), 200, "\"troubles\":[]");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 404, NULL);
	web_expect(web_ask(&f, "POST", INCIDENT "/acknowledge", "{}"), 404, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/posts/boja-01/silence", "{}"), 404, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/notifications/test", SIREN), 404, "no such post");
	web_expect(web_ask(&f, "GET", "/api/v1/posts/boja-01/contact", NULL), 404, NULL);
	web_become(&f, "dekat", "\"roles\":\"supervisor\",\"kecamatan\":\"33.24.08,33.24.07\"");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, "boja-01");
	web_stop(&f);
}

static void who_may_not_sound_a_post_does_not_by_a_test(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_become(&f, "adi", "\"roles\":\"administrator\"");
	web_expect(web_ask(&f, "POST", "/api/v1/notifications/test", SIREN), 403, NULL);
	web_stop(&f);
}

static void an_agency_sees_what_it_was_sent_to(void **state)
{
	struct web_fixture f;
	char mine[120];

	(void)state;
	web_start(&f);
	web_login(&f);
	snprintf(mine, sizeof(mine), "%s", f.cookie);
	web_become(&f, "damkar", "\"roles\":\"agency\",\"unit\":\"Damkar Weleri\"");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 200, "\"incidents\":[]");
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 404, NULL);
	web_expect(web_control(&f, "POST", INCIDENT "/acknowledge", WEB_JSON, "{}"), 200, NULL);
	web_expect(web_control(&f, "POST", INCIDENT "/dispatch", WEB_JSON,
			   "{\"unit\":\"Damkar Weleri\"}"),
		200, NULL);
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"contact_phone\":\"0812\"");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents/KDL-26-000002", NULL), 404, NULL);
	web_expect(web_ask(&f, "POST", INCIDENT "/close", "{\"code\":\"real\"}"), 403, NULL);
	/* It says so through its own call, or not at all. */
	web_expect(web_ask(&f, "POST", INCIDENT "/on-scene", "{}"), 403, NULL);
	web_expect(web_ask(&f, "POST", INCIDENT "/calls/1", "{\"state\":\"on-scene\"}"), 200,
		"on-scene");
	/* Afterwards nobody's name is its business. */
	web_expect(web_control(&f, "POST", INCIDENT "/close", WEB_JSON, "{\"code\":\"real\"}"), 200,
		NULL);
	web_expect(web_ask(&f, "GET", INCIDENT, NULL), 200, "\"contact_phone\":null");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_for_whoever_has_the_incident),
		cmocka_unit_test(notes_are_for_those_who_work_incidents),
		cmocka_unit_test(a_contact_is_asked_for_and_told),
		cmocka_unit_test(an_auditor_reads_the_chain_and_nothing_else),
		cmocka_unit_test(what_is_outside_the_region_is_not_there),
		cmocka_unit_test(who_may_not_sound_a_post_does_not_by_a_test),
		cmocka_unit_test(an_agency_sees_what_it_was_sent_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
