/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- users and sessions in SQL. */
#include "store/people.h"

#include <errno.h>

int pp_store_user_add(struct pp_db *db, const struct pp_user_new *user)
{
	return pp_store_run(db,
		"INSERT INTO user (tenant, name, display, password, role, active, created,"
		" kecamatan, unit) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, coalesce(?7, ''),"
		" coalesce(?8, ''))",
		PP_ARGS(PP_TEXT(user->tenant), PP_TEXT(user->name), PP_TEXT(user->display),
			PP_TEXT(user->password), PP_TEXT(user->role), PP_I64(user->now_ms),
			PP_TEXT(user->kecamatan), PP_TEXT(user->unit)));
}

int pp_store_user_set(struct pp_db *db, const struct pp_user_new *user)
{
	return pp_store_change(db,
		"UPDATE user SET display = coalesce(?3, display), role = coalesce(?4, role),"
		" kecamatan = coalesce(?5, kecamatan), unit = coalesce(?6, unit)"
		" WHERE tenant = ?1 AND name = ?2",
		PP_ARGS(PP_TEXT(user->tenant), PP_TEXT(user->name), PP_TEXT(user->display),
			PP_TEXT(user->role), PP_TEXT(user->kecamatan), PP_TEXT(user->unit)));
}

int pp_store_user_of_unit(struct pp_db *db, const char *tenant, const char *text, const char *but,
	char ret_name[PP_USER_NAME_SIZE])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT name FROM user WHERE tenant = ?1 AND unit = ?2 COLLATE NOCASE"
		" AND unit <> ?3 ORDER BY name LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(text), PP_TEXT(but)), &s);

	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_name, PP_USER_NAME_SIZE);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_user_enable(struct pp_db *db, const char *tenant, const char *name, bool active)
{
	return pp_store_change(db, "UPDATE user SET active = ?3 WHERE tenant = ?1 AND name = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_I64(active)));
}

int pp_store_administrators(
	struct pp_db *db, const char *tenant, const char *without, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM user WHERE tenant = ?1 AND name <> ?2 AND active"
		" AND password <> '' AND instr(',' || role || ',', ',administrator,') > 0",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(without)), ret_count);
}

int pp_store_is_administrator(struct pp_db *db, const char *tenant, const char *name)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM user WHERE tenant = ?1 AND name = ?2"
		" AND instr(',' || role || ',', ',administrator,') > 0",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name)), &found);

	return r < 0 ? r : found > 0;
}

int pp_store_user_invite(struct pp_db *db, const struct pp_invitation *i)
{
	return pp_store_change(db,
		"UPDATE user SET invite = ?3, invite_until = ?4"
		" WHERE tenant = ?1 AND name = ?2 AND active",
		PP_ARGS(PP_TEXT(i->tenant), PP_TEXT(i->name), PP_BLOB(i->key, 32),
			PP_I64(i->until_ms)));
}

int pp_store_user_password(struct pp_db *db, const struct pp_password_new *p)
{
	return pp_store_change(db,
		"UPDATE user SET password = ?3, invite = NULL, invite_until = 0"
		" WHERE tenant = ?1 AND name = ?2 AND active"
		" AND (?4 IS NULL OR (invite = ?4 AND invite_until > ?5))",
		PP_ARGS(PP_TEXT(p->tenant), PP_TEXT(p->name), PP_TEXT(p->password),
			PP_BLOB(p->key, 32), PP_I64(p->now_ms)));
}

/* ---- the second factor ---- */

#define OF_USER "user_id = (SELECT user_id FROM user WHERE tenant = ?1 AND name = ?2)"

int pp_store_factor_begin(struct pp_db *db, const char *tenant, const char *name,
	const uint8_t key[PP_FACTOR_KEY_SIZE])
{
	return pp_store_change(db,
		"UPDATE user SET factor_next = ?3 WHERE tenant = ?1 AND name = ?2 AND active",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_BLOB(key, PP_FACTOR_KEY_SIZE)));
}

static int recovery_clear(struct pp_db *db, const char *tenant, const char *name)
{
	return pp_store_run(
		db, "DELETE FROM recovery WHERE " OF_USER, PP_ARGS(PP_TEXT(tenant), PP_TEXT(name)));
}

int pp_store_factor_on(struct pp_db *db, const char *tenant, const char *name, int64_t step)
{
	int r = recovery_clear(db, tenant, name);

	return r < 0 ? r
		     : pp_store_change(db,
			       "UPDATE user SET factor = factor_next, factor_next = NULL,"
			       " factor_step = ?3 WHERE tenant = ?1 AND name = ?2 AND active"
			       " AND factor_next IS NOT NULL",
			       PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_I64(step)));
}

int pp_store_factor_off(struct pp_db *db, const char *tenant, const char *name)
{
	int r = recovery_clear(db, tenant, name);

	return r < 0 ? r
		     : pp_store_change(db,
			       "UPDATE user SET factor = NULL, factor_next = NULL, factor_step = 0"
			       " WHERE tenant = ?1 AND name = ?2",
			       PP_ARGS(PP_TEXT(tenant), PP_TEXT(name)));
}

int pp_store_recovery_add(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t code[32])
{
	return pp_store_run(db,
		"INSERT INTO recovery (user_id, code) SELECT user_id, ?3 FROM user"
		" WHERE tenant = ?1 AND name = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_BLOB(code, 32)));
}

int pp_store_factor_step(struct pp_db *db, const char *tenant, const char *name, int64_t step)
{
	return pp_store_change(db,
		"UPDATE user SET factor_step = ?3 WHERE tenant = ?1 AND name = ?2"
		" AND factor IS NOT NULL AND factor_step < ?3",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_I64(step)));
}

int pp_store_recovery_use(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t code[32])
{
	return pp_store_change(db, "DELETE FROM recovery WHERE code = ?3 AND " OF_USER,
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_BLOB(code, 32)));
}

/* ---- sessions ---- */

int pp_store_session_open(struct pp_db *db, const struct pp_session_new *n)
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
	return pp_store_run(db,
		"INSERT INTO session (token, user_id, created, expires, ends, confirmed)"
		" VALUES (?1, ?2, ?3, min(?4, ?5), ?5, ?3)",
		PP_ARGS(PP_BLOB(n->token, 32), PP_I64(user_id), PP_I64(n->now_ms),
			PP_I64(n->until_ms), PP_I64(n->ends_ms)));
}

int pp_store_session_keep(struct pp_db *db, const uint8_t token[32], int64_t until_ms)
{
	return pp_store_run(db,
		"UPDATE session SET expires = min(ends, max(expires, ?2)) WHERE token = ?1",
		PP_ARGS(PP_BLOB(token, 32), PP_I64(until_ms)));
}

int pp_store_session_confirm(struct pp_db *db, const struct pp_session_new *n)
{
	return pp_store_change(db,
		"UPDATE session SET confirmed = ?4 WHERE token = ?3 AND " OF_USER,
		PP_ARGS(PP_TEXT(n->tenant), PP_TEXT(n->name), PP_BLOB(n->token, 32),
			PP_I64(n->now_ms)));
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

int pp_store_sessions_end(
	struct pp_db *db, const char *tenant, const char *name, const uint8_t *but)
{
	return pp_store_run(db,
		"DELETE FROM session WHERE (?3 IS NULL OR token <> ?3) AND " OF_USER,
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name), PP_BLOB(but, 32)));
}
