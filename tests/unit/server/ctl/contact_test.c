/* SPDX-License-Identifier: Apache-2.0 */
/* contact_test.c -- what is refused before the server is asked. */
#include "fake_server.h"
#include "streams.h"

static void names_that_can_be_nobodys_are_refused_without_asking(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "contact", "test", "Pak Budi");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there can be no contact 'Pak Budi'");
	said_done(&s);
	SAY(&s, "contact", "test", "--tenant", "A B", "rt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there can be no tenant");
	said_done(&s);
	SAY(&s, "contact", "test", "--socket", "/nowhere/server", "rt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "no server listens there");
	said_done(&s);
	SAY(&s, "contact", "test");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "expected a contact, or --stale");
	said_done(&s);
	SAY(&s, "contact", "test", "--stale", "rt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "expected a contact, or --stale");
	said_done(&s);
}

static void whoever_was_verified_lately_is_not_asked_again(void **state)
{
	struct fake_server f;
	struct said s;

	(void)state;
	fake_server_start(&f,
		FAKE_ANSWER("200 OK", "application/json",
			"{\"rev\":1,\"plan\":{\"contacts\":{\"rt\":{\"verified\":\"9999-01-01\","
			"\"ways\":[{\"sms\":\"+62\"}]},\"gone\":{\"ways\":[]}}}}"));
	SAY(&s, "contact", "test", "--stale", "--socket", f.path);
	fake_server_join(&f);
	assert_string_equal(s.err, "");
	assert_int_equal(strncmp(f.asked, "GET /api/v1/plan ", 17), 0);
	assert_says(s.out, "every contact was verified");
	said_done(&s);
	fake_server_start(&f, FAKE_ANSWER("200 OK", "application/json", "{\"plan\":null}"));
	SAY(&s, "contact", "test", "--stale", "--socket", f.path);
	fake_server_join(&f);
	assert_says(s.out, "every contact was verified");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_can_be_nobodys_are_refused_without_asking),
		cmocka_unit_test(whoever_was_verified_lately_is_not_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
