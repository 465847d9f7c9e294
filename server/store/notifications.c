/* SPDX-License-Identifier: Apache-2.0 */
/* notifications.c -- who is told what over which channel, in SQL. */
#include "store/notifications.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEBHOOKS_MAX 64
#define TOLD_MAX 512

int pp_store_each_webhook(struct pp_db *db, const char *tenant, pp_store_webhook_fn *fn, void *user)
{
	struct pp_stmt *s;
	char names[WEBHOOKS_MAX][128];
	size_t count = 0;
	int r = pp_store_bind(db,
		"SELECT name FROM webhook WHERE tenant = ?1 AND active ORDER BY name",
		PP_ARGS(PP_TEXT(tenant)), &s);

	while (r == 0 && count < WEBHOOKS_MAX && (r = pp_stmt_step(s)) == 1)
		r = pp_store_copy(s, 0, names[count++], sizeof(names[0]));
	if (r < 0)
		return r;
	pp_stmt_reset(s);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, names[i]);
	return r;
}

static const char *word(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

int pp_store_notification_add(struct pp_db *db, const struct pp_notification_new *row)
{
	int64_t next = row->not_before_ms > row->now_ms ? row->not_before_ms : row->now_ms;

	return pp_store_run(db,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target,"
		" key, body, state, attempts, created, next, changed, detail, contact, address,"
		" text, purpose, call_id, way, about, via)"
		" VALUES (?1, nullif(?2, 0), ?3, ?8, ?4, ?5, ?6,"
		" CASE WHEN ?14 > 0 THEN 'held' WHEN ?16 THEN 'collecting' ELSE 'queued' END, 0,"
		" ?7, ?15, ?7, '', ?9, ?10, ?11, ?12, ?13, ?14, ?17, ?18)"
		" ON CONFLICT (key) DO NOTHING",
		PP_ARGS(PP_TEXT(row->tenant), PP_I64(row->incident_id), PP_I64(row->event_id),
			PP_TEXT(row->target), PP_TEXT(row->key), PP_TEXT(row->body),
			PP_I64(row->now_ms), PP_TEXT(word(row->channel, "webhook")),
			PP_TEXT(word(row->contact, "")), PP_TEXT(word(row->address, "")),
			PP_TEXT(word(row->text, "")), PP_TEXT(word(row->purpose, "alarm")),
			PP_I64(row->call_id), PP_I64(row->way), PP_I64(next),
			PP_I64(row->collecting), PP_TEXT(word(row->about, "")),
			PP_TEXT(word(row->via, ""))));
}

int pp_store_notification_tried(struct pp_db *db, const struct pp_notification_try *row)
{
	return pp_store_change(db,
		"UPDATE notification SET state = CASE"
		"  WHEN state = 'delivered' AND ?3 IN ('queued', 'sent') THEN state"
		"  WHEN state = 'withdrawn' AND ?3 IN ('queued', 'failed') THEN state"
		"  WHEN state = 'failed' AND channel = 'siren' THEN state"
		"  ELSE ?3 END,"
		" attempts = attempts + (?3 <> 'delivered'), next = ?4, changed = ?5, detail = ?6,"
		" reference = iif(?7 = '', reference, ?7)"
		" WHERE notification_id = ?1 AND tenant = ?2",
		PP_ARGS(PP_I64(row->notification_id), PP_TEXT(row->tenant), PP_TEXT(row->state),
			PP_I64(row->now_ms + row->wait_ms), PP_I64(row->now_ms),
			PP_TEXT(row->detail),
			PP_TEXT(word(row->reference, ""))));
}

int pp_store_notification_order(
	struct pp_db *db, int64_t notification_id, const char *tenant, uint64_t order)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)order);
	return pp_store_run(db,
		"UPDATE notification SET reference = ?3 WHERE notification_id = ?1 AND tenant = ?2"
		" AND channel = 'siren'",
		PP_ARGS(PP_I64(notification_id), PP_TEXT(tenant), PP_TEXT(hex)));
}

