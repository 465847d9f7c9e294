/* SPDX-License-Identifier: Apache-2.0 */
/* store/guesses.h -- wrong codes of calls that came by text message, counted from the first one of
 * a window. For the ledger's transaction. */
#ifndef STORE_GUESSES_H
#define STORE_GUESSES_H

#include "store/args.h"

/* One who guesses; who "": everybody. The window ends window_ms after since; one that began in the
 * future (a clock that was set back) is over. */
struct pp_guesses {
	const char *who;
	int64_t now_ms, window_ms;
};
/* How many in the window of now; 0: none has begun. */
int pp_store_guesses(struct pp_db *db, const struct pp_guesses *of, int64_t *ret_count);
/* One more, and those of windows that are over are forgotten. ret_count: with it. */
int pp_store_guess_add(struct pp_db *db, const struct pp_guesses *of, int64_t *ret_count);
/* Whether any call has, or had, the code. 1, 0. */
int pp_store_code_is_known(struct pp_db *db, const uint8_t code[32]);
/* The numbers to which a call was, or is to be, sent by text message (incident_id: its incident);
 * or the tests of a contact. fn returns 0 to go on. */
typedef int pp_store_number_fn(void *user, const char *number);
int pp_store_each_call_number(struct pp_db *db, int64_t incident_id, int64_t call_id,
	pp_store_number_fn *fn, void *user);
int pp_store_each_test_number(struct pp_db *db, const char *tenant, const char *contact,
	pp_store_number_fn *fn, void *user);

#endif
