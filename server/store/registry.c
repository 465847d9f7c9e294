/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c -- the registry's tables in SQL. */
#include "store/registry.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const char put_tenant[] =
	"INSERT INTO tenant (tenant, name, prefix, timezone, sample) VALUES (?1, ?2, ?3, ?4, ?5)"
	" ON CONFLICT (tenant) DO UPDATE SET name = ?2, prefix = ?3, timezone = ?4, sample = ?5"
	" WHERE (name, prefix, timezone, sample) IS NOT (?2, ?3, ?4, ?5)";
static const char put_kecamatan[] =
	"INSERT INTO kecamatan (tenant, code, name) VALUES (?1, ?2, ?3)"
	" ON CONFLICT (tenant, code) DO UPDATE SET name = ?3 WHERE name <> ?3";
static const char put_desa[] =
	"INSERT INTO desa (tenant, code, kecamatan, name) VALUES (?1, ?2, ?3, ?4)"
	" ON CONFLICT (tenant, code) DO UPDATE SET kecamatan = ?3, name = ?4"
	" WHERE (kecamatan, name) IS NOT (?3, ?4)";
static const char put_post[] =
	"INSERT INTO post (tenant, post, name, desa, rw, latitude, longitude, contact_name,"
	" contact_phone, active) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
	" ON CONFLICT (tenant, post) DO UPDATE SET name = ?3, desa = ?4, rw = ?5, latitude = ?6,"
	" longitude = ?7, contact_name = ?8, contact_phone = ?9, active = ?10"
	" WHERE (name, desa, rw, latitude, longitude, contact_name, contact_phone, active)"
	" IS NOT (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char put_point[] =
	"INSERT INTO point (tenant, post, point, kind, class, silent, label_id, label_en)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tenant, post, point) DO UPDATE"
	" SET kind = ?4, class = ?5, silent = ?6, label_id = ?7, label_en = ?8"
	" WHERE (kind, class, silent, label_id, label_en) IS NOT (?4, ?5, ?6, ?7, ?8)";
static const char put_webhook[] =
	"INSERT INTO webhook (tenant, name, url, secret, template, type, authorization, success,"
	" active) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)"
	" ON CONFLICT (tenant, name) DO UPDATE SET url = ?3, secret = ?4, template = ?5,"
	" type = ?6, authorization = ?7, success = ?8, active = 1"
	" WHERE (url, secret, template, type, authorization, success, active)"
	" IS NOT (?3, ?4, ?5, ?6, ?7, ?8, 1)";

static const char list_posts[] =
	"SELECT post FROM post WHERE tenant = ?1 AND active AND ?2 IS NULL";
static const char list_points[] = "SELECT point FROM point WHERE tenant = ?1 AND post = ?2";
static const char list_webhooks[] =
	"SELECT name FROM webhook WHERE tenant = ?1 AND active AND ?2 IS NULL";

static const char retire_post[] =
	"UPDATE post SET active = 0 WHERE tenant = ?1 AND ?2 IS NULL AND post = ?3 AND active";
static const char retire_point[] =
	"DELETE FROM point WHERE tenant = ?1 AND post = ?2 AND point = ?3";
static const char retire_webhook[] =
	"UPDATE webhook SET active = 0 WHERE tenant = ?1 AND ?2 IS NULL AND name = ?3 AND active";

static const struct {
	const char *put, *list, *retire;
} tables[] = {
	[PP_TABLE_TENANT] = { put_tenant, NULL, NULL },
	[PP_TABLE_KECAMATAN] = { put_kecamatan, NULL, NULL },
	[PP_TABLE_DESA] = { put_desa, NULL, NULL },
	[PP_TABLE_POST] = { put_post, list_posts, retire_post },
	[PP_TABLE_POINT] = { put_point, list_points, retire_point },
	[PP_TABLE_WEBHOOK] = { put_webhook, list_webhooks, retire_webhook },
};

int pp_store_put(struct pp_db *db, enum pp_registry_table table, const struct pp_arg *args)
{
	return pp_store_change(db, tables[table].put, args);
}

int pp_store_each_id(struct pp_db *db, enum pp_registry_table table, const char *tenant,
	const char *post, pp_store_id_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r;

	assert(tables[table].list);
	r = pp_store_bind(db, tables[table].list, PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);
	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, pp_column_text(s, 0));
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_retire(struct pp_db *db, enum pp_registry_table table, const char *tenant,
	const char *post, const char *id)
{
	assert(tables[table].retire);
	return pp_store_change(
		db, tables[table].retire, PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_TEXT(id)));
}

int pp_store_registry_rev(struct pp_db *db, int64_t *ret_rev)
{
	return pp_store_number(db, "SELECT value FROM meta WHERE key = ?1",
		PP_ARGS(PP_TEXT("registry_rev")), ret_rev);
}

int pp_store_registry_bump(struct pp_db *db)
{
	return pp_store_run(db, "UPDATE meta SET value = value + 1 WHERE key = ?1",
		PP_ARGS(PP_TEXT("registry_rev")));
}

