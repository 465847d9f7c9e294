/* SPDX-License-Identifier: Apache-2.0 */
/* zone.c -- the table of zones, and the civil year of a moment. */
#include "registry/zone.h"

#include <errno.h>
#include <string.h>

#define ZONES(X)                                                                                   \
	X("Asia/Jakarta", 420)                                                                     \
	X("Asia/Pontianak", 420)                                                                   \
	X("Asia/Makassar", 480)                                                                    \
	X("Asia/Jayapura", 540)                                                                    \
	X("UTC", 0)

static const struct {
	const char *name;
	int minutes;
} zones[] = {
#define X(name, minutes) { name, minutes },
	ZONES(X)
#undef X
};

int pp_zone_minutes(const char *name)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (strcmp(zones[i].name, name) == 0)
			return zones[i].minutes;
	}
	return -EINVAL;
}

const char *pp_zone_names(void)
{
#define X(name, minutes) ", " name
	static const char names[] = ZONES(X);
#undef X
	return names + 2;
}

int pp_zone_year(const char *name, int64_t wall_ms)
{
	int minutes = pp_zone_minutes(name);
	int64_t days, era, day_of_era, year_of_era, day_of_year;

	if (minutes < 0)
		minutes = 0;
	wall_ms += (int64_t)minutes * 60000;
	days = wall_ms / 86400000 - (wall_ms % 86400000 < 0);
	/* Howard Hinnant, "chrono-compatible low-level date algorithms": years that begin in March.
	 */
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	return (int)(year_of_era + era * 400 + (day_of_year >= 306));
}
