/* SPDX-License-Identifier: Apache-2.0 */
/* record.c -- looks at a record, and keeps what it has told of it. */
#include "record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eyes.h"
#include "protocol/words.h"
#include "world/world.h"

struct record_eyes *record_eyes_new(const char *tenant)
{
	struct record_eyes *e = calloc(1, sizeof(*e));

	assert(e);
	snprintf(e->tenant, sizeof(e->tenant), "%s", tenant);
	return e;
}

static struct eyes_row *row_find(
	struct record_eyes *e, const char *post, const char *epoch, int64_t seq)
{
	struct eyes_row *r;

	for (size_t i = 0; i < e->row_count; i++) {
		r = &e->rows[i];
		if (r->seq == seq && strcmp(r->epoch, epoch) == 0 && strcmp(r->post, post) == 0)
			return r;
	}
	if (e->row_count == e->row_size) {
		e->row_size = e->row_size ? 2 * e->row_size : 64;
		e->rows = realloc(e->rows, e->row_size * sizeof(*e->rows));
		assert(e->rows);
	}
	r = &e->rows[e->row_count++];
	*r = (struct eyes_row){ .seq = seq };
	snprintf(r->post, sizeof(r->post), "%s", post);
	snprintf(r->epoch, sizeof(r->epoch), "%s", epoch);
	return r;
}

/* ---- rows ---- */

static void flags_write(int64_t flags, char ret_list[80])
{
	static const struct {
		int64_t flag;
		const char *word;
	} words[] = { { PP_FLAG_AT_START, "at-start" }, { PP_FLAG_SILENT, "silent" },
		{ PP_FLAG_DRILL, "drill" }, { PP_FLAG_VERIFIED, "verified" } };
	size_t used = 0;

	ret_list[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (flags & words[i].flag)
			used += (size_t)snprintf(ret_list + used, 80 - used, "%s\"%s\"",
				used ? "," : "", words[i].word);
}

#define ROW_COLUMNS                                                                                \
	"SELECT s.signal_id, s.post, s.epoch, s.seq, s.point, s.signal, s.class, s.boot, s.mono,"  \
	" s.flags, s.cause, i.number, s.late, s.incident_id FROM signal s"                         \
	" LEFT JOIN incident i USING (incident_id) WHERE s.tenant = ?1 AND s.signal_id > ?2"       \
	" ORDER BY s.signal_id"

static void row_write(const struct pp_stmt *s, bool moved)
{
	char flags[80];

	flags_write(pp_column_i64(s, 9), flags);
	world_history("row",
		"\"where\":\"record\",\"post\":\"%s\",\"epoch\":\"%s\",\"seq\":%" PRId64
		",\"point\":\"%s\",\"signal\":\"%s\",\"class\":\"%s\",\"boot\":%" PRId64
		",\"mono\":%" PRId64 ",\"flags\":[%s],\"cause\":%" PRId64
		",\"incident\":\"%s\",\"late\":%s%s",
		pp_column_text(s, 1), pp_column_text(s, 2), pp_column_i64(s, 3),
		pp_column_text(s, 4), pp_column_text(s, 5), pp_column_text(s, 6),
		pp_column_i64(s, 7), pp_column_i64(s, 8), flags, pp_column_i64(s, 10),
		text_or(pp_column_text(s, 11)), pp_column_i64(s, 12) ? "true" : "false",
		moved ? ",\"moved\":true" : "");
}

/* Rows with an id above after. */
static int rows_look(struct record_eyes *e, struct pp_db *db, int64_t after)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, ROW_COLUMNS, &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	pp_stmt_i64(s, 2, after);
	while ((r = pp_stmt_step(s)) == 1) {
		struct eyes_row *row = row_find(
			e, pp_column_text(s, 1), pp_column_text(s, 2), pp_column_i64(s, 3));
		int64_t incident_id = pp_column_i64(s, 13);

		/* A fact that waited for its alarm gets its incident later; what people have made
		 * one, or parted, goes into another. */
		if (!row->told || row->incident_id != incident_id)
			row_write(s, row->told && row->incident_id != 0);
		row->told = row->is_there = true;
		row->incident_id = incident_id;
		e->signal_id = pp_column_i64(s, 0);
	}
	return r;
}

static int number_read(struct pp_db *db, const char *sql, const char *tenant, int64_t *ret_number)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, sql, &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, tenant);
	r = pp_stmt_step(s);
	if (r == 1)
		*ret_number = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return r < 0 ? r : 0;
}

static int64_t rows_there(const struct record_eyes *e)
{
	int64_t count = 0;

	for (size_t i = 0; i < e->row_count; i++)
		count += e->rows[i].is_there;
	return count;
}

/* What was there and was not found; then it may be told again. */
static void gone_write(struct record_eyes *e)
{
	for (size_t i = 0; i < e->row_count; i++) {
		struct eyes_row *r = &e->rows[i];

		if (r->is_there || !r->told)
			continue;
		r->told = false;
		world_history("gone",
			"\"where\":\"record\",\"post\":\"%s\",\"epoch\":\"%s\",\"seq\":%" PRId64,
			r->post, r->epoch, r->seq);
	}
}

static int rows_look_whole(struct record_eyes *e, struct pp_db *db)
{
	bool *before = calloc(e->row_count + 1, sizeof(*before));
	size_t known = e->row_count;
	int r;

	assert(before);
	for (size_t i = 0; i < known; i++) {
		before[i] = e->rows[i].is_there;
		e->rows[i].is_there = false;
	}
	e->signal_id = 0;
	r = rows_look(e, db, 0);
	for (size_t i = 0; r < 0 && i < known; i++)
		e->rows[i].is_there = before[i];
	free(before);
	if (r == 0)
		gone_write(e);
	return r;
}

/* ---- looks ---- */

static void look_write(const struct record_eyes *e, const char *how)
{
	world_history("look", "\"where\":\"record\",\"how\":\"%s\",\"rows\":%" PRId64, how,
		rows_there(e));
}

int record_look_live(struct record_eyes *e, struct pp_db *db)
{
	int64_t rows = 0;
	int r = rows_look(e, db, e->signal_id);

	if (r == 0)
		r = number_read(
			db, "SELECT count(*) FROM signal WHERE tenant = ?1", e->tenant, &rows);
	/* After an older copy was put back ids are given again. */
	if (r == 0 && rows != rows_there(e))
		r = rows_look_whole(e, db);
	if (r == 0)
		r = eyes_look(e, db);
	if (r == 0 && e->moved)
		r = rows_look(e, db, 0);
	if (r == 0)
		e->moved = false;
	if (r == 0)
		look_write(e, "live");
	return r;
}

void record_forget(struct record_eyes *e)
{
	for (size_t i = 0; i < e->row_count; i++)
		e->rows[i].told = e->rows[i].is_there = false;
	e->signal_id = 0;
}

/* After a cut the height may have fallen: entries are told again from where they differ. */
int record_look_whole(struct record_eyes *e, struct pp_db *db, const char *how)
{
	int64_t height = 0;
	int r = rows_look_whole(e, db);

	if (r == 0)
		r = number_read(db, "SELECT coalesce(max(height), 0) FROM event WHERE tenant = ?1",
			e->tenant, &height);
	if (r == 0 && strcmp(how, "durable") != 0) {
		if (height < e->height)
			e->height = height;
		r = eyes_look(e, db);
	}
	if (r == 0)
		look_write(e, how);
	return r;
}
