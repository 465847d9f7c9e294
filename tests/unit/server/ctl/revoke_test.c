/* SPDX-License-Identifier: Apache-2.0 */
/* revoke_test.c -- registry, then list; each may be done again, and what is left to do is said. */
#include "streams.h"

#include <errno.h>
#include <unistd.h>

#include "core/file.h"
#include "crypto/pki.h"
#include "registry/directory.h"

#define SITE                                                                                       \
	"tenants:\n- id: kendal\n  name: K\n  prefix: KDL\n  timezone: Asia/Jakarta\n"             \
	"  kecamatan: [{code: '1', name: B, desa: [{code: '2', name: D}]}]\n  posts:\n"            \
	"  - {id: boja-01, name: P, desa: '2', rw: '1', latitude: -7.1, longitude: 110.2, "        \
	"points: "                                                                                 \
	"[{id: a, kind: panic, class: crime, label: {id: A, en: A}}]}\n"

static char *folder;

static const char *at(const char *name)
{
	static char paths[8][600];
	static size_t next;
	char *path = paths[next++ % PP_COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void sign(const char *command, const char *key, const char *crt)
{
	struct said s;

	SAY(&s, "post", "request", "--tenant=kendal", "--post=boja-01", "--key", at(key), "--out",
		at("csr"));
	said_done(&s);
	SAY(&s, "post", command, "--record", at("record.db"), "--pki", at("pki"), "--tenant=kendal",
		"--post=boja-01", "--request", at("csr"), "--out", at(crt));
	assert_string_equal(s.err, "");
	said_done(&s);
}

static int site_make(void **state)
{
	struct said s;

	(void)state;
	folder = pp_test_folder();
	assert_int_equal(pp_file_write(at("site.yaml"), SITE, strlen(SITE), 0644), 0);
	SAY(&s, "pki", "init", "--dir", at("pki"), "--broker-name", "localhost");
	said_done(&s);
	SAY(&s, "import", "--record", at("record.db"), at("site.yaml"));
	assert_int_equal(s.status, 0);
	said_done(&s);
	sign("enrol", "1.key", "1.crt");
	sign("renew", "2.key", "2.crt");
	return 0;
}

static int site_remove(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

#define REVOKE(s, ...)                                                                             \
	SAY(s, "post", "revoke", "--record", at("record.db"), "--pki", at("pki"),                  \
		"--tenant=kendal", "--post=boja-01", ##__VA_ARGS__)

/* Of 1.crt or 2.crt. */
static int is_listed(const char *crt)
{
	char serial[PP_PKI_SERIAL_SIZE];

	assert_int_equal(pp_pki_serial(at(crt), serial), 0);
	return pp_pki_is_revoked(at("pki/revoked.pem"), at("pki/post-ca.crt"), serial);
}

static size_t keys_valid(void)
{
	struct pp_directory *directory;
	struct pp_db *db;
	size_t count;

	assert_int_equal(pp_db_open(at("record.db"), PP_DB_READ, &db), 0);
	assert_int_equal(pp_directory_load(db, &directory), 0);
	count = pp_directory_find(directory, "kendal", "boja-01")->key_count;
	pp_directory_free(directory);
	pp_db_close(db);
	return count;
}

static void every_certificate_of_a_revoked_post_is_listed(void **state)
{
	struct said s;

	(void)state;
	assert_int_equal(is_listed("1.crt"), 0);
	REVOKE(&s, "--reason", "dicuri");
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "every key of kendal/boja-01 is revoked");
	assert_says(s.out, "2 certificates of kendal/boja-01");
	assert_says(s.out, "LEFT TO DO: let the broker read revoked.pem");
	assert_says(s.out, "LEFT TO DO: a session");
	said_done(&s);
	assert_int_equal(is_listed("1.crt"), 1);
	assert_int_equal(is_listed("2.crt"), 1);
	assert_int_equal(keys_valid(), 0);
	REVOKE(&s);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "was revoked already");
	said_done(&s);
}

static void one_key_is_revoked_with_its_certificates_alone(void **state)
{
	struct pp_pki_facts facts;
	char text[64];
	struct said s;

	(void)state;
	assert_int_equal(pp_pki_facts(at("1.crt"), &facts), 0);
	pp_base64(facts.public, sizeof(facts.public), text);
	REVOKE(&s, "--key", text);
	assert_int_equal(s.status, 0);
	assert_says(s.out, "the key of kendal/boja-01 is revoked");
	said_done(&s);
	assert_int_equal(is_listed("1.crt"), 1);
	assert_int_equal(is_listed("2.crt"), 0);
	assert_int_equal(keys_valid(), 1);
	REVOKE(&s, "--key", "AAAA");
	assert_int_equal(s.status, 1);
	said_done(&s);
	assert_int_equal(keys_valid(), 1);
}

/* The registry comes first, whatever is missing for the rest; then it is done again. */
static void a_step_that_fails_is_done_at_the_next_attempt(void **state)
{
	struct said s;

	(void)state;
	assert_int_equal(rename(at("pki/post-ca.key"), at("away")), 0);
	REVOKE(&s);
	assert_int_equal(s.status, 1);
	assert_says(s.out, "every key of kendal/boja-01 is revoked");
	assert_says(s.err, "do this again");
	said_done(&s);
	assert_int_equal(keys_valid(), 0);
	assert_int_equal(is_listed("1.crt"), 0);
	assert_int_equal(rename(at("away"), at("pki/post-ca.key")), 0);
	REVOKE(&s, "--broker", "127.0.0.1:1");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "127.0.0.1:1: not reached");
	said_done(&s);
	assert_int_equal(is_listed("1.crt"), 1);
}

static void a_certificate_that_the_record_does_not_know_is_given_by_hand(void **state)
{
	struct pp_db *db;
	struct said s;

	(void)state;
	assert_int_equal(pp_db_open(at("record.db"), PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_exec(db, "DELETE FROM post_certificate"), 0);
	pp_db_close(db);
	REVOKE(&s);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "the record knows no certificate of kendal/boja-01");
	said_done(&s);
	assert_int_equal(keys_valid(), 0);
	REVOKE(&s, "--certificate", at("pki/svc-ctl.crt"));
	assert_int_equal(s.status, 1);
	assert_says(s.err, "is not signed by");
	said_done(&s);
	REVOKE(&s, "--certificate", at("1.crt"));
	assert_int_equal(s.status, 0);
	said_done(&s);
	assert_int_equal(is_listed("1.crt"), 1);
}

static void who_was_never_enrolled_cannot_be_revoked(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "post", "revoke", "--record", at("record.db"), "--pki", at("pki"),
		"--tenant=kendal", "--post=boja-99");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "kendal/boja-99 has no such key");
	said_done(&s);
	SAY(&s, "post", "revoke", "--record", at("record.db"), "--pki", at("pki"),
		"--tenant=kendal", "--post=svc-server");
	assert_int_equal(s.status, 1);
	said_done(&s);
}

