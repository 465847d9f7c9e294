/* SPDX-License-Identifier: Apache-2.0 */
/* pki.c -- certificates and signing requests by OpenSSL, all Ed25519 (RFC 8410, 5280). */
#include "crypto/pki.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "authority.h"

#define SERIAL_BITS 128
#define DAYS_MAX 36500
/* ---- the parts of a certificate; false: no memory, or OpenSSL refused the value ---- */

static bool serial_set(X509 *cert)
{
	BIGNUM *n = BN_new();
	bool done = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));

	BN_free(n);
	return done;
}

static bool common_name_set(X509_NAME *name, const char *common_name)
{
	return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		       (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool validity_set(X509 *cert, const struct pp_pki_request *request)
{
	ASN1_TIME *from = X509_getm_notBefore(cert);
	ASN1_TIME *to = X509_getm_notAfter(cert);

	if (request->forever)
		return ASN1_TIME_set_string_X509(from, "19700101000000Z") == 1 &&
		       ASN1_TIME_set_string_X509(to, "99991231235959Z") == 1;
	return X509_gmtime_adj(from, PP_PKI_BACKDATE_SECONDS) &&
	       X509_time_adj_ex(to, (int)request->days, 0, NULL);
}

static bool extension_add(X509 *cert, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	bool done = extension && X509_add_ext(cert, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return done;
}

static bool extensions_add(X509 *cert, X509 *issuer, enum pp_pki_usage usage)
{
	static const struct {
		const char *constraints, *key_usage, *extended;
	} rows[] = {
		[PP_PKI_AUTHORITY] = { "critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign",
			NULL },
		[PP_PKI_SERVER] = { "critical,CA:FALSE", "critical,digitalSignature",
			"serverAuth" },
		[PP_PKI_CLIENT] = { "critical,CA:FALSE", "critical,digitalSignature",
			"clientAuth" },
	};
	const char *extended = rows[usage].extended;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	/* The subject's key id comes first: a self-signed authority refers to it as its issuer's.
	 */
	return extension_add(cert, &context, NID_subject_key_identifier, "hash") &&
	       extension_add(cert, &context, NID_authority_key_identifier, "keyid:always") &&
	       extension_add(cert, &context, NID_basic_constraints, rows[usage].constraints) &&
	       extension_add(cert, &context, NID_key_usage, rows[usage].key_usage) &&
	       (!extended || extension_add(cert, &context, NID_ext_key_usage, extended));
}

/* An IP address or else a DNS name. */
static GENERAL_NAME *general_name(const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
	ASN1_IA5STRING *dns = address ? NULL : ASN1_IA5STRING_new();

	if (name && address) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
		return name;
	}
	if (name && dns && ASN1_STRING_set(dns, text, -1) == 1) {
		GENERAL_NAME_set0_value(name, GEN_DNS, dns);
		return name;
	}
	GENERAL_NAME_free(name);
	ASN1_OCTET_STRING_free(address);
	ASN1_IA5STRING_free(dns);
	return NULL;
}

static bool names_add(X509 *cert, const char *const *names)
{
	GENERAL_NAMES *list = GENERAL_NAMES_new();
	bool done = list != NULL;

	for (size_t i = 0; done && names[i]; i++) {
		GENERAL_NAME *name = general_name(names[i]);

		done = name && sk_GENERAL_NAME_push(list, name) > 0;
		if (!done)
			GENERAL_NAME_free(name);
	}
	done = done &&
	       X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(list);
	return done;
}

/* ---- certificates ---- */

static int request_check(const struct pp_pki_request *request)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:*";

	if (!pp_common_name_fits(request->common_name))
		return -EINVAL;
	if (!request->forever && (request->days < 1 || request->days > DAYS_MAX))
		return -EINVAL;
	for (size_t i = 0; request->names && request->names[i]; i++)
		if (!request->names[i][0] || request->names[i][strspn(request->names[i], allowed)])
			return -EINVAL;
	return 0;
}

/* ca->cert NULL: self-signed. The caller has checked the request; what fails here is memory. */
static int certificate_make(const struct pp_authority *ca, EVP_PKEY *subject_key,
	const struct pp_pki_request *request, X509 **ret_cert)
{
	X509 *cert = X509_new();
	X509 *issuer = ca->cert ? ca->cert : cert;
	bool with_names = request->usage == PP_PKI_SERVER && request->names && request->names[0];
	bool done = cert && X509_set_version(cert, X509_VERSION_3) == 1 && serial_set(cert) &&
		    common_name_set(X509_get_subject_name(cert), request->common_name) &&
		    X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
		    validity_set(cert, request) && X509_set_pubkey(cert, subject_key) == 1 &&
		    extensions_add(cert, issuer, request->usage) &&
		    (!with_names || names_add(cert, request->names)) &&
		    X509_sign(cert, ca->key->pkey, NULL) > 0;

	ERR_clear_error();
	if (!done) {
		X509_free(cert);
		return -ENOMEM;
	}
	*ret_cert = cert;
	return 0;
}

/* A new key with its certificate, signed by ca, or by itself when ca is NULL. */
static int pair_make(const struct pp_authority *ca, const struct pp_pki_request *request,
	const char *cert_path, const char *key_path)
{
	struct pp_key *key = NULL;
	X509 *cert = NULL;
	int error = pp_key_new(&key);

	if (error)
		return error;
	error = certificate_make(
		ca ? ca : &(struct pp_authority){ NULL, key }, key->pkey, request, &cert);
	if (!error)
		error = pp_key_save(key, key_path);
	if (!error) {
		error = pp_pem_write_certificate(cert_path, cert);
		if (error) /* a key alone would make the next attempt fail with -EEXIST */
			(void)unlink(key_path);
	}
	X509_free(cert);
	pp_key_free(key);
	return error;
}

static int pair_check(
	const struct pp_pki_request *request, const char *cert_path, const char *key_path)
{
	int error = request_check(request);

	if (error)
		return error;
	return access(cert_path, F_OK) == 0 || access(key_path, F_OK) == 0 ? -EEXIST : 0;
}

int pp_pki_make_authority(
	const struct pp_pki_request *request, const char *cert_path, const char *key_path)
{
	int error = pair_check(request, cert_path, key_path);

	assert(request->usage == PP_PKI_AUTHORITY);
	return error ? error : pair_make(NULL, request, cert_path, key_path);
}

int pp_pki_issue(const char *ca_cert, const char *ca_key, const struct pp_pki_request *request,
	const char *cert_path, const char *key_path)
{
	struct pp_authority ca;
	int error = pair_check(request, cert_path, key_path);

	/* pathlen 0: an authority below an authority would not be accepted by anybody. */
	assert(request->usage != PP_PKI_AUTHORITY);
	if (!error)
		error = pp_authority_load(ca_cert, ca_key, &ca);
	if (error)
		return error;
	error = pair_make(&ca, request, cert_path, key_path);
	pp_authority_done(&ca);
	return error;
}

/* ---- what certificates say ---- */

static int serial_read(const X509 *cert, char ret_hex[PP_PKI_SERIAL_SIZE])
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	int error = !hex ? -ENOMEM : strlen(hex) < PP_PKI_SERIAL_SIZE ? 0 : -EBADMSG;

	if (!error)
		memcpy(ret_hex, hex, strlen(hex) + 1);
	OPENSSL_free(hex);
	BN_free(n);
	return error;
}

