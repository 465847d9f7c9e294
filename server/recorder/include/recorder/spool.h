/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/spool.h -- lines that wait for the time-series store, on disk (SQLite), bounded. It
 * outlives the store's outage and the recorder's own end. One thread. */
#ifndef RECORDER_SPOOL_H
#define RECORDER_SPOOL_H

#include "core/text.h"

#include <stdbool.h>
#include <stdint.h>

struct pp_spool;

/* limit_bytes: size of the file beyond which readings are refused; events wait in the record
 * meanwhile. read_only: for `status` beside a running recorder. Errors as pp_db_open. */
int pp_spool_open(
	const char *path, int64_t limit_bytes, bool read_only, struct pp_spool **ret_spool);
struct pp_spool *pp_spool_close(struct pp_spool *s); /* NULL is fine; returns NULL */
const char *pp_spool_error(const struct pp_spool *s);

/* Lines are added between begin and commit: durable when commit has returned 0. */
int pp_spool_begin(struct pp_spool *s);
/* lines: how many are in text, with a newline between each two. They stay together until one of
 * them must go alone: a row for each would cost twice as much. */
int pp_spool_add(struct pp_spool *s, const char *text, size_t lines);
int pp_spool_commit(struct pp_spool *s);
void pp_spool_rollback(struct pp_spool *s);
bool pp_spool_full(struct pp_spool *s);
int pp_spool_bytes(struct pp_spool *s, int64_t *ret_bytes); /* what counts against the limit */

/* The last event of the record whose line is in the spool: set in the transaction that adds the
 * line. */
int pp_spool_cursor(struct pp_spool *s, int64_t *ret_event);
int pp_spool_set_cursor(struct pp_spool *s, int64_t event);
/* The smallest (arrival - mono) of a post's boot in the last one to two hours: UTC ms of its
 * monotonic zero. Clocks drift: what was smallest a week ago is wrong today. Returns it after
 * taking `seen` into account. At most 20,000 boots are remembered, the oldest are forgotten first.
 */
struct pp_spool_seen {
	int64_t boot, mono_ms; /* of the post */
	int64_t arrived_ms;    /* UTC here */
};
int pp_spool_offset(struct pp_spool *s, const char *post, const struct pp_spool_seen *seen,
	int64_t *ret_offset_ms);
/* Looks at the clock of this machine: offset_ms is UTC minus CLOCK_MONOTONIC, boot a number of the
 * kernel's boot. 1: it has stepped since the last look, and all offsets are forgotten; 0. */
int pp_spool_look(struct pp_spool *s, int64_t boot, int64_t offset_ms);

/* The oldest lines, at most `count` and, where they were added together, a few less, each with a
 * newline, appended to *text; *ret_last is the number of the last one. Returns how many there were;
 * 0: none waits. */
int pp_spool_peek(struct pp_spool *s, int64_t count, struct pp_buf *text, int64_t *ret_last);
int pp_spool_drop(struct pp_spool *s, int64_t last);      /* written: everything up to last */
int pp_spool_poison(struct pp_spool *s, const char *why); /* sets the oldest line aside */
int pp_spool_count(struct pp_spool *s, int64_t *ret_waiting, int64_t *ret_poison);
/* The newest poison lines, for people: at most count, each told to fn. */
typedef void pp_spool_poison_fn(void *user, int64_t at_ms, const char *line, const char *why);
int pp_spool_each_poison(struct pp_spool *s, int64_t count, pp_spool_poison_fn *fn, void *user);

#endif
