/* SPDX-License-Identifier: Apache-2.0 */
/* evp.h -- what sign.c shows the rest of this room of a private key. */
#ifndef CRYPTO_EVP_H
#define CRYPTO_EVP_H

#include "crypto/sign.h"

#include <openssl/evp.h>

struct pp_key {
	EVP_PKEY *pkey; /* owned; Ed25519 */
	uint8_t public[PP_PUBLIC_KEY_SIZE];
};

/* The name by which OpenSSL knows the only kind of key that this room makes or takes. */
#define PP_KEY_TYPE "ED25519"

#endif
