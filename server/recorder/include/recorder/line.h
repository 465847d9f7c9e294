/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/line.h -- one point as a line of InfluxDB's line protocol (docs.influxdata.com, "Line
 * protocol reference", 1.8). Pure. What a store would refuse, drop or misread is refused here. */
#ifndef RECORDER_LINE_H
#define RECORDER_LINE_H

#include "core/text.h"

#include <stdint.h>

#define PP_LINE_MAX 4096 /* bytes */

/* Zero-initialised, then begin, tags, fields, end. The first mistake is kept: later calls do
 * nothing. */
struct pp_line {
	struct pp_buf text;
	unsigned fields;
	char why[96]; /* "" while all is well */
};
void pp_line_begin(struct pp_line *l, const char *measurement);
/* NULL and "" are left out: an empty tag is no tag. Refused: control characters, a trailing
 * backslash, broken UTF-8. Words belong into tags: VictoriaMetrics turns text fields into 0. */
void pp_line_tag(struct pp_line *l, const char *key, const char *value);
void pp_line_field_i64(struct pp_line *l, const char *key, int64_t value);
void pp_line_field_real(
	struct pp_line *l, const char *key, double value); /* NaN, infinity: refused */
/* time_ns: UTC nanoseconds since 1970, not negative. 0: *ret_text is the caller's, without newline.
 * -EINVAL: `why` says what is wrong; -ENOMEM. l is empty afterwards in every case. */
int pp_line_end(struct pp_line *l, int64_t time_ns, char **ret_text);

#endif
