/* SPDX-License-Identifier: Apache-2.0 */
/* text.c -- strict readers of small texts, and a text that grows. */
#include "core/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int digits_read(const char *text, size_t length, uint64_t *ret_value)
{
	uint64_t value = 0;
	bool over = false;

	if (length == 0 || (length > 1 && text[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		over |= __builtin_mul_overflow(value, 10u, &value);
		over |= __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value);
	}
	if (over)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int pp_text_i64(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_value)
{
	bool negative = length > 0 && text[0] == '-';
	uint64_t magnitude;
	int64_t value;
	int r = digits_read(text + negative, length - negative, &magnitude);

	if (r < 0)
		return r;
	if (negative && magnitude == 0)
		return -EINVAL;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	/* Negating the unsigned value is what makes INT64_MIN come out right. */
	value = (int64_t)(negative ? 0 - magnitude : magnitude);
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

/* The length of the run of digits at text + at. */
static size_t digits_length(const char *text, size_t length, size_t at)
{
	size_t n = 0;

	while (at + n < length && text[at + n] >= '0' && text[at + n] <= '9')
		n++;
	return n;
}

static bool is_real(const char *text, size_t length)
{
	size_t at = length > 0 && text[0] == '-', n = digits_length(text, length, at);

	if (n == 0)
		return false;
	at += n;
	if (at < length && text[at] == '.') {
		n = digits_length(text, length, at + 1);
		if (n == 0)
			return false;
		at += 1 + n;
	}
	if (at < length && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		if (at < length && (text[at] == '-' || text[at] == '+'))
			at++;
		n = digits_length(text, length, at);
		if (n == 0)
			return false;
		at += n;
	}
	return at == length;
}

int pp_text_real(const char *text, size_t length, double min, double max, double *ret_value)
{
	char copy[64];
	double value;

	if (length >= sizeof(copy) || !is_real(text, length))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	value = strtod(copy, NULL); /* what overflows is infinite, and so out of every range */
	if (!(value >= min && value <= max) || isinf(value))
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static const struct {
	const char *name;
	int64_t us;
} units[] = {
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000000 },
	{ "min", 60 * INT64_C(1000000) },
	{ "h", 3600 * INT64_C(1000000) },
	{ "d", 86400 * INT64_C(1000000) },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

static int64_t unit_us(const char *unit, size_t length)
{
	for (size_t i = 0; i < UNITS; i++)
		if (strlen(units[i].name) == length && memcmp(units[i].name, unit, length) == 0)
			return units[i].us;
	return 0;
}

int pp_text_duration_us(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_us)
{
	int64_t number, unit, us;
	size_t end = length;
	int r;

	while (end > 0 && text[end - 1] >= 'a' && text[end - 1] <= 'z')
		end--;
	r = pp_text_i64(text, end, INT64_MIN, INT64_MAX, &number);
	unit = unit_us(text + end, length - end);
	if (r == 0 && number == 0 && end == length)
		unit = 1;
	if (r == -EINVAL || unit == 0)
		return -EINVAL;
	if (r < 0 || __builtin_mul_overflow(number, unit, &us) || us < min || us > max)
		return -ERANGE;
	*ret_us = us;
	return 0;
}

void pp_text_duration(int64_t us, char ret_text[32])
{
	size_t i = UNITS - 1;

	if (us == 0) {
		memcpy(ret_text, "0", 2);
		return;
	}
	while (us % units[i].us != 0)
		i--;
	snprintf(ret_text, 32, "%" PRId64 "%s", us / units[i].us, units[i].name);
}

static bool is_slug_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool pp_text_is_slug(const char *text, size_t length, size_t max)
{
	if (length == 0 || length > max || !is_slug_char(text[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_slug_char(text[i]) && text[i] != '-')
			return false;
	return true;
}

/* The length of the sequence at p, 0 when it is ill-formed (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (left < length)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool pp_text_is_utf8(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	while (length > 0) {
		size_t n = utf8_sequence(p, length);

		if (n == 0)
			return false;
		p += n;
		length -= n;
	}
	return true;
}

void pp_text_hex(const void *data, size_t length, char *ret_hex)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < length; i++) {
		ret_hex[2 * i] = digits[p[i] >> 4];
		ret_hex[2 * i + 1] = digits[p[i] & 15];
	}
	ret_hex[2 * length] = '\0';
}

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)(c - 'a' + 10);
}

int pp_text_unhex(const char *hex, size_t length, void *ret_data, size_t size)
{
	unsigned char *out = ret_data;

	if (length % 2 != 0 || length / 2 != size)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (!((hex[i] >= '0' && hex[i] <= '9') || (hex[i] >= 'a' && hex[i] <= 'f')))
			return -EINVAL;
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t pp_text_distance(const char *a, const char *b)
{
	/* rows[i % 3][j]: from the first i bytes of a to the first j of b. A swap looks two rows
	 * back. */
	size_t rows[3][64], n = strlen(a), m = strlen(b);

	if (n > 63 || m > 63)
		return 64;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], higher[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

void pp_text_utc(int64_t wall_ms, char ret_text[25])
{
	const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
	int64_t ms = wall_ms < first ? first : wall_ms > last ? last : wall_ms;
	int64_t rest = ms % 1000;
	struct tm tm;
	time_t seconds;
	char text[96];

	if (rest < 0)
		rest += 1000;
	seconds = (time_t)((ms - rest) / 1000);
	assert(gmtime_r(&seconds, &tm));
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)rest);
	assert(strlen(text) == 24);
	memcpy(ret_text, text, 25);
}

/* Makes room for `more` bytes and a NUL. */
static bool buf_reserve(struct pp_buf *b, size_t more)
{
	size_t need, size = b->size ? b->size : 64;
	char *data;

	if (b->failed)
		return false;
	if (__builtin_add_overflow(b->length, more, &need) || need > SIZE_MAX / 4) {
		b->failed = true;
		return false;
	}
	if (need < b->size)
		return true;
	while (size <= need)
		size *= 2;
	data = realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->size = size;
	return true;
}

void pp_buf_add(struct pp_buf *b, const void *data, size_t length)
{
	if (!buf_reserve(b, length))
		return;
	if (length > 0)
		memcpy(b->data + b->length, data, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void pp_buf_addf(struct pp_buf *b, const char *fmt, ...)
{
	size_t room;
	va_list args;
	int n;

	/* Mostly it fits into what is there. */
	if (!buf_reserve(b, 0))
		return;
	room = b->size - b->length;
	va_start(args, fmt);
	n = vsnprintf(b->data + b->length, room, fmt, args);
	va_end(args);
	if (n < 0) {
		b->data[b->length] = '\0';
		b->failed = true;
		return;
	}
	if ((size_t)n < room) {
		b->length += (size_t)n;
		return;
	}
	b->data[b->length] = '\0';
	if (!buf_reserve(b, (size_t)n))
		return;
	va_start(args, fmt);
	vsnprintf(b->data + b->length, (size_t)n + 1, fmt, args);
	va_end(args);
	b->length += (size_t)n;
}

int pp_buf_take(struct pp_buf *b, char **ret_text, size_t *ret_length)
{
	if (!buf_reserve(b, 0)) {
		pp_buf_done(b);
		return -ENOMEM;
	}
	b->data[b->length] = '\0';
	*ret_text = b->data;
	if (ret_length)
		*ret_length = b->length;
	*b = (struct pp_buf){ 0 };
	return 0;
}

void pp_buf_done(struct pp_buf *b)
{
	free(b->data);
	*b = (struct pp_buf){ 0 };
}
