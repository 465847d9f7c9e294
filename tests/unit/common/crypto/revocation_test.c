/* SPDX-License-Identifier: Apache-2.0 */
/* revocation_test.c -- revocation lists, judged by the openssl program. */
#include "crypto/pki.h"

#include "pki_fixture.h"

#include <errno.h>
#include <time.h>

static void a_revoked_certificate_is_refused_and_the_others_are_not(void **state)
{
	const struct fixture *f = *state;
	char path[600], serial[PP_PKI_SERIAL_SIZE];
	const char *serials[] = { "0123456789abcdef", serial, NULL };

	issue(f, &broker, "broker");
	issue(f, &service, "client");
	assert_int_equal(pp_pki_make_crl(f->ca_cert, f->ca_key, NULL, in(f, "crl.pem", path)), 0);
	must(f, "openssl crl -in crl.pem -CAfile ca.pem -noout -text");
	must(f, "openssl verify -x509_strict -crl_check -CRLfile crl.pem -CAfile ca.pem "
		"client.pem");
	assert_int_equal(pp_pki_serial(in(f, "client.pem", path), serial), 0);
	assert_int_equal(
		pp_pki_make_crl(f->ca_cert, f->ca_key, serials, in(f, "crl.pem", path)), 0);
	must(f, "openssl crl -in crl.pem -noout -text | grep -q 'Version 2'");
	must(f, "openssl crl -in crl.pem -noout -text | grep -q 'Signature Algorithm: ED25519'");
	must(f, "test $(openssl crl -in crl.pem -noout -text | grep -c 'Serial Number') = 2");
	must_not(f, "openssl verify -crl_check -CRLfile crl.pem -CAfile ca.pem client.pem");
	must(f, "openssl verify -crl_check -CRLfile crl.pem -CAfile ca.pem broker.pem");
	must(f, "openssl verify -crl_check -attime $(($(date +%s) + 3650 * 86400)) "
		"-CRLfile crl.pem -CAfile ca.pem broker.pem");
	must(f, "openssl verify -crl_check -attime $(($(date +%s) - 3600)) "
		"-CRLfile crl.pem -CAfile ca.pem broker.pem");
}

static void a_serial_that_is_not_hex_makes_no_list(void **state)
{
	static const char *const bad[] = { "", "xyz", "-1", "12 34", "0x12",
		"0123456789abcdef0123456789abcdef012345678" };
	const struct fixture *f = *state;
	char path[600];

	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		const char *const serials[] = { bad[i], NULL };

		assert_int_equal(
			pp_pki_make_crl(f->ca_cert, f->ca_key, serials, in(f, "no.crl", path)),
			-EINVAL);
	}
	must(f, "test ! -e no.crl");
}

static void the_lists_of_both_authorities_serve_in_one_file(void **state)
{
	static const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = "PosPin post CA", .forever = true
	};
	const struct fixture *f = *state;
	char cert[600], key[600], path[600];

	issue(f, &service, "client");
	assert_int_equal(
		pp_pki_make_authority(&request, in(f, "post.pem", cert), in(f, "post.key", key)),
		0);
	assert_int_equal(pp_pki_make_crl(cert, key, NULL, in(f, "post.crl", path)), 0);
	assert_int_equal(pp_pki_make_crl(f->ca_cert, f->ca_key, NULL, in(f, "ca.crl", path)), 0);
	must(f, "cat ca.pem post.pem >both.pem && cat post.crl ca.crl >both.crl");
	must(f, "openssl verify -crl_check -CRLfile both.crl -CAfile both.pem client.pem");
	must_not(f, "openssl verify -crl_check -CRLfile post.crl -CAfile both.pem client.pem");
}

/* A second authority: post.pem, post.key. */
static void second_make(const struct fixture *f, const char *name)
{
	const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = name, .forever = true
	};
	char cert[600], key[600];

	assert_int_equal(
		pp_pki_make_authority(&request, in(f, "post.pem", cert), in(f, "post.key", key)),
		0);
}

static int lists_grow(const struct fixture *f, const char *serial, bool second)
{
	const char *serials[] = { serial, NULL };
	char cert[600], key[600], lists[600];
	struct pp_pki_revocation of[] = {
		{ f->ca_cert, f->ca_key, serial ? serials : NULL },
		{ in(f, "post.pem", cert), in(f, "post.key", key), NULL },
	};

	return pp_pki_revoke(in(f, "lists.pem", lists), of, second ? 2 : 1);
}