int pp_store_each_key(struct pp_db *db, pp_store_key_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT p.tenant, p.post, p.active, k.revoked IS NOT NULL, k.key"
		" FROM post p LEFT JOIN post_key k ON k.tenant = p.tenant AND k.post = p.post"
		" ORDER BY p.tenant, p.post, k.added DESC, k.key",
		&s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		size_t length;
		const uint8_t *key = pp_column_blob(s, 4, &length);

		r = fn(user, &(struct pp_store_key){ .tenant = pp_column_text(s, 0),
				     .post = pp_column_text(s, 1),
				     .active = pp_column_i64(s, 2),
				     .revoked = pp_column_i64(s, 3),
				     .key = key && length == 32 ? key : NULL });
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

static int row_exists(struct pp_db *db, const char *sql, const struct pp_arg *args)
{
	int64_t one;
	int r = pp_store_number(db, sql, args, &one);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int pp_store_post_exists(struct pp_db *db, const char *tenant, const char *post)
{
	return row_exists(db, "SELECT 1 FROM post WHERE tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)));
}

int pp_store_kecamatan_exists(struct pp_db *db, const char *tenant, const char *code)
{
	return row_exists(db, "SELECT 1 FROM kecamatan WHERE tenant = ?1 AND code = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(code)));
}

int pp_store_tenant_exists(struct pp_db *db, const char *tenant)
{
	return row_exists(db, "SELECT 1 FROM tenant WHERE tenant = ?1", PP_ARGS(PP_TEXT(tenant)));
}

int pp_store_key_owner(
	struct pp_db *db, const uint8_t key[32], struct pp_store_key_owner *ret_owner)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT tenant, post, revoked IS NOT NULL FROM post_key WHERE key = ?1",
		PP_ARGS(PP_BLOB(key, 32)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret_owner->tenant, sizeof(ret_owner->tenant));
	(void)pp_store_copy(s, 1, ret_owner->post, sizeof(ret_owner->post));
	ret_owner->revoked = pp_column_i64(s, 2);
	pp_stmt_reset(s);
	return 1;
}

int pp_store_key_add(struct pp_db *db, const char *tenant, const char *post, const uint8_t key[32],
	int64_t now_ms)
{
	return pp_store_run(db,
		"INSERT INTO post_key (tenant, post, key, added) VALUES (?1, ?2, ?3, ?4)",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_BLOB(key, 32), PP_I64(now_ms)));
}

int pp_store_keys_revoke(
	struct pp_db *db, const char *tenant, const char *post, const uint8_t *key, int64_t now_ms)
{
	return pp_store_change(db,
		"UPDATE post_key SET revoked = ?3 WHERE tenant = ?1 AND post = ?2 AND revoked"
		" IS NULL AND (?4 IS NULL OR key = ?4)",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_I64(now_ms), PP_BLOB(key, 32)));
}

int pp_store_keys_valid(struct pp_db *db, const char *tenant, const char *post, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM post_key WHERE tenant = ?1 AND post = ?2 AND revoked IS NULL",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), ret_count);
}

int pp_store_keys_known(struct pp_db *db, const char *tenant, const char *post, int64_t *ret_count)
{
	return pp_store_number(db, "SELECT count(*) FROM post_key WHERE tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), ret_count);
}

int pp_store_certificate_add(struct pp_db *db, const struct pp_store_certificate *c)
{
	return pp_store_change(db,
		"INSERT INTO post_certificate (serial, tenant, post, key, added, until)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (serial) DO NOTHING",
		PP_ARGS(PP_TEXT(c->serial), PP_TEXT(c->tenant), PP_TEXT(c->post),
			PP_BLOB(c->key, 32), PP_I64(c->added_ms), PP_I64(c->until_ms)));
}

int pp_store_each_certificate(struct pp_db *db, const char *tenant, const char *post,
	pp_store_certificate_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT c.tenant, c.post, serial, c.key, c.added, until, revoked IS NOT NULL"
		" FROM post_certificate c LEFT JOIN post_key k USING (key)"
		" WHERE (?1 IS NULL OR c.tenant = ?1) AND (?2 IS NULL OR c.post = ?2)"
		" ORDER BY c.tenant, c.post, c.added, serial",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		size_t length;

		r = fn(user, &(struct pp_store_certificate){ .tenant = pp_column_text(s, 0),
				     .post = pp_column_text(s, 1),
				     .serial = pp_column_text(s, 2),
				     .key = pp_column_blob(s, 3, &length),
				     .added_ms = pp_column_i64(s, 4),
				     .until_ms = pp_column_i64(s, 5),
				     .revoked = pp_column_i64(s, 6) });
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_point(struct pp_db *db, const char *tenant, const char *post, const char *point,
	struct pp_store_point *ret_point)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT silent, label_id, label_en FROM point"
		" WHERE tenant = ?1 AND post = ?2 AND point = ?3",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post), PP_TEXT(point)), &s);

	if (r <= 0)
		return r;
	ret_point->silent = pp_column_i64(s, 0);
	(void)pp_store_copy(s, 1, ret_point->label_id, sizeof(ret_point->label_id));
	(void)pp_store_copy(s, 2, ret_point->label_en, sizeof(ret_point->label_en));
	pp_stmt_reset(s);
	return 1;
}
