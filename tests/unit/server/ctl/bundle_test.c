/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_test.c -- what is in a bundle, and what is not: secrets of every kind in the record, the
 * settings and the log. A running system's is in tests/system/bundle.test.mjs. */
#include "examined.h"

#include "db/db.h"

static void secrets_put(const struct examined *x)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(x->record, PP_DB_WRITE, &db), 0);
	assert_int_equal(
		pp_db_exec(db,
			"UPDATE post SET contact_name = 'Canary Contact',"
			" contact_phone = '0811-canary'; INSERT INTO webhook (tenant, name,"
			" url, secret, active) VALUES ('kendal',"
			" 'c', 'https://canary.example/canary-path', 'canary-secret', 1);"
			"INSERT INTO user (tenant, name, display, password, role, active, created)"
			" VALUES ('kendal', 'canaryuser', 'Canary Display', 'canary-hash',"
			" 'operator', 1, 1)"),
		0);
	pp_db_close(db);
	site_write(x, "some.log",
		"login of canaryuser (Canary Display) from Canary Contact 0811-canary\n"
		"http://127.0.0.1:8480/#setup=canary0123 password=canary-pw\n"
		"webhook https://canary.example/canary-path failed\nan ordinary line\n");
}

static void a_bundle_has_what_is_needed_and_no_secret(void **state)
{
	struct examined *x = *state;
	char out[700], recorder[700], log[700];
	struct said s;

	secrets_put(x);
	in_site(x, "out.tar.gz", out);
	in_site(x, "recorder.yaml", recorder);
	in_site(x, "some.log", log);
	SAY(&s, "support-bundle", "--out", out, "--config", x->config, "--pki", x->pki,
		"--recorder", recorder, "--log", log);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	said_done(&s);
	site_shell(x, "mkdir open && tar -xzf out.tar.gz -C open");
	site_shell(x,
		"cd open/pospin-server && for f in README.txt doctor.txt settings.txt versions.txt"
		" health.json counts.json metrics.txt recorder.json recorder-settings.txt"
		" record.txt log.txt; do test -s $f || exit 1; done");
	site_shell(x, "! grep -ri canary open");
	site_shell(x, "grep -q 'an ordinary line' open/pospin-server/log.txt");
	site_shell(x, "grep -q 'CREATE TABLE post ' open/pospin-server/record.txt");
	site_shell(x, "grep -q '^post: [1-9]' open/pospin-server/record.txt");
	site_shell(x, "grep -q 'FAIL  server ' open/pospin-server/doctor.txt");
	site_shell(x, "grep -q 'signing_key: ' open/pospin-server/settings.txt");
	SAY(&s, "support-bundle", "--out", out, "--config", x->config);
	assert_int_equal(s.status, 1);
	assert_non_null(strstr(s.err, "File exists"));
	said_done(&s);
}

static void without_settings_there_is_still_a_bundle(void **state)
{
	struct examined *x = *state;
	char out[700], log[700];
	struct said s;

	site_write(x, "some.log", "an ordinary line\n");
	in_site(x, "out.tar.gz", out);
	in_site(x, "some.log", log);
	SAY(&s, "support-bundle", "--out", out, "--config", "/no/such.yaml", "--log", log);
	assert_int_equal(s.status, 0);
	said_done(&s);
	site_shell(x, "tar -xzf out.tar.gz && grep -q 'FAIL  settings' pospin-server/doctor.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_bundle_has_what_is_needed_and_no_secret),
		SITE_TEST(without_settings_there_is_still_a_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
