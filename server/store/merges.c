/* SPDX-License-Identifier: Apache-2.0 */
/* merges.c -- incidents that become one, or two, in SQL. */
#include "store/places.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"

/* Runs statements that all take the same arguments, as far as each names them. */
struct step {
	const char *sql;
	size_t args;
};

static int steps_run(
	struct pp_db *db, const struct step *steps, size_t count, const struct pp_arg *args)
{
	struct pp_arg some[4];
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		memcpy(some, args, steps[i].args * sizeof(some[0]));
		some[steps[i].args] = (struct pp_arg){ .type = PP_ARG_END };
		r = pp_store_run(db, steps[i].sql, some);
	}
	return r;
}

/* ?1 from, ?2 into. */
static const struct step pour_steps[] = {
	{ "UPDATE signal SET incident_id = ?2 WHERE incident_id = ?1", 2 },
	{ "INSERT INTO incident_post SELECT ?2, tenant, post, point, signals, first, newest,"
	  " 9223372036854775807 FROM incident_post WHERE incident_id = ?1"
	  " ON CONFLICT DO UPDATE SET signals = signals + excluded.signals,"
	  " first = min(first, excluded.first), newest = max(newest, excluded.newest),"
	  " point = iif(point = '', excluded.point, point)",
		2 },
	{ "DELETE FROM incident_post WHERE incident_id = ?1", 1 },
	{ "INSERT INTO incident_link SELECT ?2, other_id, why FROM incident_link"
	  " WHERE incident_id = ?1 AND other_id <> ?2 ON CONFLICT DO NOTHING",
		2 },
	{ "INSERT INTO incident_link SELECT other_id, ?2, why FROM incident_link"
	  " WHERE incident_id = ?1 AND other_id <> ?2 ON CONFLICT DO NOTHING",
		2 },
	{ "DELETE FROM incident_link WHERE (incident_id, other_id) IN (SELECT other_id, ?1"
	  " FROM incident_link WHERE incident_id = ?1)",
		1 },
	{ "DELETE FROM incident_link WHERE incident_id = ?1", 1 },
	/* Near posts sound until somebody has what is left. */
	{ "UPDATE notification SET incident_id = ?2 WHERE incident_id = ?1 AND channel = 'siren'"
	  " AND call_id = 0",
		2 },
	{ "UPDATE OR IGNORE hand_over SET incident_id = ?2 WHERE incident_id = ?1", 2 },
	{ "DELETE FROM hand_over WHERE incident_id = ?1", 1 },
	/* A count that both have goes on as that of `into`. */
	{ "UPDATE OR IGNORE storm SET incident_id = ?2 WHERE incident_id = ?1", 2 },
	{ "DELETE FROM storm WHERE incident_id = ?1", 1 },
	{ "DELETE FROM storm_point WHERE incident_id = ?1", 1 },
	{ "UPDATE incident AS n SET rev = n.rev + 1, signals = n.signals + o.signals,"
	  " occurred = min(n.occurred, o.occurred), silent = n.silent OR o.silent,"
	  " late = n.late AND o.late, reported = n.reported OR o.reported,"
	  " restored = n.restored AND o.restored, facts = n.facts | o.facts,"
	  " storm = iif(n.storm = '', o.storm, n.storm),"
	  " post = iif(n.post = '', o.post, n.post)" /* a report of a desa: now there is a place */
	  " FROM incident o WHERE o.incident_id = ?1 AND n.incident_id = ?2",
		2 },
	{ "UPDATE incident SET signals = 0 WHERE incident_id = ?1", 1 },
};

/* The keys of what now belongs to it: a duplicate that comes is told so. */
static int keys_follow(struct pp_db *db, int64_t incident_id, const char *post)
{
	return pp_store_run(db,
		"UPDATE signal_key SET incident_id = ?1 WHERE (tenant, post, epoch, seq) IN"
		" (SELECT tenant, post, epoch, seq FROM signal WHERE incident_id = ?1"
		" AND (?2 = '' OR post = ?2))",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(post)));
}

