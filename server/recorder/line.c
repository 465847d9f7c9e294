/* SPDX-License-Identifier: Apache-2.0 */
/* line.c -- escaping and checking of line protocol. */
#include "recorder/line.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(struct pp_line *l, const char *what, const char *key)
{
	if (l->why[0] == '\0')
		snprintf(l->why, sizeof(l->why), "%s: %.40s", what, key);
}

/* A trailing backslash would swallow the separator behind it, and no escape for it exists. */
static bool acceptable(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || text[length - 1] == '\\' || !pp_text_is_utf8(text, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return true;
}

static void add_escaped(struct pp_line *l, const char *text, const char *special)
{
	while (*text) {
		size_t plain = strcspn(text, special);

		pp_buf_add(&l->text, text, plain);
		text += plain;
		if (*text) {
			const char escaped[2] = { '\\', *text++ };

			pp_buf_add(&l->text, escaped, sizeof(escaped));
		}
	}
}

void pp_line_begin(struct pp_line *l, const char *measurement)
{
	/* A line that begins with # is a comment. */
	if (!acceptable(measurement) || measurement[0] == '#')
		refuse(l, "measurement", measurement);
	add_escaped(l, measurement, ", ");
}

void pp_line_tag(struct pp_line *l, const char *key, const char *value)
{
	if (!value || value[0] == '\0')
		return;
	if (!acceptable(key) || !acceptable(value)) {
		refuse(l, "tag", key);
		return;
	}
	pp_buf_add(&l->text, ",", 1);
	add_escaped(l, key, ",= ");
	pp_buf_add(&l->text, "=", 1);
	add_escaped(l, value, ",= ");
}

static void add_field_key(struct pp_line *l, const char *key)
{
	if (!acceptable(key))
		refuse(l, "field", key);
	pp_buf_add(&l->text, l->fields++ == 0 ? " " : ",", 1);
	add_escaped(l, key, ",= ");
	pp_buf_add(&l->text, "=", 1);
}

void pp_line_field_i64(struct pp_line *l, const char *key, int64_t value)
{
	add_field_key(l, key);
	pp_buf_addf(&l->text, "%" PRId64 "i", value);
}

void pp_line_field_real(struct pp_line *l, const char *key, double value)
{
	if (!isfinite(value)) {
		refuse(l, "no finite number", key);
		return;
	}
	add_field_key(l, key);
	/* The same digits, in a tenth of the time. */
	if (fabs(value) < 1e9 && value == trunc(value) && !signbit(value))
		pp_buf_addf(&l->text, "%" PRId32, (int32_t)value);
	else
		pp_buf_addf(&l->text, "%.17g", value);
}

int pp_line_end(struct pp_line *l, int64_t time_ns, char **ret_text)
{
	char *text = NULL;
	size_t length = 0;
	int r;

	if (l->fields == 0)
		refuse(l, "no field", "");
	if (time_ns < 0)
		refuse(l, "time before 1970", "");
	if (l->text.length > PP_LINE_MAX)
		refuse(l, "longer than a line may be", "");
	pp_buf_addf(&l->text, " %" PRId64, time_ns);
	r = pp_buf_take(&l->text, &text, &length);
	l->fields = 0;
	if (r == 0 && l->why[0] == '\0') {
		*ret_text = text;
		return 0;
	}
	free(text);
	return r < 0 ? r : -EINVAL;
}
