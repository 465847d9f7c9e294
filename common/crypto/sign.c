/* SPDX-License-Identifier: Apache-2.0 */
/* sign.c -- Ed25519, SHA-256, HMAC and base64 by OpenSSL's one-shot calls. */
#include "crypto/sign.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "core/file.h"
#include "evp.h"

#define KEY_FILE_MAX 16384

/* ---- keys ---- */

int pp_key_wrap(EVP_PKEY *pkey, struct pp_key **ret_key)
{
	struct pp_key *key = NULL;
	size_t size = PP_PUBLIC_KEY_SIZE;
	int error = -EINVAL;

	if (!pkey || !EVP_PKEY_is_a(pkey, PP_KEY_TYPE))
		goto fail;
	error = -ENOMEM;
	key = calloc(1, sizeof(*key));
	if (!key || EVP_PKEY_get_raw_public_key(pkey, key->public, &size) != 1)
		goto fail;
	key->pkey = pkey;
	*ret_key = key;
	return 0;
fail:
	free(key);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return error;
}

int pp_key_new(struct pp_key **ret_key)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, PP_KEY_TYPE);

	if (!pkey) {
		ERR_clear_error();
		return -ENOMEM;
	}
	return pp_key_wrap(pkey, ret_key);
}

/* Without it OpenSSL would ask the terminal for the pass phrase of an encrypted key. */
static int no_pass_phrase(char *buf, int size, int writing, void *context)
{
	(void)buf, (void)size, (void)writing, (void)context;
	return -1;
}

int pp_key_load(const char *path, struct pp_key **ret_key)
{
	char *text;
	size_t length;
	EVP_PKEY *pkey;
	BIO *bio;
	int error = pp_file_read(path, KEY_FILE_MAX, &text, &length);

	if (error)
		return error == -EFBIG ? -EINVAL : error;
	bio = BIO_new_mem_buf(text, (int)length);
	pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL) : NULL;
	error = bio ? pp_key_wrap(pkey, ret_key) : -ENOMEM;
	BIO_free(bio);
	OPENSSL_cleanse(text, length);
	free(text);
	return error;
}

int pp_key_save(const struct pp_key *key, const char *path)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long length;
	int error = -ENOMEM;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		length = BIO_get_mem_data(bio, &text);
		error = pp_file_write(path, text, (size_t)length, 0600);
	}
	BIO_free(bio);
	ERR_clear_error();
	return error;
}

struct pp_key *pp_key_free(struct pp_key *key)
{
	if (key)
		EVP_PKEY_free(key->pkey);
	free(key);
	return NULL;
}

void pp_key_public(const struct pp_key *key, uint8_t ret_public[PP_PUBLIC_KEY_SIZE])
{
	memcpy(ret_public, key->public, PP_PUBLIC_KEY_SIZE);
}

/* ---- signatures ---- */

int pp_sign(const struct pp_key *key, const void *data, size_t length,
	uint8_t ret_sig[PP_SIGNATURE_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t sig[PP_SIGNATURE_SIZE];
	size_t size = sizeof(sig);
	bool signed_it = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
			 EVP_DigestSign(context, sig, &size, data, length) == 1 &&
			 size == sizeof(sig);

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (!signed_it)
		return -ENOMEM;
	memcpy(ret_sig, sig, sizeof(sig));
	return 0;
}

/* A wrong signature leaves no word behind; whatever does could not be judged. */
static int verdict(int code)
{
	/* (Inside of a verification OpenSSL 3.0 tells want of memory by a plain no.) */
	bool told = ERR_peek_error() != 0 || errno == ENOMEM;

	ERR_clear_error();
	if (code == 1)
		return 0;
	return code == 0 && !told ? -EKEYREJECTED : -ENOMEM;
}

int pp_check(const uint8_t public[PP_PUBLIC_KEY_SIZE], const void *data, size_t length,
	const uint8_t sig[PP_SIGNATURE_SIZE])
{
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key_ex(NULL, PP_KEY_TYPE, NULL, public, PP_PUBLIC_KEY_SIZE);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int code = -1, saved = errno;

	ERR_clear_error();
	errno = 0;
	if (pkey && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1)
		code = EVP_DigestVerify(context, sig, PP_SIGNATURE_SIZE, data, length);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	code = verdict(code);
	errno = saved;
	return code;
}

bool pp_verify(const uint8_t public[PP_PUBLIC_KEY_SIZE], const void *data, size_t length,
	const uint8_t sig[PP_SIGNATURE_SIZE])
{
	return pp_check(public, data, length, sig) == 0;
}

/* ---- hashes, comparison ---- */

void pp_sha256(const void *data, size_t length, uint8_t ret_hash[PP_SHA256_SIZE])
{
	const uint8_t *done = SHA256(length ? data : (const void *)"", length, ret_hash);

	assert(done);
	(void)done;
}

void pp_hmac_sha256(const void *key, size_t key_length, const void *data, size_t length,
	uint8_t ret_mac[PP_SHA256_SIZE])
{
	unsigned size = PP_SHA256_SIZE;
	const uint8_t *done = HMAC(EVP_sha256(), key_length ? key : "", (int)key_length,
		length ? data : (const void *)"", length, ret_mac, &size);

	assert(done && size == PP_SHA256_SIZE);
	(void)done;
}

bool pp_equal_secret(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

/* ---- base64 (RFC 4648, section 4) ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pp_base64(const void *data, size_t length, char *ret_text)
{
	const uint8_t *in = data;
	char *out = ret_text;

	for (size_t i = 0; i < length; i += 3) {
		size_t have = length - i < 3 ? length - i : 3;
		uint32_t bits = (uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
				(have > 2 ? in[i + 2] : 0);

		*out++ = letters[bits >> 18];
		*out++ = letters[bits >> 12 & 63];
		*out++ = have > 1 ? letters[bits >> 6 & 63] : '=';
		*out++ = have > 2 ? letters[bits & 63] : '=';
	}
	*out = '\0';
}

/* The six bits of a letter, or -1. */
static int letter_value(char c)
{
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

/* The three bytes of one group of four, of which `have` count; -EINVAL also when dropped bits are
 * not 0. */
static int group_read(const char *text, size_t have, uint8_t ret_bytes[3])
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i > have ? (text[i] == '=' ? 0 : -1) : letter_value(text[i]);

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
	}
	if (have < 3 && bits & (0xffffffu >> (8 * have)))
		return -EINVAL;
	ret_bytes[0] = (uint8_t)(bits >> 16);
	ret_bytes[1] = (uint8_t)(bits >> 8);
	ret_bytes[2] = (uint8_t)bits;
	return 0;
}

int pp_unbase64(const char *text, size_t length, void *ret_data, size_t size)
{
	uint8_t *out = ret_data;
	uint8_t bytes[3];

	if (size > SIZE_MAX / 2 || length != 4 * ((size + 2) / 3))
		return -EINVAL;
	/* Once to check and once to write: nothing is written when anything is wrong. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < size; i += 3) {
			size_t have = size - i < 3 ? size - i : 3;

			if (group_read(text + i / 3 * 4, have, bytes))
				return -EINVAL;
			if (pass == 1)
				memcpy(out + i, bytes, have);
		}
	}
	return 0;
}
