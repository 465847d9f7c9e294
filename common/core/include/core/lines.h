/* SPDX-License-Identifier: Apache-2.0 */
/* core/lines.h -- a file of lines that only grows and that several programs may append to: what was
 * appended is on the disk, and a line that a power cut has torn goes when the file is opened. */
#ifndef CORE_LINES_H
#define CORE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pp_lines; /* one thread at a time */
/* Makes the file with that mode if it is not there. -errno. */
int pp_lines_open(const char *path, mode_t mode, struct pp_lines **ret_lines);
struct pp_lines *pp_lines_close(struct pp_lines *l); /* NULL is fine; returns NULL */
/* Whole lines, together and behind all others, synced. After a failure part of them may be there:
 * nothing that is appended then means what it says, until the file is opened anew. */
int pp_lines_append(struct pp_lines *l, const char *text, size_t length);
/* The last max bytes, which may begin in the middle of a line; *ret_whole: it is all of the file.
 * Not NUL-terminated; the caller frees *ret_text. */
int pp_lines_tail(
	struct pp_lines *l, size_t max, char **ret_text, size_t *ret_length, bool *ret_whole);

#endif
