/* SPDX-License-Identifier: Apache-2.0 */
/* settings_print.c -- prints settings as a file that reads back. */
#include "core/settings.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

struct printer {
	const struct pp_setting *table;
	size_t count;
	const void *target;
	FILE *out;
};

static const void *member(const struct printer *p, const struct pp_setting *s)
{
	return (const char *)p->target + s->offset;
}

/* Whether every reader of YAML takes it for a text as it stands. */
static bool is_plain(const char *text)
{
	static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y",
		"n" };
	static const char accepted[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "/0123456789._-@+";
	const size_t first = 53; /* the letters and the slash may start it */

	if (text[0] == '\0' || !memchr(accepted, text[0], first))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return false;
	return text[strspn(text, accepted)] == '\0';
}

static void text_print(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			fprintf(out, "\\x%02x", (unsigned)*c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

static void number_print(const struct printer *p, const struct pp_setting *s)
{
	int64_t value;
	char text[32];

	memcpy(&value, member(p, s), sizeof(value));
	if (s->type == PP_SETTING_DURATION)
		pp_text_duration(value, text);
	else
		snprintf(text, sizeof(text), "%" PRId64, value);
	fputs(text, p->out);
}

static void real_print(const struct printer *p, const struct pp_setting *s)
{
	double value;

	memcpy(&value, member(p, s), sizeof(value));
	fprintf(p->out, "%.15g", value);
}

static bool is_text(const struct pp_setting *s)
{
	return s->type == PP_SETTING_TEXT || s->type == PP_SETTING_PATH ||
	       s->type == PP_SETTING_SLUG;
}

static void value_print(const struct printer *p, const struct pp_setting *s)
{
	const char *text;
	bool yes;
	int index;

	if (!p->target) {
		if (is_text(s))
			text_print(s->fallback, p->out);
		else
			fputs(s->fallback, p->out);
	} else if (is_text(s)) {
		memcpy(&text, member(p, s), sizeof(text));
		text_print(text, p->out);
	} else if (s->type == PP_SETTING_BOOLEAN) {
		memcpy(&yes, member(p, s), sizeof(yes));
		fputs(yes ? "true" : "false", p->out);
	} else if (s->type == PP_SETTING_CHOICE) {
		memcpy(&index, member(p, s), sizeof(index));
		fputs(s->choices[index], p->out);
	} else if (s->type == PP_SETTING_REAL) {
		real_print(p, s);
	} else {
		number_print(p, s);
	}
}

static void limits_print(const struct pp_setting *s, FILE *out)
{
	char min[32], max[32];

	switch (s->type) {
	case PP_SETTING_INTEGER:
	case PP_SETTING_REAL:
		fprintf(out, " %" PRId64 " to %" PRId64 ".", s->min, s->max);
		break;
	case PP_SETTING_DURATION:
		pp_text_duration(s->min, min);
		pp_text_duration(s->max, max);
		fprintf(out, " %s to %s.", min, max);
		break;
	case PP_SETTING_CHOICE:
		for (size_t i = 0; s->choices[i]; i++)
			fprintf(out, "%s%s", i ? ", " : " One of ", s->choices[i]);
		fputc('.', out);
		break;
	case PP_SETTING_BOOLEAN:
		fputs(" true or false.", out);
		break;
	case PP_SETTING_TEXT:
	case PP_SETTING_PATH:
	case PP_SETTING_SLUG:
		break;
	}
	if (!s->fallback)
		fputs(" Must be given.", out);
}

static void indent_print(unsigned depth, FILE *out)
{
	for (unsigned i = 0; i < depth; i++)
		fputs("  ", out);
}

static void setting_print(const struct printer *p, const struct pp_setting *s, unsigned depth)
{
	const char *dot = strrchr(s->key, '.');

	indent_print(depth, p->out);
	fprintf(p->out, "# %s", s->help);
	limits_print(s, p->out);
	fputc('\n', p->out);
	indent_print(depth, p->out);
	fprintf(p->out, "%s:", dot ? dot + 1 : s->key);
	if (p->target || s->fallback) {
		fputc(' ', p->out);
		value_print(p, s);
	}
	fputc('\n', p->out);
}

/* Whether an earlier row has the same first `length` bytes: then its map has been printed. */
static bool seen_before(const struct printer *p, size_t row, size_t length)
{
	for (size_t i = 0; i < row; i++)
		if (strncmp(p->table[i].key, p->table[row].key, length) == 0)
			return true;
	return false;
}

/* Prints what lies under the first `length` bytes of key, wherever in the table it stands. */
static void map_print(const struct printer *p, const char *key, size_t length, unsigned depth)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct pp_setting *s = &p->table[i];
		size_t part;

		if (strncmp(s->key, key, length) != 0)
			continue;
		part = strcspn(s->key + length, ".");
		if (s->key[length + part] == '\0') {
			setting_print(p, s, depth);
		} else if (!seen_before(p, i, length + part + 1)) {
			indent_print(depth, p->out);
			fprintf(p->out, "%.*s:\n", (int)part, s->key + length);
			map_print(p, s->key, length + part + 1, depth + 1);
		}
	}
}

void pp_settings_print(const struct pp_setting *table, size_t count, const void *target, FILE *out)
{
	const struct printer p = { .table = table, .count = count, .target = target, .out = out };

	map_print(&p, "", 0, 0);
}