int pp_pki_serial(const char *cert_path, char ret_hex[PP_PKI_SERIAL_SIZE])
{
	X509 *cert = NULL;
	int error = pp_pem_read_certificate(cert_path, &cert);

	if (error)
		return error;
	error = serial_read(cert, ret_hex);
	X509_free(cert);
	ERR_clear_error();
	return error;
}

int pp_pki_facts(const char *cert_path, struct pp_pki_facts *ret_facts)
{
	struct pp_pki_facts facts = { .from_s = 0 };
	size_t size = sizeof(facts.public);
	X509 *cert = NULL;
	EVP_PKEY *key;
	int error = pp_pem_read_certificate(cert_path, &cert);

	if (error)
		return error;
	key = X509_get0_pubkey(cert);
	error = pp_common_name_read(X509_get_subject_name(cert), facts.common_name);
	if (!error)
		error = serial_read(cert, facts.serial);
	if (!error && (!key || !EVP_PKEY_is_a(key, PP_KEY_TYPE) ||
			      EVP_PKEY_get_raw_public_key(key, facts.public, &size) != 1))
		error = -EINVAL;
	facts.from_s = pp_asn1_seconds(X509_get0_notBefore(cert));
	facts.until_s = pp_asn1_seconds(X509_get0_notAfter(cert));
	X509_free(cert);
	ERR_clear_error();
	if (!error)
		*ret_facts = facts;
	return error;
}

