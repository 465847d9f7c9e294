/* SPDX-License-Identifier: Apache-2.0 */
/* read.h -- what the queries share: a consistent read, and rows as JSON. Private to the room. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "json/json.h"
#include "store/args.h"
#include "store/scope.h"

/* Everything between begin and end sees the same record. end keeps r, unless ending fails. */
int read_begin(struct pp_db *db);
int read_end(struct pp_db *db, int r);

/* A column as the member of an object: the type by its letter: t text, i integer, r real, b
 * boolean, '.' skip; NULL becomes null. names and letters go together, in the order of the columns.
 */
void read_members(const struct pp_stmt *s, struct pp_json *object, const char *letters,
	const char *const *names);
/* Runs a statement whose rows all become objects of list. */
int read_rows(struct pp_db *db, const char *sql, const struct pp_arg *args, const char *letters,
	const char *const *names, struct pp_json *list);
/* Event rows of `sql`, whose columns are EVENT_COLUMNS, with personal texts back in their bodies as
 * far as they may be seen: who called is a contact, all else a note. */
#define EVENT_COLUMNS                                                                              \
	"SELECT event_id, height, at, kind, actor, e.tenant, number, e.post, point, body"          \
	" FROM event e LEFT JOIN incident i ON i.incident_id = e.incident_id "
struct event_rows {
	const char *sql;
	const struct pp_arg *args;
	bool notes, contacts;
};
int read_events(struct pp_db *db, const struct event_rows *rows, struct pp_json *list);

/* Hangs posts, links to what the scope holds, trust and marks into the object of an incident. */
int read_gathered(
	struct pp_db *db, const struct pp_scope *scope, int64_t id, struct pp_json *incident);

/* Conditions of a scope. k, u: the parameters that hold its kecamatan and unit ("" for all). A post
 * by its tenant and id; an incident i, which is in the region of each of its posts; an event e
 * beside its incident i. */
#define SCOPE_KECAMATAN(scope) PP_TEXT((scope)->kecamatan ? (scope)->kecamatan : "")
#define SCOPE_UNIT(scope) PP_TEXT((scope)->unit ? (scope)->unit : "")
#define SCOPE_POST(k, tenant_column, post_column)                                                  \
	"(" k " = '' OR EXISTS (SELECT 1 FROM post sp JOIN desa sd ON sd.tenant = sp.tenant"       \
	" AND sd.code = sp.desa WHERE sp.tenant = " tenant_column " AND sp.post = " post_column    \
	" AND instr(" k ", ',' || sd.kecamatan || ',') > 0))"
#define SCOPE_PLACES(k)                                                                            \
	"(" SCOPE_POST(k, "i.tenant", "i.post") " OR EXISTS (SELECT 1 FROM desa sd WHERE"          \
	" sd.tenant = i.tenant AND (sd.code = i.desa OR sd.code IN (SELECT sp.desa FROM"           \
	" incident_post si JOIN post sp ON sp.tenant = si.tenant AND sp.post = si.post"            \
	" WHERE si.incident_id = i.incident_id)) AND instr(" k ", ',' || sd.kecamatan || ',') > 0))"
#define SCOPE_INCIDENT(k, u)                                                                       \
	"(" SCOPE_PLACES(k) " AND (" u " = '' OR EXISTS (SELECT 1 FROM event"  \
	" se WHERE se.incident_id = i.incident_id AND se.kind = 'incident.dispatched'"             \
	" AND json_extract(se.body, '$.unit') = " u ") OR EXISTS (SELECT 1 FROM call sc"           \
	" WHERE sc.incident_id = i.incident_id AND sc.agency = " u ")))"
#define SCOPE_EVENT(k, u)                                                                          \
	"((" k " = '' AND " u " = '') OR CASE WHEN e.incident_id IS NOT NULL THEN "                \
	SCOPE_INCIDENT(k, u) " ELSE e.post IS NOT NULL AND " u " = '' AND "                        \
	SCOPE_POST(k, "e.tenant", "e.post") " END)"

/* Of post p: had keys, and none of them is valid any more: it is not believed, whatever the site
 * file says. */
#define POST_REVOKED                                                                               \
	"(EXISTS (SELECT 1 FROM post_key k WHERE k.tenant = p.tenant AND k.post = p.post)"         \
	" AND NOT EXISTS (SELECT 1 FROM post_key k WHERE k.tenant = p.tenant"                      \
	" AND k.post = p.post AND k.revoked IS NULL))"

/* query_calls.c: the calls of an incident into a list, and its ladder's rings; what is next, and to
 * whom it is offered, into the incident. */
int read_calls(struct pp_db *db, int64_t incident_id, struct pp_json *list);
int read_ladder(struct pp_db *db, int64_t incident_id, struct pp_json *list);
int read_calling(struct pp_db *db, int64_t incident_id, struct pp_json *incident);
/* ... and the newest call of the asker's unit; NULL or "": of none. */
int read_own_call(
	struct pp_db *db, int64_t incident_id, const char *unit, struct pp_json *incident);

#endif
