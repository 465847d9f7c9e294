/* SPDX-License-Identifier: Apache-2.0 */
/* redact.c -- one walk over the text; at each place the first rule that fits eats what it removes.
 */
#include "checkup/redact.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

#define HEX_MIN 32
#define KEY_MIN 32
#define SEGMENT_MIN 24 /* of a path */
#define PHONE_MIN 9    /* digits */
#define PHONE_MAX 15

struct walk {
	const char *text;
	size_t length, at;
	struct pp_buf *out;
};

static char here(const struct walk *w, size_t offset)
{
	return w->at + offset < w->length ? w->text[w->at + offset] : '\0';
}

static char before(const struct walk *w)
{
	return w->at > 0 ? w->text[w->at - 1] : ' ';
}

static bool starts(const struct walk *w, const char *word)
{
	size_t length = strlen(word);

	return length <= w->length - w->at && strncasecmp(w->text + w->at, word, length) == 0;
}

static void put(struct walk *w, const char *word)
{
	pp_buf_add(w->out, word, strlen(word));
}

static size_t run_of(const struct walk *w, size_t from, bool (*fits)(char c))
{
	size_t n = from;

	while (w->at + n < w->length && fits(w->text[w->at + n]))
		n++;
	return n - from;
}

static bool is_graph(char c)
{
	return c > ' ' && c != 0x7f && !strchr("\"'<>", c);
}

static bool is_host(char c)
{
	return isalnum((unsigned char)c) || strchr("-._[]:", c);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- rules: each returns whether it has eaten something ---- */

static bool pem(struct walk *w)
{
	static const char mark[] = "PRIVATE KEY-----";
	const char *end;

	if (!starts(w, "-----BEGIN ") ||
		!memmem(w->text + w->at, w->length - w->at < 80 ? w->length - w->at : 80, mark,
			sizeof(mark) - 1))
		return false;
	end = memmem(w->text + w->at, w->length - w->at, "-----END ", 9);
	w->at = end ? (size_t)(end - w->text) : w->length;
	w->at += run_of(w, 0, is_graph);
	put(w, "[private key]");
	return true;
}

/* Keeps scheme, host and port. */
static bool url(struct walk *w)
{
	size_t scheme = starts(w, "https://") ? 8 : starts(w, "http://") ? 7 : 0, all, host;
	const char *at;

	if (!scheme)
		return false;
	all = run_of(w, scheme, is_graph);
	pp_buf_add(w->out, w->text + w->at, scheme);
	w->at += scheme;
	host = strcspn(w->text + w->at, "/?#");
	host = host < all ? host : all;
	at = memrchr(w->text + w->at, '@', host);
	if (at) {
		size_t gone = (size_t)(at - (w->text + w->at)) + 1;

		put(w, "[removed]@");
		w->at += gone;
		all -= gone;
	}
	host = run_of(w, 0, is_host);
	host = host < all ? host : all;
	pp_buf_add(w->out, w->text + w->at, host);
	if (all > host + 1)
		put(w, "/[removed]");
	w->at += all;
	return true;
}

/* password=..., "secret": "...". A file that holds it is no secret. */
static bool named(struct walk *w)
{
	static const char *const names[] = { "password", "secret", "token", "cookie",
		"authorization", "pospin_session", "pospin_device", "setup" };
	size_t skip = 0, length;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !skip; i++)
		if (starts(w, names[i]))
			skip = strlen(names[i]);
	if (!skip)
		return false;
	skip += here(w, skip) == '"';
	skip += run_of(w, skip, is_blank);
	if (here(w, skip) != ':' && here(w, skip) != '=')
		return false;
	skip++;
	skip += run_of(w, skip, is_blank);
	if (starts(&(struct walk){ w->text, w->length, w->at + skip, NULL }, "bearer "))
		skip += 7;
	skip += here(w, skip) == '"' || here(w, skip) == '\'';
	length = run_of(w, skip, is_graph);
	if (length == 0 || here(w, skip) == '/')
		return false;
	pp_buf_add(w->out, w->text + w->at, skip);
	put(w, "[removed]");
	w->at += skip + length;
	return true;
}

static bool is_key(char c)
{
	return isalnum((unsigned char)c) || strchr("+/=_-", c);
}

