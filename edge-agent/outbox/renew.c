/* SPDX-License-Identifier: Apache-2.0 */
/* renew.c -- a new epoch for an outbox that turned out to be an old copy of itself. */
#include "outbox/outbox.h"

#include <errno.h>
#include <string.h>

#include "file.h"
#include "salvage.h"

/* The first unreceipted row above after; 0: none. -EBADMSG: it is damaged. */
static int next_row(struct pp_outbox *o, int64_t after, int64_t *ret_seq, struct pp_signal *ret)
{
	struct pp_stmt *s;
	char why[160];
	size_t length;
	const char *payload;
	int r = pp_db_prepare(o->db,
		"SELECT seq, payload FROM signal WHERE status IN (0, 2) AND seq > ?"
		" ORDER BY seq LIMIT 1",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, after);
	r = pp_stmt_step(s);
	if (r <= 0)
		return r;
	*ret_seq = pp_column_i64(s, 0);
	payload = pp_column_blob(s, 1, &length);
	r = payload ? pp_signal_decode(payload, length, ret, why) : -EBADMSG;
	pp_stmt_reset(s);
	/* Short of memory nothing is known of it: it must not go. */
	return r == 0 ? 1 : r == -ENOMEM ? r : -EBADMSG;
}

static int replace_row(struct pp_outbox *o, int64_t seq, const struct pp_parcel *parcel)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"UPDATE signal SET seq = ?, topic = ?, payload = ?, signature = ?, status = 0,"
		" reason = NULL WHERE seq = ?",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, parcel->seq);
	pp_stmt_text(s, 2, parcel->topic);
	pp_stmt_blob(s, 3, parcel->payload, parcel->length);
	pp_stmt_blob(s, 4, parcel->signature, sizeof(parcel->signature));
	pp_stmt_i64(s, 5, seq);
	return pp_stmt_run(s);
}

/* Its time stays that of its own boot, and a restore finds its alarm's new number by the old one.
 */
static int renumber(struct pp_outbox *o, int64_t seq, const struct pp_signal *signal)
{
	struct pp_draft draft = {
		.ticket = (uint64_t)seq, .signal = *signal, .cause_ticket = (uint64_t)signal->cause
	};
	struct pp_parcel *parcel = NULL;
	int64_t boot = o->mint.boot;
	int r;

	draft.signal.cause = 0;
	draft.signal.lost_count = 0; /* numbers of the old epoch */
	o->mint.boot = signal->boot;
	r = pp_mint_make(&o->mint, &draft, &parcel);
	o->mint.boot = boot;
	if (r < 0)
		return r;
	r = replace_row(o, seq, parcel);
	o->usage.rows++;
	o->usage.unreceipted++;
	o->usage.bytes += (int64_t)parcel->length;
	pp_parcel_free(parcel);
	return r;
}

static int delete_row(struct pp_outbox *o, int64_t seq)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "DELETE FROM signal WHERE seq = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, seq);
	return pp_stmt_run(s);
}

int pp_outbox_renew(struct pp_outbox *o)
{
	struct pp_signal signal;
	int64_t seq = 0;
	int r = pp_db_exec(o->db, "DELETE FROM signal WHERE status NOT IN (0, 2)");

	if (r == 0)
		r = pp_db_exec(o->db, "UPDATE standing SET seq = 0");
	o->mint.epoch = pp_mint_epoch();
	o->mint.last_seq = 0;
	memset(o->mint.recent, 0, sizeof(o->mint.recent));
	o->usage.rows = o->usage.bytes = o->usage.unreceipted = 0;
	if (r == 0)
		r = pp_salvage_count(o, &o->usage.unreceipted);
	/* The new numbers count from 1 without gaps, so none is above the one that it replaces. */
	while (r >= 0 && (r = next_row(o, seq, &seq, &signal)) != 0) {
		if (r == -EBADMSG)
			r = delete_row(o, seq);
		else if (r > 0)
			r = renumber(o, seq, &signal);
	}
	memset(o->mint.recent, 0, sizeof(o->mint.recent)); /* old numbers are no tickets */
	return r;
}
