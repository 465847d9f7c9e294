/* SPDX-License-Identifier: Apache-2.0 */
/* thread.c -- pthread, with conditions on the monotonic clock. */
#include "core/thread.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct pp_thread {
	pthread_t raw;
	pp_thread_fn *fn;
	void *user;
};

struct pp_lock {
	pthread_mutex_t raw;
};

struct pp_condition {
	pthread_cond_t raw;
};

static void *thread_run(void *user)
{
	struct pp_thread *t = user;

	t->fn(t->user);
	return NULL;
}

int pp_thread_start(pp_thread_fn *fn, void *user, struct pp_thread **ret_thread)
{
	struct pp_thread *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->fn = fn;
	t->user = user;
	r = -pthread_create(&t->raw, NULL, thread_run, t);
	if (r < 0) {
		free(t);
		return r;
	}
	*ret_thread = t;
	return 0;
}

struct pp_thread *pp_thread_join(struct pp_thread *t)
{
	int r = t ? pthread_join(t->raw, NULL) : 0;

	assert(r == 0); /* joined twice, or by itself */
	free(t);
	return NULL;
}

int pp_lock_new(struct pp_lock **ret_lock)
{
	struct pp_lock *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	pthread_mutex_init(&l->raw, NULL); /* of the default kind: cannot fail */
	*ret_lock = l;
	return 0;
}

struct pp_lock *pp_lock_free(struct pp_lock *l)
{
	if (l)
		pthread_mutex_destroy(&l->raw);
	free(l);
	return NULL;
}

void pp_lock_enter(struct pp_lock *l)
{
	pthread_mutex_lock(&l->raw);
}

void pp_lock_leave(struct pp_lock *l)
{
	pthread_mutex_unlock(&l->raw);
}

int pp_condition_new(struct pp_condition **ret_condition)
{
	struct pp_condition *c = calloc(1, sizeof(*c));
	pthread_condattr_t monotonic;
	int r;

	if (!c)
		return -ENOMEM;
	pthread_condattr_init(&monotonic);
	r = -pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	assert(r == 0); /* a clock that every kernel of ours has */
	pthread_cond_init(&c->raw, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*ret_condition = c;
	return 0;
}

struct pp_condition *pp_condition_free(struct pp_condition *c)
{
	if (c)
		pthread_cond_destroy(&c->raw);
	free(c);
	return NULL;
}

bool pp_condition_wait(struct pp_condition *c, struct pp_lock *l, uint64_t until_us)
{
	const struct timespec until = { .tv_sec = (time_t)(until_us / 1000000),
		.tv_nsec = (long)(until_us % 1000000 * 1000) };

	if (until_us != UINT64_MAX)
		return pthread_cond_timedwait(&c->raw, &l->raw, &until) != ETIMEDOUT;
	pthread_cond_wait(&c->raw, &l->raw);
	return true;
}

void pp_condition_wake(struct pp_condition *c)
{
	pthread_cond_signal(&c->raw);
}

void pp_condition_wake_all(struct pp_condition *c)
{
	pthread_cond_broadcast(&c->raw);
}
