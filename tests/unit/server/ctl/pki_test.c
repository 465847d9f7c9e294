/* SPDX-License-Identifier: Apache-2.0 */
/* pki_test.c -- `pki init` makes all of a site's keys at once, and never again. */
#include "streams.h"

#include <dirent.h>
#include <sys/stat.h>

#include "core/file.h"
#include "crypto/key_list.h"
#include "crypto/pki.h"

static const char *const files[] = { "service-ca.crt", "service-ca.key", "post-ca.crt",
	"post-ca.key", "broker.crt", "broker.key", "svc-server.crt", "svc-server.key",
	"svc-recorder.crt", "svc-recorder.key", "svc-ctl.crt", "svc-ctl.key", "server-signing.key",
	"server-keys.txt", "clients-ca.pem", "revoked.pem" };

static char *folder, path[700];

static int folder_make(void **state)
{
	(void)state;
	folder = pp_test_folder();
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static const char *at(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static size_t entries(const char *name)
{
	DIR *dir = opendir(name);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static size_t times(const char *name, const char *words)
{
	char *text;
	size_t n = 0;

	assert_int_equal(pp_file_read(at(name), 65536, &text, NULL), 0);
	for (const char *p = strstr(text, words); p; p = strstr(p + 1, words))
		n++;
	free(text);
	return n;
}

static void init(const char *dir, struct said *s)
{
	SAY(s, "pki", "init", "--dir", dir, "--broker-name", "localhost", "--broker-name",
		"127.0.0.1");
}

static void all_files_are_there_and_keys_are_private(void **state)
{
	char dir[600];
	struct said s;
	struct stat st;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/pki/", folder); /* a slash at the end is fine */
	init(dir, &s);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(entries(at("pki")), PP_COUNT(files));
	assert_int_equal(entries(folder), 1);
	for (size_t i = 0; i < PP_COUNT(files); i++) {
		char name[64];

		snprintf(name, sizeof(name), "pki/%s", files[i]);
		assert_int_equal(stat(at(name), &st), 0);
		assert_int_equal(st.st_mode & 0777, strstr(files[i], ".key") ? 0600 : 0644);
	}
	assert_int_equal(times("pki/clients-ca.pem", "BEGIN CERTIFICATE"), 2);
	assert_int_equal(times("pki/revoked.pem", "BEGIN X509 CRL"), 2);
}

static void the_pinned_key_is_the_signing_keys_half(void **state)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_key_list list;
	struct pp_key *key;
	struct said s;
	char dir[600];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/pki", folder);
	init(dir, &s);
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(pp_key_load(at("pki/server-signing.key"), &key), 0);
	pp_key_public(key, public);
	pp_key_free(key);
	assert_int_equal(pp_key_list_load(at("pki/server-keys.txt"), &list, NULL), 0);
	assert_int_equal(list.count, 1);
	assert_memory_equal(list.keys[0], public, sizeof(public));
}

static void keys_are_never_overwritten(void **state)
{
	char dir[600], *before, *after;
	struct said s;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/pki", folder);
	init(dir, &s);
	said_done(&s);
	assert_int_equal(pp_file_read(at("pki/service-ca.key"), 65536, &before, NULL), 0);
	init(dir, &s);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is not empty; keys are never overwritten");
	said_done(&s);
	assert_int_equal(pp_file_read(at("pki/service-ca.key"), 65536, &after, NULL), 0);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void an_empty_folder_may_be_there_already(void **state)
{
	struct said s;

	(void)state;
	init(folder, &s);
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(entries(folder), PP_COUNT(files));
}

static void a_failure_leaves_nothing_behind(void **state)
{
	char dir[600];
	struct said s;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/pki", folder);
	SAY(&s, "pki", "init", "--dir", dir, "--broker-name", "not a name");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "a --broker-name must be a DNS name or an IP address");
	said_done(&s);
	assert_int_equal(entries(folder), 0);
	snprintf(dir, sizeof(dir), "%s/no/such/folder", folder);
	init(dir, &s);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "No such file or directory");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			all_files_are_there_and_keys_are_private, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			the_pinned_key_is_the_signing_keys_half, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			keys_are_never_overwritten, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			an_empty_folder_may_be_there_already, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(
			a_failure_leaves_nothing_behind, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
