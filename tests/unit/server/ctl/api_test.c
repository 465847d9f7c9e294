/* SPDX-License-Identifier: Apache-2.0 */
/* api_test.c -- one exchange over the control socket: what is asked, and what each answer comes to.
 */
#include "fake_server.h"

#include "api.h"

static char *complaint;
static size_t complaint_size;

static int ask(const struct pp_api *api, struct pp_json *body, struct pp_json **ret_answer)
{
	static const struct pp_ctl_command command = { .name = "x" };
	struct pp_ctl_call call = { .command = &command, .title = "pospinctl x" };
	int r;

	free(complaint);
	call.err = open_memstream(&complaint, &complaint_size);
	r = pp_api_ask(&call, api, "/incidents/KDL-26-000001/note", body, ret_answer);
	fclose(call.err);
	return r;
}

static void a_question_without_body_is_a_get(void **state)
{
	struct pp_json *answer = NULL;
	struct fake_server f;
	int64_t rev;

	(void)state;
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json", "{\"rev\":7}"));
	assert_int_equal(ask(&(struct pp_api){ .socket = f.path }, NULL, &answer), 0);
	fake_server_join(&f);
	assert_int_equal(
		strncmp(f.asked, "GET /api/v1/incidents/KDL-26-000001/note HTTP/1.1\r\n", 51), 0);
	assert_null(strstr(f.asked, "X-Tenant"));
	assert_int_equal(pp_json_get_i64(answer, "rev", 0, 100, &rev), 0);
	assert_int_equal(rev, 7);
	pp_json_free(answer);
}

static void a_question_with_body_is_a_post_of_json(void **state)
{
	struct pp_json *answer = NULL, *body = pp_json_object();
	struct fake_server f;

	(void)state;
	pp_json_set_text(body, "text", "x\ny");
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json", "{}"));
	assert_int_equal(
		ask(&(struct pp_api){ .socket = f.path, .tenant = "kendal" }, body, &answer), 0);
	fake_server_join(&f);
	assert_int_equal(strncmp(f.asked, "POST ", 5), 0);
	assert_non_null(strstr(f.asked, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(f.asked, "\r\nX-Tenant: kendal\r\n"));
	assert_non_null(strstr(f.asked, "\r\n\r\n{\"text\":\"x\\ny\"}"));
	pp_json_free(answer);
}

static void answers_that_are_no_success_become_complaints(void **state)
{
	static const struct {
		const char *answer, *says;
	} rows[] = {
		{ FAKE_ANSWER("409 Conflict", "application/problem+json",
			  "{\"title\":\"t\",\"detail\":\"closed already, by user:siti\"}"),
			"pospinctl x: closed already, by user:siti\n" },
		{ FAKE_ANSWER("404 Not Found", "application/problem+json",
			  "{\"title\":\"t \\u001b[m\"}"),
			"pospinctl x: t \\x1b[m\n" },
		{ FAKE_ANSWER("500 Oh", "text/html", "<b>no</b>"), "status 500 and no reason" },
		{ FAKE_ANSWER("200 OK", "application/json", "{\"a\":1,\"a\":2}"),
			"no JSON object" },
		{ FAKE_ANSWER("200 OK", "application/json", "[1]"), "no JSON object" },
		{ FAKE_ANSWER("204 No Content", "text/plain", ""), "no JSON object" },
		{ "junk\r\n\r\n", "pospinctl x: " },
	};
	struct fake_server f;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_json *answer = NULL;

		fake_server_start(&f, rows[i].answer);
		assert_int_equal(
			ask(&(struct pp_api){ .socket = f.path }, NULL, &answer), PP_CTL_FAILED);
		fake_server_join(&f);
		assert_null(answer);
		if (!strstr(complaint, rows[i].says))
			fail_msg("row %zu: '%s' does not say '%s'", i, complaint, rows[i].says);
	}
}

static void no_server_is_said_with_the_sockets_path(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_json *answer = NULL;

	(void)state;
	snprintf(path, sizeof(path), "%s/nobody", folder);
	assert_int_equal(ask(&(struct pp_api){ .socket = path }, NULL, &answer), PP_CTL_FAILED);
	assert_non_null(strstr(complaint, path));
	assert_non_null(strstr(complaint, "no server listens there"));
	pp_test_folder_remove(folder);
}

static void a_text_that_is_not_utf8_is_not_sent(void **state)
{
	struct pp_json *answer = NULL, *body = pp_json_object();

	(void)state;
	pp_json_set_text(body, "text", "\xff");
	assert_int_equal(
		ask(&(struct pp_api){ .socket = "/nowhere" }, body, &answer), PP_CTL_FAILED);
	assert_non_null(strstr(complaint, "UTF-8"));
}

static int complaint_free(void **state)
{
	(void)state;
	free(complaint);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_without_body_is_a_get),
		cmocka_unit_test(a_question_with_body_is_a_post_of_json),
		cmocka_unit_test(answers_that_are_no_success_become_complaints),
		cmocka_unit_test(no_server_is_said_with_the_sockets_path),
		cmocka_unit_test(a_text_that_is_not_utf8_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, complaint_free);
}
