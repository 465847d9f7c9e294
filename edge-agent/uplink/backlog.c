/* SPDX-License-Identifier: Apache-2.0 */
/* backlog.c -- one list per place and urgency, and a table to find a parcel by its triple. */
#include "uplink/backlog.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BUCKETS 1024u

struct list {
	struct pp_item *first, *last;
	size_t count;
};

struct pp_backlog {
	struct list lists[PP_ITEM_PLACES][2]; /* [1]: alarms */
	struct pp_item *buckets[BUCKETS];
	uint64_t last_order;
	size_t total;
};

int pp_backlog_new(struct pp_backlog **ret_queue)
{
	struct pp_backlog *q = calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	*ret_queue = q;
	return 0;
}

static unsigned bucket(uint64_t epoch, int64_t seq)
{
	return (unsigned)((epoch ^ (uint64_t)seq) % BUCKETS);
}

static struct list *list_of(struct pp_backlog *q, const struct pp_item *item)
{
	return &q->lists[item->place][item->parcel->alarm];
}

static void detach(struct pp_backlog *q, struct pp_item *item)
{
	struct list *list = list_of(q, item);

	*(item->prev ? &item->prev->next : &list->first) = item->next;
	*(item->next ? &item->next->prev : &list->last) = item->prev;
	list->count--;
}

/* Behind `before`; NULL: at the front. */
static void attach(struct list *list, struct pp_item *item, struct pp_item *before)
{
	item->prev = before;
	item->next = before ? before->next : list->first;
	*(item->prev ? &item->prev->next : &list->first) = item;
	*(item->next ? &item->next->prev : &list->last) = item;
	list->count++;
}

static void place(
	struct pp_backlog *q, struct pp_item *item, enum pp_item_place where, uint64_t now_us)
{
	struct pp_item *before;
	struct list *list;

	item->place = where;
	item->since_us = now_us;
	list = list_of(q, item);
	before = list->last;
	if (where == PP_ITEM_WAITING && before && before->order > item->order) {
		/* What comes back was sent early, so its neighbours are at the front. */
		before = NULL;
		for (struct pp_item *i = list->first; i && i->order < item->order; i = i->next)
			before = i;
	}
	attach(list, item, before);
}

int pp_backlog_add(struct pp_backlog *q, struct pp_parcel *parcel, uint64_t now_us)
{
	unsigned b = bucket(parcel->epoch, parcel->seq);
	struct pp_item *item;

	if (pp_backlog_find(q, parcel->epoch, parcel->seq))
		return -EEXIST;
	item = calloc(1, sizeof(*item));
	if (!item)
		return -ENOMEM;
	item->parcel = parcel;
	item->order = ++q->last_order;
	item->added_us = now_us;
	item->chain = q->buckets[b];
	q->buckets[b] = item;
	q->total++;
	place(q, item, parcel->refused ? PP_ITEM_REFUSED : PP_ITEM_WAITING, now_us);
	return 0;
}

struct pp_backlog_facts pp_backlog_look(const struct pp_backlog *q)
{
	struct pp_backlog_facts facts = { .oldest_us = UINT64_MAX };

	for (int where = 0; where < PP_ITEM_PLACES; where++)
		for (int alarm = 0; alarm < 2; alarm++) {
			const struct list *list = &q->lists[where][alarm];

			facts.alarms += alarm ? list->count : 0;
			facts.refused += where == PP_ITEM_REFUSED ? list->count : 0;
			for (const struct pp_item *i = list->first; i; i = i->next)
				if (i->added_us < facts.oldest_us)
					facts.oldest_us = i->added_us;
		}
	return facts;
}

struct pp_item *pp_backlog_find(const struct pp_backlog *q, uint64_t epoch, int64_t seq)
{
	struct pp_item *item = q->buckets[bucket(epoch, seq)];

	while (item && (item->parcel->epoch != epoch || item->parcel->seq != seq))
		item = item->chain;
	return item;
}

struct pp_item *pp_backlog_by_token(const struct pp_backlog *q, uint64_t token)
{
	for (int alarm = 0; alarm < 2; alarm++)
		for (struct pp_item *i = q->lists[PP_ITEM_FLYING][alarm].first; i; i = i->next)
			if (i->token == token)
				return i;
	return NULL;
}

void pp_backlog_remove(struct pp_backlog *q, struct pp_item *item)
{
	struct pp_item **at = &q->buckets[bucket(item->parcel->epoch, item->parcel->seq)];

	while (*at != item)
		at = &(*at)->chain;
	*at = item->chain;
	detach(q, item);
	q->total--;
	pp_parcel_free(item->parcel);
	free(item);
}

size_t pp_backlog_remove_upto(struct pp_backlog *q, uint64_t epoch, int64_t high)
{
	size_t removed = 0;

	for (unsigned b = 0; b < BUCKETS; b++) {
		struct pp_item *item = q->buckets[b];

		while (item) {
			struct pp_item *next = item->chain;

			if (item->parcel->epoch == epoch && item->parcel->seq <= high) {
				pp_backlog_remove(q, item);
				removed++;
			}
			item = next;
		}
	}
	return removed;
}

void pp_backlog_move(
	struct pp_backlog *q, struct pp_item *item, enum pp_item_place where, uint64_t now_us)
{
	detach(q, item);
	place(q, item, where, now_us);
}

struct pp_item *pp_backlog_first(const struct pp_backlog *q, enum pp_item_place where, bool alarm)
{
	return q->lists[where][alarm].first;
}

size_t pp_backlog_count(const struct pp_backlog *q, enum pp_item_place where)
{
	return q->lists[where][0].count + q->lists[where][1].count;
}

size_t pp_backlog_total(const struct pp_backlog *q)
{
	return q->total;
}

static int64_t lowest(const struct pp_backlog *q, uint64_t epoch, bool unseen)
{
	int64_t oldest = 0;

	for (unsigned b = 0; b < BUCKETS; b++)
		for (const struct pp_item *i = q->buckets[b]; i; i = i->chain)
			if (i->parcel->epoch == epoch &&
				(!unseen || (i->parcel->fresh && !i->tried)) &&
				(oldest == 0 || i->parcel->seq < oldest))
				oldest = i->parcel->seq;
	return oldest;
}

int64_t pp_backlog_oldest(const struct pp_backlog *q, uint64_t epoch)
{
	return lowest(q, epoch, false);
}

int64_t pp_backlog_unseen(const struct pp_backlog *q, uint64_t epoch)
{
	return lowest(q, epoch, true);
}

struct pp_backlog *pp_backlog_free(struct pp_backlog *q)
{
	if (!q)
		return NULL;
	for (unsigned b = 0; b < BUCKETS; b++)
		while (q->buckets[b])
			pp_backlog_remove(q, q->buckets[b]);
	free(q);
	return NULL;
}
