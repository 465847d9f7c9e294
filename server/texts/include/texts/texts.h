/* SPDX-License-Identifier: Apache-2.0 */
/* texts/texts.h -- every sentence that a person is sent, in Bahasa Indonesia and English. Pure. */
#ifndef TEXTS_TEXTS_H
#define TEXTS_TEXTS_H

#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pp_texts_purpose {
	PP_TEXTS_ALARM,   /* an incident has begun, and this person is called */
	PP_TEXTS_AGAIN,   /* more has come to it */
	PP_TEXTS_STOP,    /* others have it: nobody need come any more */
	PP_TEXTS_CLOSED,  /* it is over: whoever is on the way need not come any more */
	PP_TEXTS_TEST,    /* is this address right? */
};
enum pp_texts_shape {
	PP_TEXTS_SHORT, /* SMS: one line of at most 160 characters that every phone has */
	PP_TEXTS_LONG,  /* mail, chat: a first line that may stand alone, then more */
};

#define PP_TEXTS_SHORT_MAX 160
#define PP_TEXTS_MAX 1200 /* bytes, with NUL */

/* Texts are borrowed, foreign, and made inert here. NULL or "": not said. */
struct pp_texts_about {
	enum pp_texts_purpose purpose;
	bool english;
	const char *site;   /* "Kabupaten Kendal" */
	const char *number; /* of the incident */
	enum pp_class class;
	bool drill, silent;
	int64_t late_ms; /* age of an alarm that came late; 0: it did not */
	const char *post, *point, *rw, *desa, *kecamatan;
	int minute;         /* of the day, local, when it happened; -1: not known */
	int64_t signals;    /* alarms so far; 0: not said */
	const char *code;   /* with which the person answers; no other is asked for */
	const char *by;     /* STOP: who has it */
};
void pp_texts_make(const struct pp_texts_about *about, enum pp_texts_shape shape,
	char ret_text[PP_TEXTS_MAX]);
/* What the desk reads beside an answer from a number that had sent so many wrong codes before. */
void pp_texts_doubt(int64_t wrong, char *ret_text, size_t size);
/* "KEBAKARAN", "FIRE" */
const char *pp_texts_class(enum pp_class class, bool english);

#endif
