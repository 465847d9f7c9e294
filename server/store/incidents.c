/* SPDX-License-Identifier: Apache-2.0 */
/* incidents.c -- incidents in SQL. */
#include "store/incidents.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "incidents/trust.h"
#include "store/places.h"

#define COLUMNS                                                                                    \
	"SELECT incident_id, tenant, post, number, class, state, silent, late, drill, rev,"        \
	" occurred, opened, signals, acknowledged_by, closed_by, storm, mode, reported, posts,"    \
	" merged_into, facts, trust, desa, rw FROM incident "

static int incident_read(const struct pp_stmt *s, struct pp_incident *ret)
{
	int class = pp_class_parse(pp_column_text(s, 4));
	int state = pp_incident_state_parse(pp_column_text(s, 5));
	int mark = pp_mark_parse(pp_column_text(s, 16));
	struct pp_incident i = { .incident_id = pp_column_i64(s, 0),
		.class = class < 0 ? PP_CLASS_UNSPECIFIED : (enum pp_class) class,
		.state = (enum pp_incident_state)state,
		.silent = pp_column_i64(s, 6),
		.late = pp_column_i64(s, 7),
		.drill = pp_column_i64(s, 8),
		.rev = pp_column_i64(s, 9),
		.occurred_ms = pp_column_i64(s, 10),
		.opened_ms = pp_column_i64(s, 11),
		.signals = pp_column_i64(s, 12),
		.reported = pp_column_i64(s, 17),
		.posts = pp_column_i64(s, 18),
		.merged_into = pp_column_i64(s, 19),
		.facts = pp_column_i64(s, 20),
		.trust = (int)pp_column_i64(s, 21) };

	i.mark = i.drill ? PP_MARK_DRILL : (enum pp_mark)mark;
	if (state < 0 || mark < 0 || pp_store_copy(s, 1, i.tenant, sizeof(i.tenant)) < 0 ||
		pp_store_copy(s, 2, i.post, sizeof(i.post)) < 0 ||
		pp_store_copy(s, 3, i.number, sizeof(i.number)) < 0 ||
		pp_store_copy(s, 13, i.acknowledged_by, sizeof(i.acknowledged_by)) < 0 ||
		pp_store_copy(s, 14, i.closed_by, sizeof(i.closed_by)) < 0 ||
		pp_store_copy(s, 15, i.storm, sizeof(i.storm)) < 0 ||
		pp_store_copy(s, 22, i.desa, sizeof(i.desa)) < 0 ||
		pp_store_copy(s, 23, i.rw, sizeof(i.rw)) < 0)
		return -EIO;
	*ret = i;
	return 0;
}

static int incident_first(struct pp_db *db, const char *sql, const struct pp_arg *args,
	struct pp_incident *ret_incident)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r;
	r = incident_read(s, ret_incident);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_incident_by_id(struct pp_db *db, int64_t incident_id, struct pp_incident *ret_incident)
{
	return incident_first(
		db, COLUMNS "WHERE incident_id = ?1", PP_ARGS(PP_I64(incident_id)), ret_incident);
}

int pp_store_incident_by_number(
	struct pp_db *db, const char *tenant, const char *number, struct pp_incident *ret_incident)
{
	return incident_first(db, COLUMNS "WHERE tenant = ?1 AND number = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(number)), ret_incident);
}

int pp_store_incident_number(
	struct pp_db *db, const char *tenant, int year, char ret_number[PP_INCIDENT_MAX + 1])
{
	struct pp_stmt *s;
	char number[PP_INCIDENT_MAX + 1];
	int length = 0, r = pp_store_run(db,
				"INSERT INTO incident_number (tenant, year, last)"
				" SELECT tenant, ?2, 1 FROM tenant WHERE tenant = ?1"
				" ON CONFLICT DO UPDATE SET last = last + 1",
				PP_ARGS(PP_TEXT(tenant), PP_I64(year)));

