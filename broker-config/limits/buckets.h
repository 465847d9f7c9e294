/* SPDX-License-Identifier: Apache-2.0 */
/* buckets.h -- each client's share of the broker, by channel: leaking buckets. Pure. */
#ifndef LIMITS_BUCKETS_H
#define LIMITS_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#define PP_LIMITS_CLIENTS 65536      /* kept apart; more share one place */
#define PP_LIMITS_SAY_EVERY_MS 60000 /* of a client that is refused something */

struct pp_limits;
int pp_limits_new(struct pp_limits **ret_limits);           /* -ENOMEM */
struct pp_limits *pp_limits_free(struct pp_limits *limits); /* NULL is fine; returns NULL */

/* Whether what client publishes on the channel may pass. now_ms: monotonic. False: refused;
 * *ret_say is then how many have been refused since it was last said, when it is time to say so,
 * else 0. */
bool pp_limits_pass(struct pp_limits *limits, const char *client, const char *channel,
	int64_t now_ms, uint64_t *ret_say);

#endif
