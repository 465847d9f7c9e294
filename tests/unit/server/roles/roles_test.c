/* SPDX-License-Identifier: Apache-2.0 */
/* roles_test.c -- words of roles, which go together, and what the table must not allow. */
#include "roles/roles.h"

#include "pospin_test.h"

#include <errno.h>

static void roles_are_words_with_commas_between(void **state)
{
	static const struct {
		const char *text;
		int want;
		uint32_t roles;
		const char *again;
	} cases[] = {
		{ "operator", 0, PP_AS_OPERATOR, "operator" },
		{ "operator,administrator", 0, PP_AS_OPERATOR | PP_AS_ADMINISTRATOR,
			"administrator,operator" },
		{ "auditor", 0, PP_AS_AUDITOR, "auditor" },
		{ "agency", 0, PP_AS_AGENCY, "agency" },
		{ "", -EINVAL, 0, "" },
		{ "operator,", -EINVAL, 0, "" },
		{ ",operator", -EINVAL, 0, "" },
		{ "operator,operator", -EINVAL, 0, "" },
		{ "Operator", -EINVAL, 0, "" },
		{ "control", -EINVAL, 0, "" },
		{ "operator supervisor", -EINVAL, 0, "" },
		{ "auditor,administrator", -EINVAL, 0, "" },
		{ "agency,operator", -EINVAL, 0, "" },
		{ "agency,auditor", -EINVAL, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		char text[PP_ROLES_TEXT_SIZE] = "";
		const char *why = NULL;
		uint32_t roles = 0;

		print_message("'%s'\n", cases[i].text);
		assert_int_equal(pp_roles_parse(cases[i].text, &roles, &why), cases[i].want);
		assert_int_equal(roles, cases[i].roles);
		assert_true((why != NULL) == (cases[i].want < 0));
		pp_roles_text(roles, text);
		assert_string_equal(text, cases[i].again);
	}
}

static void the_text_of_all_roles_fits(void **state)
{
	char text[PP_ROLES_TEXT_SIZE];

	(void)state;
	pp_roles_text(PP_AS_EVERYBODY, text);
	assert_string_equal(text, "administrator,supervisor,operator,engineer,agency,auditor");
	for (size_t i = 0; i < PP_ROLE_COUNT; i++)
		assert_non_null(strstr(text, pp_role_word(i)));
}

/* A word that is not known gives nothing, least of all the control socket's rights. */
static void words_of_a_row_are_read_as_far_as_they_are_known(void **state)
{
	static const struct {
		const char *words;
		uint32_t roles;
	} cases[] = {
		{ "", 0 },
		{ "operator", PP_AS_OPERATOR },
		{ "administrator,operator", PP_AS_ADMINISTRATOR | PP_AS_OPERATOR },
		{ "operator,operator", PP_AS_OPERATOR },
		{ "agency,auditor", PP_AS_AGENCY | PP_AS_AUDITOR },
		{ "operators,astronaut,engineer", PP_AS_ENGINEER },
		{ ",operator,", PP_AS_OPERATOR },
		{ "control", 0 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++)
		assert_int_equal(pp_roles_of_words(cases[i].words), cases[i].roles);
}

static bool admits(enum pp_endpoint_id id, uint32_t roles)
{
	return pp_endpoint_admits(&pp_endpoints[id], roles);
}

static void every_endpoint_is_open_or_somebodys_and_the_control_socket_may_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < PP_ENDPOINT_COUNT; i++) {
		const struct pp_endpoint *e = &pp_endpoints[i];

		print_message("%s %s\n", e->method, e->path);
		assert_true(((e->rules & PP_RULE_OPEN) != 0) != (e->roles != 0));
		assert_int_equal(e->roles & ~(uint32_t)PP_AS_EVERYBODY, 0);
		assert_true(pp_endpoint_admits(e, PP_AS_CONTROL));
		assert_true(pp_endpoint_admits(e, 0) == ((e->rules & PP_RULE_OPEN) != 0));
		for (size_t k = 0; k < i; k++)
			assert_false(strcmp(e->path, pp_endpoints[k].path) == 0 &&
				     strcmp(e->method, pp_endpoints[k].method) == 0);
	}
}

static void only_the_desk_works_incidents(void **state)
{
	(void)state;
	assert_true(admits(PP_ENDPOINT_ACKNOWLEDGE, PP_AS_OPERATOR));
	assert_true(admits(PP_ENDPOINT_CLOSE, PP_AS_SUPERVISOR | PP_AS_ENGINEER));
	assert_false(admits(PP_ENDPOINT_ACKNOWLEDGE, PP_AS_ENGINEER | PP_AS_ADMINISTRATOR));
	assert_false(admits(PP_ENDPOINT_CLOSE, PP_AS_AGENCY));
	/* Who is called answers his own call: it alone says that somebody of his is there. */
	assert_false(admits(PP_ENDPOINT_ON_SCENE, PP_AS_AGENCY));
	assert_true(admits(PP_ENDPOINT_CALL, PP_AS_AGENCY));
	assert_false(admits(PP_ENDPOINT_INCIDENTS, PP_AS_AUDITOR));
	assert_false(admits(PP_ENDPOINT_POSTS, PP_AS_AGENCY));
}

