/* SPDX-License-Identifier: Apache-2.0 */
/* texts/troubles.h -- what engineers are sent: one trouble, or many in one message; and how a
 * message says that it stands for several. Pure. */
#ifndef TEXTS_TROUBLES_H
#define TEXTS_TROUBLES_H

#include "texts/texts.h"

#include <stddef.h>

/* Texts are borrowed, foreign, and made inert here. NULL or "": not said. */
struct pp_texts_trouble {
	bool mended;
	const char *post, *point, *kind;
	int minute; /* of the day, local, when it began or ended; -1: not known */
};
struct pp_texts_troubles {
	bool english;
	const char *site;
	int64_t troubles, mended; /* how many there are */
	/* Those that can be named, newest first; a text names as many as it has room for. */
	const struct pp_texts_trouble *all;
	size_t count; /* 1.. */
};
void pp_texts_troubles_make(const struct pp_texts_troubles *about, enum pp_texts_shape shape,
	char ret_text[PP_TEXTS_MAX]);
/* "listrik padam", "mains lost"; a kind that is not known stays as it is. */
const char *pp_texts_trouble_kind(const char *kind, bool english);

/* Adds to a long text that `others` messages before it are in it. */
void pp_texts_collapsed_add(int64_t others, bool english, char text[PP_TEXTS_MAX]);

#endif
