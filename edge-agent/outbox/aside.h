/* SPDX-License-Identifier: Apache-2.0 */
/* aside.h -- damaged files that were set aside, and whether their signals have been kept: between
 * the two the program may be killed, or the power go. Private to the room. */
#ifndef OUTBOX_ASIDE_H
#define OUTBOX_ASIDE_H

#include "outbox/outbox.h"
#include "salvage.h"

/* The next name, in alphabetical order after `after` ("": the first), of a file that was set aside
 * beside path and that o does not know as searched. 1: *ret_name; 0: there is none. */
int pp_aside_next(
	struct pp_outbox *o, const char *path, const char *after, char ret_name[PP_ASIDE_MAX]);
/* What it held lies in o: inside the same transaction. */
int pp_aside_searched(struct pp_outbox *o, const char *name);
/* Gathers what is in that file and its log, keeps its signals in o and notes that it has been
 * searched, or neither. How many were kept. One that cannot be read now is searched again when the
 * outbox is next opened. */
int pp_aside_search(struct pp_outbox *o, struct pp_salvage *salvage, const char *aside);

#endif