	if (r == 0)
		r = pp_store_first(db,
			"SELECT prefix, last FROM tenant JOIN incident_number USING (tenant)"
			" WHERE tenant = ?1 AND year = ?2",
			PP_ARGS(PP_TEXT(tenant), PP_I64(year)), &s);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	length = snprintf(number, sizeof(number), "%s-%02d-%06" PRId64, pp_column_text(s, 0),
		year % 100, pp_column_i64(s, 1));
	pp_stmt_reset(s);
	if (length < 0 || (size_t)length >= sizeof(number))
		return -EOVERFLOW;
	snprintf(ret_number, PP_INCIDENT_MAX + 1, "%s", number);
	return 0;
}

int pp_store_incident_numbers_skip(struct pp_db *db, const char *tenant, int year, int64_t lost)
{
	/* Every year: who knows what the clock said then. */
	int r = pp_store_run(db, "UPDATE incident_number SET last = last + ?2 WHERE tenant = ?1",
		PP_ARGS(PP_TEXT(tenant), PP_I64(lost)));

	if (r == 0)
		r = pp_store_run(db,
			"INSERT INTO incident_number (tenant, year, last)"
			" SELECT tenant, ?2, ?3 FROM tenant WHERE tenant = ?1"
			" ON CONFLICT DO NOTHING",
			PP_ARGS(PP_TEXT(tenant), PP_I64(year), PP_I64(lost)));
	/* Pages, streams and the recorder go on from the last event id that they have seen. */
	return r < 0 ? r
		     : pp_store_run(db,
			       "UPDATE sqlite_sequence SET seq = seq + ?1"
			       " WHERE name IN ('event', 'incident', 'signal', 'notification')",
			       PP_ARGS(PP_I64(lost)));
}

int pp_store_tenant_zone(struct pp_db *db, const char *tenant, char ret_zone[40])
{
	struct pp_stmt *s;
	int r = pp_store_first(
		db, "SELECT timezone FROM tenant WHERE tenant = ?1", PP_ARGS(PP_TEXT(tenant)), &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_copy(s, 0, ret_zone, 40);
	pp_stmt_reset(s);
	return r;
}

int pp_store_incident_add(struct pp_db *db, struct pp_incident *i)
{
	int r;

	i->drill = i->mark == PP_MARK_DRILL;
	i->posts = 1;
	r = pp_store_run(db,
		"INSERT INTO incident (tenant, number, post, class, state, rev, silent,"
		" late, drill, occurred, opened, signals, restored, mode, reported, desa, rw)"
		" VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, 0, 0, ?11, ?12, ?13, ?14)",
		PP_ARGS(PP_TEXT(i->tenant), PP_TEXT(i->number), PP_TEXT(i->post),
			PP_TEXT(pp_class_text(i->class)), PP_TEXT(pp_incident_state_text(i->state)),
			PP_I64(i->silent), PP_I64(i->late), PP_I64(i->drill),
			PP_I64(i->occurred_ms), PP_I64(i->opened_ms),
			PP_TEXT(i->drill ? "" : pp_mark_text(i->mark)), PP_I64(i->reported),
			PP_TEXT(i->desa), PP_TEXT(i->rw)));
	if (r < 0)
		return r;
	i->incident_id = pp_db_last_id(db);
	i->rev = 0;
	return 0;
}

int pp_store_incident_joined(
	struct pp_db *db, int64_t incident_id, int64_t since_ms, int64_t now_ms)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM event WHERE incident_id = ?1 AND at BETWEEN ?2 AND ?3"
		" AND (kind IN ('incident.signal', 'incident.gathered') OR (kind ="
		" 'incident.opened' AND json_extract(body, '$.split_from') IS NOT NULL))",
		PP_ARGS(PP_I64(incident_id), PP_I64(since_ms), PP_I64(now_ms)), &found);

	return r < 0 ? r : found > 0;
}

