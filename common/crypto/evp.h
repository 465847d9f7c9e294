/* SPDX-License-Identifier: Apache-2.0 */
/* evp.h -- what sign.c shows to the rest of this room of a private key. */
#ifndef CRYPTO_EVP_H
#define CRYPTO_EVP_H

#include "crypto/sign.h"

#include <openssl/evp.h>

struct pp_key {
	EVP_PKEY *pkey; /* owned; Ed25519 */
	uint8_t public[PP_PUBLIC_KEY_SIZE];
};

/* A key of ours from one of OpenSSL's, which is taken, also on failure. -EINVAL: NULL, or no
 * Ed25519 key. */
int pp_key_wrap(EVP_PKEY *pkey, struct pp_key **ret_key);

/* The name by which OpenSSL knows the only kind of key that this room makes or takes. */
#define PP_KEY_TYPE "ED25519"

#endif
