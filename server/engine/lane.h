/* SPDX-License-Identifier: Apache-2.0 */
/* lane.h -- which message is taken next: those of posts that send much wait until no others do, so
 * that a flood delays its own post first. Private to the room. */
#ifndef ENGINE_LANE_H
#define ENGINE_LANE_H

#include "mqtt/mqtt.h"
#include "throttle.h"

#define PP_LANE_MAX 1024          /* messages; what is more is dropped, and comes again */
#define PP_LANE_BYTES_MAX 2097152 /* of their payloads */

struct pp_lane { /* zeroed: empty */
	size_t first, count, bytes;
	struct pp_mqtt_event *events[PP_LANE_MAX];
};
/* Takes the event. False: it is full, and the event is still the caller's. */
bool pp_lane_push(struct pp_lane *lane, struct pp_mqtt_event *event);
struct pp_mqtt_event *pp_lane_take(struct pp_lane *lane); /* the oldest; NULL: none waits */
void pp_lane_done(struct pp_lane *lane);                  /* frees those that wait */

#define PP_LANES_LATER_MAX 64      /* of the lane, in a batch while other posts send too ... */
#define PP_LANES_HURRY_US 1000000u /* ... which is so long after a message of theirs */

struct pp_lanes { /* zeroed: nothing was seen */
	struct pp_throttle throttle;
	struct pp_lane later;
	uint64_t hurried_us; /* when a post that does not send much was last heard */
};
/* NOW: it is the caller's, to be used at once; LATER: kept, and *event is NULL; DROP: the caller's,
 * to be freed. */
enum pp_throttle_verdict pp_lanes_sort(
	struct pp_lanes *lanes, struct pp_mqtt_event **event, uint64_t now_us);
/* The next that was kept, when `taken` of them are in the batch already. NULL: none, or that was
 * enough. */
struct pp_mqtt_event *pp_lanes_later(struct pp_lanes *lanes, size_t taken, uint64_t now_us);

#endif
