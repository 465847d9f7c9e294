/* SPDX-License-Identifier: Apache-2.0 */
/* ledger/ledger.h -- the single writer of the record. Everything that changes an incident passes
 * through apply, in order and in one durable transaction. One thread at a time; another process
 * (pospinctl) may have a ledger on the same record: SQLite's write lock orders them, and the head
 * of the audit chain is read inside each transaction. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "crypto/sign.h"
#include "db/db.h"
#include "ledger/item.h"

#include <stddef.h>
#include <stdint.h>

struct pp_ledger;

struct pp_ledger_options {
	const char *record_path;  /* created and migrated if needed */
	const char *heads_path;   /* signed heads of the audit chains are appended here; NULL: none
				     are written */
	const struct pp_key *key; /* signs them; borrowed for the ledger's life; may be NULL when
				     heads_path is */
};
/* -ERANGE: the record is newer than this program; else as db/db.h. */
int pp_ledger_open(const struct pp_ledger_options *options, struct pp_ledger **ret_ledger);
/* The same for the program that takes up the work of one that ended: pp_db_settle before anything
 * is believed or written, a missing table as much as the note of an older copy. -EBUSY as there. */
int pp_ledger_take_up(const struct pp_ledger_options *options, struct pp_ledger **ret_ledger);
struct pp_ledger *pp_ledger_close(struct pp_ledger *l); /* NULL is fine; returns NULL */
/* One look at the server's clocks; boot: a number of the kernel's boot. */
struct pp_ledger_clock {
	int64_t wall_ms, mono_ms, boot;
};
/* At the start, and when the wall clock seems to have jumped. If it has since the last look, also
 * one before the start, what was dated by it is forgotten and each tenant's timeline says so
 * (clock.stepped). 1: it has; 0: not, and nothing was written. */
int pp_ledger_look(struct pp_ledger *l, const struct pp_ledger_clock *clock);
/* CLOCK_BOOTTIME in ms, and a number of the kernel's boot: what the deadlines of ladders hang on.
 * At the start: after a reboot what remained of each, when the clock was last written down, remains
 * from the boot on. */
int pp_ledger_boot(struct pp_ledger *l, int64_t boot, int64_t uptime_ms);
/* The same clock now; before each apply. */
void pp_ledger_set_uptime(struct pp_ledger *l, int64_t uptime_ms);
/* The same clock when the last apply was told to people: a step that it fired and that came later
 * than PP_LADDER_SLACK_MS (a disk that did not answer) has its whole time from here on. 1: the
 * record says so; 0: none was late. -errno: as of pp_ledger_apply; after one that may be tried
 * again the deadlines are those of before. */
int pp_ledger_told(struct pp_ledger *l, int64_t uptime_ms);
/* How many events the signed heads name that the record has no more: an older copy was put back. It
 * has been said on the timeline, and the numbers of incidents go on beyond them. */
int64_t pp_ledger_lost(const struct pp_ledger *l);
struct pp_db *pp_ledger_db(struct pp_ledger *l); /* to read between batches, on the same thread */
const char *pp_ledger_error(const struct pp_ledger *l); /* the database's words for the log */

/* Applies all items in one transaction, each in a savepoint: an item whose `error` is set after it
 * has changed nothing and does not hurt its neighbours. States come first, then signals, then the
 * rest, then the beats, so that a beat tells what its own batch has done. 0: COMMIT is on
 * the disk; the items hold their answers. -errno: nothing may be told to anybody, and
 * the process must end (contract, I13). */
int pp_ledger_apply(
	struct pp_ledger *l, struct pp_item *const *items, size_t count, int64_t now_ms);
/* From now on a batch is -ESTALE, and nothing is written, unless the record's registry_rev is this
 * one (-1: any): what it holds was believed by that registry, and the write lock may have come
 * late. */
void pp_ledger_expect(struct pp_ledger *l, int64_t registry_rev);
/* Appends the signed heads of the chains that have grown since, and syncs them. Once a second is
 * enough: a receipt waits for the record, not for its seal. Closing does it too. -EIO: the process
 * must end. */
int pp_ledger_heads_write(struct pp_ledger *l);

#endif
