/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/sign.h -- Ed25519 (RFC 8032) keys and signatures, SHA-256, HMAC, base64 (OpenSSL).
 * Thread-safe. */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "core/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_PUBLIC_KEY_SIZE 32
#define PP_SIGNATURE_SIZE 64
#define PP_SHA256_SIZE 32

struct pp_key; /* a private key */

/* Makes a new key / reads one from a PEM file (PKCS#8) / writes it as PEM, mode 0600. */
int pp_key_new(struct pp_key **ret_key);
int pp_key_load(const char *path, struct pp_key **ret_key); /* -EINVAL: no Ed25519 private key */
int pp_key_save(const struct pp_key *key, const char *path);
struct pp_key *pp_key_free(struct pp_key *key); /* NULL is fine; returns NULL */
void pp_key_public(const struct pp_key *key, uint8_t ret_public[PP_PUBLIC_KEY_SIZE]);

int pp_sign(const struct pp_key *key, const void *data, size_t length,
	uint8_t ret_sig[PP_SIGNATURE_SIZE]);
/* 0; -EKEYREJECTED: it is not this key's signature of this; -ENOMEM: that could not be found out.
 */
int pp_check(const uint8_t public[PP_PUBLIC_KEY_SIZE], const void *data, size_t length,
	const uint8_t sig[PP_SIGNATURE_SIZE]);
/* The same where a doubt is worth a no. */
bool pp_verify(const uint8_t public[PP_PUBLIC_KEY_SIZE], const void *data, size_t length,
	const uint8_t sig[PP_SIGNATURE_SIZE]);

void pp_sha256(const void *data, size_t length, uint8_t ret_hash[PP_SHA256_SIZE]);
void pp_hmac_sha256(const void *key, size_t key_length, const void *data, size_t length,
	uint8_t ret_mac[PP_SHA256_SIZE]);
bool pp_equal_secret(const void *a, const void *b, size_t length); /* in constant time */

/* Standard base64 with padding. ret_text holds 4 * ((length + 2) / 3) + 1. */
void pp_base64(const void *data, size_t length, char *ret_text);
/* Strict: exactly `size` bytes must come out (-EINVAL else). */
int pp_unbase64(const char *text, size_t length, void *ret_data, size_t size);

#endif
