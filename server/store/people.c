/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- users and sessions in SQL. */
#include "store/people.h"

#include <errno.h>

int pp_store_user_add(struct pp_db *db, const struct pp_user_new *user)
{
	return pp_store_run(db,
		"INSERT INTO user (tenant, name, display, password, role, active, created)"
		" VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)",
		PP_ARGS(PP_TEXT(user->tenant), PP_TEXT(user->name), PP_TEXT(user->display),
			PP_TEXT(user->password), PP_TEXT(user->role), PP_I64(user->now_ms)));
}

int pp_store_session_put(struct pp_db *db, const struct pp_session_new *n)
{
	int64_t user_id;
	int r = pp_store_run(
		db, "DELETE FROM session WHERE expires <= ?1", PP_ARGS(PP_I64(n->now_ms)));

	if (r == 0)
		r = pp_store_number(db,
			"SELECT user_id FROM user WHERE tenant = ?1 AND name = ?2 AND active",
			PP_ARGS(PP_TEXT(n->tenant), PP_TEXT(n->name)), &user_id);
	if (r < 0)
		return r;
	r = pp_store_change(db,
		"UPDATE session SET expires = max(expires, ?3) WHERE token = ?1 AND user_id = ?2",
		PP_ARGS(PP_BLOB(n->token, 32), PP_I64(user_id), PP_I64(n->until_ms)));
	if (r != 0)
		return r < 0 ? r : 0;
	r = pp_store_run(db,
		"INSERT INTO session (token, user_id, created, expires) VALUES (?1, ?2, ?3, ?4)",
		PP_ARGS(PP_BLOB(n->token, 32), PP_I64(user_id), PP_I64(n->now_ms),
			PP_I64(n->until_ms)));
	return r < 0 ? r : 1;
}

int pp_store_session_end(
	struct pp_db *db, const char *tenant, const uint8_t token[32], char ret_name[48])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT name FROM session JOIN user USING (user_id) WHERE token = ?1 AND"
		" tenant = ?2",
		PP_ARGS(PP_BLOB(token, 32), PP_TEXT(tenant)), &s);

	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_name, 48);
	pp_stmt_reset(s);
	if (r == 0)
		r = pp_store_run(
			db, "DELETE FROM session WHERE token = ?1", PP_ARGS(PP_BLOB(token, 32)));
	return r < 0 ? r : 1;
}
