/* SPDX-License-Identifier: Apache-2.0 */
/* record.c -- looks at a record, and keeps what it has told of it. */
#include "record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/words.h"
#include "world/world.h"

struct row {
	char post[44], epoch[20];
	int64_t seq, incident_id;
	bool is_there, told; /* in the last look */
};

struct told {
	int64_t id, rev;
	char state[24];
};

struct list {
	struct told *items;
	size_t count, size;
};

struct record_eyes {
	char tenant[24];
	struct row *rows;
	size_t row_count, row_size;
	int64_t signal_id, height;
	struct list incidents, notifications, posts;
};

struct record_eyes *record_eyes_new(const char *tenant)
{
	struct record_eyes *e = calloc(1, sizeof(*e));

	assert(e);
	snprintf(e->tenant, sizeof(e->tenant), "%s", tenant);
	return e;
}

static const char *text_or(const char *text)
{
	return text ? text : "";
}

static struct row *row_find(struct record_eyes *e, const char *post, const char *epoch, int64_t seq)
{
	struct row *r;

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
	*r = (struct row){ .seq = seq };
	snprintf(r->post, sizeof(r->post), "%s", post);
	snprintf(r->epoch, sizeof(r->epoch), "%s", epoch);
	return r;
}

/* Of the thing with that id; a new one is made with rev -1. */
static struct told *told_find(struct list *l, int64_t id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].id == id)
			return &l->items[i];
	if (l->count == l->size) {
		l->size = l->size ? 2 * l->size : 64;
		l->items = realloc(l->items, l->size * sizeof(*l->items));
		assert(l->items);
	}
	l->items[l->count] = (struct told){ .id = id, .rev = -1 };
	return &l->items[l->count++];
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

static void row_write(const struct pp_stmt *s)
{
	char flags[80];

	flags_write(pp_column_i64(s, 9), flags);
	world_history("row",
		"\"where\":\"record\",\"post\":\"%s\",\"epoch\":\"%s\",\"seq\":%" PRId64
		",\"point\":\"%s\",\"signal\":\"%s\",\"class\":\"%s\",\"boot\":%" PRId64
		",\"mono\":%" PRId64 ",\"flags\":[%s],\"cause\":%" PRId64
		",\"incident\":\"%s\",\"late\":%s",
		pp_column_text(s, 1), pp_column_text(s, 2), pp_column_i64(s, 3),
		pp_column_text(s, 4), pp_column_text(s, 5), pp_column_text(s, 6),
		pp_column_i64(s, 7), pp_column_i64(s, 8), flags, pp_column_i64(s, 10),
		text_or(pp_column_text(s, 11)), pp_column_i64(s, 12) ? "true" : "false");
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
		struct row *row = row_find(
			e, pp_column_text(s, 1), pp_column_text(s, 2), pp_column_i64(s, 3));
		int64_t incident_id = pp_column_i64(s, 13);

		/* A fact that waited for its alarm gets its incident later. */
		if (!row->told || row->incident_id != incident_id)
			row_write(s);
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
		struct row *r = &e->rows[i];

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

/* ---- the rest ---- */

static int incidents_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT incident_id, number, post, class, state, rev, signals FROM incident"
		" WHERE tenant = ?1 ORDER BY incident_id",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	while ((r = pp_stmt_step(s)) == 1) {
		struct told *t = told_find(&e->incidents, pp_column_i64(s, 0));

		if (t->rev == pp_column_i64(s, 5))
			continue;
		t->rev = pp_column_i64(s, 5);
		world_history("incident",
			"\"incident\":\"%s\",\"post\":\"%s\",\"class\":\"%s\",\"state\":\"%s\","
			"\"rev\":%" PRId64 ",\"signals\":%" PRId64,
			pp_column_text(s, 1), pp_column_text(s, 2), pp_column_text(s, 3),
			pp_column_text(s, 4), t->rev, pp_column_i64(s, 6));
	}
	return r;
}

static void hex_write(const struct pp_stmt *s, int column, char ret_hex[17])
{
	const uint8_t *bytes;
	size_t length;

	bytes = pp_column_blob(s, column, &length);
	for (size_t i = 0; i < 8; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", i < length ? bytes[i] : 0);
}

static int entries_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT height, kind, actor, number, event.post, point, previous, hash FROM event"
		" LEFT JOIN incident USING (incident_id)"
		" WHERE event.tenant = ?1 AND height > ?2 ORDER BY height",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	pp_stmt_i64(s, 2, e->height);
	while ((r = pp_stmt_step(s)) == 1) {
		char previous[17], hash[17];

		e->height = pp_column_i64(s, 0);
		hex_write(s, 6, previous);
		hex_write(s, 7, hash);
		world_history("entry",
			"\"height\":%" PRId64 ",\"kind\":\"%s\",\"actor\":\"%s\",\"incident\":"
			"\"%s\",\"post\":\"%s\",\"point\":\"%s\",\"previous\":\"%s\","
			"\"hash\":\"%s\"",
			e->height, pp_column_text(s, 1), pp_column_text(s, 2),
			text_or(pp_column_text(s, 3)), text_or(pp_column_text(s, 4)),
			text_or(pp_column_text(s, 5)), previous, hash);
		if (strcmp(pp_column_text(s, 1), "post.revoked") == 0)
			world_history("revoke", "\"post\":\"%s\"", text_or(pp_column_text(s, 4)));
	}
	return r;
}

static int notifications_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT notification_id, key, target, i.number, v.kind, i.signals, v.height,"
		" n.state FROM notification n JOIN incident i USING (incident_id)"
		" JOIN event v USING (event_id) WHERE n.tenant = ?1 ORDER BY notification_id",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	while ((r = pp_stmt_step(s)) == 1) {
		struct told *t = told_find(&e->notifications, pp_column_i64(s, 0));

		if (strcmp(t->state, pp_column_text(s, 7)) == 0)
			continue;
		snprintf(t->state, sizeof(t->state), "%s", pp_column_text(s, 7));
		world_history("queued",
			"\"key\":\"%s\",\"target\":\"%s\",\"incident\":\"%s\",\"kind\":\"%s\","
			"\"signals\":%" PRId64 ",\"entry\":%" PRId64 ",\"state\":\"%s\"",
			pp_column_text(s, 1), pp_column_text(s, 2), pp_column_text(s, 3),
			pp_column_text(s, 4), pp_column_i64(s, 5), pp_column_i64(s, 6), t->state);
	}
	return r;
}

static int desk_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	int64_t row = 0;
	int r = pp_db_prepare(db,
		"SELECT p.post, s.supervised FROM post p LEFT JOIN post_state s USING (tenant,"
		" post) WHERE p.tenant = ?1 ORDER BY p.post",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	for (; (r = pp_stmt_step(s)) == 1; row++) {
		struct told *t = told_find(&e->posts, row);
		int64_t shows = pp_column_is_null(s, 1) ? 2 : pp_column_i64(s, 1);
		static const char *const words[] = { "unsupervised", "supervised", "unknown" };

		if (t->rev == shows)
			continue;
		t->rev = shows;
		world_history("desk", "\"post\":\"%s\",\"shows\":\"%s\"", pp_column_text(s, 0),
			words[shows]);
	}
	return r;
}

static int others_look(struct record_eyes *e, struct pp_db *db)
{
	int r = incidents_look(e, db);

	if (r == 0)
		r = entries_look(e, db);
	if (r == 0)
		r = notifications_look(e, db);
	return r < 0 ? r : desk_look(e, db);
}

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
		r = others_look(e, db);
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
		r = others_look(e, db);
	}
	if (r == 0)
		look_write(e, how);
	return r;
}
