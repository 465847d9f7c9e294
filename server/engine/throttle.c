/* SPDX-License-Identifier: Apache-2.0 */
/* throttle.c -- a leaking bucket for each place. */
#include "throttle.h"

#include <stddef.h>
#include <string.h>

#define ONE 1000 /* thousandths; so many leak in a millisecond: PP_THROTTLE_PER_S */

/* FNV-1a. */
static uint32_t place_of(const char *topic)
{
	const char *channel = strrchr(topic, '/');
	size_t length = channel ? (size_t)(channel - topic) : strlen(topic);
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)topic[i]) * 16777619u;
	return hash % PP_THROTTLE_PLACES;
}

enum pp_throttle_verdict pp_throttle_judge(
	struct pp_throttle *t, const char *topic, int64_t waited_ms, int64_t now_ms)
{
	uint32_t place = place_of(topic);
	int64_t leaked = (now_ms - t->places[place].at_ms) * PP_THROTTLE_PER_S;
	uint32_t used = t->places[place].used;

	used = leaked < 0 ? used : leaked >= used ? 0 : used - (uint32_t)leaked;
	t->places[place].at_ms = now_ms;
	if (used + ONE > PP_THROTTLE_BURST * ONE) {
		t->places[place].used = used;
		return waited_ms < PP_THROTTLE_BEHIND_MS ? PP_THROTTLE_LATER : PP_THROTTLE_DROP;
	}
	t->places[place].used = used + ONE;
	return used + ONE > PP_THROTTLE_QUIET * ONE ? PP_THROTTLE_LATER : PP_THROTTLE_NOW;
}
