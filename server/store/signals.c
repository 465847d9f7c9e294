/* SPDX-License-Identifier: Apache-2.0 */
/* signals.c -- signals and their keys in SQL. */
#include "store/signals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ORIGIN(o) PP_TEXT((o)->tenant), PP_TEXT((o)->post), PP_TEXT((o)->epoch)
#define FROM "tenant = ?1 AND post = ?2 AND epoch = ?3"

/* Rows that one question may look at, whatever a post has sent before. */
#define HIGH_STEP_MAX 4096
#define TWINS_MAX 32
#define AFTER_MAX 256

void pp_origin_init(struct pp_origin *o, const char *tenant, const char *post, uint64_t epoch)
{
	*o = (struct pp_origin){ .tenant = tenant, .post = post };
	snprintf(o->epoch, sizeof(o->epoch), "%016" PRIx64, epoch);
}

int pp_store_signal_key(
	struct pp_db *db, const struct pp_origin *o, int64_t seq, struct pp_signal_key *ret_key)
{
	struct pp_stmt *s;
	size_t length;
	const void *digest;
	int r = pp_store_first(db,
		"SELECT digest, incident_id FROM signal_key WHERE " FROM " AND seq = ?4",
		PP_ARGS(ORIGIN(o), PP_I64(seq)), &s);

	if (r <= 0)
		return r;
	digest = pp_column_blob(s, 0, &length);
	*ret_key = (struct pp_signal_key){ .lost = !digest, .incident_id = pp_column_i64(s, 1) };
	if (digest && length == sizeof(ret_key->digest))
		memcpy(ret_key->digest, digest, length);
	pp_stmt_reset(s);
	return 1;
}

static int epoch_make(struct pp_db *db, const struct pp_origin *o, int64_t now_ms)
{
	return pp_store_run(db,
		"INSERT INTO epoch (tenant, post, epoch, high, first_seen, boot, mono)"
		" VALUES (?1, ?2, ?3, 0, ?4, 0, 0) ON CONFLICT DO NOTHING",
		PP_ARGS(ORIGIN(o), PP_I64(now_ms)));
}

/* Moves `high` over the keys that now follow without a gap: so many at once at most, because a post
 * may close a gap below millions, and the rest with the next signals. */
static int high_advance(struct pp_db *db, const struct pp_origin *o)
{
	struct pp_stmt *s;
	struct pp_epoch_row row;
	int64_t before;
	int r = pp_store_epoch(db, o, &row);

	if (r < 0)
		return r;
	before = row.high;
	r = pp_store_bind(db,
		"SELECT seq FROM signal_key WHERE " FROM " AND seq > ?4 ORDER BY seq LIMIT ?5",
		PP_ARGS(ORIGIN(o), PP_I64(row.high), PP_I64(HIGH_STEP_MAX)), &s);
	while (r == 0 && (r = pp_stmt_step(s)) == 1 && pp_column_i64(s, 0) == row.high + 1) {
		row.high++;
		r = 0;
	}
	if (r < 0)
		return r;
	pp_stmt_reset(s);
	if (row.high == before)
		return 0;
	return pp_store_run(
		db, "UPDATE epoch SET high = ?4 WHERE " FROM, PP_ARGS(ORIGIN(o), PP_I64(row.high)));
}

int pp_store_signal_key_put(struct pp_db *db, const struct pp_origin *o, int64_t seq,
	const uint8_t *digest, int64_t now_ms)
{
	int r = epoch_make(db, o, now_ms);

	if (r == 0)
		r = pp_store_run(db,
			"INSERT INTO signal_key (tenant, post, epoch, seq, digest)"
			" VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET digest = ?5"
			" WHERE digest IS NULL AND ?5 IS NOT NULL",
			PP_ARGS(ORIGIN(o), PP_I64(seq), PP_BLOB(digest, digest ? 32 : 0)));
	return r < 0 ? r : high_advance(db, o);
}

