/* SPDX-License-Identifier: Apache-2.0 */
/* post_test.c -- a post's key is made at the post and enrolled by the authority, once and for its
 * name only. */
#include "streams.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/file.h"
#include "crypto/pki.h"
#include "registry/directory.h"

#define SITE                                                                                       \
	"tenants:\n- id: kendal\n  name: K\n  prefix: KDL\n  timezone: Asia/Jakarta\n"             \
	"  kecamatan: [{code: '1', name: B, desa: [{code: '2', name: D}]}]\n  posts:\n"            \
	"  - {id: boja-01, name: P, desa: '2', rw: '1', latitude: -7.1, longitude: 110.2, "        \
	"points: "                                                                                 \
	"[{id: a, kind: panic, class: crime, label: {id: A, en: A}}]}\n"                           \
	"  - {id: boja-02, name: Q, desa: '2', rw: '1', latitude: -7.1, longitude: 110.2, "        \
	"points: "                                                                                 \
	"[{id: a, kind: panic, class: crime, label: {id: A, en: A}}]}\n"

static char *folder;

/* Paths in the folder; eight may be in use at once. */
static const char *at(const char *name)
{
	static char paths[8][600];
	static size_t next;
	char *path = paths[next++ % PP_COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static int site_make(void **state)
{
	struct said s;

	(void)state;
	folder = pp_test_folder();
	assert_int_equal(pp_file_write(at("site.yaml"), SITE, strlen(SITE), 0644), 0);
	SAY(&s, "pki", "init", "--dir", at("pki"), "--broker-name", "localhost");
	assert_int_equal(s.status, 0);
	said_done(&s);
	SAY(&s, "import", "--record", at("record.db"), at("site.yaml"));
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	said_done(&s);
	return 0;
}

static int site_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void request(struct said *s, const char *post, const char *key, const char *csr)
{
	SAY(s, "post", "request", "--tenant=kendal", "--post", post, "--key", at(key), "--out",
		at(csr));
}

static void enrol(struct said *s, const char *post, const char *csr, const char *crt)
{
	SAY(s, "post", "enrol", "--record", at("record.db"), "--pki", at("pki"), "--tenant=kendal",
		"--post", post, "--request", at(csr), "--out", at(crt));
}

static size_t keys_of(const char *post)
{
	struct pp_directory *directory;
	struct pp_db *db;
	size_t count;

	assert_int_equal(pp_db_open(at("record.db"), PP_DB_READ, &db), 0);
	assert_int_equal(pp_directory_load(db, &directory), 0);
	count = pp_directory_find(directory, "kendal", post)->key_count;
	pp_directory_free(directory);
	pp_db_close(db);
	return count;
}

static void a_request_makes_the_key_once(void **state)
{
	struct said s;
	struct stat st;
	char *first, *second;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "new key");
	said_done(&s);
	assert_int_equal(stat(at("post.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pp_file_read(at("post.key"), 4096, &first, NULL), 0);
	request(&s, "boja-01", "post.key", "post.csr");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "present key");
	said_done(&s);
	assert_int_equal(pp_file_read(at("post.key"), 4096, &second, NULL), 0);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void names_that_no_post_can_have_are_refused(void **state)
{
	static const char *const bad[] = { "svc-server", "svc-", "Boja", "a/b", "../a", "-a", "a#",
		"a+", "+", "#", "*", "%u", "$SYS", "a b", "a\n", "a\x01", "a\x7f",
		"a2345678901234567890123456789012345678901" };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		request(&s, bad[i], "x.key", "x.csr");
		assert_int_equal(s.status, 1);
		assert_says(s.err, "--post: ");
		said_done(&s);
		enrol(&s, bad[i], "x.csr", "x.crt");
		assert_int_equal(s.status, 1);
		assert_says(s.err, "--post: ");
		said_done(&s);
	}
	assert_int_equal(access(at("x.key"), F_OK), -1);
}

static void an_enrolled_post_has_a_certificate_and_its_key_in_the_registry(void **state)
{
	struct said s;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	said_done(&s);
	enrol(&s, "boja-01", "post.csr", "post.crt");
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "kendal/boja-01: certificate ");
	assert_says(s.out, "for 825 days");
	said_done(&s);
	assert_int_equal(access(at("post.crt"), R_OK), 0);
	assert_int_equal(access(at("post.crt.new"), F_OK), -1);
	assert_int_equal(keys_of("boja-01"), 1);
	assert_int_equal(keys_of("boja-02"), 0);
	enrol(&s, "boja-01", "post.csr",
		"post.crt"); /* again: a new certificate for the same key */
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(keys_of("boja-01"), 1);
}

static void a_name_that_the_registry_lacks_gets_no_certificate(void **state)
{
	struct said s;

	(void)state;
	request(&s, "boja-99", "post.key", "post.csr");
	said_done(&s);
	enrol(&s, "boja-99", "post.csr", "post.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "no post kendal/boja-99 in the registry");
	said_done(&s);
	assert_int_equal(access(at("post.crt"), F_OK), -1);
	assert_int_equal(access(at("post.crt.new"), F_OK), -1);
}

static void one_key_cannot_be_two_posts(void **state)
{
	struct said s;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	said_done(&s);
	enrol(&s, "boja-01", "post.csr", "1.crt");
	said_done(&s);
	request(&s, "boja-02", "post.key", "second.csr");
	said_done(&s);
	enrol(&s, "boja-02", "second.csr", "2.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "its key belongs to another post");
	said_done(&s);
	assert_int_equal(access(at("2.crt"), F_OK), -1);
	assert_int_equal(access(at("2.crt.new"), F_OK), -1);
	assert_int_equal(keys_of("boja-02"), 0);
}

static void a_request_of_another_post_is_refused(void **state)
{
	struct said s;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	said_done(&s);
	enrol(&s, "boja-02", "post.csr", "2.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is a request of kendal/boja-01, not of kendal/boja-02");
	said_done(&s);
	assert_int_equal(keys_of("boja-02"), 0);
}

/* A request of the key post.key that calls itself as subject says, by the openssl program. */
static void request_forge(const char *subject, const char *csr)
{
	char command[1500];

	snprintf(command, sizeof(command),
		"openssl req -new -utf8 -key '%s' -subj '%s' -out '%s' 2>/dev/null", at("post.key"),
		subject, at(csr));
	if (system(command) != 0)
		fail_msg("openssl makes no request of %s", subject);
}

static void a_request_that_calls_itself_otherwise_is_refused(void **state)
{
	static const char *const subjects[] = { "/O=nobody", "/CN=boja-01", "/CN=kendal\\/boja-02",
		"/CN=kendal\\/boja-01\\/", "/CN=kendal\\/\\/boja-01", "/CN=\\/kendal\\/boja-01",
		"/CN=kendal\\/..\\/kendal\\/boja-01", "/CN=Kendal\\/boja-01", "/CN=\\+\\/boja-01",
		"/CN=kendal\\/#", "/CN=svc-server", "/CN=kendal\\/boja-01 ",
		"/CN=kendal\\/boja-01\n", "/CN=kendal\\/boja-01\x01",
		"/CN=kendal\\/boja-01/CN=kendal\\/boja-02", "/CN=kendal\\/boja-01/CN=svc-server" };
	struct said s;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	said_done(&s);
	for (size_t i = 0; i < PP_COUNT(subjects); i++) {
		request_forge(subjects[i], "forged.csr");
		enrol(&s, "boja-01", "forged.csr", "post.crt");
		if (s.status != 1 || !strstr(s.err, "forged.csr: "))
			fail_msg("%s: status %d, '%s'", subjects[i], s.status, s.err);
		said_done(&s);
		assert_int_equal(access(at("post.crt"), F_OK), -1);
		assert_int_equal(access(at("post.crt.new"), F_OK), -1);
	}
	assert_int_equal(keys_of("boja-01"), 0);
	request_forge("/CN=kendal\\/boja-01", "right.csr");
	enrol(&s, "boja-01", "right.csr", "post.crt");
	assert_int_equal(s.status, 0);
	said_done(&s);
}

static void renew(struct said *s, const char *csr, const char *crt)
{
	SAY(s, "post", "renew", "--record", at("record.db"), "--pki", at("pki"), "--tenant=kendal",
		"--post=boja-01", "--request", at(csr), "--out", at(crt));
}

static void a_name_is_enrolled_once_and_renewed_after_that(void **state)
{
	struct said s;

	(void)state;
	request(&s, "boja-01", "post.key", "post.csr");
	said_done(&s);
	request(&s, "boja-01", "second.key", "second.csr");
	said_done(&s);
	renew(&s, "post.csr", "post.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "has no valid key to renew");
	said_done(&s);
	enrol(&s, "boja-01", "post.csr", "post.crt");
	assert_int_equal(s.status, 0);
	said_done(&s);
	enrol(&s, "boja-01", "second.csr", "second.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is enrolled with another key: post renew");
	said_done(&s);
	assert_int_equal(access(at("second.crt"), F_OK), -1);
	assert_int_equal(keys_of("boja-01"), 1);
	renew(&s, "second.csr", "second.crt");
	assert_string_equal(s.err, "");
	said_done(&s);
	assert_int_equal(keys_of("boja-01"), 2);
	renew(&s, "second.csr", "again.crt"); /* the same key, a new certificate */
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(keys_of("boja-01"), 2);
}

static void what_is_missing_or_wrong_is_named(void **state)
{
	struct said s;

	(void)state;
	enrol(&s, "boja-01", "none.csr", "post.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "none.csr: No such file");
	said_done(&s);
	enrol(&s, "boja-01", "site.yaml", "post.crt");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is no signing request");
	said_done(&s);
	SAY(&s, "post", "enrol", "--record", at("none.db"), "--pki", at("pki"), "--tenant=kendal",
		"--post=boja-01", "--request", at("site.yaml"), "--out", at("post.crt"));
	assert_int_equal(s.status, 1);
	assert_says(s.err, "none.db: No such file");
	said_done(&s);
	assert_int_equal(access(at("none.db"), F_OK), -1);
	SAY(&s, "post", "enrol", "--record", at("record.db"), "--pki", at("none"),
		"--tenant=kendal", "--post=boja-01", "--request", at("site.yaml"), "--out",
		at("post.crt"));
	assert_int_equal(s.status, 1);
	assert_says(s.err, "post-ca.crt or post-ca.key: No such file");
	said_done(&s);
	request(&s, "boja-01", "site.yaml", "post.csr");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is no Ed25519 private key");
	said_done(&s);
}

#define ON_A_SITE(test) cmocka_unit_test_setup_teardown(test, site_make, site_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SITE(a_request_makes_the_key_once),
		ON_A_SITE(names_that_no_post_can_have_are_refused),
		ON_A_SITE(an_enrolled_post_has_a_certificate_and_its_key_in_the_registry),
		ON_A_SITE(a_name_that_the_registry_lacks_gets_no_certificate),
		ON_A_SITE(one_key_cannot_be_two_posts),
		ON_A_SITE(a_request_of_another_post_is_refused),
		ON_A_SITE(a_request_that_calls_itself_otherwise_is_refused),
		ON_A_SITE(a_name_is_enrolled_once_and_renewed_after_that),
		ON_A_SITE(what_is_missing_or_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
