/* SPDX-License-Identifier: Apache-2.0 */
/* carve.c -- SQLite lays the columns of a row behind one another: topic, payload, signature. In
 * front of them stands the row's header with a varint for each column, from which its status is
 * read (sqlite.org/fileformat2.html, 2.1). */
#include "carve.h"

#include <string.h>

#include "crypto/sign.h"
#include "protocol/limits.h"

#define COLUMNS 10      /* of table signal, in the order of its definition */
#define STATUS_COLUMN 6 /* behind seq, alarm, topic, payload, signature, created */
#define HEADER_MAX 32   /* bytes, the varint of its own length included */
#define LOG_HEADER 32   /* bytes before the first frame of a log */
#define FRAME_HEADER 24 /* bytes before the page in each */

enum { STATUS_RECEIPTED = 1, STATUS_DAMAGED = 3 };

struct span {
	const uint8_t *at, *end;
};

/* -1: it is cut off. */
static int64_t varint(struct span *s)
{
	int64_t value = 0;

	for (int i = 0; i < 8 && s->at < s->end; i++) {
		uint8_t byte = *s->at++;

		value = value << 7 | (byte & 0x7f);
		if (byte < 0x80)
			return value;
	}
	return -1;
}

static size_t column_size(int64_t type)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

	return type < 12 ? sizes[type] : (size_t)(type - 12) / 2;
}

/* The status of the row whose header is `header` and whose topic follows it. -1: that is no header
 * of a row with this payload. */
static int header_status(struct span header, const struct pp_carved *c, const uint8_t *end)
{
	int64_t types[COLUMNS];
	const uint8_t *created = c->signature + PP_SIGNATURE_SIZE;
	size_t at;

	(void)varint(&header); /* its length, which led here */
	for (int i = 0; i < COLUMNS; i++) {
		types[i] = varint(&header);
		if (types[i] < 0)
			return -1;
	}
	if (header.at != header.end || column_size(types[1]) != 0 ||
		column_size(types[3]) != c->length || column_size(types[4]) != PP_SIGNATURE_SIZE)
		return -1;
	at = column_size(types[STATUS_COLUMN - 1]);
	if (types[STATUS_COLUMN] == 8 || types[STATUS_COLUMN] == 9)
		return (int)types[STATUS_COLUMN] - 8;
	return types[STATUS_COLUMN] == 1 && created + at < end ? created[at] : -1;
}

static bool is_done(
	const uint8_t *begin, const uint8_t *topic, const uint8_t *end, const struct pp_carved *c)
{
	for (int length = COLUMNS + 1; length <= HEADER_MAX && topic - begin >= length; length++) {
		int status;

		if (topic[-length] != length)
			continue;
		status = header_status((struct span){ topic - length, topic }, c, end);
		if (status >= 0)
			return status == STATUS_RECEIPTED || status == STATUS_DAMAGED;
	}
	return false;
}

/* The length of the JSON object at text; 0: it has no end. Braces in texts are passed over. */
static size_t object_length(const char *text, size_t size)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < size && i < PP_PAYLOAD_MAX; i++) {
		if (text[i] == '\\' && quoted)
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && text[i] == '{')
			depth++;
		else if (!quoted && text[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

void pp_carve(const void *data, size_t length, const char *topic, pp_carve_fn *fn, void *user)
{
	static const char first[] = "{\"epoch\":\""; /* as our own encoder begins */
	const uint8_t *begin = data, *end = begin + length, *at = begin;
	const size_t topic_length = strlen(topic);

	for (; (at = memmem(at, (size_t)(end - at), first, sizeof(first) - 1)); at++) {
		struct pp_carved c = { .payload = (const char *)at };

		c.length = object_length(c.payload, (size_t)(end - at));
		if (c.length == 0 || (size_t)(end - at) < c.length + PP_SIGNATURE_SIZE)
			continue;
		c.signature = at + c.length;
		if ((size_t)(at - begin) >= topic_length)
			c.done = is_done(begin, at - topic_length, end, &c);
		fn(user, &c);
	}
}

static uint32_t word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The header may be what is damaged: it names the page's size only where it looks right. */
static size_t page_size(const uint8_t *data)
{
	uint32_t size = word(data + 8);

	return size >= 512 && size <= 65536 && (size & (size - 1)) == 0 ? size : 4096;
}

void pp_carve_log(const void *data, size_t length, const char *topic, pp_carve_fn *fn, void *user)
{
	const uint8_t *bytes = data;
	size_t frame = length < LOG_HEADER ? 0 : FRAME_HEADER + page_size(bytes);
	size_t begin = LOG_HEADER;

	/* A frame that ends a transaction names the size of the file after it; frames of an earlier
	 * round of the log have other salts, and are the log's past. */
	for (size_t at = LOG_HEADER; frame && at + frame <= length; at += frame) {
		if (memcmp(bytes + at + 8, bytes + LOG_HEADER + 8, 8) != 0)
			return;
		if (word(bytes + at + 4) == 0)
			continue;
		pp_carve(bytes + begin, at + frame - begin, topic, fn, user);
		begin = at + frame;
	}
}
