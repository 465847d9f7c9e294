/* SPDX-License-Identifier: Apache-2.0 */
/* query_incidents.c -- incidents as people see them. */
#include "store/query.h"

#include <errno.h>

#include "protocol/words.h"
#include "read.h"

/* Of one incident; a storm has more than anybody can look at. */
#define SIGNALS_SHOWN 100       /* the first by number, and the last */
#define EVENTS_SHOWN 500        /* the same */
#define NOTIFICATIONS_SHOWN 200 /* the newest */

#define INCIDENTS                                                                                  \
	"SELECT incident_id, number, i.tenant, class, state, rev, silent, late, drill, occurred,"  \
	" opened, acknowledged, acknowledged_by, dispatched, on_scene, closed, closing_code,"      \
	" signals, restored, nullif(storm, ''),"                                                   \
	" p.post, p.name, d.name, k.name, coalesce(p.rw,"                                          \
	" nullif(i.rw, '')), latitude, longitude, contact_name, contact_phone"                     \
	" FROM incident i LEFT JOIN post p ON p.tenant = i.tenant AND p.post = i.post"             \
	" LEFT JOIN desa d ON d.tenant = i.tenant AND d.code = coalesce(p.desa, i.desa)"           \
	" LEFT JOIN kecamatan k ON k.tenant = d.tenant AND k.code = d.kecamatan "

/* The post's members are the later columns of the same row. */
static struct pp_json *post_read(const struct pp_stmt *s, bool contacts)
{
	static const char *const names[] = { [20] = "id",
		"name",
		"desa",
		"kecamatan",
		"rw",
		"latitude",
		"longitude",
		"contact_name",
		"contact_phone" };
	struct pp_json *post = pp_json_object();

	read_members(s, post,
		contacts ? "....................tttttrrtt" : "....................tttttrr", names);
	if (!contacts) {
		(void)pp_json_set_null(post, "contact_name");
		(void)pp_json_set_null(post, "contact_phone");
	}
	(void)pp_json_set_bool(post, "contact_masked",
		!contacts && !(pp_column_is_null(s, 27) && pp_column_is_null(s, 28)));
	return post;
}

