/* SPDX-License-Identifier: Apache-2.0 */
/* texts/inert.h -- a foreign text as a field of a sentence: whatever shows it, shows a text. Pure.
 */
#ifndef TEXTS_INERT_H
#define TEXTS_INERT_H

#include <stddef.h>

/* Writes at most size - 1 bytes of UTF-8, cut between characters with "..." at the end. Control
 * characters, marks of writing direction, invisible characters and broken UTF-8 are left out, line
 * breaks and runs of blanks become one blank; '<', '>' and '&' become '(', ')' and '+'; a first
 * character that a spreadsheet takes for a formula gets a "'" before it. size >= 8. */
void pp_texts_inert(const char *text, char *ret_text, size_t size);
/* The same in characters that every phone has as one of 160: printable ASCII; letters with accents
 * lose them, what has no such letter becomes '?'. */
void pp_texts_plain(const char *text, char *ret_text, size_t size);

#endif
