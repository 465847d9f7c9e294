/* SPDX-License-Identifier: Apache-2.0 */
/* pki_test.c -- what pki.c writes, judged by the openssl program: chains, purposes, names, dates,
 * revocation. */
#include "crypto/pki.h"

#include "pki_fixture.h"

#include <errno.h>
#include <time.h>

static void an_authority_signs_certificates_and_lists_and_nothing_below_it(void **state)
{
	const struct fixture *f = *state;

	must(f, "openssl verify -x509_strict -CAfile ca.pem ca.pem");
	must(f, "openssl x509 -in ca.pem -noout -text");
	must(f, "openssl x509 -in ca.pem -noout -text | grep -q 'CA:TRUE, pathlen:0'");
	must(f, "openssl x509 -in ca.pem -noout -ext keyUsage | grep -q 'Certificate Sign, CRL "
		"Sign'");
	must(f, "openssl x509 -in ca.pem -noout -text | grep -c ED25519 | grep -qx 4");
	must(f, "test $(openssl x509 -in ca.pem -noout -text | grep -c 'Key Identifier') = 2");
	must(f, "test $(stat -c %a ca.key) = 600 && test $(stat -c %a ca.pem) = 644");
}

static void a_server_certificate_serves_its_names_and_is_no_client(void **state)
{
	const struct fixture *f = *state;

	issue(f, &broker, "broker");
	must(f, "openssl verify -x509_strict -purpose sslserver -CAfile ca.pem broker.pem");
	must(f, "openssl verify -purpose sslserver -verify_hostname localhost -CAfile ca.pem "
		"broker.pem");
	must(f, "openssl verify -verify_hostname broker.kendal.test -CAfile ca.pem broker.pem");
	must(f, "openssl verify -verify_ip 127.0.0.1 -CAfile ca.pem broker.pem");
	must(f, "openssl verify -verify_ip ::1 -CAfile ca.pem broker.pem");
	must_not(f, "openssl verify -verify_hostname other.test -CAfile ca.pem broker.pem");
	must_not(f, "openssl verify -verify_ip 127.0.0.2 -CAfile ca.pem broker.pem");
	must_not(f, "openssl verify -purpose sslclient -CAfile ca.pem broker.pem");
	must(f, "test $(stat -c %a broker.key) = 600");
	must(f, "openssl pkey -in broker.key -noout -text | grep -q ED25519");
}

static void a_client_certificate_is_no_server(void **state)
{
	const struct fixture *f = *state;

	issue(f, &service, "client");
	must(f, "openssl verify -x509_strict -purpose sslclient -CAfile ca.pem client.pem");
	must_not(f, "openssl verify -purpose sslserver -CAfile ca.pem client.pem");
	must(f, "openssl x509 -in client.pem -noout -subject -nameopt RFC2253 | "
		"grep -qx 'subject=CN=kendal/svc-server'");
	must_not(f, "openssl x509 -in client.pem -noout -ext subjectAltName | grep -q DNS");
}

static void a_certificate_for_ever_is_valid_in_1970_and_in_9999(void **state)
{
	const struct fixture *f = *state;

	issue(f, &broker, "broker");
	must(f, "openssl verify -attime 1 -CAfile ca.pem broker.pem");
	must(f, "openssl verify -attime 4070908800 -CAfile ca.pem broker.pem");
	must(f, "openssl verify -attime 253402300798 -CAfile ca.pem broker.pem");
	must(f, "openssl x509 -in broker.pem -noout -startdate -enddate | "
		"grep -A1 -x 'notBefore=Jan  1 00:00:00 1970 GMT' | "
		"grep -qx 'notAfter=Dec 31 23:59:59 9999 GMT'");
}

static void a_post_certificate_expires(void **state)
{
	static const struct pp_pki_request request = {
		.usage = PP_PKI_CLIENT, .common_name = "kendal/boja-bebengan-03", .days = 30
	};
	const struct fixture *f = *state;

	issue(f, &request, "post");
	must(f, "openssl verify -CAfile ca.pem post.pem");
	must(f, "openssl x509 -in post.pem -noout -checkend $((29 * 86400))");
	must_not(f, "openssl x509 -in post.pem -noout -checkend $((31 * 86400))");
	must_not(f, "openssl verify -attime 1 -CAfile ca.pem post.pem");
}

