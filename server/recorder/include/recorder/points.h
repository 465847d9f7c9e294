/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/points.h -- which point an event of the record or a reading of a post becomes. Pure.
 *
 * measurement `event`:  tags tenant post point kind class sensor trouble incident unit code
 * channel; fields value=1i, since_occurred and since_opened (seconds, where they are known).
 * measurement `sample`: tags tenant post point name unit; field value.
 * An incident's number is a tag although it makes a series each: incidents are few (thousands a
 * year), and a text field would come out of VictoriaMetrics as 0. */
#ifndef RECORDER_POINTS_H
#define RECORDER_POINTS_H

#include "json/json.h"
#include "protocol/sample.h"
#include "protocol/topic.h"

#include <stdint.h>

struct pp_points_problem {
	char text[160];
};
/* event: as pp_query_events gives it. Its time is the original one: of occurrence for alarms,
 * restores and troubles, of the deed for what people do; the nanoseconds below the millisecond come
 * from the event's id, so that no two events share series and time (a store keeps one of such two).
 * -EINVAL: *problem says why. */
int pp_points_event(
	const struct pp_json *event, char **ret_line, struct pp_points_problem *problem);

/* offset_ms: UTC of the post's CLOCK_MONOTONIC zero as the recorder has observed it; used only
 * where the post does not know the time itself. */
int pp_points_reading(const struct pp_topic *topic, const struct pp_sample *sample, size_t index,
	int64_t offset_ms, char **ret_line, struct pp_points_problem *problem);

#endif
