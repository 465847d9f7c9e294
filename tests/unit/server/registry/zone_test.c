/* SPDX-License-Identifier: Apache-2.0 */
/* zone_test.c -- years begin when they begin in Indonesia. */
#include "registry/zone.h"

#include "pospin_test.h"

#include <errno.h>
#include <time.h>

static void zones_are_known_by_their_names(void **state)
{
	(void)state;
	assert_int_equal(pp_zone_minutes("Asia/Jakarta"), 420);
	assert_int_equal(pp_zone_minutes("Asia/Jayapura"), 540);
	assert_int_equal(pp_zone_minutes("asia/jakarta"), -EINVAL);
	assert_int_equal(pp_zone_minutes("Europe/Berlin"), -EINVAL);
	assert_non_null(strstr(pp_zone_names(), "Asia/Makassar, Asia/Jayapura"));
}

static void a_year_begins_at_midnight_of_its_zone(void **state)
{
	static const struct {
		const char *zone;
		int64_t ms;
		int want;
	} cases[] = {
		{ "Asia/Jakarta", 1798736399999, 2026 }, /* 2026-12-31T16:59:59.999Z */
		{ "Asia/Jakarta", 1798736400000, 2027 }, { "Asia/Jayapura", 1798736399999, 2027 },
		{ "UTC", 1798761599999, 2026 }, { "UTC", 1798761600000, 2027 },
		{ "Nowhere", 1798761600000, 2027 }, { "UTC", 0, 1970 }, { "UTC", -1, 1969 },
		{ "UTC", 951782400000, 2000 }, /* 29 February */
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		int got = pp_zone_year(cases[i].zone, cases[i].ms);

		if (got != cases[i].want)
			fail_msg("case %zu: %d, want %d", i, got, cases[i].want);
	}
}

static void years_are_those_of_gmtime_for_every_day_of_two_centuries(void **state)
{
	(void)state;
	for (int64_t day = -36525; day < 36525; day++) {
		time_t t = (time_t)(day * 86400);
		struct tm tm;

		gmtime_r(&t, &tm);
		assert_int_equal(pp_zone_year("UTC", day * 86400000), tm.tm_year + 1900);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_known_by_their_names),
		cmocka_unit_test(a_year_begins_at_midnight_of_its_zone),
		cmocka_unit_test(years_are_those_of_gmtime_for_every_day_of_two_centuries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
