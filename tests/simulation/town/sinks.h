/* SPDX-License-Identifier: Apache-2.0 */
/* sinks.h -- the receivers of notifications, behind fetch/fetch.h. Private to the town. */
#ifndef TOWN_SINKS_H
#define TOWN_SINKS_H

#include <stdint.h>

struct sinks_counts {
	uint64_t asked, taken, misbehaved;
};
const struct sinks_counts *sinks_counts(void);

#endif
