/* SPDX-License-Identifier: Apache-2.0 */
/* process.c -- machines, programs and their threads: how they start, wait, wake and die. */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define WATCHERS_MAX 4u

static struct {
	struct {
		world_crash_fn *fn;
		void *user;
	} watchers[WATCHERS_MAX];
	size_t watcher_count;
} self;

/* ---- machines ---- */

struct world_node *world_node_new(const char *name)
{
	struct world_node *n = calloc(1, sizeof(*n));

	assert(n && the_world.node_count < NODES_MAX && !world_node_find(name));
	snprintf(n->name, sizeof(n->name), "%s", name);
	n->number = (unsigned)the_world.node_count;
	n->disk = disk_new();
	the_world.nodes[the_world.node_count++] = n;
	return n;
}

const char *world_node_name(const struct world_node *n)
{
	return n->name;
}

struct world_node *world_node_find(const char *name)
{
	for (size_t i = 0; i < the_world.node_count; i++)
		if (strcmp(the_world.nodes[i]->name, name) == 0)
			return the_world.nodes[i];
	return NULL;
}

/* What systemd keeps running; the history does not tell of tools that come and go. */
bool process_is_service(const struct world_process *p)
{
	return strcmp(p->name, "pospinctl") != 0;
}

static void booted(void *user)
{
	struct world_node *n = user;

	n->booting = 0;
	n->on = true;
	n->boots++;
	clock_boot(n);
	world_history("boot", "\"node\":\"%s\",\"mono\":%" PRIu64 ".%03u", n->name,
		world_mono_us(n) / 1000, (unsigned)(world_mono_us(n) % 1000));
	if (n->boot_fn)
		n->boot_fn(n->boot_user);
}

void world_node_boot(struct world_node *n, world_fn *fn, void *user)
{
	assert(!n->on);
	n->boot_fn = fn;
	n->boot_user = user;
	if (!n->booting)
		n->booting = world_after(0, booted, n);
}

void world_node_cut(struct world_node *n)
{
	world_cancel(n->booting);
	n->booting = 0;
	if (!n->on)
		return;
	n->on = false;
	for (struct world_process *p = n->processes; p; p = p->next)
		if (p->alive) {
			if (process_is_service(p))
				world_history("crash",
					"\"node\":\"%s\",\"how\":\"power\",\"program\":\"%s\"",
					n->name, p->name);
			process_end(p, -1);
		}
	wires_cut(n);
	disk_cut(n->disk);
	n->run.path[0] = '\0';
	if (n->cut_fn)
		n->cut_fn(n->cut_user);
	if (the_world.current && the_world.current->process->node == n)
		thread_vanish();
}

void world_node_on_cut(struct world_node *n, world_fn *fn, void *user)
{
	n->cut_fn = fn;
	n->cut_user = user;
}

void world_aside(world_fn *fn, void *user)
{
	struct world_thread *was = the_world.current;

	the_world.current = NULL;
	fn(user);
	the_world.current = was;
}

bool world_node_is_on(const struct world_node *n)
{
	return n->on;
}

struct world_node *world_node_current(void)
{
	if (the_world.current)
		return the_world.current->process->node;
	return the_world.entered;
}

void world_node_enter(struct world_node *n)
{
	assert(!the_world.current && !the_world.entered);
	the_world.entered = n;
}

void world_node_leave(void)
{
	assert(the_world.entered);
	the_world.entered = NULL;
}

/* ---- threads ---- */

struct world_thread *world_thread_current(void)
{
	return the_world.current;
}

bool world_thread_is_done(const struct world_thread *t)
{
	return t->state == THREAD_DONE;
}

static void finish(struct world_process *p, int code)
{
	if (code != 0 && process_is_service(p))
		world_history("crash", "\"node\":\"%s\",\"how\":\"exit\",\"code\":%d",
			p->node->name, code);
	process_end(p, code);
}

static void thread_main(void *user)
{
	struct world_thread *t = user;

	if (t == &t->process->threads[0])
		finish(t->process, t->process->main(t->process->user));
	else
		t->fn(t->user);
	t->state = THREAD_DONE;
	world_thread_wake(t->joiner);
}

static void resume(void *user)
{
	struct world_thread *t = user;

	t->event = 0;
	assert(t->process->alive);
	if (t->process->frozen) {
		t->held = true;
		return;
	}
	t->state = THREAD_READY;
	the_world.current = t;
	context_run(t->context);
	the_world.current = NULL;
	if (!t->process->alive || t->state == THREAD_DONE) {
		context_free(t->context);
		t->context = NULL;
	}
}

/* How long a thread waits for a processor although it could run. */
static uint64_t delay_us(void)
{
	static const uint64_t delays[] = { 20, 1, 300, 2000, 15000, 60000 };

	return delays[world_choose(WORLD_CHOICE_delay, 6)];
}

static struct world_thread *thread_new(struct world_process *p, const char *name)
{
	struct world_thread *t = &p->threads[p->thread_count++];

	assert(p->thread_count <= THREADS_MAX);
	t->process = p;
	t->name = name;
	t->state = THREAD_WAITING;
	t->context = context_new(thread_main, t);
	t->event = world_after(delay_us(), resume, t);
	return t;
}

struct world_thread *world_thread_start(const char *name, world_fn *fn, void *user)
{
	struct world_thread *t;

	assert(the_world.current);
	t = thread_new(the_world.current->process, name);
	t->fn = fn;
	t->user = user;
	return t;
}

static void give_way(struct world_thread *t)
{
	t->state = THREAD_WAITING;
	context_yield(t->context);
}

