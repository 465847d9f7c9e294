/* SPDX-License-Identifier: Apache-2.0 */
/* random_test.c -- bytes that differ. */
#include "core/random.h"

#include "pospin_test.h"

static void random_bytes_differ(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	pp_random(a, sizeof(a));
	pp_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

static void every_byte_is_filled_and_none_behind_them(void **state)
{
	enum { ROUNDS = 64, SIZE = 600 }; /* more than the kernel gives in one piece for sure */
	uint8_t data[SIZE + 1], seen[SIZE + 1] = { 0 };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		memset(data, 0, sizeof(data));
		pp_random(data, SIZE);
		for (size_t k = 0; k <= SIZE; k++)
			seen[k] |= data[k];
	}
	for (size_t k = 0; k < SIZE; k++)
		assert_int_not_equal(seen[k], 0);
	assert_int_equal(seen[SIZE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(every_byte_is_filled_and_none_behind_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
