/* SPDX-License-Identifier: Apache-2.0 */
/* revocation_test.c -- revocation lists, judged by the openssl program. */
#include "crypto/pki.h"

#include "pki_fixture.h"

#include <errno.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_revoked_certificate_is_refused_and_the_others_are_not),
		IN_A_FOLDER(a_serial_that_is_not_hex_makes_no_list),
		IN_A_FOLDER(the_lists_of_both_authorities_serve_in_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
