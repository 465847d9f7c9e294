/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/backlog.h -- the unreceipted parcels of a post and where each of them stands. Pure. Alarms
 * come before everything else; of equals, the one that was added first. */
#ifndef UPLINK_BACKLOG_H
#define UPLINK_BACKLOG_H

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
	uint64_t added_us;
	uint64_t since_us;   /* FLYING, SENT: when handed over; REFUSED: when refused */
	uint64_t hurried_us; /* when last sent again because the server lacked it; 0: never */
	uint64_t told_us;    /* by the second path: when last ... */
	unsigned told;       /* ... and how often */
	struct pp_item *prev, *next; /* in its place's list */
	struct pp_item *chain;       /* in its bucket */
};

struct pp_backlog;

int pp_backlog_new(struct pp_backlog **ret_queue);
struct pp_backlog *pp_backlog_free(struct pp_backlog *q); /* NULL is fine; returns NULL */
/* Takes parcel on success. -EEXIST: it is held already. */
int pp_backlog_add(struct pp_backlog *q, struct pp_parcel *parcel, uint64_t now_us);
struct pp_item *pp_backlog_find(
	const struct pp_backlog *q, uint64_t epoch, int64_t seq); /* NULL: not held */
struct pp_item *pp_backlog_by_token(
	const struct pp_backlog *q, uint64_t token); /* FLYING; NULL: none */
void pp_backlog_remove(struct pp_backlog *q, struct pp_item *item);
/* Everything of epoch up to high goes. Returns how many. */
size_t pp_backlog_remove_upto(struct pp_backlog *q, uint64_t epoch, int64_t high);
/* WAITING is kept in order of sending; the other places in order of arrival there. */
void pp_backlog_move(
	struct pp_backlog *q, struct pp_item *item, enum pp_item_place place, uint64_t now_us);
struct pp_item *pp_backlog_first(
	const struct pp_backlog *q, enum pp_item_place place, bool alarm); /* NULL: none */
size_t pp_backlog_count(
	const struct pp_backlog *q, enum pp_item_place place); /* alarms and others */
size_t pp_backlog_total(const struct pp_backlog *q);
/* For status: walks through everything held. */
struct pp_backlog_facts {
	size_t alarms, refused; /* of what is held */
	uint64_t oldest_us;     /* when the oldest was added; UINT64_MAX: nothing is held */
};
struct pp_backlog_facts pp_backlog_look(const struct pp_backlog *q);
int64_t pp_backlog_oldest(
	const struct pp_backlog *q, uint64_t epoch); /* lowest seq held; 0: none */
/* Lowest seq that nobody but this process can know; 0: none. */
int64_t pp_backlog_unseen(const struct pp_backlog *q, uint64_t epoch);

#endif
