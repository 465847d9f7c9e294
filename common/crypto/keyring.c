/* SPDX-License-Identifier: Apache-2.0 */
/* keyring.c -- several private keys in one PEM file. */
#include "crypto/keyring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/file.h"
#include "core/text.h"
#include "evp.h"

#define FILE_MAX 16384
#define BEGIN "-----BEGIN "

/* Without it OpenSSL would ask the terminal for the pass phrase of an encrypted key. */
static int no_pass_phrase(char *buf, int size, int writing, void *context)
{
	(void)buf, (void)size, (void)writing, (void)context;
	return -1;
}

static int ring_add(struct pp_keyring *ring, struct pp_key *key)
{
	if (ring->count == PP_KEYRING_MAX)
		return -EINVAL;
	for (size_t i = 0; i < ring->count; i++)
		if (memcmp(ring->keys[i]->public, key->public, PP_PUBLIC_KEY_SIZE) == 0)
			return -EINVAL;
	ring->keys[ring->count++] = key;
	return 0;
}

/* The key of the block that begins there. */
static int block_read(const char *text, struct pp_keyring *ring)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	struct pp_key *key = NULL;
	int r = -ENOMEM;

	if (bio)
		r = pp_key_wrap(PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL), &key);
	if (r == 0)
		r = ring_add(ring, key);
	if (r < 0)
		pp_key_free(key);
	BIO_free(bio);
	ERR_clear_error();
	return r;
}

int pp_keyring_load(const char *path, struct pp_keyring *ret_ring)
{
	struct pp_keyring ring = { .count = 0 };
	size_t length;
	char *text;
	int r = pp_file_read(path, FILE_MAX, &text, &length);

	if (r < 0)
		return r == -EFBIG ? -EINVAL : r;
	/* OpenSSL does not tell the end of a file from a block that is broken: we look for the
	 * blocks. */
	for (char *at = strstr(text, BEGIN); r == 0 && at; at = strstr(at + 1, BEGIN))
		r = block_read(at, &ring);
	OPENSSL_cleanse(text, length);
	free(text);
	if (r == 0 && ring.count == 0)
		r = -EINVAL;
	if (r < 0)
		pp_keyring_done(&ring);
	else
		*ret_ring = ring;
	return r;
}

int pp_keyring_save(const struct pp_keyring *ring, const char *path)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long length;
	int error = bio ? 0 : -ENOMEM;

	assert(ring->count >= 1 && ring->count <= PP_KEYRING_MAX);
	for (size_t i = 0; !error && i < ring->count; i++)
		if (PEM_write_bio_PKCS8PrivateKey(
			    bio, ring->keys[i]->pkey, NULL, NULL, 0, NULL, NULL) != 1)
			error = -ENOMEM;
	if (!error) {
		length = BIO_get_mem_data(bio, &text);
		error = pp_file_write(path, text, (size_t)length, 0600);
	}
	BIO_free(bio);
	ERR_clear_error();
	return error;
}

void pp_keyring_done(struct pp_keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		pp_key_free(ring->keys[i]);
	ring->count = 0;
}

void pp_key_id(const uint8_t public[PP_PUBLIC_KEY_SIZE], char ret_id[PP_KEY_ID_SIZE])
{
	uint8_t hash[PP_SHA256_SIZE];

	pp_sha256(public, PP_PUBLIC_KEY_SIZE, hash);
	pp_text_hex(hash, (PP_KEY_ID_SIZE - 1) / 2, ret_id);
}
