/* SPDX-License-Identifier: Apache-2.0 */
/* salvage.c -- gathers, judges by the signature alone, and keeps. */
#include "salvage.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carve.h"
#include "core/file.h"
#include "file.h"

#define FILE_MAX (256u << 20)

struct found {
	struct pp_parcel *parcel; /* not checked yet */
	bool done;
};

struct pp_salvage {
	char topic[PP_TOPIC_MAX];
	struct pp_key_list signers;
	struct found *list;
	size_t count, size;
	int error;
};

int pp_salvage_new(const char *topic, const struct pp_key_list *signers, struct pp_salvage **ret)
{
	struct pp_salvage *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	assert(strlen(topic) < sizeof(s->topic));
	memcpy(s->topic, topic, strlen(topic) + 1);
	s->signers = *signers;
	*ret = s;
	return 0;
}

struct pp_salvage *pp_salvage_free(struct pp_salvage *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->count; i++)
		pp_parcel_free(s->list[i].parcel);
	free(s->list);
	free(s);
	return NULL;
}

static int grow(struct pp_salvage *s)
{
	size_t size = s->size ? 2 * s->size : 64;
	struct found *list;

	if (s->count < s->size)
		return 0;
	list = realloc(s->list, size * sizeof(*list));
	if (!list)
		return -ENOMEM;
	s->list = list;
	s->size = size;
	return 0;
}

/* Of a file there may be several copies of each row, of the row's past: hence the room. */
static void on_carved(void *user, const struct pp_carved *carved)
{
	struct pp_salvage *s = user;
	struct pp_parcel *parcel = NULL;
	struct pp_signal signal;
	char why[160];
	int r;

	if (s->error || s->count >= 8 * PP_SALVAGE_MAX ||
		pp_signal_decode(carved->payload, carved->length, &signal, why) < 0)
		return;
	r = pp_parcel_new(s->topic, carved->payload, carved->length, carved->signature, &parcel);
	if (r == 0)
		r = grow(s);
	if (r < 0) {
		pp_parcel_free(parcel);
		s->error = r;
		return;
	}
	parcel->epoch = signal.epoch;
	parcel->seq = signal.seq;
	parcel->alarm = signal.type == PP_SIGNAL_ALARM;
	s->list[s->count++] = (struct found){ parcel, carved->done };
}

typedef void carver(
	const void *data, size_t length, const char *topic, pp_carve_fn *fn, void *user);

static int read_with(struct pp_salvage *s, const char *path, carver *carve)
{
	char *data = NULL;
	size_t length;
	int r = pp_file_read(path, FILE_MAX, &data, &length);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	carve(data, length, s->topic, on_carved, s);
	free(data);
	return s->error;
}

int pp_salvage_read(struct pp_salvage *s, const char *path)
{
	return read_with(s, path, pp_carve);
}

int pp_salvage_read_log(struct pp_salvage *s, const char *path)
{
	return read_with(s, path, pp_carve_log);
}

static bool is_ours(const struct pp_salvage *s, const struct found *f)
{
	return pp_parcel_check(f->parcel, &s->signers, NULL) == 0;
}

bool pp_salvage_contradicts(const struct pp_salvage *s, uint64_t epoch, int64_t last_seq)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct found *f = &s->list[i];

		if (f->parcel->epoch == epoch && f->parcel->seq > last_seq && is_ours(s, f))
			return true;
	}
	return false;
}

/* By triple; of one triple the copy that is done first. */
static int compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->parcel->epoch != y->parcel->epoch)
		return x->parcel->epoch < y->parcel->epoch ? -1 : 1;
	if (x->parcel->seq != y->parcel->seq)
		return x->parcel->seq < y->parcel->seq ? -1 : 1;
	return (int)y->done - (int)x->done;
}

static bool is_same(const struct found *a, const struct found *b)
{
	return a->parcel->epoch == b->parcel->epoch && a->parcel->seq == b->parcel->seq;
}

static int keep(struct pp_outbox *o, const struct pp_parcel *parcel)
{
	struct pp_stmt *s;
	char epoch[17];
	int r = pp_db_prepare(o->db,
		"INSERT INTO salvage (epoch, seq, alarm, topic, payload, signature)"
		" VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		&s);

	if (r < 0)
		return r;
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, parcel->epoch);
	pp_stmt_text(s, 1, epoch);
	pp_stmt_i64(s, 2, parcel->seq);
	pp_stmt_i64(s, 3, parcel->alarm);
	pp_stmt_text(s, 4, parcel->topic);
	pp_stmt_blob(s, 5, parcel->payload, parcel->length);
	pp_stmt_blob(s, 6, parcel->signature, sizeof(parcel->signature));
	r = pp_stmt_run(s);
	if (r == 0)
		o->usage.unreceipted += pp_db_changes(o->db);
	return r;
}