static void a_request_gives_its_key_and_the_registry_gives_the_name(void **state)
{
	static const struct pp_pki_request request = {
		.usage = PP_PKI_CLIENT, .common_name = "kendal/boja-bebengan-03", .days = 30
	};
	const struct fixture *f = *state;
	uint8_t public[PP_PUBLIC_KEY_SIZE], want[PP_PUBLIC_KEY_SIZE];
	char path[600], cert[600], name[PP_PKI_NAME_SIZE];
	struct pp_key *key = NULL;

	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_pki_make_request(key, "kendal/svc-server", in(f, "post.csr", path)), 0);
	must(f, "openssl req -in post.csr -noout -verify");
	assert_int_equal(pp_pki_request_name(path, name), 0);
	assert_string_equal(name, "kendal/svc-server");
	for (int renewal = 0; renewal < 2; renewal++)
		assert_int_equal(pp_pki_sign_request(f->ca_cert, f->ca_key, path, &request,
					 in(f, "post.pem", cert), public),
			0);
	pp_key_public(key, want);
	assert_memory_equal(public, want, sizeof(want));
	must(f, "openssl verify -x509_strict -purpose sslclient -CAfile ca.pem post.pem");
	must(f, "openssl x509 -in post.pem -noout -subject -nameopt RFC2253 | "
		"grep -qx 'subject=CN=kendal/boja-bebengan-03'");
	assert_int_equal(pp_key_save(key, in(f, "post.key", path)), 0);
	must(f, "openssl pkey -in post.key -pubout -out a && "
		"openssl x509 -in post.pem -pubkey -noout -out b && cmp a b");
	pp_key_free(key);
}

static void a_request_that_its_key_did_not_sign_is_refused(void **state)
{
	const struct fixture *f = *state;
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	char csr[600], cert[600], path[600];
	struct pp_key *key = NULL;

	in(f, "bad.csr", csr);
	in(f, "bad.pem", cert);
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_pki_make_request(key, "kendal/boja", in(f, "good.csr", path)), 0);
	/* One bit of the signature, which ends the request. */
	must(f, "openssl req -in good.csr -outform DER -out der && head -c -1 der >bad && "
		"tail -c 1 der | tr '\\000-\\377' '\\001-\\377\\000' >>bad && "
		"openssl req -inform DER -in bad -out bad.csr");
	assert_int_equal(pp_pki_sign_request(f->ca_cert, f->ca_key, csr, &service, cert, public),
		-EKEYREJECTED);
	must(f, "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key && "
		"openssl req -new -key ec.key -subj /CN=kendal -out bad.csr");
	assert_int_equal(pp_pki_sign_request(f->ca_cert, f->ca_key, csr, &service, cert, public),
		-EKEYREJECTED);
	must(f, "echo no request >bad.csr");
	assert_int_equal(
		pp_pki_sign_request(f->ca_cert, f->ca_key, csr, &service, cert, public), -EBADMSG);
	must(f, "rm bad.csr");
	assert_int_equal(
		pp_pki_sign_request(f->ca_cert, f->ca_key, csr, &service, cert, public), -ENOENT);
	must(f, "test ! -e bad.pem");
	pp_key_free(key);
}

static void nothing_is_ever_overwritten(void **state)
{
	static const struct pp_pki_request again = {
		.usage = PP_PKI_AUTHORITY, .common_name = "again", .forever = true
	};
	const struct fixture *f = *state;
	char cert[600], key[600];

	in(f, "new.pem", cert);
	in(f, "new.key", key);
	must(f, "cp ca.key was");
	assert_int_equal(pp_pki_make_authority(&again, f->ca_cert, key), -EEXIST);
	assert_int_equal(pp_pki_make_authority(&again, cert, f->ca_key), -EEXIST);
	assert_int_equal(pp_pki_issue(f->ca_cert, f->ca_key, &service, cert, f->ca_key), -EEXIST);
	must(f, "cmp ca.key was && test ! -e new.pem && test ! -e new.key");
	/* The certificate cannot be written: the key does not stay behind. */
	assert_int_equal(
		pp_pki_issue(f->ca_cert, f->ca_key, &service, "/nonexistent/x.pem", key), -ENOENT);
	must(f, "test ! -e new.key");
}

