/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c -- the words of an answer. */
#include "texts/reply.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct {
	const char *word, *verb;
} words[] = {
	{ "ya", "accepted" }, { "y", "accepted" }, { "terima", "accepted" }, { "siap", "accepted" },
	{ "yes", "accepted" }, { "accept", "accepted" },
	{ "tidak", "refused" }, { "tdk", "refused" }, { "tolak", "refused" }, { "no", "refused" },
	{ "refuse", "refused" },
	{ "jalan", "en-route" }, { "berangkat", "en-route" }, { "otw", "en-route" },
	{ "go", "en-route" },
	{ "tiba", "on-scene" }, { "sampai", "on-scene" }, { "arrived", "on-scene" },
	{ "selesai", "done" }, { "done", "done" },
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool word_is(const char *word, const char *text, size_t length)
{
	if (strlen(word) != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if ((text[i] | 0x20) != word[i])
			return false;
	}
	return true;
}

static const char *verb_of(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word_is(words[i].word, text, length))
			return words[i].verb;
	}
	return NULL;
}

/* Digits with single '-' between them, to where they end. */
static size_t digits_read(const char *text, size_t length, char *ret_digits, size_t *ret_count)
{
	size_t i = 0, count = 0;

	while (i < length && (is_digit(text[i]) || (text[i] == '-' && i + 1 < length &&
							   is_digit(text[i + 1])))) {
		if (is_digit(text[i])) {
			if (count < PP_REPLY_CODE_DIGITS)
				ret_digits[count] = text[i];
			count++;
		}
		i++;
	}
	*ret_count = count;
	return i;
}

/* "No" is "nomor", too: "YA, no HP saya 0812". */
static bool is_number_word(const char *text, size_t length)
{
	return word_is("no", text, length);
}

/* "tdk lama lagi": not long, which refuses nothing. */
static bool is_followed_by_long(const char *text, size_t left)
{
	size_t i = 0, from;

	while (i < left && text[i] == ' ')
		i++;
	from = i;
	while (i < left && is_letter(text[i]))
		i++;
	return word_is("lama", text + from, i - from);
}

/* What a word says where it stands; first: nothing was said before it. NULL: nothing. */
static const char *verb_here(const char *text, size_t length, size_t left, bool first)
{
	const char *verb = verb_of(text, length);

	if (!first && is_number_word(text, length))
		return NULL;
	if (verb && strcmp(verb, "refused") == 0 &&
		is_followed_by_long(text + length, left - length))
		return NULL;
	return verb;
}

static bool is_refusal(const char *verb)
{
	return strcmp(verb, "refused") == 0;
}

/* 0, or -EINVAL: yes and no, or a second code. The first verb counts: "YA 1234567, kami berangkat"
 * is an acceptance. */
static int part_take(struct pp_reply *reply, const char *verb, const char *digits, size_t count)
{
	if (verb && reply->verb && is_refusal(reply->verb) != is_refusal(verb))
		return -EINVAL;
	if (verb && !reply->verb)
		reply->verb = verb;
	if (count != PP_REPLY_CODE_DIGITS)
		return 0; /* an incident's number, a house */
	if (reply->code[0] && memcmp(reply->code, digits, count) != 0)
		return -EINVAL;
	memcpy(reply->code, digits, count);
	return 0;
}

int pp_reply_parse(const char *text, size_t length, struct pp_reply *ret_reply)
{
	struct pp_reply reply = { .verb = NULL };
	size_t i = 0, end = length < PP_REPLY_MAX ? length : PP_REPLY_MAX;
	bool first = true;
	int r = 0;

	while (i < end && r == 0) {
		char digits[PP_REPLY_CODE_DIGITS];
		size_t from = i, count = 0;

		if (is_letter(text[i])) {
			while (i < end && is_letter(text[i]))
				i++;
			r = part_take(&reply,
				verb_here(text + from, i - from, end - from, first), NULL, 0);
			first = false;
		} else if (is_digit(text[i])) {
			i += digits_read(text + i, end - i, digits, &count);
			r = part_take(&reply, NULL, digits, count);
		} else {
			i++;
		}
	}
	if (r < 0 || !reply.verb || !reply.code[0])
		return -EINVAL;
	*ret_reply = reply;
	return 0;
}
