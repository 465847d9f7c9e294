/* SPDX-License-Identifier: Apache-2.0 */
/* authority.h -- an authority's certificate and key, and PEM files, for pki.c and revocation.c. */
#ifndef CRYPTO_AUTHORITY_H
#define CRYPTO_AUTHORITY_H

#include "crypto/pki.h"
#include "evp.h"

#include <stdbool.h>

#include <openssl/x509.h>

/* A clock that is set back a little after a revocation must not make the list, and so every post,
 * unacceptable. */
#define PP_PKI_BACKDATE_SECONDS (-86400L)

struct pp_authority {
	X509 *cert;
	struct pp_key *key;
};

/* -EBADMSG: no certificate; -EINVAL: no Ed25519 key, or not this certificate's. */
int pp_authority_load(const char *cert_path, const char *key_path, struct pp_authority *ret_ca);
void pp_authority_done(struct pp_authority *ca);

/* -EBADMSG: nothing of that kind in the file; -ENOMEM; the file's own errors. The caller frees. */
int pp_pem_read_certificate(const char *path, X509 **ret_cert);
int pp_pem_read_request(const char *path, X509_REQ **ret_request);
bool pp_common_name_fits(const char *name); /* 1 to 64 printable ASCII characters */
/* "" where there is none. -EINVAL: more than one (which of them would count?), or none that we
 * would have written: names end up in messages and on terminals. */
int pp_common_name_read(const X509_NAME *name, char ret_name[PP_PKI_NAME_SIZE]);
int64_t pp_asn1_seconds(const ASN1_TIME *time); /* UTC; 0: none, or no time */
/* Mode 0644, whole or not at all. */
int pp_pem_write_certificate(const char *path, const X509 *cert);
int pp_pem_write_request(const char *path, const X509_REQ *request);
int pp_pem_write_crl(const char *path, const X509_CRL *crl);

#endif
