/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c -- a process for each trial. */
#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPU_SECONDS 120 /* of one trial: then it hangs */

struct place {
	pid_t pid; /* 0: free */
	int said;  /* what it wrote to standard error */
	struct outcome *out;
};

struct pool {
	unsigned count;
	struct place places[POOL_WORKERS_MAX];
};

struct pool *pool_new(unsigned workers)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->count = workers < POOL_WORKERS_MAX ? workers : POOL_WORKERS_MAX;
	for (unsigned i = 0; i < p->count; i++) {
		p->places[i].out = mmap(NULL, sizeof(struct outcome), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		p->places[i].said = memfd_create("said", MFD_CLOEXEC);
		if (p->places[i].out == MAP_FAILED || p->places[i].said < 0)
			return NULL;
	}
	return p;
}

static void child(const struct place *place, const struct trial *t)
{
	const struct rlimit limit = { CPU_SECONDS, CPU_SECONDS }, core = { 0, 0 };

	(void)setrlimit(RLIMIT_CPU, &limit);
	(void)setrlimit(RLIMIT_CORE, &core);
	if (t->quiet_log)
		(void)dup2(place->said, STDERR_FILENO);
	trial_run(t, place->out);
	fflush(stdout);
	_exit(0);
}

static void place_start(struct place *place, const struct trial *t)
{
	struct outcome *out = place->out;

	/* (What a trial does not fill is not touched: most of it is a list that is seldom long.) */
	out->done = false;
	out->seed = t->seed;
	out->check = -1;
	out->breaches = 0;
	out->choice_count = 0;
	out->words[0] = '\0';
	memset(out->struck, 0, sizeof(out->struck));
	if (ftruncate(place->said, 0) < 0)
		perror("ftruncate");
	(void)lseek(place->said, 0, SEEK_SET);
	fflush(NULL);
	place->pid = fork();
	assert(place->pid >= 0);
	if (place->pid == 0)
		child(place, t);
}

/* The last lines of what it said, in one. */
static void said_take(const struct place *place)
{
	char *words = place->out->words;
	off_t length = lseek(place->said, 0, SEEK_END), from;
	ssize_t n;

	from = length > TRIAL_WORDS - 1 ? length - (TRIAL_WORDS - 1) : 0;
	n = pread(place->said, words, TRIAL_WORDS - 1, from);
	words[n > 0 ? n : 0] = '\0';
	for (char *at = words; *at; at++)
		if (*at == '\n')
			*at = ' ';
}

static void place_end(struct place *place, int status, pool_fn *fn, void *user)
{
	place->pid = 0;
	place->out->status = status;
	if (!place->out->done)
		said_take(place);
	if (fn)
		fn(user, place->out);
}

static struct place *wait_any(struct pool *p, pool_fn *fn, void *user)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	for (unsigned i = 0; i < p->count; i++) {
		if (pid <= 0 || p->places[i].pid != pid)
			continue;
		place_end(&p->places[i], status, fn, user);
		return &p->places[i];
	}
	return NULL;
}

void pool_start(struct pool *p, const struct trial *t, pool_fn *fn, void *user)
{
	struct place *free_one = NULL;

	for (unsigned i = 0; i < p->count && !free_one; i++)
		if (p->places[i].pid == 0)
			free_one = &p->places[i];
	while (!free_one)
		free_one = wait_any(p, fn, user);
	place_start(free_one, t);
}

void pool_finish(struct pool *p, pool_fn *fn, void *user)
{
	for (unsigned i = 0; i < p->count; i++)
		while (p->places[i].pid != 0)
			(void)wait_any(p, fn, user);
}

const struct outcome *pool_try(struct pool *p, const struct trial *t)
{
	assert(p->places[0].pid == 0);
	place_start(&p->places[0], t);
	while (p->places[0].pid != 0)
		(void)wait_any(p, NULL, NULL);
	return p->places[0].out;
}
