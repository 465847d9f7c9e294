/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/item.h -- one thing to be written into the record, and what came of it. */
#ifndef LEDGER_ITEM_H
#define LEDGER_ITEM_H

#include "crypto/sign.h"
#include "ledger/action.h"
#include "protocol/command.h"
#include "protocol/signal.h"
#include "protocol/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pp_item_type {
	PP_ITEM_STATE,    /* verified: liveness of a post */
	PP_ITEM_SIGNAL,   /* verified: one signal of a post */
	PP_ITEM_ACTION,   /* of a person or another thread */
	PP_ITEM_SILENCE,  /* supervision has lost a post */
	PP_ITEM_SECURITY, /* something that was refused for its identity */
	PP_ITEM_REPLY,    /* verified: what became of an order */
	PP_ITEM_EXPIRY,   /* the time of an order is over, and nobody has answered */
	PP_ITEM_STORMS,   /* time has gone by: counts of storms that are due */
	PP_ITEM_LADDERS,  /* time has gone by: steps that are due; the clock is written down */
	PP_ITEM_RETURN,   /* whoever holds an incident is gone */
};

struct pp_security {
	char kind[24]; /* "unsigned", "forged", "unknown-post", "revoked-post", "conflict",
			  "flood", "too-many-epochs" */
	char detail[96];
	int64_t count; /* how many of them this event stands for */
};

/* How a receipt can go back as a text message. */
#define PP_NUMBER_MAX 16 /* of a telephone: + and digits */
struct pp_way_back {
	const struct pp_key *key;       /* that signs it; borrowed */
	char number[PP_NUMBER_MAX + 1]; /* "": no number can be told */
	char via[16];                   /* "modem", "gateway": as it came; "": not said */
};

#define PP_ALSO_MAX 15
struct pp_item {
	enum pp_item_type type;
	char tenant[PP_TENANT_MAX + 1];
	char post[PP_POST_MAX + 1]; /* actions: written by apply when an incident's post has to hear
				       of it; else "" */
	int64_t arrived_ms;         /* server's wall clock when it came in */
	union {
		struct {
			struct pp_signal signal;
			char *payload; /* the signed bytes; owned by the item */
			size_t length;
			uint8_t sig[PP_SIGNATURE_SIZE];
			bool by_text; /* over the post's second path; then its receipt goes: */
			struct pp_way_back back;
		} signal;
		struct pp_state state;
		const struct pp_action *action; /* borrowed */
		struct pp_security security;
		struct pp_reply reply;
		uint64_t expired; /* id of the order */
		struct {
			int64_t incident_id;
			char holder[80];
		} claim; /* RETURN */
	} in;

	/* Written by apply. */
	int error; /* 0; -errno: this item alone was rolled back (signals: no receipt, it will come
		      again) */
	struct {
		bool duplicate; /* signal: recorded before; reply: to no order of ours, or a second
				   one; state: not newer than the last, nothing
				   was changed */
		bool conflict;  /* signal: the same triple was recorded with other bytes; that one
				   stays */
		bool late;
		bool counted;  /* signal: told as a part of a count, see incidents/storm.h */
		bool texted;   /* signal by text: a text with its receipt is queued ... */
		bool untexted; /* ... or not: no number, or more than its share */
		uint64_t troubles;  /* storms: of which people have been told */
		uint64_t collapsed; /* storms: notifications that went as a part of another */
		uint64_t steps; /* ladders: incidents whose deadline was met */
		bool commands; /* orders that are to be sent, or no more, have changed */
		bool progress; /* the post should ask again now: one of its incidents has moved */
		/* progress: and so should these; of an incident of more posts the others hear of it
		 * with their next state */
		char also[PP_ALSO_MAX][PP_POST_MAX + 1];
		size_t also_count;
		bool supervised_again; /* state: the post had been lost */
		bool too_many_epochs;  /* state: of a new epoch, after too many on one day: refused
					  like one that is not newer */
		char incident[PP_INCIDENT_MAX + 1]; /* signal: "" when it belongs to none */
		struct pp_beat beat;                /* state: the answer, without key list */
		/* CALL_ANSWER: a code that no call has; one that was not looked at, because of too
		 * many before it. */
		bool code_wrong, code_unseen;
		struct pp_action_result action;
	} out;
};

struct pp_item *pp_item_new(enum pp_item_type type); /* zeroed; NULL: no memory */
struct pp_item *pp_item_free(struct pp_item *item);  /* NULL is fine; returns NULL */

#endif
