/* SPDX-License-Identifier: Apache-2.0 */
/* query_posts.c -- posts, points and troubles as people see them. */
#include "store/query.h"

#include "read.h"

/* The order matters: what a post said last is stale when it is lost, and an alarm goes before a
 * trouble. */
#define POSTS                                                                                      \
	"SELECT p.post, p.name, d.name, k.name, p.rw, latitude, longitude, contact_name,"          \
	" contact_phone, active AND NOT " POST_REVOKED ", " POST_REVOKED                           \
	", CASE WHEN s.arrived IS NULL THEN 'unknown'"                                             \
	" WHEN NOT supervised THEN 'unsupervised'"                                                 \
	" WHEN EXISTS (SELECT 1 FROM incident_post i JOIN incident USING (incident_id)"            \
	"  WHERE i.tenant = p.tenant AND i.post = p.post AND i.closed = 9223372036854775807"       \
	"  AND mode <> 'test') THEN 'alarm'"                                                       \
	" WHEN EXISTS (SELECT 1 FROM point_state t WHERE t.tenant = p.tenant"                      \
	"  AND t.post = p.post AND t.state = 'alarm') THEN 'alarm'"                                \
	" WHEN EXISTS (SELECT 1 FROM trouble t WHERE t.tenant = p.tenant AND t.post = p.post)"     \
	"  THEN 'trouble'"                                                                         \
	" WHEN EXISTS (SELECT 1 FROM point_state t WHERE t.tenant = p.tenant"                      \
	"  AND t.post = p.post AND t.state = 'trouble') THEN 'trouble'"                            \
	" ELSE 'normal' END, s.arrived, s.version FROM post p"                                     \
	" JOIN desa d ON d.tenant = p.tenant AND d.code = p.desa"                                  \
	" JOIN kecamatan k ON k.tenant = d.tenant AND k.code = d.kecamatan"                        \
	" LEFT JOIN post_state s ON s.tenant = p.tenant AND s.post = p.post"                       \
	" WHERE p.tenant = ?1 AND " SCOPE_POST("?2", "p.tenant", "p.post") " ORDER BY p.post"

static int points_read(struct pp_db *db, const char *tenant, const char *post, struct pp_json *list)
{
	static const char *const names[] = { "id", "kind", "class", "silent", "label_id",
		"label_en", "state", "detail" };

	return read_rows(db,
		"SELECT p.point, p.kind, class, silent, label_id, label_en,"
		" CASE WHEN s.supervised = 0 THEN 'unsupervised'"
		" ELSE coalesce((SELECT mode FROM mode m WHERE m.tenant = p.tenant"
		" AND m.post = p.post AND m.point IN ('', p.point) AND m.mode <> 'drill'"
		" ORDER BY mode LIMIT 1),"
		" t.state, 'unknown') END, coalesce(t.detail, '') FROM point p"
		" LEFT JOIN point_state t ON t.tenant = p.tenant AND t.post = p.post"
		" AND t.point = p.point"
		" LEFT JOIN post_state s ON s.tenant = p.tenant AND s.post = p.post"
		" WHERE p.tenant = ?1 AND p.post = ?2 ORDER BY p.point",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), "tttbtttt", names, list);
}

static int post_troubles_read(
	struct pp_db *db, const char *tenant, const char *post, struct pp_json *list)
{
	static const char *const names[] = { "point", "kind", "since", "detail" };

	return read_rows(db,
		"SELECT point, kind, since, detail FROM trouble WHERE tenant = ?1 AND post = ?2"
		" ORDER BY since, point, kind",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), "ttit", names, list);
}

static int post_incidents_read(
	struct pp_db *db, const char *tenant, const char *post, struct pp_json *list)
{
	static const char *const names[] = { "number", "class", "state" };

	return read_rows(db,
		"SELECT number, class, state FROM incident_post p JOIN incident USING (incident_id)"
		" WHERE p.tenant = ?1 AND p.post = ?2 AND p.closed = 9223372036854775807"
		" ORDER BY incident_id",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), "ttt", names, list);
}

static int post_modes_read(
	struct pp_db *db, const char *tenant, const char *post, struct pp_json *list)
{
	static const char *const names[] = { "point", "mode", "reason", "owner", "began", "until" };

	return read_rows(db,
		"SELECT point, mode, reason, owner, began, until FROM mode"
		" WHERE tenant = ?1 AND post = ?2 ORDER BY point, mode",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), "ttttii", names, list);
}

