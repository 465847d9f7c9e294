/* SPDX-License-Identifier: Apache-2.0 */
/* sensor/sensor.h -- what a wire means: the seam between the kinds of sensors and the agent. Pure:
 * levels and times go in, signals come out. All times are CLOCK_MONOTONIC microseconds; those of
 * levels are the kernel's edge timestamps. Settings (struct pp_sensor_config) and events (struct
 * pp_sensor_event, pp_sensor_emit_fn) are in kind/kind.h. */
#ifndef SENSOR_SENSOR_H
#define SENSOR_SENSOR_H

#include "kind/kind.h"
#include "protocol/limits.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_sensor; /* one point; not thread-safe */

/* -EINVAL: a kind that reads no level, or a value out of range. The caller owns *ret_sensor. */
int pp_sensor_new(const struct pp_sensor_config *config, struct pp_sensor **ret_sensor);
struct pp_sensor *pp_sensor_free(struct pp_sensor *s); /* NULL is fine; returns NULL */
/* The level read right after the line was requested, before its first event, or when a lost line is
 * back (then trouble-restore `lost` comes first). `active`: after the line's active-low setting,
 * before normally_closed. An active line is reported as what it is, with PP_FLAG_AT_START; a press
 * that was told before the line was lost is not told again. */
void pp_sensor_start(
	struct pp_sensor *s, bool active, uint64_t at_us, pp_sensor_emit_fn *emit, void *user);
/* An edge. Two in a row with the same level are legal (the one between was too short to see). What
 * was due before at_us is decided first, as of when it was due, so a batch that is read late gives
 * the same events as one that was read in time. */
void pp_sensor_feed(
	struct pp_sensor *s, bool active, uint64_t at_us, pp_sensor_emit_fn *emit, void *user);
/* Advances to now. Call it at pp_sensor_deadline; earlier and later are fine. Feed what the source
 * holds before: an edge older than a decision that this step has taken counts from that decision
 * on. */
void pp_sensor_step(struct pp_sensor *s, uint64_t now_us, pp_sensor_emit_fn *emit, void *user);
uint64_t pp_sensor_deadline(const struct pp_sensor *s); /* UINT64_MAX: nothing is pending */
/* A reading of an analogue level (its settings have one). Also ends what pp_sensor_fault told. */
void pp_sensor_value(
	struct pp_sensor *s, double value, uint64_t at_us, pp_sensor_emit_fn *emit, void *user);
/* Nothing can be read any more ("lost": unplugged, "taken": another program has the line,
 * "unreadable ...": at most PP_DETAIL_MAX bytes, cut): that trouble, until pp_sensor_start or
 * pp_sensor_value; until then the first one stands. Meanwhile the last level stands: what was being
 * decided is decided from it. */
void pp_sensor_fault(struct pp_sensor *s, const char *detail, uint64_t at_us,
	pp_sensor_emit_fn *emit, void *user);
/* pp_sensor_fault of "lost". */
void pp_sensor_lost(struct pp_sensor *s, uint64_t at_us, pp_sensor_emit_fn *emit, void *user);
/* Edges of this wire were lost: trouble `gap`, over after 10 s without another. */
void pp_sensor_gap(struct pp_sensor *s, uint64_t at_us, pp_sensor_emit_fn *emit, void *user);
/* NORMAL, ALARM or TROUBLE now. *ret_detail is NULL, or valid until the next call. */
enum pp_point_state pp_sensor_state(const struct pp_sensor *s, const char **ret_detail);
double pp_sensor_baseline(const struct pp_sensor *s); /* of a level */
bool pp_sensor_pre_alarm(const struct pp_sensor *s);  /* a detector that verifies right now */
uint64_t pp_sensor_dismissed(
	const struct pp_sensor *s); /* smoke that was gone before it was verified, so far */

#endif
