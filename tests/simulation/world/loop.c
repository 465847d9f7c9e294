/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c -- loop/loop.h of simulated programs: one source is served at a time, the one that is
 * ready for longest unless a choice says otherwise, and the clock is read once per wake. */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define FDS_MAX 4096
#define FD_FIRST 1000
#define READY_MAX 16u
#define WATCHDOG_US 20000000u /* WatchdogSec of the units */

enum type { TYPE_FD, TYPE_TIMER, TYPE_SIGNAL, TYPE_WAKE };

struct pp_loop_source {
	struct pp_loop *loop;
	struct pp_loop_source *next;
	enum type type;
	union {
		pp_loop_fd_fn *fd;
		pp_loop_fn *plain;
		pp_loop_signal_fn *signal;
	} fn;
	void *user;
	int number; /* descriptor or signal */
	uint32_t events;
	uint64_t at_us; /* CLOCK_MONOTONIC; UINT64_MAX: not armed */
	bool raised;    /* woken, signalled */
	uint64_t ready; /* since which turn; 0: it is not */
};

struct pp_loop {
	struct pp_loop *next; /* of the program */
	struct world_process *process;
	struct world_thread *thread; /* that runs it; NULL: nobody does */
	struct pp_loop_source *sources;
	uint64_t now_us, turns;
	bool stopped;
	int code;
};

/* Of all programs. Numbers are not used again: a stale one is noticed. */
static struct {
	struct world_process *process;
	bool open, readable;
} fds[FDS_MAX];
static int fd_count;

/* ---- descriptors ---- */

int world_fd_new(void)
{
	assert(fd_count < FDS_MAX);
	fds[fd_count].process = world_process_current();
	fds[fd_count].open = true;
	return FD_FIRST + fd_count++;
}

static int slot(int fd)
{
	assert(fd >= FD_FIRST && fd < FD_FIRST + fd_count);
	return fd - FD_FIRST;
}

static bool is_readable(int fd)
{
	return fds[slot(fd)].open && fds[slot(fd)].readable;
}

void world_fd_ready(int fd, bool readable)
{
	struct world_process *p = fds[slot(fd)].process;

	fds[slot(fd)].readable = readable;
	if (!readable || !p || !p->alive)
		return;
	for (struct pp_loop *l = p->loops; l; l = l->next)
		for (struct pp_loop_source *s = l->sources; s; s = s->next)
			if (s->type == TYPE_FD && s->number == fd)
				world_thread_wake(l->thread);
}

void world_fd_close(int fd)
{
	fds[slot(fd)].open = false;
}

/* ---- loops ---- */

int pp_loop_new(struct pp_loop **ret_loop)
{
	struct pp_loop *l = calloc(1, sizeof(*l));
	struct world_process *p = world_process_current();

	assert(l && p);
	l->process = p;
	l->now_us = world_mono_us(p->node);
	l->next = p->loops;
	p->loops = l;
	*ret_loop = l;
	return 0;
}

struct pp_loop *pp_loop_free(struct pp_loop *loop)
{
	struct pp_loop **at;

	if (!loop)
		return NULL;
	assert(!loop->sources);
	for (at = &loop->process->loops; *at != loop; at = &(*at)->next)
		;
	*at = loop->next;
	free(loop);
	return NULL;
}

void loop_process_end(struct world_process *p)
{
	p->loops = NULL; /* the memory stays: whatever points to it never runs again */
	for (int i = 0; i < fd_count; i++)
		if (fds[i].process == p)
			fds[i].open = false;
}

void pp_loop_stop(struct pp_loop *loop, int code)
{
	loop->stopped = true;
	loop->code = code;
}

uint64_t pp_loop_now_us(const struct pp_loop *loop)
{
	/* Before the first turn it is read at each call. */
	return loop->turns ? loop->now_us : world_mono_us(loop->process->node);
}

static bool is_ready(const struct pp_loop_source *s, uint64_t now_us)
{
	switch (s->type) {
	case TYPE_FD:
		return s->events != 0 && is_readable(s->number);
	case TYPE_TIMER:
		return s->at_us <= now_us;
	default:
		return s->raised;
	}
}

/* The sources that are ready, the one that is so for longest first. */
static size_t gather(struct pp_loop *l, struct pp_loop_source *ret_ready[READY_MAX])
{
	size_t count = 0;

	for (struct pp_loop_source *s = l->sources; s; s = s->next) {
		size_t at = count;

		if (!is_ready(s, l->now_us)) {
			s->ready = 0;
			continue;
		}
		if (!s->ready)
			s->ready = l->turns;
		if (count == READY_MAX)
			continue;
		for (; at > 0 && ret_ready[at - 1]->ready > s->ready; at--)
			ret_ready[at] = ret_ready[at - 1];
		ret_ready[at] = s;
		count++;
	}
	return count;
}

static uint64_t next_timer(const struct pp_loop *l)
{
	uint64_t at_us = UINT64_MAX;

	for (const struct pp_loop_source *s = l->sources; s; s = s->next)
		if (s->type == TYPE_TIMER && s->at_us < at_us)
			at_us = s->at_us;
	return world_true_us(l->process->node, at_us);
}

