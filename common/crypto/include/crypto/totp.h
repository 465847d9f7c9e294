/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/totp.h -- one-time passwords by time (RFC 6238 over HOTP, RFC 4226) with HMAC-SHA-1, as
 * telephones make them: a step of 30 s. */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stddef.h>
#include <stdint.h>

#define PP_TOTP_STEP_S 30
#define PP_TOTP_DIGITS 6
#define PP_TOTP_KEY_SIZE 20
#define PP_TOTP_SKEW 1 /* steps that the clocks may be apart, in both directions */

/* The code of one step; digits 6 to 8; ret_code holds digits + 1. */
void pp_totp_code(const uint8_t *key, size_t length, int64_t step, unsigned digits, char *ret_code);
/* A code of 6 digits around now_s, of a step after `used`: 0 and the step; -EACCES: no such code,
 * or it has been used. In constant time for a code of right form. */
int pp_totp_check(const uint8_t key[PP_TOTP_KEY_SIZE], const char *code, int64_t now_s,
	int64_t used, int64_t *ret_step);
/* RFC 4648 without padding; ret_text holds (length * 8 + 4) / 5 + 1. */
void pp_base32(const uint8_t *data, size_t length, char *ret_text);

#endif
