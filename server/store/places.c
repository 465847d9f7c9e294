/* SPDX-License-Identifier: Apache-2.0 */
/* places.c -- posts of incidents, neighbours and links in SQL. */
#include "store/places.h"

#include <errno.h>
#include <stdio.h>

#include "incidents/trust.h"

#define NEAR_DEGREES 0.0028 /* a box that holds PP_PLACE_NEAR_M to each side; the rule measures */
#define HISTORY_MAX 50

int pp_store_place(
	struct pp_db *db, const char *tenant, const char *post, struct pp_store_place *ret_place)
{
	struct pp_store_place place;
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT post, desa, rw, latitude, longitude FROM post WHERE tenant = ?1"
		" AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	place.latitude = pp_column_real(s, 3);
	place.longitude = pp_column_real(s, 4);
	if (pp_store_copy(s, 0, place.post, sizeof(place.post)) < 0 ||
		pp_store_copy(s, 1, place.desa, sizeof(place.desa)) < 0 ||
		pp_store_copy(s, 2, place.rw, sizeof(place.rw)) < 0)
		place.rw[0] = '\0'; /* an RW of that length is nobody's neighbour by name */
	pp_stmt_reset(s);
	*ret_place = place;
	return 1;
}

struct pp_place pp_store_place_view(const struct pp_store_place *p)
{
	return (struct pp_place){ p->post, p->desa, p->rw, p->latitude, p->longitude };
}

int pp_store_desa_exists(struct pp_db *db, const char *tenant, const char *desa)
{
	int64_t found;
	int r = pp_store_number(db, "SELECT count(*) FROM desa WHERE tenant = ?1 AND code = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(desa)), &found);

	return r < 0 ? r : found > 0;
}

/* ---- candidates ---- */

#define CANDIDATE                                                                                  \
	"SELECT i.incident_id, i.class, i.drill, i.mode, i.silent, i.state <> 'closed', i.posts,"  \
	" c.signals, i.occurred, c.newest, c.post, p.desa, p.rw, p.latitude, p.longitude,"         \
	" i.state <> 'open', i.acknowledged_by IS NULL AND NOT EXISTS (SELECT 1 FROM call k"       \
	" WHERE k.incident_id = i.incident_id AND (k.state IN ('accepted', 'en-route',"            \
	" 'on-scene') OR (k.ring = '' AND k.state = 'notified')))"                                 \
	" FROM post p JOIN incident_post c ON c.tenant = p.tenant AND c.post = p.post"             \
	" JOIN incident i ON i.incident_id = c.incident_id "
#define NEWEST " ORDER BY i.incident_id DESC LIMIT 128" /* PP_CANDIDATES_MAX */

static int candidate_tell(const struct pp_stmt *s, pp_store_candidate_fn *fn, void *user)
{
	int class = pp_class_parse(pp_column_text(s, 1)),
	    mark = pp_mark_parse(pp_column_text(s, 3));
	const struct pp_place_incident c = {
		.place = { pp_column_text(s, 10), pp_column_text(s, 11), pp_column_text(s, 12),
			pp_column_real(s, 13), pp_column_real(s, 14) },
		.class = class < 0 ? PP_CLASS_UNSPECIFIED : (enum pp_class) class,
		.mark = pp_column_i64(s, 2) || mark < 0 ? PP_MARK_DRILL : (enum pp_mark)mark,
		.silent = pp_column_i64(s, 4),
		.open = pp_column_i64(s, 5),
		.full = pp_column_i64(s, 6) >= PP_PLACE_POSTS_MAX,
		.reported = pp_column_i64(s, 7) == 0,
		.first_ms = pp_column_i64(s, 8),
		.newest_ms = pp_column_i64(s, 9),
		.taken = pp_column_i64(s, 15),
		.left = pp_column_i64(s, 16),
	};

	return fn(user, pp_column_i64(s, 0), &c);
}

static int candidates_tell(struct pp_db *db, const char *sql, const struct pp_arg *args,
	pp_store_candidate_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, sql, args, &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = candidate_tell(s, fn, user);
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_each_candidate(struct pp_db *db, const char *tenant,
	const struct pp_place_alarm *alarm, pp_store_candidate_fn *fn, void *user)
{
	const struct pp_place *p = &alarm->place;
	const struct pp_arg from = PP_I64(alarm->occurred_ms - PP_PLACE_WINDOW_MS);
	const struct pp_arg to = PP_I64(alarm->occurred_ms + PP_PLACE_WINDOW_MS);
	int r = 0;

	if (p->post[0])
		r = candidates_tell(db,
			CANDIDATE "WHERE p.tenant = ?1 AND p.post = ?2"
				  " AND c.closed = 9223372036854775807" NEWEST,
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(p->post)), fn, user);
	if (r == 0)
		r = candidates_tell(db,
			CANDIDATE
			"WHERE p.tenant = ?1 AND p.desa = ?2 AND p.rw = ?3 AND c.newest >= ?4"
			" AND i.occurred <= ?5" NEWEST,
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(p->desa), PP_TEXT(p->rw), from, to), fn,
			user);
	if (r == 0 && (p->latitude != 0 || p->longitude != 0))
		r = candidates_tell(db,
			CANDIDATE "WHERE p.tenant = ?1 AND p.latitude BETWEEN ?2 AND ?3"
				  " AND c.newest >= ?4 AND i.occurred <= ?5" NEWEST,
			PP_ARGS(PP_TEXT(tenant), PP_REAL(p->latitude - NEAR_DEGREES),
				PP_REAL(p->latitude + NEAR_DEGREES), from, to),
			fn, user);
	if (r == 0 && p->rw[0])
		r = candidates_tell(db,
			"SELECT incident_id, class, drill, mode, silent, 1, posts, 0, occurred,"
			" occurred, '', desa, rw, 0.0, 0.0, 0, 0 FROM incident i WHERE tenant = ?1"
			" AND desa = ?2 AND rw = ?3 AND post = '' AND state <> 'closed'"
			" AND occurred BETWEEN ?4 AND ?5" NEWEST,
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(p->desa), PP_TEXT(p->rw), from, to), fn,
			user);
	return r;
}

