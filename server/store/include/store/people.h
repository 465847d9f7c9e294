/* SPDX-License-Identifier: Apache-2.0 */
/* store/people.h -- users and their sessions. For the ledger's transaction. */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/args.h"

#include <stdbool.h>

#define PP_KECAMATAN_MAX 399 /* bytes of all codes of a user with their commas */

/* password: argon2id, or "" of somebody who is invited. kecamatan, unit: as in store/scope.h. */
struct pp_user_new {
	const char *tenant, *name, *display, *password, *role, *kecamatan, *unit;
	int64_t now_ms;
};
int pp_store_user_add(struct pp_db *db, const struct pp_user_new *user); /* -EEXIST */
/* display, role, kecamatan, unit; NULL stays as it is. 1: changed; 0: no such user. */
int pp_store_user_set(struct pp_db *db, const struct pp_user_new *user);
#define PP_USER_NAME_SIZE 48
/* The first whose unit is written so, in any case, and not as `but`. 1, 0. */
int pp_store_user_of_unit(struct pp_db *db, const char *tenant, const char *text, const char *but,
	char ret_name[PP_USER_NAME_SIZE]);
int pp_store_user_enable(
	struct pp_db *db, const char *tenant, const char *name, bool active); /* 1, 0 */
/* How many users who can log in have the administrator's role, without that one. */
int pp_store_administrators(
	struct pp_db *db, const char *tenant, const char *without, int64_t *ret_count);

int pp_store_is_administrator(struct pp_db *db, const char *tenant, const char *name); /* 1, 0 */

/* An invitation is known by the SHA-256 of its token; a newer one, and a password, end it. */
struct pp_invitation {
	const char *tenant, *name;
	const uint8_t *key;
	int64_t until_ms;
};
int pp_store_user_invite(struct pp_db *db, const struct pp_invitation *invitation); /* 1, 0 */
/* Sets the password of an active user; key not NULL: only with that invitation, not over at now_ms.
 * 1: set; 0: no such user or invitation. */
struct pp_password_new {
	const char *tenant, *name, *password;
	const uint8_t *key;
	int64_t now_ms;
};
int pp_store_user_password(struct pp_db *db, const struct pp_password_new *password);

#define PP_FACTOR_KEY_SIZE 20
/* A second factor that is being set (on with the first code that fits), and the end of one. */
int pp_store_factor_begin(struct pp_db *db, const char *tenant, const char *name,
	const uint8_t key[PP_FACTOR_KEY_SIZE]); /* 1, 0 */
int pp_store_factor_on(struct pp_db *db, const char *tenant, const char *name,
	int64_t step); /* 1, 0: none begun */
int pp_store_factor_off(struct pp_db *db, const char *tenant, const char *name); /* 1, 0 */
int pp_store_recovery_add(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t code[32]);
/* A code that was shown counts once. 1: now; 0: it, or a later one, was shown before. */
int pp_store_factor_step(struct pp_db *db, const char *tenant, const char *name, int64_t step);
int pp_store_recovery_use(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t code[32]);

/* Opens a session of an active user; -EEXIST: its token is known; -ENOENT: no such user. Sessions
 * that are over are removed by the way. */
struct pp_session_new {
	const char *tenant, *name;
	const uint8_t *token; /* SHA-256 of the cookie */
	int64_t now_ms, until_ms, ends_ms;
};
int pp_store_session_open(struct pp_db *db, const struct pp_session_new *session);
/* Lasts until then, but not beyond its end. 0 also when it is over: nobody brings it back. */
int pp_store_session_keep(struct pp_db *db, const uint8_t token[32], int64_t until_ms);
/* The password was given again. 1; 0: there is no such session of this user. */
int pp_store_session_confirm(struct pp_db *db, const struct pp_session_new *session);
/* 1: it was open, *ret_name says whose; 0: there was none of this tenant. */
int pp_store_session_end(
	struct pp_db *db, const char *tenant, const uint8_t token[32], char ret_name[48]);
/* All of a user, but the one with this token (NULL: all). */
int pp_store_sessions_end(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t *but);

#endif
