/* SPDX-License-Identifier: Apache-2.0 */
/* chain_test.c -- hashes that others can compute, and head lines. */
#include "ledger/chain.h"

#include "pospin_test.h"

#include <errno.h>

static void the_hash_is_sha256_of_the_previous_and_the_canonical_text(void **state)
{
	const struct pp_event_row event = { .height = 1,
		.at_ms = 1000,
		.kind = "incident.opened",
		.actor = "post:kendal/boja-01",
		.number = "KDL-26-000001",
		.post = "boja-01",
		.point = "panic-crime",
		.body = "{\"late\":false}" };
	static const char text[] = "1\n1000\nincident.opened\npost:kendal/boja-01\nKDL-26-000001\n"
				   "boja-01\npanic-crime\n{\"late\":false}";
	char all[32 + sizeof(text) - 1] = { 0 };
	uint8_t previous[32] = { 0 }, got[32], want[32];

	(void)state;
	memcpy(all + 32, text, sizeof(text) - 1);
	pp_sha256(all, sizeof(all), want);
	assert_int_equal(pp_chain_hash(previous, &event, got), 0);
	assert_memory_equal(got, want, 32);
}

static void what_is_not_there_counts_as_empty(void **state)
{
	const struct pp_event_row none = { .height = 1, .kind = "k", .actor = "a", .body = "{}" };
	struct pp_event_row empty = none;
	uint8_t previous[32] = { 0 }, a[32], b[32];

	(void)state;
	empty.number = empty.post = empty.point = "";
	assert_int_equal(pp_chain_hash(previous, &none, a), 0);
	assert_int_equal(pp_chain_hash(previous, &empty, b), 0);
	assert_memory_equal(a, b, 32);
	previous[31] = 1;
	assert_int_equal(pp_chain_hash(previous, &none, b), 0);
	assert_memory_not_equal(a, b, 32);
}

static void a_personal_text_is_hashed_behind_its_salt(void **state)
{
	static const uint8_t salt[2] = { 'a', 'b' };
	char hex[65];

	(void)state;
	assert_int_equal(pp_chain_personal(salt, 2, "c", hex), 0);
	assert_string_equal(hex, /* sha256("abc") */
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_head_line_is_read_back_with_the_key_that_signed_it(void **state)
{
	const struct pp_head head = { "kendal", 42, 1763750400000, { 1, 2, 3 } };
	uint8_t keys[2][PP_PUBLIC_KEY_SIZE];
	char line[PP_HEAD_LINE_MAX];
	struct pp_key *old, *key;
	struct pp_head got;

	(void)state;
	assert_int_equal(pp_key_new(&old), 0);
	assert_int_equal(pp_key_new(&key), 0);
	pp_key_public(old, keys[0]);
	pp_key_public(key, keys[1]);
	assert_int_equal(pp_head_format(&head, key, line), 0);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_int_equal(pp_head_parse(line, strlen(line) - 1, keys, 2, &got), 0);
	assert_string_equal(got.tenant, "kendal");
	assert_int_equal(got.height, 42);
	assert_int_equal(got.at_ms, head.at_ms);
	assert_memory_equal(got.hash, head.hash, 32);
	assert_int_equal(pp_head_parse(line, strlen(line) - 1, keys, 1, &got), -EKEYREJECTED);
	line[7] = '5';
	assert_int_equal(pp_head_parse(line, strlen(line) - 1, keys, 2, &got), -EKEYREJECTED);
	pp_key_free(old);
	pp_key_free(key);
}

static void lines_of_another_form_are_refused(void **state)
{
	static const char *const lines[] = { "", "kendal", "kendal 1 00 1 AAAA", "kendal 1",
		"kendal 01 x y z", "kendal 1 2 3 4 5", "kendal-kendal-kendal-kendal 1 2 3 4" };
	uint8_t keys[1][PP_PUBLIC_KEY_SIZE] = { { 0 } };
	struct pp_head head;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(lines); i++)
		assert_int_equal(
			pp_head_parse(lines[i], strlen(lines[i]), keys, 1, &head), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_sha256_of_the_previous_and_the_canonical_text),
		cmocka_unit_test(what_is_not_there_counts_as_empty),
		cmocka_unit_test(a_personal_text_is_hashed_behind_its_salt),
		cmocka_unit_test(a_head_line_is_read_back_with_the_key_that_signed_it),
		cmocka_unit_test(lines_of_another_form_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
