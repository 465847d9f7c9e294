/* SPDX-License-Identifier: Apache-2.0 */
/* totp.c -- one-time passwords by time, over OpenSSL's HMAC. */
#include "crypto/totp.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/sign.h"

void pp_totp_code(const uint8_t *key, size_t length, int64_t step, unsigned digits, char *ret_code)
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	uint32_t number;
	size_t at;

	assert(digits >= 6 && digits <= 8);
	for (unsigned i = 0; i < 8; i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), key, (int)length, counter, sizeof(counter), mac, &size))
		size = 0;
	/* Only without memory; a code that nobody can guess is then better than one that fits. */
	if (size != 20)
		pp_random(mac, 20);
	at = mac[19] & 15;
	number = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
		 (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	ret_code[digits] = '\0';
	for (unsigned i = digits; i > 0; i--) {
		ret_code[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	explicit_bzero(mac, sizeof(mac));
}

int pp_totp_check(const uint8_t key[PP_TOTP_KEY_SIZE], const char *code, int64_t now_s,
	int64_t used, int64_t *ret_step)
{
	const int64_t now = now_s / PP_TOTP_STEP_S;
	int64_t found = 0;

	if (strlen(code) != PP_TOTP_DIGITS || strspn(code, "0123456789") != PP_TOTP_DIGITS)
		return -EACCES;
	for (int64_t step = now - PP_TOTP_SKEW; step <= now + PP_TOTP_SKEW; step++) {
		char want[PP_TOTP_DIGITS + 1];

		pp_totp_code(key, PP_TOTP_KEY_SIZE, step, PP_TOTP_DIGITS, want);
		if (pp_equal_secret(want, code, PP_TOTP_DIGITS) && step > used && found == 0)
			found = step;
		explicit_bzero(want, sizeof(want));
	}
	if (found == 0)
		return -EACCES;
	*ret_step = found;
	return 0;
}

void pp_base32(const uint8_t *data, size_t length, char *ret_text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < length; i++) {
		held = (held << 8 | data[i]) & 0xfff;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			*ret_text++ = letters[held >> bits & 31];
		}
	}
	if (bits > 0)
		*ret_text++ = letters[held << (5 - bits) & 31];
	*ret_text = '\0';
}
