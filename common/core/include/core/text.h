/* SPDX-License-Identifier: Apache-2.0 */
/* core/text.h -- strict readers of small texts. All take (text, length) and refuse what is left
 * over. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits with an optional '-', no leading zeros, no blanks. -EINVAL: not a number, -ERANGE:
 * outside. */
int pp_text_i64(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_value);
/* A decimal number: an optional '-', digits, optional fraction, optional exponent ("-1.5e-06"); no
 * blanks, no hexadecimal, no "nan" and no "inf". At most 63 bytes. -EINVAL: not a number, -ERANGE:
 * outside. */
int pp_text_real(const char *text, size_t length, double min, double max, double *ret_value);
/* A number with a unit, to microseconds: us, ms, s, min, h, d ("50ms"). A number without unit is
 * -EINVAL, except 0. */
int pp_text_duration_us(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_us);
/* The other way: in the largest unit that divides it, "50ms"; 0 is "0". */
void pp_text_duration(int64_t us, char ret_text[32]);
bool pp_text_is_slug(const char *text, size_t length, size_t max); /* [a-z0-9][a-z0-9-]* */
bool pp_text_is_utf8(const char *text, size_t length); /* well-formed, no NUL, no surrogates */
/* Lower-case hex only. ret_hex holds 2 * length + 1. Unhex wants exactly 2 * size digits (-EINVAL).
 */
void pp_text_hex(const void *data, size_t length, char *ret_hex);
int pp_text_unhex(const char *hex, size_t length, void *ret_data, size_t size);
/* How many letters to add, drop, change or swap with the next to get from a to b; for "did you
 * mean". 64 where either is longer than 63 bytes. */
size_t pp_text_distance(const char *a, const char *b);
/* Formats "2026-11-21T20:27:36.123Z" (25 bytes with NUL). Years outside 0..9999 become the nearest
 * end. */
void pp_text_utc(int64_t wall_ms, char ret_text[25]);

/* A growing text, NUL-terminated after each addition. Zero-initialised is empty. After a failed
 * allocation it stays failed and pp_buf_take returns -ENOMEM. */
struct pp_buf {
	char *data;
	size_t length, size;
	bool failed;
};
void pp_buf_add(struct pp_buf *b, const void *data, size_t length);
void pp_buf_addf(struct pp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Hands the NUL-terminated text to the caller (free()) and leaves b empty. ret_length may be NULL.
 */
int pp_buf_take(struct pp_buf *b, char **ret_text, size_t *ret_length);
void pp_buf_done(struct pp_buf *b);

#endif