_Noreturn void thread_vanish(void)
{
	give_way(the_world.current);
	abort();
}

bool world_thread_wait(uint64_t until_us)
{
	struct world_thread *t = the_world.current;
	bool woken;

	assert(t && !t->event);
	if (!t->woken) {
		t->event = world_at(until_us, resume, t);
		give_way(t);
	}
	woken = t->woken;
	t->woken = false;
	return woken;
}

void world_thread_wake(struct world_thread *t)
{
	if (!t || t->state == THREAD_DONE || !t->process->alive || t->woken)
		return;
	t->woken = true;
	if (t->state != THREAD_WAITING || t->held)
		return;
	world_cancel(t->event);
	t->event = world_after(delay_us(), resume, t);
}

void world_sleep(uint64_t us)
{
	uint64_t until_us = the_world.now_us + us;
	struct world_thread *t = the_world.current;
	bool woken;

	if (!t || us == 0)
		return;
	/* A wake is for what the thread waits for besides: it is kept for that. */
	woken = t->woken;
	t->woken = false;
	while (the_world.now_us < until_us)
		woken |= world_thread_wait(until_us);
	t->woken = woken;
}

/* ---- programs ---- */

struct world_process *world_process_start(
	struct world_node *n, const char *name, int (*main)(void *user), void *user)
{
	struct world_process *p = calloc(1, sizeof(*p));

	assert(p && n->on);
	p->node = n;
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->main = main;
	p->user = user;
	p->alive = true;
	p->next = n->processes;
	n->processes = p;
	if (process_is_service(p))
		world_history("start", "\"node\":\"%s\",\"program\":\"%s\"", n->name, p->name);
	thread_new(p, "main");
	return p;
}

const char *world_process_name(const struct world_process *p)
{
	return p->name;
}

struct world_node *world_process_node(const struct world_process *p)
{
	return p->node;
}

struct world_process *world_process_current(void)
{
	return the_world.current ? the_world.current->process : NULL;
}

bool world_process_is_alive(const struct world_process *p)
{
	return p->alive;
}

void world_process_on_end(struct world_process *p, world_end_fn *fn, void *user)
{
	assert(p->notice_count < NOTICES_MAX);
	p->notices[p->notice_count++] = (struct notice){ fn, user };
}

void process_end(struct world_process *p, int code)
{
	assert(p->alive);
	p->alive = false;
	p->code = code;
	for (size_t i = 0; i < p->thread_count; i++) {
		struct world_thread *t = &p->threads[i];

		world_cancel(t->event);
		t->event = 0;
		if (t != the_world.current) {
			context_free(t->context);
			t->context = NULL;
		}
	}
	world_cancel(p->watchdog_event);
	loop_process_end(p);
	vfs_process_end(p);
	disk_process_end(p);
	wires_process_end(p);
	for (size_t i = 0; i < p->notice_count; i++)
		p->notices[i].fn(p->notices[i].user, p, code);
}

void world_process_kill(struct world_process *p)
{
	if (!p->alive)
		return;
	if (process_is_service(p))
		world_history("crash", "\"node\":\"%s\",\"how\":\"kill\",\"program\":\"%s\"",
			p->node->name, p->name);
	process_end(p, -1);
	if (the_world.current && the_world.current->process == p)
		thread_vanish();
}

void world_process_signal(struct world_process *p, int signal)
{
	if (p->alive && !loop_signal(p, signal) && signal != SIGHUP)
		world_process_kill(p);
}

void world_process_freeze(struct world_process *p, bool frozen)
{
	if (!p->alive || p->frozen == frozen)
		return;
	world_history(frozen ? "freeze" : "thaw", "\"node\":\"%s\"", p->node->name);
	p->frozen = frozen;
	for (size_t i = 0; !frozen && i < p->thread_count; i++) {
		struct world_thread *t = &p->threads[i];

		if (t->held)
			t->event = world_after(delay_us(), resume, t);
		t->held = false;
	}
}

/* ---- crashes by choice ---- */

struct struck {
	struct world_node *node;
	struct world_process *process;
	bool cut;
};

void world_on_crash(world_crash_fn *fn, void *user)
{
	assert(self.watcher_count < WATCHERS_MAX);
	self.watchers[self.watcher_count].fn = fn;
	self.watchers[self.watcher_count++].user = user;
}

static void tell_crash(void *user)
{
	struct struck *s = user;

	for (size_t i = 0; i < self.watcher_count; i++)
		self.watchers[i].fn(self.watchers[i].user, s->node, s->process, s->cut);
	free(s);
}

static void strike(struct world_process *p, bool cut)
{
	struct struck *s = calloc(1, sizeof(*s));

	assert(s);
	*s = (struct struck){ p->node, p, cut };
	world_after(0, tell_crash, s);
	if (cut)
		world_node_cut(p->node);
	world_process_kill(p);
}

void world_crash_point(void)
{
	struct world_process *p = world_process_current();

	if (!p)
		return;
	if (world_choose(WORLD_CHOICE_kill, 2))
		strike(p, false);
	if (world_choose(WORLD_CHOICE_cut, 2))
		strike(p, true);
}

/* ---- the whole ---- */

void world_begin(void)
{
	assert(!the_world.begun);
	the_world.begun = true;
	vfs_begin();
}

void world_heal(void)
{
	the_world.healed = true;
	for (size_t i = 0; i < the_world.node_count; i++)
		world_disk_heal(the_world.nodes[i]);
}

bool world_is_healed(void)
{
	return the_world.healed;
}

void world_log_show(bool show)
{
	the_world.show_log = show;
}
