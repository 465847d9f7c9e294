/* SPDX-License-Identifier: Apache-2.0 */
/* query_people.c -- users and sessions. */
#include "store/query.h"

#include <errno.h>

#include <string.h>

#include "read.h"
#include "store/args.h"

#define USERS                                                                                      \
	"SELECT user_id, user.tenant, name, display, role, password,"                              \
	" user.kecamatan, user.unit, factor, factor_next, factor_step FROM user "

static bool factor_read(const struct pp_stmt *s, int column, uint8_t ret_key[20])
{
	size_t length;
	const void *key = pp_column_blob(s, column, &length);

	if (!key || length != 20)
		return false;
	memcpy(ret_key, key, 20);
	return true;
}

static int user_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_user_row *ret_user)
{
	struct pp_user_row u = { 0 };
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	u.user_id = pp_column_i64(s, 0);
	u.factor = factor_read(s, 8, u.factor_key);
	u.factor_begun = factor_read(s, 9, u.factor_next);
	u.factor_step = pp_column_i64(s, 10);
	if (pp_store_copy(s, 1, u.tenant, sizeof(u.tenant)) < 0 ||
		pp_store_copy(s, 2, u.name, sizeof(u.name)) < 0 ||
		pp_store_copy(s, 3, u.display, sizeof(u.display)) < 0 ||
		pp_store_copy(s, 4, u.role, sizeof(u.role)) < 0 ||
		pp_store_copy(s, 5, u.password, sizeof(u.password)) < 0 ||
		pp_store_copy(s, 6, u.kecamatan, sizeof(u.kecamatan)) < 0 ||
		pp_store_copy(s, 7, u.unit, sizeof(u.unit)) < 0)
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
	struct pp_user_row u;
	int r = user_first(db,
		USERS "JOIN session USING (user_id) WHERE token = ?1 AND expires > ?2 AND active",
		PP_ARGS(PP_BLOB(digest, 32), PP_I64(now_ms)), &u);

	if (r == 0)
		r = pp_store_number(db, "SELECT ends FROM session WHERE token = ?1",
			PP_ARGS(PP_BLOB(digest, 32)), &u.ends_ms);
	if (r == 0)
		r = pp_store_number(db, "SELECT confirmed FROM session WHERE token = ?1",
			PP_ARGS(PP_BLOB(digest, 32)), &u.confirmed_ms);
	if (r == 0)
		*ret_user = u;
	return r;
}

int pp_query_invited(
	struct pp_db *db, const uint8_t key[32], int64_t now_ms, struct pp_user_row *ret_user)
{
	return user_first(db, USERS "WHERE invite = ?1 AND invite_until > ?2 AND active",
		PP_ARGS(PP_BLOB(key, 32), PP_I64(now_ms)), ret_user);
}

int pp_query_users(struct pp_db *db, const char *tenant, struct pp_json **ret_json)
{
	static const char *const names[] = { "name", "display", "roles", "kecamatan", "unit",
		"active", "invited", "factor", "created" };
	struct pp_json *answer, *list = pp_json_list();
	int r = read_rows(db,
		"SELECT name, display, role, kecamatan, unit, active, password = '', factor IS NOT"
		" NULL, created FROM user WHERE tenant = ?1 ORDER BY name",
		PP_ARGS(PP_TEXT(tenant)), "tttttbbbi", names, list);

	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	answer = pp_json_object();
	(void)pp_json_set(answer, "users", list);
	*ret_json = answer;
	return 0;
}

int pp_query_desk(struct pp_db *db, const char *tenant, struct pp_json **ret_json)
{
	static const char *const names[] = { "name", "display", "roles" };
	struct pp_json *answer, *list = pp_json_list();
	int r = read_rows(db,
		"SELECT name, display, role FROM user WHERE tenant = ?1 AND active AND password <>"
		" '' AND (instr(',' || role || ',', ',operator,') > 0"
		" OR instr(',' || role || ',', ',supervisor,') > 0) ORDER BY name",
		PP_ARGS(PP_TEXT(tenant)), "ttt", names, list);

	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	answer = pp_json_object();
	(void)pp_json_set(answer, "people", list);
	*ret_json = answer;
	return 0;
}

int pp_query_device_key(struct pp_db *db, uint8_t ret_key[32])
{
	struct pp_stmt *s;
	size_t length;
	const void *key;
	int r = pp_store_first(
		db, "SELECT value FROM secret WHERE name = 'device'", PP_NO_ARGS, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	key = pp_column_blob(s, 0, &length);
	if (key && length == 32)
		memcpy(ret_key, key, 32);
	else
		r = -EIO;
	pp_stmt_reset(s);
	return r < 0 ? r : 0;
}

int pp_query_contact(
	struct pp_db *db, const char *tenant, const char *post, struct pp_json **ret_json)
{
	static const char *const names[] = { "post", "name", "phone" };
	struct pp_json *contact;
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT post, contact_name, contact_phone FROM post"
		" WHERE tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	contact = pp_json_object();
	read_members(s, contact, "ttt", names);
	pp_stmt_reset(s);
	*ret_json = contact;
	return 0;
}

int pp_query_user_count(struct pp_db *db, const char *tenant, int64_t *ret_count)
{
	return pp_store_number(db, "SELECT count(*) FROM user WHERE ?1 IS NULL OR tenant = ?1",
		PP_ARGS(PP_TEXT(tenant)), ret_count);
}
