/* SPDX-License-Identifier: Apache-2.0 */
/* store/query.h -- reading the record for people and programs. Each call is one consistent read; answers are JSON as the
 * HTTP API gives them (docs/openapi.json), so that shapes exist once. Read-only handles, any number beside the writer. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "db/db.h"
#include "json/json.h"

#include <stdint.h>

/* All incidents, newest first; open_only: without closed ones; before: row id to go on from, 0: the newest; limit 1..200. */
int pp_query_incidents(struct pp_db *db, const char *tenant, bool open_only, int64_t before, int64_t limit,
	struct pp_json **ret_json);
int pp_query_incident(struct pp_db *db, const char *tenant, const char *number, struct pp_json **ret_json); /* with timeline and notifications; -ENOENT */
int pp_query_posts(struct pp_db *db, const char *tenant, struct pp_json **ret_json);    /* with points, state, troubles, open incidents */
int pp_query_troubles(struct pp_db *db, const char *tenant, struct pp_json **ret_json);
/* Events after `after`, oldest first, at most limit: {"id","height","at","kind","actor","incident","post","point","body"}. tenant NULL: all. */
int pp_query_events(struct pp_db *db, const char *tenant, int64_t after, int64_t limit, struct pp_json **ret_json);
int pp_query_last_event(struct pp_db *db, const char *tenant, int64_t *ret_event);

struct pp_user_row {
	int64_t user_id;
	char tenant[24], name[48], display[96], role[16], password[128];
};
int pp_query_user(struct pp_db *db, const char *tenant, const char *name, struct pp_user_row *ret_user); /* active ones; -ENOENT */
int pp_query_session(struct pp_db *db, const uint8_t digest[32], int64_t now_ms, struct pp_user_row *ret_user); /* -ENOENT */
int pp_query_user_count(struct pp_db *db, const char *tenant, int64_t *ret_count);

struct pp_notification_row {
	int64_t notification_id, attempts, next_ms;
	char tenant[24], target[64], url[512], secret[128], key[72];
	char *body; /* JSON; freed by pp_notification_row_done */
};
/* Queued ones that are due. */
int pp_query_notifications(struct pp_db *db, int64_t now_ms, size_t size, struct pp_notification_row *ret_rows, size_t *ret_count);
int pp_query_next_notification(struct pp_db *db, int64_t *ret_next_ms); /* INT64_MAX: none */
void pp_notification_row_done(struct pp_notification_row *row);

#endif
