/* SPDX-License-Identifier: Apache-2.0 */
/* rows.c -- reads rows back, and reports by signed troubles the ones that time or the disk has
 * damaged. */
#include "outbox/outbox.h"

#include <errno.h>
#include <string.h>

#include "file.h"
#include "salvage.h"

/* Sequence numbers for one trouble; and rows that are whole, but stand under another number than
 * was signed. */
struct lost {
	size_t count, moved;
	int64_t seqs[PP_LOST_MAX];
	struct {
		int64_t from, to;
	} moves[PP_LOST_MAX];
};

#define ROW "seq, topic, payload, signature, status, incident IS NOT NULL"

static int read_row(const struct pp_outbox *o, const struct pp_stmt *s,
	struct pp_parcel **ret_parcel, struct pp_signal *ret_signal)
{
	size_t length = 0, signature_length = 0;
	const void *payload = pp_column_blob(s, 2, &length);
	const void *signature = pp_column_blob(s, 3, &signature_length);
	struct pp_parcel *parcel = NULL;
	int r;

	if (!payload || !signature || signature_length != PP_SIGNATURE_SIZE)
		return -EBADMSG;
	/* The settings know the topic; the column is for whoever looks into the file. */
	r = pp_parcel_new(o->mint.topic, payload, length, signature, &parcel);
	if (r < 0)
		return r == -EMSGSIZE ? -EBADMSG : r;
	parcel->epoch = o->mint.epoch;
	parcel->seq = pp_column_i64(s, 0);
	parcel->refused = pp_column_i64(s, 4) == 2;
	parcel->again = pp_column_i64(s, 5) != 0; /* it was receipted before */
	r = pp_parcel_check(parcel, &o->signers, ret_signal);
	if (r < 0) {
		pp_parcel_free(parcel);
		return r;
	}
	/* The signed bytes decide, not the column beside them. */
	parcel->alarm = ret_signal->type == PP_SIGNAL_ALARM;
	*ret_parcel = parcel;
	return 0;
}

/* The signed bytes decide, not the number beside them. 0: they are of another epoch, or damaged. */
static int64_t signed_seq(const struct pp_outbox *o, const struct pp_stmt *s)
{
	struct pp_parcel *parcel = NULL;
	struct pp_signal signal;
	size_t length = 0, signature_length = 0;
	const void *payload = pp_column_blob(s, 2, &length);
	const void *signature = pp_column_blob(s, 3, &signature_length);
	char why[160];
	int r = -EBADMSG;

	if (!payload || signature_length != PP_SIGNATURE_SIZE ||
		pp_signal_decode(payload, length, &signal, why) < 0 ||
		signal.epoch != o->mint.epoch)
		return 0;
	if (pp_parcel_new(o->mint.topic, payload, length, signature, &parcel) == 0) {
		parcel->epoch = signal.epoch;
		parcel->seq = signal.seq;
		r = pp_parcel_check(parcel, &o->signers, NULL);
	}
	pp_parcel_free(parcel);
	return r == 0 ? signal.seq : 0;
}

/* 1: it has; 0. */
static int has_row(struct pp_outbox *o, int64_t seq)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "SELECT 1 FROM signal WHERE seq = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, seq);
	r = pp_stmt_step(s);
	pp_stmt_reset(s);
	return r;
}

static int move_row(struct pp_outbox *o, int64_t from, int64_t to)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "UPDATE OR IGNORE signal SET seq = ? WHERE seq = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, to);
	pp_stmt_i64(s, 2, from);
	return pp_stmt_run(s);
}

static int set_damaged(struct pp_outbox *o, int64_t seq)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "UPDATE signal SET status = 3 WHERE seq = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, seq);
	r = pp_stmt_run(s);
	if (r == 0 && pp_db_changes(o->db))
		o->usage.unreceipted--;
	return r;
}

static int report_lost(
	struct pp_outbox *o, const struct lost *lost, const struct pp_outbox_now *now)
{
	struct pp_draft draft = { 0 };
	struct pp_parcel *parcel = NULL;
	int r;

	draft.signal.kind = PP_KIND_POST;
	draft.signal.type = PP_SIGNAL_TROUBLE;
	draft.signal.mono_ms = now->mono_ms;
	draft.signal.at_ms = now->wall_ms;
	memcpy(draft.signal.detail, "outbox-damaged", sizeof("outbox-damaged"));
	memcpy(draft.signal.lost, lost->seqs, sizeof(lost->seqs));
	draft.signal.lost_count = lost->count;
	/* Whatever room there is: one row for up to 64 damaged ones. */
	r = pp_outbox_insert(o, &draft, now, &parcel);
	pp_parcel_free(parcel); /* it is loaded from its row like every other */
	return r;
}

static int set_damaged_aside(
	struct pp_outbox *o, const struct lost *lost, const struct pp_outbox_now *now)
{
	int r = pp_outbox_begin(o);

	for (size_t i = 0; r == 0 && i < lost->moved; i++)
		r = move_row(o, lost->moves[i].from, lost->moves[i].to);
	for (size_t i = 0; r == 0 && i < lost->count; i++)
		r = set_damaged(o, lost->seqs[i]);
	if (r == 0 && lost->count)
		r = report_lost(o, lost, now);
	if (r < 0) {
		pp_outbox_rollback(o);
		return r;
	}
	return pp_outbox_commit(o);
}

/* One row to the reader, or to the list of damaged ones. */
static int load_row(struct pp_outbox *o, const struct pp_stmt *s, struct pp_outbox_reader *reader,
	struct lost *lost)
{
	struct pp_parcel *parcel = NULL;
	struct pp_signal signal;
	int64_t seq = 0;
	int r = read_row(o, s, &parcel, &signal);