static int post_read(struct pp_db *db, const struct pp_scope *scope, const struct pp_stmt *s,
	struct pp_json *post)
{
	static const char *const names[] = { "id", "name", "desa", "kecamatan", "rw", "latitude",
		"longitude", "contact_name", "contact_phone", "active", "revoked", "state",
		"last_state", "version" };
	static const struct {
		const char *name;
		int (*read)(struct pp_db *, const char *, const char *, struct pp_json *);
	} parts[] = { { "points", points_read }, { "troubles", post_troubles_read },
		{ "incidents", post_incidents_read }, { "modes", post_modes_read } };
	int r = 0;

	read_members(s, post, scope->contacts ? "tttttrrttbbtit" : "tttttrr..bbtit", names);
	if (!scope->contacts) {
		(void)pp_json_set_null(post, "contact_name");
		(void)pp_json_set_null(post, "contact_phone");
	}
	(void)pp_json_set_bool(post, "contact_masked",
		!scope->contacts && !(pp_column_is_null(s, 7) && pp_column_is_null(s, 8)));
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct pp_json *list = pp_json_list();

		r = parts[i].read(db, scope->tenant, pp_column_text(s, 0), list);
		if (r < 0)
			pp_json_free(list);
		else
			r = pp_json_set(post, parts[i].name, list);
	}
	return r;
}

static int posts_read(struct pp_db *db, const struct pp_scope *scope, struct pp_json *list)
{
	struct pp_stmt *s;
	int r = pp_store_bind(
		db, POSTS, PP_ARGS(PP_TEXT(scope->tenant), SCOPE_KECAMATAN(scope)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *post = pp_json_object();

		r = post_read(db, scope, s, post);
		if (r < 0)
			pp_json_free(post);
		else
			r = pp_json_add(list, post);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

static int troubles_read(struct pp_db *db, const struct pp_scope *scope, struct pp_json *list)
{
	static const char *const names[] = { "post", "point", "kind", "since", "detail", "told",
		"due" };

	/* told: to how many contacts; due: when it will be. */
	return read_rows(db,
		"SELECT post, point, kind, since, detail, (SELECT count(DISTINCT n.contact) FROM"
		" notification n WHERE n.tenant = trouble.tenant AND n.about <> '' AND n.about ="
		" post || '/' || point || '/' || kind || '@' || raised AND n.state <> 'collecting'"
		" AND n.purpose = 'trouble'),"
		" iif(due IN (0, 9223372036854775807), NULL, due) FROM trouble"
		" JOIN post p USING (tenant, post)"
		" WHERE tenant = ?1 AND active AND NOT " POST_REVOKED " AND " SCOPE_POST(
			"?2", "p.tenant", "p.post")
		" ORDER BY since, post, point, kind",
		PP_ARGS(PP_TEXT(scope->tenant), SCOPE_KECAMATAN(scope)), "tttitii", names, list);
}

static int list_answer(struct pp_db *db, const struct pp_scope *scope, const char *name,
	int (*read)(struct pp_db *, const struct pp_scope *, struct pp_json *),
	struct pp_json **ret_json)
{
	struct pp_json *answer, *list = pp_json_list();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, read(db, scope, list));
	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	answer = pp_json_object();
	(void)pp_json_set(answer, name, list);
	*ret_json = answer;
	return 0;
}

int pp_query_posts(struct pp_db *db, const struct pp_scope *scope, struct pp_json **ret_json)
{
	return list_answer(db, scope, "posts", posts_read, ret_json);
}

int pp_query_troubles(
	struct pp_db *db, const struct pp_scope *scope, struct pp_json **ret_json)
{
	return list_answer(db, scope, "troubles", troubles_read, ret_json);
}

int pp_query_tenants(struct pp_db *db, struct pp_json **ret_json)
{
	static const char *const names[] = { "id", "name", "prefix", "timezone", "sample" };
	struct pp_json *list = pp_json_list();
	int r = read_rows(db,
		"SELECT tenant, name, prefix, timezone, sample FROM tenant ORDER BY tenant",
		PP_NO_ARGS, "ttttb", names, list);

	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	*ret_json = list;
	return 0;
}

int pp_query_sees_post(struct pp_db *db, const struct pp_scope *scope, const char *post)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM post p WHERE p.tenant = ?1 AND p.post = ?2 AND " SCOPE_POST(
			"?3", "p.tenant", "p.post"),
		PP_ARGS(PP_TEXT(scope->tenant), PP_TEXT(post), SCOPE_KECAMATAN(scope)), &found);

	return r < 0 ? r : found > 0;
}
