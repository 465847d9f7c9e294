/* SPDX-License-Identifier: Apache-2.0 */
/* thread.c -- core/thread.h, core/random.h and core/log.h of simulated programs. */
#include "core/thread.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "inside.h"

struct pp_thread {
	struct world_thread *raw;
};

/* Those that wait stand on their own stacks. */
struct waiter {
	struct world_thread *thread;
	struct waiter *next;
	bool woken;
};

struct pp_lock {
	struct world_thread *owner;
	struct waiter *first;
};

struct pp_condition {
	struct waiter *first;
};

int pp_thread_start(pp_thread_fn *fn, void *user, struct pp_thread **ret_thread)
{
	struct pp_thread *t = calloc(1, sizeof(*t));

	assert(t);
	t->raw = world_thread_start("thread", fn, user);
	*ret_thread = t;
	return 0;
}

struct pp_thread *pp_thread_join(struct pp_thread *t)
{
	if (!t)
		return NULL;
	t->raw->joiner = world_thread_current();
	while (!world_thread_is_done(t->raw))
		(void)world_thread_wait(WORLD_NEVER);
	free(t);
	return NULL;
}

int pp_lock_new(struct pp_lock **ret_lock)
{
	*ret_lock = calloc(1, sizeof(**ret_lock));
	assert(*ret_lock);
	return 0;
}

struct pp_lock *pp_lock_free(struct pp_lock *l)
{
	free(l);
	return NULL;
}

static void join(struct waiter **list, struct waiter *w)
{
	while (*list)
		list = &(*list)->next;
	*list = w;
}

static void leave(struct waiter **list, const struct waiter *w)
{
	while (*list != w)
		list = &(*list)->next;
	*list = w->next;
}

void pp_lock_enter(struct pp_lock *l)
{
	struct waiter w = { .thread = world_thread_current() };

	if (!w.thread) {
		assert(!l->owner); /* an event cannot wait */
		return;
	}
	assert(l->owner != w.thread);
	while (l->owner) {
		join(&l->first, &w);
		(void)world_thread_wait(WORLD_NEVER);
		leave(&l->first, &w);
		w.next = NULL;
	}
	l->owner = w.thread;
}

void pp_lock_leave(struct pp_lock *l)
{
	assert(l->owner == world_thread_current());
	l->owner = NULL;
	if (l->first)
		world_thread_wake(l->first->thread);
}

int pp_condition_new(struct pp_condition **ret_condition)
{
	*ret_condition = calloc(1, sizeof(**ret_condition));
	assert(*ret_condition);
	return 0;
}

struct pp_condition *pp_condition_free(struct pp_condition *c)
{
	assert(!c || !c->first);
	free(c);
	return NULL;
}

bool pp_condition_wait(struct pp_condition *c, struct pp_lock *l, uint64_t until_us)
{
	struct waiter w = { .thread = world_thread_current() };
	uint64_t until = world_true_us(world_node_current(), until_us);

	assert(w.thread);
	join(&c->first, &w);
	pp_lock_leave(l);
	(void)world_thread_wait(until);
	leave(&c->first, &w);
	pp_lock_enter(l);
	return w.woken || the_world.now_us < until;
}

static void wake(struct waiter *w)
{
	w->woken = true;
	world_thread_wake(w->thread);
}

void pp_condition_wake(struct pp_condition *c)
{
	for (struct waiter *w = c->first; w; w = w->next)
		if (!w->woken) {
			wake(w);
			return;
		}
}

void pp_condition_wake_all(struct pp_condition *c)
{
	for (struct waiter *w = c->first; w; w = w->next)
		wake(w);
}

void pp_random(void *ret_data, size_t length)
{
	uint8_t *at = ret_data;

	for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
		uint64_t bits = world_random();

		memcpy(at + i, &bits, length - i < sizeof(bits) ? length - i : sizeof(bits));
	}
}

void pp_log_init(const char *program, enum pp_log_level level)
{
	(void)program;
	(void)level;
}

void pp_log(enum pp_log_level level, const char *id, const char *fmt, ...)
{
	const struct world_process *p = world_process_current();
	va_list args;

	if (!the_world.show_log)
		return;
	fprintf(stderr, "%10.3f %-12s %d %s ", (double)the_world.now_us / 1e6,
		p ? p->node->name : "-", (int)level, id);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
