/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/inspect.h -- what certificates and revocation lists say of themselves, for those who look
 * whether they are right. Nothing here decides who is let in. */
#ifndef CRYPTO_INSPECT_H
#define CRYPTO_INSPECT_H

#include "crypto/pki.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_cert_facts {
	/* Common names; "": none, or none that is plain (see crypto/pki.h). */
	char name[PP_PKI_NAME_SIZE], issuer[PP_PKI_NAME_SIZE];
	int64_t from_s, to_s;                                  /* UTC, seconds since 1970 */
	bool authority, client, server;                        /* what it may be used for */
	bool ed25519;
	uint8_t key[PP_PUBLIC_KEY_SIZE]; /* zero unless ed25519 */
};

/* Errors of this header: of the file; -EBADMSG: nothing of that kind in it; -ENOMEM. */
int pp_cert_inspect(const char *path, struct pp_cert_facts *ret_facts);
/* Whether an authority of that file has signed it: 1 or 0. Its time and its revocation do not
 * matter. */
int pp_cert_is_issued_by(const char *path, const char *authority_path);
/* Whether a server's certificate names host, a name or an address: 1 or 0. */
int pp_cert_names_host(const char *path, const char *host);

struct pp_crl_facts {
	char issuer[PP_PKI_NAME_SIZE];
	int64_t next_s; /* UTC: until then it holds; INT64_MAX: for ever */
	size_t revoked; /* certificates on it */
};
/* All lists in one file, at most size; *ret_count is how many there are. */
int pp_crl_inspect(
	const char *path, size_t size, struct pp_crl_facts *ret_facts, size_t *ret_count);
/* Whether the file's list of the certificate's authority holds it: 1 or 0. */
int pp_crl_holds(const char *path, const char *cert_path);

#endif
