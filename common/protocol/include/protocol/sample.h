/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/sample.h -- a batch of readings:
 * {"boot","mono","at","readings":[{"name","point","value","unit","mono"}]}. Unsigned. */
#ifndef PROTOCOL_SAMPLE_H
#define PROTOCOL_SAMPLE_H

#include "protocol/limits.h"

#include <stddef.h>
#include <stdint.h>

struct pp_reading {
	/* temperature, load, disk_free, round_trip, outbox_depth, clock_synchronised, level,
	 * baseline */
	char name[32];
	char point[PP_POINT_MAX + 1]; /* "": of the host */
	char unit[12];                /* SI or "1": "s", "Cel", "By" (UCUM) */
	double value;
	int64_t mono_ms; /* when it was read */
};
struct pp_sample {
	int64_t boot, mono_ms; /* when the batch was made */
	int64_t at_ms; /* UTC of mono_ms, PP_AT_UNKNOWN while the clock is not synchronised */
	size_t count;
	struct pp_reading readings[PP_READINGS_MAX];
};
/* Leaves out readings that are no number. -EMSGSIZE: send fewer at once; -ENOMEM; -EINVAL: not
 * UTF-8. Caller frees. */
int pp_sample_encode(const struct pp_sample *s, char **ret_text, size_t *ret_length);
/* -EBADMSG: a member is missing or wrong (names [a-z][a-z0-9_]*, units visible ASCII);
 * -EPROTONOSUPPORT; -ENOMEM. */
int pp_sample_decode(
	const char *text, size_t length, struct pp_sample *ret_sample, char ret_why[160]);

#endif
