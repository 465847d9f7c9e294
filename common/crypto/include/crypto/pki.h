/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki.h -- certificates of the two authorities (docs/protocol.md, "Identity"). All keys are Ed25519, all files PEM. */
#ifndef CRYPTO_PKI_H
#define CRYPTO_PKI_H

#include "crypto/sign.h"

#include <stdint.h>

enum pp_pki_usage { PP_PKI_AUTHORITY, PP_PKI_SERVER, PP_PKI_CLIENT };

struct pp_pki_request {
	enum pp_pki_usage usage;
	const char *common_name;
	const char *const *names; /* NULL-terminated DNS names or IP addresses for SERVER; may be NULL */
	bool forever;             /* 1970-01-01 to 9999-12-31; else from now for `days` */
	unsigned days;
};

/* A self-signed authority: writes certificate and key (0600). Refuses to overwrite (-EEXIST). */
int pp_pki_make_authority(const struct pp_pki_request *request, const char *cert_path, const char *key_path);
/* A new key and a certificate signed by the authority. -EEXIST as above. */
int pp_pki_issue(const char *ca_cert, const char *ca_key, const struct pp_pki_request *request,
	const char *cert_path, const char *key_path);
/* At the post: a signing request for an existing key. */
int pp_pki_make_request(const struct pp_key *key, const char *common_name, const char *request_path);
/* At the authority: checks the request's own signature, takes only its key (the name comes from the registry), signs. */
int pp_pki_sign_request(const char *ca_cert, const char *ca_key, const char *request_path,
	const struct pp_pki_request *request, const char *cert_path, uint8_t ret_public[PP_PUBLIC_KEY_SIZE]);
/* The revocation list of one authority with the given serials (hex, NULL-terminated; NULL: empty), valid 10 years. */
int pp_pki_make_crl(const char *ca_cert, const char *ca_key, const char *const *serials, const char *crl_path);

#endif