int pp_store_notification_ordered(
	struct pp_db *db, const char *tenant, const char *order, int64_t *ret_notification_id)
{
	int r = pp_store_number(db,
		"SELECT notification_id FROM notification WHERE channel = 'siren'"
		" AND reference = ?2 AND tenant = ?1 LIMIT 1",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(order)), ret_notification_id);

	return r < 0 ? (r == -ENOENT ? 0 : r) : 1;
}

int pp_store_notification_detail(
	struct pp_db *db, int64_t notification_id, const char *detail, int64_t now_ms)
{
	return pp_store_run(db,
		"UPDATE notification SET detail = ?2, changed = ?3 WHERE notification_id = ?1",
		PP_ARGS(PP_I64(notification_id), PP_TEXT(detail), PP_I64(now_ms)));
}

#define SAME_CONTACT                                                                               \
	" n.event_id = f.event_id AND n.contact = f.contact AND n.call_id = f.call_id"             \
	" AND n.tenant = f.tenant"

int pp_store_notification_next_way(
	struct pp_db *db, int64_t notification_id, int64_t now_ms, char ret_channel[24])
{
	struct pp_stmt *s;
	int64_t id;
	int r = pp_store_first(db,
		"SELECT n.notification_id, n.channel FROM notification f JOIN notification n ON"
		" n.state = 'held' AND" SAME_CONTACT " AND n.way > f.way"
		" WHERE f.notification_id = ?1 AND f.state = 'failed' AND f.contact <> ''"
		" ORDER BY n.way LIMIT 1",
		PP_ARGS(PP_I64(notification_id)), &s);

	if (r <= 0)
		return r;
	id = pp_column_i64(s, 0);
	r = pp_store_copy(s, 1, ret_channel, 24);
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	return pp_store_change(db,
		"UPDATE notification SET state = 'queued', created = ?2, next = ?2, changed = ?2"
		" WHERE notification_id = ?1",
		PP_ARGS(PP_I64(id), PP_I64(now_ms)));
}

#define GONE                                                                                       \
	"UPDATE notification SET state = 'failed', changed = ?3, detail = 'the webhook is gone'"

/* Ways of contacts: of each the next one is tried. */
static int ways_fail(struct pp_db *db, const char *tenant, const char *target, int64_t now_ms)
{
	char channel[24];
	int64_t id;
	int r;

	do {
		r = pp_store_number(db,
			"SELECT coalesce(min(notification_id), 0) FROM notification"
			" WHERE tenant = ?1 AND target = ?2 AND state IN ('queued', 'collecting')"
			" AND channel = 'webhook'",
			PP_ARGS(PP_TEXT(tenant), PP_TEXT(target)), &id);
		if (r < 0 || id == 0)
			return r;
		r = pp_store_run(db, GONE " WHERE notification_id = ?1 AND tenant = ?2",
			PP_ARGS(PP_I64(id), PP_TEXT(tenant), PP_I64(now_ms)));
		if (r == 0)
			r = pp_store_notification_next_way(db, id, now_ms, channel);
	} while (r >= 0);
	return r;
}

int pp_store_notifications_fail(
	struct pp_db *db, const char *tenant, const char *target, int64_t now_ms)
{
	int r = pp_store_run(db,
		GONE " WHERE tenant = ?1 AND target = ?2 AND state IN ('queued', 'collecting')"
		     " AND channel = 'webhook' AND contact = ''",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(target), PP_I64(now_ms)));

	return r < 0 ? r : ways_fail(db, tenant, target, now_ms);
}

#define WAITS "state IN ('queued', 'held', 'collecting')"

int pp_store_notifications_forget(
	struct pp_db *db, const char *tenant, const char *contact, int64_t now_ms)
{
	return pp_store_run(db,
		"UPDATE notification SET address = '', text = '',"
		" detail = iif(" WAITS ", 'the contact is not in the plan any more',"
		" detail),"
		" changed = iif(" WAITS ", ?3, changed), state = iif(" WAITS ", 'withdrawn', state)"
		" WHERE tenant = ?1 AND contact = ?2 AND channel <> 'siren'",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(contact), PP_I64(now_ms)));
}

