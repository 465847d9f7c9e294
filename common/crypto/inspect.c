/* SPDX-License-Identifier: Apache-2.0 */
/* inspect.c -- reading certificates and revocation lists by OpenSSL. */
#include "crypto/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "authority.h"
#include "core/file.h"

#define LISTS_SIZE (16u << 20)
#define AUTHORITIES_MAX 65536

static void name_take(const X509_NAME *name, char ret_name[PP_PKI_NAME_SIZE])
{
	if (pp_common_name_read(name, ret_name) < 0)
		ret_name[0] = '\0';
}

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : INT64_MAX;
}

int pp_cert_inspect(const char *path, struct pp_cert_facts *ret_facts)
{
	struct pp_cert_facts facts = { .name = "" };
	size_t size = sizeof(facts.key);
	X509 *cert = NULL;
	EVP_PKEY *key;
	uint32_t usage;
	int r = pp_pem_read_certificate(path, &cert);

	if (r < 0)
		return r;
	name_take(X509_get_subject_name(cert), facts.name);
	name_take(X509_get_issuer_name(cert), facts.issuer);
	facts.from_s = seconds_of(X509_get0_notBefore(cert));
	facts.to_s = seconds_of(X509_get0_notAfter(cert));
	facts.authority = X509_check_ca(cert) == 1;
	usage = X509_get_extended_key_usage(cert); /* all bits where there is no such extension */
	facts.client = usage & XKU_SSL_CLIENT;
	facts.server = usage & XKU_SSL_SERVER;
	key = X509_get0_pubkey(cert);
	facts.ed25519 = key && EVP_PKEY_is_a(key, PP_KEY_TYPE) &&
			EVP_PKEY_get_raw_public_key(key, facts.key, &size) == 1;
	X509_free(cert);
	ERR_clear_error();
	*ret_facts = facts;
	return 0;
}

/* By any authority in the text: while one is being replaced there are two. -EBADMSG: none at all.
 */
static int issuer_find(X509 *cert, const char *text, size_t length)
{
	BIO *bio = BIO_new_mem_buf(text, (int)length);
	int r = bio ? -EBADMSG : -ENOMEM;
	X509 *authority;

	while (bio && r != 1 && (authority = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		r = X509_check_issued(authority, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(authority)) == 1;
		X509_free(authority);
	}
	BIO_free(bio);
	return r;
}

int pp_cert_is_issued_by(const char *path, const char *authority_path)
{
	X509 *cert = NULL;
	size_t length;
	char *text;
	int r = pp_pem_read_certificate(path, &cert);

	if (r < 0)
		return r;
	r = pp_file_read(authority_path, AUTHORITIES_MAX, &text, &length);
	if (r == 0) {
		r = issuer_find(cert, text, length);
		free(text);
	}
	X509_free(cert);
	ERR_clear_error();
	return r;
}

int pp_cert_names_host(const char *path, const char *host)
{
	X509 *cert = NULL;
	int r = pp_pem_read_certificate(path, &cert);

	if (r == 0)
		r = X509_check_ip_asc(cert, host, 0) == 1 ||
		    X509_check_host(cert, host, 0, 0, NULL) == 1;
	X509_free(cert);
	ERR_clear_error();
	return r;
}

/* ---- revocation lists ---- */

typedef int list_fn(void *user, X509_CRL *list); /* not 0: enough */

static int lists_walk(const char *path, list_fn *fn, void *user)
{
	X509_CRL *list;
	char *text;
	size_t length;
	BIO *bio;
	int r = pp_file_read(path, LISTS_SIZE, &text, &length), count = 0;

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(text, (int)length);
	while (bio && r == 0 && (list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))) {
		count++;
		r = fn(user, list);
		X509_CRL_free(list);
	}
	if (!bio)
		r = -ENOMEM;
	else if (count == 0)
		r = -EBADMSG;
	BIO_free(bio);
	free(text);
	ERR_clear_error();
	return r;
}

struct taking {
	size_t size, count;
	struct pp_crl_facts *facts;
};

static int list_take(void *user, X509_CRL *list)
{
	struct taking *t = user;
	struct pp_crl_facts *facts = &t->facts[t->count];
	STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(list);

	if (t->count == t->size)
		return 1;
	name_take(X509_CRL_get_issuer(list), facts->issuer);
	facts->next_s = seconds_of(X509_CRL_get0_nextUpdate(list));
	facts->revoked = revoked ? (size_t)sk_X509_REVOKED_num(revoked) : 0;
	t->count++;
	return 0;
}

int pp_crl_inspect(const char *path, size_t size, struct pp_crl_facts *ret_facts, size_t *ret_count)
{
	struct taking t = { size, 0, ret_facts };
	int r = lists_walk(path, list_take, &t);

	if (r < 0)
		return r;
	*ret_count = t.count;
	return 0;
}

static int list_holds(void *user, X509_CRL *list)
{
	X509 *cert = user;
	X509_REVOKED *revoked = NULL;

	return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_issuer_name(cert)) == 0 &&
	       X509_CRL_get0_by_cert(list, &revoked, cert) == 1;
}

int pp_crl_holds(const char *path, const char *cert_path)
{
	X509 *cert = NULL;
	int r = pp_pem_read_certificate(cert_path, &cert);

	if (r == 0)
		r = lists_walk(path, list_holds, cert);
	X509_free(cert);
	return r;
}
