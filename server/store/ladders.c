/* SPDX-License-Identifier: Apache-2.0 */
/* ladders.c -- ladders, their clock, and who holds an incident, in SQL. */
#include "store/ladders.h"

#include <errno.h>
#include <string.h>

static int ring_read(const struct pp_stmt *s, struct pp_ladder *ladder)
{
	int ring = pp_ring_parse(pp_column_text(s, 0));
	int state = pp_ladder_state_parse(pp_column_text(s, 1));

	if (ring < 0 || state < 0)
		return -EIO;
	ladder->rings[ring] = (struct pp_ladder_ring){ .state = (enum pp_ladder_state)state,
		.step = (unsigned)pp_column_i64(s, 2),
		.called = (unsigned)pp_column_i64(s, 3),
		.accepted = (unsigned)pp_column_i64(s, 4),
		.due_ms = pp_column_i64(s, 5) };
	return 0;
}

static int rings_read(struct pp_db *db, struct pp_ladder_row *row)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT ring, state, step, called, accepted, due FROM ladder_ring"
		" WHERE incident_id = ?1",
		PP_ARGS(PP_I64(row->incident_id)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = ring_read(s, &row->ladder);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_ladder(struct pp_db *db, int64_t incident_id, struct pp_ladder_row *ret_row)
{
	struct pp_ladder_row row = { .incident_id = incident_id };
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT tenant, plan, taken, over FROM ladder WHERE incident_id = ?1",
		PP_ARGS(PP_I64(incident_id)), &s);

	if (r <= 0)
		return r;
	row.ladder.taken = pp_column_i64(s, 2);
	row.ladder.over = pp_column_i64(s, 3);
	if (pp_store_copy(s, 0, row.tenant, sizeof(row.tenant)) < 0 ||
		pp_store_copy(s, 1, row.plan, sizeof(row.plan)) < 0)
		r = -EIO;
	pp_stmt_reset(s);
	if (r == 1)
		r = rings_read(db, &row);
	if (r < 0)
		return r;
	*ret_row = row;
	return 1;
}

static int ring_put(struct pp_db *db, const struct pp_ladder_row *row, enum pp_ring ring)
{
	static const struct pp_ladder_ring untouched;
	const struct pp_ladder_ring *r = &row->ladder.rings[ring];

	/* Also one that was touched: the last who was to come may have said no. */
	if (memcmp(r, &untouched, sizeof(untouched)) == 0)
		return pp_store_run(db,
			"DELETE FROM ladder_ring WHERE incident_id = ?1 AND ring = ?2",
			PP_ARGS(PP_I64(row->incident_id), PP_TEXT(pp_ring_text(ring))));
	return pp_store_run(db,
		"INSERT INTO ladder_ring (incident_id, ring, state, step, called, accepted, due)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET state = ?3,"
		" step = ?4, called = ?5, accepted = ?6, due = ?7",
		PP_ARGS(PP_I64(row->incident_id), PP_TEXT(pp_ring_text(ring)),
			PP_TEXT(pp_ladder_state_text(r->state)), PP_I64(r->step), PP_I64(r->called),
			PP_I64(r->accepted), PP_I64(r->due_ms)));
}

int pp_store_ladder_put(struct pp_db *db, const struct pp_ladder_row *row)
{
	int r = pp_store_run(db,
		"INSERT INTO ladder (incident_id, tenant, plan, taken, over)"
		" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET plan = ?3, taken = ?4,"
		" over = ?5",
		PP_ARGS(PP_I64(row->incident_id), PP_TEXT(row->tenant), PP_TEXT(row->plan),
			PP_I64(row->ladder.taken), PP_I64(row->ladder.over)));

	for (enum pp_ring ring = 0; r == 0 && ring <= PP_RING_FALLBACK; ring++)
		r = ring_put(db, row, ring);
	return r;
}

