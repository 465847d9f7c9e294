/* SPDX-License-Identifier: Apache-2.0 */
/* book.h -- the ledger's inside: what applying an item uses. Private to the room; everything runs
 * inside a transaction. */
#ifndef LEDGER_BOOK_H
#define LEDGER_BOOK_H

#include "core/lines.h"
#include "json/json.h"
#include "dispatch/ladder.h"
#include "ledger/ledger.h"
#include "store/calls.h"
#include "plans/shelf.h"
#include "store/incidents.h"
#include "store/notifications.h"
#include "store/timeline.h"

#define PP_TOUCHED_MAX 64 /* tenants in one transaction; more are signed at their next event */
/* Steps in one transaction: of so many ladders that are due, and of a full batch of alarms that
 * open incidents. */
#define PP_LADDERS_AT_ONCE 64
#define PP_FIRED_MAX ((PP_LADDERS_AT_ONCE + 512) * (PP_RING_COUNT + 1))

/* A step that was fired, and what its deadline was counted from. */
struct pp_fired {
	int64_t incident_id;
	enum pp_ring ring;
	int64_t from_ms, due_ms;
};

struct pp_ledger {
	struct pp_db *db;
	struct pp_lines *heads; /* NULL: none are written */
	const struct pp_key *key;
	int64_t now_ms;           /* of the batch */
	int64_t boot, uptime_ms;  /* what ladders are timed by */
	uint64_t unsure_until_us; /* CLOCK_MONOTONIC: the clock has just stepped */
	int64_t lost;             /* events that the record had and has no more */
	int64_t registry_rev;     /* see pp_ledger_expect */
	struct pp_plan_shelf *shelf; /* the tenants' plans */
	size_t touched_count;
	char touched[PP_TOUCHED_MAX][PP_TENANT_MAX + 1]; /* chains that have grown, not
							    signed yet */
	size_t fired_count;
	struct pp_fired fired[PP_FIRED_MAX]; /* by the last batch */
};

/* One event to be written on a tenant's timeline. */
struct pp_event {
	const char *tenant, *kind, *actor;
	const struct pp_incident *incident; /* NULL: none */
	const char *post, *point;           /* NULL: none */
	struct pp_json *body;               /* taken; NULL: {} */
	const char
		*personal_field; /* NULL: none; a member of the body, stored as a salted hash ... */
	const char *personal;    /* ... of this text, which is kept apart */
};
struct pp_written {
	int64_t event_id;
	uint8_t hash[PP_SHA256_SIZE];
};
/* Appends to the chain. ret_written may be NULL. */
int pp_timeline_write(
	struct pp_ledger *l, const struct pp_event *event, struct pp_written *ret_written);
/* Raises or ends a trouble, with its event if that changes anything. by: "post:kendal/boja-01" or
 * "server". */
struct pp_trouble {
	const char *tenant, *post, *point, *kind, *detail, *by;
	int64_t since_ms;
};
int pp_trouble_raise(struct pp_ledger *l, const struct pp_trouble *t);
int pp_trouble_end(struct pp_ledger *l, const struct pp_trouble *t);
/* Ends all of a point that are in the set; t->kind is not read. */
int pp_troubles_end(struct pp_ledger *l, const struct pp_trouble *t, enum pp_trouble_set set);

/* troubles.c. A trouble that has just been raised; storm: among too many of its post. */
struct pp_trouble_row;
int pp_trouble_begin(struct pp_ledger *l, const struct pp_trouble_row *row, bool storm);
/* It is about to end: whoever was told of it is told so, whoever is to be need not be. */
int pp_trouble_mend(struct pp_ledger *l, const struct pp_trouble_row *row);
int pp_troubles_redate(struct pp_ledger *l, const char *tenant); /* its plan is another */
/* Queues what is due. 1: there is more. */
int pp_troubles_tell(struct pp_ledger *l, struct pp_item *item);

/* collecting.c. Whether a notification of an incident to a webhook of the site file waits: where
 * there were too many, what is further word of one that the webhook knows of. kind: of its body. */
int pp_collect_further(struct pp_ledger *l, const char *kind, struct pp_notification_new *row);
/* Lets go what need not wait any longer. */
int pp_collected_release(struct pp_ledger *l, struct pp_item *item);

/* Counts a signal against storms of its incident (NULL: of what its post sends that belongs to
 * none). 1: it is told by itself; 0: it is told as part of a count, in time. */
struct pp_counted {
	const char *tenant, *post;
	struct pp_incident *incident; /* says afterwards whether it is a storm */
	int64_t signal_id;            /* 0: none */
	const char *point;            /* of the registry, to be told at least once; NULL: none */
};
int pp_storm_count(struct pp_ledger *l, const struct pp_counted *c);

/* Queues a notification to each webhook of the tenant: incident.opened, incident.signal or
 * incident.storm. */
