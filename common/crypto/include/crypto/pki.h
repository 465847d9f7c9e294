/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki.h -- certificates of the two authorities (docs/protocol.md, "Identity"). All keys are
 * Ed25519, all files PEM. */
#ifndef CRYPTO_PKI_H
#define CRYPTO_PKI_H

#include "crypto/sign.h"

#include <stdint.h>

#define PP_PKI_SERIAL_SIZE 41 /* hex digits of the longest serial number (RFC 5280) and a NUL */

/* Common errors: -ENOENT and its like from files, -EBADMSG: no certificate or request in the file,
 * -EINVAL: a request beyond its bounds, or no Ed25519 key, or a key that is not the authority's;
 * -ENOMEM. */
enum pp_pki_usage { PP_PKI_AUTHORITY, PP_PKI_SERVER, PP_PKI_CLIENT };

struct pp_pki_request {
	enum pp_pki_usage usage;
	const char *common_name; /* 1 to 64 printable ASCII characters */
	/* SERVER: NULL-terminated DNS names or IP addresses; may be NULL. */
	const char *const *names;
	/* 1970-01-01 to 9999-12-31; else from yesterday (clocks err) to `days` from now. */
	bool forever;
	unsigned days; /* 1 to 36500 */
};

/* A self-signed authority: writes certificate and key (0600). Refuses to overwrite (-EEXIST). */
int pp_pki_make_authority(
	const struct pp_pki_request *request, const char *cert_path, const char *key_path);
/* A new key and a certificate signed by the authority. -EEXIST as above. */
int pp_pki_issue(const char *ca_cert, const char *ca_key, const struct pp_pki_request *request,
	const char *cert_path, const char *key_path);
/* At the post: a signing request for an existing key. */
int pp_pki_make_request(
	const struct pp_key *key, const char *common_name, const char *request_path);
#define PP_PKI_NAME_SIZE 65 /* a common name and its NUL */
/* What the request calls itself; "" when it has no name. Says nothing about its signature. Errors
 * as above; -EINVAL: a name that is none. */
int pp_pki_request_name(const char *request_path, char ret_name[PP_PKI_NAME_SIZE]);
/* At the authority: checks the request's own signature, takes only its key (the name comes from the
 * registry), signs. Replaces cert_path, if it is there. -EKEYREJECTED: the request was not signed
 * by an Ed25519 key that it carries. */
int pp_pki_sign_request(const char *ca_cert, const char *ca_key, const char *request_path,
	const struct pp_pki_request *request, const char *cert_path,
	uint8_t ret_public[PP_PUBLIC_KEY_SIZE]);
/* The serial number of a certificate, upper-case hex, as pp_pki_make_crl takes it. */
int pp_pki_serial(const char *cert_path, char ret_hex[PP_PKI_SERIAL_SIZE]);
/* The revocation list of one authority with the given serials (hex, NULL-terminated; NULL: empty),
 * valid 10 years. -EINVAL also for a serial that is not 1 to 40 hex digits. Replaces crl_path. */
int pp_pki_make_crl(
	const char *ca_cert, const char *ca_key, const char *const *serials, const char *crl_path);

#endif
