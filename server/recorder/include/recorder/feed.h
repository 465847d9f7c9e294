/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/feed.h -- what flows into the spool: events of the record, readings of posts. */
#ifndef RECORDER_FEED_H
#define RECORDER_FEED_H

#include "db/db.h"
#include "metrics/metrics.h"
#include "mqtt/mqtt.h"
#include "recorder/spool.h"

#include <stdint.h>

/* member, by, reason, help: see metrics/metrics.h. */
#define PP_FEED_COUNTS(X)                                                                          \
	X(events, NULL, NULL, "Events of the record made into lines.")                             \
	X(readings, NULL, NULL, "Readings of posts made into lines.")                              \
	X(clocks_wrong, NULL, NULL, "Messages of posts whose clock was off, dated by arrival.")    \
	X(clock_steps, NULL, NULL, "Steps of this machine's clock.")                               \
	X(events_refused, "feed", "event", "Events that no line can be made of.")                  \
	X(readings_refused, "feed", "reading", "Readings that no line can be made of.")            \
	X(messages_refused, "feed", "message", "Retained, unreadable and foreign messages.")       \
	X(readings_full, "feed", "spool-full", "Readings for which the spool had no room.")
struct pp_feed_counts {
	PP_FEED_COUNTS(PP_COUNTER_MEMBER)
	char last_refusal[160];
};
/* Puts the next events of the record (at most `limit`) and the new cursor into the spool, in one
 * transaction. Returns how many there were; events wait in the record while the spool is full. */
int pp_feed_record(
	struct pp_spool *spool, struct pp_db *record, int64_t limit, struct pp_feed_counts *counts);

struct pp_feed_now {
	int64_t wall_ms;
	uint64_t mono_us;
	int64_t boot; /* a number of the kernel's boot */
};
/* Puts all readings of count messages into the spool, in one transaction: durable when 0 is
 * returned, and then only are they the caller's to forget. */
int pp_feed_samples(struct pp_spool *spool, struct pp_mqtt_event *const *messages, size_t count,
	const struct pp_feed_now *now, struct pp_feed_counts *counts);

#endif
