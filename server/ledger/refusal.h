/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.h -- refusing an action with words, and the words that people may write. Private to the
 * room. */
#ifndef LEDGER_REFUSAL_H
#define LEDGER_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

struct pp_item;

/* Refuses with a reason for people. Returns 0: the savepoint has nothing to roll back. */
int pp_action_refuse(struct pp_item *item, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A text of people: 1..max bytes of UTF-8 without control characters (newlines only where allowed).
 */
bool pp_words_are_fine(const char *text, size_t max, bool lines);

#endif
