/* SPDX-License-Identifier: Apache-2.0 */
/* events.c -- true time: what happens next, and what of that first. */
#include <assert.h>
#include <stdlib.h>

#include "inside.h"

#define TOGETHER_MAX 8u /* of those at one time, so many compete for being first */

struct event {
	uint64_t at_us, number; /* numbers rise: the order of asking */
	world_fn *fn;           /* NULL: cancelled */
	void *user;
	size_t place; /* in the heap */
};

struct world the_world;

static struct {
	struct event **heap;
	size_t count, size;
	uint64_t next;
	/* Number to event: numbers modulo the table's size, which is a power of two larger than the
	 * span from the oldest to the newest number that wait. */
	struct event **table;
	size_t table_size;
} self = { .next = 1 };

uint64_t world_now_us(void)
{
	return the_world.now_us;
}

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

static void put(struct event *e, size_t place)
{
	self.heap[place] = e;
	e->place = place;
}

static void rise(struct event *e)
{
	while (e->place > 0) {
		size_t up = (e->place - 1) / 2, was = e->place;

		if (!is_before(e, self.heap[up]))
			return;
		put(self.heap[up], was);
		put(e, up);
	}
}

static void sink(struct event *e)
{
	for (;;) {
		size_t left = 2 * e->place + 1, least = left, was = e->place;

		if (left >= self.count)
			return;
		if (left + 1 < self.count && is_before(self.heap[left + 1], self.heap[left]))
			least = left + 1;
		if (!is_before(self.heap[least], e))
			return;
		put(self.heap[least], was);
		put(e, least);
	}
}

static void heap_add(struct event *e)
{
	if (self.count == self.size) {
		self.size = self.size ? 2 * self.size : 64;
		self.heap = realloc(self.heap, self.size * sizeof(struct event *));
		assert(self.heap);
	}
	put(e, self.count++);
	rise(e);
}

static void heap_remove(struct event *e)
{
	struct event *last = self.heap[--self.count];

	if (last == e)
		return;
	put(last, e->place);
	rise(last);
	sink(last);
}

static void table_grow(void)
{
	size_t size = self.table_size ? 2 * self.table_size : 1024;
	struct event **table = calloc(size, sizeof(struct event *));

	assert(table);
	for (size_t i = 0; i < self.count; i++)
		table[self.heap[i]->number & (size - 1)] = self.heap[i];
	free(self.table);
	self.table = table;
	self.table_size = size;
}

uint64_t world_at(uint64_t at_us, world_fn *fn, void *user)
{
	struct event *e;

	if (at_us == WORLD_NEVER)
		return 0;
	e = calloc(1, sizeof(*e));
	assert(e);
	e->at_us = at_us > the_world.now_us ? at_us : the_world.now_us;
	e->number = self.next++;
	e->fn = fn;
	e->user = user;
	while (!self.table || self.table[e->number & (self.table_size - 1)])
		table_grow();
	self.table[e->number & (self.table_size - 1)] = e;
	heap_add(e);
	return e->number;
}

uint64_t world_after(uint64_t delay_us, world_fn *fn, void *user)
{
	return world_at(the_world.now_us + delay_us, fn, user);
}

static void drop(struct event *e)
{
	heap_remove(e);
	self.table[e->number & (self.table_size - 1)] = NULL;
	free(e);
}

void world_cancel(uint64_t number)
{
	struct event *e = number && self.table ? self.table[number & (self.table_size - 1)] : NULL;

	if (e && e->number == number)
		drop(e);
}

/* Those at the time of the first, in order of asking; how many. */
static size_t together(struct event *ret_events[TOGETHER_MAX])
{
	size_t count = 0;

	while (count < TOGETHER_MAX && self.count > 0 &&
		(count == 0 || self.heap[0]->at_us == ret_events[0]->at_us)) {
		ret_events[count] = self.heap[0];
		heap_remove(ret_events[count++]);
	}
	for (size_t i = 0; i < count; i++)
		heap_add(ret_events[i]);
	return count;
}

static struct event *first(void)
{
	struct event *ready[TOGETHER_MAX];
	size_t left = 1, right = 2;

	if ((left >= self.count || self.heap[left]->at_us > self.heap[0]->at_us) &&
		(right >= self.count || self.heap[right]->at_us > self.heap[0]->at_us))
		return self.heap[0];
	return ready[world_choose(WORLD_CHOICE_order, (uint32_t)together(ready))];
}

uint64_t world_run_until(uint64_t until_us)
{
	assert(!the_world.current);
	while (self.count > 0 && self.heap[0]->at_us <= until_us) {
		struct event *e = first();
		world_fn *fn = e->fn;
		void *user = e->user;

		the_world.now_us = e->at_us;
		drop(e);
		fn(user);
	}
	if (until_us != WORLD_NEVER && the_world.now_us < until_us)
		the_world.now_us = until_us;
	return the_world.now_us;
}
