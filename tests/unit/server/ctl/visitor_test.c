/* SPDX-License-Identifier: Apache-2.0 */
/* visitor_test.c -- a certificate for one visit is there for the visit alone. (Visits themselves,
 * to a real broker: tests/system/keys.test.mjs.) */
#include "streams.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "pki_dir.h"
#include "visitor.h"

static char *folder, dir[600];

static int dir_make(void **state)
{
	struct said s;

	(void)state;
	folder = pp_test_folder();
	snprintf(dir, sizeof(dir), "%s/pki", folder);
	SAY(&s, "pki", "init", "--dir", dir, "--broker-name", "localhost");
	assert_int_equal(s.status, 0);
	said_done(&s);
	return 0;
}

static int dir_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void a_visitor_has_the_name_for_a_day_and_leaves_nothing(void **state)
{
	struct pp_pki_facts facts;
	struct pp_visitor v;
	struct stat st;
	char ca[PP_PATH_SIZE], was[64];

	(void)state;
	assert_int_equal(pp_visitor_init(&v, dir, "post-ca", "kendal/boja-01"), 0);
	assert_int_equal(pp_pki_facts(v.cert, &facts), 0);
	assert_string_equal(facts.common_name, "kendal/boja-01");
	assert_string_equal(facts.serial, v.serial);
	assert_true(facts.until_s <= time(NULL) + 86400);
	assert_int_equal(
		pp_pki_is_issued_by(v.cert, pp_pki_dir_path(dir, "post-ca", ".crt", ca)), 1);
	assert_int_equal(stat(v.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(v.key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(was, sizeof(was), "%s", v.dir);
	pp_visitor_done(&v);
	assert_int_equal(access(was, F_OK), -1);
	pp_visitor_done(&v);
}

static void where_nobody_listens_the_visit_says_so(void **state)
{
	struct pp_visited broker = { dir, "127.0.0.1", 1 };
	struct pp_visitor v;
	char why[96] = "";

	(void)state;
	assert_int_equal(pp_visitor_init(&v, dir, "service-ca", "svc-ctl"), 0);
	assert_int_equal(pp_visitor_knock(&v, &broker, why), 0);
	assert_string_not_equal(why, "");
	pp_visitor_done(&v);
}

static void without_an_authority_there_is_no_visitor(void **state)
{
	struct pp_visitor v;

	(void)state;
	assert_int_equal(pp_visitor_init(&v, folder, "post-ca", "kendal/boja-01"), -ENOENT);
	assert_string_equal(v.dir, "");
}

#define ON_KEYS(test) cmocka_unit_test_setup_teardown(test, dir_make, dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_KEYS(a_visitor_has_the_name_for_a_day_and_leaves_nothing),
		ON_KEYS(where_nobody_listens_the_visit_says_so),
		ON_KEYS(without_an_authority_there_is_no_visitor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
