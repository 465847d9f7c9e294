/* SPDX-License-Identifier: Apache-2.0 */
/* quantile.h -- latencies in buckets that are never wider than 1/64 of their value, as
 * HdrHistogram has them. Pure. */
#ifndef FLEET_QUANTILE_H
#define FLEET_QUANTILE_H

#include <stdint.h>

#define QUANTILE_BUCKETS (64 * 40)

struct quantiles {
	uint64_t buckets[QUANTILE_BUCKETS], count, max_us;
};
void quantile_add(struct quantiles *q, uint64_t us);
/* share: 0.0 to 1.0; the middle of its bucket, microseconds. 0 when empty. */
double quantile_at(const struct quantiles *q, double share);

#endif
