/* SPDX-License-Identifier: Apache-2.0 */
/* outbox/parcel.h -- one signed signal, ready to send: its bytes and signature are made once and
 * never change. */
#ifndef OUTBOX_PARCEL_H
#define OUTBOX_PARCEL_H

#include "crypto/key_list.h"
#include "crypto/sign.h"
#include "protocol/limits.h"
#include "protocol/signal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A signal that has been decided but has no number yet. */
struct pp_draft {
	uint64_t ticket;         /* the caller's name for it, from 1, never used twice */
	struct pp_signal signal; /* epoch, seq and boot are filled in by the mint */
	uint64_t cause_ticket;   /* the alarm it belongs to, while that has no number; 0: none */
	uint64_t cause_epoch;    /* signal.cause is valid in this epoch only */
	bool late; /* there was no room before: it may be over, and is not noted as standing */
};

struct pp_parcel {
	uint64_t epoch;
	int64_t seq;
	bool alarm;
	bool refused; /* by the server: offered again every 10 minutes */
	bool again;   /* it was receipted, and the server has lost it since: wants it once more */
	bool fresh;   /* made by this process: nobody has seen it before it is sent */
	char topic[PP_TOPIC_MAX];
	uint8_t signature[PP_SIGNATURE_SIZE];
	size_t length;
	char payload[]; /* not NUL-terminated */
};
struct pp_parcel *pp_parcel_free(struct pp_parcel *parcel); /* NULL is fine; returns NULL */
/* From bytes that were kept. -EMSGSIZE, -ENOMEM. Checks nothing: see pp_parcel_check. */
int pp_parcel_new(const char *topic, const void *payload, size_t length,
	const uint8_t signature[PP_SIGNATURE_SIZE], struct pp_parcel **ret_parcel);
/* The signature is one of `signers', and the signal in it is (epoch, seq): else -EBADMSG; -ENOMEM.
 * ret_signal may be NULL. */
int pp_parcel_check(const struct pp_parcel *parcel, const struct pp_key_list *signers,
	struct pp_signal *ret_signal);

#define PP_MINT_RECENT 64

/* Numbers and signs. A plain value: copy it before a transaction, put the copy back when that
 * fails. */
struct pp_mint {
	uint64_t epoch;
	int64_t boot;
	int64_t last_seq;
	const struct pp_key *key; /* borrowed */
	char topic[PP_TOPIC_MAX];
	unsigned next_recent;
	struct {
		uint64_t ticket;
		int64_t seq;
	} recent[PP_MINT_RECENT];
};
/* last_seq rises by one on success only. Caller owns *ret_parcel. */
int pp_mint_make(struct pp_mint *m, const struct pp_draft *draft, struct pp_parcel **ret_parcel);
uint64_t pp_mint_epoch(void); /* 64 random bits, not 0 */

#endif
