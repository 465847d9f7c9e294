/* SPDX-License-Identifier: Apache-2.0 */
/* standing.c -- what was told and not taken back: one row for each alarm without its restore and
 * each trouble without its end, so that nothing is told twice after a restart, and nothing stays.
 */
#include "outbox/outbox.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "file.h"

/* The first word of a detail names a trouble; an alarm has none. */
static void word_of(const struct pp_signal *signal, char ret_word[PP_DETAIL_MAX + 1])
{
	size_t length = strcspn(signal->detail, " ,;:");

	if (signal->type == PP_SIGNAL_ALARM || signal->type == PP_SIGNAL_RESTORE)
		length = 0;
	memcpy(ret_word, signal->detail, length);
	ret_word[length] = '\0';
}

static int put(struct pp_outbox *o, const struct pp_signal *signal, const char *word, int64_t seq)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(
		o->db, "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?, ?)", &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, signal->point);
	pp_stmt_text(s, 2, word);
	pp_stmt_text(s, 3, signal->detail);
	pp_stmt_i64(s, 4, signal->type == PP_SIGNAL_ALARM);
	pp_stmt_i64(s, 5, seq);
	pp_stmt_i64(s, 6, o->mint.boot);
	pp_stmt_i64(s, 7, signal->mono_ms);
	return pp_stmt_run(s);
}

/* What began later than until_ms of this boot is left alone. */
static int drop(
	struct pp_outbox *o, const struct pp_signal *signal, const char *word, int64_t until_ms)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"DELETE FROM standing WHERE point = ? AND word = ?"
		" AND NOT (boot = ? AND mono > ?)",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, signal->point);
	pp_stmt_text(s, 2, word);
	pp_stmt_i64(s, 3, o->mint.boot);
	pp_stmt_i64(s, 4, until_ms);
	return pp_stmt_run(s);
}

int pp_outbox_stand(struct pp_outbox *o, const struct pp_signal *signal, int64_t seq)
{
	char word[PP_DETAIL_MAX + 1];

	word_of(signal, word);
	switch (signal->type) {
	case PP_SIGNAL_ALARM:
	case PP_SIGNAL_TROUBLE:
		return put(o, signal, word, seq);
	case PP_SIGNAL_RESTORE:
	case PP_SIGNAL_TROUBLE_RESTORE:
		return drop(o, signal, word, INT64_MAX);
	default:
		return 0;
	}
}

/* A disk that hangs hears of an end late, behind the next press of the same button. */
int pp_outbox_end(struct pp_outbox *o, const struct pp_signal *signal)
{
	char word[PP_DETAIL_MAX + 1];

	assert(signal->type == PP_SIGNAL_RESTORE || signal->type == PP_SIGNAL_TROUBLE_RESTORE);
	word_of(signal, word);
	return drop(o, signal, word, signal->mono_ms);
}

static int copy(const struct pp_stmt *s, int column, char *ret_text, size_t size)
{
	const char *text = pp_column_text(s, column);
	size_t length = text ? strlen(text) : size;

	if (length >= size)
		return -EBADMSG;
	memcpy(ret_text, text, length + 1);
	return 0;
}

int pp_outbox_standing(struct pp_outbox *o, pp_outbox_standing_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"SELECT point, detail, alarm, seq, boot, mono FROM standing"
		" ORDER BY seq DESC LIMIT ?",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, PP_STANDING_MAX);
	while ((r = pp_stmt_step(s)) == 1) {
		struct pp_signal signal = { .epoch = o->mint.epoch,
			.type = pp_column_i64(s, 2) ? PP_SIGNAL_ALARM : PP_SIGNAL_TROUBLE,
			.seq = pp_column_i64(s, 3),
			.boot = pp_column_i64(s, 4),
			.mono_ms = pp_column_i64(s, 5) };

		if (copy(s, 0, signal.point, sizeof(signal.point)) == 0 &&
			copy(s, 1, signal.detail, sizeof(signal.detail)) == 0)
			fn(user, &signal);
	}
	return r;
}
