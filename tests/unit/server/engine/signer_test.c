/* SPDX-License-Identifier: Apache-2.0 */
/* signer_test.c -- a post is answered with the newest key that it trusts, and told of the others.
 */
#include "signer.h"

#include "pospin_test.h"

struct fixture {
	struct pp_keyring ring; /* 0 is the newest */
	char ids[PP_KEYRING_MAX][PP_KEY_ID_SIZE];
	struct pp_signer *signer;
};

static void ring_make(struct fixture *f, size_t count)
{
	for (f->ring.count = 0; f->ring.count < count; f->ring.count++) {
		uint8_t public[PP_PUBLIC_KEY_SIZE];

		assert_int_equal(pp_key_new(&f->ring.keys[f->ring.count]), 0);
		pp_key_public(f->ring.keys[f->ring.count], public);
		pp_key_id(public, f->ids[f->ring.count]);
	}
	assert_int_equal(pp_signer_new(&f->ring, &f->signer), 0);
}

static void ring_free(struct fixture *f)
{
	pp_signer_free(f->signer); /* with the keys */
}

/* A state that names the keys whose letters are given: "ac": the newest and the one before the
 * last; "x": one that is none of ours. */
static struct pp_state state_of(const struct fixture *f, const char *letters)
{
	struct pp_state state = { .key_count = strlen(letters) };

	for (size_t i = 0; letters[i]; i++) {
		const char *id = letters[i] == 'x' ? "00000000" : f->ids[letters[i] - 'a'];

		memcpy(state.keys[i], id, PP_KEY_ID_SIZE);
	}
	return state;
}

static void the_newest_key_that_a_post_trusts_signs(void **state)
{
	static const struct {
		const char *trusts;
		size_t signs;
		bool told;
	} rows[] = {
		{ "abc", 0, false },
		{ "cba", 0, false },
		{ "bc", 1, true },
		{ "c", 2, true },
		{ "ab", 0, true },
		{ "abcx", 0, true },
		{ "xc", 2, true },
		{ "x", 2, true },
		{ "", 2, true },
	};
	struct fixture f;

	(void)state;
	ring_make(&f, 3);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_state said = state_of(&f, rows[i].trusts);
		struct pp_beat beat = { .key_count = 0 };

		pp_signer_learn(f.signer, "kendal", "boja-01", &said);
		pp_signer_fill(f.signer, &said, &beat);
		if (pp_signer_key(f.signer, "kendal", "boja-01") != f.ring.keys[rows[i].signs] ||
			beat.key_count != (rows[i].told ? 3 : 0))
			fail_msg("a post that trusts '%s'", rows[i].trusts);
	}
	ring_free(&f);
}

static void who_was_not_heard_is_answered_with_the_oldest(void **state)
{
	struct pp_state said;
	struct fixture f;

	(void)state;
	ring_make(&f, 2);
	said = state_of(&f, "ab");
	pp_signer_learn(f.signer, "kendal", "boja-01", &said);
	assert_ptr_equal(pp_signer_key(f.signer, "kendal", "boja-01"), f.ring.keys[0]);
	assert_ptr_equal(pp_signer_key(f.signer, "kendal", "boja-02"), f.ring.keys[1]);
	assert_ptr_equal(pp_signer_key(f.signer, "serang", "boja-01"), f.ring.keys[1]);
	ring_free(&f);
}

static void one_key_signs_all_and_is_told_to_those_who_trust_more(void **state)
{
	static const struct {
		const char *trusts;
		bool told;
	} rows[] = { { "a", false }, { "", false }, { "ax", true }, { "x", true } };
	struct fixture f;

	(void)state;
	ring_make(&f, 1);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_state said = state_of(&f, rows[i].trusts);
		struct pp_beat beat = { .key_count = 0 };

		pp_signer_learn(f.signer, "kendal", "boja-01", &said);
		pp_signer_fill(f.signer, &said, &beat);
		assert_int_equal(beat.key_count, rows[i].told);
		assert_ptr_equal(pp_signer_key(f.signer, "kendal", "boja-01"), f.ring.keys[0]);
	}
	ring_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_key_that_a_post_trusts_signs),
		cmocka_unit_test(who_was_not_heard_is_answered_with_the_oldest),
		cmocka_unit_test(one_key_signs_all_and_is_told_to_those_who_trust_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
