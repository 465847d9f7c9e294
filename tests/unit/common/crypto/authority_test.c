/* SPDX-License-Identifier: Apache-2.0 */
/* authority_test.c -- an authority is a certificate and its own key, or nothing is signed. */
#include "crypto/pki.h"

#include "pki_fixture.h"

#include <errno.h>

#include "authority.h"

static void an_authority_loads_with_its_own_key(void **state)
{
	const struct fixture *f = *state;
	struct pp_authority ca = { NULL, NULL };

	assert_int_equal(pp_authority_load(f->ca_cert, f->ca_key, &ca), 0);
	assert_non_null(ca.cert);
	assert_non_null(ca.key);
	pp_authority_done(&ca);
}

static void an_authority_with_a_foreign_key_signs_nothing(void **state)
{
	const struct fixture *f = *state;
	char other[600], cert[600], key[600];
	struct pp_authority ca = { NULL, NULL };
	struct pp_key *foreign = NULL;

	in(f, "x.pem", cert);
	in(f, "x.key", key);
	assert_int_equal(pp_key_new(&foreign), 0);
	assert_int_equal(pp_key_save(foreign, in(f, "foreign.key", other)), 0);
	assert_int_equal(pp_authority_load(f->ca_cert, other, &ca), -EINVAL);
	assert_null(ca.cert);
	assert_int_equal(pp_pki_issue(f->ca_cert, other, &service, cert, key), -EINVAL);
	assert_int_equal(pp_pki_make_crl(f->ca_cert, other, NULL, cert), -EINVAL);
	must(f, "test ! -e x.pem && test ! -e x.key");
	pp_key_free(foreign);
}

static void files_that_hold_something_else_are_refused(void **state)
{
	const struct fixture *f = *state;
	struct pp_authority ca;
	X509_REQ *request = NULL;
	char path[600];

	assert_int_equal(pp_authority_load(f->ca_key, f->ca_key, &ca), -EBADMSG);
	assert_int_equal(pp_authority_load(f->ca_cert, f->ca_cert, &ca), -EINVAL);
	assert_int_equal(pp_authority_load(in(f, "none", path), f->ca_key, &ca), -ENOENT);
	assert_int_equal(pp_authority_load(f->ca_cert, path, &ca), -ENOENT);
	assert_int_equal(pp_pem_read_request(f->ca_cert, &request), -EBADMSG);
	must(f, "head -c 70000 /dev/zero >none");
	assert_int_equal(pp_authority_load(path, f->ca_key, &ca), -EBADMSG);
	assert_null(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(an_authority_loads_with_its_own_key),
		IN_A_FOLDER(an_authority_with_a_foreign_key_signs_nothing),
		IN_A_FOLDER(files_that_hold_something_else_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
