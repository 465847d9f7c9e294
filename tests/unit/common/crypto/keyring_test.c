/* SPDX-License-Identifier: Apache-2.0 */
/* keyring_test.c -- several private keys in one file, in order. */
#include "crypto/keyring.h"

#include "pospin_test.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/file.h"

static char *folder, path[600];

static int set_up(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/ring.key", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static void ring_make(struct pp_keyring *ring, size_t count)
{
	for (ring->count = 0; ring->count < count; ring->count++)
		assert_int_equal(pp_key_new(&ring->keys[ring->count]), 0);
}

static void the_order_of_the_keys_is_kept(void **state)
{
	struct pp_keyring ring, read;
	struct stat st;

	(void)state;
	ring_make(&ring, PP_KEYRING_MAX);
	assert_int_equal(pp_keyring_save(&ring, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(pp_keyring_load(path, &read), 0);
	assert_int_equal(read.count, PP_KEYRING_MAX);
	for (size_t i = 0; i < read.count; i++) {
		uint8_t a[PP_PUBLIC_KEY_SIZE], b[PP_PUBLIC_KEY_SIZE];

		pp_key_public(ring.keys[i], a);
		pp_key_public(read.keys[i], b);
		assert_memory_equal(a, b, sizeof(a));
	}
	pp_keyring_done(&ring);
	pp_keyring_done(&read);
}

static void a_file_of_one_key_is_a_ring_of_one(void **state)
{
	struct pp_keyring ring;
	struct pp_key *key;

	(void)state;
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_key_save(key, path), 0);
	assert_int_equal(pp_keyring_load(path, &ring), 0);
	assert_int_equal(ring.count, 1);
	pp_keyring_done(&ring);
	pp_key_free(key);
}

/* The text of the file, count times. */
static void file_repeat(size_t count)
{
	char *text, many[16384];
	size_t length;

	assert_int_equal(pp_file_read(path, 4096, &text, &length), 0);
	assert_true(count * length <= sizeof(many));
	for (size_t i = 0; i < count; i++)
		memcpy(many + i * length, text, length);
	assert_int_equal(pp_file_write(path, many, count * length, 0600), 0);
	free(text);
}

static void what_is_no_ring_is_refused(void **state)
{
	static const char *const bad[] = { "", "no key\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PUBLIC KEY-----\n"
		"MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
		"-----END PUBLIC KEY-----\n" };
	struct pp_keyring ring = { .count = 99 };
	struct pp_key *key;

	(void)state;
	assert_int_equal(pp_keyring_load(path, &ring), -ENOENT);
	for (size_t i = 0; i < PP_COUNT(bad); i++) {
		assert_int_equal(pp_file_write(path, bad[i], strlen(bad[i]), 0600), 0);
		assert_int_equal(pp_keyring_load(path, &ring), -EINVAL);
	}
	assert_int_equal(pp_key_new(&key), 0);
	assert_int_equal(pp_key_save(key, path), 0);
	file_repeat(2); /* one key twice */
	assert_int_equal(pp_keyring_load(path, &ring), -EINVAL);
	assert_int_equal(ring.count, 99);
	pp_key_free(key);
}

static void an_id_is_eight_digits_of_the_hash(void **state)
{
	static const uint8_t zeros[PP_PUBLIC_KEY_SIZE];
	char id[PP_KEY_ID_SIZE];

	(void)state;
	pp_key_id(zeros, id);
	assert_string_equal(id, "66687aad"); /* printf '\0%.0s' {1..32} | sha256sum */
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(the_order_of_the_keys_is_kept),
		IN_A_FOLDER(a_file_of_one_key_is_a_ring_of_one),
		IN_A_FOLDER(what_is_no_ring_is_refused),
		cmocka_unit_test(an_id_is_eight_digits_of_the_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
