/* SPDX-License-Identifier: Apache-2.0 */
/* plans.c -- plans, contacts and places in SQL. */
#include "store/plans.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/place.h"

int pp_store_plan_add(struct pp_db *db, const struct pp_plan_row *row)
{
	return pp_store_run(db,
		"INSERT INTO plan_rev (tenant, rev, digest, body, at, actor)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		PP_ARGS(PP_TEXT(row->tenant), PP_I64(row->rev), PP_BLOB(row->digest, 32),
			PP_TEXT(row->body), PP_I64(row->at_ms), PP_TEXT(row->actor)));
}

int pp_store_plan(struct pp_db *db, const char *tenant, int64_t *rev, char **ret_body)
{
	struct pp_stmt *s;
	char *body;
	int r = pp_store_first(db,
		"SELECT rev, body FROM plan_rev WHERE tenant = ?1 AND (?2 = 0 OR rev = ?2)"
		" ORDER BY rev DESC LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_I64(*rev)), &s);

	if (r <= 0)
		return r;
	body = strdup(pp_column_text(s, 1));
	if (body) {
		*rev = pp_column_i64(s, 0);
		*ret_body = body;
	}
	pp_stmt_reset(s);
	return body ? 1 : -ENOMEM;
}

int pp_store_plans_rev(struct pp_db *db, int64_t *ret_rev)
{
	return pp_store_number(db, "SELECT value FROM meta WHERE key = ?1",
		PP_ARGS(PP_TEXT("plans_rev")), ret_rev);
}

int pp_store_plans_bump(struct pp_db *db)
{
	return pp_store_run(db, "UPDATE meta SET value = value + 1 WHERE key = ?1",
		PP_ARGS(PP_TEXT("plans_rev")));
}

int pp_store_each_contact(struct pp_db *db, const char *tenant, pp_store_contact_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT c.contact, name, role, language, verified, w.kind, w.address FROM contact c"
		" LEFT JOIN contact_way w ON w.tenant = c.tenant AND w.contact = c.contact"
		" WHERE c.tenant = ?1 ORDER BY c.contact, w.position",
		PP_ARGS(PP_TEXT(tenant)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, &(struct pp_store_contact){ .contact = pp_column_text(s, 0),
				     .name = pp_column_text(s, 1),
				     .role = pp_column_text(s, 2),
				     .language = pp_column_text(s, 3),
				     .verified_ms = pp_column_i64(s, 4),
				     .kind = pp_column_text(s, 5),
				     .address = pp_column_text(s, 6) });
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

static int ways_remove(struct pp_db *db, const char *tenant, const char *contact)
{
	return pp_store_run(db, "DELETE FROM contact_way WHERE tenant = ?1 AND contact = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact)));
}

int pp_store_contact_put(struct pp_db *db, const char *tenant, const struct pp_plan_contact *c)
{
	int r = ways_remove(db, tenant, c->id);

	if (r == 0)
		r = pp_store_run(db,
			"INSERT INTO contact (tenant, contact, name, role, language, verified)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant, contact)"
			" DO UPDATE SET name = ?3, role = ?4, language = ?5, verified = ?6",
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(c->id), PP_TEXT(c->name), PP_TEXT(c->role),
				PP_TEXT(pp_language_text(c->language)), PP_I64(c->verified_ms)));
	for (size_t i = 0; r == 0 && i < c->way_count; i++)
		r = pp_store_run(db,
			"INSERT INTO contact_way (tenant, contact, position, kind, address)"
			" VALUES (?1, ?2, ?3, ?4, ?5)",
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(c->id), PP_I64((int64_t)i),
				PP_TEXT(pp_way_text(c->ways[i].kind)),
				PP_TEXT(c->ways[i].address)));
	return r;
}

int pp_store_contact_code_drop(struct pp_db *db, const char *tenant, const char *contact)
{
	return pp_store_run(db, "DELETE FROM contact_code WHERE tenant = ?1 AND contact = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact)));
}

int pp_store_contact_remove(struct pp_db *db, const char *tenant, const char *contact)
{
	int r = ways_remove(db, tenant, contact);

	if (r == 0)
		r = pp_store_contact_code_drop(db, tenant, contact);
	return r < 0 ? r
		     : pp_store_change(db, "DELETE FROM contact WHERE tenant = ?1 AND contact = ?2",
			       PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact)));
}

