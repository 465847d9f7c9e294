/* SPDX-License-Identifier: Apache-2.0 */
/* store/collecting.h -- troubles whose time to be told has come, and notifications that wait until
 * one carries them all. For the ledger's transaction. */
#ifndef STORE_COLLECTING_H
#define STORE_COLLECTING_H

#include "store/args.h"
#include "store/timeline.h"

#include <stdbool.h>

/* ---- troubles ---- */

#define PP_TROUBLE_TOLD 0          /* a trouble's due: people have been told */
#define PP_TROUBLE_NEVER INT64_MAX /* the same: nobody is */
#define PP_ABOUT_SIZE 160          /* "post/point/kind@raised", of one trouble */

struct pp_trouble_state {
	char tenant[24], post[64], point[64], kind[PP_TROUBLE_SIZE], detail[200];
	int64_t since_ms, raised_ms, due_ms;
};
/* One that has just been raised. */
int pp_store_trouble_date(
	struct pp_db *db, const struct pp_trouble_row *row, int64_t raised_ms, int64_t due_ms);
/* 1, 0: it does not stand. */
int pp_store_trouble_state(
	struct pp_db *db, const struct pp_trouble_row *row, struct pp_trouble_state *ret);
/* The first whose time has come, also where the clock was set back since. 1, 0. */
int pp_store_trouble_due(struct pp_db *db, int64_t now_ms, struct pp_trouble_state *ret);
int pp_store_trouble_told(struct pp_db *db, const struct pp_trouble_state *t);
/* The kind behind `kind` among a tenant's troubles that nobody was told of. 1, 0. */
int pp_store_trouble_kind(
	struct pp_db *db, const char *tenant, const char *kind, char ret_kind[PP_TROUBLE_SIZE]);
/* Those of that kind are due so long after they were raised; negative: never. */
int pp_store_troubles_redate(
	struct pp_db *db, const char *tenant, const char *kind, int64_t after_ms);
void pp_trouble_about(const struct pp_trouble_state *t, char ret_about[PP_ABOUT_SIZE]);

/* Who was told of it, or is to be: each contact's first way, newest first. fn returns 0 to go on;
 * it may use db. */
struct pp_trouble_heard {
	int64_t notification_id;
	char contact[64];
	bool collecting; /* it has not been sent yet */
};
typedef int pp_store_heard_fn(void *user, const struct pp_trouble_heard *heard);
int pp_store_each_heard(
	struct pp_db *db, const char *tenant, const char *about, pp_store_heard_fn *fn, void *user);

/* ---- notifications that wait ---- */

/* One recipient on one channel; incident_id 0: what belongs to none. */
struct pp_recipient {
	char tenant[24], channel[24], target[64], address[320];
	int64_t incident_id;
};
/* When the nth message, counted backwards from now, was let go to the recipient within window_ms.
 * troubles: of these, or of all else. 1; 0: there were not so many. */
struct pp_pace_query {
	const struct pp_recipient *to;
	bool troubles;
	int64_t nth, window_ms, now_ms;
};
int pp_store_pace(struct pp_db *db, const struct pp_pace_query *query, int64_t *ret_ms);
/* 1: somebody of the recipient's lane waits already. */
int pp_store_is_collecting(struct pp_db *db, const struct pp_recipient *to);
/* 1: the recipient has been told of the incident, or will be without waiting. */
int pp_store_is_told(struct pp_db *db, const struct pp_recipient *to);
/* The recipient of the first whose time has come. 1, 0. */
int pp_store_collected_due(struct pp_db *db, int64_t now_ms, struct pp_recipient *ret);
/* What waits for the recipient and whose time has come, newest first. fn returns 0 to go on; it may
 * use db. */
struct pp_collected {
	int64_t notification_id, event_id;
	const char *contact, *key, *purpose, *body, *text, *about;
};
#define PP_COLLECTED_MAX 64 /* newest that are read */
typedef int pp_store_collected_fn(void *user, const struct pp_collected *row);
int pp_store_each_collected(struct pp_db *db, const struct pp_recipient *to, int64_t now_ms,
	pp_store_collected_fn *fn, void *user);
/* It waits until then. */
int pp_store_collected_wait(
	struct pp_db *db, int64_t notification_id, int64_t next_ms, int64_t now_ms);
/* How many wait for the recipient whose time has come, and how many of them tell that something was
 * mended. */
int pp_store_collected_count(struct pp_db *db, const struct pp_recipient *to, int64_t now_ms,
	int64_t *ret_count, int64_t *ret_mended);
/* All of them but the carrier are sent as a part of it. */
int pp_store_collapse(
	struct pp_db *db, const struct pp_recipient *to, int64_t into_id, int64_t now_ms);
/* It goes now, with that many others in it. NULL: body or text stays. */
struct pp_carrier {
	int64_t notification_id, gathered, now_ms;
	const char *body, *text;
};
int pp_store_carry(struct pp_db *db, const struct pp_carrier *carrier);
/* It need not be sent any more. */
int pp_store_collected_end(
	struct pp_db *db, int64_t notification_id, const char *why, int64_t now_ms);

#endif
