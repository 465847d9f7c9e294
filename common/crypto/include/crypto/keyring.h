/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/keyring.h -- the server's signing keys: one PEM file, the newest key first. Older ones are
 * kept, because posts that were away trust no other yet. */
#ifndef CRYPTO_KEYRING_H
#define CRYPTO_KEYRING_H

#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

#define PP_KEYRING_MAX 4 /* as many as a beat can name */
#define PP_KEY_ID_SIZE 9 /* 8 hex digits and a NUL */

struct pp_keyring {
	size_t count;                        /* at least 1 */
	struct pp_key *keys[PP_KEYRING_MAX]; /* owned */
};
/* -EINVAL: a key in it is no Ed25519 private key, or comes twice, or there are none or more than
 * PP_KEYRING_MAX. */
int pp_keyring_load(const char *path, struct pp_keyring *ret_ring);
int pp_keyring_save(const struct pp_keyring *ring, const char *path); /* whole, mode 0600 */
void pp_keyring_done(struct pp_keyring *ring);

/* How states name a key that a post trusts: the first 4 bytes of its SHA-256 in hex. No secret, and
 * no proof: who has several keys with one id signs with another of them. */
void pp_key_id(const uint8_t public[PP_PUBLIC_KEY_SIZE], char ret_id[PP_KEY_ID_SIZE]);

#endif