static void serve(struct pp_loop_source *s)
{
	int number = s->number;

	s->ready = 0;
	s->raised = false;
	if (s->type == TYPE_TIMER)
		s->at_us = UINT64_MAX;
	/* Nothing of s is touched after its function: that may free it. */
	if (s->type == TYPE_FD)
		s->fn.fd(s->user, number, s->events);
	else if (s->type == TYPE_SIGNAL)
		s->fn.signal(s->user, number);
	else
		s->fn.plain(s->user);
}

static void turn(struct pp_loop *l)
{
	struct pp_loop_source *ready[READY_MAX];
	size_t count;

	l->turns++;
	l->now_us = world_mono_us(l->process->node);
	while ((count = gather(l, ready)) == 0) {
		(void)world_thread_wait(next_timer(l));
		l->now_us = world_mono_us(l->process->node);
	}
	world_crash_point();
	serve(ready[world_choose(WORLD_CHOICE_order, (uint32_t)count)]);
}

int pp_loop_run(struct pp_loop *loop)
{
	assert(!loop->thread);
	loop->thread = world_thread_current();
	while (!loop->stopped)
		turn(loop);
	loop->thread = NULL;
	loop->stopped = false;
	return loop->code;
}

/* ---- sources ---- */

static struct pp_loop_source *source_new(struct pp_loop *loop, enum type type, void *user)
{
	struct pp_loop_source *s = calloc(1, sizeof(*s)), **at = &loop->sources;

	assert(s);
	s->loop = loop;
	s->type = type;
	s->user = user;
	s->at_us = UINT64_MAX;
	while (*at)
		at = &(*at)->next;
	*at = s;
	return s;
}

struct pp_loop_source *pp_loop_source_free(struct pp_loop_source *source)
{
	struct pp_loop_source **at;

	if (!source)
		return NULL;
	for (at = &source->loop->sources; *at != source; at = &(*at)->next)
		;
	*at = source->next;
	free(source);
	return NULL;
}

int pp_loop_add_fd(struct pp_loop *loop, int fd, uint32_t events, pp_loop_fd_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	struct pp_loop_source *s = source_new(loop, TYPE_FD, user);

	s->number = fd;
	s->events = events;
	s->fn.fd = fn;
	*ret_source = s;
	return 0;
}

int pp_loop_set_fd_events(struct pp_loop_source *source, uint32_t events)
{
	source->events = events;
	world_thread_wake(source->loop->thread);
	return 0;
}

int pp_loop_add_timer(struct pp_loop *loop, uint64_t accuracy_us, pp_loop_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	struct pp_loop_source *s = source_new(loop, TYPE_TIMER, user);

	(void)accuracy_us;
	s->fn.plain = fn;
	*ret_source = s;
	return 0;
}

int pp_loop_arm_at(struct pp_loop_source *timer, uint64_t mono_us)
{
	timer->at_us = mono_us;
	return 0;
}

int pp_loop_add_signal(struct pp_loop *loop, int signal, pp_loop_signal_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	struct pp_loop_source *s = source_new(loop, TYPE_SIGNAL, user);

	s->number = signal;
	s->fn.signal = fn;
	*ret_source = s;
	return 0;
}

int pp_loop_add_wake(
	struct pp_loop *loop, pp_loop_fn *fn, void *user, struct pp_loop_source **ret_source)
{
	struct pp_loop_source *s = source_new(loop, TYPE_WAKE, user);

	s->fn.plain = fn;
	*ret_source = s;
	return 0;
}

void pp_loop_wake(struct pp_loop_source *source)
{
	source->raised = true;
	world_thread_wake(source->loop->thread);
}

bool loop_signal(struct world_process *p, int signal)
{
	for (struct pp_loop *l = p->loops; l; l = l->next)
		for (struct pp_loop_source *s = l->sources; s; s = s->next)
			if (s->type == TYPE_SIGNAL && s->number == signal) {
				pp_loop_wake(s);
				return true;
			}
	return false;
}

/* ---- systemd ---- */

static void bark(void *user)
{
	struct world_process *p = user;

	p->watchdog_event = 0;
	world_history("hit", "\"kind\":\"watchdog\",\"node\":\"%s\"", p->node->name);
	world_process_kill(p);
}

void pp_notify(const char *state)
{
	struct world_process *p = world_process_current();

	assert(p);
	if (strcmp(state, "READY=1") == 0 && !p->ready) {
		p->ready = true;
		world_history("ready", "\"node\":\"%s\"", p->node->name);
	}
	if (strcmp(state, "STOPPING=1") == 0) {
		world_cancel(p->watchdog_event);
		p->watchdog_event = 0;
	}
	if (!p->watchdog_us || (strcmp(state, "READY=1") != 0 && strcmp(state, "WATCHDOG=1") != 0))
		return;
	world_cancel(p->watchdog_event);
	p->watchdog_event = world_after(p->watchdog_us, bark, p);
}

uint64_t pp_watchdog_us(void)
{
	struct world_process *p = world_process_current();

	assert(p);
	p->watchdog_us = WATCHDOG_US;
	return p->watchdog_us;
}
