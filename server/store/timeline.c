/* SPDX-License-Identifier: Apache-2.0 */
/* timeline.c -- events and troubles in SQL. */
#include "store/timeline.h"

#include <errno.h>
#include <string.h>

static int blob_copy(const struct pp_stmt *s, int column, uint8_t ret[32])
{
	size_t length;
	const void *data = pp_column_blob(s, column, &length);

	if (!data || length != 32)
		return -EIO;
	memcpy(ret, data, 32);
	return 0;
}

int pp_store_head(struct pp_db *db, const char *tenant, int64_t *ret_height, uint8_t ret_hash[32])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT height, hash FROM event WHERE tenant = ?1 ORDER BY height DESC LIMIT 1",
		PP_ARGS(PP_TEXT(tenant)), &s);

	if (r < 0)
		return r;
	if (r == 0) {
		*ret_height = 0;
		memset(ret_hash, 0, 32);
		return 0;
	}
	*ret_height = pp_column_i64(s, 0);
	r = blob_copy(s, 1, ret_hash);
	pp_stmt_reset(s);
	return r;
}

int pp_store_event_hash(struct pp_db *db, const char *tenant, int64_t height, uint8_t ret_hash[32])
{
	struct pp_stmt *s;
	int r = pp_store_first(db, "SELECT hash FROM event WHERE tenant = ?1 AND height = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_I64(height)), &s);

	if (r <= 0)
		return r;
	r = blob_copy(s, 0, ret_hash);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_event_add(struct pp_db *db, struct pp_event_row *row)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"INSERT INTO event (tenant, height, at, kind, actor, incident_id, post,"
		" point, body,"
		" previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
		PP_ARGS(PP_TEXT(row->tenant), PP_I64(row->height), PP_I64(row->at_ms),
			PP_TEXT(row->kind), PP_TEXT(row->actor), PP_I64(row->incident_id),
			PP_TEXT(row->post), PP_TEXT(row->point), PP_TEXT(row->body),
			PP_BLOB(row->previous, 32), PP_BLOB(row->hash, 32)),
		&s);

	if (r == 0 && row->incident_id == 0)
		pp_stmt_null(s, 6);
	if (r == 0)
		r = pp_stmt_run(s);
	if (r == 0)
		row->event_id = pp_db_last_id(db);
	return r;
}

static int event_read(const struct pp_stmt *s, struct pp_event_row *ret)
{
	*ret = (struct pp_event_row){ .event_id = pp_column_i64(s, 0),
		.tenant = pp_column_text(s, 1),
		.height = pp_column_i64(s, 2),
		.at_ms = pp_column_i64(s, 3),
		.kind = pp_column_text(s, 4),
		.actor = pp_column_text(s, 5),
		.incident_id = pp_column_i64(s, 6),
		.post = pp_column_text(s, 7),
		.point = pp_column_text(s, 8),
		.body = pp_column_text(s, 9),
		.number = pp_column_text(s, 12) };
	int r = blob_copy(s, 10, ret->previous);

	return r < 0 ? r : blob_copy(s, 11, ret->hash);
}

