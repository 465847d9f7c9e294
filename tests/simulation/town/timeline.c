/* SPDX-License-Identifier: Apache-2.0 */
/* timeline.c -- what a record says beside its rows: incidents, events, notifications, supervision.
 */
#include "eyes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/world.h"

/* Of the thing with that id; a new one is made with rev -1. */
static struct eyes_told *told_find(struct eyes_list *l, int64_t id)
{
	if (l->at < l->count && l->items[l->at].id == id)
		return &l->items[l->at++];
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].id == id) {
			l->at = i + 1;
			return &l->items[i];
		}
	if (l->count == l->size) {
		l->size = l->size ? 2 * l->size : 64;
		l->items = realloc(l->items, l->size * sizeof(*l->items));
		assert(l->items);
	}
	l->items[l->count] = (struct eyes_told){ .id = id, .rev = -1 };
	return &l->items[l->count++];
}

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
		struct eyes_told *t = told_find(&e->incidents, pp_column_i64(s, 0));

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

/* ---- the timeline ---- */

static void hex_write(const struct pp_stmt *s, int column, char ret_hex[17])
{
	const uint8_t *bytes;
	size_t length;

	bytes = pp_column_blob(s, column, &length);
	for (size_t i = 0; i < 8; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", i < length ? bytes[i] : 0);
}

#define ENTRY_COLUMNS                                                                              \
	"SELECT height, kind, actor, number, event.post, point, previous, hash,"                   \
	" json_extract(event.body, '$.ring'), json_extract(event.body, '$.step'),"                 \
	" json_extract(event.body, '$.wait'), json_extract(event.body, '$.plan'),"                 \
	" json_extract(event.body, '$.why'), json_extract(event.body, '$.call'),"                  \
	" coalesce(json_extract(event.body, '$.into'), json_extract(event.body, '$.from'),"        \
	"  json_extract(event.body, '$.split_from'), json_extract(event.body, '$.other')),"        \
	" json_extract(event.body, '$.contact') FROM event LEFT JOIN incident USING (incident_id)" \
	" WHERE event.tenant = ?1 AND height > ?2 ORDER BY height"

static size_t text_add(char *line, size_t used, const char *name, const char *text)
{
	if (!text || !text[0])
		return used;
	return used + (size_t)snprintf(line + used, 400 - used, ",\"%s\":\"%s\"", name, text);
}

static size_t number_add(char *line, size_t used, const char *name, int64_t number)
{
	return used + (size_t)snprintf(line + used, 400 - used, ",\"%s\":%" PRId64, name, number);
}

/* What ladders, calls and whatever joins two incidents say of themselves. In the plans of the town
 * (plan.c), and in the built-in one, only the agencies' ring waits for somebody's yes. */
static void body_write(const struct pp_stmt *s, char ret_line[400])
{
	const char *kind = pp_column_text(s, 1), *ring = pp_column_text(s, 8);
	size_t used = 0;

	ret_line[0] = '\0';
	used = text_add(ret_line, used, "ring", ring);
	if (!pp_column_is_null(s, 9))
		used = number_add(ret_line, used, "step", pp_column_i64(s, 9));
	if (strcmp(kind, "ladder.step") == 0) {
		used = number_add(ret_line, used, "wait", pp_column_i64(s, 10));
		used = text_add(ret_line, used, "plan", pp_column_text(s, 11));
		used = text_add(ret_line, used, "until",
			strcmp(text_or(ring), "agencies") == 0 ? "accepted" : "taken");
	}
	if (strncmp(kind, "call.", 5) == 0) {
		used = number_add(ret_line, used, "callout", pp_column_i64(s, 13));
		used = text_add(ret_line, used, "contact", pp_column_text(s, 15));
	}
	if (strncmp(kind, "ladder.", 7) == 0)
		used = text_add(ret_line, used, "why", pp_column_text(s, 12));
	used = text_add(ret_line, used, "other", pp_column_text(s, 14));
	assert(used < 400);
}

static bool moves_rows(const char *kind)
{
	return strcmp(kind, "incident.merged") == 0 || strcmp(kind, "incident.split") == 0;
}

static void entry_write(struct record_eyes *e, const struct pp_stmt *s)
{
	char previous[17], hash[17], body[400];
	const char *kind = pp_column_text(s, 1);

	e->height = pp_column_i64(s, 0);
	e->moved = e->moved || moves_rows(kind);
	hex_write(s, 6, previous);
	hex_write(s, 7, hash);
	body_write(s, body);
	world_history("entry",
		"\"height\":%" PRId64 ",\"kind\":\"%s\",\"actor\":\"%s\",\"incident\":"
		"\"%s\",\"post\":\"%s\",\"point\":\"%s\",\"previous\":\"%s\","
		"\"hash\":\"%s\"%s",
		e->height, kind, pp_column_text(s, 2), text_or(pp_column_text(s, 3)),
		text_or(pp_column_text(s, 4)), text_or(pp_column_text(s, 5)), previous, hash, body);
	if (strcmp(kind, "post.revoked") == 0)
		world_history("revoke", "\"post\":\"%s\"", text_or(pp_column_text(s, 4)));
}

static int entries_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, ENTRY_COLUMNS, &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	pp_stmt_i64(s, 2, e->height);
	while ((r = pp_stmt_step(s)) == 1)
		entry_write(e, s);
	return r;
}

