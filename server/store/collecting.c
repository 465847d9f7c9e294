/* SPDX-License-Identifier: Apache-2.0 */
/* collecting.c -- troubles that are due, and notifications that wait to be one, in SQL. */
#include "store/collecting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- troubles ---- */

#define TROUBLE "tenant = ?1 AND post = ?2 AND point = ?3 AND kind = ?4"
#define COLUMNS "SELECT tenant, post, point, kind, detail, since, raised, due FROM trouble WHERE "

static int trouble_read(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_trouble_state *ret)
{
	struct pp_trouble_state t;
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r;
	t = (struct pp_trouble_state){ .since_ms = pp_column_i64(s, 5),
		.raised_ms = pp_column_i64(s, 6),
		.due_ms = pp_column_i64(s, 7) };
	r = pp_store_copy(s, 0, t.tenant, sizeof(t.tenant));
	if (r == 0)
		r = pp_store_copy(s, 1, t.post, sizeof(t.post));
	if (r == 0)
		r = pp_store_copy(s, 2, t.point, sizeof(t.point));
	if (r == 0)
		r = pp_store_copy(s, 3, t.kind, sizeof(t.kind));
	(void)pp_store_copy(s, 4, t.detail, sizeof(t.detail)); /* too long: "" */
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	*ret = t;
	return 1;
}

int pp_store_trouble_date(
	struct pp_db *db, const struct pp_trouble_row *row, int64_t raised_ms, int64_t due_ms)
{
	return pp_store_run(db, "UPDATE trouble SET raised = ?5, due = ?6 WHERE " TROUBLE,
		PP_ARGS(PP_TEXT(row->tenant), PP_TEXT(row->post), PP_TEXT(row->point),
			PP_TEXT(row->kind), PP_I64(raised_ms), PP_I64(due_ms)));
}

int pp_store_trouble_state(
	struct pp_db *db, const struct pp_trouble_row *row, struct pp_trouble_state *ret)
{
	return trouble_read(db, COLUMNS TROUBLE,
		PP_ARGS(PP_TEXT(row->tenant), PP_TEXT(row->post), PP_TEXT(row->point),
			PP_TEXT(row->kind)),
		ret);
}

int pp_store_trouble_due(struct pp_db *db, int64_t now_ms, struct pp_trouble_state *ret)
{
	return trouble_read(db,
		COLUMNS "due > 0 AND due < 9223372036854775807 AND (due <= ?1 OR raised > ?1)"
			" ORDER BY due, tenant, post, point, kind LIMIT 1",
		PP_ARGS(PP_I64(now_ms)), ret);
}

int pp_store_trouble_told(struct pp_db *db, const struct pp_trouble_state *t)
{
	return pp_store_run(db, "UPDATE trouble SET due = 0 WHERE " TROUBLE,
		PP_ARGS(PP_TEXT(t->tenant), PP_TEXT(t->post), PP_TEXT(t->point), PP_TEXT(t->kind)));
}

int pp_store_trouble_kind(
	struct pp_db *db, const char *tenant, const char *kind, char ret_kind[PP_TROUBLE_SIZE])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT kind FROM trouble WHERE tenant = ?1 AND due <> 0 AND kind > ?2"
		" ORDER BY kind LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(kind)), &s);

	if (r <= 0)
		return r;
	r = pp_store_copy(s, 0, ret_kind, PP_TROUBLE_SIZE);
	pp_stmt_reset(s);
	return r < 0 ? r : 1;
}

int pp_store_troubles_redate(
	struct pp_db *db, const char *tenant, const char *kind, int64_t after_ms)
{
	return pp_store_run(db,
		"UPDATE trouble SET due = iif(?3 < 0, 9223372036854775807, max(1, raised + ?3))"
		" WHERE tenant = ?1 AND kind = ?2 AND due <> 0",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(kind), PP_I64(after_ms)));
}

void pp_trouble_about(const struct pp_trouble_state *t, char ret_about[PP_ABOUT_SIZE])
{
	int r = snprintf(ret_about, PP_ABOUT_SIZE, "%.40s/%.40s/%.39s@%" PRId64, t->post, t->point,
		t->kind, t->raised_ms);

	if (r < 0)
		ret_about[0] = '\0';
}

#define HEARD_MAX 64

int pp_store_each_heard(
	struct pp_db *db, const char *tenant, const char *about, pp_store_heard_fn *fn, void *user)
{
	struct pp_trouble_heard *all = calloc(HEARD_MAX, sizeof(*all));
	struct pp_stmt *s;
	size_t count = 0;
	int r;