int pp_store_epoch(struct pp_db *db, const struct pp_origin *o, struct pp_epoch_row *ret_row)
{
	struct pp_stmt *s;
	int r = pp_store_first(
		db, "SELECT high, boot, mono FROM epoch WHERE " FROM, PP_ARGS(ORIGIN(o)), &s);

	if (r < 0)
		return r;
	*ret_row = (struct pp_epoch_row){ 0 };
	if (r == 0)
		return 0;
	*ret_row = (struct pp_epoch_row){ .known = true,
		.high = pp_column_i64(s, 0),
		.boot = pp_column_i64(s, 1),
		.mono = pp_column_i64(s, 2) };
	pp_stmt_reset(s);
	return 0;
}

int pp_store_epoch_heard(
	struct pp_db *db, const struct pp_origin *o, int64_t boot, int64_t mono, int64_t now_ms)
{
	int r = epoch_make(db, o, now_ms);

	return r < 0 ? r
		     : pp_store_run(db, "UPDATE epoch SET boot = ?4, mono = ?5 WHERE " FROM,
			       PP_ARGS(ORIGIN(o), PP_I64(boot), PP_I64(mono)));
}

int pp_store_boot_clock(struct pp_db *db, const struct pp_origin *o, int64_t boot,
	struct pp_boot_clock_row *ret_row)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT low, low_before, states FROM boot_clock WHERE " FROM " AND boot = ?4",
		PP_ARGS(ORIGIN(o), PP_I64(boot)), &s);

	if (r <= 0)
		return r;
	*ret_row = (struct pp_boot_clock_row){ .low = pp_column_i64(s, 0),
		.low_before = pp_column_i64(s, 1),
		.states = pp_column_i64(s, 2) };
	pp_stmt_reset(s);
	return 1;
}

int pp_store_boot_clock_put(struct pp_db *db, const struct pp_origin *o, int64_t boot,
	const struct pp_boot_clock_row *row)
{
	int r = pp_store_run(db,
		"INSERT INTO boot_clock (tenant, post, epoch, boot, low, low_before, states)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET"
		" low = ?5, low_before = ?6, states = ?7",
		PP_ARGS(ORIGIN(o), PP_I64(boot), PP_I64(row->low), PP_I64(row->low_before),
			PP_I64(row->states)));

	if (r < 0 || row->states > 1)
		return r;
	/* It is new: the oldest may have to go. */
	return pp_store_run(db,
		"DELETE FROM boot_clock WHERE " FROM " AND boot <= (SELECT boot FROM boot_clock"
		" WHERE " FROM " ORDER BY boot DESC LIMIT 1 OFFSET ?4)",
		PP_ARGS(ORIGIN(o), PP_I64(PP_BOOTS_MAX)));
}

int pp_store_boot_clocks_forget(struct pp_db *db)
{
	return pp_store_run(db,
		"UPDATE boot_clock AS c SET states = 0 WHERE boot = (SELECT max(boot)"
		" FROM boot_clock n WHERE n.tenant = c.tenant AND n.post = c.post"
		" AND n.epoch = c.epoch)",
		PP_NO_ARGS);
}

int pp_store_newest_boot(struct pp_db *db, const struct pp_origin *o, int64_t *ret_boot)
{
	return pp_store_number(db, "SELECT coalesce(max(boot), 0) FROM boot_clock WHERE " FROM,
		PP_ARGS(ORIGIN(o)), ret_boot);
}

