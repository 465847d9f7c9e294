/* SPDX-License-Identifier: Apache-2.0 */
/* desk.h -- the engine's work without its thread: messages and actions in, one batch into the
 * record, answers out. Private to the room. */
#ifndef ENGINE_DESK_H
#define ENGINE_DESK_H

#include "engine/engine.h"
#include "intake/verify.h"
#include "ledger/ledger.h"
#include "signer.h"

#define PP_DESK_BATCH_MAX 256

struct pp_desk;

typedef void pp_desk_publish_fn(
	void *user, const char *topic, const void *payload, size_t length, const uint8_t *sig);
struct pp_desk_options {
	struct pp_ledger *ledger; /* borrowed, as all of these */
	const struct pp_key *key;
	pp_desk_publish_fn *publish;
	void *user;
	struct pp_engine_counts *counts; /* counted into */
	int64_t boot;                    /* a number of the kernel's boot */
	struct pp_signer *signer;        /* which key signs; NULL: `key` does */
};
struct pp_desk_now {
	int64_t wall_ms; /* UTC */
	int64_t mono_ms;
	int64_t uptime_ms; /* CLOCK_BOOTTIME */
};

/* Begins to watch every post that was not lost when the record was last written: each has its full
 * time from now. */
int pp_desk_new(
	const struct pp_desk_options *options, struct pp_desk_now now, struct pp_desk **ret_desk);
struct pp_desk *pp_desk_free(struct pp_desk *d); /* NULL is fine; returns NULL */
bool pp_desk_is_full(const struct pp_desk *d);   /* commit before you add to it */

/* Takes what comes in into the batch. -errno: the record or memory has failed. */
int pp_desk_message(struct pp_desk *d, const struct pp_message *message, struct pp_desk_now now);
/* Its answer lies in *ret_item after the commit, until the clear. action is borrowed until then. */
int pp_desk_action(
	struct pp_desk *d, const struct pp_action *action, const struct pp_item **ret_item);
/* The same of PP_ACTION_TEXT: what it holds goes into the batch as a message does. */
int pp_desk_text(struct pp_desk *d, struct pp_action *action, struct pp_desk_now now,
	const struct pp_item **ret_item);
/* A message of that topic was dropped because its post sends more than its share. */
int pp_desk_flood(struct pp_desk *d, const char *topic, int64_t mono_ms);
/* What time brings, once a second: lost posts, counted refusals, storms, a changed registry. */
int pp_desk_tick(struct pp_desk *d, struct pp_desk_now now);
/* Steps of ladders are still due after a tick and its commit: there were more than one batch
 * fires. Another tick is for them, now. */
bool pp_desk_is_behind(struct pp_desk *d, struct pp_desk_now now);

/* Applies the batch, and only then publishes what it has made true. 1: committed; 0: there was
 * nothing. -errno: nothing was published. -EBUSY, -ENOSPC: nothing was written either, and it may
 * be called again; after any other the process must end. */
int pp_desk_commit(struct pp_desk *d, struct pp_desk_now now);
bool pp_desk_may_try_again(int error); /* one of those two */
/* Notes how long the signals of the batch took from arrival to now, when their receipts are out. */
void pp_desk_observe(struct pp_desk *d, uint64_t now_us);
void pp_desk_clear(struct pp_desk *d); /* empties the batch */
/* Takes the actions out of a batch that was not applied: whoever waits for them is told. */
void pp_desk_drop_actions(struct pp_desk *d);
/* Asks the next `count` posts of those that may speak for their state, beginning with the *from-th.
 * false: that were all. */
bool pp_desk_roll_call(struct pp_desk *d, size_t *from, size_t count);
/* Nobody was listened to for a while: every post has its full time again. */
void pp_desk_resume(struct pp_desk *d, int64_t mono_ms);

#endif
