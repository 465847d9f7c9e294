/* SPDX-License-Identifier: Apache-2.0 */
/* phrase.c -- strict readers of script words. */
#include "phrase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define PHRASE_BLANKS " \t\r\n"
#define PHRASE_SECONDS_MAX 10000000u
#define PHRASE_NUMBER_MAX 1e12

size_t pp_phrase_split(char *text, char **ret_words, size_t size)
{
	size_t n = 0;

	for (;;) {
		text += strspn(text, PHRASE_BLANKS);
		if (*text == '\0')
			return n;
		if (n == size)
			return size + 1;
		ret_words[n++] = text;
		text += strcspn(text, PHRASE_BLANKS);
		if (*text != '\0')
			*text++ = '\0';
	}
}

int pp_phrase_level(const char *word)
{
	if (strcmp(word, "on") == 0)
		return 1;
	return strcmp(word, "off") == 0 ? 0 : -EINVAL;
}

int pp_phrase_number(const char *word, double *ret_number)
{
	return pp_text_real(word, strlen(word), -PHRASE_NUMBER_MAX, PHRASE_NUMBER_MAX, ret_number);
}

const char *pp_phrase_level_text(bool active)
{
	return active ? "on" : "off";
}

int pp_phrase_line(const struct pp_line *lines, size_t count, const char *id, size_t *ret_line,
	struct pp_source_why *why)
{
	int length;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(lines[i].id, id) != 0)
			continue;
		*ret_line = i;
		return 0;
	}
	length = snprintf(why->text, sizeof(why->text), "no point '%.40s'; known:", id);
	for (size_t i = 0; i < count && length < (int)sizeof(why->text); i++)
		length += snprintf(why->text + length, sizeof(why->text) - (size_t)length, "%s %s",
			i ? "," : "", lines[i].id);
	return -ENOENT;
}

int pp_phrase_seconds(const char *word, uint64_t *ret_us)
{
	size_t whole = strspn(word, "0123456789");
	const char *rest = word + whole;
	uint64_t us = 0;
	unsigned decimals = 0;

	if (whole == 0 || (*rest != '\0' && *rest != '.'))
		return -EINVAL;
	if (whole > 8)
		return -ERANGE;
	if (*rest == '.') {
		decimals = (unsigned)strspn(rest + 1, "0123456789");
		if (decimals == 0 || decimals > 6 || rest[1 + decimals] != '\0')
			return -EINVAL;
	}
	for (size_t i = 0; i < whole; i++)
		us = us * 10 + (uint64_t)(word[i] - '0');
	if (us > PHRASE_SECONDS_MAX)
		return -ERANGE;
	for (unsigned i = 0; i < 6; i++)
		us = us * 10 + (i < decimals ? (uint64_t)(rest[1 + i] - '0') : 0);
	*ret_us = us;
	return 0;
}