static int reread(struct pp_db *db, struct pp_incident *i)
{
	int r = pp_store_incident_by_id(db, i->incident_id, i);

	return r == 0 ? -EIO : r < 0 ? r : 0;
}

int pp_store_incident_pour(struct pp_db *db, int64_t from, struct pp_incident *into)
{
	int r = steps_run(db, pour_steps, sizeof(pour_steps) / sizeof(pour_steps[0]),
		PP_ARGS(PP_I64(from), PP_I64(into->incident_id)));

	if (r == 0)
		r = keys_follow(db, into->incident_id, "");
	return r < 0 ? r : reread(db, into);
}

/* ?1 from, ?2 into, ?3 post. */
static const struct step part_steps[] = {
	{ "UPDATE signal SET incident_id = ?2 WHERE incident_id = ?1 AND post = ?3", 3 },
	{ "DELETE FROM incident_post WHERE incident_id = ?2", 2 },
	{ "UPDATE incident_post SET incident_id = ?2 WHERE incident_id = ?1 AND post = ?3", 3 },
	{ "UPDATE OR IGNORE storm SET incident_id = ?2 WHERE incident_id = ?1 AND post = ?3", 3 },
	/* What people have told of the post stays where it was told. */
	{ "INSERT INTO incident_post SELECT incident_id, tenant, post, '', 0, occurred, occurred,"
	  " 9223372036854775807 FROM incident WHERE incident_id = ?1 AND post <> '' AND reported"
	  " AND desa = ''"
	  " AND NOT EXISTS (SELECT 1 FROM incident_post WHERE incident_id = ?1)",
		1 },
	{ "UPDATE incident SET post = coalesce((SELECT post FROM incident_post WHERE incident_id"
	  " = ?1 ORDER BY first, post LIMIT 1), '') WHERE incident_id = ?1 AND post = ?3"
	  " AND ?2 > 0",
		3 },
	{ "UPDATE incident AS i SET signals = coalesce((SELECT sum(signals) FROM incident_post p"
	  " WHERE p.incident_id = i.incident_id), 0), occurred = coalesce((SELECT min(first)"
	  " FROM incident_post p WHERE p.incident_id = i.incident_id), occurred)"
	  " WHERE incident_id IN (?1, ?2)",
		2 },
};

#define OF_SIGNALS                                                                                 \
	(PP_TRUST_PRESS | PP_TRUST_DETECTOR | PP_TRUST_HELD | PP_TRUST_SECOND_POINT |              \
		PP_TRUST_VERIFIED)

/* The facts that its signals prove, all of them looked at. */
static int facts_read(struct pp_db *db, struct pp_incident *i)
{
	int64_t facts;
	int r = pp_store_number(db,
		"SELECT coalesce(max(iif(kind = 'panic', ?2, 0)) | max(iif(kind IN ('smoke',"
		" 'heat'), ?3, 0)) | max(iif(flags & ?4, ?5, 0)) | max(iif(kind = 'panic' AND"
		" EXISTS (SELECT 1 FROM signal b WHERE b.tenant = a.tenant AND b.post = a.post"
		" AND b.epoch = a.epoch AND b.signal = 'restore' AND b.incident_id = ?1"
		" AND b.cause = a.seq AND b.occurred - a.occurred >= ?6), ?7, 0)), 0)"
		" | (SELECT coalesce(max(iif(n > 1, ?8, 0)), 0) FROM (SELECT count(DISTINCT point)"
		" AS n FROM signal WHERE incident_id = ?1 AND signal IN ('alarm', 'unknown')"
		" GROUP BY post))"
		" FROM signal a WHERE incident_id = ?1 AND signal IN ('alarm', 'unknown')",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(PP_TRUST_PRESS), PP_I64(PP_TRUST_DETECTOR),
			PP_I64(PP_FLAG_VERIFIED), PP_I64(PP_TRUST_VERIFIED),
			PP_I64(PP_TRUST_HELD_MS), PP_I64(PP_TRUST_HELD),
			PP_I64(PP_TRUST_SECOND_POINT)),
		&facts);

	if (r < 0)
		return r;
	i->facts = (i->facts & ~(int64_t)OF_SIGNALS) | facts;
	return pp_store_incident_weigh(db, i);
}

