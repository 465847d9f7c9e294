/* SPDX-License-Identifier: Apache-2.0 */
/* book.h -- the ledger's inside: what applying an item uses. Private to the room; everything runs
 * inside a transaction. */
#ifndef LEDGER_BOOK_H
#define LEDGER_BOOK_H

#include "core/lines.h"
#include "json/json.h"
#include "ledger/ledger.h"
#include "store/incidents.h"
#include "store/notifications.h"
#include "store/timeline.h"

#define PP_TOUCHED_MAX 64 /* tenants in one transaction; more are signed at their next event */

struct pp_ledger {
	struct pp_db *db;
	struct pp_lines *heads; /* NULL: none are written */
	const struct pp_key *key;
	int64_t now_ms;           /* of the batch */
	uint64_t unsure_until_us; /* CLOCK_MONOTONIC: the clock has just stepped */
	int64_t lost;             /* events that the record had and has no more */
	int64_t registry_rev;     /* see pp_ledger_expect */
	size_t touched_count;
	char touched[PP_TOUCHED_MAX][PP_TENANT_MAX + 1]; /* chains that have grown, not
							    signed yet */
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
	enum pp_kind point_kind;
	const struct pp_incident *incident;
	const struct pp_written *event;
};
int pp_alert_queue(struct pp_ledger *l, const struct pp_alert *alert);

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
/* PP_ACTION_ORDER of an action. */
int pp_apply_order(struct pp_ledger *l, struct pp_item *item);
/* PP_ACTION_PLAN of an action: see ledger/plans.h. */
int pp_apply_plan(struct pp_ledger *l, struct pp_item *item);
/* Fills the beat that answers an accepted state. */
int pp_beat_fill(struct pp_ledger *l, struct pp_item *item);

/* A transaction around fn. write leaves the heads of the grown chains to pp_ledger_heads_write;
 * transact writes them too. */
typedef int pp_ledger_fn(struct pp_ledger *l, void *user);
int pp_ledger_write(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user);
int pp_ledger_transact(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user);

#endif