int pp_store_signal_add(struct pp_db *db, const struct pp_signal_row *row, int64_t *ret_signal_id)
{
	const struct pp_signal *s = row->signal;
	struct pp_stmt *stmt;
	int r = pp_store_bind(db,
		"INSERT INTO signal (tenant, post, epoch, seq, boot, mono, at, point, kind, signal,"
		" class, flags, cause, detail, occurred, occurred_by, arrived, late, payload, sig)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		" ?17, ?18, ?19, ?20)",
		PP_ARGS(ORIGIN(row->origin), PP_I64(s->seq), PP_I64(s->boot), PP_I64(s->mono_ms),
			PP_I64(s->at_ms), PP_TEXT(s->point), PP_TEXT(pp_kind_text(s->kind)),
			PP_TEXT(pp_signal_text(s->type)), PP_TEXT(pp_class_text(s->class)),
			PP_I64(s->flags), PP_I64(s->cause), PP_TEXT(s->detail),
			PP_I64(row->occurred_ms), PP_TEXT(row->occurred_by),
			PP_I64(row->arrived_ms), PP_I64(row->late),
			PP_BLOB(row->payload, row->length), PP_BLOB(row->sig, PP_SIGNATURE_SIZE)),
		&stmt);

	if (r == 0 && s->at_ms == PP_AT_UNKNOWN)
		pp_stmt_null(stmt, 7);
	if (r == 0)
		r = pp_stmt_run(stmt);
	if (r == 0)
		*ret_signal_id = pp_db_last_id(db);
	return r;
}

int pp_store_signal_attach(struct pp_db *db, int64_t signal_id, int64_t incident_id)
{
	int r = pp_store_run(db, "UPDATE signal SET incident_id = ?2 WHERE signal_id = ?1",
		PP_ARGS(PP_I64(signal_id), PP_I64(incident_id)));

	if (r < 0)
		return r;
	return pp_store_run(db,
		"UPDATE signal_key SET incident_id = ?2 WHERE (tenant, post, epoch, seq) ="
		" (SELECT tenant, post, epoch, seq FROM signal WHERE signal_id = ?1)",
		PP_ARGS(PP_I64(signal_id), PP_I64(incident_id)));
}

int pp_store_signal_waiting(
	struct pp_db *db, const struct pp_origin *o, int64_t cause, struct pp_waiting_signal *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT signal_id, seq, occurred, arrived, point, signal FROM signal WHERE " FROM
		" AND cause = ?4 AND cause <> 0 AND incident_id IS NULL ORDER BY seq LIMIT 1",
		PP_ARGS(ORIGIN(o), PP_I64(cause)), &s);

	if (r <= 0)
		return r;
	ret->signal_id = pp_column_i64(s, 0);
	ret->seq = pp_column_i64(s, 1);
	ret->occurred_ms = pp_column_i64(s, 2);
	ret->arrived_ms = pp_column_i64(s, 3);
	(void)pp_store_copy(s, 4, ret->point, sizeof(ret->point));
	(void)pp_store_copy(s, 5, ret->signal, sizeof(ret->signal));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_signal_twin(
	struct pp_db *db, const struct pp_signal_row *row, int64_t *ret_incident_id)
{
	/* Another boot may meet the same millisecond, but not within seconds. */
	return pp_store_number(db,
		"SELECT coalesce(max(incident_id), 0) FROM (SELECT * FROM signal"
		" WHERE tenant = ?1 AND post = ?2 AND point = ?4 AND mono = ?6"
		" ORDER BY signal_id DESC LIMIT ?8)"
		" WHERE epoch <> ?3 AND signal = ?5 AND abs(occurred - ?7) <= 10000",
		PP_ARGS(ORIGIN(row->origin), PP_TEXT(row->signal->point),
			PP_TEXT(pp_signal_text(row->signal->type)), PP_I64(row->signal->mono_ms),
			PP_I64(row->occurred_ms), PP_I64(TWINS_MAX)),
		ret_incident_id);
}

int pp_store_alarm_before(struct pp_db *db, const struct pp_origin *o, const char *point,
	int64_t seq, int64_t *ret_seq)
{
	return pp_store_number(db,
		"SELECT max(coalesce((SELECT max(seq) FROM signal WHERE " FROM
		" AND point = ?4 AND signal = 'alarm' AND seq < ?5), 0),"
		" coalesce((SELECT max(seq) FROM signal WHERE " FROM
		" AND point = ?4 AND signal = 'unknown' AND seq < ?5), 0))",
		PP_ARGS(ORIGIN(o), PP_TEXT(point), PP_I64(seq)), ret_seq);
}

