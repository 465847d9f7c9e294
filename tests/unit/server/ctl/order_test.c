/* SPDX-License-Identifier: Apache-2.0 */
/* order_test.c -- `post sound` and `post silence` ask the server for what they say. */
#include "fake_server.h"
#include "streams.h"

#define ORDERED                                                                                    \
	FAKE_ANSWER("200 OK", "application/json",                                                  \
		"{\"id\":\"c0ffee5eed015ca1\",\"post\":\"boja-01\",\"order\":\"sound\"}")

static void orders_ask_for_what_they_say(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f, ORDERED);
	SAY(&s, "post", "sound", "boja-01", "--class=fire", "--for=30s", "--socket", f.path);
	fake_server_join(&f);
	assert_string_equal(s.err, "");
	assert_says(s.out, "boja-01: sound ordered (c0ffee5eed015ca1)");
	assert_int_equal(strncmp(f.asked, "POST /api/v1/posts/boja-01/sound ", 33), 0);
	assert_string_equal(
		strstr(f.asked, "\r\n\r\n") + 4, "{\"class\":\"fire\",\"for\":\"30s\"}");
	said_done(&s);
	fake_server_start(&f, ORDERED);
	SAY(&s, "post", "silence", "boja-01", "--json", "--socket", f.path);
	fake_server_join(&f);
	assert_int_equal(strncmp(f.asked, "POST /api/v1/posts/boja-01/silence ", 35), 0);
	assert_string_equal(strstr(f.asked, "\r\n\r\n") + 4, "{}");
	assert_says(s.out, "\"id\":\"c0ffee5eed015ca1\"");
	said_done(&s);
}

static void nothing_but_a_post_gets_into_a_target(void **state)
{
	static const char *const bad[] = { "../incidents", "boja-01/silence", "Boja", "boja%2f" };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		SAY(&s, "post", "silence", bad[i], "--socket", "/nowhere");
		assert_int_equal(s.status, 1);
		assert_says(s.err, "there can be no post");
		said_done(&s);
	}
}

static void a_sound_needs_its_class_and_its_time(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "post", "sound", "boja-01", "--class=fire", "--socket", "/nowhere");
	assert_int_equal(s.status, 2);
	said_done(&s);
	SAY(&s, "post", "sound", "--class=fire", "--for=3s", "--socket", "/nowhere");
	assert_int_equal(s.status, 2);
	said_done(&s);
}

static void a_drill_says_how_long_and_why_or_that_it_ends(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json", "{\"post\":\"boja-01\"}"));
	SAY(&s, "post", "drill", "boja-01", "--for=30min", "--reason=latihan RW", "--socket",
		f.path);
	fake_server_join(&f);
	assert_string_equal(s.err, "");
	assert_says(s.out, "boja-01: a press is a drill for 30min");
	assert_int_equal(strncmp(f.asked, "POST /api/v1/posts/boja-01/modes ", 33), 0);
	assert_string_equal(strstr(f.asked, "\r\n\r\n") + 4,
		"{\"mode\":\"drill\",\"for\":\"30min\",\"reason\":\"latihan RW\"}");
	said_done(&s);
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json", "{\"post\":\"boja-01\"}"));
	SAY(&s, "post", "drill", "boja-01", "--end", "--socket", f.path);
	fake_server_join(&f);
	assert_int_equal(strncmp(f.asked, "POST /api/v1/posts/boja-01/modes/end ", 37), 0);
	assert_says(s.out, "a press is real");
	said_done(&s);
	SAY(&s, "post", "drill", "boja-01", "--for=30min", "--socket", "/nowhere");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "expected --for and --reason, or --end");
	said_done(&s);
	SAY(&s, "post", "drill", "../x", "--end", "--socket", "/nowhere");
	assert_says(s.err, "there can be no post");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_ask_for_what_they_say),
		cmocka_unit_test(nothing_but_a_post_gets_into_a_target),
		cmocka_unit_test(a_sound_needs_its_class_and_its_time),
		cmocka_unit_test(a_drill_says_how_long_and_why_or_that_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
