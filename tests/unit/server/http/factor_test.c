/* SPDX-License-Identifier: Apache-2.0 */
/* factor_test.c -- the second factor, from its setting to its loss. */
#include "web_fixture.h"

#include "core/clock.h"
#include "crypto/totp.h"

#define FACTOR "/api/v1/session/factor"

static void unbase32(const char *text, uint8_t ret_key[PP_TOTP_KEY_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t held = 0;
	unsigned bits = 0;
	size_t at = 0;

	for (; *text; text++) {
		held = held << 5 | (uint64_t)(strchr(letters, *text) - letters);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			ret_key[at++] = (uint8_t)(held >> bits);
		}
	}
	assert_int_equal(at, PP_TOTP_KEY_SIZE);
}

static void code_now(const uint8_t key[PP_TOTP_KEY_SIZE], int later, char ret_code[7])
{
	pp_totp_code(key, PP_TOTP_KEY_SIZE, pp_clock_wall_ms() / 1000 / 30 + later, 6, ret_code);
}

/* Sets the factor of who is logged in; the first recovery code. */
static void factor_set(
	struct web_fixture *f, uint8_t ret_key[PP_TOTP_KEY_SIZE], char ret_recovery[20])
{
	char text[300], body[60], code[7], *answer;
	const char *first;

	web_member(web_ask(f, "POST", FACTOR, "{}"), 200, "secret", text);
	unbase32(text, ret_key);
	web_expect(web_ask(f, "POST", FACTOR "/confirm", "{\"code\":\"000000x\"}"), 422, NULL);
	code_now(ret_key, -1, code);
	snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
	answer = web_ask(f, "POST", FACTOR "/confirm", body);
	first = strstr(answer, "\"codes\":[\"");
	if (!first)
		fail_msg("%s", answer);
	snprintf(ret_recovery, 20, "%s", first + 10);
	free(answer);
	web_expect(web_ask(f, "POST", FACTOR "/confirm", body), 409, NULL);
}

static char *login_with(struct web_fixture *f, const char *code)
{
	char body[200];

	snprintf(body, sizeof(body),
		"{\"name\":\"budi\",\"password\":\"" WEB_PASSWORD "\",\"code\":\"%s\"}", code);
	return web_ask(f, "POST", "/api/v1/session", body);
}

static void a_login_needs_the_code_and_each_counts_once(void **state)
{
	uint8_t key[PP_TOTP_KEY_SIZE];
	char code[7], recovery[20];
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	factor_set(&f, key, recovery);
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, "\"factor\":true");
	web_expect(web_login_answer(&f, "budi", WEB_PASSWORD), 401, "password or code is wrong");
	web_expect(login_with(&f, "abc"), 401, "password or code is wrong");
	code_now(key, 0, code);
	web_expect(login_with(&f, code), 200, "\"factor\":true");
	web_expect(login_with(&f, code), 401, "password or code is wrong");
	web_exec(&f, "UPDATE user SET factor_step = 0");
	web_expect(login_with(&f, "AAAA-BBBB-CCCC-DDDD"), 401, NULL);
	web_expect(login_with(&f, recovery), 200, NULL);
	web_expect(login_with(&f, recovery), 401, NULL);
	assert_int_equal(web_number(&f, "SELECT count(*) FROM recovery"), 9);
	assert_int_equal(
		web_number(&f, "SELECT count(*) FROM event WHERE body LIKE '%\"recovery\"%'"), 1);
	web_stop(&f);
}

static void the_password_given_again_needs_the_code_too(void **state)
{
	uint8_t key[PP_TOTP_KEY_SIZE];
	char code[7], recovery[20], body[120];
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_login(&f);
	factor_set(&f, key, recovery);
	web_exec(&f, "UPDATE session SET confirmed = 1");
	web_expect(web_ask(&f, "DELETE", FACTOR, NULL), 403, "X-PosPin-Needs: password");
	web_expect(web_ask(&f, "POST", FACTOR, "{}"), 403, NULL);
	web_expect(web_ask(&f, "POST", "/api/v1/session/confirm",
			   "{\"password\":\"" WEB_PASSWORD "\"}"),
		403, NULL);
	code_now(key, 0, code);
	snprintf(body, sizeof(body), "{\"password\":\"" WEB_PASSWORD "\",\"code\":\"%s\"}", code);
	web_expect(web_ask(&f, "POST", "/api/v1/session/confirm", body), 204, NULL);
	web_expect(web_ask(&f, "DELETE", FACTOR, NULL), 204, NULL);
	web_expect(web_login_answer(&f, "budi", WEB_PASSWORD), 200, "\"factor\":false");
	web_stop(&f);
}

static void whoever_must_have_one_sets_it_before_anything_else(void **state)
{
	uint8_t key[PP_TOTP_KEY_SIZE];
	struct web_fixture f;
	char recovery[20];

	(void)state;
	web_start_factor(&f, NULL, NULL, PP_AS_ADMINISTRATOR);
	web_login(&f);
	web_expect(web_ask(&f, "GET", "/api/v1/session", NULL), 200, "\"factor_required\":true");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 403, "X-PosPin-Needs: factor");
	web_expect(web_ask(&f, "GET", "/api/v1/users", NULL), 403, NULL);
	factor_set(&f, key, recovery);
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 200, NULL);
	web_become(&f, "sari", "\"roles\":\"operator\"");
	web_expect(web_ask(&f, "GET", "/api/v1/incidents", NULL), 200, NULL);
	web_stop(&f);
}

static char *login_from(struct web_fixture *f, const char *more, const char *code)
{
	char head[400], body[200];

	snprintf(head, sizeof(head), "Origin: http://localhost\r\n%s" WEB_JSON, more);
	snprintf(body, sizeof(body),
		"{\"name\":\"budi\",\"password\":\"" WEB_PASSWORD "\",\"code\":\"%s\"}", code);
	return web_ask_with(f, "POST", "/api/v1/session", head, body);
}

/* A million codes, three of which are good: two guesses a second would find one in two days. */
static void who_knows_the_password_does_not_guess_the_code_from_a_thousand_addresses(void **state)
{
	uint8_t key[PP_TOTP_KEY_SIZE];
	char code[7], recovery[20], more[200], *device, *answer;
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NULL, "http://localhost");
	web_login(&f);
	factor_set(&f, key, recovery);
	code_now(key, 0, code);
	answer = login_from(&f, "", code);
	device = strstr(answer, "pospin_device=");
	assert_non_null(device);
	device[strcspn(device, ";")] = '\0';
	for (int i = 0; i < 10; i++) {
		snprintf(more, sizeof(more), "X-Forwarded-For: 203.0.113.%d\r\n", i);
		web_expect(login_from(&f, more, "12345"), 401, NULL);
	}
	/* The right one is not even looked at; and the answer does not tell. */
	web_expect(login_from(&f, "X-Forwarded-For: 198.51.100.4\r\n", recovery), 401,
		"password or code is wrong");
	/* Who has logged in from here before is none of them. */
	snprintf(more, sizeof(more), "Cookie: %s\r\n", device);
	web_expect(login_from(&f, more, recovery), 200, NULL);
	free(answer);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_needs_the_code_and_each_counts_once),
		cmocka_unit_test(the_password_given_again_needs_the_code_too),
		cmocka_unit_test(
			who_knows_the_password_does_not_guess_the_code_from_a_thousand_addresses),
		cmocka_unit_test(whoever_must_have_one_sets_it_before_anything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
