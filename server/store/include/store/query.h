/* SPDX-License-Identifier: Apache-2.0 */
/* store/query.h -- reading the record for people and programs. Each call is one consistent read;
 * answers are JSON as the HTTP API gives them (docs/openapi.json), so that shapes exist once.
 * Read-only handles, any number beside the writer. Callers free what they get. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "db/db.h"
#include "json/json.h"
#include "store/scope.h"

#include <stdbool.h>
#include <stdint.h>

/* Newest first, without closed ones if open_only; before: row id to go on from, 0: the newest.
 * {"incidents":[...],"event":id of the tenant's newest event}: follow the events from there. */
struct pp_incident_page {
	bool open_only;
	int64_t before, limit; /* limit 1..200 */
};
int pp_query_incidents(struct pp_db *db, const struct pp_scope *scope,
	const struct pp_incident_page *page, struct pp_json **ret_json);
/* With timeline, notifications and points. -ENOENT. */
int pp_query_incident(struct pp_db *db, const struct pp_scope *scope, const char *number,
	struct pp_json **ret_json);
/* Whether an incident, or a post, is there and within the scope: 1, 0. */
int pp_query_sees_incident(struct pp_db *db, const struct pp_scope *scope, const char *number);
int pp_query_sees_desa(struct pp_db *db, const struct pp_scope *scope, const char *desa);
int pp_query_sees_post(struct pp_db *db, const struct pp_scope *scope, const char *post);
/* Whether the scope's unit is one of those who are to come, are there or were: 1, 0. Who has
 * refused, or is needed no longer, is not. */
int pp_query_unit_is_sent(struct pp_db *db, const struct pp_scope *scope, const char *number);
/* Who has it: "user:budi"; "": nobody yet. -ENOENT. */
int pp_query_claimer(struct pp_db *db, const char *tenant, const char *number, char ret_actor[80]);
/* {"posts":[...]} with points, state, troubles, open incidents. */
int pp_query_posts(struct pp_db *db, const struct pp_scope *scope, struct pp_json **ret_json);
int pp_query_troubles(struct pp_db *db, const struct pp_scope *scope,
	struct pp_json **ret_json);                                /* {"troubles":[]} */
int pp_query_tenants(struct pp_db *db, struct pp_json **ret_json); /* a list */
/* A list of the events after `after`, oldest first, at most limit: {"id","height","at","kind",
 * "actor","tenant","incident","post","point","body"}; a body whose personal text is masked says
 * "masked":true. */
int pp_query_events(struct pp_db *db, const struct pp_scope *scope, int64_t after, int64_t limit,
	struct pp_json **ret_json);
/* The tenant's chain after that height, as it was hashed (see ledger/chain.h): no personal texts in
 * clear. {"tenant","events":[{"height","at","kind","actor","incident","post","point","body" (as
 * text),"previous","hash"}],"head":{"height","hash"}}. */
int pp_query_chain(struct pp_db *db, const char *tenant, int64_t after, int64_t limit,
	struct pp_json **ret_json);
int pp_query_last_event(struct pp_db *db, const char *tenant, int64_t *ret_event); /* 0: none */

#define PP_KECAMATAN_SIZE 400 /* ",33.24.07,33.24.08," */
struct pp_user_row {
	int64_t user_id;
	char tenant[24], name[48], display[96], role[96], password[128];
	char kecamatan[PP_KECAMATAN_SIZE], unit[80]; /* see store/scope.h */
	bool factor, factor_begun; /* has a second factor, and its key; one is being set */
	uint8_t factor_key[20], factor_next[20];
	int64_t factor_step;           /* the last code that counted */
	int64_t ends_ms, confirmed_ms; /* pp_query_session: of the session */
};
/* Active ones. -ENOENT. */
int pp_query_user(
	struct pp_db *db, const char *tenant, const char *name, struct pp_user_row *ret_user);
int pp_query_session(struct pp_db *db, const uint8_t digest[32], int64_t now_ms,
	struct pp_user_row *ret_user); /* -ENOENT */
/* Whom an invitation is for that is not over. -ENOENT. */
int pp_query_invited(
	struct pp_db *db, const uint8_t key[32], int64_t now_ms, struct pp_user_row *ret_user);
/* {"users":[...]}, also those that are disabled. */
int pp_query_users(struct pp_db *db, const char *tenant, struct pp_json **ret_json);
/* {"people":[{"name","display","roles"}]}: whom an incident can be handed to. */
int pp_query_desk(struct pp_db *db, const char *tenant, struct pp_json **ret_json);
/* The key by which this record's server knows browsers. */
int pp_query_device_key(struct pp_db *db, uint8_t ret_key[32]);
/* How the responsible person of a post is reached: {"post","name","phone"}. -ENOENT. */
int pp_query_contact(
	struct pp_db *db, const char *tenant, const char *post, struct pp_json **ret_json);
int pp_query_user_count(
	struct pp_db *db, const char *tenant, int64_t *ret_count); /* NULL: of all */

struct pp_notification_row {
	int64_t notification_id, attempts, next_ms, created_ms, call_id;
	char tenant[24], target[64], url[512], secret[128], key[72];
	bool has_next; /* the contact has another way, which waits for this one to fail */
	char contact[64], purpose[16], address[320], type[48], authorization[256];
	char via[16]; /* which way of the channel is tried first; "": any */
	/* Owned; freed by pp_notification_row_done. */
	char *body; /* JSON */
	char *text, *template, *success;
};
/* Queued ones of a channel that are due, at most 4 of each recipient, so that a dead one does not
 * hide the others. Costs by the recipients that wait, not by the length of their queues. */
int pp_query_notifications(struct pp_db *db, const char *channel, int64_t now_ms, size_t size,
	struct pp_notification_row *ret_rows, size_t *ret_count);
/* When the first of those is due that are not due at after_ms; INT64_MAX: none. */
int pp_query_next_notification(struct pp_db *db, int64_t after_ms, int64_t *ret_next_ms);
/* The newest of a channel that the provider calls so. -ENOENT. */
int pp_query_notification_of(struct pp_db *db, const char *channel, const char *reference,
	char ret_tenant[24], int64_t *ret_notification_id);
void pp_notification_row_done(struct pp_notification_row *row);

#endif
