/* SPDX-License-Identifier: Apache-2.0 */
/* rotate_test.c -- successors in the folder of keys: the old ones go on until they are retired. */
#include "streams.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "crypto/key_list.h"
#include "crypto/keyring.h"
#include "crypto/pki.h"

static char *folder;

static const char *at(const char *name)
{
	static char paths[8][600];
	static size_t next;
	char *path = paths[next++ % PP_COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/pki/%s", folder, name);
	return path;
}

static int dir_make(void **state)
{
	struct said s;

	(void)state;
	folder = pp_test_folder();
	SAY(&s, "pki", "init", "--dir", at(""), "--broker-name", "localhost");
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

static void pki(const char *command, int status)
{
	struct said s;

	SAY(&s, "pki", command, "--dir", at(""));
	if (s.status != status)
		fail_msg("pki %s: %d: %s", command, s.status, s.err);
	said_done(&s);
}

/* By the openssl program: whether the broker, with what it reads, would let that certificate in. */
static bool is_let_in(const char *crt)
{
	char command[2000];

	snprintf(command, sizeof(command),
		"openssl verify -crl_check -purpose sslclient -CAfile '%s' -CRLfile '%s' '%s' "
		">/dev/null 2>&1",
		at("clients-ca.pem"), at("revoked.pem"), at(crt));
	return system(command) == 0;
}

/* Whether a post would trust the broker. */
static bool is_trusted(const char *ca, const char *crt)
{
	char command[2000];

	snprintf(command, sizeof(command),
		"openssl verify -purpose sslserver -verify_hostname localhost -CAfile '%s' '%s' "
		">/dev/null 2>&1",
		at(ca), at(crt));
	return system(command) == 0;
}

static size_t keys_in(const char *list)
{
	struct pp_key_list keys;

	assert_int_equal(pp_key_list_load(at(list), &keys, NULL), 0);
	return keys.count;
}

static void a_new_signing_key_comes_first_and_the_old_are_kept(void **state)
{
	struct pp_keyring before, after;
	struct pp_key_list list;
	uint8_t public[PP_PUBLIC_KEY_SIZE], second[PP_PUBLIC_KEY_SIZE];
	struct stat st;

	(void)state;
	assert_int_equal(pp_keyring_load(at("server-signing.key"), &before), 0);
	pki("rotate-signing", 0);
	assert_int_equal(pp_keyring_load(at("server-signing.key"), &after), 0);
	assert_int_equal(after.count, 2);
	pp_key_public(before.keys[0], public);
	pp_key_public(after.keys[1], second);
	assert_memory_equal(public, second, sizeof(public));
	assert_int_equal(pp_key_list_load(at("server-keys.txt"), &list, NULL), 0);
	assert_int_equal(list.count, 2);
	assert_memory_equal(list.keys[1], public, sizeof(public));
	assert_int_equal(stat(at("server-signing.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	pp_keyring_done(&before);
	pp_keyring_done(&after);
	pki("rotate-signing", 0);
	pki("rotate-signing", 0);
	pki("rotate-signing", 1); /* four are kept */
	pki("retire-signing", 0);
	assert_int_equal(keys_in("server-keys.txt"), 3);
	assert_int_equal(keys_in("server-keys-ever.txt"), 4);
	pki("retire-signing", 0);
	pki("retire-signing", 0);
	pki("retire-signing", 1); /* never the last */
	assert_int_equal(keys_in("server-keys.txt"), 1);
	assert_int_equal(keys_in("server-keys-ever.txt"), 4);
}

static void issue(const char *name, int status)
{
	struct said s;

	if (strcmp(name, "broker") == 0)
		SAY(&s, "pki", "issue", "--dir", at(""), "--name", name, "--broker-name",
			"localhost");
	else
		SAY(&s, "pki", "issue", "--dir", at(""), "--name", name);
	if (s.status != status)
		fail_msg("issue %s: %d: %s", name, s.status, s.err);
	said_done(&s);
}

static void both_authorities_hold_until_the_old_one_is_retired(void **state)
{
	struct pp_pki_lists lists;

	(void)state;
	assert_int_equal(link(at("service-ca.crt"), at("ca-of-before")), 0);
	pki("rotate-services", 0);
	assert_true(is_let_in("svc-ctl.crt"));
	assert_true(is_trusted("service-ca.crt", "broker.crt"));
	issue("broker", 0);
	issue("svc-ctl", 0);
	assert_true(is_let_in("svc-ctl.crt"));
	assert_true(is_let_in("svc-ctl.old.crt"));
	assert_true(is_let_in("svc-server.crt"));
	assert_true(is_trusted("service-ca.crt", "broker.crt"));
	assert_true(is_trusted("service-ca.crt", "broker.old.crt"));
	assert_false(is_trusted("ca-of-before", "broker.crt"));
	pki("rotate-services", 0); /* again: nothing but what was there */
	assert_true(is_let_in("svc-ctl.crt"));
	pki("retire-services", 0);
	assert_true(is_let_in("svc-ctl.crt"));
	assert_false(is_let_in("svc-ctl.old.crt"));
	assert_false(is_let_in("svc-server.crt"));
	assert_false(is_trusted("service-ca.crt", "broker.old.crt"));
	assert_int_equal(pp_pki_lists(at("revoked.pem"), &lists), 0);
	assert_int_equal(lists.lists, 2);
	assert_int_equal(access(at("service-ca.old.key"), F_OK), -1);
	pki("retire-services", 1);
	pki("rotate-services", 0); /* and years later once more */
	assert_true(is_let_in("svc-ctl.crt"));
}

/* Ended between any two steps, it goes on where it was. */
static void a_rotation_that_was_cut_off_is_finished_by_the_next(void **state)
{
	(void)state;
	pki("rotate-services", 0);
	/* As it was before the last step but one: the new key not in its place. */
	assert_int_equal(rename(at("service-ca.key"), at("service-ca.new.key")), 0);
	assert_int_equal(link(at("service-ca.old.key"), at("service-ca.key")), 0);
	pki("retire-services", 1);
	/* Its certificate had been made, and is lost with the crash: made anew. */
	pki("rotate-services", 0);
	issue("svc-ctl", 0);
	assert_true(is_let_in("svc-ctl.crt"));
	assert_true(is_let_in("svc-server.crt"));
	pki("retire-services", 0);
	assert_true(is_let_in("svc-ctl.crt"));
}

static void what_cannot_be_issued_is_named(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "pki", "issue", "--dir", at(""), "--name", "../broker");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "expected broker, svc-server");
	said_done(&s);
	SAY(&s, "pki", "issue", "--dir", at(""), "--name", "broker");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "must have its names");
	said_done(&s);
	SAY(&s, "pki", "issue", "--dir", at(""), "--name", "svc-ctl", "--broker-name", "x");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "a service has none");
	said_done(&s);
	SAY(&s, "pki", "issue", "--dir", at(""), "--name", "broker", "--broker-name", "no name");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "must be a DNS name");
	said_done(&s);
	assert_true(is_trusted("service-ca.crt", "broker.crt"));
}

#define ON_KEYS(test) cmocka_unit_test_setup_teardown(test, dir_make, dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_KEYS(a_new_signing_key_comes_first_and_the_old_are_kept),
		ON_KEYS(both_authorities_hold_until_the_old_one_is_retired),
		ON_KEYS(a_rotation_that_was_cut_off_is_finished_by_the_next),
		ON_KEYS(what_cannot_be_issued_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