int pp_store_notifications_withdraw(struct pp_db *db, const struct pp_withdrawal *w)
{
	return pp_store_run(db,
		"UPDATE notification SET state = 'withdrawn', changed = ?3, detail = ?4"
		" WHERE incident_id = ?1 AND (?2 = 0 OR call_id = ?2) AND contact <> ''"
		" AND state IN ('queued', 'held', 'collecting') AND purpose IN ('alarm', 'again',"
		" 'closed')",
		PP_ARGS(PP_I64(w->incident_id), PP_I64(w->call_id), PP_I64(w->now_ms),
			PP_TEXT(w->detail)));
}

int pp_store_text_receipts(
	struct pp_db *db, const struct pp_text_receipts_of *of, struct pp_text_receipts *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT count(*), coalesce(max(created), 0), coalesce(max(state = 'queued'), 0),"
		" (SELECT count(*) FROM notification WHERE purpose = 'receipt' AND tenant = ?2"
		"  AND target = ?3 AND created > ?4 AND created <= ?5)"
		" FROM notification WHERE key > ?1 AND key < ?1 || ':'",
		PP_ARGS(PP_TEXT(of->key), PP_TEXT(of->tenant), PP_TEXT(of->post),
			PP_I64(of->since_ms), PP_I64(of->now_ms)),
		&s);

	if (r <= 0)
		return r < 0 ? r : -EIO;
	ret->count = pp_column_i64(s, 0);
	ret->newest_ms = pp_column_i64(s, 1);
	ret->queued = pp_column_i64(s, 2) != 0;
	ret->of_post = pp_column_i64(s, 3);
	pp_stmt_reset(s);
	return 0;
}

int pp_store_text_receipts_withdraw(
	struct pp_db *db, const char *key, int64_t now_ms, const char *detail)
{
	return pp_store_run(db,
		"UPDATE notification SET state = 'withdrawn', changed = ?2, detail = ?3"
		" WHERE key > ?1 AND key < ?1 || ':' AND state = 'queued'",
		PP_ARGS(PP_TEXT(key), PP_I64(now_ms), PP_TEXT(detail)));
}

static int told_read(const struct pp_stmt *s, struct pp_told *ret)
{
	int r = pp_store_copy(s, 0, ret->contact, sizeof(ret->contact));

	if (r == 0)
		r = pp_store_copy(s, 1, ret->channel, sizeof(ret->channel));
	if (r == 0)
		r = pp_store_copy(s, 2, ret->target, sizeof(ret->target));
	if (r == 0)
		r = pp_store_copy(s, 3, ret->address, sizeof(ret->address));
	ret->call_id = pp_column_i64(s, 4);
	return r;
}

static int told_each(
	struct pp_db *db, const char *sql, int64_t incident_id, pp_store_told_fn *fn, void *user)
{
	struct pp_told *all = calloc(TOLD_MAX, sizeof(*all));
	struct pp_stmt *s;
	size_t count = 0;
	int r;

	if (!all)
		return -ENOMEM;
	r = pp_store_bind(db, sql, PP_ARGS(PP_I64(incident_id), PP_I64(TOLD_MAX)), &s);
	while (r == 0 && count < TOLD_MAX && (r = pp_stmt_step(s)) == 1)
		r = told_read(s, &all[count++]);
	if (r >= 0) {
		pp_stmt_reset(s);
		r = 0;
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, &all[i]);
	free(all);
	return r;
}

/* One that was tried in vain may have arrived all the same: its answer was lost. word: the one that
 * it is over for whoever was called, which he has not had of that message. */
#define TOLD(word, such)                                                                           \
	"SELECT n.contact, n.channel, n.target, n.address, max(n.call_id) FROM notification n"     \
	" JOIN call c ON c.call_id = n.call_id"                                                    \
	" WHERE n.incident_id = ?1 AND n.contact <> '' AND n.channel <> 'siren' AND n.text <> ''"  \
	" AND n.purpose IN ('alarm', 'again') AND (n.state IN ('sent', 'delivered')"               \
	" OR (n.attempts > 0 AND n.state IN ('queued', 'withdrawn')))"                             \
	" AND n.word < " word such " GROUP BY 1, 2, 3, 4"
