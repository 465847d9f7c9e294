/* SPDX-License-Identifier: Apache-2.0 */
/* query_people.c -- users, sessions, and the notifications that wait for being sent. */
#include "store/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/args.h"

#define USERS "SELECT user_id, user.tenant, name, display, role, password FROM user "

static int user_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_user_row *ret_user)
{
	struct pp_user_row u;
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	u.user_id = pp_column_i64(s, 0);
	if (pp_store_copy(s, 1, u.tenant, sizeof(u.tenant)) < 0 ||
		pp_store_copy(s, 2, u.name, sizeof(u.name)) < 0 ||
		pp_store_copy(s, 3, u.display, sizeof(u.display)) < 0 ||
		pp_store_copy(s, 4, u.role, sizeof(u.role)) < 0 ||
		pp_store_copy(s, 5, u.password, sizeof(u.password)) < 0)
		r = -EIO;
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	*ret_user = u;
	return 0;
}

int pp_query_user(
	struct pp_db *db, const char *tenant, const char *name, struct pp_user_row *ret_user)
{
	return user_first(db, USERS "WHERE tenant = ?1 AND name = ?2 AND active",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(name)), ret_user);
}

int pp_query_session(
	struct pp_db *db, const uint8_t digest[32], int64_t now_ms, struct pp_user_row *ret_user)
{
	return user_first(db,
		USERS "JOIN session USING (user_id) WHERE token = ?1 AND expires > ?2 AND active",
		PP_ARGS(PP_BLOB(digest, 32), PP_I64(now_ms)), ret_user);
}

int pp_query_user_count(struct pp_db *db, const char *tenant, int64_t *ret_count)
{
	return pp_store_number(db, "SELECT count(*) FROM user WHERE ?1 IS NULL OR tenant = ?1",
		PP_ARGS(PP_TEXT(tenant)), ret_count);
}

static int notification_read(const struct pp_stmt *s, struct pp_notification_row *ret)
{
	struct pp_notification_row n = { .notification_id = pp_column_i64(s, 0),
		.attempts = pp_column_i64(s, 1),
		.next_ms = pp_column_i64(s, 2),
		.created_ms = pp_column_i64(s, 3) };

	if (pp_store_copy(s, 4, n.tenant, sizeof(n.tenant)) < 0 ||
		pp_store_copy(s, 5, n.target, sizeof(n.target)) < 0 ||
		pp_store_copy(s, 6, n.url, sizeof(n.url)) < 0 ||
		pp_store_copy(s, 7, n.secret, sizeof(n.secret)) < 0 ||
		pp_store_copy(s, 8, n.key, sizeof(n.key)) < 0)
		return -EIO;
	n.body = strdup(pp_column_text(s, 9));
	if (!n.body)
		return -ENOMEM;
	*ret = n;
	return 0;
}

int pp_query_notifications(struct pp_db *db, int64_t now_ms, size_t size,
	struct pp_notification_row *ret_rows, size_t *ret_count)
{
	struct pp_stmt *s;
	size_t count = 0;
	int r = pp_store_bind(db,
		"SELECT notification_id, attempts, next, created, n.tenant, target, url,"
		" secret, key,"
		" body FROM (SELECT *, row_number() OVER"
		"  (PARTITION BY tenant, target ORDER BY next, notification_id) AS place"
		"  FROM notification WHERE state = 'queued' AND (next <= ?1"
		/* The clock has been set back since: an alarm does not wait until it is there
		   again. */
		"  OR changed > ?1)) n"
		" JOIN webhook w ON w.tenant = n.tenant AND w.name = n.target"
		" WHERE place <= 4 ORDER BY next, notification_id LIMIT ?2",
		PP_ARGS(PP_I64(now_ms), PP_I64((int64_t)size)), &s);

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

void pp_notification_row_done(struct pp_notification_row *row)
{
	free(row->body);
	row->body = NULL;
}
