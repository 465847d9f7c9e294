/* SPDX-License-Identifier: Apache-2.0 */
/* quantile.c -- buckets that grow with the value. */
#include "quantile.h"

#include <math.h>

/* Below 128 each value has its own bucket; above, 64 for each doubling. */
static unsigned bucket_of(uint64_t us)
{
	unsigned shift = 0;

	while (us >> shift >= 128)
		shift++;
	unsigned bucket = shift * 64 + (unsigned)(us >> shift);
	return bucket < QUANTILE_BUCKETS ? bucket : QUANTILE_BUCKETS - 1;
}

void quantile_add(struct quantiles *q, uint64_t us)
{
	q->buckets[bucket_of(us)]++;
	q->count++;
	if (us > q->max_us)
		q->max_us = us;
}

double quantile_at(const struct quantiles *q, double share)
{
	uint64_t wanted = (uint64_t)ceil(share * (double)q->count), seen = 0;

	for (unsigned i = 0; i < QUANTILE_BUCKETS && q->count > 0; i++) {
		seen += q->buckets[i];
		if (seen < wanted || seen == 0)
			continue;
		unsigned shift = i < 128 ? 0 : i / 64 - 1;
		double middle = ((double)(i - shift * 64) + (shift > 0 ? 0.5 : 0)) *
				(double)(UINT64_C(1) << shift);
		return middle < (double)q->max_us ? middle : (double)q->max_us;
	}
	return 0;
}