/* Whose calls of the incident, or of what it was made a part of, are such. */
#define NOT_CALLED(such)                                                                           \
	" AND n.contact NOT IN (SELECT m.contact FROM notification m"                              \
	" JOIN call d ON d.call_id = m.call_id WHERE m.incident_id IN (?1,"                        \
	" (SELECT merged_into FROM incident WHERE incident_id = ?1)) AND " such ")"
#define IN_ORDER " ORDER BY 1, 2, 4 LIMIT ?2"

int pp_store_each_told(struct pp_db *db, int64_t incident_id, pp_store_told_fn *fn, void *user)
{
	/* Whoever is called by another call, also where its message has not gone out yet, is not
	 * to stay. */
	return told_each(db,
		TOLD("1",
			NOT_CALLED("(d.state IN ('notified', 'accepted', 'en-route', 'on-scene')"
				   " OR (d.state = 'expired' AND m.state = 'queued'"
				   " AND m.purpose IN ('alarm', 'again')))"))
		" HAVING max(c.state = 'stopped')" IN_ORDER,
		incident_id, fn, user);
}

int pp_store_each_coming(struct pp_db *db, int64_t incident_id, pp_store_told_fn *fn, void *user)
{
	return told_each(db,
		TOLD("2", NOT_CALLED("d.state IN ('on-scene', 'done')"))
		" HAVING max(c.state IN ('accepted', 'en-route'))" IN_ORDER,
		incident_id, fn, user);
}

int pp_store_word_said(struct pp_db *db, int64_t incident_id, int64_t event_id, bool over)
{
	return pp_store_run(db,
		"UPDATE notification SET word = ?3 WHERE incident_id = ?1 AND word < ?3"
		" AND purpose IN ('alarm', 'again') AND (contact, channel, target, address) IN"
		" (SELECT contact, channel, target, address FROM notification"
		" WHERE incident_id = ?1 AND event_id = ?2 AND purpose = iif(?3 = 2, 'closed',"
		" 'stop'))",
		PP_ARGS(PP_I64(incident_id), PP_I64(event_id), PP_I64(over ? 2 : 1)));
}

int pp_store_tenant_about(struct pp_db *db, const char *tenant, struct pp_tenant_about *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db, "SELECT name, timezone FROM tenant WHERE tenant = ?1",
		PP_ARGS(PP_TEXT(tenant)), &s);

	if (r <= 0)
		return r;
	(void)pp_store_copy(s, 0, ret->name, sizeof(ret->name));
	(void)pp_store_copy(s, 1, ret->zone, sizeof(ret->zone));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_notification_about(
	struct pp_db *db, int64_t notification_id, struct pp_notification_about *ret)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT incident_id, attempts, call_id, channel, target, key, contact, purpose,"
		" n.state, number FROM notification n"
		" LEFT JOIN incident USING (incident_id) WHERE notification_id = ?1",
		PP_ARGS(PP_I64(notification_id)), &s);

	if (r <= 0)
		return r;
	ret->incident_id = pp_column_i64(s, 0);
	ret->attempts = pp_column_i64(s, 1);
	ret->call_id = pp_column_i64(s, 2);
	(void)pp_store_copy(s, 3, ret->channel, sizeof(ret->channel));
	(void)pp_store_copy(s, 4, ret->target, sizeof(ret->target));
	(void)pp_store_copy(s, 5, ret->key, sizeof(ret->key));
	(void)pp_store_copy(s, 6, ret->contact, sizeof(ret->contact));
	(void)pp_store_copy(s, 7, ret->purpose, sizeof(ret->purpose));
	(void)pp_store_copy(s, 8, ret->state, sizeof(ret->state));
	(void)pp_store_copy(s, 9, ret->number, sizeof(ret->number));
	pp_stmt_reset(s);
	return 1;
}