int pp_store_pressed(
	struct pp_db *db, const struct pp_origin *o, int64_t seq, int64_t *ret_occurred_ms)
{
	int r = pp_store_number(db,
		"SELECT occurred FROM signal WHERE " FROM " AND seq = ?4 AND kind = 'panic'"
		" AND signal = 'alarm'",
		PP_ARGS(ORIGIN(o), PP_I64(seq)), ret_occurred_ms);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int pp_store_signal_after(struct pp_db *db, const struct pp_signal_row *row,
	enum pp_signal_type type, const char *word)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM (SELECT * FROM signal WHERE " FROM
		" AND point = ?4 AND signal = ?5 AND seq > ?6 ORDER BY seq LIMIT ?8)"
		" WHERE (?7 = '' OR detail = ?7 OR detail GLOB ?7 || '[^a-z0-9-]*'"
		/* Without detail an end is that of all, and a trouble is called by its kind. */
		" OR (detail = '' AND (signal = 'trouble-restore' OR kind = ?7)))",
		PP_ARGS(ORIGIN(row->origin), PP_TEXT(row->signal->point),
			PP_TEXT(pp_signal_text(type)), PP_I64(row->signal->seq), PP_TEXT(word),
			PP_I64(AFTER_MAX)),
		&found);

	return r < 0 ? r : found > 0;
}

static int point_state_put(struct pp_db *db, const struct pp_origin *o,
	const struct pp_state_point *point, int64_t now_ms)
{
	/* Only registered points, so that a post cannot fill the disk with names. */
	return pp_store_run(db,
		"INSERT INTO point_state (tenant, post, point, state, detail, since)"
		" SELECT tenant, post, point, ?4, ?5, ?6 FROM point"
		" WHERE tenant = ?1 AND post = ?2 AND point = ?3"
		" ON CONFLICT DO UPDATE SET state = ?4, detail = ?5, since = ?6"
		" WHERE (state, detail) IS NOT (?4, ?5)",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post), PP_TEXT(point->point),
			PP_TEXT(pp_point_state_text(point->state)), PP_TEXT(point->detail),
			PP_I64(now_ms)));
}

int pp_store_state_put(struct pp_db *db, const struct pp_origin *o, const struct pp_state *state,
	int64_t now_ms, bool *ret_supervised_again)
{
	int64_t supervised;
	int r = pp_store_number(db,
		"SELECT supervised FROM post_state WHERE tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post)), &supervised);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret_supervised_again = r == 0 && !supervised;
	r = pp_store_run(db,
		"INSERT INTO post_state (tenant, post, arrived, supervised, config, version,"
		" oldest, epoch, boot, mono)"
		" VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET"
		" arrived = ?3, supervised = 1, config = ?4, version = ?5, oldest = ?6,"
		" epoch = ?7, boot = ?8, mono = ?9",
		PP_ARGS(PP_TEXT(o->tenant), PP_TEXT(o->post), PP_I64(now_ms),
			PP_TEXT(state->config), PP_TEXT(state->version), PP_I64(state->oldest),
			PP_TEXT(o->epoch), PP_I64(state->boot), PP_I64(state->mono_ms)));
	for (size_t i = 0; r == 0 && i < state->count; i++)
		r = point_state_put(db, o, &state->points[i], now_ms);
	return r;
}

int pp_store_state_lost(struct pp_db *db, const char *tenant, const char *post)
{
	return pp_store_change(db,
		"UPDATE post_state SET supervised = 0"
		" WHERE tenant = ?1 AND post = ?2 AND supervised",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)));
}

int pp_store_each_supervised(struct pp_db *db, pp_store_post_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT tenant, post FROM post_state JOIN post USING (tenant, post)"
		" WHERE supervised AND active AND EXISTS (SELECT 1 FROM post_key k WHERE"
		" k.tenant = post.tenant AND k.post = post.post AND k.revoked IS NULL)",
		&s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, pp_column_text(s, 0), pp_column_text(s, 1));
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}
