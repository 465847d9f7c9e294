/* SPDX-License-Identifier: Apache-2.0 */
/* inert.c -- texts from elsewhere, made harmless for a terminal. */
#include "inert.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Length of the well-formed UTF-8 character at p and its value; 0: it is none. Shortest form only.
 */
static size_t char_read(const unsigned char *p, uint32_t *ret_value)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80       ? 1
			: p[0] >> 5 == 6  ? 2
			: p[0] >> 4 == 14 ? 3
			: p[0] >> 3 == 30 ? 4
					  : 0;
	uint32_t value;

	if (length <= 1) {
		*ret_value = p[0];
		return length;
	}
	value = p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3fu);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*ret_value = value;
	return length;
}

static bool char_acts(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} acting[] = {
		{ 0x00, 0x1f },
		{ 0x7f, 0x9f }, /* C0, DEL, C1 */
		{ 0xad, 0xad },
		{ 0x61c, 0x61c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(acting) / sizeof(acting[0]); i++) {
		if (c >= acting[i].from && c <= acting[i].to)
			return true;
	}
	return false;
}

#define PIECE_MAX 16

/* What stands for the next character of text; returns how many bytes of text it took. */
static size_t piece_make(const char *text, char ret_piece[PIECE_MAX])
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c;
	size_t length = char_read(p, &c);

	if (length == 0 || (length == 1 && char_acts(c))) {
		snprintf(ret_piece, PIECE_MAX, "\\x%02x", (unsigned)p[0]);
		return 1;
	}
	if (char_acts(c)) {
		snprintf(ret_piece, PIECE_MAX, "\\u%04x", (unsigned)c);
		return length;
	}
	memcpy(ret_piece, text, length);
	ret_piece[length] = '\0';
	return length;
}

static size_t piece_width(const char *piece)
{
	return piece[0] == '\\' ? strlen(piece) : 1;
}

void pp_inert_write(FILE *out, const char *text)
{
	char piece[PIECE_MAX];

	while (*text) {
		text += piece_make(text, piece);
		fputs(piece, out);
	}
}

size_t pp_inert_width(const char *text)
{
	char piece[PIECE_MAX];
	size_t width = 0;

	while (*text) {
		text += piece_make(text, piece);
		width += piece_width(piece);
	}
	return width;
}

void pp_inert_cell(FILE *out, const char *text, size_t width)
{
	bool fits = pp_inert_width(text) <= width;
	size_t room = fits ? width : width - 1, used = 0;
	char piece[PIECE_MAX];

	while (*text) {
		text += piece_make(text, piece);
		if (used + piece_width(piece) > room)
			break;
		fputs(piece, out);
		used += piece_width(piece);
	}
	if (!fits) {
		fputc('~', out);
		used++;
	}
	fprintf(out, "%*s", (int)(width - used), "");
}

static void json_escape(FILE *out, uint32_t c)
{
	if (c > 0xffff) {
		fprintf(out, "\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	fprintf(out, "\\u%04x", (unsigned)c);
}

void pp_inert_json(FILE *out, const char *json)
{
	while (*json) {
		uint32_t c;
		size_t length = char_read((const unsigned char *)json, &c);

		if (length ==
			0) { /* cannot come out of a JSON printer: shown rather than trusted */
			c = 0xfffd;
			length = 1;
		}
		if (char_acts(c) || c == 0xfffd)
			json_escape(out, c);
		else
			fwrite(json, 1, length, out);
		json += length;
	}
}