static int units_read(struct pp_db *db, int64_t incident_id, struct pp_json *incident)
{
	struct pp_stmt *s;
	struct pp_json *units = pp_json_list();
	int r = pp_store_bind(db,
		"SELECT json_extract(body, '$.unit') FROM event"
		" WHERE incident_id = ?1 AND kind = 'incident.dispatched' ORDER BY event_id",
		PP_ARGS(PP_I64(incident_id)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = pp_json_add_text(units, pp_column_text(s, 0));
		if (r < 0)
			pp_stmt_reset(s);
	}
	if (r < 0) {
		pp_json_free(units);
		return r;
	}
	return pp_json_set(incident, "units", units);
}

static int incident_read(struct pp_db *db, const struct pp_stmt *s, const struct pp_scope *scope,
	struct pp_json *incident)
{
	static const char *const names[] = { "id", "number", "tenant", "class", "state", "rev",
		"silent", "late", "drill", "occurred", "opened", "acknowledged", "acknowledged_by",
		"dispatched", "on_scene", "closed", "closing_code", "signals", "restored",
		"storm" };
	int r;

	read_members(s, incident, "ittttibbbiiitiiitibt", names);
	r = pp_json_set(incident, "post", post_read(s, scope->contacts));
	if (r == 0)
		r = read_calling(db, pp_column_i64(s, 0), incident);
	if (r == 0)
		r = read_own_call(db, pp_column_i64(s, 0), scope->unit, incident);
	if (r == 0)
		r = read_gathered(db, scope, pp_column_i64(s, 0), incident);
	return r < 0 ? r : units_read(db, pp_column_i64(s, 0), incident);
}

static int incidents_read(struct pp_db *db, const struct pp_scope *scope,
	const struct pp_incident_page *page, struct pp_json *list)
{
	struct pp_stmt *s;
	int64_t before = page->before > 0 ? page->before : INT64_MAX;
	int r = pp_store_bind(db,
		INCIDENTS
		"WHERE i.tenant = ?1 AND incident_id < ?2 AND (?3 = 0 OR state <> 'closed')"
		" AND " SCOPE_INCIDENT("?5", "?6") " ORDER BY incident_id DESC LIMIT ?4",
		PP_ARGS(PP_TEXT(scope->tenant), PP_I64(before), PP_I64(page->open_only),
			PP_I64(page->limit), SCOPE_KECAMATAN(scope), SCOPE_UNIT(scope)),
		&s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *incident = pp_json_object();

		r = incident_read(db, s, scope, incident);
		if (r < 0)
			pp_json_free(incident);
		else
			r = pp_json_add(list, incident);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

int pp_query_incidents(struct pp_db *db, const struct pp_scope *scope,
	const struct pp_incident_page *page, struct pp_json **ret_json)
{
	struct pp_json *answer = pp_json_object(), *list = pp_json_list();
	int64_t event = 0;
	int r = read_begin(db);

	if (r == 0) {
		r = incidents_read(db, scope, page, list);
		if (r == 0)
			r = pp_query_last_event(db, scope->tenant, &event);
		r = read_end(db, r);
	}
	if (r < 0) {
		pp_json_free(list);
		pp_json_free(answer);
		return r;
	}
	(void)pp_json_set(answer, "incidents", list);
	(void)pp_json_set_i64(answer, "event", event);
	*ret_json = answer;
	return 0;
}

static struct pp_json *flags_list(int64_t flags)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = { { PP_FLAG_AT_START, "at-start" }, { PP_FLAG_SILENT, "silent" },
		{ PP_FLAG_DRILL, "drill" }, { PP_FLAG_VERIFIED, "verified" },
		{ PP_FLAG_FOREIGN, "unknown" } };
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (flags & words[i].flag)
			(void)pp_json_add_text(list, words[i].word);
	}
	return list;
}

static int signals_read(struct pp_db *db, int64_t incident_id, struct pp_json *list)
{
	static const char *const names[] = { "point", "label_id", "label_en", "kind", "signal",
		"occurred", "occurred_by", "late" };
	struct pp_stmt *s;
	int r = pp_store_bind(db,
		"SELECT s.point, label_id, label_en, s.kind, signal, occurred, occurred_by, late,"
		" flags FROM (SELECT * FROM (SELECT * FROM signal WHERE incident_id = ?1"
		" ORDER BY epoch, seq LIMIT ?2) UNION SELECT * FROM (SELECT * FROM signal"
		" WHERE incident_id = ?1 ORDER BY epoch DESC, seq DESC LIMIT ?2)) s"
		" LEFT JOIN point p ON p.tenant = s.tenant AND p.post = s.post"
		" AND p.point = s.point ORDER BY signal_id",
		PP_ARGS(PP_I64(incident_id), PP_I64(SIGNALS_SHOWN)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *object = pp_json_object();

		read_members(s, object, "tttttitb", names);
		(void)pp_json_set(object, "flags", flags_list(pp_column_i64(s, 8)));
		r = pp_json_add(list, object);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

/* Makes a list, lets read fill it, and hangs it into the incident. */
static int part_read(struct pp_db *db, int64_t id, struct pp_json *incident, const char *name,
	int (*read)(struct pp_db *db, int64_t id, struct pp_json *list))
{
	struct pp_json *list = pp_json_list();
	int r = read(db, id, list);

	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	return pp_json_set(incident, name, list);
}

static int timeline_fill(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *list)
{
	const struct event_rows rows = {
		.sql = EVENT_COLUMNS
		"WHERE event_id IN (SELECT event_id FROM (SELECT event_id FROM event"
		" WHERE incident_id = ?1 ORDER BY event_id LIMIT ?2) UNION"
		" SELECT event_id FROM (SELECT event_id FROM event"
		" WHERE incident_id = ?1 ORDER BY event_id DESC LIMIT ?2)) ORDER BY event_id",
		.args = PP_ARGS(PP_I64(id), PP_I64(EVENTS_SHOWN)),
		.notes = scope->notes,
		.contacts = scope->contacts,
	};

	return read_events(db, &rows, list);
}

static int timeline_read(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *incident)
{
	struct pp_json *list = pp_json_list();
	int r = timeline_fill(db, scope, id, list);

	if (r < 0) {
		pp_json_free(list);
		return r;
	}
	return pp_json_set(incident, "timeline", list);
}

static int notifications_read(struct pp_db *db, int64_t id, struct pp_json *list)
{
	static const char *const names[] = { "id", "channel", "target", "state", "attempts",
		"changed", "detail", "contact", "purpose", "call", "into", "gathered" };

	return read_rows(db,
		"SELECT notification_id, channel, target, state, attempts, changed, detail,"
		" contact, purpose, nullif(call_id, 0), nullif(into_id, 0), gathered"
		" FROM (SELECT * FROM notification"
		" WHERE incident_id = ?1 ORDER BY notification_id DESC LIMIT ?2)"
		" ORDER BY notification_id",
		PP_ARGS(PP_I64(id), PP_I64(NOTIFICATIONS_SHOWN)), "itttiitttiii", names, list);
}

static int incident_whole(struct pp_db *db, const struct pp_scope *scope, const char *number,
	struct pp_json *incident)
{
	struct pp_stmt *s;
	int64_t id;
	int r = pp_store_first(db,
		INCIDENTS "WHERE i.tenant = ?1 AND number = ?2 AND " SCOPE_INCIDENT("?3", "?4"),
		PP_ARGS(PP_TEXT(scope->tenant), PP_TEXT(number), SCOPE_KECAMATAN(scope),
			SCOPE_UNIT(scope)),
		&s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	id = pp_column_i64(s, 0);
	r = incident_read(db, s, scope, incident);
	pp_stmt_reset(s);
	if (r == 0)
		r = timeline_read(db, scope, id, incident);
	if (r == 0)
		r = part_read(db, id, incident, "calls", read_calls);
	if (r == 0)
		r = part_read(db, id, incident, "ladder", read_ladder);
	if (r == 0)
		r = part_read(db, id, incident, "notifications", notifications_read);
	if (r == 0)
		r = part_read(db, id, incident, "points", signals_read);
	return r;
}

int pp_query_incident(struct pp_db *db, const struct pp_scope *scope, const char *number,
	struct pp_json **ret_json)
{
	struct pp_json *incident = pp_json_object();
	int r = read_begin(db);

	if (r == 0)
		r = read_end(db, incident_whole(db, scope, number, incident));
	if (r < 0) {
		pp_json_free(incident);
		return r;
	}
	*ret_json = incident;
	return 0;
}

int pp_query_sees_incident(struct pp_db *db, const struct pp_scope *scope, const char *number)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM incident i WHERE i.tenant = ?1 AND number = ?2"
		" AND " SCOPE_INCIDENT(
			"?3", "?4"),
		PP_ARGS(PP_TEXT(scope->tenant), PP_TEXT(number), SCOPE_KECAMATAN(scope),
			SCOPE_UNIT(scope)),
		&found);

	return r < 0 ? r : found > 0;
}

int pp_query_claimer(struct pp_db *db, const char *tenant, const char *number, char ret_actor[80])
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT acknowledged_by FROM incident WHERE tenant = ?1 AND number = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(number)), &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_copy(s, 0, ret_actor, 80);
	pp_stmt_reset(s);
	return r;
}

int pp_query_unit_is_sent(struct pp_db *db, const struct pp_scope *scope, const char *number)
{
	int64_t found;
	int r = pp_store_number(db,
		"SELECT count(*) FROM incident i WHERE i.tenant = ?1 AND number = ?2"
		" AND i.state <> 'closed'"
		" AND (EXISTS (SELECT 1 FROM call c WHERE c.incident_id = i.incident_id"
		" AND c.agency = ?3 AND c.state IN ('notified', 'accepted', 'en-route',"
		" 'on-scene', 'done')) OR (NOT EXISTS (SELECT 1 FROM call c WHERE"
		" c.incident_id = i.incident_id AND c.agency = ?3)"
		" AND EXISTS (SELECT 1 FROM event e WHERE e.incident_id = i.incident_id"
		" AND e.kind = 'incident.dispatched' AND json_extract(e.body, '$.unit') = ?3)))",
		PP_ARGS(PP_TEXT(scope->tenant), PP_TEXT(number), SCOPE_UNIT(scope)), &found);

	return r < 0 ? r : found > 0;
}
