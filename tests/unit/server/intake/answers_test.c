/* SPDX-License-Identifier: Apache-2.0 */
/* answers_test.c -- what posts will be able to verify. */
#include "intake/answers.h"

#include "pospin_test.h"
#include "memory_fails.h"
#include "protocol/seal.h"

#include <errno.h>

struct fixture {
	struct pp_key *key;
	uint8_t public[1][PP_PUBLIC_KEY_SIZE];
	struct pp_addressee to;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(pp_key_new(&f->key), 0);
	pp_key_public(f->key, f->public[0]);
	f->to = (struct pp_addressee){ f->key, "kendal", "boja-01" };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pp_key_free(f->key);
	free(f);
	return 0;
}

static void assert_sealed(struct fixture *f, const struct pp_answer *a, const char *topic)
{
	assert_string_equal(a->topic, topic);
	assert_int_equal(pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])f->public, 1, topic,
				 a->text, a->length, a->sig),
		0);
}

static void receipts_are_sealed_for_their_post(void **state)
{
	struct fixture *f = *state;
	const struct pp_receipt receipts[2] = {
		{ .epoch = 0x9f3c2a77d01b44e2, .seq = 4711, .incident = "KDL-26-000123" },
		{ .epoch = 1, .seq = 2, .result = PP_RECEIPT_REFUSED, .reason = "conflict" }
	};
	struct pp_receipt got[2];
	struct pp_answer a;
	size_t count;

	assert_int_equal(pp_answer_receipts(&f->to, receipts, 2, &a), 0);
	assert_sealed(f, &a, "pospin/v1/kendal/boja-01/receipt");
	assert_int_equal(pp_receipts_decode(a.text, a.length, got, 2, &count, NULL), 0);
	assert_int_equal(count, 2);
	assert_string_equal(got[0].incident, "KDL-26-000123");
	assert_int_equal(got[1].result, PP_RECEIPT_REFUSED);
	pp_answer_done(&a);
}

static void beats_are_sealed_for_their_post(void **state)
{
	struct fixture *f = *state;
	const struct pp_beat beat = { .epoch = 7, .boot = 1, .mono_ms = 2, .n = 3, .high = 4 };
	struct pp_answer a;

	assert_int_equal(pp_answer_beat(&f->to, &beat, &a), 0);
	assert_sealed(f, &a, "pospin/v1/kendal/boja-01/beat");
	pp_answer_done(&a);
}

static void progress_is_sealed_and_says_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct pp_answer a;

	assert_int_equal(pp_answer_progress(&f->to, &a), 0);
	assert_sealed(f, &a, "pospin/v1/kendal/boja-01/progress");
	assert_string_equal(a.text, "{}");
	pp_answer_done(&a);
}

static void an_impossible_addressee_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct pp_answer a;

	f->to.post = "no such name";
	assert_true(pp_answer_progress(&f->to, &a) < 0);
}

#define ANSWER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void without_memory_there_is_no_answer(void **state)
{
	struct fixture *f = *state;
	struct pp_answer a;

	memory_fail(1);
	assert_int_equal(pp_answer_progress(&f->to, &a), -ENOMEM);
	assert_true(memory_has_failed());
	memory_fail(1);
	assert_int_equal(pp_answer_command(&f->to, "{}", &a), -ENOMEM);
	assert_true(memory_has_failed());
}

static void what_does_not_fit_is_no_answer(void **state)
{
	static struct pp_receipt receipts[PP_RECEIPTS_MAX + 1];
	struct fixture *f = *state;
	struct pp_beat beat = { .count = 1 };
	struct pp_answer a;

	memset(beat.open[0].incident, 0xff, 1); /* not UTF-8 */
	assert_true(pp_answer_receipts(&f->to, receipts, PP_RECEIPTS_MAX + 1, &a) < 0);
	assert_true(pp_answer_beat(&f->to, &beat, &a) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ANSWER_TEST(receipts_are_sealed_for_their_post),
		ANSWER_TEST(beats_are_sealed_for_their_post),
		ANSWER_TEST(progress_is_sealed_and_says_nothing_else),
		ANSWER_TEST(an_impossible_addressee_is_an_error),
		ANSWER_TEST(without_memory_there_is_no_answer),
		ANSWER_TEST(what_does_not_fit_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
