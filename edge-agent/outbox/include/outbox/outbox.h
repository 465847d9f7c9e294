/* SPDX-License-Identifier: Apache-2.0 */
/* outbox/outbox.h -- the durable outbox: every signal of this post, signed, numbered without gaps
 * and synced to disk. Blocking; it belongs to one thread. Any failure but -ENOBUFS and -ENOENT
 * means that the store is lost. */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "outbox/parcel.h"
#include "protocol/state.h"

struct pp_outbox;

struct pp_outbox_options {
	const char *path;                  /* the file; its folder exists */
	const char *topic;                 /* that signals are signed for */
	const struct pp_key *key;          /* of the post; borrowed */
	const struct pp_key_list *signers; /* keys that it had before: what they have signed is not
					      damaged; NULL: none */
	const char *boot_id;               /* of the running kernel */
	int64_t rows_max;  /* receipted rows make room first, then non-alarms are refused, alarms
			      last */
	int64_t bytes_max; /* of payloads */
};

/* When something is written: mono_ms of CLOCK_MONOTONIC, wall_ms UTC or PP_AT_UNKNOWN. */
struct pp_outbox_now {
	int64_t mono_ms, wall_ms;
};

struct pp_outbox_facts {
	uint64_t epoch;
	int64_t boot, last_seq;
	int64_t rows, bytes, unreceipted, receipted_alarms;
	bool room; /* a non-alarm would be accepted */
};

/* Makes the file with a new epoch if there is none. -EBADMSG: it is there and readable, but
 * damaged. */
int pp_outbox_open(const struct pp_outbox_options *options, struct pp_outbox **ret_outbox);
struct pp_outbox *pp_outbox_close(struct pp_outbox *o); /* NULL is fine; returns NULL */
/* Renames a damaged file (and its journal) so that a new one can be made beside it. */
#define PP_ASIDE_MAX 4200
int pp_outbox_set_aside(const char *path, int64_t wall_ms, char ret_name[PP_ASIDE_MAX]);
void pp_outbox_facts(const struct pp_outbox *o, struct pp_outbox_facts *ret_facts);
const char *pp_outbox_error(const struct pp_outbox *o); /* the library's words */

/* Signs with another key from now on (borrowed). What is signed already stays as it is. */
void pp_outbox_rekey(struct pp_outbox *o, const struct pp_key *key);
/* The keys that may have signed rows. */
void pp_outbox_signers(const struct pp_outbox_options *options, struct pp_key_list *ret_signers);

/* Everything that changes the outbox happens between these; only after a successful commit is it
 * true. */
int pp_outbox_begin(struct pp_outbox *o);
int pp_outbox_commit(struct pp_outbox *o);
void pp_outbox_rollback(struct pp_outbox *o);

/* -ENOBUFS: no room (and the number is not used). Caller owns *ret_parcel. */
int pp_outbox_append(struct pp_outbox *o, const struct pp_draft *draft,
	const struct pp_outbox_now *now, struct pp_parcel **ret_parcel);
/* Recorded or refused. -ENOENT: no such row, or recorded already. */
int pp_outbox_receipt(
	struct pp_outbox *o, const struct pp_receipt *receipt, const struct pp_outbox_now *now);
/* The server knows nothing above high any more: those rows are unreceipted again. Numbers in that
 * range which are gone from here are reported by signed troubles. */
int pp_outbox_reoffer(struct pp_outbox *o, int64_t high, const struct pp_outbox_now *now);
/* The server has signals of this epoch that are not here: the file is an old copy of itself, and
 * its next numbers are used. A new epoch: what is unreceipted is numbered and signed anew, the rest
 * goes. */
int pp_outbox_renew(struct pp_outbox *o);
/* Receipted rows of more than 90 days go. */
int pp_outbox_purge(struct pp_outbox *o, const struct pp_outbox_now *now);

/* Valid during the call, except *parcel, which is the callee's. */
typedef void pp_outbox_row_fn(void *user, struct pp_parcel *parcel, const struct pp_signal *signal);
/* The next `limit` rows without receipt: those of other epochs that were saved from a damaged
 * file, then those with seq > after, in order. How many were looked at;
 * 0: none is left. Damaged ones are set aside and reported by a signed
 * trouble, which is a row of its own behind all others. */
struct pp_outbox_reader {
	int64_t after;    /* moves on */
	int64_t salvaged; /* the same, over what was saved from a damaged file: that comes first */
	size_t limit;
	pp_outbox_row_fn *fn;
	void *user;
};
int pp_outbox_load(
	struct pp_outbox *o, struct pp_outbox_reader *reader, const struct pp_outbox_now *now);
/* Alarms without restore and troubles without end, of all epochs and boots, the newest
 * PP_STANDING_MAX. Only point, type (alarm or trouble), detail, boot, mono_ms and, where it is of
 * this epoch, seq (else 0) are told. The signal is valid during the call. */
#define PP_STANDING_MAX 64
typedef void pp_outbox_standing_fn(void *user, const struct pp_signal *signal);
int pp_outbox_standing(struct pp_outbox *o, pp_outbox_standing_fn *fn, void *user);
/* A restore or the end of a trouble that is no row of this file: what it ends stands no more. What
 * began after it, by mono_ms, does. */
int pp_outbox_end(struct pp_outbox *o, const struct pp_signal *signal);
/* One row, receipted or not. -ENOENT. */
int pp_outbox_find(
	struct pp_outbox *o, int64_t seq, struct pp_signal *ret_signal, bool *ret_refused);

#endif