int pp_store_incident_part(
	struct pp_db *db, struct pp_incident *from, const char *post, struct pp_incident *into)
{
	int r = steps_run(db, part_steps, sizeof(part_steps) / sizeof(part_steps[0]),
		PP_ARGS(PP_I64(from->incident_id), PP_I64(into->incident_id), PP_TEXT(post)));

	if (r == 0)
		r = keys_follow(db, into->incident_id, post);
	if (r == 0)
		r = reread(db, into);
	if (r == 0)
		r = facts_read(db, into);
	if (r == 0)
		r = reread(db, from);
	return r < 0 ? r : facts_read(db, from);
}

int pp_store_incident_merged(
	struct pp_db *db, struct pp_incident *i, int64_t into, const char *actor, int64_t now_ms)
{
	i->rev++;
	i->state = PP_INCIDENT_CLOSED;
	i->merged_into = into;
	snprintf(i->closed_by, sizeof(i->closed_by), "%s", actor);
	return pp_store_run(db,
		"UPDATE incident SET rev = ?2, state = 'closed', closed = ?3, closed_by = ?4,"
		" closing_code = 'merged', merged_into = ?5 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->rev), PP_I64(now_ms), PP_TEXT(actor),
			PP_I64(into)));
}

int pp_store_incident_inherit(
	struct pp_db *db, struct pp_incident *i, const struct pp_incident *from)
{
	bool further = from->state > i->state;
	int r;

	if (!further && (i->acknowledged_by[0] || !from->acknowledged_by[0]))
		return reread(db, i);
	r = pp_store_run(db,
		"UPDATE incident AS n SET rev = n.rev + 1, state = iif(?3, o.state, n.state),"
		" acknowledged = coalesce(n.acknowledged, o.acknowledged),"
		" acknowledged_by = coalesce(n.acknowledged_by, o.acknowledged_by),"
		" dispatched = coalesce(n.dispatched, o.dispatched),"
		" on_scene = coalesce(n.on_scene, o.on_scene)"
		" FROM incident o WHERE n.incident_id = ?1 AND o.incident_id = ?2",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(from->incident_id), PP_I64(further)));
	return r < 0 ? r : reread(db, i);
}

int pp_store_incident_leave(struct pp_db *db, struct pp_incident *i)
{
	int r;

	i->rev++;
	i->state = PP_INCIDENT_OPEN;
	i->facts &= ~(int64_t)PP_TRUST_ON_SCENE;
	r = pp_store_run(db, "UPDATE incident SET rev = ?2, state = ?3 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->rev),
			PP_TEXT(pp_incident_state_text(i->state))));
	return r < 0 ? r : pp_store_incident_weigh(db, i);
}

int pp_store_incident_convert(struct pp_db *db, struct pp_incident *i, int64_t now_ms)
{
	int r;

	i->rev++;
	i->mark = PP_MARK_REAL;
	i->drill = false;
	i->facts &= ~(int64_t)PP_TRUST_EXERCISE;
	r = pp_store_run(db,
		"UPDATE incident SET rev = ?2, drill = 0, mode = '', converted = ?3"
		" WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->rev), PP_I64(now_ms)));
	return r < 0 ? r : pp_store_incident_weigh(db, i);
}

int pp_store_exercise_end(struct pp_db *db, int64_t incident_id, int64_t now_ms)
{
	static const struct step steps[] = {
		{ "UPDATE notification SET state = 'withdrawn', changed = ?2, detail = 'it was told"
		  " as an exercise' WHERE incident_id = ?1 AND state IN ('queued', 'held',"
		  " 'collecting')",
			2 },
		{ "UPDATE call SET code = NULL WHERE incident_id = ?1 AND state <> 'on-scene'", 1 },
		{ "DELETE FROM ladder_ring WHERE incident_id = ?1", 1 },
	};

	return steps_run(db, steps, sizeof(steps) / sizeof(steps[0]),
		PP_ARGS(PP_I64(incident_id), PP_I64(now_ms)));
}
