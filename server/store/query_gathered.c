/* SPDX-License-Identifier: Apache-2.0 */
/* query_gathered.c -- what an incident consists of, as people see it: its posts, what stands beside
 * it, how far it is confirmed and why. */
#include "store/query.h"

#include "incidents/place.h"
#include "incidents/trust.h"
#include "read.h"

static struct pp_json *trust_json(int64_t level, int64_t facts)
{
	struct pp_json *trust = pp_json_object(), *reasons = pp_json_list();

	for (int bit = 0; bit < PP_TRUST_FACT_COUNT; bit++) {
		struct pp_trust_word word = pp_trust_word((enum pp_trust_bit)bit);
		struct pp_json *reason;

		if (!(facts & (INT64_C(1) << bit)))
			continue;
		reason = pp_json_object();
		(void)pp_json_set_text(reason, "code", word.code);
		(void)pp_json_set_text(reason, "id", word.id);
		(void)pp_json_set_text(reason, "en", word.en);
		(void)pp_json_add(reasons, reason);
	}
	(void)pp_json_set_i64(trust, "level", level);
	(void)pp_json_set(trust, "reasons", reasons);
	return trust;
}

static int links_read(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *list)
{
	static const char *const names[] = { "number", "class", "state", "why" };
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT number, class, state, why FROM incident_link l JOIN incident i"
		" ON i.incident_id = l.other_id WHERE l.incident_id = ?1"
		" AND " SCOPE_INCIDENT("?2", "?3")
		" ORDER BY other_id DESC LIMIT 32",
		PP_ARGS(PP_I64(id), SCOPE_KECAMATAN(scope), SCOPE_UNIT(scope)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *link = pp_json_object();

		read_members(s, link, "tttt", names);
		(void)pp_json_set_bool(link, "suggested", pp_place_suggests(pp_column_text(s, 3)));
		r = pp_json_add(list, link);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

static int posts_read(struct pp_db *db, int64_t id, struct pp_json *list)
{
	static const char *const names[] = { "id", "name", "rw", "signals", "first", "newest" };

	return read_rows(db,
		"SELECT c.post, p.name, p.rw, c.signals, c.first, c.newest FROM incident_post c"
		" LEFT JOIN post p ON p.tenant = c.tenant AND p.post = c.post"
		" WHERE incident_id = ?1 ORDER BY c.first, c.post",
		PP_ARGS(PP_I64(id)), "tttiii", names, list);
}

/* Hangs the list into the incident, or frees it. */
static int list_hang(int r, struct pp_json *incident, const char *name, struct pp_json *list)
{
	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	return pp_json_set(incident, name, list);
}

static int lists_read(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *incident)
{
	struct pp_json *posts = pp_json_list(), *links;
	int r = list_hang(posts_read(db, id, posts), incident, "posts", posts);

	if (r < 0)
		return r;
	links = pp_json_list();
	return list_hang(links_read(db, scope, id, links), incident, "links", links);
}

int read_gathered(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *incident)
{
	static const char *const names[] = { "mark", "reported", "converted", "merged_into" };
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT iif(drill, 'drill', mode), reported, converted, (SELECT number FROM"
		" incident m WHERE m.incident_id = i.merged_into), trust, facts FROM incident i"
		" WHERE incident_id = ?1",
		PP_ARGS(PP_I64(id)), &s);

	if (r <= 0)
		return r;
	read_members(s, incident, "tbit", names);
	r = pp_json_set(incident, "trust", trust_json(pp_column_i64(s, 4), pp_column_i64(s, 5)));
	pp_stmt_reset(s);
	return r < 0 ? r : lists_read(db, scope, id, incident);
}

int pp_query_sees_desa(struct pp_db *db, const struct pp_scope *scope, const char *desa)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM desa WHERE tenant = ?1 AND code = ?2"
		" AND (?3 = '' OR instr(?3, ',' || kecamatan || ',') > 0)",
		PP_ARGS(PP_TEXT(scope->tenant), PP_TEXT(desa), SCOPE_KECAMATAN(scope)), &found);

	return r < 0 ? r : found > 0;
}