int pp_store_webhooks_end(struct pp_db *db, const struct pp_withdrawal *w, bool over,
	pp_store_webhook_fn *fn, void *user)
{
	char names[WEBHOOKS_MAX][128];
	struct pp_stmt *s;
	size_t count = 0;
	int r = pp_store_bind(db,
		"SELECT target FROM notification WHERE incident_id = ?1 AND channel = 'webhook'"
		" AND contact = '' AND (purpose = 'stop' OR (purpose = 'again' AND"
		" state IN ('sent', 'delivered')) OR ((purpose = 'again' OR (?3 AND"
		" purpose = 'alarm')) AND attempts > 0 AND state = 'queued'))"
		" GROUP BY target HAVING max(iif(purpose = 'stop', notification_id, 0)) <"
		" max(iif(purpose = 'stop', 0, notification_id)) LIMIT ?2",
		PP_ARGS(PP_I64(w->incident_id), PP_I64(WEBHOOKS_MAX), PP_I64(over)), &s);

	while (r == 0 && count < WEBHOOKS_MAX && (r = pp_stmt_step(s)) == 1)
		r = pp_store_copy(s, 0, names[count++], sizeof(names[0]));
	if (r < 0)
		return r;
	pp_stmt_reset(s);
	r = pp_store_run(db,
		"UPDATE notification SET state = 'withdrawn', changed = ?2, detail = ?3"
		" WHERE incident_id = ?1 AND channel = 'webhook' AND contact = ''"
		" AND (purpose = 'again' OR (?4 AND purpose = 'alarm'))"
		" AND state IN ('queued', 'collecting')",
		PP_ARGS(PP_I64(w->incident_id), PP_I64(w->now_ms), PP_TEXT(w->detail),
			PP_I64(over)));
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, names[i]);
	return r;
}

#define NEAR_SIRENS_MAX 32
#define SIREN_MS 180000 /* to be ordered, to hear it, and to sound: a minute each at most */
/* One that has been tried may have been ordered, and one that has an order has. */
#define SOUNDS(row)                                                                                \
	" " row ".purpose = 'alarm' AND (" row ".state IN ('sent', 'delivered') OR ((" row         \
	".attempts > 0 OR " row ".reference <> '') AND " row ".state = 'queued'))"                 \
	" AND NOT EXISTS (SELECT 1 FROM notification c WHERE c.incident_id = " row ".incident_id"  \
	" AND c.target = " row ".target AND c.channel = 'siren' AND c.purpose = 'stop'"            \
	" AND c.notification_id > " row ".notification_id)"

int pp_store_sirens_end(
	struct pp_db *db, const struct pp_withdrawal *w, pp_store_near_fn *fn, void *user)
{
	struct pp_told all[NEAR_SIRENS_MAX];
	struct pp_stmt *s;
	size_t count = 0;
	int r = pp_store_bind(db,
		"SELECT contact, channel, target, address, 0 FROM notification a"
		" WHERE incident_id = ?1 AND channel = 'siren' AND (call_id = 0 OR ?3 < 0)"
		" AND" SOUNDS("a") " AND (?3 < 0 OR NOT EXISTS (SELECT 1 FROM notification b"
		" JOIN incident i ON i.incident_id = b.incident_id AND i.state = 'open'"
		" WHERE b.channel = 'siren' AND b.lane = a.lane AND b.created > 0"
		" AND b.created > ?4 AND b.incident_id <> ?1 AND" SOUNDS("b") "))"
		" GROUP BY target LIMIT ?2",
		PP_ARGS(PP_I64(w->incident_id), PP_I64(NEAR_SIRENS_MAX), PP_I64(w->call_id),
			PP_I64(w->now_ms - SIREN_MS)), &s);

	while (r == 0 && count < NEAR_SIRENS_MAX && (r = pp_stmt_step(s)) == 1)
		r = told_read(s, &all[count++]);
	if (r >= 0) {
		pp_stmt_reset(s);
		r = pp_store_run(db,
			"UPDATE notification SET state = 'withdrawn', changed = ?2, detail = ?3"
			" WHERE incident_id = ?1 AND channel = 'siren' AND (call_id = 0 OR ?4 < 0)"
			" AND purpose = 'alarm' AND state = 'queued'",
			PP_ARGS(PP_I64(w->incident_id), PP_I64(w->now_ms), PP_TEXT(w->detail),
				PP_I64(w->call_id)));
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fn(user, all[i].target, all[i].address);
	return r;
}