int pp_salvage_keep(struct pp_salvage *s, struct pp_outbox *o)
{
	int kept = 0, r = 0;

	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), compare);
	for (size_t i = 0; r == 0 && i < s->count && kept < PP_SALVAGE_MAX; i++) {
		struct found *f = &s->list[i];

		/* Copies of one row may differ in their damage: each is judged, until one is whole.
		 */
		if (i > 0 && is_same(f, f - 1) && f[-1].done)
			f->done = true;
		if (f->done || f->parcel->epoch == o->mint.epoch)
			continue;
		r = pp_parcel_check(f->parcel, &s->signers, NULL);
		if (r == -EBADMSG) {
			r = 0;
			continue;
		}
		if (r == 0)
			r = keep(o, f->parcel);
		f->done = true;
		kept++;
	}
	return r < 0 ? r : kept;
}

static int forget(struct pp_outbox *o, int64_t id)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "DELETE FROM salvage WHERE id = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, id);
	r = pp_stmt_run(s);
	if (r == 0)
		o->usage.unreceipted--;
	return r;
}

/* -EBADMSG: damaged once more. */
static int read_row(const struct pp_outbox *o, const struct pp_stmt *s,
	struct pp_parcel **ret_parcel, struct pp_signal *ret_signal)
{
	size_t length = 0, signature_length = 0;
	const void *payload = pp_column_blob(s, 2, &length);
	const void *signature = pp_column_blob(s, 3, &signature_length);
	const char *topic = pp_column_text(s, 1);
	struct pp_parcel *parcel = NULL;
	char why[160];
	int r;

	if (!payload || !signature || !topic || signature_length != PP_SIGNATURE_SIZE)
		return -EBADMSG;
	r = pp_signal_decode(payload, length, ret_signal, why);
	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	r = pp_parcel_new(topic, payload, length, signature, &parcel);
	if (r < 0)
		return r == -EMSGSIZE ? -EBADMSG : r;
	parcel->epoch = ret_signal->epoch;
	parcel->seq = ret_signal->seq;
	parcel->alarm = ret_signal->type == PP_SIGNAL_ALARM;
	parcel->refused = pp_column_i64(s, 4) != 0;
	r = pp_parcel_check(parcel, &o->signers, NULL);
	if (r < 0) {
		pp_parcel_free(parcel);
		return r;
	}
	*ret_parcel = parcel;
	return 0;
}

int pp_salvage_load(struct pp_outbox *o, struct pp_outbox_reader *reader)
{
	struct pp_signal signal;
	struct pp_stmt *s;
	int64_t bad = 0;
	int count = 0;
	int r = pp_db_prepare(o->db,
		"SELECT id, topic, payload, signature, refused FROM salvage WHERE id > ?"
		" ORDER BY id LIMIT ?",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, reader->salvaged);
	pp_stmt_i64(s, 2, (int64_t)reader->limit);
	while (!bad && (r = pp_stmt_step(s)) == 1) {
		struct pp_parcel *parcel;

		reader->salvaged = pp_column_i64(s, 0);
		r = read_row(o, s, &parcel, &signal);
		if (r == -EBADMSG)
			bad = reader->salvaged;
		else if (r < 0)
			break;
		else
			reader->fn(reader->user, parcel, &signal);
		count++;
	}
	pp_stmt_reset(s);
	if (bad) /* told when the file that it came from was set aside */
		r = forget(o, bad);
	return r < 0 ? r : count;
}

int pp_salvage_receipt(struct pp_outbox *o, const struct pp_receipt *receipt)
{
	bool recorded = receipt->result == PP_RECEIPT_RECORDED;
	struct pp_stmt *s;
	char epoch[17];
	int64_t alarm;
	int r = pp_db_prepare(o->db,
		recorded ? "DELETE FROM salvage WHERE epoch = ? AND seq = ? RETURNING alarm"
			 : "UPDATE salvage SET refused = 1 WHERE epoch = ? AND seq = ?"
			   " RETURNING 0",
		&s);

	if (r < 0)
		return r;
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, receipt->epoch);
	pp_stmt_text(s, 1, epoch);
	pp_stmt_i64(s, 2, receipt->seq);
	r = pp_stmt_step(s);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	alarm = pp_column_i64(s, 0);
	r = pp_stmt_run(s);
	if (r == 0 && recorded) {
		o->usage.unreceipted--;
		o->usage.receipted_alarms += alarm;
	}
	return r;
}

int pp_salvage_count(struct pp_outbox *o, int64_t *ret_count)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "SELECT count(*) FROM salvage", &s);

	if (r < 0)
		return r;
	r = pp_stmt_step(s);
	if (r < 0)
		return r;
	*ret_count = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return 0;
}
