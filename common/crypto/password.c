/* SPDX-License-Identifier: Apache-2.0 */
/* password.c -- the adapter of libsodium's argon2id. */
#include "crypto/password.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sodium.h>

static_assert(PP_PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's text fits exactly");

int pp_password_hash(const char *password, char ret_hash[PP_PASSWORD_HASH_SIZE])
{
	char hash[PP_PASSWORD_HASH_SIZE];

	if (sodium_init() < 0)
		return -EIO;
	if (crypto_pwhash_str_alg(hash, password, strlen(password),
		    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
		    crypto_pwhash_ALG_ARGON2ID13))
		return -ENOMEM;
	memcpy(ret_hash, hash, sizeof(hash));
	return 0;
}

bool pp_password_matches(const char *hash, const char *password)
{
	char padded[PP_PASSWORD_HASH_SIZE] = "";
	size_t length = strlen(hash);

	if (sodium_init() < 0 || length >= sizeof(padded))
		return false;
	memcpy(padded, hash, length);
	return crypto_pwhash_str_verify(padded, password, strlen(password)) == 0;
}
