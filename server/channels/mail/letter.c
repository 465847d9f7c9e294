/* SPDX-License-Identifier: Apache-2.0 */
/* letter.c -- headers that nothing foreign gets into, and a body in base64. */
#include "mail/letter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/text.h"

#define WORD_BYTES 42  /* of an encoded word: 56 letters of base64, 75 with its frame */
#define LINE_BYTES 57  /* of a line of the body: 76 letters */
#define SUBJECT_MAX 200

static bool is_of(char c, const char *set)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(set, c));
}

static bool all_are_of(const char *text, size_t length, const char *set)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_of(text[i], set))
			return false;
	}
	return length > 0 && text[0] != '.' && text[length - 1] != '.';
}

const char *pp_mailbox_check(const char *address)
{
	const char *at = strchr(address, '@');
	size_t length = strlen(address);

	if (!at || length > PP_MAILBOX_MAX || at - address > 64)
		return "expected a mailbox such as piket@kendalkab.go.id";
	if (!all_are_of(address, (size_t)(at - address), "!#$%*+-/=?^_{|}~.") ||
		!all_are_of(at + 1, length - (size_t)(at - address) - 1, "-.") || at[1] == '-' ||
		strstr(address, "..") || address[0] == '-')
		return "expected letters, digits and .-_+ around one @";
	return NULL;
}

static void base64_add(struct pp_buf *b, const char *data, size_t length)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t three = (uint32_t)(unsigned char)data[i] << 16;
		char four[4];

		if (left > 1)
			three |= (uint32_t)(unsigned char)data[i + 1] << 8;
		if (left > 2)
			three |= (unsigned char)data[i + 2];
		four[0] = letters[three >> 18];
		four[1] = letters[three >> 12 & 63];
		four[2] = left > 1 ? letters[three >> 6 & 63] : '=';
		four[3] = left > 2 ? letters[three & 63] : '=';
		pp_buf_add(b, four, 4);
	}
}

static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return false;
	}
	return length <= 60 && !memmem(text, length, "=?", 2);
}

/* RFC 2047: words of at most 75 letters, none of which cuts a character. */
static void encoded_add(struct pp_buf *b, const char *text, size_t length)
{
	if (is_plain(text, length)) {
		pp_buf_add(b, text, length);
		return;
	}
	for (size_t i = 0; i < length;) {
		size_t n = length - i < WORD_BYTES ? length - i : WORD_BYTES;

		while (i + n < length && n > 1 && ((unsigned char)text[i + n] & 0xc0) == 0x80)
			n--;
		pp_buf_addf(b, "%s=?UTF-8?B?", i ? "\r\n " : "");
		base64_add(b, text + i, n);
		pp_buf_addf(b, "?=");
		i += n;
	}
}

static size_t subject_length(const char *text)
{
	size_t length = strcspn(text, "\r\n");

	if (length > SUBJECT_MAX) {
		length = SUBJECT_MAX;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	return length;
}

static void date_add(struct pp_buf *b, int64_t now_ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	const time_t seconds = (time_t)(now_ms / 1000);
	struct tm t;

	if (!gmtime_r(&seconds, &t))
		return;
	pp_buf_addf(b, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday,
		months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* Of letters and digits only, whatever the key is. */
static void id_add(struct pp_buf *b, const char *key, const char *from)
{
	pp_buf_addf(b, "Message-ID: <pospin.");
	for (const char *c = key; *c; c++)
		pp_buf_addf(b, is_of(*c, "-") ? "%c" : "%02x", (unsigned char)*c);
	pp_buf_addf(b, "@%s>\r\n", strchr(from, '@') + 1);
}

static void body_add(struct pp_buf *b, const char *text)
{
	struct pp_buf lines = { 0 };

	for (const char *c = text; *c; c++)
		pp_buf_addf(&lines, *c == '\n' ? "\r\n" : "%c", *c);
	for (size_t i = 0; i < lines.length; i += LINE_BYTES) {
		size_t left = lines.length - i;

		base64_add(b, lines.data + i, left < LINE_BYTES ? left : LINE_BYTES);
		pp_buf_addf(b, "\r\n");
	}
	b->failed |= lines.failed;
	pp_buf_done(&lines);
}

int pp_letter_make(const struct pp_letter *l, char **ret_text, size_t *ret_length)
{
	struct pp_buf b = { 0 };

	if (pp_mailbox_check(l->from) || pp_mailbox_check(l->to))
		return -EINVAL;
	pp_buf_addf(&b, "From: ");
	encoded_add(&b, l->name, strcspn(l->name, "\r\n\",<>@:;()[]\\"));
	pp_buf_addf(&b, " <%s>\r\nTo: <%s>\r\nSubject: ", l->from, l->to);
	encoded_add(&b, l->text, subject_length(l->text));
	pp_buf_addf(&b, "\r\n");
	date_add(&b, l->now_ms);
	id_add(&b, l->key, l->from);
	pp_buf_addf(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n"
			"X-Priority: 1\r\n\r\n");
	body_add(&b, l->text);
	return pp_buf_take(&b, ret_text, ret_length);
}