	if (!all)
		return -ENOMEM;
	r = pp_store_bind(db,
		"SELECT notification_id, contact, state = 'collecting' FROM notification"
		" WHERE tenant = ?1 AND about = ?2 AND about <> '' AND purpose = 'trouble'"
		" AND way = 0 ORDER BY notification_id DESC LIMIT ?3",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(about), PP_I64(HEARD_MAX)), &s);
	while (r == 0 && count < HEARD_MAX && (r = pp_stmt_step(s)) == 1) {
		struct pp_trouble_heard *h = &all[count++];

		h->notification_id = pp_column_i64(s, 0);
		h->collecting = pp_column_i64(s, 2) != 0;
		r = pp_store_copy(s, 1, h->contact, sizeof(h->contact));
	}
	if (r >= 0) {
		pp_stmt_reset(s);
		r = 0;
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, &all[i]);
	free(all);
	return r;
}

/* ---- notifications that wait ---- */

#define LANE " = ?2 || '/' || ?3 || '/' || ?4"
#define OF_LANE "channel = ?1 AND lane" LANE
#define LANE_OF(to)                                                                                \
	PP_TEXT((to)->channel), PP_TEXT((to)->tenant), PP_TEXT((to)->target), PP_TEXT((to)->address)
#define OF_TROUBLE "(purpose IN ('trouble', 'mended'))"
/* The clock may have been set back since it began to wait. */
#define DUE(now) "(next <= " now " OR changed > " now ")"

int pp_store_pace(struct pp_db *db, const struct pp_pace_query *q, int64_t *ret_ms)
{
	int r = pp_store_number(db,
		"SELECT created FROM notification WHERE channel = ?1 AND lane" LANE
		" AND created > 0 AND created > ?6 AND created <= ?7 AND " OF_TROUBLE " = ?5"
		" AND state NOT IN ('held', 'collecting', 'collapsed')"
		" ORDER BY created DESC LIMIT 1 OFFSET ?8 - 1",
		PP_ARGS(LANE_OF(q->to), PP_I64(q->troubles), PP_I64(q->now_ms - q->window_ms),
			PP_I64(q->now_ms), PP_I64(q->nth)),
		ret_ms);

	return r < 0 ? (r == -ENOENT ? 0 : r) : 1;
}

int pp_store_is_collecting(struct pp_db *db, const struct pp_recipient *to)
{
	int64_t count;
	int r = pp_store_number(db,
		"SELECT EXISTS (SELECT 1 FROM notification WHERE state = 'collecting' AND " OF_LANE
		")",
		PP_ARGS(LANE_OF(to)), &count);

	return r < 0 ? r : count > 0;
}

int pp_store_is_told(struct pp_db *db, const struct pp_recipient *to)
{
	int64_t count;
	int r = pp_store_number(db,
		"SELECT EXISTS (SELECT 1 FROM notification WHERE incident_id = ?5"
		" AND +channel = ?1 AND +lane" LANE
		" AND purpose IN ('alarm', 'again') AND state IN ('queued', 'sent', 'delivered'))",
		PP_ARGS(LANE_OF(to), PP_I64(to->incident_id)), &count);

	return r < 0 ? r : count > 0;
}

#define RECIPIENT                                                                                  \
	"SELECT tenant, channel, target, address, coalesce(incident_id, 0) FROM notification"      \
	" WHERE state = 'collecting' AND "

int pp_store_collected_due(struct pp_db *db, int64_t now_ms, struct pp_recipient *ret)
{
	struct pp_recipient to;
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT * FROM (" RECIPIENT "next <= ?1 ORDER BY next, notification_id LIMIT 1)"
		" UNION ALL SELECT * FROM (" RECIPIENT "changed > ?1 ORDER BY changed LIMIT 1)"
		" LIMIT 1",
		PP_ARGS(PP_I64(now_ms)), &s);

	if (r <= 0)
		return r;
	to.incident_id = pp_column_i64(s, 4);
	r = pp_store_copy(s, 0, to.tenant, sizeof(to.tenant));
	if (r == 0)
		r = pp_store_copy(s, 1, to.channel, sizeof(to.channel));
	if (r == 0)
		r = pp_store_copy(s, 2, to.target, sizeof(to.target));
	if (r == 0)
		r = pp_store_copy(s, 3, to.address, sizeof(to.address));
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	*ret = to;
	return 1;
}

struct row {
	struct pp_collected is;
	char *texts[6]; /* contact, key, purpose, body, text, about */
};

