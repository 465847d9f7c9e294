/* SPDX-License-Identifier: Apache-2.0 */
/* inert.c -- foreign texts made harmless, character by character. */
#include "texts/inert.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BROKEN UINT32_MAX

/* The next character; *text moves behind it. 0 at the end, BROKEN where there is none. */
static uint32_t character_next(const unsigned char **text)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *t = *text;
	unsigned more = t[0] < 0x80 ? 0 : t[0] < 0xc0 ? 9 : t[0] < 0xe0 ? 1 : t[0] < 0xf0 ? 2 : 3;
	uint32_t c;

	*text = t + (t[0] != 0);
	if (more == 0)
		return t[0];
	if (more == 9 || t[0] > 0xf4)
		return BROKEN;
	c = t[0] & (0x3fu >> more);
	for (unsigned i = 1; i <= more; i++) {
		if ((t[i] & 0xc0) != 0x80)
			return BROKEN;
		c = c << 6 | (t[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return BROKEN;
	*text = t + more + 1;
	return c;
}

static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

/* What shows nothing, or changes how other characters are shown. */
static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x01, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f },
		{ 0x61c, 0x61c },     /* Arabic letter mark */
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
		{ 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
		{ 0x202a, 0x202e },   /* embeddings and overrides */
		{ 0x2060, 0x206f },   /* word joiner, isolates */
		{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0xe0fff }, /* tags */
		{ 0xf0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

static uint32_t character_tame(uint32_t c)
{
	return c == '<' ? '(' : c == '>' ? ')' : c == '&' ? '+' : c;
}

static size_t character_put(uint32_t c, char ret_bytes[4])
{
	if (c < 0x80) {
		ret_bytes[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret_bytes[0] = (char)(0xc0 | c >> 6);
		ret_bytes[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret_bytes[0] = (char)(0xe0 | c >> 12);
		ret_bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret_bytes[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret_bytes[0] = (char)(0xf0 | c >> 18);
	ret_bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret_bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret_bytes[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* A text that grows to its end, and remembers where "..." would still fit. */
struct line {
	char *text;
	size_t size, length, cut;
	bool blank, full; /* blank: one is to come before the next character */
};

static void line_add(struct line *l, const char *bytes, size_t count)
{
	size_t blank = l->blank && l->length > 0;

	if (l->length + blank + count >= l->size) {
		l->full = true;
		return;
	}
	if (blank)
		l->text[l->length++] = ' ';
	l->blank = false;
	memcpy(l->text + l->length, bytes, count);
	l->length += count;
	if (l->length + 3 < l->size)
		l->cut = l->length;
}

static void line_end(struct line *l)
{
	if (l->full) {
		memcpy(l->text + l->cut, "...", 3);
		l->length = l->cut + 3;
	}
	l->text[l->length] = '\0';
}

/* Letters from U+00C0 on without their accents; '?': there is no such letter. */
static char letter_plain(uint32_t c)
{
	static const char latin[] =
		"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiii"
		"dnooooo/ouuuuytyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"
		"GgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOo"
		"OoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

	if (c >= 0xc0 && c - 0xc0 < sizeof(latin) - 1)
		return latin[c - 0xc0];
	if (c == 0x2018 || c == 0x2019 || c == 0x2bc)
		return '\'';
	if (c == 0x201c || c == 0x201d)
		return '"';
	return c >= 0x2010 && c <= 0x2015 ? '-' : '?';
}

/* ASCII that takes two places, or that phones do not have. */
static char ascii_plain(char c)
{
	static const char from[] = "[]{}\\|^~`";
	static const char to[] = "()()//'-'";
	const char *found = strchr(from, c);

	return found ? to[found - from] : c;
}

static void text_copy(const char *text, bool plain, char *ret_text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	struct line l = { .text = ret_text, .size = size };
	uint32_t c;

	assert(size >= 8);
	while ((c = character_next(&at)) != 0 && !l.full) {
		char bytes[4];
		size_t count;

		if (c == BROKEN || (is_hidden(c) && !is_blank(c)))
			continue;
		if (is_blank(c)) {
			l.blank = true;
			continue;
		}
		c = character_tame(c);
		if (l.length == 0 && c < 0x80 && strchr("=+-@|%", (char)c))
			line_add(&l, "'", 1);
		count = character_put(c, bytes);
		if (plain) {
			bytes[0] = count > 1 ? letter_plain(c) : ascii_plain((char)c);
			count = 1;
		}
		line_add(&l, bytes, count);
	}
	line_end(&l);
}

void pp_texts_inert(const char *text, char *ret_text, size_t size)
{
	text_copy(text, false, ret_text, size);
}

void pp_texts_plain(const char *text, char *ret_text, size_t size)
{
	text_copy(text, true, ret_text, size);
}