int pp_store_incident_signal(struct pp_db *db, struct pp_incident *i)
{
	i->rev++;
	i->signals++;
	return pp_store_run(db,
		"UPDATE incident SET rev = ?2, signals = ?3, restored = 0 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->rev), PP_I64(i->signals)));
}

int pp_store_incident_fresh(struct pp_db *db, struct pp_incident *i)
{
	i->late = false;
	return pp_store_run(db, "UPDATE incident SET late = 0 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id)));
}

int pp_store_incident_restored(struct pp_db *db, struct pp_incident *i)
{
	i->rev++;
	return pp_store_run(db, "UPDATE incident SET rev = ?2, restored = 1 WHERE incident_id = ?1",
		PP_ARGS(PP_I64(i->incident_id), PP_I64(i->rev)));
}

/* What each move writes: ?1 id, ?2 rev, ?3 state, ?4 now, ?5 actor, ?6 code. The first dispatch
 * counts for its time. */
#define PLAIN "UPDATE incident SET rev = ?2, state = ?3 WHERE incident_id = ?1"
static const char *const move_sql[] = {
	[PP_MOVE_ACKNOWLEDGE] = "UPDATE incident SET rev = ?2, state = ?3, acknowledged = ?4,"
				" acknowledged_by = ?5 WHERE incident_id = ?1",
	[PP_MOVE_DISPATCH] = "UPDATE incident SET rev = ?2, state = ?3,"
			     " dispatched = coalesce(dispatched, ?4) WHERE incident_id = ?1",
	[PP_MOVE_ON_SCENE] = "UPDATE incident SET rev = ?2, state = ?3, on_scene = ?4"
			     " WHERE incident_id = ?1",
	[PP_MOVE_CLOSE] = "UPDATE incident SET rev = ?2, state = ?3, closed = ?4, closed_by = ?5,"
			  " closing_code = ?6 WHERE incident_id = ?1",
	[PP_MOVE_NOTE] = PLAIN,
	[PP_MOVE_CLAIM] = "UPDATE incident SET rev = ?2, state = ?3, acknowledged = ?4,"
			  " acknowledged_by = ?5 WHERE incident_id = ?1",
	[PP_MOVE_TAKE_OVER] = "UPDATE incident SET rev = ?2, state = ?3, acknowledged_by = ?5"
			      " WHERE incident_id = ?1",
	[PP_MOVE_RETURN] = "UPDATE incident SET rev = ?2, state = ?3, acknowledged = NULL,"
			   " acknowledged_by = NULL WHERE incident_id = ?1",
	[PP_MOVE_ACCEPT] = "UPDATE incident SET rev = ?2, state = ?3,"
			   " dispatched = coalesce(dispatched, ?4) WHERE incident_id = ?1",
	[PP_MOVE_ARRIVE] = "UPDATE incident SET rev = ?2, state = ?3,"
			   " on_scene = coalesce(on_scene, ?4) WHERE incident_id = ?1",
	[PP_MOVE_STAND_DOWN] = "UPDATE incident SET rev = ?2, state = ?3, dispatched = NULL,"
			       " on_scene = NULL WHERE incident_id = ?1",
};
/* How many of them each uses: SQLite refuses to bind what a statement does not name. */
static const size_t move_args[] = { [PP_MOVE_ACKNOWLEDGE] = 5,
	[PP_MOVE_DISPATCH] = 4,
	[PP_MOVE_ON_SCENE] = 4,
	[PP_MOVE_CLOSE] = 6,
	[PP_MOVE_NOTE] = 3,
	[PP_MOVE_CLAIM] = 5,
	[PP_MOVE_TAKE_OVER] = 5,
	[PP_MOVE_RETURN] = 3,
	[PP_MOVE_ACCEPT] = 4,
	[PP_MOVE_ARRIVE] = 4,
	[PP_MOVE_STAND_DOWN] = 3 };

int pp_store_incident_move(struct pp_db *db, struct pp_incident *i, enum pp_move move,
	const char *actor, const char *code, int64_t now_ms)
{
	const char *why;
	int next = pp_incident_move(i->state, move, &why), r;
	struct pp_arg args[] = { PP_I64(i->incident_id), PP_I64(i->rev + 1), PP_TEXT(NULL),
		PP_I64(now_ms), PP_TEXT(actor), PP_TEXT(code), { .type = PP_ARG_END } };

	assert(next >= 0); /* the ledger has asked before */
	i->state = (enum pp_incident_state)next;
	i->rev++;
	args[2].as.text = pp_incident_state_text(i->state);
	args[move_args[move]].type = PP_ARG_END;
	if (move == PP_MOVE_ACKNOWLEDGE || move == PP_MOVE_CLAIM || move == PP_MOVE_TAKE_OVER)
		snprintf(i->acknowledged_by, sizeof(i->acknowledged_by), "%s", actor);
	if (move == PP_MOVE_RETURN)
		i->acknowledged_by[0] = '\0';
	r = pp_store_run(db, move_sql[move], args);
	if (r < 0 || move != PP_MOVE_STAND_DOWN)
		return r;
	i->facts &= ~(int64_t)PP_TRUST_ON_SCENE;
	return pp_store_incident_weigh(db, i);
}

/* The incidents that a beat tells of: those that are open, and those closed after closed_ms. */
struct told {
	int64_t incident_id, rev;
	enum pp_incident_state state;
	char number[PP_INCIDENT_MAX + 1];
};

static int told_read(const struct pp_stmt *s, struct told *ret)
{
	int state = pp_incident_state_parse(pp_column_text(s, 2));

	ret->incident_id = pp_column_i64(s, 0);
	ret->state = (enum pp_incident_state)state;
	ret->rev = pp_column_i64(s, 3);
	return state < 0 ? -EIO : pp_store_copy(s, 1, ret->number, sizeof(ret->number));
}

/* By the posts of incidents: one that has gathered several is told to each of them. */
static int told_list(struct pp_db *db, const struct pp_origin *o, int64_t closed_ms,
	struct told ret_told[PP_OPEN_MAX], size_t *ret_count)
{
	struct pp_stmt *s;
	size_t count = 0;
	int r = pp_store_bind(db,
		"SELECT incident_id, number, state, rev FROM incident_post p"
		" INDEXED BY incident_post_closed JOIN incident i USING (incident_id)"
		" WHERE p.tenant = ?1 AND p.post = ?2 AND p.closed > ?3"
		" ORDER BY incident_id DESC LIMIT ?4",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post), PP_I64(closed_ms),
			PP_I64(PP_OPEN_MAX)),
		&s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = told_read(s, &ret_told[count++]);
		if (r < 0)
			pp_stmt_reset(s);
	}
	*ret_count = count;
	return r;
}

