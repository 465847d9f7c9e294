/* SPDX-License-Identifier: Apache-2.0 */
/* account_test.c -- one's own password. */
#include "web_fixture.h"

#define PASSWORD "/api/v1/session/password"
#define NEW "kentongan empat kali"

static void a_new_password_needs_the_old_one_and_ends_other_sessions(void **state)
{
	struct web_fixture f;
	char other[120];

	(void)state;
	web_start(&f);
	web_login(&f);
	snprintf(other, sizeof(other), "%s", f.cookie);
	web_keep_cookie(&f, web_login_answer(&f, "budi", WEB_PASSWORD));
	web_expect(web_ask(&f, "POST", PASSWORD, "{\"old\":\"tebak\",\"new\":\"" NEW "\"}"), 403,
		NULL);
	web_expect(
		web_ask(&f, "POST", PASSWORD, "{\"old\":\"" WEB_PASSWORD "\",\"new\":\"kurang\"}"),
		422, NULL);
	web_expect(
		web_ask(&f, "POST", PASSWORD, "{\"old\":\"" WEB_PASSWORD "\",\"new\":\"" NEW "\"}"),
		204, NULL);
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, NULL);
	snprintf(f.cookie, sizeof(f.cookie), "%s", other);
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 401, NULL);
	f.cookie[0] = '\0';
	web_expect(web_login_answer(&f, "budi", WEB_PASSWORD), 401, NULL);
	web_expect(web_login_answer(&f, "budi", NEW), 200, NULL);
	web_stop(&f);
}

static void a_stolen_session_guesses_no_faster_than_a_stranger(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	for (int i = 0; i < 5; i++)
		web_expect(web_ask(&f, "POST", "/api/v1/session/confirm", "{\"password\":\"x\"}"),
			403, NULL);
	/* They count together: what was guessed here makes a stranger's login wait, too. */
	web_guess_until_told_to_wait(&f, "");
	web_stop(&f);
}

static void an_invitation_that_is_over_or_invented_sets_nothing(void **state)
{
	struct web_fixture f;
	char link[300], body[300];

	(void)state;
	web_start(&f);
	web_login(&f);
	web_member(web_ask(&f, "POST", "/api/v1/users/budi/reset", "{}"), 200, "link", link);
	web_expect(web_ask(&f, "POST", "/api/v1/invitation",
			   "{\"token\":\"zz\",\"password\":\"" NEW "\"}"),
		403, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/invitation",
			   "{\"token\":\"0000000000000000000000000000000000000000000000000000000000"
			   "000000\",\"password\":\"" NEW "\"}"),
		403, NULL);
	web_exec(&f, "UPDATE user SET invite_until = 5");
	snprintf(body, sizeof(body), "{\"token\":\"%s\",\"password\":\"" NEW "\"}",
		strstr(link, "#invitation=") + 12);
	web_expect(web_ask(&f, "POST", "/api/v1/invitation", body), 403, NULL);
	assert_int_equal(
		web_number(&f, "SELECT count(*) FROM event WHERE kind = 'user.password'"), 0);
	web_stop(&f);
}

static void a_session_ends_at_its_end_however_much_it_is_used(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	/* Asked for a moment before it was written. */
	assert_in_range(
		web_number(&f, "SELECT ends - created FROM session"), 86400000 - 60000, 86400000);
	web_exec(&f, "UPDATE session SET ends = expires - 3000000, expires = expires - 3000000");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 200, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/incidents/KDL-26-000001/acknowledge", "{}"), 200,
		NULL);
	assert_int_equal(web_number(&f, "SELECT expires <= ends FROM session"), 1);
	web_exec(&f, "UPDATE session SET ends = 5, expires = 5");
	web_expect(web_ask(&f, "GET", "/api/v1/posts", NULL), 401, NULL);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_password_needs_the_old_one_and_ends_other_sessions),
		cmocka_unit_test(a_stolen_session_guesses_no_faster_than_a_stranger),
		cmocka_unit_test(an_invitation_that_is_over_or_invented_sets_nothing),
		cmocka_unit_test(a_session_ends_at_its_end_however_much_it_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
