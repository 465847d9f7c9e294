/* SPDX-License-Identifier: Apache-2.0 */
/* session_test.c -- login, logout, and how guessers fare. */
#include "web_fixture.h"

#include "crypto/password.h"

static void a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get(void **state)
{
	struct web_fixture f;
	char *answer;

	(void)state;
	web_start(&f);
	web_expect(web_setup(&f, "budi"), 201, NULL);
	answer = web_login_answer(&f, "budi", WEB_PASSWORD);
	assert_non_null(strstr(answer, "; Path=/; HttpOnly; SameSite=Strict\r\n"));
	assert_non_null(
		strstr(answer, "{\"name\":\"budi\",\"display\":\"" SCRIPT
			       "\",\"roles\":[\"administrator\",\"operator\"],"
			       "\"factor\":false,\"factor_required\":false,\"unit\":\"\","
			       "\"tenant\":{\"id\":\"kendal\",\"name\":\"Kabupaten Kendal\""));
	assert_non_null(strstr(answer, "Cache-Control: no-store"));
	web_keep_cookie(&f, answer);
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, "\"name\":\"budi\"");
	web_stop(&f);
}

static void a_logout_ends_the_session_for_good(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	web_expect(web_ask(&f, "DELETE", "/api/v1/session", NULL), 204,
		"pospin_session=; Path=/; Max-Age=0");
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 401, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 401, NULL);
	web_stop(&f);
}

static void wrong_names_and_passwords_get_the_same_answer(void **state)
{
	struct web_fixture f;
	char *wrong_name, *wrong_password;

	(void)state;
	web_start(&f);
	web_expect(web_setup(&f, "budi"), 201, NULL);
	wrong_password = web_login_answer(&f, "budi", "salah salah salah");
	wrong_name = web_login_answer(&f, "nobody", WEB_PASSWORD);
	assert_int_equal(answer_status(wrong_password), 401);
	assert_int_equal(answer_status(wrong_name), 401);
	assert_string_equal(strstr(wrong_name, "\r\n\r\n"), strstr(wrong_password, "\r\n\r\n"));
	free(wrong_name);
	free(wrong_password);
	web_expect(web_ask(&f, "POST", "/api/v1/session", "{\"name\":\"budi\"}"), 422,
		"'password' is missing");
	web_stop(&f);
}

/* Else an unknown name would be answered sooner than a known one. */
static void nobodys_hash_costs_as_much_as_a_real_one(void **state)
{
	char hash[PP_PASSWORD_HASH_SIZE];
	const size_t costs = strcspn(pp_nobodys_hash + 10, "$") + 10; /* "$argon2id$v=19" */
	size_t parameters;

	(void)state;
	assert_int_equal(pp_password_hash("anything at all", hash), 0);
	parameters = costs + 1 + strcspn(pp_nobodys_hash + costs + 1, "$");
	assert_memory_equal(hash, pp_nobodys_hash, parameters);
	assert_int_equal(strlen(hash), strlen(pp_nobodys_hash));
	assert_false(pp_password_matches(pp_nobodys_hash, ""));
}

/* Guesses until a guess must wait, then the right password with these header lines, which must
 * wait, too: again where a slow machine has let the wait go by. */
static void right_one_waits_as_well(struct web_fixture *f, const char *head)
{
	int status = 0;

	for (int i = 0; i < 20 && status != 429; i++) {
		char *answer;

		web_guess_until_told_to_wait(f, "");
		answer = web_ask_with(f, "POST", "/api/v1/session", head,
			"{\"name\":\"budi\",\"password\":\"" WEB_PASSWORD "\"}");
		status = answer_status(answer);
		free(answer);
	}
	assert_int_equal(status, 429);
}

static void a_guesser_waits_while_the_operators_own_browser_gets_in(void **state)
{
	struct web_fixture f;
	char device[200], head[400], *answer;
	const char *cookie;

	(void)state;
	web_start(&f);
	web_expect(web_setup(&f, "budi"), 201, NULL);
	answer = web_login_answer(&f, "budi", WEB_PASSWORD);
	cookie = strstr(answer, "pospin_device=");
	assert_non_null(cookie);
	snprintf(device, sizeof(device), "%.*s", (int)strcspn(cookie, ";"), cookie);
	assert_non_null(strstr(
		cookie, "; Path=/api/v1/session; Max-Age=34560000; HttpOnly; SameSite=Strict"));
	free(answer);
	for (int i = 0; i < 5; i++)
		web_expect(web_login_answer(&f, "budi", "tebak tebak"), 401, NULL);
	right_one_waits_as_well(&f, WEB_JSON);
	snprintf(head, sizeof(head), "Cookie: %s\r\n" WEB_JSON, device);
	web_expect(web_ask_with(&f, "POST", "/api/v1/session", head,
			   "{\"name\":\"budi\",\"password\":\"" WEB_PASSWORD "\"}"),
		200, NULL);
	/* A forged device is a stranger. */
	device[strlen(device) - 1] ^= 1;
	snprintf(head, sizeof(head), "Cookie: %s\r\n" WEB_JSON, device);
	right_one_waits_as_well(&f, head);
	web_stop(&f);
}

static void many_logins_at_once_are_told_to_come_again_and_the_server_answers_others(void **state)
{
	struct web_fixture f;
	int fds[40], status[600] = { 0 };

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		char body[100], *request;

		snprintf(body, sizeof(body), "{\"name\":\"n%zu\",\"password\":\"tebak tebak\"}", i);
		request = web_request("POST", "/api/v1/session", WEB_JSON, body);
		fds[i] = client_connect(f.port);
		client_send(fds[i], request, strlen(request));
		free(request);
	}
	web_expect(web_ask(&f, "GET", "/api/v1/health", NULL), 200, "\"status\":\"ok\"");
	for (size_t i = 0; i < PP_COUNT(fds); i++) {
		char *answer = client_read(fds[i], NULL);

		status[answer_status(answer)]++;
		free(answer);
		close(fds[i]);
	}
	assert_int_equal(status[401] + status[503], 40);
	assert_true(status[503] >= 20);
	assert_true(status[401] >= PP_HASHER_STRANGERS);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_gives_a_cookie_that_scripts_and_other_sites_do_not_get),
		cmocka_unit_test(a_logout_ends_the_session_for_good),
		cmocka_unit_test(wrong_names_and_passwords_get_the_same_answer),
		cmocka_unit_test(nobodys_hash_costs_as_much_as_a_real_one),
		cmocka_unit_test(a_guesser_waits_while_the_operators_own_browser_gets_in),
		cmocka_unit_test(
			many_logins_at_once_are_told_to_come_again_and_the_server_answers_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
