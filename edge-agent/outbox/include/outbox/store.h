/* SPDX-License-Identifier: Apache-2.0 */
/* outbox/store.h -- the thread that owns the outbox: requests go in and never wait, answers come
 * out after the sync. Everything that waits when the disk is free again is written in one
 * transaction. */
#ifndef OUTBOX_STORE_H
#define OUTBOX_STORE_H

#include "outbox/outbox.h"

struct pp_store;

enum pp_store_request_type {
	PP_STORE_OPEN,   /* (again): OPENED, LOADED..., ALL_LOADED, or LOST; when it is open: OPENED
			  */
	PP_STORE_APPEND, /* draft: APPENDED, FULL or FAILED */
	PP_STORE_RECEIPT, /* receipt: KEPT */
	PP_STORE_END,     /* draft, an end that is no row: what it ends stands no more: ENDED */
	PP_STORE_REOFFER, /* epoch, seq: LOADED... */
	PP_STORE_RENEW, /* epoch: if it is that one still: RENEWED, OPENED, LOADED..., ALL_LOADED */
	PP_STORE_FIND,  /* epoch, seq: FOUND */
	PP_STORE_WRITE, /* path, text: a small file, durably: WROTE */
	PP_STORE_KEY,   /* key: signs from now on; borrowed until the store is freed */
	PP_STORE_PING,  /* PONG: the thread is alive and the disk answers */
};

struct pp_store_request {
	enum pp_store_request_type type;
	struct pp_store_request *next; /* the store's */
	struct pp_outbox_now now;
	struct pp_draft draft;
	struct pp_receipt receipt;
	uint64_t epoch;
	int64_t seq;
	const struct pp_key *key; /* KEY */
	char *path, *text;        /* WRITE; the store's once pushed */
};

enum pp_store_answer_type {
	PP_STORE_STANDS, /* signal (see pp_outbox_standing), facts: from before the start; before
			  * the first OPENED */
	PP_STORE_OPENED, /* facts; loading begins */
	PP_STORE_LOADED, /* parcel, signal */
	PP_STORE_ALL_LOADED,
	PP_STORE_APPENDED, /* ticket, parcel: durable */
	PP_STORE_FULL,     /* ticket: no room */
	PP_STORE_FAILED,   /* ticket: not durable, the store is lost */
	PP_STORE_KEPT,     /* receipt; durable, or the store is lost */
	PP_STORE_ENDED,    /* ticket: durable */
	PP_STORE_FOUND,    /* epoch, seq, found, signal, refused */
	PP_STORE_LOST,     /* error, why; told once until it is OPENED */
	PP_STORE_DAMAGED,  /* why: its name now: the file was set aside and a new one begun, with
			    * the seq signals that were whole and perhaps not recorded; before
			    * OPENED */
	PP_STORE_RENEWED,  /* epoch: was an old copy's; what was unreceipted comes again; before
			    * OPENED
			    */
	PP_STORE_FACTS,    /* facts, after a transaction */
	PP_STORE_WROTE,    /* error: 0 or why not; why: the path */
	PP_STORE_PONG,
};

struct pp_store_answer {
	enum pp_store_answer_type type;
	struct pp_store_answer *next;
	uint64_t ticket, epoch;
	int64_t seq;
	int64_t over_ms; /* STANDS, from the keeper: let go at this moment of the monotonic clock,
			  * and the disk does not know; 0: not that anybody knows */
	bool found, refused, durable;
	bool resumed; /* LOADED: from before the start, not offered again */
	int error;
	char why[512];            /* a path fits */
	struct pp_parcel *parcel; /* the taker's */
	struct pp_signal signal;
	struct pp_receipt receipt;
	struct pp_outbox_facts facts;
};

struct pp_store_options {
	struct pp_outbox_options outbox; /* borrowed until pp_store_free, with all it points to */
	size_t queue_limit;              /* requests waiting */
	void (*wake)(void *user);        /* called on the store's thread when answers wait */
	void *user;
};

int pp_store_new(const struct pp_store_options *options, struct pp_store **ret_store);
/* Writes what waits, ends the thread. NULL is fine; returns NULL. */
struct pp_store *pp_store_free(struct pp_store *s);
/* Takes request (heap), also on failure. Never waits for the disk. -ENOBUFS: too many wait. */
int pp_store_push(struct pp_store *s, struct pp_store_request *request);
struct pp_store_answer *pp_store_next(
	struct pp_store *s); /* NULL: none; free with pp_store_answer_free */
struct pp_store_answer *pp_store_answer_free(
	struct pp_store_answer *a); /* frees its parcel too; returns NULL */

#endif
