/* SPDX-License-Identifier: Apache-2.0 */
/* read.h -- what the queries share: a consistent read, and rows as JSON. Private to the room. */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "json/json.h"
#include "store/args.h"

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
/* Event rows of `sql`, whose columns are EVENT_COLUMNS, with personal texts back in their bodies.
 */
#define EVENT_COLUMNS                                                                              \
	"SELECT event_id, height, at, kind, actor, e.tenant, number, e.post, point, body"          \
	" FROM event e LEFT JOIN incident i ON i.incident_id = e.incident_id "
int read_events(struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_json *list);

/* Of post p: had keys, and none of them is valid any more: it is not believed, whatever the site
 * file says. */
#define POST_REVOKED                                                                               \
	"(EXISTS (SELECT 1 FROM post_key k WHERE k.tenant = p.tenant AND k.post = p.post)"         \
	" AND NOT EXISTS (SELECT 1 FROM post_key k WHERE k.tenant = p.tenant"                      \
	" AND k.post = p.post AND k.revoked IS NULL))"

#endif
