/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.c -- two lists under one lock. */
#include "jobs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/thread.h"

struct list {
	struct pp_job *first, **end;
};
struct pp_jobs {
	struct pp_lock *lock;
	struct list submitted, answered;
	size_t count; /* under way, until their done has been called */
	bool closed;
};

static void list_init(struct list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void list_append(struct list *l, struct pp_job *job)
{
	job->next = NULL;
	*l->end = job;
	l->end = &job->next;
}

static struct pp_job *list_take(struct list *l)
{
	struct pp_job *job = l->first;

	if (!job)
		return NULL;
	l->first = job->next;
	if (!l->first)
		l->end = &l->first;
	return job;
}

int pp_jobs_new(struct pp_jobs **ret_jobs)
{
	struct pp_jobs *j = calloc(1, sizeof(*j));
	int r;

	if (!j)
		return -ENOMEM;
	r = pp_lock_new(&j->lock);
	if (r < 0) {
		free(j);
		return r;
	}
	list_init(&j->submitted);
	list_init(&j->answered);
	*ret_jobs = j;
	return 0;
}

struct pp_jobs *pp_jobs_free(struct pp_jobs *j)
{
	if (!j)
		return NULL;
	assert(j->count == 0);
	pp_lock_free(j->lock);
	free(j);
	return NULL;
}

/* The texts of an action. */
#define TEXTS(a)                                                                                   \
	{                                                                                          \
		&(a)->tenant, &(a)->actor, &(a)->incident, &(a)->unit, &(a)->code, &(a)->text,     \
			&(a)->name, &(a)->secret, &(a)->role, &(a)->state, &(a)->post,             \
			&(a)->order, &(a)->class, &(a)->kecamatan, &(a)->codes, &(a)->other,       \
			&(a)->desa, &(a)->rw                                                       \
	}

static struct pp_job *job_new(const struct pp_action *action)
{
	struct pp_action copy = *action;
	const char **texts[] = TEXTS(&copy);
	size_t size = sizeof(struct pp_job);
	struct pp_job *job;
	char *at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		size += *texts[i] ? strlen(*texts[i]) + 1 : 0;
	job = calloc(1, size);
	if (!job)
		return NULL;
	at = (char *)(job + 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!*texts[i])
			continue;
		size = strlen(*texts[i]) + 1;
		*texts[i] = memcpy(at, *texts[i], size);
		at += size;
	}
	job->action = copy;
	return job;
}

int pp_jobs_submit(
	struct pp_jobs *j, const struct pp_action *action, pp_engine_done_fn *done, void *user)
{
	struct pp_job *job = job_new(action);
	int r = 0;

	if (!job)
		return -ENOMEM;
	job->done = done;
	job->user = user;
	pp_lock_enter(j->lock);
	if (j->closed)
		r = -EIO;
	else if (j->count == PP_ENGINE_JOBS_MAX)
		r = -ENOBUFS;
	if (r == 0) {
		list_append(&j->submitted, job);
		j->count++;
	}
	pp_lock_leave(j->lock);
	if (r < 0)
		free(job);
	return r;
}

void pp_jobs_close(struct pp_jobs *j)
{
	pp_lock_enter(j->lock);
	j->closed = true;
	pp_lock_leave(j->lock);
}

struct pp_job *pp_jobs_take(struct pp_jobs *j)
{
	struct pp_job *job;

	pp_lock_enter(j->lock);
	job = list_take(&j->submitted);
	pp_lock_leave(j->lock);
	return job;
}

void pp_jobs_answer(struct pp_jobs *j, struct pp_job *job)
{
	pp_lock_enter(j->lock);
	list_append(&j->answered, job);
	pp_lock_leave(j->lock);
}

void pp_jobs_finish(struct pp_jobs *j)
{
	for (;;) {
		struct pp_job *job;

		pp_lock_enter(j->lock);
		job = list_take(&j->answered);
		if (job)
			j->count--;
		pp_lock_leave(j->lock);
		if (!job)
			return;
		/* Without the lock: it may submit again. */
		if (job->done)
			job->done(job->user, &job->result);
		free(job);
	}
}