int pp_store_each_event(struct pp_db *db, const char *tenant, pp_store_event_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT event_id, e.tenant, height, at, kind, actor, e.incident_id, e.post, point,"
		" body, previous, hash, number FROM event e LEFT JOIN incident USING (incident_id)"
		" WHERE ?1 IS NULL OR e.tenant = ?1 ORDER BY e.tenant, height",
		PP_ARGS(PP_TEXT(tenant)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_event_row row;

		/* A broken hash reads as zeroes, which fn will not find right. */
		(void)event_read(s, &row);
		r = fn(user, &row);
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_personal_add(struct pp_db *db, int64_t event_id, const char *field,
	const uint8_t salt[PP_SALT_SIZE], const char *value)
{
	return pp_store_run(db,
		"INSERT INTO personal (event_id, field, salt, value) VALUES (?1, ?2, ?3, ?4)",
		PP_ARGS(PP_I64(event_id), PP_TEXT(field), PP_BLOB(salt, PP_SALT_SIZE),
			PP_TEXT(value)));
}

int pp_store_each_personal(
	struct pp_db *db, const char *tenant, pp_store_personal_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT event_id, field, value, salt, tenant, body, height"
		" FROM personal JOIN event USING (event_id) WHERE ?1 IS NULL OR tenant = ?1",
		PP_ARGS(PP_TEXT(tenant)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_personal_row row = { .event_id = pp_column_i64(s, 0),
			.field = pp_column_text(s, 1),
			.value = pp_column_text(s, 2),
			.tenant = pp_column_text(s, 4),
			.body = pp_column_text(s, 5),
			.height = pp_column_i64(s, 6) };

		row.salt = pp_column_blob(s, 3, &row.salt_length);
		r = fn(user, &row);
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_trouble_raise(struct pp_db *db, const struct pp_trouble_row *row)
{
	return pp_store_change(db,
		"INSERT INTO trouble (tenant, post, point, kind, since, detail)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
		PP_ARGS(PP_TEXT(row->tenant), PP_TEXT(row->post), PP_TEXT(row->point),
			PP_TEXT(row->kind), PP_I64(row->since_ms), PP_TEXT(row->detail)));
}

#define TROUBLE "tenant = ?1 AND post = ?2 AND point = ?3 AND kind = ?4"

int pp_store_trouble_end(struct pp_db *db, const struct pp_trouble_row *row, int64_t *ret_since_ms)
{
	const struct pp_arg *args = PP_ARGS(
		PP_TEXT(row->tenant), PP_TEXT(row->post), PP_TEXT(row->point), PP_TEXT(row->kind));
	int64_t since;
	int r = pp_store_number(db, "SELECT since FROM trouble WHERE " TROUBLE, args, &since);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = pp_store_run(db, "DELETE FROM trouble WHERE " TROUBLE, args);
	if (r < 0)
		return r;
	*ret_since_ms = since;
	return 1;
}

int pp_store_trouble_next(struct pp_db *db, const struct pp_trouble_row *row,
	enum pp_trouble_set set, char ret_kind[PP_TROUBLE_SIZE])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT kind FROM trouble WHERE tenant = ?1 AND post = ?2 AND point = ?3"
		" AND kind > ?4 AND (?5 = 2 OR (kind GLOB 'unknown-*') = ?5)"
		" AND (?5 <> 0 OR kind NOT IN ('unsupervised', 'clock')) ORDER BY kind LIMIT 1",
		PP_ARGS(PP_TEXT(row->tenant), PP_TEXT(row->post), PP_TEXT(row->point),
			PP_TEXT(row->kind), PP_I64(set)),
		&s);

	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_kind, PP_TROUBLE_SIZE);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_desa_about(
	struct pp_db *db, const char *tenant, const char *desa, struct pp_post_about *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT d.name, k.name FROM desa d JOIN kecamatan k ON k.tenant = d.tenant"
		" AND k.code = d.kecamatan WHERE d.tenant = ?1 AND d.code = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(desa)), &s);

	if (r <= 0)
		return r;
	*ret = (struct pp_post_about){ .name = "" };
	(void)pp_store_copy(s, 0, ret->desa, sizeof(ret->desa));
	(void)pp_store_copy(s, 1, ret->kecamatan, sizeof(ret->kecamatan));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_post_about(
	struct pp_db *db, const char *tenant, const char *post, struct pp_post_about *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT p.name, d.name, k.name, p.rw, latitude, longitude FROM post p"
		" JOIN desa d ON d.tenant = p.tenant AND d.code = p.desa"
		" JOIN kecamatan k ON k.tenant = d.tenant AND k.code = d.kecamatan"
		" WHERE p.tenant = ?1 AND p.post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret->name, sizeof(ret->name));
	(void)pp_store_copy(s, 1, ret->desa, sizeof(ret->desa));
	(void)pp_store_copy(s, 2, ret->kecamatan, sizeof(ret->kecamatan));
	(void)pp_store_copy(s, 3, ret->rw, sizeof(ret->rw));
	ret->latitude = pp_column_real(s, 4);
	ret->longitude = pp_column_real(s, 5);
	pp_stmt_reset(s);
	return 1;
}
