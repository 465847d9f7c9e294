/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/password.h -- argon2id (RFC 9106) by libsodium, at its "interactive" strength. Slow by
 * design: never on a loop's thread. */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <stdbool.h>

#define PP_PASSWORD_HASH_SIZE 128

int pp_password_hash(const char *password, char ret_hash[PP_PASSWORD_HASH_SIZE]);
bool pp_password_matches(const char *hash, const char *password);

#endif
