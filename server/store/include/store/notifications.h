/* SPDX-License-Identifier: Apache-2.0 */
/* store/notifications.h -- who is told what over which channel, and what became of it. For the
 * ledger's transaction. */
#ifndef STORE_NOTIFICATIONS_H
#define STORE_NOTIFICATIONS_H

#include "store/args.h"

/* The webhooks that are told of a tenant's incidents. fn returns 0 to go on; it may use db. */
typedef int pp_store_webhook_fn(void *user, const char *name);
int pp_store_each_webhook(
	struct pp_db *db, const char *tenant, pp_store_webhook_fn *fn, void *user);

/* Texts are borrowed. */
struct pp_notification_new {
	const char *tenant;
	const char *target; /* as people see it: the webhook's name, or the contact's */
	const char *key;    /* of idempotency, 1..71 bytes; the same try, the same key */
	const char *body;   /* JSON: what a webhook without template is sent */
	int64_t incident_id, event_id, now_ms; /* incident_id 0: none */
	const char *channel; /* "webhook", "mail", "sms", "siren"; NULL: webhook */
	const char *contact; /* NULL or "": none, a webhook of the site file */
	const char *address; /* of the channel: mailbox, number, tenant/post; webhook: NULL */
	const char *text;    /* as a person reads it; see texts/texts.h */
	/* "alarm", "again", "stop", "closed", "trouble", "mended", "test", "receipt"; NULL:
	 * alarm */
	const char *purpose;
	int64_t call_id;     /* 0: none */
	/* The contact's ways in the order of trying: 0 is queued at once; 1, 2, ... are held until
	 * the one before, of the same event, contact and call, has failed for good. */
	int64_t way;
	int64_t not_before_ms; /* 0: now */
	bool collecting;       /* way 0: it waits to be one with others, see store/collecting.h */
	const char *about;     /* which trouble, see there; NULL: none */
	const char *via; /* which way of the channel is tried first; NULL: any. See channel.h */
};
/* A key that is there already is left alone. */
int pp_store_notification_add(struct pp_db *db, const struct pp_notification_new *row);

/* What a try has come to. 1: written; 0: no such notification of this tenant. One that was
 * withdrawn is not queued again, and what was delivered is not merely sent. */
struct pp_notification_try {
	int64_t notification_id, now_ms;
	int64_t wait_ms; /* until the next try, from now on */
	const char *tenant, *state, *detail;
	const char *reference; /* the provider's word for it; NULL or "": it gave none */
};
int pp_store_notification_tried(struct pp_db *db, const struct pp_notification_try *row);
/* The order that sounds its station, by which an answer finds it. */
int pp_store_notification_order(
	struct pp_db *db, int64_t notification_id, const char *tenant, uint64_t order);
/* 1: the siren's notification that has given this order (16 hex digits); 0: none has. */
int pp_store_notification_ordered(
	struct pp_db *db, const char *tenant, const char *order, int64_t *ret_notification_id);
/* Says more of one without changing its state. */
int pp_store_notification_detail(
	struct pp_db *db, int64_t notification_id, const char *detail, int64_t now_ms);
/* Of one that has failed: the contact's next way is queued. 1: its channel is told; 0: there is
 * none, or another of the ways is under way. */
int pp_store_notification_next_way(
	struct pp_db *db, int64_t notification_id, int64_t now_ms, char ret_channel[24]);
/* Those that are queued for a webhook that is gone fail; where it was a contact's way the next one
 * is queued. */
int pp_store_notifications_fail(
	struct pp_db *db, const char *tenant, const char *target, int64_t now_ms);
/* The contact was erased: what waits is withdrawn, and addresses and texts of all are gone. */
int pp_store_notifications_forget(
	struct pp_db *db, const char *tenant, const char *contact, int64_t now_ms);
/* Nobody need be told any more: what is queued or held of an incident's purposes alarm, again and
 * closed is withdrawn; call_id not 0: of this call alone. Webhooks of the site file are told all
 * the same. */
struct pp_withdrawal {
	int64_t incident_id, call_id, now_ms;
	const char *detail; /* "taken by user:budi" */
};
int pp_store_notifications_withdraw(struct pp_db *db, const struct pp_withdrawal *w);
/* Text messages with the receipt of one signal: their keys are one beginning and a number. */
struct pp_text_receipts_of {
	const char *key; /* that beginning */
	const char *tenant, *post;
	int64_t since_ms, now_ms; /* of_post: made after since, and not later than now */
};
struct pp_text_receipts {
	int64_t count, newest_ms; /* of the signal; newest_ms 0: there is none */
	bool queued;              /* one of them was not sent yet */
	int64_t of_post;          /* of all signals of the post */
};
int pp_store_text_receipts(
	struct pp_db *db, const struct pp_text_receipts_of *of, struct pp_text_receipts *ret);
/* Those of a signal that are queued need not be sent any more. */
int pp_store_text_receipts_withdraw(
	struct pp_db *db, const char *key, int64_t now_ms, const char *detail);

/* Who has been told of an incident, or may have been, is called no more by any call of it or of
 * what it was made a part of, does not come, and has not been told so: each contact's channel and
 * address once, but for those who were erased. fn returns 0 to go on; it may use db. */
struct pp_told {
	char contact[64], channel[24], target[64], address[320];
	int64_t call_id; /* the newest */
};
typedef int pp_store_told_fn(void *user, const struct pp_told *told);
int pp_store_each_told(struct pp_db *db, int64_t incident_id, pp_store_told_fn *fn, void *user);
/* Who was told of an incident, comes, has not arrived by any call, and has not been told that it is
 * closed. */
int pp_store_each_coming(struct pp_db *db, int64_t incident_id, pp_store_told_fn *fn, void *user);
/* Those who have a word of that event that others have it (over: that it is closed) have it of all
 * that they were told of the incident by then, wherever that goes; of what joins it later they have
 * not. */
int pp_store_word_said(struct pp_db *db, int64_t incident_id, int64_t event_id, bool over);
/* The webhooks that steps of an incident have called, or further signals have told: what waits for
 * them is withdrawn; then fn is told each that was told, or may have been, since it last heard
 * "stop". over: it is closed, and its first word does not go out any more either. */
int pp_store_webhooks_end(struct pp_db *db, const struct pp_withdrawal *w, bool over,
	pp_store_webhook_fn *fn, void *user);

/* What a sentence says of a tenant. 1, 0. */
struct pp_tenant_about {
	char name[128], zone[48];
};
int pp_store_tenant_about(struct pp_db *db, const char *tenant, struct pp_tenant_about *ret);

struct pp_notification_about {
	int64_t incident_id, attempts, call_id; /* incident_id 0: none */
	char channel[24], target[64], key[72], contact[64], purpose[16], state[16], number[32];
	bool withdrawn; /* the caller's: it was withdrawn while its first try was under way */
};
int pp_store_notification_about(
	struct pp_db *db, int64_t notification_id, struct pp_notification_about *ret); /* 1, 0 */

/* Sirens of near posts (call_id 0) of an incident, or (less than 0) stations too: withdraws those
 * that wait, and tells each post whose siren has been ordered since it was last told to stop, and
 * (call_id 0) does not sound for another open one as well. fn may use db. */
typedef int pp_store_near_fn(void *user, const char *post, const char *address);
int pp_store_sirens_end(
	struct pp_db *db, const struct pp_withdrawal *w, pp_store_near_fn *fn, void *user);

#endif
