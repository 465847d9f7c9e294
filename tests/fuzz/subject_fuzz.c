/* SPDX-License-Identifier: Apache-2.0 */
/* subject_fuzz.c -- names in certificates and requests: what is read of one is a plain name that
 * stands in its bytes, whole; and a certificate is made only for the key that signed the request,
 * under the registry's name. The first byte says what the rest is: a request, a certificate, a
 * revocation list (all DER), or a name to be enrolled. */
#include "fuzz.h"

#include <errno.h>
#include <unistd.h>

#include "crypto/inspect.h"
#include "ledger/registrar.h"
#include "protocol/topic.h"

static char ca_cert[256], ca_key[256], file[256], made[256];

static void set_up(void)
{
	const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = "post CA", .forever = true
	};

	if (ca_cert[0])
		return;
	(void)fuzz_path("ca.pem", ca_cert);
	(void)fuzz_path("ca.key", ca_key);
	(void)fuzz_path("given.pem", file);
	(void)fuzz_path("made.pem", made);
	MUST_HOLD(pp_pki_make_authority(&request, ca_cert, ca_key) == 0);
}

static void pem_write(const char *label, const struct fuzz_input *in)
{
	char *base64 = malloc(4 * ((in->left + 2) / 3) + 1);
	FILE *f = fopen(file, "w");

	MUST_HOLD(base64 && f);
	pp_base64(in->at, in->left, base64);
	fprintf(f, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < strlen(base64); i += 64)
		fprintf(f, "%.64s\n", base64 + i);
	fprintf(f, "-----END %s-----\n", label);
	fclose(f);
	free(base64);
}

static void name_check(const char *name, const struct fuzz_input *in)
{
	for (const char *p = name; *p; p++)
		MUST_HOLD(*p >= ' ' && *p <= '~');
	MUST_HOLD(strlen(name) < PP_PKI_NAME_SIZE);
	MUST_HOLD(!name[0] || memmem(in->at, in->left, name, strlen(name)));
}

static void request_check(const struct fuzz_input *in)
{
	const struct pp_pki_request request = {
		.usage = PP_PKI_CLIENT, .common_name = "kendal/boja-01", .days = 100
	};
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	char name[PP_PKI_NAME_SIZE];
	struct pp_pki_facts facts;
	int r;

	pem_write("CERTIFICATE REQUEST", in);
	FUZZ_FILL(name);
	if (pp_pki_request_name(file, name) < 0)
		MUST_HOLD(FUZZ_UNTOUCHED(name));
	else
		name_check(name, in);
	FUZZ_FILL(public);
	r = pp_pki_sign_request(ca_cert, ca_key, file, &request, made, public);
	if (r < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(public) && access(made, F_OK) < 0);
		return;
	}
	MUST_HOLD(memmem(in->at, in->left, public, sizeof(public)));
	MUST_HOLD(pp_pki_facts(made, &facts) == 0);
	MUST_HOLD(strcmp(facts.common_name, "kendal/boja-01") == 0);
	MUST_HOLD(memcmp(facts.public, public, sizeof(public)) == 0);
	MUST_HOLD(unlink(made) == 0);
}

static void certificate_check(const struct fuzz_input *in)
{
	struct pp_cert_facts seen;
	struct pp_pki_facts facts;

	pem_write("CERTIFICATE", in);
	FUZZ_FILL(facts);
	if (pp_pki_facts(file, &facts) < 0)
		MUST_HOLD(FUZZ_UNTOUCHED(facts));
	else
		name_check(facts.common_name, in);
	FUZZ_FILL(seen);
	if (pp_cert_inspect(file, &seen) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(seen));
		return;
	}
	name_check(seen.name, in);
	name_check(seen.issuer, in);
	MUST_HOLD(pp_pki_is_issued_by(file, ca_cert) <= 0);
	(void)pp_cert_names_host(file, "broker.kendal.test");
}

static void list_check(const struct fuzz_input *in)
{
	struct pp_crl_facts lists[4];
	struct pp_pki_lists all;
	size_t count = 0;

	pem_write("X509 CRL", in);
	if (pp_crl_inspect(file, 4, lists, &count) == 0)
		for (size_t i = 0; i < count && i < 4; i++)
			name_check(lists[i].issuer, in);
	(void)pp_pki_lists(file, &all);
	MUST_HOLD(pp_pki_is_revoked(file, ca_cert, "01") <= 0);
}

static bool slug_is_fine(const char *text, size_t max)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && length <= max && text[length] == '\0' && text[0] != '-' &&
	       strncmp(text, "svc-", 4) != 0;
}

static void enrolment_check(struct fuzz_input *in)
{
	char tenant[80], post[80];
	const char *why = NULL;
	int r;

	(void)fuzz_text(in, '/', tenant, sizeof(tenant));
	(void)fuzz_text(in, '\n', post, sizeof(post));
	r = pp_enrolment_check(tenant, post, &why);
	MUST_HOLD((r == 0) == (slug_is_fine(tenant, 20) && slug_is_fine(post, 40)));
	MUST_HOLD((r < 0) == (why != NULL));
	MUST_HOLD(r < 0 || (pp_tenant_check(tenant) == 0 && pp_post_check(post) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	set_up();
	switch (fuzz_byte(&in) % 4) {
	case 0:
		request_check(&in);
		break;
	case 1:
		certificate_check(&in);
		break;
	case 2:
		list_check(&in);
		break;
	default:
		enrolment_check(&in);
		break;
	}
	return 0;
}
