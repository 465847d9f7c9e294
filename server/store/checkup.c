/* SPDX-License-Identifier: Apache-2.0 */
/* checkup.c -- figures and lists of the whole record. */
#include "store/checkup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "read.h"

#define ACTIVE "p.active AND NOT " POST_REVOKED

static const char posts_sql[] =
	"SELECT count(*) FILTER (WHERE ok AND supervised),"
	" count(*) FILTER (WHERE ok AND NOT supervised),"
	" count(*) FILTER (WHERE ok AND supervised IS NULL),"
	" count(*) FILTER (WHERE NOT ok),"
	" coalesce(min(arrived) FILTER (WHERE ok AND NOT supervised), 0)"
	" FROM (SELECT " ACTIVE " AS ok, s.supervised, s.arrived FROM post p"
	" LEFT JOIN post_state s ON s.tenant = p.tenant AND s.post = p.post)";

static int posts_count(struct pp_db *db, struct pp_figures *f)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, posts_sql, PP_NO_ARGS, &s);

	if (r <= 0)
		return r;
	f->posts_heard = pp_column_i64(s, 0);
	f->posts_silent = pp_column_i64(s, 1);
	f->posts_never = pp_column_i64(s, 2);
	f->posts_inactive = pp_column_i64(s, 3);
	f->silent_since_ms = pp_column_i64(s, 4);
	pp_stmt_reset(s);
	return 0;
}

static int figures_read(struct pp_db *db, struct pp_figures *f)
{
	const struct {
		int64_t *to;
		const char *sql;
	} rows[] = {
		{ &f->troubles, "SELECT count(*) FROM trouble" },
		{ &f->incidents_open, "SELECT count(*) FROM incident WHERE state <> 'closed'" },
		{ &f->incidents_unacknowledged,
			"SELECT count(*) FROM incident WHERE state <> 'closed'"
			" AND acknowledged IS NULL" },
		{ &f->unacknowledged_since_ms,
			"SELECT coalesce(min(opened), 0) FROM incident WHERE state <> 'closed'"
			" AND acknowledged IS NULL" },
		{ &f->notifications_queued,
			"SELECT count(*) FROM notification WHERE state = 'queued'" },
		{ &f->notifications_retried,
			"SELECT count(*) FROM notification WHERE state = 'queued'"
			" AND attempts > 0" },
		{ &f->events, "SELECT coalesce(max(event_id), 0) FROM event" },
	};
	int r = posts_count(db, f);

	for (size_t i = 0; r == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		r = pp_store_number(db, rows[i].sql, PP_NO_ARGS, rows[i].to);
	return r;
}

int pp_query_figures(struct pp_db *db, struct pp_figures *ret_figures)
{
	struct pp_figures f = { 0 };
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, figures_read(db, &f));
	if (r == 0)
		*ret_figures = f;
	return r;
}

/* ---- lists: ?1 is arg, ?2 the limit ---- */

