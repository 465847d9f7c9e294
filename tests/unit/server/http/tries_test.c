/* SPDX-License-Identifier: Apache-2.0 */
/* tries_test.c -- whose tries make whom wait. */
#include "web_fixture.h"

static char *guess(struct web_fixture *f, const char *name, const char *from)
{
	char head[200], body[120];

	snprintf(head, sizeof(head),
		"Origin: https://pospin.example\r\nX-Forwarded-For: %s\r\n" WEB_JSON, from);
	snprintf(body, sizeof(body), "{\"name\":\"%s\",\"password\":\"tebak\"}", name);
	return web_ask_with(f, "POST", "/api/v1/session", head, body);
}

/* Who is told to wait under one head must wait under another, which %d makes a new one each time:
 * they are one guesser. Again where a slow machine has let the wait go by. */
static void is_one_guesser(struct web_fixture *f, const char *told, const char *other)
{
	int status = 0;

	for (int i = 0; i < 20 && status != 429; i++) {
		char more[200], head[260], *answer;

		web_guess_until_told_to_wait(f, told);
		snprintf(more, sizeof(more), other, i + 1);
		snprintf(head, sizeof(head), "%s" WEB_JSON, more);
		answer = web_ask_with(f, "POST", "/api/v1/session", head,
			"{\"name\":\"budi\",\"password\":\"tebak\"}");
		status = answer_status(answer);
		free(answer);
	}
	assert_int_equal(status, 429);
}

static void a_guesser_elsewhere_does_not_make_the_desk_wait(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NULL, "https://pospin.example");
	web_guess_until_told_to_wait(&f, "X-Forwarded-For: 203.0.113.9\r\n");
	web_expect(guess(&f, "budi", "198.51.100.4"), 401, NULL);
	/* What a guesser adds in front of the proxy's own word counts for nothing. */
	web_guess_until_told_to_wait(&f, "X-Forwarded-For: 1.2.3.4, 198.51.100.4\r\n");
	web_expect(guess(&f, "budi", "1.2.3.4"), 401, NULL);
	web_stop(&f);
}

static void a_network_of_ipv6_is_one_guesser(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NULL, "https://pospin.example");
	for (int i = 0; i < 5; i++) {
		char from[60];

		snprintf(from, sizeof(from), "2001:db8:1:2:%x::1", i + 1);
		web_expect(guess(&f, "budi", from), 401, NULL);
	}
	web_guess_until_told_to_wait(&f, "X-Forwarded-For: 2001:db8:1:2:ffff::9\r\n");
	web_expect(guess(&f, "budi", "2001:db8:1:3::1"), 401, NULL);
	web_stop(&f);
}

/* "::" stands for zeroes: one network has many spellings. */
static void a_network_with_zeroes_in_it_is_one_guesser_too(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NULL, "https://pospin.example");
	is_one_guesser(&f, "X-Forwarded-For: 2001:db8::7:7:7:9\r\n",
		"X-Forwarded-For: 2001:db8::%x:0:0:1\r\n");
	web_expect(guess(&f, "budi", "2001:db8:0:1::1"), 401, NULL);
	web_stop(&f);
}

static void a_proxys_own_line_is_believed_and_the_guessers_is_not(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start_with(&f, NULL, "https://pospin.example");
	is_one_guesser(&f, "X-Forwarded-For: 198.51.100.4\r\n",
		"X-Forwarded-For: 203.0.113.%d\r\nX-Forwarded-For: 198.51.100.4:4711\r\n");
	web_stop(&f);
}

static void without_a_proxy_nobody_says_where_they_come_from(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	is_one_guesser(&f, "", "X-Forwarded-For: 203.0.113.%d\r\n");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guesser_elsewhere_does_not_make_the_desk_wait),
		cmocka_unit_test(a_network_of_ipv6_is_one_guesser),
		cmocka_unit_test(a_network_with_zeroes_in_it_is_one_guesser_too),
		cmocka_unit_test(a_proxys_own_line_is_believed_and_the_guessers_is_not),
		cmocka_unit_test(without_a_proxy_nobody_says_where_they_come_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
