/* SPDX-License-Identifier: Apache-2.0 */
/* contact_test.c -- what is refused before the server is asked. */
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_can_be_nobodys_are_refused_without_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