/* Puts a press among the newest ones; the oldest falls out when there are too many. */
static void press_insert(
	struct pp_open_press open[PP_OPEN_MAX], size_t *count, int64_t seq, const struct told *told)
{
	size_t at = *count;

	while (at > 0 && open[at - 1].seq < seq)
		at--;
	if (at == PP_OPEN_MAX)
		return;
	if (*count < PP_OPEN_MAX)
		++*count;
	memmove(open + at + 1, open + at, (*count - at - 1) * sizeof(open[0]));
	open[at] = (struct pp_open_press){
		.seq = seq, .step = pp_incident_step(told->state), .rev = told->rev
	};
	memcpy(open[at].incident, told->number, sizeof(told->number));
}

int pp_store_open_presses(struct pp_db *db, const struct pp_origin *o, int64_t closed_ms,
	struct pp_open_press ret_open[PP_OPEN_MAX], size_t *ret_count)
{
	struct told told[PP_OPEN_MAX];
	struct pp_stmt *s;
	size_t incidents, count = 0;
	int r = told_list(db, o, closed_ms, told, &incidents);

	/* One by one, so that an incident of a thousand presses costs no more than its newest. */
	for (size_t i = 0; r == 0 && i < incidents; i++) {
		r = pp_store_bind(db,
			"SELECT seq FROM signal WHERE incident_id = ?1 AND epoch = ?2"
			" AND post = ?4 AND signal IN ('alarm', 'unknown')"
			" ORDER BY seq DESC LIMIT ?3",
			PP_ARGS(PP_I64(told[i].incident_id), PP_TEXT(o->epoch),
				PP_I64(PP_OPEN_MAX), PP_TEXT(o->post)),
			&s);
		while (r == 0 && (r = pp_stmt_step(s)) == 1) {
			press_insert(ret_open, &count, pp_column_i64(s, 0), &told[i]);
			r = 0;
		}
	}
	if (r == 0)
		*ret_count = count;
	return r;
}
