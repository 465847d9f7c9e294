/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_test.c -- the command: its words and its exit status. What hangs is in
 * tests/system/doctor.test.mjs. */
#include "examined.h"

static void it_says_ok_warn_and_fail_and_ends_in_one(void **state)
{
	struct examined *x = *state;
	struct said s;

	SAY(&s, "doctor", "--config", x->config, "--pki", x->pki);
	assert_int_equal(s.status, 1);
	assert_non_null(strstr(s.out, "OK    settings "));
	assert_non_null(strstr(s.out, "WARN  files.authority "));
	assert_non_null(strstr(s.out, "FAIL  broker.connection "));
	assert_non_null(strstr(s.out, "-> start Mosquitto"));
	assert_non_null(strstr(s.out, " to mend\n"));
	said_done(&s);
	SAY(&s, "doctor", "--config", x->config, "--pki", x->pki, "--json");
	assert_int_equal(s.status, 1);
	assert_true(strncmp(s.out, "{\"health\":\"fail\",\"findings\":[{", 30) == 0);
	said_done(&s);
	SAY(&s, "doctor", "--config", x->config, "--test-days", "0");
	assert_int_equal(s.status, 2);
	said_done(&s);
}

static void settings_that_cannot_be_read_are_the_only_finding(void **state)
{
	struct examined *x = *state;
	struct said s;

	site_write(x, "server.yaml", "data: x\nporridge: 1\n");
	SAY(&s, "doctor", "--config", x->config, "--pki", x->pki);
	assert_int_equal(s.status, 1);
	assert_non_null(strstr(s.out, "FAIL  settings "));
	assert_non_null(strstr(s.out, "server.yaml:2:1"));
	assert_null(strstr(s.out, "broker.connection"));
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(it_says_ok_warn_and_fail_and_ends_in_one),
		SITE_TEST(settings_that_cannot_be_read_are_the_only_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