/* The table written a second time, so that nobody opens a cell by the way: administrator,
 * supervisor, operator, engineer, aGency, aUditor; * open; ! password again; ? before a second
 * factor is set. */
static const struct {
	const char *endpoint, *may;
} meant[] = {
	{ "GET /api/v1/health", "*" },
	{ "GET /api/v1/openapi.json", "*" },
	{ "GET /api/v1/setup", "*" },
	{ "POST /api/v1/setup", "*" },
	{ "GET /api/v1/session", "ASOEGU?" },
	{ "POST /api/v1/session", "*" },
	{ "DELETE /api/v1/session", "ASOEGU?" },
	{ "POST /api/v1/session/confirm", "ASOEGU?" },
	{ "POST /api/v1/session/password", "ASOEGU?" },
	{ "POST /api/v1/session/factor", "ASOEGU!?" },
	{ "POST /api/v1/session/factor/confirm", "ASOEGU?" },
	{ "DELETE /api/v1/session/factor", "ASOEGU!" },
	{ "POST /api/v1/invitation", "*" },
	{ "GET /api/v1/users", "A" },
	{ "POST /api/v1/users", "A!" },
	{ "POST /api/v1/users/{name}/set", "A!" },
	{ "POST /api/v1/users/{name}/disable", "A!" },
	{ "POST /api/v1/users/{name}/enable", "A!" },
	{ "POST /api/v1/users/{name}/reset", "A!" },
	{ "POST /api/v1/users/{name}/factor-off", "A!" },
	{ "GET /api/v1/audit", "U" },
	{ "GET /api/v1/incidents", "ASOEG" },
	{ "GET /api/v1/incidents/{number}", "ASOEG" },
	{ "POST /api/v1/incidents/{number}/acknowledge", "SO" },
	{ "POST /api/v1/incidents/{number}/dispatch", "SO" },
	{ "POST /api/v1/incidents/{number}/on-scene", "SO" },
	{ "POST /api/v1/incidents/{number}/close", "SO" },
	{ "POST /api/v1/incidents/{number}/note", "SOG" },
	{ "POST /api/v1/incidents/{number}/calls/{call}", "SOG" },
	{ "POST /api/v1/incidents/{number}/hand-over", "SO" },
	{ "POST /api/v1/incidents/{number}/take-over", "SO" },
	{ "GET /api/v1/desk", "SO" },
	{ "POST /api/v1/incidents", "SO" },
	{ "POST /api/v1/incidents/{number}/merge", "SO" },
	{ "POST /api/v1/incidents/{number}/split", "SO" },
	{ "POST /api/v1/incidents/{number}/link", "SO" },
	{ "POST /api/v1/incidents/{number}/unlink", "SO" },
	{ "POST /api/v1/incidents/{number}/convert", "SO" },
	{ "GET /api/v1/posts", "ASOE" },
	{ "GET /api/v1/posts/{post}/contact", "SE" },
	{ "POST /api/v1/posts/{post}/sound", "SOE" },
	{ "POST /api/v1/posts/{post}/silence", "SOE" },
	{ "POST /api/v1/posts/{post}/modes", "SOE" },
	{ "POST /api/v1/posts/{post}/modes/end", "SOE" },
	{ "GET /api/v1/troubles", "ASOE" },
	{ "GET /api/v1/plan", "ASOE" },
	{ "PUT /api/v1/plan", "A!" },
	{ "GET /api/v1/plan/who", "ASOE" },
	{ "POST /api/v1/plan/contacts/{contact}/test", "ASE" },
	{ "GET /api/v1/events", "ASOEG" },
	{ "GET /api/v1/counts", "AE" },
	{ "POST /api/v1/notifications/test", "ASE" },
	{ "POST /api/v1/sms/inbound", "*" },
	{ "GET /metrics", "*" },
};

static void the_table_is_as_it_was_meant(void **state)
{
	(void)state;
	assert_int_equal(PP_COUNT(meant), PP_ENDPOINT_COUNT);
	for (size_t i = 0; i < PP_ENDPOINT_COUNT; i++) {
		const struct pp_endpoint *e = &pp_endpoints[i];
		char endpoint[120], may[16] = "";
		size_t used = 0;

		snprintf(endpoint, sizeof(endpoint), "%s %s", e->method, e->path);
		for (int bit = 0; bit < PP_ROLE_COUNT; bit++) {
			if (e->roles & (UINT32_C(1) << bit))
				may[used++] = "ASOEGU"[bit];
		}
		if (e->rules & PP_RULE_OPEN)
			may[used++] = '*';
		if (e->rules & PP_RULE_CONFIRM)
			may[used++] = '!';
		if (e->rules & PP_RULE_BEFORE)
			may[used++] = '?';
		assert_string_equal(endpoint, meant[i].endpoint);
		if (strcmp(may, meant[i].may) != 0)
			fail_msg("%s: '%s', meant '%s'", endpoint, may, meant[i].may);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_are_words_with_commas_between),
		cmocka_unit_test(the_text_of_all_roles_fits),
		cmocka_unit_test(words_of_a_row_are_read_as_far_as_they_are_known),
		cmocka_unit_test(
			every_endpoint_is_open_or_somebodys_and_the_control_socket_may_all),
		cmocka_unit_test(only_the_desk_works_incidents),
		cmocka_unit_test(the_table_is_as_it_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