	reader->after = pp_column_i64(s, 0);
	if (r == 0)
		reader->fn(reader->user, parcel, &signal);
	if (r != -EBADMSG)
		return r;
	seq = signed_seq(o, s);
	r = seq > 0 && seq <= o->mint.last_seq ? has_row(o, seq) : 1;
	if (r < 0)
		return r;
	if (r == 0) {
		lost->moves[lost->moved].from = reader->after;
		lost->moves[lost->moved++].to = seq;
	} else {
		lost->seqs[lost->count++] = reader->after;
	}
	return 0;
}

/* What was moved to a lower number is read in its new place. */
static void rewind_reader(struct pp_outbox_reader *reader, const struct lost *lost)
{
	for (size_t i = 0; i < lost->moved; i++)
		if (lost->moves[i].to <= reader->after)
			reader->after = lost->moves[i].to - 1;
}

int pp_outbox_load(
	struct pp_outbox *o, struct pp_outbox_reader *reader, const struct pp_outbox_now *now)
{
	struct lost lost = { 0 };
	struct pp_stmt *s;
	int count = 0, r = pp_salvage_load(o, reader);

	if (r != 0)
		return r;
	r = pp_db_prepare(o->db,
		"SELECT " ROW " FROM signal"
		" WHERE status IN (0, 2) AND seq > ? ORDER BY seq LIMIT ?",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, reader->after);
	pp_stmt_i64(s, 2, (int64_t)reader->limit);
	while (lost.count + lost.moved < PP_LOST_MAX && (r = pp_stmt_step(s)) == 1) {
		r = load_row(o, s, reader, &lost);
		if (r < 0)
			break;
		count++;
	}
	pp_stmt_reset(s);
	if (r >= 0 && lost.count + lost.moved)
		r = set_damaged_aside(o, &lost, now);
	rewind_reader(reader, &lost);
	return r < 0 ? r : count;
}

int pp_outbox_find(
	struct pp_outbox *o, int64_t seq, struct pp_signal *ret_signal, bool *ret_refused)
{
	struct pp_parcel *parcel = NULL;
	struct pp_signal signal;
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "SELECT " ROW " FROM signal WHERE seq = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, seq);
	r = pp_stmt_step(s);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = read_row(o, s, &parcel, &signal);
	if (r == 0) {
		*ret_signal = signal;
		*ret_refused = parcel->refused;
	}
	pp_parcel_free(parcel);
	pp_stmt_reset(s);
	return r == -EBADMSG ? -ENOENT : r;
}

/* Numbers above high that have no row any more (purged, or gone): at most PP_LOST_MAX, the lowest.
 */
static int find_gaps(struct pp_outbox *o, int64_t high, struct lost *ret_lost)
{
	struct pp_stmt *s;
	int64_t want = high + 1;
	int r = pp_db_prepare(
		o->db, "SELECT seq FROM signal WHERE seq > ? AND status <> 3 ORDER BY seq", &s);

	ret_lost->count = 0;
	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, high);
	while (ret_lost->count < PP_LOST_MAX && (r = pp_stmt_step(s)) == 1) {
		for (; want < pp_column_i64(s, 0) && ret_lost->count < PP_LOST_MAX; want++)
			ret_lost->seqs[ret_lost->count++] = want;
		want = pp_column_i64(s, 0) + 1;
	}
	pp_stmt_reset(s);
	for (; r == 0 && want <= o->mint.last_seq && ret_lost->count < PP_LOST_MAX; want++)
		ret_lost->seqs[ret_lost->count++] = want;
	return r < 0 ? r : 0;
}

int pp_outbox_reoffer(struct pp_outbox *o, int64_t high, const struct pp_outbox_now *now)
{
	struct lost lost;
	struct pp_stmt *s;
	int r = find_gaps(o, high, &lost);

	if (r == 0)
		r = pp_db_prepare(o->db,
			"UPDATE signal SET status = 0, receipted = NULL"
			" WHERE seq > ? AND status = 1 RETURNING alarm",
			&s);
	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, high);
	while ((r = pp_stmt_step(s)) == 1) {
		o->usage.unreceipted++;
		o->usage.receipted_alarms -= pp_column_i64(s, 0);
	}
	if (r == 0 && lost.count)
		r = report_lost(o, &lost, now);
	return r;
}

/* Rows that were set aside as damaged, and are whole. */
static int whole_damaged(struct pp_outbox *o, int64_t after, int64_t *ret_seq)
{
	struct pp_parcel *parcel = NULL;
	struct pp_signal signal;
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"SELECT " ROW " FROM signal"
		" WHERE status = 3 AND seq > ? ORDER BY seq",
		&s);
	int found = 0;

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, after);
	while (!found && (r = pp_stmt_step(s)) == 1) {
		found = read_row(o, s, &parcel, &signal) == 0;
		*ret_seq = pp_column_i64(s, 0);
		parcel = pp_parcel_free(parcel);
	}
	pp_stmt_reset(s);
	return r < 0 ? r : found;
}

int pp_outbox_mend(struct pp_outbox *o)
{
	struct pp_stmt *s;
	int64_t seq = 0;
	/* A refusal has its reason. */
	int r = pp_db_exec(o->db,
		"UPDATE signal SET status = 0"
		" WHERE status NOT IN (0, 1, 2, 3) OR (status = 2 AND reason IS NULL)");

	while (r >= 0 && (r = whole_damaged(o, seq, &seq)) == 1) {
		r = pp_db_prepare(o->db, "UPDATE signal SET status = 0 WHERE seq = ?", &s);
		if (r < 0)
			return r;
		pp_stmt_i64(s, 1, seq);
		r = pp_stmt_run(s);
	}
	return r;
}
