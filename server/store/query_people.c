/* SPDX-License-Identifier: Apache-2.0 */
/* query_people.c -- users and sessions. */
#include "store/query.h"

#include <errno.h>

#include "store/args.h"

#define USERS "SELECT user_id, user.tenant, name, display, role, password FROM user "

static int user_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_user_row *ret_user)
{
	struct pp_user_row u;
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	u.user_id = pp_column_i64(s, 0);
	if (pp_store_copy(s, 1, u.tenant, sizeof(u.tenant)) < 0 ||
		pp_store_copy(s, 2, u.name, sizeof(u.name)) < 0 ||
		pp_store_copy(s, 3, u.display, sizeof(u.display)) < 0 ||
		pp_store_copy(s, 4, u.role, sizeof(u.role)) < 0 ||
		pp_store_copy(s, 5, u.password, sizeof(u.password)) < 0)
		r = -EIO;
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	*ret_user = u;
	return 0;
}

int pp_query_user(
	struct pp_db *db, const char *tenant, const char *name, struct pp_user_row *ret_user)
{
	return user_first(db, USERS "WHERE tenant = ?1 AND name = ?2 AND active",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name)), ret_user);
}

int pp_query_session(
	struct pp_db *db, const uint8_t digest[32], int64_t now_ms, struct pp_user_row *ret_user)
{
	return user_first(db,
		USERS "JOIN session USING (user_id) WHERE token = ?1 AND expires > ?2 AND active",
		PP_ARGS(PP_BLOB(digest, 32), PP_I64(now_ms)), ret_user);
}

int pp_query_user_count(struct pp_db *db, const char *tenant, int64_t *ret_count)
{
	return pp_store_number(db, "SELECT count(*) FROM user WHERE ?1 IS NULL OR tenant = ?1",
		PP_ARGS(PP_TEXT(tenant)), ret_count);
}
