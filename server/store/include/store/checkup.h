/* SPDX-License-Identifier: Apache-2.0 */
/* store/checkup.h -- the record as those see it who look whether all is well: figures for
 * /metrics, lists for `pospinctl doctor` and the support bundle. Read-only handles, as query.h. */
#ifndef STORE_CHECKUP_H
#define STORE_CHECKUP_H

#include "db/db.h"
#include "json/json.h"

#include <stdint.h>

struct pp_figures {
	int64_t posts_heard, posts_silent, posts_never, posts_inactive; /* each post is in one */
	int64_t silent_since_ms; /* UTC: last word of the post that is silent longest; 0: none is */
	int64_t troubles;
	int64_t incidents_open, incidents_unacknowledged;
	int64_t unacknowledged_since_ms; /* UTC: when the oldest of those was opened; 0: none */
	int64_t notifications_queued, notifications_retried; /* tried in vain, among the queued */
	int64_t events;
};
/* Costs some milliseconds with thousands of posts: it counts by indexes and the table of states. */
int pp_query_figures(struct pp_db *db, struct pp_figures *ret_figures);

/* Lists of at most `limit` objects; `arg` as said. */
enum pp_checkup_list {
	/* {tenant, post, since}: active posts that are silent, longest first; since null: never
	 * heard. */
	PP_LIST_SILENT,
	/* {tenant, post, point, last}: points of active posts without an alarm or a test after arg
	 * (UTC ms), never tested ones first (last null). */
	PP_LIST_UNTESTED,
	/* {tenant, name, waiting, failed, since, detail}: webhooks with notifications that were
	 * tried in vain, or given up after arg (UTC ms). */
	PP_LIST_WEBHOOKS,
	PP_LIST_VERSIONS, /* {version, posts, example}: of the agents, by their last state */
	/* {tenant, post, until}: active posts whose newest certificate ends before arg (UTC ms). */
	PP_LIST_CERTIFICATES,
	/* {tenant, height, served}: the newest event of each tenant, and the newest that was not
	 * made by pospinctl (0: none): only a running server signs heads. */
	PP_LIST_HEADS,
	/* {text}: what must not leave the machine: contacts, users, personal words, addresses and
	 * secrets of webhooks; newest first. */
	PP_LIST_CONFIDENTIAL,
	PP_LIST_TABLES, /* {name, rows, sql} */
};
int pp_query_checkup(struct pp_db *db, enum pp_checkup_list list, int64_t arg, int64_t limit,
	struct pp_json **ret_list);
/* The hash (hex) of the tenant's event of that height. -ENOENT. */
int pp_query_event_hash(struct pp_db *db, const char *tenant, int64_t height, char ret_hash[65]);
/* SQLite's quick_check; ret_why: "ok", or what is damaged. Takes as long as reading the file. */
int pp_query_quick_check(struct pp_db *db, char ret_why[200]);
int pp_query_journal_mode(struct pp_db *db, char ret_mode[16]);
int pp_query_schema_version(struct pp_db *db, int64_t *ret_version);

#endif
