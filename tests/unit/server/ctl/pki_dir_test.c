/* SPDX-License-Identifier: Apache-2.0 */
/* pki_dir_test.c -- what is joined in the folder of keys for the broker. */
#include "streams.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/file.h"
#include "crypto/pki.h"
#include "pki_dir.h"

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

static void what_is_not_there_is_not_joined(void **state)
{
	static const char *const some[] = { "post-ca", "nobody", NULL }, *const none[] = { "nobody",
		NULL };
	char path[PP_PATH_SIZE], *joined, *one;

	(void)state;
	assert_int_equal(pp_pki_dir_join(dir, some, ".crt", "all.pem"), 0);
	assert_int_equal(
		pp_file_read(pp_pki_dir_path(dir, "all", ".pem", path), 65536, &joined, NULL), 0);
	assert_int_equal(
		pp_file_read(pp_pki_dir_path(dir, "post-ca", ".crt", path), 65536, &one, NULL), 0);
	assert_string_equal(joined, one);
	free(joined);
	free(one);
	assert_int_equal(pp_pki_dir_join(dir, none, ".crt", "none.pem"), -ENOENT);
}

static void a_list_stays_while_its_authoritys_key_is_away(void **state)
{
	const char *const serials[] = { "0A", NULL };
	char path[PP_PATH_SIZE], away[PP_PATH_SIZE], ca[PP_PATH_SIZE];
	struct pp_pki_lists facts;

	(void)state;
	assert_int_equal(pp_pki_dir_revoke(dir, "service-ca", serials), 1);
	pp_pki_dir_path(dir, "service-ca", ".key", path);
	pp_pki_dir_path(dir, "service-ca", ".away", away);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(pp_pki_dir_revoke(dir, "post-ca", serials), 1);
	assert_int_equal(pp_pki_dir_revoke(dir, "service-ca", serials), -ENOKEY);
	pp_pki_dir_path(dir, "revoked", ".pem", path);
	assert_int_equal(pp_pki_lists(path, &facts), 0);
	assert_int_equal(facts.lists, 2);
	assert_int_equal(facts.revoked, 2);
	assert_int_equal(
		pp_pki_is_revoked(path, pp_pki_dir_path(dir, "service-ca", ".crt", ca), "0A"), 1);
	/* Without a file that has its list, one alone would lock out its clients. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(pp_pki_dir_revoke(dir, "post-ca", serials), -ENOKEY);
	assert_int_equal(access(path, F_OK), -1);
}

#define ON_KEYS(test) cmocka_unit_test_setup_teardown(test, dir_make, dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_KEYS(what_is_not_there_is_not_joined),
		ON_KEYS(a_list_stays_while_its_authoritys_key_is_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