struct pp_alert {
	const char *kind, *point;
	const char *post; /* that has sent it; NULL: the incident's first */
	enum pp_kind point_kind;
	const struct pp_incident *incident;
	const struct pp_written *event;
	const char *purpose; /* "again", "stop"; NULL: alarm */
	const char *webhook; /* one of them; NULL: each */
};
int pp_alert_queue(struct pp_ledger *l, const struct pp_alert *alert);

/* The body of such a notification, with its key. The caller frees *ret_text. */
int pp_alert_print(
	struct pp_ledger *l, const struct pp_alert *alert, const char *key, char **ret_text);

/* tell.c. What those who are called are sent: the ways of a contact in their order, the siren of a
 * station (never for a silent incident), and to whomever a call has told that others have it. */
struct pp_tell {
	const struct pp_incident *incident;
	const struct pp_written *event;
	const char *kind; /* of the body: "call.notified", "call.stopped" */
	int64_t call_id;
	const char *code; /* of the call */
	const char *by;   /* stop: who has it */
	const char *contact; /* stop, closed: only that one; NULL: all whom the call has told */
};
int pp_tell_contact(
	struct pp_ledger *l, const struct pp_tell *t, const struct pp_plan_contact *contact);
int pp_tell_station(struct pp_ledger *l, const struct pp_tell *t, const char *station);
int pp_tell_stop(struct pp_ledger *l, const struct pp_tell *t);
/* It is over: whoever was called, comes, and has not arrived, is told so. */
int pp_tell_closed(struct pp_ledger *l, const struct pp_tell *t);
/* The webhooks that a step has called: what waits for them is withdrawn, who was told is told that
 * others have it. */
int pp_tell_webhooks_stop(struct pp_ledger *l, const struct pp_tell *t);
/* The incident is closed: the same, and its first word does not go out any more either. */
int pp_tell_webhooks_closed(struct pp_ledger *l, const struct pp_tell *t);
/* One whose word was under way when it was withdrawn, and has arrived since. */
int pp_tell_webhook_late(struct pp_ledger *l, const struct pp_tell *t, const char *webhook);
/* The siren of a post near the incident, until it is hushed. */
int pp_tell_near(struct pp_ledger *l, const struct pp_tell *t, const char *post);
/* What was to be heard is silent from now on: sirens that wait are withdrawn, those that sound are
 * silenced, of stations and near posts alike. */
int pp_tell_quiet(struct pp_ledger *l, const struct pp_incident *incident, const char *by);
struct pp_ladder_news;
int pp_tell_hush(struct pp_ledger *l, const struct pp_ladder_news *news);

/* ladders.c. Begins to call people for an incident that has just been opened. */
int pp_ladder_open(struct pp_ledger *l, const struct pp_incident *incident);
/* Tells the ladder of an incident what has become of it; one without ladder is left alone. by: who
 * did it. */
struct pp_ladder_news {
	const struct pp_incident *incident;
	struct pp_ladder_input input;
	const char *by;
	bool goes_on; /* CLOSED: as a part of another that nobody has: no word that it is taken */
};
int pp_ladder_tell(struct pp_ledger *l, const struct pp_ladder_news *news);
/* calls.c. A unit that the desk sends, outside any ring. */
int pp_call_send(struct pp_ledger *l, const struct pp_incident *incident, const char *unit);
/* Somebody who is called by a step. ret_code: the one-time code. Its call_id is set. */
int pp_call_make(struct pp_ledger *l, const struct pp_incident *incident, struct pp_call_row *row,
	char ret_code[PP_CALLOUT_CODE_SIZE], struct pp_written *ret_written);
/* Ends the calls of a ring (NULL: all) that nobody has answered. verb: EXPIRE or STOP. */
struct pp_calls_end {
	const struct pp_incident *incident;
	const char *ring, *by;
	enum pp_callout_verb verb;
};
int pp_calls_end(struct pp_ledger *l, const struct pp_calls_end *end);
/* Of what people write as a unit the id, where it is the id or name of an agency of the plan; else
 * as it is. Borrowed from the text or the plan. */
int pp_call_unit(
	struct pp_ledger *l, const char *tenant, const char *text, const char **ret_unit);
int pp_apply_call(struct pp_ledger *l, struct pp_item *item); /* both actions of calls */
/* claims.c */
int pp_apply_claim(struct pp_ledger *l, struct pp_item *item); /* HAND_OVER, TAKE_OVER */
int pp_apply_return(struct pp_ledger *l, struct pp_item *item);
/* What a user holds whose rights have changed, or are over: by the actor of the action. */
int pp_claims_return(struct pp_ledger *l, struct pp_item *item, const char *name);
int pp_apply_ladders(struct pp_ledger *l, struct pp_item *item);

/* moving.c. The incident that an action names. 1: found; 0: it has been refused. */
int pp_moving_find(struct pp_ledger *l, struct pp_item *item, struct pp_incident *ret_incident);
/* "incident KDL-26-000123 is closed already, by user:siti". Returns 0. */
int pp_moving_refuse(struct pp_item *item, const struct pp_incident *i, const char *why);
/* What the item answers of an incident that was moved from that state, and which posts hear of it.
 */
