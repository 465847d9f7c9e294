/* SPDX-License-Identifier: Apache-2.0 */
/* store/people.h -- users and their sessions. For the ledger's transaction. */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/args.h"

struct pp_user_new {
	const char *tenant, *name, *display, *password, *role;
	int64_t now_ms;
};
int pp_store_user_add(struct pp_db *db, const struct pp_user_new *user); /* -EEXIST */
/* Opens a session of an active user. 1: opened; 0: one with this token was open, and lasts until
 * then now; -ENOENT: no such user. Sessions that are over are removed by the way. */
struct pp_session_new {
	const char *tenant, *name;
	const uint8_t *token; /* SHA-256 of the cookie */
	int64_t now_ms, until_ms;
};
int pp_store_session_put(struct pp_db *db, const struct pp_session_new *session);
/* 1: it was open, *ret_name says whose; 0: there was none of this tenant. */
int pp_store_session_end(
	struct pp_db *db, const char *tenant, const uint8_t token[32], char ret_name[48]);

#endif