/* ---- notifications ---- */

/* (The program may be killed before it is read: only what was told counts as told.) */
static int notification_write(struct pp_db *db, struct eyes_told *t)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db,
		"SELECT key, target, i.number, v.kind, i.signals, v.height, n.channel, n.contact,"
		" n.purpose, n.call_id, n.way, n.state FROM notification n JOIN incident i USING"
		" (incident_id) JOIN event v USING (event_id) WHERE n.notification_id = ?1",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, t->id);
	r = pp_stmt_step(s);
	if (r == 1) {
		snprintf(t->state, sizeof(t->state), "%s", pp_column_text(s, 11));
		world_history("queued",
			"\"key\":\"%s\",\"target\":\"%s\",\"incident\":\"%s\",\"kind\":\"%s\","
			"\"signals\":%" PRId64 ",\"entry\":%" PRId64
			",\"state\":\"%s\",\"channel\":\"%s\",\"contact\":\"%s\","
			"\"purpose\":\"%s\",\"callout\":%" PRId64 ",\"way_number\":%" PRId64,
			pp_column_text(s, 0), pp_column_text(s, 1), pp_column_text(s, 2),
			pp_column_text(s, 3), pp_column_i64(s, 4), pp_column_i64(s, 5), t->state,
			pp_column_text(s, 6), pp_column_text(s, 7), pp_column_text(s, 8),
			pp_column_i64(s, 9), pp_column_i64(s, 10));
		pp_stmt_reset(s);
	}
	return r < 0 ? r : 0;
}

/* Most of them have long been told: only what has changed is read whole. */
static int notifications_look(struct record_eyes *e, struct pp_db *db)
{
	struct pp_stmt *s;
	size_t changed = 0, size = 0;
	int64_t *ids = NULL;
	int r = pp_db_prepare(db,
		"SELECT notification_id, state FROM notification WHERE tenant = ?1"
		" AND incident_id IS NOT NULL ORDER BY notification_id",
		&s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, e->tenant);
	while ((r = pp_stmt_step(s)) == 1) {
		struct eyes_told *t = told_find(&e->notifications, pp_column_i64(s, 0));

		if (strcmp(t->state, pp_column_text(s, 1)) == 0)
			continue;
		if (changed == size) {
			size = size ? 2 * size : 16;
			ids = realloc(ids, size * sizeof(*ids));
			assert(ids);
		}
		ids[changed++] = t->id;
	}
	for (size_t i = 0; r == 0 && i < changed; i++)
		r = notification_write(db, told_find(&e->notifications, ids[i]));
	free(ids);
	return r;
}

/* ---- supervision ---- */

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
		struct eyes_told *t = told_find(&e->posts, row);
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

int eyes_look(struct record_eyes *e, struct pp_db *db)
{
	int r = incidents_look(e, db);

	if (r == 0)
		r = entries_look(e, db);
	if (r == 0)
		r = notifications_look(e, db);
	return r < 0 ? r : desk_look(e, db);
}
