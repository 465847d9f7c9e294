/* SPDX-License-Identifier: Apache-2.0 */
/* outbox/keeper.h -- the loop's face of the outbox. While the store works it hands on to its
 * thread; when the store is lost or hangs it goes on in memory under a new epoch, and back when the
 * store answers again. Never waits. */
#ifndef OUTBOX_KEEPER_H
#define OUTBOX_KEEPER_H

#include "outbox/store.h"

struct pp_keeper;

struct pp_keeper_options {
	struct pp_store_options store;
	uint64_t hang_us;        /* a disk that has not answered for so long is treated as lost */
	uint64_t silent_us;      /* and one that leaves a ping without answer for so long */
	uint64_t retry_first_us; /* a lost store is tried again after this, and then at twice this
				  * interval; at this one until all rows were read that nobody else
				  * has (of earlier runs, or those that the server wants again) */
	uint64_t retry_us;       /* one that was damaged and begun anew is tried ever less often, at
				  * last at this interval */
	int64_t memory_max; /* unreceipted signals held in memory; non-alarms three quarters of that
			     */
	const char *memo; /* a file in memory that tells the next start what was let go before the
			   * disk knew; borrowed until pp_keeper_free. NULL: none */
};

/* The store's answers, with these meanings added: OPENED: signals are numbered by facts.epoch from
 * now on; durable tells whether on disk. APPENDED: durable likewise. LOADED: a row that is to be
 * sent and was not appended just now. KEPT: once for each receipt. The callee may take a->parcel by
 * setting it to NULL. */
typedef void pp_keeper_fn(void *user, struct pp_store_answer *a);

int pp_keeper_new(const struct pp_keeper_options *options, pp_keeper_fn *fn, void *user,
	const struct pp_outbox_now *now, struct pp_keeper **ret_keeper);
/* Writes what waits. NULL is fine; returns NULL. */
struct pp_keeper *pp_keeper_free(struct pp_keeper *k);
/* now_us is CLOCK_MONOTONIC; now the same moment for the rows. */
int pp_keeper_append(
	struct pp_keeper *k, const struct pp_draft *draft, const struct pp_outbox_now *now);
void pp_keeper_receipt(
	struct pp_keeper *k, const struct pp_receipt *receipt, const struct pp_outbox_now *now);
void pp_keeper_reoffer(
	struct pp_keeper *k, uint64_t epoch, int64_t high, const struct pp_outbox_now *now);
void pp_keeper_renew(struct pp_keeper *k, uint64_t epoch, const struct pp_outbox_now *now);
void pp_keeper_find(
	struct pp_keeper *k, uint64_t epoch, int64_t seq, const struct pp_outbox_now *now);
/* Takes path and text (heap). */
void pp_keeper_write(struct pp_keeper *k, char *path, char *text);
/* Signs what is made from now on with another key, which is borrowed until pp_keeper_free; so is
 * the one before it. */
void pp_keeper_rekey(struct pp_keeper *k, const struct pp_key *key);
/* Asks the store's thread whether it lives; PONG is the answer. */
void pp_keeper_ping(struct pp_keeper *k, const struct pp_outbox_now *now);

void pp_keeper_read(struct pp_keeper *k, const struct pp_outbox_now *now); /* call it when woken */
void pp_keeper_step(
	struct pp_keeper *k, const struct pp_outbox_now *now); /* call it at pp_keeper_deadline */
uint64_t pp_keeper_deadline(const struct pp_keeper *k);        /* microseconds; UINT64_MAX: none */

void pp_keeper_facts(const struct pp_keeper *k,
	struct pp_outbox_facts *ret_facts); /* of the epoch in use; 0: none yet */
bool pp_keeper_durable(const struct pp_keeper *k);

#endif
