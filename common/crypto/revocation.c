/* SPDX-License-Identifier: Apache-2.0 */
/* revocation.c -- revocation lists (RFC 5280, section 5), signed by their authority. */
#include "crypto/pki.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "authority.h"

#define CRL_DAYS 3653

/* -EINVAL: not 1 to 40 hex digits (RFC 5280: at most 20 octets). */
static int serial_read(const char *hex, ASN1_INTEGER **ret_serial)
{
	size_t length = strlen(hex);
	BIGNUM *n = NULL;

	if (length < 1 || length >= PP_PKI_SERIAL_SIZE ||
		strspn(hex, "0123456789abcdefABCDEF") != length)
		return -EINVAL;
	*ret_serial = BN_hex2bn(&n, hex) > 0 ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	BN_free(n);
	return *ret_serial ? 0 : -ENOMEM;
}

static int revoked_add(X509_CRL *crl, const char *hex)
{
	X509_REVOKED *revoked;
	ASN1_INTEGER *serial = NULL;
	ASN1_TIME *now;
	int error = serial_read(hex, &serial);

	if (error)
		return error;
	revoked = X509_REVOKED_new();
	now = X509_gmtime_adj(NULL, 0);
	if (!revoked || !now || X509_REVOKED_set_serialNumber(revoked, serial) != 1 ||
		X509_REVOKED_set_revocationDate(revoked, now) != 1 ||
		X509_CRL_add0_revoked(crl, revoked) != 1) {
		X509_REVOKED_free(revoked);
		error = -ENOMEM;
	}
	ASN1_TIME_free(now);
	ASN1_INTEGER_free(serial);
	return error;
}

static bool crl_extensions_add(X509_CRL *crl, X509 *issuer)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	bool done;

	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	extension =
		X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	/* The time as number: lists grow without any file that remembers the last one. */
	done = extension && number && X509_CRL_add_ext(crl, extension, -1) == 1 &&
	       ASN1_INTEGER_set_int64(number, (int64_t)time(NULL)) == 1 &&
	       X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1;
	X509_EXTENSION_free(extension);
	ASN1_INTEGER_free(number);
	return done;
}

static bool crl_frame_set(X509_CRL *crl, X509 *issuer)
{
	ASN1_TIME *from = X509_gmtime_adj(NULL, PP_PKI_BACKDATE_SECONDS);
	ASN1_TIME *to = X509_time_adj_ex(NULL, CRL_DAYS, 0, NULL);
	bool done = from && to && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 &&
		    X509_CRL_set1_lastUpdate(crl, from) == 1 &&
		    X509_CRL_set1_nextUpdate(crl, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return done;
}

int pp_pki_make_crl(
	const char *ca_cert, const char *ca_key, const char *const *serials, const char *crl_path)
{
	struct pp_authority ca;
	X509_CRL *crl;
	int error = pp_authority_load(ca_cert, ca_key, &ca);

	if (error)
		return error;
	crl = X509_CRL_new();
	error = crl && crl_frame_set(crl, ca.cert) && crl_extensions_add(crl, ca.cert) ? 0
										       : -ENOMEM;
	for (size_t i = 0; !error && serials && serials[i]; i++)
		error = revoked_add(crl, serials[i]);
	if (!error && (X509_CRL_sort(crl) != 1 || X509_CRL_sign(crl, ca.key->pkey, NULL) <= 0))
		error = -ENOMEM;
	if (!error)
		error = pp_pem_write_crl(crl_path, crl);
	X509_CRL_free(crl);
	pp_authority_done(&ca);
	ERR_clear_error();
	return error;
}
