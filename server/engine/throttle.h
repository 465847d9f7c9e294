/* SPDX-License-Identifier: Apache-2.0 */
/* throttle.h -- each post's share of the engine while messages wait: a post that floods must not
 * keep the others waiting (contract, I12). Private to the room. Pure. */
#ifndef ENGINE_THROTTLE_H
#define ENGINE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define PP_THROTTLE_QUIET 32      /* a post that has sent no more than so many goes first */
#define PP_THROTTLE_BEHIND_MS 100 /* a message that has waited less is never dropped */
#define PP_THROTTLE_BURST 256     /* messages of one post */
#define PP_THROTTLE_PER_S 100     /* what it gets back each second */

/* Posts share a place when their names fall on the same one, and then its share too. */
#define PP_THROTTLE_PLACES 32768
struct pp_throttle {
	struct {
		uint32_t used; /* thousandths of a message */
		int64_t at_ms; /* when it was written */
	} places[PP_THROTTLE_PLACES];
};

enum pp_throttle_verdict {
	PP_THROTTLE_NOW,   /* at once */
	PP_THROTTLE_LATER, /* when nothing of quieter posts waits */
	PP_THROTTLE_DROP,  /* not at all: its post sends it again */
};
/* When the message is to be looked at. topic: its last segment, the channel, does not count.
 * now_ms: monotonic. */
enum pp_throttle_verdict pp_throttle_judge(
	struct pp_throttle *t, const char *topic, int64_t waited_ms, int64_t now_ms);

#endif