static void requests_out_of_bounds_are_refused(void **state)
{
	static const char *const with_comma[] = { "localhost,DNS:evil", NULL };
	static const char *const with_nothing[] = { "", NULL };
	static const struct pp_pki_request rows[] = {
		{ .usage = PP_PKI_CLIENT, .common_name = "", .forever = true },
		{ .usage = PP_PKI_CLIENT, .common_name = "a\nb", .forever = true },
		{ .usage = PP_PKI_CLIENT,
			.common_name =
				"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefg",
			.forever = true },
		{ .usage = PP_PKI_CLIENT, .common_name = "a", .days = 0 },
		{ .usage = PP_PKI_CLIENT, .common_name = "a", .days = 36501 },
		{ .usage = PP_PKI_SERVER, .common_name = "a", .days = 1, .names = with_comma },
		{ .usage = PP_PKI_SERVER, .common_name = "a", .days = 1, .names = with_nothing },
	};
	const struct fixture *f = *state;
	char cert[600], key[600];

	in(f, "x.pem", cert);
	in(f, "x.key", key);
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_int_equal(pp_pki_issue(f->ca_cert, f->ca_key, &rows[i], cert, key), -EINVAL);
	must(f, "test ! -e x.pem && test ! -e x.key");
}

static void serials_are_128_random_bits(void **state)
{
	const struct fixture *f = *state;
	char path[600], a[PP_PKI_SERIAL_SIZE], b[PP_PKI_SERIAL_SIZE];

	issue(f, &broker, "broker");
	issue(f, &service, "client");
	assert_int_equal(pp_pki_serial(in(f, "client.pem", path), a), 0);
	assert_int_equal(pp_pki_serial(in(f, "broker.pem", path), b), 0);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strlen(b), 32);
	assert_string_not_equal(a, b);
	assert_int_equal(pp_pki_serial(f->ca_key, a), -EBADMSG);
}

static void a_certificate_says_name_serial_key_and_end(void **state)
{
	static const struct pp_pki_request short_lived = {
		.usage = PP_PKI_CLIENT, .common_name = "kendal/boja-01", .days = 30
	};
	const struct fixture *f = *state;
	char path[600], serial[PP_PKI_SERIAL_SIZE];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_pki_facts facts;
	struct pp_key *key;

	issue(f, &short_lived, "post");
	assert_int_equal(pp_pki_facts(in(f, "post.pem", path), &facts), 0);
	assert_string_equal(facts.common_name, "kendal/boja-01");
	assert_int_equal(pp_pki_serial(path, serial), 0);
	assert_string_equal(facts.serial, serial);
	assert_true(facts.until_s > time(NULL) + 29 * 86400LL);
	assert_true(facts.until_s <= time(NULL) + 30 * 86400LL);
	assert_true(facts.from_s < time(NULL));
	assert_int_equal(pp_key_load(in(f, "post.key", path), &key), 0);
	pp_key_public(key, public);
	assert_memory_equal(facts.public, public, sizeof(public));
	pp_key_free(key);
	assert_int_equal(pp_pki_facts(path, &facts), -EBADMSG);
	issue(f, &service, "service");
	assert_int_equal(pp_pki_facts(in(f, "service.pem", path), &facts), 0);
	assert_true(facts.from_s == 0);
	assert_true(facts.until_s == 253402300799);
}

static void an_authority_knows_what_it_has_signed(void **state)
{
	static const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = "PosPin service CA", .forever = true
	};
	const struct fixture *f = *state;
	char path[600], other[600], key[600];

	issue(f, &service, "service");
	assert_int_equal(
		pp_pki_make_authority(&request, in(f, "o.pem", other), in(f, "o.key", key)), 0);
	assert_int_equal(pp_pki_is_issued_by(in(f, "service.pem", path), f->ca_cert), 1);
	assert_int_equal(pp_pki_is_issued_by(path, other), 0); /* of the same name */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_certificate_says_name_serial_key_and_end),
		IN_A_FOLDER(an_authority_knows_what_it_has_signed),
		IN_A_FOLDER(an_authority_signs_certificates_and_lists_and_nothing_below_it),
		IN_A_FOLDER(a_server_certificate_serves_its_names_and_is_no_client),
		IN_A_FOLDER(a_client_certificate_is_no_server),
		IN_A_FOLDER(a_certificate_for_ever_is_valid_in_1970_and_in_9999),
		IN_A_FOLDER(a_post_certificate_expires),
		IN_A_FOLDER(a_request_gives_its_key_and_the_registry_gives_the_name),
		IN_A_FOLDER(a_request_that_its_key_did_not_sign_is_refused),
		IN_A_FOLDER(nothing_is_ever_overwritten),
		IN_A_FOLDER(requests_out_of_bounds_are_refused),
		IN_A_FOLDER(serials_are_128_random_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