int pp_moving_done(struct pp_ledger *l, struct pp_item *item, const struct pp_incident *i,
	enum pp_incident_state before);
/* Its event; body (taken) gets number and class. */
struct pp_moving_event {
	const char *kind, *actor;
	struct pp_json *body;
	const char *personal_field, *personal; /* see pp_event; "" or NULL: none */
};
int pp_moving_tell(struct pp_ledger *l, const struct pp_incident *i,
	const struct pp_moving_event *event, struct pp_written *ret_written);

/* text_receipts.c. Of a recorded signal that came by text message: queues its receipt as one. */
int pp_text_receipt_apply(struct pp_ledger *l, struct pp_item *item);
/* The signal has come over the broker as well, and its receipt goes there. */
int pp_text_receipt_withdraw(struct pp_ledger *l, const struct pp_item *item);

/* Errors of the disk or of memory are not the item's own: the whole batch must fail, and loudly. */
bool pp_ledger_is_fatal(int error);

/* Within 3 s of a step of the clock what has just happened cannot be told by its time. */
bool pp_ledger_is_unsure(const struct pp_ledger *l);

#define PP_ACTOR_MAX 80
void pp_actor_post(const char *tenant, const char *post, char ret_actor[PP_ACTOR_MAX]);

/* One item each. -errno: roll back to before it. */
int pp_apply_state(struct pp_ledger *l, struct pp_item *item);
int pp_apply_signal(struct pp_ledger *l, struct pp_item *item);
int pp_apply_action(struct pp_ledger *l, struct pp_item *item);
int pp_apply_silence(struct pp_ledger *l, struct pp_item *item);
int pp_apply_security(struct pp_ledger *l, struct pp_item *item);
int pp_apply_reply(struct pp_ledger *l, struct pp_item *item);
int pp_apply_expiry(struct pp_ledger *l, struct pp_item *item);
int pp_apply_storms(struct pp_ledger *l, struct pp_item *item);
/* What an action does to users, sessions and personal texts. */
int pp_apply_person(struct pp_ledger *l, struct pp_item *item);
/* PP_ACTION_ORDER of an action. */
int pp_apply_order(struct pp_ledger *l, struct pp_item *item);
int pp_apply_ring(struct pp_ledger *l, struct pp_item *item); /* PP_ACTION_RING */
/* PP_ACTION_PLAN of an action: see ledger/plans.h. */
int pp_apply_plan(struct pp_ledger *l, struct pp_item *item);
/* PP_ACTION_CONTACT_TEST: a message with a one-time code to a contact's first way. */
int pp_apply_contact_test(struct pp_ledger *l, struct pp_item *item);
/* Of an answer whose code no call has: 1: it was a contact's, who is verified now, or by a no is
 * not; 0: nobody's. */
int pp_contact_answer(
	struct pp_ledger *l, struct pp_item *item, const uint8_t hash[PP_SHA256_SIZE]);
/* guesses.c. An answer by text message with that code (its hash). 1: it is looked at; 0: it has
 * been refused as one whose code nobody has, because too many before it were wrong. Whoever it was
 * sent to, by his number, is always heard; ret_doubt: although so many wrong codes came from it. */
struct pp_guess {
	const char *sender;          /* "" or NULL: the gateway does not say */
	const uint8_t *hash;
	const struct pp_call_row *row; /* of the call that has the code; NULL: none has */
};
int pp_guess_check(struct pp_ledger *l, struct pp_item *item, const struct pp_guess *g,
	int64_t *ret_doubt);
/* Nobody has the code: counted, and refused. 0. */
int pp_guess_wrong(struct pp_ledger *l, struct pp_item *item, const struct pp_guess *g);
/* What the record keeps of a one-time code. */
void pp_call_code_hash(const char *code, uint8_t ret_hash[PP_SHA256_SIZE]);
/* notices.c. PP_ACTION_NOTIFICATION. */
int pp_apply_notice(struct pp_ledger *l, struct pp_item *item);
/* What has become of the order with which a notification sounds a station: DONE is delivered,
 * REFUSED has failed, all else stays sent and says so. One that no notification has given is left
 * alone. detail: English. */
struct pp_notice_order {
	const char *tenant, *post;
	uint64_t id;
	enum pp_result result;
	const char *detail;
};
int pp_notice_of_order(struct pp_ledger *l, const struct pp_notice_order *o);
/* Fills the beat that answers an accepted state. */
int pp_beat_fill(struct pp_ledger *l, struct pp_item *item);

/* A transaction around fn. write leaves the heads of the grown chains to pp_ledger_heads_write;
 * transact writes them too. */
typedef int pp_ledger_fn(struct pp_ledger *l, void *user);
int pp_ledger_write(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user);
int pp_ledger_transact(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user);

#endif
