/* SPDX-License-Identifier: Apache-2.0 */
/* sender_test.c -- one number, however it is written. */
#include "texts/sender.h"

#include "pospin_test.h"

static void a_sender_is_the_number_of_an_address_however_it_is_written(void **state)
{
	static const struct {
		const char *sender, *address;
		bool want;
	} rows[] = {
		{ "+6281234567890", "+6281234567890", true },
		{ "6281234567890", "+6281234567890", true },
		{ "006281234567890", "+6281234567890", true },
		{ "081234567890", "+6281234567890", true },
		{ "0812-3456 7890", "+6281234567890", true },
		{ "+6281234567891", "+6281234567890", false },
		{ "1234567890", "+6281234567890", true }, /* a country has three digits at most */
		{ "234567890", "+6281234567890", false },
		{ "4567890", "+4567890", false }, /* too short to be one person's */
		{ "+16281234567890", "+6281234567890", false },
		{ "BANK", "+6281234567890", false },
		{ "", "", false },
		{ NULL, "+6281234567890", false },
		{ "0000000000000", "", false },
		{ "1111111111222222222233333", "+1111111111222222222233333", false },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		if (pp_sender_is(rows[i].sender, rows[i].address) != rows[i].want)
			fail_msg("row %zu", i);
}

static void what_tells_one_sender_from_others_are_the_last_nine_digits(void **state)
{
	static const char *const rows[][2] = { { "+6281234567890", "234567890" },
		{ "081234567890", "234567890" }, { "12345", "12345" }, { "1234", "" },
		{ "BANK", "" }, { "", "" }, { NULL, "" } };
	char digits[PP_SENDER_SIZE];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		pp_sender_digits(rows[i][0], digits);
		assert_string_equal(digits, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sender_is_the_number_of_an_address_however_it_is_written),
		cmocka_unit_test(what_tells_one_sender_from_others_are_the_last_nine_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