/* ---- posts of an incident ---- */

int pp_store_incident_post(
	struct pp_db *db, int64_t incident_id, const char *post, struct pp_incident_post *ret_post)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT point, signals, first, newest FROM incident_post WHERE incident_id = ?1"
		" AND post = ?2",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	*ret_post = (struct pp_incident_post){ .signals = pp_column_i64(s, 1),
		.first_ms = pp_column_i64(s, 2),
		.newest_ms = pp_column_i64(s, 3) };
	(void)pp_store_copy(s, 0, ret_post->point, sizeof(ret_post->point));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_incident_post_put(struct pp_db *db, const struct pp_incident *incident,
	const char *post, const struct pp_incident_post *row)
{
	return pp_store_run(db,
		"INSERT INTO incident_post (incident_id, tenant, post, point, signals, first,"
		" newest, closed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 9223372036854775807)"
		" ON CONFLICT DO UPDATE SET point = ?4, signals = ?5, first = ?6, newest = ?7",
		PP_ARGS(PP_I64(incident->incident_id), PP_TEXT(incident->tenant), PP_TEXT(post),
			PP_TEXT(row->point), PP_I64(row->signals), PP_I64(row->first_ms),
			PP_I64(row->newest_ms)));
}

int pp_store_each_incident_post(
	struct pp_db *db, int64_t incident_id, pp_store_incident_post_fn *fn, void *user)
{
	char post[PP_POST_MAX + 1] = "";
	struct pp_stmt *s;
	int r;

	while ((r = pp_store_first(db,
			"SELECT post FROM incident_post WHERE incident_id = ?1 AND post > ?2"
			" ORDER BY post LIMIT 1",
			PP_ARGS(PP_I64(incident_id), PP_TEXT(post)), &s)) == 1) {
		r = pp_store_copy(s, 0, post, sizeof(post));
		pp_stmt_reset(s);
		if (r == 0)
			r = fn(user, post);
		if (r != 0)
			return r;
	}
	return r;
}

int pp_store_incident_weigh(struct pp_db *db, struct pp_incident *i)
{
	int r = pp_store_number(db,
		"SELECT max(1, count(*)) FROM incident_post WHERE incident_id = ?1 AND signals > 0",
		PP_ARGS(PP_I64(i->incident_id)), &i->posts);

	if (r < 0)
		return r;
	i->facts = pp_trust_facts((uint32_t)i->facts, i->posts);
	i->trust = pp_trust_level((uint32_t)i->facts);
	return pp_store_run(db,
		"UPDATE incident SET posts = ?2, facts = ?3, trust = ?4 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->posts), PP_I64(i->facts),
			PP_I64(i->trust)));
}

int pp_store_incident_history(struct pp_db *db, const struct pp_incident *like, int64_t since_ms,
	int64_t *ret_false, int64_t *ret_real)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT coalesce(sum(code IN ('nuisance', 'prank', 'fault', 'unfounded')), 0),"
		" coalesce(sum(code = 'real'), 0) FROM (SELECT closing_code AS code"
		" FROM incident_post p JOIN incident i USING (incident_id)"
		" WHERE p.tenant = ?1 AND p.post = ?2 AND p.closed BETWEEN ?4 AND"
		" 9223372036854775806 AND class = ?3 AND NOT drill AND mode = ''"
		" ORDER BY p.closed DESC LIMIT ?5)",
		PP_ARGS(PP_TEXT(like->tenant), PP_TEXT(like->post),
			PP_TEXT(pp_class_text(like->class)), PP_I64(since_ms), PP_I64(HISTORY_MAX)),
		&s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret_false = pp_column_i64(s, 0);
	*ret_real = pp_column_i64(s, 1);
	pp_stmt_reset(s);
	return 0;
}

/* ---- reports ---- */

int pp_store_report_key_put(struct pp_db *db, int64_t incident_id, const char *key)
{
	return pp_store_run(db, "UPDATE incident SET report_key = ?2 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(key)));
}

int pp_store_incident_by_report(
	struct pp_db *db, const char *tenant, const char *key, struct pp_incident *ret_incident)
{
	int64_t incident_id;
	int r = pp_store_number(db,
		"SELECT incident_id FROM incident WHERE tenant = ?1 AND report_key = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(key)), &incident_id);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return pp_store_incident_by_id(db, incident_id, ret_incident);
}

/* ---- links ---- */

int pp_store_link_put(struct pp_db *db, int64_t incident_id, int64_t other_id, const char *why)
{
	return pp_store_change(db,
		"INSERT INTO incident_link (incident_id, other_id, why)"
		" VALUES (?1, ?2, ?3), (?2, ?1, ?3) ON CONFLICT DO NOTHING",
		PP_ARGS(PP_I64(incident_id), PP_I64(other_id), PP_TEXT(why)));
}

int pp_store_link_remove(struct pp_db *db, int64_t incident_id, int64_t other_id)
{
	return pp_store_change(db,
		"DELETE FROM incident_link WHERE (incident_id, other_id) IN"
		" (VALUES (?1, ?2), (?2, ?1))",
		PP_ARGS(PP_I64(incident_id), PP_I64(other_id)));
}
