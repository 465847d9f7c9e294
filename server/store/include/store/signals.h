/* SPDX-License-Identifier: Apache-2.0 */
/* store/signals.h -- what posts send: keys, signals, states, the clocks of their boots. For the
 * ledger's transaction. */
#ifndef STORE_SIGNALS_H
#define STORE_SIGNALS_H

#include "protocol/signal.h"
#include "protocol/state.h"
#include "store/args.h"

#include <stdbool.h>

/* Where a message comes from. */
struct pp_origin {
	const char *tenant, *post;
	char epoch[17]; /* 16 hex digits */
};
void pp_origin_init(struct pp_origin *o, const char *tenant, const char *post, uint64_t epoch);

/* The key of a signal. A lost one was given up by the post: it has no digest. */
struct pp_signal_key {
	bool lost;
	uint8_t digest[32];
	int64_t incident_id; /* 0: none */
};
int pp_store_signal_key(struct pp_db *db, const struct pp_origin *o, int64_t seq,
	struct pp_signal_key *ret_key); /* 1: found; 0: never seen */
/* digest NULL: lost. A lost key is replaced by a real one, and nothing else is. Moves `high` on. */
int pp_store_signal_key_put(struct pp_db *db, const struct pp_origin *o, int64_t seq,
	const uint8_t *digest, int64_t now_ms);

struct pp_epoch_row {
	bool known;
	int64_t high;       /* everything up to it is recorded */
	int64_t boot, mono; /* of the newest accepted state; 0, 0: none yet */
};
/* All 0 when the epoch is new. */
int pp_store_epoch(struct pp_db *db, const struct pp_origin *o, struct pp_epoch_row *ret_row);
int pp_store_epoch_heard(
	struct pp_db *db, const struct pp_origin *o, int64_t boot, int64_t mono, int64_t now_ms);

struct pp_boot_clock_row {
	int64_t low, low_before, states; /* see supervision/boot_clock.h */
};
int pp_store_boot_clock(struct pp_db *db, const struct pp_origin *o, int64_t boot,
	struct pp_boot_clock_row *ret_row); /* 1: known; 0: not */
/* Of the newest PP_BOOTS_MAX boots: older ones are forgotten. */
#define PP_BOOTS_MAX 64
int pp_store_boot_clock_put(struct pp_db *db, const struct pp_origin *o, int64_t boot,
	const struct pp_boot_clock_row *row);
/* Of every epoch's newest boot: nothing is known until its next state. */
int pp_store_boot_clocks_forget(struct pp_db *db);
int pp_store_newest_boot(
	struct pp_db *db, const struct pp_origin *o, int64_t *ret_boot); /* 0: none */

struct pp_signal_row {
	const struct pp_origin *origin;
	const struct pp_signal *signal;
	int64_t occurred_ms, arrived_ms;
	const char *occurred_by; /* "mono", "at", "arrival" */
	bool late;
	const char *payload;
	size_t length;
	const uint8_t *sig;
};
int pp_store_signal_add(struct pp_db *db, const struct pp_signal_row *row, int64_t *ret_signal_id);
/* Says to which incident a signal (and its key) belongs. */
int pp_store_signal_attach(struct pp_db *db, int64_t signal_id, int64_t incident_id);
/* A signal that waits for the alarm `cause` to arrive, the oldest first. 1: *ret is one; 0: none.
 */
struct pp_waiting_signal {
	int64_t signal_id, seq, occurred_ms, arrived_ms;
	char point[PP_POINT_MAX + 1], signal[16];
};
int pp_store_signal_waiting(
	struct pp_db *db, const struct pp_origin *o, int64_t cause, struct pp_waiting_signal *ret);
/* The incident of the same moment of the same point, come under another epoch: 0 if there is none.
 */
int pp_store_signal_twin(
	struct pp_db *db, const struct pp_signal_row *row, int64_t *ret_incident_id);
/* The newest alarm of the point before seq: its seq, 0 if there is none. */
int pp_store_alarm_before(struct pp_db *db, const struct pp_origin *o, const char *point,
	int64_t seq, int64_t *ret_seq);
/* When the press of a button occurred that has that number. 1; 0: there is none. */
int pp_store_pressed(
	struct pp_db *db, const struct pp_origin *o, int64_t seq, int64_t *ret_occurred_ms);
/* Whether the point has sent a signal of that type and (first word of) detail after seq; detail ""
 * is any. 1, 0. */
int pp_store_signal_after(struct pp_db *db, const struct pp_signal_row *row,
	enum pp_signal_type type, const char *word);

/* What a state says. supervised_again: the post had been lost. */
int pp_store_state_put(struct pp_db *db, const struct pp_origin *o, const struct pp_state *state,
	int64_t now_ms, bool *ret_supervised_again);
int pp_store_state_lost(
	struct pp_db *db, const char *tenant, const char *post); /* 1: it was not lost before */

/* The active posts that are not lost: those to watch after a start. fn returns 0 to go on. */
typedef int pp_store_post_fn(void *user, const char *tenant, const char *post);
int pp_store_each_supervised(struct pp_db *db, pp_store_post_fn *fn, void *user);

#endif