static void a_list_grows_and_those_of_others_stay(void **state)
{
	const struct fixture *f = *state;
	char path[600], lists[600], serial[PP_PKI_SERIAL_SIZE];
	struct pp_pki_lists facts;

	second_make(f, "PosPin service CA"); /* called alike: the key tells them apart */
	issue(f, &broker, "broker");
	issue(f, &service, "client");
	assert_int_equal(lists_grow(f, NULL, true), 0);
	assert_int_equal(pp_pki_serial(in(f, "client.pem", path), serial), 0);
	assert_int_equal(pp_pki_is_revoked(in(f, "lists.pem", lists), f->ca_cert, serial), 0);
	must(f, "cat ca.pem post.pem >both.pem && cp lists.pem before.pem");
	must(f, "openssl verify -crl_check -CRLfile lists.pem -CAfile both.pem client.pem");
	assert_int_equal(lists_grow(f, serial, false), 1);
	assert_int_equal(pp_pki_is_revoked(lists, f->ca_cert, serial), 1);
	assert_int_equal(pp_pki_is_revoked(lists, in(f, "post.pem", path), serial), 0);
	must_not(f, "openssl verify -crl_check -CRLfile lists.pem -CAfile both.pem client.pem");
	must(f, "openssl verify -crl_check -CRLfile lists.pem -CAfile both.pem broker.pem");
	assert_int_equal(lists_grow(f, serial, true), 0); /* once more: it is there */
	assert_int_equal(lists_grow(f, "00ff", true), 1);
	assert_int_equal(pp_pki_lists(lists, &facts), 0);
	assert_int_equal(facts.lists, 2);
	assert_int_equal(facts.revoked, 2);
	assert_int_equal(pp_pki_forget(lists, in(f, "post.pem", path)), 1);
	assert_int_equal(pp_pki_forget(lists, path), 0);
	assert_int_equal(pp_pki_forget(lists, f->ca_cert), -EBADMSG); /* never the last */
	assert_int_equal(pp_pki_is_revoked(lists, f->ca_cert, serial), 1);
	assert_int_equal(pp_pki_lists(lists, &facts), 0);
	assert_int_equal(facts.lists, 1);
	assert_true(facts.until_s > time(NULL) + 3650LL * 86400);
	assert_true(facts.from_s < time(NULL));
}

/* A broker that holds both lists takes the later one; of two of the same second the first. */
static void a_new_list_is_later_than_the_one_before(void **state)
{
	const struct fixture *f = *state;
	struct pp_pki_lists before, after;
	char lists[600];

	in(f, "lists.pem", lists);
	assert_int_equal(lists_grow(f, NULL, false), 0);
	assert_int_equal(pp_pki_lists(lists, &before), 0);
	for (int i = 0; i < 3; i++) {
		must(f, "openssl crl -in lists.pem -noout -crlnumber | cut -d= -f2 >number");
		assert_int_equal(lists_grow(f, NULL, false), 0);
		assert_int_equal(pp_pki_lists(lists, &after), 0);
		assert_true(after.from_s > before.from_s);
		must(f, "test $(($(openssl crl -in lists.pem -noout -crlnumber | cut -d= -f2))) "
			"-gt $(($(cat number)))");
		before = after;
	}
}

/* Whether the clock of now is behind, or that of then was ahead: the list must hold in both. */
static void a_list_of_a_wrong_clock_does_not_lock_everybody_out(void **state)
{
	const struct fixture *f = *state;
	struct pp_pki_lists facts;
	char lists[600];

	must(f, "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=db\\ncrlnumber=n\\n"
		"default_md=default\\ncrl_extensions=x\\n[x]\\nauthorityKeyIdentifier="
		"keyid:always\\n' >cnf; : >db; echo 0A >n");
	must(f, "openssl ca -gencrl -config cnf -cert ca.pem -keyfile ca.key -crl_lastupdate "
		"20900101000000Z -crl_nextupdate 21000101000000Z -out lists.pem");
	assert_int_equal(lists_grow(f, NULL, false), 0);
	assert_int_equal(pp_pki_lists(in(f, "lists.pem", lists), &facts), 0);
	assert_true(facts.from_s < time(NULL));
	assert_true(facts.until_s > 4102444800 - 86400); /* 2100 */
}

static void lists_that_cannot_be_read_are_not_replaced(void **state)
{
	const struct fixture *f = *state;
	char lists[600];
	struct pp_pki_lists facts;

	in(f, "lists.pem", lists);
	must(f, "echo nothing >lists.pem");
	assert_int_equal(lists_grow(f, "01", false), -EBADMSG);
	assert_int_equal(pp_pki_lists(lists, &facts), -EBADMSG);
	must(f, "grep -qx nothing lists.pem && rm lists.pem");
	assert_int_equal(lists_grow(f, "01", false), 1);
	must(f, "cp lists.pem before");
	assert_int_equal(lists_grow(f, "no hex", false), -EINVAL);
	must(f, "cmp lists.pem before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_revoked_certificate_is_refused_and_the_others_are_not),
		IN_A_FOLDER(a_serial_that_is_not_hex_makes_no_list),
		IN_A_FOLDER(a_list_grows_and_those_of_others_stay),
		IN_A_FOLDER(a_new_list_is_later_than_the_one_before),
		IN_A_FOLDER(a_list_of_a_wrong_clock_does_not_lock_everybody_out),
		IN_A_FOLDER(lists_that_cannot_be_read_are_not_replaced),
		IN_A_FOLDER(the_lists_of_both_authorities_serve_in_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
