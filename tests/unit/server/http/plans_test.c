/* SPDX-License-Identifier: Apache-2.0 */
/* plans_test.c -- the plan over HTTP: put, shown, asked, and what is refused of it. */
#include "web_fixture.h"

#define PLAN "/api/v1/plan"
#define WHO "/api/v1/plan/who?class=fire&post=boja-01"

static const char sample[] =
	"{\"tenant\":\"kendal\",\"contacts\":{\"rt\":{\"name\":\"Pak Budi\",\"role\":\"ketua-rt\","
	"\"ways\":[{\"sms\":\"+6281234567890\"}]}},\"plans\":{\"all\":{\"classes\":[\"all\"],"
	"\"area\":[\"all\"],\"rings\":{\"desk\":{\"until\":\"taken\",\"steps\":[{\"call\":"
	"[\"role:operator\"],\"wait\":\"15s\"}]}},\"fallback\":{\"call\":[\"contact:rt\"],"
	"\"every\":\"60s\"}}}}";

static char *with(const char *from, const char *to)
{
	const char *at = strstr(sample, from);
	size_t size = sizeof(sample) + strlen(to);
	char *text = malloc(size);

	assert_non_null(text);
	assert_non_null(at);
	snprintf(text, size, "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from));
	return text;
}

static void a_plan_is_put_once_and_shown_again(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "GET", PLAN, "", NULL), 200,
		"{\"rev\":0,\"built_in\":true,\"plan\":null}");
	web_expect(web_control(&f, "GET", WHO, "", NULL), 200, "\"plan\":\"\",\"built_in\":true");
	web_expect(web_control(&f, "PUT", PLAN, WEB_JSON, sample), 200,
		"{\"rev\":1,\"changed\":true}");
	web_expect(web_control(&f, "PUT", PLAN, WEB_JSON, sample), 200,
		"{\"rev\":1,\"changed\":false}");
	web_expect(web_control(&f, "GET", PLAN, "", NULL), 200, "+6281234567890");
	web_expect(web_control(&f, "GET", WHO "&at=sat-23:30", "", NULL), 200,
		"\"minute\":\"sat 23:30\"");
	web_expect(web_control(&f, "GET", WHO, "", NULL), 200, "Pak Budi");
	web_expect(web_control(&f, "GET", WHO "&silent=1&late=0", "", NULL), 200, "Pak Budi");
	web_stop(&f);
}

static void what_is_wrong_with_a_plan_is_told_and_nothing_changes(void **state)
{
	static const struct {
		const char *from, *to;
		int want;
		const char *part;
	} rows[] = {
		{ "\"kendal\"", "\"serang\"", 422, "tenant: the plan is another tenant's" },
		{ "[\"contact:rt\"]", "[\"role:operator\"]", 422,
			"plan all, fallback: calls nobody who is not at the page" },
		{ "[\"contact:rt\"]", "[\"contact:nobody\"]", 422, "there is no 'contact:nobody'" },
		{ "\"classes\":[\"all\"]", "\"classes\":[\"fire\"]", 422,
			"\"findings\":[\"body:1:1: there is no plan at every hour" },
		{ "{\"tenant\"", "{\"Tenant\"", 422, "unknown key 'Tenant'" },
		{ "}}}}", "}}}", 422, "body" },
		{ "{\"tenant\"", "[\"tenant\"", 400, "a JSON object" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char *text = with(rows[i].from, rows[i].to);

		print_message("row %zu\n", i);
		web_expect(
			web_control(&f, "PUT", PLAN, WEB_JSON, text), rows[i].want, rows[i].part);
		free(text);
	}
	web_expect(web_control(&f, "PUT", PLAN, "Content-Type: text/plain\r\n", sample), 415, NULL);
	web_expect(web_control(&f, "GET", PLAN, "", NULL), 200, "\"built_in\":true");
	web_expect(web_ask(&f, "PUT", PLAN, sample), 401, NULL);
	web_expect(web_ask(&f, "GET", PLAN, NULL), 401, NULL);
	web_expect(web_ask(&f, "GET", WHO, NULL), 401, NULL);
	web_stop(&f);
}

static void questions_that_make_no_sense_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "?post=boja-01", "'class' must be" },
		{ "?post=boja-01&class=flood", "'class' must be" },
		{ "?class=fire", "'post' must be" },
		{ "?class=fire&post=Boja", "'post' must be" },
		{ "?class=fire&post=nowhere", "'post' must be" },
		{ "?class=fire&post=boja-01&at=sabtu", "'at' must be" },
		{ "?class=fire&post=boja-01&silent=yes", "'silent' and 'late' must be 0 or 1" },
		{ "?class=fire&post=boja-01&late=", "'silent' and 'late' must be 0 or 1" },
		{ "?class=fire&post=boja-01&at=sat-24:00", "'at' must be" },
		{ "?class=fire&post=boja-01&at=sab-22:00", "'at' must be" },
	};
	struct web_fixture f;
	char path[120];

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		snprintf(path, sizeof(path), PLAN "/who%s", rows[i][0]);
		web_expect(web_control(&f, "GET", path, "", NULL), 422, rows[i][1]);
	}
	web_stop(&f);
}

static void a_contact_of_the_plan_is_sent_a_test(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_control(&f, "POST", PLAN "/contacts/rt/test", WEB_JSON, "{}"), 404,
		"no such contact");
	web_expect(web_control(&f, "PUT", PLAN, WEB_JSON, sample), 200, NULL);
	web_expect(web_control(&f, "POST", PLAN "/contacts/rt/test", WEB_JSON, "{}"), 200,
		"{\"way\":\"sms\"}");
	web_expect(web_control(&f, "POST", PLAN "/contacts/nobody/test", WEB_JSON, "{}"), 404,
		"no such contact");
	web_expect(web_control(&f, "POST", PLAN "/contacts/rt/test", WEB_JSON, "{\"a\":\"b\"}"),
		422, NULL);
	web_expect(web_ask(&f, "POST", PLAN "/contacts/rt/test", "{}"), 401, NULL);
	web_stop(&f);
}

static void the_page_is_shown_no_names_and_no_numbers(void **state)
{
	static const char *const paths[] = { PLAN, WHO };
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_control(&f, "PUT", PLAN, WEB_JSON, sample), 200, "\"changed\":true");
	for (size_t i = 0; i < PP_COUNT(paths); i++) {
		char *answer = web_ask(&f, "GET", paths[i], NULL);

		assert_int_equal(answer_status(answer), 200);
		assert_null(strstr(answer, "Budi"));
		assert_null(strstr(answer, "+62"));
		assert_non_null(strstr(answer, "\"rt\""));
		free(answer);
	}
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_is_put_once_and_shown_again),
		cmocka_unit_test(what_is_wrong_with_a_plan_is_told_and_nothing_changes),
		cmocka_unit_test(questions_that_make_no_sense_are_refused),
		cmocka_unit_test(a_contact_of_the_plan_is_sent_a_test),
		cmocka_unit_test(the_page_is_shown_no_names_and_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