int pp_store_contact_verify(
	struct pp_db *db, const char *tenant, const char *contact, int64_t verified_ms)
{
	return pp_store_change(db,
		"UPDATE contact SET verified = ?3 WHERE tenant = ?1 AND contact = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact), PP_I64(verified_ms)));
}

int pp_store_contact_code_put(struct pp_db *db, const struct pp_contact_code_new *code)
{
	return pp_store_run(db,
		"INSERT INTO contact_code (tenant, contact, code, at) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT (tenant, contact) DO UPDATE SET code = ?3, at = ?4",
		PP_ARGS(PP_TEXT(code->tenant), PP_TEXT(code->contact), PP_BLOB(code->hash, 32),
			PP_I64(code->now_ms)));
}

int pp_store_contact_by_code(struct pp_db *db, const uint8_t hash[32], int64_t since_ms,
	struct pp_contact_code *ret_code)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT tenant, contact FROM contact_code WHERE code = ?1 AND at >= ?2",
		PP_ARGS(PP_BLOB(hash, 32), PP_I64(since_ms)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret_code->tenant, sizeof(ret_code->tenant));
	(void)pp_store_copy(s, 1, ret_code->contact, sizeof(ret_code->contact));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_contact_code_end(struct pp_db *db, const uint8_t hash[32])
{
	return pp_store_run(
		db, "DELETE FROM contact_code WHERE code = ?1", PP_ARGS(PP_BLOB(hash, 32)));
}

int pp_store_each_place(struct pp_db *db, const char *tenant, pp_store_place_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT '', '', code FROM kecamatan WHERE tenant = ?1"
		" UNION ALL SELECT '', code, kecamatan FROM desa WHERE tenant = ?1"
		" UNION ALL SELECT post, p.desa, d.kecamatan FROM post p JOIN desa d"
		" ON d.tenant = p.tenant AND d.code = p.desa WHERE p.tenant = ?1 AND active"
		" ORDER BY 3, 2, 1",
		PP_ARGS(PP_TEXT(tenant)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, &(struct pp_store_place){ pp_column_text(s, 0), pp_column_text(s, 1),
				     pp_column_text(s, 2) });
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_kecamatan_of(
	struct pp_db *db, const char *tenant, const char *desa, char ret_kecamatan[48])
{
	struct pp_stmt *s;
	int r = pp_store_first(db, "SELECT kecamatan FROM desa WHERE tenant = ?1 AND code = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(desa)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret_kecamatan, 48);
	pp_stmt_reset(s);
	return 1;
}

int pp_store_place_of(struct pp_db *db, const char *tenant, const char *post, char ret_desa[48],
	char ret_kecamatan[48])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT p.desa, d.kecamatan FROM post p JOIN desa d ON d.tenant = p.tenant"
		" AND d.code = p.desa WHERE p.tenant = ?1 AND post = ?2 AND active",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret_desa, 48);
	(void)pp_store_copy(s, 1, ret_kecamatan, 48);
	pp_stmt_reset(s);
	return 1;
}

/* ---- near posts ---- */

#define NEAR_DEGREES 0.0028 /* a box that holds PP_PLACE_NEAR_M to each side; the rule measures */

struct near_posts {
	size_t count;
	double metres[PP_STORE_NEAR_MAX];
	char (*posts)[PP_POST_MAX + 1];
};

/* Keeps the nearest, in order. */
static void near_add(struct near_posts *n, const char *post, double metres)
{
	size_t at = n->count;

	while (at > 0 && n->metres[at - 1] > metres)
		at--;
	if (at == PP_STORE_NEAR_MAX)
		return;
	if (n->count < PP_STORE_NEAR_MAX)
		n->count++;
	for (size_t i = n->count - 1; i > at; i--) {
		n->metres[i] = n->metres[i - 1];
		memcpy(n->posts[i], n->posts[i - 1], sizeof(n->posts[i]));
	}
	n->metres[at] = metres;
	snprintf(n->posts[at], sizeof(n->posts[at]), "%s", post);
}

static int near_read(struct pp_stmt *s, const struct pp_place *here, struct near_posts *n)
{
	int r;

	while ((r = pp_stmt_step(s)) == 1) {
		const struct pp_place p = { pp_column_text(s, 0), pp_column_text(s, 1),
			pp_column_text(s, 2), pp_column_real(s, 3), pp_column_real(s, 4) };
		double metres = pp_place_metres(here, &p);

		if (pp_place_is_near(here, &p))
			near_add(n, p.post, metres < 0 ? PP_PLACE_NEAR_M : metres);
	}
	return r;
}

int pp_store_posts_near(struct pp_db *db, const char *tenant, const struct pp_store_near *of,
	char ret_posts[PP_STORE_NEAR_MAX][PP_POST_MAX + 1])
{
	struct near_posts n = { .posts = ret_posts };
	struct pp_place here = { of->post, of->desa, of->rw, 0, 0 };
	char desa[64] = "", rw[64] = "";
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT desa, rw, latitude, longitude FROM post WHERE tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(of->post)), &s);

	if (r < 0)
		return r;
	if (r == 1) {
		if (pp_store_copy(s, 0, desa, sizeof(desa)) < 0 ||
			pp_store_copy(s, 1, rw, sizeof(rw)) < 0)
			rw[0] = '\0'; /* an RW of that length is nobody's neighbour by name */
		here = (struct pp_place){ of->post, desa, rw, pp_column_real(s, 2),
			pp_column_real(s, 3) };
		pp_stmt_reset(s);
	}
	r = pp_store_bind(db,
		"SELECT post, desa, rw, latitude, longitude FROM post WHERE tenant = ?1 AND active"
		" AND post <> ?2 AND ((desa = ?3 AND rw = ?4 AND ?4 <> '')"
		" OR latitude BETWEEN ?5 AND ?6) ORDER BY post",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(of->post), PP_TEXT(here.desa), PP_TEXT(here.rw),
			PP_REAL(here.latitude - NEAR_DEGREES),
			PP_REAL(here.latitude + NEAR_DEGREES)),
		&s);
	if (r == 0)
		r = near_read(s, &here, &n);
	return r < 0 ? r : (int)n.count;
}
