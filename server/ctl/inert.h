/* SPDX-License-Identifier: Apache-2.0 */
/* inert.h -- texts that somebody else has written, shown on a terminal without letting them act on
 * it: control characters (C0, DEL, C1), broken UTF-8, invisible and direction-changing characters
 * come out as \xNN or \uNNNN. */
#ifndef CTL_INERT_H
#define CTL_INERT_H

#include <stddef.h>
#include <stdio.h>

void pp_inert_write(FILE *out, const char *text);
/* The same, cut to width columns (with a "~" at the end) or filled with blanks up to it. */
void pp_inert_cell(FILE *out, const char *text, size_t width);
/* Of printed JSON, in which C0 is escaped already: the rest is escaped as JSON wants it, so that it
 * reads back equal. */
void pp_inert_json(FILE *out, const char *json);
size_t pp_inert_width(const char *text); /* columns that pp_inert_write takes, a character each */

#endif
