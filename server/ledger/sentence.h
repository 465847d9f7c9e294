/* SPDX-License-Identifier: Apache-2.0 */
/* sentence.h -- the sentence that a person is sent of an incident, with what the record knows of
 * it.
 * Private to the room. */
#ifndef LEDGER_SENTENCE_H
#define LEDGER_SENTENCE_H

#include "book.h"
#include "texts/texts.h"

struct pp_sentence {
	enum pp_texts_purpose purpose;
	enum pp_texts_shape shape; /* SHORT for sms, LONG for all others */
	bool english;
	const struct pp_incident *incident;
	const char *post;  /* where it was heard last; NULL: the incident's first */
	const char *point; /* of that post; NULL: not said */
	const char *code;  /* of the call; NULL: no answer is asked for */
	const char *by;    /* STOP: who has it, as an actor; only agencies are named; NULL */
};
/* What the registry knows of the post; without one, of the desa and RW that a person has named. 1,
 * 0. */
int pp_sentence_place(struct pp_ledger *l, const struct pp_incident *i, const char *post,
	struct pp_post_about *ret_about);
int pp_sentence_make(struct pp_ledger *l, const struct pp_sentence *w, char ret_text[PP_TEXTS_MAX]);

#endif
