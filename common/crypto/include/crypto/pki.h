/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/pki.h -- certificates of the two authorities (docs/protocol.md, "Identity"). All keys are
 * Ed25519, all files PEM. */
#ifndef CRYPTO_PKI_H
#define CRYPTO_PKI_H

#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

#define PP_PKI_NAME_SIZE 65   /* a common name and its NUL */
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
/* What a certificate says of itself; of several in one file the first. -EINVAL: a name that does
 * not fit, or a key that is not Ed25519. */
struct pp_pki_facts {
	char common_name[PP_PKI_NAME_SIZE];
	char serial[PP_PKI_SERIAL_SIZE];
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	int64_t from_s, until_s; /* UTC seconds; the year 9999 where it is for ever */
};
int pp_pki_facts(const char *cert_path, struct pp_pki_facts *ret_facts);
/* 1: the authority has signed it, whatever the dates say; 0: it has not. */
int pp_pki_is_issued_by(const char *cert_path, const char *ca_cert);

/* The revocation list of one authority with the given serials (hex, NULL-terminated; NULL: empty),
 * valid 10 years. -EINVAL also for a serial that is not 1 to 40 hex digits. Replaces crl_path. */
int pp_pki_make_crl(
	const char *ca_cert, const char *ca_key, const char *const *serials, const char *crl_path);

/* Several authorities' lists in one file, as a broker wants them: one missing locks out its
 * authority's clients, and so does one that has ended. */
struct pp_pki_revocation {
	const char *ca_cert, *ca_key;
	const char *const *serials; /* to add, as above; NULL: none */
};
/* Makes the lists of these authorities anew for 10 years: what they revoke already, and what is
 * added. Lists of others stay as they are. A file that is not there is made. The new lists are
 * later than the old, in date and number, also when the clock was set back: a broker that holds
 * both must take the new. How many serials were not in it before. */
int pp_pki_revoke(const char *lists_path, const struct pp_pki_revocation *of, size_t count);
/* 1: the file's list of that authority has the serial; 0: it has not, or there is no such list. */
int pp_pki_is_revoked(const char *lists_path, const char *ca_cert, const char *serial);
/* Takes the authority's list out of the file, unless it is the only one (-EBADMSG). 1: it was
 * there; 0: it was not. */
int pp_pki_forget(const char *lists_path, const char *ca_cert);
struct pp_pki_lists {
	size_t lists, revoked;   /* authorities, and certificates of all of them */
	int64_t from_s, until_s; /* UTC seconds between which all of them hold */
};
int pp_pki_lists(const char *lists_path, struct pp_pki_lists *ret_lists);

#endif