static bool looks_random(const char *text, size_t length)
{
	bool upper = false, lower = false, digit = false;

	for (size_t i = 0; i < length; i++) {
		upper |= isupper((unsigned char)text[i]) != 0;
		lower |= islower((unsigned char)text[i]) != 0;
		digit |= isdigit((unsigned char)text[i]) != 0;
	}
	return upper && lower && digit;
}

static bool is_hex_run(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* Whether a run of key characters holds a key: whole, or, where it is a path, in one of its parts.
 */
static bool holds_key(const char *text, size_t length)
{
	if ((length >= HEX_MIN && is_hex_run(text, length)) ||
		(length >= KEY_MIN && text[0] != '/' && looks_random(text, length)))
		return true;
	for (size_t i = 0, part; i < length; i += part + 1) {
		part = strcspn(text + i, "/");
		part = part < length - i ? part : length - i;
		if ((part >= SEGMENT_MIN && looks_random(text + i, part)) ||
			(part >= HEX_MIN && is_hex_run(text + i, part)))
			return true;
	}
	return false;
}

static bool key(struct walk *w)
{
	size_t length;

	if (is_key(before(w)) && w->at > 0)
		return false;
	length = run_of(w, 0, is_key);
	if (length < SEGMENT_MIN || !holds_key(w->text + w->at, length))
		return false;
	put(w, "[key]");
	w->at += length;
	return true;
}

static bool phone(struct walk *w)
{
	bool plus = here(w, 0) == '+';
	size_t digits = 0, n = plus;

	if ((!plus && !(here(w, 0) == '0' && here(w, 1) == '8')) ||
		isalnum((unsigned char)before(w)) || strchr(".:-_", before(w)))
		return false;
	for (;; n++) {
		char c = here(w, n);

		if (isdigit((unsigned char)c))
			digits++;
		else if ((c != ' ' && c != '-') || !isdigit((unsigned char)here(w, n + 1)))
			break;
	}
	if (digits < PHONE_MIN || digits > PHONE_MAX)
		return false;
	put(w, "[number]");
	w->at += n;
	return true;
}

/* ---- words ---- */

struct word {
	const char *text;
	size_t length;
};

static int longest_first(const void *a, const void *b)
{
	size_t x = ((const struct word *)a)->length, y = ((const struct word *)b)->length;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void word_remove(struct pp_buf *text, const struct word *word)
{
	static const char mark[] = "[removed]";
	struct pp_buf out = { 0 };
	const char *from = text->data, *end = text->data + text->length, *found;

	while ((found = memmem(from, (size_t)(end - from), word->text, word->length)) != NULL) {
		pp_buf_add(&out, from, (size_t)(found - from));
		pp_buf_add(&out, mark, sizeof(mark) - 1);
		from = found + word->length;
	}
	if (from == text->data)
		return;
	pp_buf_add(&out, from, (size_t)(end - from));
	pp_buf_done(text);
	*text = out;
}

static int words_remove(struct pp_buf *text, const char *const *words)
{
	size_t count = 0, kept = 0;
	struct word *list;

	while (words && words[count])
		count++;
	if (count == 0)
		return 0;
	list = calloc(count, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) >= PP_REDACT_WORD_MIN)
			list[kept++] = (struct word){ words[i], strlen(words[i]) };
	qsort(list, kept, sizeof(*list), longest_first);
	for (size_t i = 0; i < kept && !text->failed && text->length > 0; i++)
		word_remove(text, &list[i]);
	free(list);
	return text->failed ? -ENOMEM : 0;
}

int pp_redact(const char *text, size_t length, const char *const *words, char **ret_text,
	size_t *ret_length)
{
	static bool (*const rules[])(struct walk * w) = { pem, url, named, key, phone };
	struct pp_buf clean = { 0 }, out = { 0 };
	struct walk w = { .out = &out };
	int r;

	pp_buf_add(&clean, text, length);
	r = clean.failed ? -ENOMEM : words_remove(&clean, words);
	w.text = clean.data;
	w.length = clean.length;
	while (r == 0 && w.at < w.length) {
		size_t i = 0, count = sizeof(rules) / sizeof(rules[0]);

		while (i < count && !rules[i](&w))
			i++;
		if (i == count)
			pp_buf_add(&out, w.text + w.at++, 1);
	}
	pp_buf_done(&clean);
	pp_buf_add(&out, "", 0);
	if (r == 0)
		return pp_buf_take(&out, ret_text, ret_length);
	pp_buf_done(&out);
	return r;
}
