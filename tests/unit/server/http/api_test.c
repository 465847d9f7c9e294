/* SPDX-License-Identifier: Apache-2.0 */
/* api_test.c -- reads, their parameters, and the document that describes them. */
#include "web_fixture.h"

#include <ctype.h>

static void reads_are_json_and_what_people_wrote_stays_a_text(void **state)
{
	static const struct {
		const char *path, *part;
	} cases[] = {
		{ "/api/v1/incidents", "\"number\":\"KDL-26-000001\"" },
		{ "/api/v1/incidents", "\"name\":\"" SCRIPT "\"" },
		{ "/api/v1/incidents", "\"event\":0" },
		{ "/api/v1/incidents/KDL-26-000002", "\"class\":\"fire\"" },
		{ "/api/v1/incidents/KDL-26-000002", "\"timeline\":[]" },
		{ "/api/v1/posts", "\"name\":\"" SCRIPT "\"" },
		{ "/api/v1/troubles", "\"kind\":\"stuck\"" },
		{ "/api/v1/counts", "{\"signals\":0,\"duplicates\":0" },
		{ "/api/v1/health", "{\"status\":\"ok\",\"broker\":false,\"record\":true,"
				    "\"version\":\"test\"" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char *answer = web_control(&f, "GET", cases[i].path, "", NULL);

		assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
		assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff\r\n"));
		assert_non_null(strstr(answer, "Cache-Control: no-store\r\n"));
		web_expect(answer, 200, cases[i].part);
	}
	web_stop(&f);
}

static void lists_take_their_parameters_and_refuse_others(void **state)
{
	static const struct {
		const char *query;
		int want;
		const char *part;
	} cases[] = {
		{ "?state=all", 200, "KDL-26-000003" },
		{ "?state=open&limit=1", 200, "\"incidents\":[{\"id\":2," },
		{ "?state=all&limit=1", 200, "\"incidents\":[{\"id\":3," },
		{ "?before=2", 200, "\"incidents\":[{\"id\":1," },
		{ "?before=1", 200, "\"incidents\":[]" },
		{ "?state=closed", 422, "'state' must be open or all" },
		{ "?limit=0", 422, "'limit' must be a number from 1 to 200" },
		{ "?limit=201", 422, "'limit'" },
		{ "?limit=010", 422, "'limit'" },
		{ "?limit=-1", 422, "'limit'" },
		{ "?before=x", 422, "'before'" },
		{ "?before=99999999999999999999", 422, "'before'" },
	};
	struct web_fixture f;

	(void)state;
	web_start_with(&f,
		"INSERT INTO incident (tenant, number, post, class, state, rev, silent, late, "
		"drill,"
		" occurred, opened, signals, restored) VALUES ('kendal', 'KDL-26-000003', "
		"'boja-01',"
		" 'fire', 'closed', 1, 0, 0, 0, 1, 1, 1, 0)",
		NULL);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char path[100];

		snprintf(path, sizeof(path), "/api/v1/incidents%s", cases[i].query);
		print_message("%s\n", path);
		web_expect(web_control(&f, "GET", path, "", NULL), cases[i].want, cases[i].part);
	}
	web_expect(web_control(&f, "GET", "/api/v1/incidents/KDL-26-000009", "", NULL), 404,
		"there is no incident KDL-26-000009");
	web_stop(&f);
}

static const struct pp_json *member(const struct pp_json *object, const char *name)
{
	const struct pp_json *value = NULL;

	if (pp_json_get_object(object, name, &value) < 0)
		fail_msg("docs/openapi.json has no '%s'", name);
	return value;
}

static struct pp_json *document(void)
{
	struct pp_json *json = NULL;
	char *text;
	size_t length;

	assert_int_equal(
		pp_file_read(POSPIN_SOURCE_DIR "/docs/openapi.json", 1u << 20, &text, &length), 0);
	assert_int_equal(pp_json_parse(text, length, &json, NULL), 0);
	free(text);
	return json;
}

static void the_document_has_every_path_and_no_other(void **state)
{
	struct pp_json *doc = document();
	const struct pp_json *paths = member(doc, "paths"), *path;
	size_t documented = 0;

	(void)state;
	for (size_t i = 0; i < PP_ENDPOINT_COUNT; i++) {
		char method[10] = "";

		for (size_t k = 0; pp_endpoints[i].method[k]; k++)
			method[k] = (char)tolower(pp_endpoints[i].method[k]);
		print_message("%s %s\n", method, pp_endpoints[i].path);
		(void)member(member(paths, pp_endpoints[i].path), method);
	}
	for (const char *p = pp_json_next(paths, NULL, &path); p;
		p = pp_json_next(paths, p, &path)) {
		const struct pp_json *operation;

		for (const char *m = pp_json_next(path, NULL, &operation); m;
			m = pp_json_next(path, m, &operation))
			documented += strcmp(m, "parameters") != 0;
	}
	assert_int_equal(documented, PP_ENDPOINT_COUNT);
	pp_json_free(doc);
}

static void the_document_is_served_as_it_is(void **state)
{
	struct web_fixture f;
	char *answer, *text;
	size_t length;

	(void)state;
	web_start(&f);
	assert_int_equal(
		pp_file_read(POSPIN_SOURCE_DIR "/docs/openapi.json", 1u << 20, &text, &length), 0);
	answer = web_ask(&f, "GET", "/api/v1/openapi.json", NULL);
	assert_int_equal(answer_status(answer), 200);
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, text);
	free(answer);
	free(text);
	web_stop(&f);
}

static void every_refusal_is_counted(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 401, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/nothing", NULL), 404, NULL);
	web_expect(web_ask(&f, "PUT", "/api/v1/posts", NULL), 405, NULL);
	web_expect(web_control(&f, "GET", "/api/v1/incidents?limit=x", "", NULL), 422, NULL);
	web_expect(web_control(&f, "GET", "/api/v1/counts", "", NULL), 200,
		"\"unauthorized_401\":1,\"forbidden_403\":0,\"not_found_404\":1,\"method_405\":1,"
		"\"conflict_409\":0,\"too_large_413\":0,\"type_415\":0,\"content_422\":1");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_are_json_and_what_people_wrote_stays_a_text),
		cmocka_unit_test(lists_take_their_parameters_and_refuse_others),
		cmocka_unit_test(the_document_has_every_path_and_no_other),
		cmocka_unit_test(the_document_is_served_as_it_is),
		cmocka_unit_test(every_refusal_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
