/* SPDX-License-Identifier: Apache-2.0 */
/* line_fuzz.c -- a point that becomes a line is read back to the very same words and numbers by a
 * decoder written from the published grammar alone (docs.influxdata.com, "Line protocol"), and no
 * line ever holds a second one. Input: measurement, then tags and fields as "t<key>\n<value>\n",
 * "i<key>\n<8 bytes>", "r<key>\n<8 bytes>". */
#include "fuzz.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>

#include "recorder/line.h"

#define PARTS_MAX 12
#define WORD_MAX 200

struct part {
	char type; /* t, i, r */
	char key[WORD_MAX], text[WORD_MAX];
	int64_t integer;
	double real;
};

struct point {
	char measurement[WORD_MAX];
	size_t count;
	struct part parts[PARTS_MAX];
	int64_t time_ns;
};

/* --- the decoder: a backslash before a special sign (a comma, a space and, but in a measurement,
 * an equals sign) stands for that sign; before anything else it is a backslash --- */

static const char *word_read(
	const char *at, const char *ends, const char *special, char ret[WORD_MAX])
{
	size_t n = 0;

	while (*at && !strchr(ends, *at)) {
		if (*at == '\\' && at[1] && strchr(special, at[1]))
			at++;
		MUST_HOLD(n + 1 < WORD_MAX);
		ret[n++] = *at++;
	}
	ret[n] = '\0';
	return at;
}

static const char *value_read(const char *at, struct part *part)
{
	char text[64];
	size_t n = strcspn(at, ", ");

	MUST_HOLD(n > 0 && n < sizeof(text));
	memcpy(text, at, n);
	text[n] = '\0';
	if (text[n - 1] == 'i') {
		part->type = 'i';
		part->integer = strtoll(text, NULL, 10);
	} else {
		char *end;

		part->type = 'r';
		MUST_HOLD(isdigit((unsigned char)text[0]) || text[0] == '-');
		part->real = strtod(text, &end);
		MUST_HOLD(*end == '\0');
	}
	return at + n;
}

static void line_read(const char *at, struct point *p)
{
	char *end;

	p->count = 0;
	MUST_HOLD(*at != '#');
	at = word_read(at, ", ", ", ", p->measurement);
	while (*at == ',') {
		struct part *part = &p->parts[p->count++];

		part->type = 't';
		at = word_read(at + 1, "=", ", =", part->key);
		MUST_HOLD(*at == '=');
		at = word_read(at + 1, ", ", ", =", part->text);
	}
	do {
		struct part *part = &p->parts[p->count++];

		MUST_HOLD(*at == ' ' || *at == ',');
		at = word_read(at + 1, "=", ", =", part->key);
		MUST_HOLD(*at == '=');
		at = value_read(at + 1, part);
	} while (*at == ',');
	MUST_HOLD(*at == ' ' && isdigit((unsigned char)at[1]));
	p->time_ns = strtoll(at + 1, &end, 10);
	MUST_HOLD(*end == '\0');
}

/* --- what is to be written --- */

static int64_t integer(struct fuzz_input *in)
{
	return (int64_t)((uint64_t)fuzz_number(in, 4) << 32 | fuzz_number(in, 4));
}

static void point_make(struct fuzz_input *in, struct point *p)
{
	memset(p, 0, sizeof(*p));
	p->time_ns = (int64_t)((uint64_t)integer(in) >> 1);
	(void)fuzz_text(in, '\n', p->measurement, 60);
	while (p->count < PARTS_MAX && in->left > 0) {
		struct part *part = &p->parts[p->count];

		part->type = (char)fuzz_byte(in);
		(void)fuzz_text(in, '\n', part->key, 60);
		if (part->type == 't') {
			(void)fuzz_text(in, '\n', part->text, 60);
		} else if (part->type == 'i') {
			part->integer = integer(in);
		} else {
			int64_t bits = integer(in);

			part->type = 'r';
			memcpy(&part->real, &bits, sizeof(bits));
		}
		p->count++;
	}
}

static int point_write(const struct point *p, char **ret_text)
{
	struct pp_line line = { 0 };

	/* Tags come first, as a line wants them. */
	pp_line_begin(&line, p->measurement);
	for (size_t i = 0; i < p->count; i++)
		if (p->parts[i].type == 't')
			pp_line_tag(&line, p->parts[i].key, p->parts[i].text);
	for (size_t i = 0; i < p->count; i++) {
		if (p->parts[i].type == 'i')
			pp_line_field_i64(&line, p->parts[i].key, p->parts[i].integer);
		if (p->parts[i].type == 'r')
			pp_line_field_real(&line, p->parts[i].key, p->parts[i].real);
	}
	return pp_line_end(&line, p->time_ns, ret_text);
}

static void part_agrees(const struct part *want, const struct part *got)
{
	MUST_HOLD(want->type == got->type && strcmp(want->key, got->key) == 0);
	if (want->type == 't')
		MUST_HOLD(strcmp(want->text, got->text) == 0);
	else if (want->type == 'i')
		MUST_HOLD(want->integer == got->integer);
	else
		MUST_HOLD(want->real >= got->real && want->real <= got->real &&
			  signbit(want->real) == signbit(got->real));
}

static void points_agree(const struct point *want, const struct point *got)
{
	static const char order[] = "tf";
	size_t at = 0;

	MUST_HOLD(strcmp(want->measurement, got->measurement) == 0);
	MUST_HOLD(want->time_ns == got->time_ns);
	for (size_t turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < want->count; i++) {
			const struct part *part = &want->parts[i];

			if ((part->type == 't') != (order[turn] == 't') ||
				(part->type == 't' && part->text[0] == '\0'))
				continue;
			MUST_HOLD(at < got->count);
			part_agrees(part, &got->parts[at++]);
		}
	MUST_HOLD(at == got->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct point want, got;
	struct fuzz_input in = { data, size };
	char *text;

	point_make(&in, &want);
	if (point_write(&want, &text) < 0)
		return 0;
	MUST_HOLD(strlen(text) <= PP_LINE_MAX + 32 && !strpbrk(text, "\r\n"));
	MUST_HOLD(pp_text_is_utf8(text, strlen(text)));
	line_read(text, &got);
	points_agree(&want, &got);
	free(text);
	return 0;
}
