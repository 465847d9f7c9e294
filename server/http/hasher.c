/* SPDX-License-Identifier: Apache-2.0 */
/* hasher.c -- the password thread: a short queue in, a list of results out, a wake between them. */
#include "hasher.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/password.h"

struct job {
	struct job *next;
	bool known, check, ok;
	char hash[PP_PASSWORD_HASH_SIZE];
	char password[PP_HASHER_PASSWORD_MAX + 1];
	pp_hasher_fn *fn;
	void *user;
};

struct pp_hasher {
	pthread_mutex_t lock; /* over everything down to `end` */
	pthread_cond_t more;
	struct job *queue, *done;
	unsigned waiting, strangers;
	bool end;
	pthread_t thread;
	bool running;
	struct pp_loop_source *wake;
};

static struct job *job_free(struct job *j)
{
	if (j)
		explicit_bzero(j, sizeof(*j));
	free(j);
	return NULL;
}

static void list_append(struct job **list, struct job *j)
{
	while (*list)
		list = &(*list)->next;
	j->next = NULL;
	*list = j;
}

/* Behind the known ones, before the strangers. */
static void list_insert_known(struct job **list, struct job *j)
{
	while (*list && (*list)->known)
		list = &(*list)->next;
	j->next = *list;
	*list = j;
}

static void job_work(struct job *j)
{
	if (j->check)
		j->ok = pp_password_matches(j->hash, j->password);
	else
		j->ok = pp_password_hash(j->password, j->hash) == 0;
	explicit_bzero(j->password, sizeof(j->password));
}

static void *hasher_run(void *arg)
{
	struct pp_hasher *h = arg;

	pthread_mutex_lock(&h->lock);
	while (!h->end) {
		struct job *j = h->queue;

		if (j == NULL) {
			pthread_cond_wait(&h->more, &h->lock);
			continue;
		}
		h->queue = j->next;
		h->waiting--;
		h->strangers -= !j->known;
		pthread_mutex_unlock(&h->lock);
		job_work(j);
		pthread_mutex_lock(&h->lock);
		list_append(&h->done, j);
		pp_loop_wake(h->wake);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void on_wake(void *user)
{
	struct pp_hasher *h = user;
	struct job *list;

	pthread_mutex_lock(&h->lock);
	list = h->done;
	h->done = NULL;
	pthread_mutex_unlock(&h->lock);
	while (list) {
		struct job *j = list;

		list = j->next;
		j->fn(j->user, j->ok, !j->check && j->ok ? j->hash : NULL);
		job_free(j);
	}
}

int pp_hasher_new(struct pp_loop *loop, struct pp_hasher **ret_hasher)
{
	struct pp_hasher *h = calloc(1, sizeof(*h));
	int r;

	if (h == NULL)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
	r = pp_loop_add_wake(loop, on_wake, h, &h->wake);
	if (r < 0)
		goto fail;
	r = -pthread_create(&h->thread, NULL, hasher_run, h);
	if (r < 0)
		goto fail;
	h->running = true;
	*ret_hasher = h;
	return 0;
fail:
	pp_hasher_free(h);
	return r;
}

struct pp_hasher *pp_hasher_free(struct pp_hasher *h)
{
	struct job *lists[2];

	if (h == NULL)
		return NULL;
	if (h->running) {
		pthread_mutex_lock(&h->lock);
		h->end = true;
		pthread_cond_signal(&h->more);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	lists[0] = h->queue;
	lists[1] = h->done;
	for (int i = 0; i < 2; i++) {
		while (lists[i]) {
			struct job *j = lists[i];

			lists[i] = j->next;
			job_free(j);
		}
	}
	pp_loop_source_free(h->wake);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
	return NULL;
}

static int hasher_push(struct pp_hasher *h, struct job *j)
{
	int r = 0;

	pthread_mutex_lock(&h->lock);
	if (h->waiting >= PP_HASHER_QUEUE || (!j->known && h->strangers >= PP_HASHER_STRANGERS)) {
		r = -ENOBUFS;
	} else {
		h->waiting++;
		h->strangers += !j->known;
		if (j->known)
			list_insert_known(&h->queue, j);
		else
			list_append(&h->queue, j);
		pthread_cond_signal(&h->more);
	}
	pthread_mutex_unlock(&h->lock);
	if (r < 0)
		job_free(j);
	return r;
}

static int job_new(const char *password, pp_hasher_fn *fn, void *user, struct job **ret_job)
{
	struct job *j;

	if (strlen(password) > PP_HASHER_PASSWORD_MAX)
		return -EINVAL;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return -ENOMEM;
	memcpy(j->password, password, strlen(password) + 1);
	j->fn = fn;
	j->user = user;
	*ret_job = j;
	return 0;
}

int pp_hasher_make(struct pp_hasher *h, const char *password, pp_hasher_fn *fn, void *user)
{
	struct job *j;
	int r = job_new(password, fn, user, &j);

	return r < 0 ? r : hasher_push(h, j);
}

int pp_hasher_check(
	struct pp_hasher *h, const struct pp_hasher_check *check, pp_hasher_fn *fn, void *user)
{
	struct job *j;
	int r;

	if (strlen(check->hash) >= PP_PASSWORD_HASH_SIZE)
		return -EINVAL;
	r = job_new(check->password, fn, user, &j);
	if (r < 0)
		return r;
	j->check = true;
	j->known = check->known;
	memcpy(j->hash, check->hash, strlen(check->hash) + 1);
	return hasher_push(h, j);
}
