/* SPDX-License-Identifier: Apache-2.0 */
/* lane.c -- a ring of events, and who has to wait in it. */
#include "lane.h"

bool pp_lane_push(struct pp_lane *l, struct pp_mqtt_event *event)
{
	if (l->count == PP_LANE_MAX || l->bytes + event->length > PP_LANE_BYTES_MAX)
		return false;
	l->events[(l->first + l->count++) % PP_LANE_MAX] = event;
	l->bytes += event->length;
	return true;
}

struct pp_mqtt_event *pp_lane_take(struct pp_lane *l)
{
	struct pp_mqtt_event *event;

	if (l->count == 0)
		return NULL;
	event = l->events[l->first];
	l->first = (l->first + 1) % PP_LANE_MAX;
	l->count--;
	l->bytes -= event->length;
	return event;
}

void pp_lane_done(struct pp_lane *l)
{
	struct pp_mqtt_event *event;

	while ((event = pp_lane_take(l)))
		pp_mqtt_event_free(event);
}

enum pp_throttle_verdict pp_lanes_sort(
	struct pp_lanes *l, struct pp_mqtt_event **event, uint64_t now_us)
{
	uint64_t at_us = (*event)->at_us;
	int64_t waited_ms = now_us > at_us ? (int64_t)((now_us - at_us) / 1000) : 0;
	enum pp_throttle_verdict verdict = pp_throttle_judge(
		&l->throttle, (*event)->topic, waited_ms, (int64_t)(now_us / 1000));

	if (verdict == PP_THROTTLE_NOW)
		l->hurried_us = now_us;
	if (verdict != PP_THROTTLE_LATER)
		return verdict;
	if (!pp_lane_push(&l->later, *event))
		return PP_THROTTLE_DROP;
	*event = NULL;
	return PP_THROTTLE_LATER;
}

struct pp_mqtt_event *pp_lanes_later(struct pp_lanes *l, size_t taken, uint64_t now_us)
{
	if (taken >= PP_LANES_LATER_MAX && now_us - l->hurried_us < PP_LANES_HURRY_US)
		return NULL;
	return pp_lane_take(&l->later);
}
