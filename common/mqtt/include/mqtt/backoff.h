/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt/backoff.h -- when to connect again. Pure. Waits double from min to max with full jitter in
 * the upper half. */
#ifndef MQTT_BACKOFF_H
#define MQTT_BACKOFF_H

#include <stdint.h>

struct pp_backoff {
	uint64_t min_us, max_us, current_us;
};
void pp_backoff_init(struct pp_backoff *b, uint64_t min_us, uint64_t max_us);
/* The wait before the next try; random is any 32 random bits. max_us may be changed between calls
 * (idle or urgent). */
uint64_t pp_backoff_next_us(struct pp_backoff *b, uint32_t random);
void pp_backoff_reset(struct pp_backoff *b);

#endif
