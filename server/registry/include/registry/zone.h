/* SPDX-License-Identifier: Apache-2.0 */
/* registry/zone.h -- the time zones of Indonesia, which has had no daylight saving since 1964: a
 * name and a fixed offset. */
#ifndef REGISTRY_ZONE_H
#define REGISTRY_ZONE_H

#include <stdint.h>

/* Minutes east of UTC of an IANA name ("Asia/Jakarta"), -EINVAL for a name that is not in the
 * table. */
int pp_zone_minutes(const char *name);
/* The names that are known, for messages: "Asia/Jakarta, Asia/Makassar, ...". */
const char *pp_zone_names(void);
/* The year of wall_ms in that zone. An unknown zone counts as UTC: the number of an incident must
 * not depend on it. */
int pp_zone_year(const char *name, int64_t wall_ms);

#endif
