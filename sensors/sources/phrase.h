/* SPDX-License-Identifier: Apache-2.0 */
/* phrase.h -- the few words that scripts and their sockets are made of. */
#ifndef SOURCES_PHRASE_H
#define SOURCES_PHRASE_H

#include "sources/source.h"

/* Splits text at blanks, in place. The number of words; size + 1: there are more than fit. */
size_t pp_phrase_split(char *text, char **ret_words, size_t size);
/* "on": 1, "off": 0, else -EINVAL. */
int pp_phrase_level(const char *word);
const char *pp_phrase_level_text(bool active);
/* A level's number. -EINVAL, -ERANGE: beyond 1e12. */
int pp_phrase_number(const char *word, double *ret_number);
/* The index of the line that id names. -ENOENT: "no point 'x'; known: ..." in *why. */
int pp_phrase_line(const struct pp_line *lines, size_t count, const char *id, size_t *ret_line,
	struct pp_source_why *why);
/* "12" or "1.25" (at most six decimals) seconds in microseconds. -EINVAL, -ERANGE (above 10,000,000
 * s). */
int pp_phrase_seconds(const char *word, uint64_t *ret_us);

#endif
