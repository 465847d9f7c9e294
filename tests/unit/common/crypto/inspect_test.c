/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_test.c -- what certificates and lists of our own making are seen to say. */
#include "crypto/inspect.h"

#include <errno.h>
#include <time.h>

#include "crypto/sign.h"
#include "pki_fixture.h"

static void a_certificate_says_its_name_its_use_and_its_end(void **state)
{
	const struct fixture *f = *state;
	static const struct pp_pki_request ninety = {
		.usage = PP_PKI_CLIENT, .common_name = "kendal/boja-01", .days = 90
	};
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	struct pp_cert_facts facts;
	struct pp_key *key;
	char path[600];

	issue(f, &broker, "broker");
	assert_int_equal(pp_cert_inspect(in(f, "broker.pem", path), &facts), 0);
	assert_string_equal(facts.name, "broker");
	assert_string_equal(facts.issuer, "PosPin service CA");
	assert_true(facts.server && !facts.client && !facts.authority && facts.ed25519);
	assert_int_equal(facts.from_s, 0);
	assert_int_equal(facts.to_s, 253402300799);
	assert_int_equal(pp_cert_inspect(f->ca_cert, &facts), 0);
	assert_true(facts.authority);

	issue(f, &ninety, "post");
	assert_int_equal(pp_cert_inspect(in(f, "post.pem", path), &facts), 0);
	assert_true(facts.client && !facts.server);
	assert_in_range(facts.to_s - time(NULL), 89 * 86400, 90 * 86400);
	assert_int_equal(pp_key_load(in(f, "post.key", path), &key), 0);
	pp_key_public(key, public);
	pp_key_free(key);
	assert_memory_equal(public, facts.key, sizeof(public));
}

static void an_issuer_is_known_by_its_signature_not_by_its_name(void **state)
{
	const struct fixture *f = *state;
	static const struct pp_pki_request twin = {
		.usage = PP_PKI_AUTHORITY, .common_name = "PosPin service CA", .forever = true
	};
	char path[600], other[600], key[600];

	issue(f, &broker, "broker");
	in(f, "twin.pem", other);
	assert_int_equal(pp_pki_make_authority(&twin, other, in(f, "twin.key", key)), 0);
	in(f, "broker.pem", path);
	assert_int_equal(pp_cert_is_issued_by(path, f->ca_cert), 1);
	assert_int_equal(pp_cert_is_issued_by(path, other), 0);
	/* While one is being replaced there are two in the file. */
	must(f, "cat twin.pem ca.pem >both.pem");
	assert_int_equal(pp_cert_is_issued_by(path, in(f, "both.pem", key)), 1);
}

static void a_broker_is_asked_for_its_names(void **state)
{
	const struct fixture *f = *state;
	char path[600];

	issue(f, &broker, "broker");
	in(f, "broker.pem", path);
	assert_int_equal(pp_cert_names_host(path, "localhost"), 1);
	assert_int_equal(pp_cert_names_host(path, "127.0.0.1"), 1);
	assert_int_equal(pp_cert_names_host(path, "::1"), 1);
	assert_int_equal(pp_cert_names_host(path, "elsewhere"), 0);
	assert_int_equal(pp_cert_names_host(path, "127.0.0.2"), 0);
}

static void a_list_says_whose_it_is_until_when_and_whom_it_holds(void **state)
{
	const struct fixture *f = *state;
	char serial[PP_PKI_SERIAL_SIZE], path[600], list[600];
	const char *serials[] = { serial, NULL };
	struct pp_crl_facts facts[4];
	size_t count = 0;

	issue(f, &service, "one");
	issue(f, &service, "two");
	assert_int_equal(pp_pki_serial(in(f, "one.pem", path), serial), 0);
	in(f, "list.pem", list);
	assert_int_equal(pp_pki_make_crl(f->ca_cert, f->ca_key, serials, list), 0);
	assert_int_equal(pp_crl_inspect(list, 4, facts, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(facts[0].issuer, "PosPin service CA");
	assert_int_equal(facts[0].revoked, 1);
	assert_true(facts[0].next_s > time(NULL) + 3600LL * 86400);
	assert_int_equal(pp_crl_holds(list, path), 1);
	assert_int_equal(pp_crl_holds(list, in(f, "two.pem", path)), 0);
	must(f, "cat list.pem list.pem list.pem >three.pem");
	assert_int_equal(pp_crl_inspect(in(f, "three.pem", path), 4, facts, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(pp_crl_inspect(path, 2, facts, &count), 0);
	assert_int_equal(count, 2);
}

static void what_is_none_of_these_is_refused(void **state)
{
	const struct fixture *f = *state;
	struct pp_cert_facts facts;
	struct pp_crl_facts lists[1];
	char path[600];
	size_t count;

	must(f, "echo nothing >text");
	assert_int_equal(pp_cert_inspect(in(f, "text", path), &facts), -EBADMSG);
	assert_int_equal(pp_crl_inspect(path, 1, lists, &count), -EBADMSG);
	assert_int_equal(pp_crl_inspect(f->ca_cert, 1, lists, &count), -EBADMSG);
	assert_int_equal(pp_cert_inspect(in(f, "absent", path), &facts), -ENOENT);
	assert_int_equal(pp_cert_is_issued_by(path, f->ca_cert), -ENOENT);
	assert_int_equal(pp_cert_names_host(path, "x"), -ENOENT);
	assert_int_equal(pp_crl_holds(path, f->ca_cert), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_certificate_says_its_name_its_use_and_its_end),
		IN_A_FOLDER(an_issuer_is_known_by_its_signature_not_by_its_name),
		IN_A_FOLDER(a_broker_is_asked_for_its_names),
		IN_A_FOLDER(a_list_says_whose_it_is_until_when_and_whom_it_holds),
		IN_A_FOLDER(what_is_none_of_these_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
