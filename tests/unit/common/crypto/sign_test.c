/* SPDX-License-Identifier: Apache-2.0 */
/* sign_test.c -- published vectors, key files, strict base64. */
#include "crypto/sign.h"

#include "pospin_test.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/text.h"

/* RFC 8032, 7.1: TEST 1 and TEST 3; the key files are their seeds behind the fixed PKCS#8 prefix.
 */
static const struct {
	const char *pem, *public, *message, *sig;
} vectors[] = {
	{ "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
		"c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N77bdELzHct7Fm04U1B28JS4XOOi4LRFj3",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
		"ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct pp_key *key_from_base64(const char *folder, const char *base64)
{
	char path[600], pem[400];
	struct pp_key *key = NULL;

	snprintf(path, sizeof(path), "%s/key.pem", folder);
	snprintf(pem, sizeof(pem), "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
		base64);
	write_text(path, pem);
	assert_int_equal(pp_key_load(path, &key), 0);
	return key;
}

static void from_hex(const char *hex, void *ret_data, size_t size)
{
	assert_int_equal(pp_text_unhex(hex, strlen(hex), ret_data, size), 0);
}

static void the_published_vectors_are_signed_and_verified(void **state)
{
	char *folder = pp_test_folder();

	(void)state;
	for (size_t i = 0; i < PP_COUNT(vectors); i++) {
		uint8_t public[PP_PUBLIC_KEY_SIZE], want_public[PP_PUBLIC_KEY_SIZE];
		uint8_t sig[PP_SIGNATURE_SIZE], want[PP_SIGNATURE_SIZE];
		const char *message = vectors[i].message;
		struct pp_key *key = key_from_base64(folder, vectors[i].pem);

		from_hex(vectors[i].public, want_public, sizeof(want_public));
		from_hex(vectors[i].sig, want, sizeof(want));
		pp_key_public(key, public);
		assert_memory_equal(public, want_public, sizeof(public));
		assert_int_equal(pp_sign(key, message, strlen(message), sig), 0);
		assert_memory_equal(sig, want, sizeof(sig));
		assert_true(pp_verify(public, message, strlen(message), sig));
		pp_key_free(key);
	}
	pp_test_folder_remove(folder);
}

static void a_changed_bit_anywhere_is_noticed(void **state)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE], sig[PP_SIGNATURE_SIZE], data[] = "alarm";
	struct pp_key *key = NULL;

	(void)state;
	assert_int_equal(pp_key_new(&key), 0);
	pp_key_public(key, public);
	assert_int_equal(pp_sign(key, data, 5, sig), 0);
	assert_true(pp_verify(public, data, 5, sig));
	assert_false(pp_verify(public, data, 4, sig));
	for (size_t i = 0; i < sizeof(sig); i++) {
		sig[i] ^= 1;
		assert_false(pp_verify(public, data, 5, sig));
		sig[i] ^= 1;
	}
	for (size_t i = 0; i < sizeof(public); i++) {
		public[i] ^= 1;
		assert_false(pp_verify(public, data, 5, sig));
		public[i] ^= 1;
	}
	data[2] ^= 0x80;
	assert_false(pp_verify(public, data, 5, sig));
	pp_key_free(key);
}

static void a_saved_key_is_private_and_comes_back_the_same(void **state)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE], again[PP_PUBLIC_KEY_SIZE];
	char *folder = pp_test_folder();
	char path[600];
	struct pp_key *key = NULL, *loaded = NULL;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/k.pem", folder);
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_key_save(key, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(pp_key_load(path, &loaded), 0);
	pp_key_public(key, public);
	pp_key_public(loaded, again);
	assert_memory_equal(public, again, sizeof(public));
	pp_key_free(key);
	assert_null(pp_key_free(loaded));
	assert_null(pp_key_free(NULL));
	pp_test_folder_remove(folder);
}

static void what_is_no_ed25519_key_is_refused(void **state)
{
	static const char *const rows[] = { "", "no key\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		/* X25519 */
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VuBCIEIMh8lP1tqYwdX/bUwZDlgHcSjPpkJkjVYDqPfZjpVYNa\n"
		"-----END PRIVATE KEY-----\n",
		/* The public half only. */
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		"-----END PUBLIC KEY-----\n" };
	char *folder = pp_test_folder();
	char path[600];
	struct pp_key *key = NULL;

	(void)state;
	snprintf(path, sizeof(path), "%s/k.pem", folder);
	assert_int_equal(pp_key_load(path, &key), -ENOENT);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		write_text(path, rows[i]);
		assert_int_equal(pp_key_load(path, &key), -EINVAL);
	}
	assert_null(key);
	pp_test_folder_remove(folder);
}

static void hashes_equal_the_published_vectors(void **state)
{
	uint8_t hash[PP_SHA256_SIZE];
	char hex[2 * PP_SHA256_SIZE + 1];

	(void)state;
	pp_sha256("abc", 3, hash); /* FIPS 180-4 */
	pp_text_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	pp_sha256(NULL, 0, hash);
	pp_text_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	pp_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, hash); /* RFC 4231, case 2 */
	pp_text_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	pp_hmac_sha256(NULL, 0, NULL, 0, hash);
	pp_text_hex(hash, sizeof(hash), hex);
	assert_string_equal(
		hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void secrets_compare(void **state)
{
	uint8_t a[32] = { 1, 2, 3 }, b[32] = { 1, 2, 3, [31] = 4 };

	(void)state;
	assert_false(pp_equal_secret(a, b, sizeof(a)));
	memcpy(b, a, sizeof(a));
	assert_true(pp_equal_secret(a, b, sizeof(a)));
}

static void base64_goes_there_and_back(void **state)
{
	static const struct { /* RFC 4648, section 10 */
		const char *plain, *text;
	} rows[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+" } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		size_t size = strlen(rows[i].plain);
		char text[16], plain[16];

		pp_base64(rows[i].plain, size, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(pp_unbase64(text, strlen(text), plain, size), 0);
		assert_memory_equal(plain, rows[i].plain, size);
	}
}

static void loose_base64_is_refused_and_nothing_is_written(void **state)
{
	static const struct {
		const char *text;
		size_t length, size;
	} rows[] = { { "Zg", 2, 1 }, { "Zg=", 3, 1 }, { "Zh==", 4, 1 }, { "Zm9=", 4, 2 },
		{ "Zm8=", 4, 3 }, { "Zm9v", 4, 2 }, { "Zm9v\n", 5, 3 }, { " Zm9", 4, 3 },
		{ "Zm-_", 4, 3 }, { "Zm9vYg==", 8, 6 }, { "Zg==Zm9v", 8, 6 }, { "Z===", 4, 1 },
		{ "====", 4, 1 }, { "Zm\0v", 4, 3 }, { "Zm9vZh==", 8, 4 },
		{ "Zm9v", 4, SIZE_MAX } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		char out[8] = "*******";

		if (pp_unbase64(rows[i].text, rows[i].length, out, rows[i].size) != -EINVAL)
			fail_msg("row %zu was taken", i);
		assert_string_equal(out, "*******");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_are_signed_and_verified),
		cmocka_unit_test(a_changed_bit_anywhere_is_noticed),
		cmocka_unit_test(a_saved_key_is_private_and_comes_back_the_same),
		cmocka_unit_test(what_is_no_ed25519_key_is_refused),
		cmocka_unit_test(hashes_equal_the_published_vectors),
		cmocka_unit_test(secrets_compare),
		cmocka_unit_test(base64_goes_there_and_back),
		cmocka_unit_test(loose_base64_is_refused_and_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