int pp_pki_is_issued_by(const char *cert_path, const char *ca_cert)
{
	X509 *cert = NULL, *ca = NULL;
	int r = pp_pem_read_certificate(cert_path, &cert);

	if (!r)
		r = pp_pem_read_certificate(ca_cert, &ca);
	if (!r)
		r = X509_check_issued(ca, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(ca)) == 1;
	X509_free(cert);
	X509_free(ca);
	ERR_clear_error();
	return r;
}

/* ---- signing requests ---- */

int pp_pki_make_request(const struct pp_key *key, const char *common_name, const char *request_path)
{
	X509_REQ *request;
	bool done;
	int error = -ENOMEM;

	if (!pp_common_name_fits(common_name))
		return -EINVAL;
	request = X509_REQ_new();
	done = request && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
	       common_name_set(X509_REQ_get_subject_name(request), common_name) &&
	       X509_REQ_set_pubkey(request, key->pkey) == 1 &&
	       X509_REQ_sign(request, key->pkey, NULL) > 0;
	if (done)
		error = pp_pem_write_request(request_path, request);
	X509_REQ_free(request);
	ERR_clear_error();
	return error;
}

int pp_pki_request_name(const char *request_path, char ret_name[PP_PKI_NAME_SIZE])
{
	X509_REQ *asked = NULL;
	int error = pp_pem_read_request(request_path, &asked);

	if (error)
		return error;
	error = pp_common_name_read(X509_REQ_get_subject_name(asked), ret_name);
	X509_REQ_free(asked);
	ERR_clear_error();
	return error;
}

int pp_pki_sign_request(const char *ca_cert, const char *ca_key, const char *request_path,
	const struct pp_pki_request *request, const char *cert_path,
	uint8_t ret_public[PP_PUBLIC_KEY_SIZE])
{
	struct pp_authority ca = { NULL, NULL };
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	size_t size = sizeof(public);
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;
	X509_REQ *asked = NULL;
	int error = request_check(request);

	assert(request->usage != PP_PKI_AUTHORITY);
	if (!error)
		error = pp_pem_read_request(request_path, &asked);
	if (!error)
		error = pp_authority_load(ca_cert, ca_key, &ca);
	if (error)
		goto done;
	key = X509_REQ_get0_pubkey(asked);
	if (!key || !EVP_PKEY_is_a(key, PP_KEY_TYPE) || X509_REQ_verify(asked, key) != 1 ||
		EVP_PKEY_get_raw_public_key(key, public, &size) != 1) {
		error = -EKEYREJECTED;
		goto done;
	}
	error = certificate_make(&ca, key, request, &cert);
	if (!error)
		error = pp_pem_write_certificate(cert_path, cert);
	if (!error)
		memcpy(ret_public, public, sizeof(public));
done:
	X509_free(cert);
	X509_REQ_free(asked);
	pp_authority_done(&ca);
	ERR_clear_error();
	return error;
}