static int row_read(const struct pp_stmt *s, struct row *row)
{
	row->is.notification_id = pp_column_i64(s, 0);
	row->is.event_id = pp_column_i64(s, 1);
	for (int i = 0; i < 6; i++) {
		const char *text = pp_column_text(s, 2 + i);

		row->texts[i] = strdup(text ? text : "");
		if (!row->texts[i])
			return -ENOMEM;
	}
	row->is.contact = row->texts[0];
	row->is.key = row->texts[1];
	row->is.purpose = row->texts[2];
	row->is.body = row->texts[3];
	row->is.text = row->texts[4];
	row->is.about = row->texts[5];
	return 0;
}

int pp_store_each_collected(struct pp_db *db, const struct pp_recipient *to, int64_t now_ms,
	pp_store_collected_fn *fn, void *user)
{
	struct row *rows = calloc(PP_COLLECTED_MAX, sizeof(*rows));
	struct pp_stmt *s;
	size_t count = 0;
	int r;

	if (!rows)
		return -ENOMEM;
	r = pp_store_bind(db,
		"SELECT notification_id, event_id, contact, key, purpose, body, text, about"
		" FROM notification WHERE state = 'collecting' AND " OF_LANE
		" AND coalesce(incident_id, 0) = ?5 AND " DUE(
			"?6") " ORDER BY notification_id DESC LIMIT ?7",
		PP_ARGS(LANE_OF(to), PP_I64(to->incident_id), PP_I64(now_ms),
			PP_I64(PP_COLLECTED_MAX)),
		&s);
	while (r == 0 && count < PP_COLLECTED_MAX && (r = pp_stmt_step(s)) == 1)
		r = row_read(s, &rows[count++]);
	if (r >= 0) {
		pp_stmt_reset(s);
		r = 0;
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, &rows[i].is);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < 6; k++)
			free(rows[i].texts[k]);
	}
	free(rows);
	return r;
}

int pp_store_collected_wait(
	struct pp_db *db, int64_t notification_id, int64_t next_ms, int64_t now_ms)
{
	return pp_store_run(db,
		"UPDATE notification SET next = ?2, changed = ?3 WHERE notification_id = ?1"
		" AND state = 'collecting'",
		PP_ARGS(PP_I64(notification_id), PP_I64(next_ms), PP_I64(now_ms)));
}

int pp_store_collected_count(struct pp_db *db, const struct pp_recipient *to, int64_t now_ms,
	int64_t *ret_count, int64_t *ret_mended)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT count(*), coalesce(sum(purpose = 'mended'), 0) FROM notification"
		" WHERE state = 'collecting' AND " OF_LANE " AND coalesce(incident_id, 0) = ?5"
		" AND " DUE("?6"),
		PP_ARGS(LANE_OF(to), PP_I64(to->incident_id), PP_I64(now_ms)), &s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	*ret_count = pp_column_i64(s, 0);
	*ret_mended = pp_column_i64(s, 1);
	pp_stmt_reset(s);
	return 0;
}

int pp_store_collapse(
	struct pp_db *db, const struct pp_recipient *to, int64_t into_id, int64_t now_ms)
{
	return pp_store_run(db,
		"UPDATE notification SET state = 'collapsed', into_id = ?7, changed = ?6,"
		" detail = 'sent as a part of ' || (SELECT c.key FROM notification c"
		"  WHERE c.notification_id = ?7)"
		" WHERE state = 'collecting' AND " OF_LANE " AND coalesce(incident_id, 0) = ?5"
		" AND " DUE("?6") " AND notification_id <> ?7",
		PP_ARGS(LANE_OF(to), PP_I64(to->incident_id), PP_I64(now_ms), PP_I64(into_id)));
}

int pp_store_carry(struct pp_db *db, const struct pp_carrier *c)
{
	return pp_store_run(db,
		"UPDATE notification SET state = 'queued', created = ?2, next = ?2, changed = ?2,"
		" gathered = ?3, body = coalesce(?4, body), text = coalesce(?5, text)"
		" WHERE notification_id = ?1 AND state = 'collecting'",
		PP_ARGS(PP_I64(c->notification_id), PP_I64(c->now_ms), PP_I64(c->gathered),
			PP_TEXT(c->body), PP_TEXT(c->text)));
}

int pp_store_collected_end(
	struct pp_db *db, int64_t notification_id, const char *why, int64_t now_ms)
{
	return pp_store_run(db,
		"UPDATE notification SET state = 'withdrawn', detail = ?2, changed = ?3"
		" WHERE notification_id = ?1 AND state = 'collecting'",
		PP_ARGS(PP_I64(notification_id), PP_TEXT(why), PP_I64(now_ms)));
}
