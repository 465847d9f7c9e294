/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/queue.h -- the unreceipted parcels of a post and where each of them stands. Pure. Alarms
 * come before everything else; of equals, the one that was added first. */
#ifndef UPLINK_QUEUE_H
#define UPLINK_QUEUE_H

#include "outbox/parcel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pp_item_place {
	PP_ITEM_WAITING, /* to be sent */
	PP_ITEM_FLYING,  /* handed to the connection, no PUBACK yet */
	PP_ITEM_SENT,    /* PUBACK came, no receipt yet */
	PP_ITEM_REFUSED, /* by the server; offered again later */
	PP_ITEM_PLACES,
};

struct pp_item {
	struct pp_parcel *parcel;
	enum pp_item_place place;
	bool tried; /* has been sent at least once in this process */
	uint64_t order, token;
	uint64_t since_us;           /* FLYING, SENT: when handed over; REFUSED: when refused */
	struct pp_item *prev, *next; /* in its place's list */
	struct pp_item *chain;       /* in its bucket */
};

struct pp_queue;

int pp_queue_new(struct pp_queue **ret_queue);
struct pp_queue *pp_queue_free(struct pp_queue *q); /* NULL is fine; returns NULL */
/* Takes parcel on success. -EEXIST: it is held already. */
int pp_queue_add(struct pp_queue *q, struct pp_parcel *parcel, uint64_t now_us);
struct pp_item *pp_queue_find(
	const struct pp_queue *q, uint64_t epoch, int64_t seq); /* NULL: not held */
struct pp_item *pp_queue_by_token(
	const struct pp_queue *q, uint64_t token); /* FLYING; NULL: none */
void pp_queue_remove(struct pp_queue *q, struct pp_item *item);
/* Everything of epoch up to high goes. Returns how many. */
size_t pp_queue_remove_upto(struct pp_queue *q, uint64_t epoch, int64_t high);
/* WAITING is kept in order of sending; the other places in order of arrival there. */
void pp_queue_move(
	struct pp_queue *q, struct pp_item *item, enum pp_item_place place, uint64_t now_us);
struct pp_item *pp_queue_first(
	const struct pp_queue *q, enum pp_item_place place, bool alarm);   /* NULL: none */
size_t pp_queue_count(const struct pp_queue *q, enum pp_item_place place); /* alarms and others */
size_t pp_queue_total(const struct pp_queue *q);
int64_t pp_queue_oldest(const struct pp_queue *q, uint64_t epoch); /* lowest seq held; 0: none */

#endif
