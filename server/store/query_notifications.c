/* SPDX-License-Identifier: Apache-2.0 */
/* query_notifications.c -- the notifications that wait for being sent. */
#include "store/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/args.h"

static int texts_read(const struct pp_stmt *s, int column, struct pp_notification_row *n)
{
	char **const texts[] = { &n->body, &n->text, &n->template, &n->success };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = pp_column_text(s, column + (int)i);

		*texts[i] = strdup(text ? text : "");
		if (!*texts[i])
			return -ENOMEM;
	}
	return 0;
}

static int notification_read(const struct pp_stmt *s, struct pp_notification_row *ret)
{
	struct pp_notification_row n = { .notification_id = pp_column_i64(s, 0),
		.attempts = pp_column_i64(s, 1),
		.next_ms = pp_column_i64(s, 2),
		.created_ms = pp_column_i64(s, 3),
		.call_id = pp_column_i64(s, 4) };
	const struct {
		char *text;
		size_t size;
	} texts[] = {
		{ n.tenant, sizeof(n.tenant) },
		{ n.target, sizeof(n.target) },
		{ n.key, sizeof(n.key) },
		{ n.contact, sizeof(n.contact) },
		{ n.purpose, sizeof(n.purpose) },
		{ n.address, sizeof(n.address) },
		{ n.url, sizeof(n.url) },
		{ n.secret, sizeof(n.secret) },
		{ n.type, sizeof(n.type) },
		{ n.authorization, sizeof(n.authorization) },
		{ n.via, sizeof(n.via) },
	};
	int column = 5, r;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (pp_store_copy(s, column++, texts[i].text, texts[i].size) < 0)
			return -EIO;
	}
	r = texts_read(s, column, &n);
	n.has_next = pp_column_i64(s, column + 4) != 0;
	if (r < 0) {
		pp_notification_row_done(&n);
		return r;
	}
	*ret = n;
	return 0;
}

/* The clock may have been set back since a row was written: an alarm does not wait until it is
 * there again. */
#define DUE "(m.next <= ?1 OR m.changed > ?1)"

int pp_query_notifications(struct pp_db *db, const char *channel, int64_t now_ms, size_t size,
	struct pp_notification_row *ret_rows, size_t *ret_count)
{
	struct pp_stmt *s;
	size_t count = 0;
	int r = pp_store_bind(db,
		"WITH RECURSIVE lanes(lane) AS (SELECT min(lane) FROM notification"
		"  WHERE state = 'queued' AND channel = ?2"
		" UNION ALL SELECT (SELECT min(n.lane) FROM notification n"
		"   WHERE n.state = 'queued' AND n.channel = ?2 AND n.lane > lanes.lane)"
		"  FROM lanes WHERE lanes.lane IS NOT NULL)"
		" SELECT notification_id, attempts, next, created, call_id, n.tenant, target, key,"
		" contact, purpose, address, url, secret, type, authorization, via, body,"
		" text,"
		" template, success, contact <> '' AND EXISTS (SELECT 1 FROM notification h"
		"  WHERE h.state = 'held' AND h.event_id = n.event_id AND h.contact = n.contact"
		"  AND h.call_id = n.call_id AND h.way > n.way)"
		" FROM lanes JOIN notification n ON notification_id IN"
		"  (SELECT m.notification_id FROM notification m WHERE m.state = 'queued'"
		"   AND m.channel = ?2 AND m.lane = lanes.lane AND " DUE
		"   ORDER BY m.next, m.notification_id LIMIT 4)"
		" LEFT JOIN webhook w ON n.channel = 'webhook' AND w.tenant = n.tenant"
		"  AND w.name = n.target AND w.active"
		" ORDER BY next, notification_id LIMIT ?3",
		PP_ARGS(PP_I64(now_ms), PP_TEXT(channel), PP_I64((int64_t)size)), &s);

	while (r == 0 && count < size && (r = pp_stmt_step(s)) == 1) {
		r = notification_read(s, &ret_rows[count]);
		count += r == 0;
	}
	if (r < 0) {
		for (size_t i = 0; i < count; i++)
			pp_notification_row_done(&ret_rows[i]);
		return r;
	}
	pp_stmt_reset(s);
	*ret_count = count;
	return 0;
}

int pp_query_next_notification(struct pp_db *db, int64_t after_ms, int64_t *ret_next_ms)
{
	return pp_store_number(db,
		"SELECT coalesce(min(next), 9223372036854775807) FROM notification"
		" WHERE state = 'queued' AND next > ?1",
		PP_ARGS(PP_I64(after_ms)), ret_next_ms);
}

int pp_query_notification_of(struct pp_db *db, const char *channel, const char *reference,
	char ret_tenant[24], int64_t *ret_notification_id)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT tenant, notification_id FROM notification WHERE channel = ?1"
		" AND reference = ?2 AND reference <> '' ORDER BY notification_id DESC LIMIT 1",
		PP_ARGS(PP_TEXT(channel), PP_TEXT(reference)), &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_copy(s, 0, ret_tenant, 24);
	if (r == 0)
		*ret_notification_id = pp_column_i64(s, 1);
	pp_stmt_reset(s);
	return r;
}

void pp_notification_row_done(struct pp_notification_row *row)
{
	free(row->body);
	free(row->text);
	free(row->template);
	free(row->success);
	row->body = row->text = row->template = row->success = NULL;
}