/* A number left over in a file may be anybody's by now. */
static void a_pid_that_is_no_mosquitto_is_told_nothing(void **state)
{
	char number[32];
	struct said s;

	(void)state;
	snprintf(number, sizeof(number), "%d\n", (int)getpid());
	assert_int_equal(pp_file_write(at("pid"), number, strlen(number), 0644), 0);
	SAY(&s, "pki", "refresh-crl", "--dir", at("pki"), "--broker-pid", at("pid"));
	assert_int_equal(s.status, 0);
	assert_says(s.out, "no Mosquitto runs under that number");
	assert_says(s.out, "2 authorities, 0 certificates, 365");
	said_done(&s);
}

static void a_services_certificate_is_listed_under_its_own_authority(void **state)
{
	char serial[PP_PKI_SERIAL_SIZE];
	struct said s;

	(void)state;
	SAY(&s, "pki", "revoke", "--dir", at("pki"), "--certificate", at("pki/svc-ctl.crt"));
	assert_string_equal(s.err, "");
	assert_says(s.out, "1 certificate of svc-ctl");
	said_done(&s);
	assert_int_equal(pp_pki_serial(at("pki/svc-ctl.crt"), serial), 0);
	assert_int_equal(
		pp_pki_is_revoked(at("pki/revoked.pem"), at("pki/service-ca.crt"), serial), 1);
	assert_int_equal(
		pp_pki_is_revoked(at("pki/revoked.pem"), at("pki/post-ca.crt"), serial), 0);
	SAY(&s, "pki", "revoke", "--dir", at("pki"), "--certificate", at("1.crt"));
	assert_int_equal(s.status, 1);
	said_done(&s);
}

#define ON_A_SITE(test) cmocka_unit_test_setup_teardown(test, site_make, site_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_SITE(every_certificate_of_a_revoked_post_is_listed),
		ON_A_SITE(one_key_is_revoked_with_its_certificates_alone),
		ON_A_SITE(a_step_that_fails_is_done_at_the_next_attempt),
		ON_A_SITE(a_certificate_that_the_record_does_not_know_is_given_by_hand),
		ON_A_SITE(who_was_never_enrolled_cannot_be_revoked),
		ON_A_SITE(a_pid_that_is_no_mosquitto_is_told_nothing),
		ON_A_SITE(a_services_certificate_is_listed_under_its_own_authority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