int pp_store_ladder_due(struct pp_db *db, int64_t now_ms, int64_t *ret_incident_id)
{
	int r = pp_store_number(db,
		"SELECT incident_id FROM ladder_ring WHERE state = 'running' AND due <= ?1"
		" ORDER BY due LIMIT 1",
		PP_ARGS(PP_I64(now_ms)), ret_incident_id);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int pp_store_ladder_next(struct pp_db *db, int64_t *ret_due_ms)
{
	int r = pp_store_number(db,
		"SELECT due FROM ladder_ring WHERE state = 'running' ORDER BY due LIMIT 1",
		PP_NO_ARGS, ret_due_ms);

	if (r == -ENOENT)
		*ret_due_ms = PP_LADDER_NEVER;
	return r == -ENOENT ? 0 : r;
}

int pp_store_uptime(struct pp_db *db, struct pp_uptime *ret_uptime)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT b.value, m.value FROM meta b JOIN meta m ON m.key = 'uptime'"
		" WHERE b.key = 'uptime_boot'",
		PP_NO_ARGS, &s);

	if (r <= 0)
		return r;
	*ret_uptime = (struct pp_uptime){ pp_column_i64(s, 0), pp_column_i64(s, 1) };
	pp_stmt_reset(s);
	return 1;
}

int pp_store_uptime_put(struct pp_db *db, const struct pp_uptime *uptime)
{
	return pp_store_run(db,
		"INSERT INTO meta (key, value) VALUES ('uptime_boot', ?1), ('uptime', ?2)"
		" ON CONFLICT DO UPDATE SET value = excluded.value",
		PP_ARGS(PP_I64(uptime->boot), PP_I64(uptime->ms)));
}

int pp_store_ladders_rebase(struct pp_db *db, int64_t kept_ms)
{
	return pp_store_run(db,
		"UPDATE ladder_ring SET due = max(0, due - ?1) WHERE state = 'running'",
		PP_ARGS(PP_I64(kept_ms)));
}

int pp_store_ladder_delay(struct pp_db *db, const struct pp_ladder_delay *delay)
{
	return pp_store_run(db,
		"UPDATE ladder_ring SET due = due + ?1 WHERE incident_id = ?2 AND ring = ?3"
		" AND state = 'running' AND due = ?4",
		PP_ARGS(PP_I64(delay->by_ms), PP_I64(delay->incident_id),
			PP_TEXT(pp_ring_text(delay->ring)), PP_I64(delay->due_ms)));
}

/* ---- who holds it ---- */

int pp_store_hand_over(struct pp_db *db, int64_t incident_id, struct pp_hand_over *ret_offer)
{
	struct pp_hand_over offer;
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT offered_by, offered_to FROM hand_over WHERE incident_id = ?1",
		PP_ARGS(PP_I64(incident_id)), &s);

	if (r <= 0)
		return r;
	if (pp_store_copy(s, 0, offer.from, sizeof(offer.from)) < 0 ||
		pp_store_copy(s, 1, offer.to, sizeof(offer.to)) < 0)
		r = -EIO;
	pp_stmt_reset(s);
	if (r == 1)
		*ret_offer = offer;
	return r;
}

int pp_store_hand_over_put(
	struct pp_db *db, int64_t incident_id, const struct pp_hand_over *offer, int64_t now_ms)
{
	return pp_store_run(db,
		"INSERT INTO hand_over (incident_id, offered_by, offered_to, at)"
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET offered_by = ?2,"
		" offered_to = ?3, at = ?4",
		PP_ARGS(PP_I64(incident_id), PP_TEXT(offer->from), PP_TEXT(offer->to),
			PP_I64(now_ms)));
}

int pp_store_hand_over_end(struct pp_db *db, int64_t incident_id)
{
	return pp_store_run(
		db, "DELETE FROM hand_over WHERE incident_id = ?1", PP_ARGS(PP_I64(incident_id)));
}

#define HELD "state <> 'closed' AND acknowledged_by IS NOT NULL"

int pp_store_each_claimer(struct pp_db *db, pp_store_claimer_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT DISTINCT tenant, acknowledged_by FROM incident INDEXED BY incident_claim"
		" WHERE " HELD " AND acknowledged_by GLOB 'user:*'",
		&s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, pp_column_text(s, 0), pp_column_text(s, 1));
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_store_claim_next(struct pp_db *db, const char *tenant, const char *actor, int64_t after_id,
	int64_t *ret_incident_id)
{
	int r = pp_store_number(db,
		"SELECT incident_id FROM incident INDEXED BY incident_claim WHERE " HELD
		" AND tenant = ?1 AND acknowledged_by = ?2 AND incident_id > ?3"
		" ORDER BY incident_id LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(actor), PP_I64(after_id)), ret_incident_id);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}