static const struct {
	const char *sql, *letters;
	const char *names[7];
} lists[] = {
	[PP_LIST_SILENT] = { "SELECT p.tenant, p.post, s.arrived FROM post p"
			     " LEFT JOIN post_state s ON s.tenant = p.tenant AND s.post = p.post"
			     " WHERE " ACTIVE " AND coalesce(s.supervised, 0) = 0 AND ?1 = ?1"
			     " ORDER BY s.arrived, p.tenant, p.post LIMIT ?2",
		"tti", { "tenant", "post", "since" } },
	[PP_LIST_UNTESTED] = { "SELECT tenant, post, point, last FROM"
			       " (SELECT p.tenant, p.post, t.point, (SELECT max(arrived)"
			       "  FROM signal s WHERE s.tenant = t.tenant AND s.post = t.post"
			       "  AND s.point = t.point AND s.signal IN ('alarm', 'test')) AS last"
			       "  FROM post p JOIN point t ON t.tenant = p.tenant"
			       "  AND t.post = p.post WHERE " ACTIVE ")"
			       " WHERE last IS NULL OR last < ?1"
			       " ORDER BY last, tenant, post, point LIMIT ?2",
		"ttti", { "tenant", "post", "point", "last" } },
	[PP_LIST_WEBHOOKS] = { "SELECT tenant, target, count(*) FILTER (WHERE state = 'queued'),"
			       " count(*) FILTER (WHERE state = 'failed'), min(created),"
			       " max(detail) FROM notification WHERE notification_id >"
			       " (SELECT coalesce(max(notification_id), 0) - 20000"
			       "  FROM notification)"
			       " AND ((state = 'queued' AND attempts > 0)"
			       "  OR (state = 'failed' AND changed > ?1))"
			       " GROUP BY tenant, target ORDER BY tenant, target LIMIT ?2",
		"ttiiit", { "tenant", "name", "waiting", "failed", "since", "detail" } },
	[PP_LIST_VERSIONS] = { "SELECT s.version, count(*), min(p.tenant || '/' || p.post)"
			       " FROM post p JOIN post_state s ON s.tenant = p.tenant"
			       " AND s.post = p.post WHERE " ACTIVE " AND ?1 = ?1"
			       " GROUP BY s.version ORDER BY 2 DESC, 1 LIMIT ?2",
		"tit", { "version", "posts", "example" } },
	[PP_LIST_CERTIFICATES] = { "SELECT p.tenant, p.post, max(c.until) FROM post p"
				   " JOIN post_certificate c ON c.tenant = p.tenant"
				   " AND c.post = p.post WHERE " ACTIVE
				   " GROUP BY p.tenant, p.post HAVING max(c.until) < ?1"
				   " ORDER BY 3, 1, 2 LIMIT ?2",
		"tti", { "tenant", "post", "until" } },
	[PP_LIST_HEADS] = { "SELECT e.tenant, e.height, coalesce((SELECT s.height FROM event s"
			    " WHERE s.tenant = e.tenant AND s.actor NOT LIKE 'ctl:%'"
			    " ORDER BY s.height DESC LIMIT 1), 0) FROM event e JOIN"
			    " (SELECT tenant, max(height) AS height FROM event GROUP BY tenant) h"
			    " ON h.tenant = e.tenant AND h.height = e.height AND ?1 = ?1"
			    " ORDER BY e.tenant LIMIT ?2",
		"tii", { "tenant", "height", "served" } },
	[PP_LIST_CONFIDENTIAL] = { "SELECT text FROM (SELECT url AS text, 0 AS age FROM webhook"
				   " UNION SELECT secret, 0 FROM webhook"
				   " UNION SELECT name, 1 FROM user UNION SELECT display, 1"
				   " FROM user UNION SELECT password, 1 FROM user"
				   " UNION SELECT contact_name, 2 FROM post"
				   " UNION SELECT contact_phone, 2 FROM post"
				   " UNION SELECT authorization, 0 FROM webhook"
				   " UNION SELECT address, 2 FROM notification"
				   "  WHERE address <> ''"
				   " UNION SELECT name, 2 FROM contact"
				   " UNION SELECT address, 2 FROM contact_way"
				   " UNION SELECT value, 3 + (SELECT max(event_id) FROM personal)"
				   "  - event_id FROM personal)"
				   " WHERE text IS NOT NULL AND length(text) > 2 AND ?1 = ?1"
				   " ORDER BY age LIMIT ?2",
		"t", { "text" } },
};

static int tables_read(struct pp_db *db, int64_t limit, struct pp_json *list)
{
	static const char *const names[] = { "name", "sql" };
	struct pp_json *tables = pp_json_list();
	int r = read_rows(db,
		"SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
		" AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT ?1",
		PP_ARGS(PP_I64(limit)), "tt", names, tables);

	for (size_t i = 0; r == 0 && i < pp_json_count(tables); i++) {
		struct pp_json *table = pp_json_copy(pp_json_item(tables, i));
		const char *name = NULL;
		char sql[160];
		int64_t rows = 0;

		/* Names of our own schema; a strange one is not counted. */
		if (pp_json_get_text(table, "name", 80, &name) == 0 &&
			strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name)) {
			snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"", name);
			r = pp_store_number(db, sql, PP_NO_ARGS, &rows);
		}
		(void)pp_json_set_i64(table, "rows", rows);
		if (pp_json_add(list, table) < 0)
			r = -ENOMEM;
	}
	pp_json_free(tables);
	return r;
}

int pp_query_checkup(struct pp_db *db, enum pp_checkup_list list, int64_t arg, int64_t limit,
	struct pp_json **ret_list)
{
	struct pp_json *rows = pp_json_list();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, list == PP_LIST_TABLES
					 ? tables_read(db, limit, rows)
					 : read_rows(db, lists[list].sql,
						   PP_ARGS(PP_I64(arg), PP_I64(limit)),
						   lists[list].letters, lists[list].names, rows));
	if (r < 0)
		pp_json_free(rows);
	else
		*ret_list = rows;
	return r;
}

static int text_of(
	struct pp_db *db, const char *sql, const struct pp_arg *args, char *ret_text, size_t size)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	snprintf(ret_text, size, "%s", pp_column_text(s, 0) ? pp_column_text(s, 0) : "");
	pp_stmt_reset(s);
	return 0;
}

int pp_query_event_hash(struct pp_db *db, const char *tenant, int64_t height, char ret_hash[65])
{
	return text_of(db, "SELECT lower(hex(hash)) FROM event WHERE tenant = ?1 AND height = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_I64(height)), ret_hash, 65);
}

int pp_query_quick_check(struct pp_db *db, char ret_why[200])
{
	return text_of(db, "PRAGMA quick_check(1)", PP_NO_ARGS, ret_why, 200);
}

int pp_query_journal_mode(struct pp_db *db, char ret_mode[16])
{
	return text_of(db, "PRAGMA journal_mode", PP_NO_ARGS, ret_mode, 16);
}

int pp_query_schema_version(struct pp_db *db, int64_t *ret_version)
{
	return pp_store_number(db, "PRAGMA user_version", PP_NO_ARGS, ret_version);
}
