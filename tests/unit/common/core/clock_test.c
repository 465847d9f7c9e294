/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test.c -- the clocks are the kernel's and in the units that the header names. */
#include "pospin_test.h"

#include <sys/timex.h>
#include <time.h>

#include "core/clock.h"
#include "core/text.h"

static void the_monotonic_clock_is_the_kernels_in_microseconds(void **state)
{
	uint64_t before = pp_clock_mono_us(), between, after;
	struct timespec ts;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	between = (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
	after = pp_clock_mono_us();
	assert_true(before <= between && between <= after);
}

static void the_boot_clock_is_never_behind_the_monotonic_one(void **state)
{
	uint64_t mono = pp_clock_mono_us();

	(void)state;
	assert_true(pp_clock_boot_us() >= mono);
}

static void the_wall_clock_is_in_milliseconds(void **state)
{
	time_t before = time(NULL);
	int64_t ms = pp_clock_wall_ms();

	(void)state;
	assert_in_range(ms / 1000, before, time(NULL) + 1);
}

static void synchronised_follows_the_kernels_status(void **state)
{
	struct timex tx = { .modes = 0 };
	bool got = pp_clock_synchronised();

	(void)state;
	assert_true(adjtimex(&tx) >= 0);
	assert_int_equal(got, !(tx.status & STA_UNSYNC));
}

static void the_boot_id_is_thirty_two_hex_digits_and_stays(void **state)
{
	char a[33], b[33];
	unsigned char raw[16];

	(void)state;
	assert_int_equal(pp_clock_boot_id(a), 0);
	assert_int_equal(pp_clock_boot_id(b), 0);
	assert_string_equal(a, b);
	assert_int_equal(pp_text_unhex(a, strlen(a), raw, sizeof(raw)), 0);
}

static void the_boot_number_stays_too(void **state)
{
	int64_t a = -1, b = -2;

	(void)state;
	assert_int_equal(pp_clock_boot_number(&a), 0);
	assert_int_equal(pp_clock_boot_number(&b), 0);
	assert_int_equal(a, b);
	assert_true(a >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_monotonic_clock_is_the_kernels_in_microseconds),
		cmocka_unit_test(the_boot_clock_is_never_behind_the_monotonic_one),
		cmocka_unit_test(the_wall_clock_is_in_milliseconds),
		cmocka_unit_test(synchronised_follows_the_kernels_status),
		cmocka_unit_test(the_boot_number_stays_too),
		cmocka_unit_test(the_boot_id_is_thirty_two_hex_digits_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
