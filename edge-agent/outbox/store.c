/* SPDX-License-Identifier: Apache-2.0 */
/* store.c -- the outbox's thread: group commit, and answers only after it. */
#include "outbox/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aside.h"
#include "core/file.h"
#include "core/thread.h"
#include "salvage.h"

#define LOAD_AT_ONCE 128
#define PURGE_EVERY_MS (3600 * 1000)

struct pp_store {
	struct pp_store_options options;
	struct pp_thread *thread;
	struct pp_lock *lock;
	struct pp_condition *wake;
	bool ending;
	size_t waiting;
	struct pp_store_request *first, **last;          /* under lock */
	struct pp_store_answer *answers, **answers_last; /* under lock */
	/* The thread's own. */
	struct pp_key_list signers;                /* before the present key, once it was changed */
	struct pp_outbox *outbox;                  /* NULL: lost */
	struct pp_store_answer *made, **made_last; /* told only after the commit */
	bool loading, resuming;                    /* resuming: rows from before the start */
	struct pp_outbox_reader reader;
	struct pp_outbox_now load_now;
	int64_t purged_ms;
	bool told_lost, told_standing;
};

static struct pp_store_request *free_request(struct pp_store_request *q)
{
	if (!q)
		return NULL;
	free(q->path);
	free(q->text);
	free(q);
	return NULL;
}

struct pp_store_answer *pp_store_answer_free(struct pp_store_answer *a)
{
	if (!a)
		return NULL;
	pp_parcel_free(a->parcel);
	free(a);
	return NULL;
}

/* An answer that cannot be allocated cannot be told: there is nothing left to do but end loudly. */
static struct pp_store_answer *answer(struct pp_store *s, enum pp_store_answer_type type)
{
	struct pp_store_answer *a = calloc(1, sizeof(*a));

	assert(a);
	a->type = type;
	*s->made_last = a;
	s->made_last = &a->next;
	return a;
}

static void drop_made(struct pp_store *s)
{
	while (s->made) {
		struct pp_store_answer *next = s->made->next;

		pp_store_answer_free(s->made);
		s->made = next;
	}
	s->made_last = &s->made;
}

static void tell(struct pp_store *s)
{
	if (!s->made)
		return;
	pp_lock_enter(s->lock);
	*s->answers_last = s->made;
	s->answers_last = s->made_last;
	pp_lock_leave(s->lock);
	s->made = NULL;
	s->made_last = &s->made;
	s->options.wake(s->options.user);
}

static void lose(struct pp_store *s, int error)
{
	const char *why = s->outbox ? pp_outbox_error(s->outbox) : "";
	struct pp_store_answer *a;

	if (!s->told_lost) {
		a = answer(s, PP_STORE_LOST);
		a->error = error;
		snprintf(a->why, sizeof(a->why), "%s", why[0] ? why : strerror(-error));
		s->told_lost = true;
	}
	s->outbox = pp_outbox_close(s->outbox);
}

static void add_loaded(void *user, struct pp_parcel *parcel, const struct pp_signal *signal)
{
	struct pp_store *s = user;
	struct pp_store_answer *a = answer(s, PP_STORE_LOADED);

	a->parcel = parcel;
	a->signal = *signal;
	a->resumed = s->resuming;
}

static void load_from(struct pp_store *s, int64_t after, const struct pp_outbox_now *now)
{
	if (!s->loading || after < s->reader.after)
		s->reader.after = after;
	if (s->resuming)
		s->reader.salvaged = 0;
	s->loading = true;
	s->load_now = *now;
}

/* Checking the signatures of a long outbox takes seconds on a small machine: what is new comes in
 * between. */
static void load_some(struct pp_store *s)
{
	int r = s->outbox ? pp_outbox_load(s->outbox, &s->reader, &s->load_now) : 0;

	if (r < 0)
		lose(s, r);
	if (r > 0)
		return;
	if (r == 0 && s->outbox && s->resuming)
		answer(s, PP_STORE_ALL_LOADED);
	s->loading = false;
	s->resuming = false;
}

/* What was set aside just now, or by a program that ended before it had searched it. */
static int search_asides(struct pp_store *s, struct pp_salvage *salvage)
{
	char aside[PP_ASIDE_MAX] = "";
	struct pp_store_answer *a;
	int kept, r;

	while ((r = pp_aside_next(s->outbox, s->options.outbox.path, aside, aside)) == 1) {
		kept = pp_aside_search(s->outbox, salvage, aside);
		if (kept < 0)
			return kept;
		a = answer(s, PP_STORE_DAMAGED);
		a->seq = kept;
		snprintf(a->why, sizeof(a->why), "%.*s", (int)sizeof(a->why) - 1, aside);
	}
	return r;
}

/* Opens the file and hears what its log says of it: SQLite stops silently at the first frame of the
 * log that is damaged, and forgets what follows. */
static int open_file(struct pp_store *s, struct pp_salvage *salvage)
{
	const struct pp_outbox_options *options = &s->options.outbox;
	struct pp_outbox_facts facts;
	char log[PP_ASIDE_MAX];
	int r;

	snprintf(log, sizeof(log), "%s-wal", options->path);
	/* A log that cannot be read is SQLite's to complain of. */
	(void)pp_salvage_read_log(salvage, log);
	r = pp_outbox_open(options, &s->outbox);
	if (r < 0)
		return r;
	pp_outbox_facts(s->outbox, &facts);
	if (!pp_salvage_contradicts(salvage, facts.epoch, facts.last_seq))
		return 0;
	s->outbox = pp_outbox_close(s->outbox);
	return -EBADMSG;
}

/* A damaged file is kept for whoever wants to look into it; a new outbox means a new epoch. */
static int open_anew(struct pp_store *s, int64_t wall_ms)
{
	const struct pp_outbox_options *options = &s->options.outbox;
	char aside[PP_ASIDE_MAX];
	int r = pp_outbox_set_aside(options->path, wall_ms, aside);

	return r < 0 ? r : pp_outbox_open(options, &s->outbox);
}

static int open_outbox(struct pp_store *s, const struct pp_outbox_now *now)
{
	const struct pp_outbox_options *options = &s->options.outbox;
	struct pp_key_list signers;
	struct pp_salvage *salvage;
	int r;

	pp_outbox_signers(options, &signers);
	r = pp_salvage_new(options->topic, &signers, &salvage);
	if (r < 0)
		return r;
	r = open_file(s, salvage);
	if (r == -EBADMSG)
		r = open_anew(s, now->wall_ms == PP_AT_UNKNOWN ? now->mono_ms : now->wall_ms);
	if (r == 0)
		r = search_asides(s, salvage);
	pp_salvage_free(salvage);
	return r;
}

static void add_standing(void *user, const struct pp_signal *signal)
{
	struct pp_store *s = user;
	struct pp_store_answer *a = answer(s, PP_STORE_STANDS);

	a->signal = *signal;
	pp_outbox_facts(s->outbox, &a->facts);
}

/* Once: later on the caller knows better than the file. */
static int tell_standing(struct pp_store *s)
{
	if (s->told_standing)
		return 0;
	s->told_standing = true;
	return pp_outbox_standing(s->outbox, add_standing, s);
}

static void do_open(struct pp_store *s, const struct pp_outbox_now *now)
{
	int r;

	if (s->outbox) {
		pp_outbox_facts(s->outbox, &answer(s, PP_STORE_OPENED)->facts);
		return;
	}
	r = open_outbox(s, now);
	if (r == 0)
		r = tell_standing(s);
	if (r < 0) {
		lose(s, r);
		return;
	}
	s->told_lost = false;
	pp_outbox_facts(s->outbox, &answer(s, PP_STORE_OPENED)->facts);
	s->resuming = true;
	load_from(s, 0, now);
}

static void do_renew(struct pp_store *s, const struct pp_store_request *q)
{
	struct pp_outbox_facts facts = { 0 };
	int r;

	if (s->outbox)
		pp_outbox_facts(s->outbox, &facts);
	if (!s->outbox || facts.epoch != q->epoch)
		return;
	r = pp_outbox_begin(s->outbox);
	if (r == 0)
		r = pp_outbox_renew(s->outbox);
	if (r < 0)
		pp_outbox_rollback(s->outbox);
	else
		r = pp_outbox_commit(s->outbox);
	if (r < 0) {
		lose(s, r);
		return;
	}
	answer(s, PP_STORE_RENEWED)->epoch = q->epoch;
	pp_outbox_facts(s->outbox, &answer(s, PP_STORE_OPENED)->facts);
	s->resuming = true;
	load_from(s, 0, &q->now);
}

static int do_append(struct pp_store *s, const struct pp_store_request *q)
{
	struct pp_parcel *parcel = NULL;
	struct pp_store_answer *a;
	int r = pp_outbox_append(s->outbox, &q->draft, &q->now, &parcel);

	if (r < 0 && r != -ENOBUFS)
		return r;
	a = answer(s, r == 0 ? PP_STORE_APPENDED : PP_STORE_FULL);
	a->ticket = q->draft.ticket;
	a->parcel = parcel;
	return 0;
}

static int do_receipt(struct pp_store *s, const struct pp_store_request *q)
{
	int r = pp_outbox_receipt(s->outbox, &q->receipt, &q->now);
	struct pp_store_answer *a;

	if (r < 0 && r != -ENOENT)
		return r;
	a = answer(s, PP_STORE_KEPT);
	a->receipt = q->receipt;
	a->durable = true;
	return 0;
}

static int do_end(struct pp_store *s, const struct pp_store_request *q)
{
	int r = pp_outbox_end(s->outbox, &q->draft.signal);

	if (r == 0)
		answer(s, PP_STORE_ENDED)->ticket = q->draft.ticket;
	return r;
}

static void do_find(struct pp_store *s, const struct pp_store_request *q)
{
	struct pp_store_answer *a = answer(s, PP_STORE_FOUND);
	struct pp_outbox_facts facts;

	pp_outbox_facts(s->outbox, &facts);
	a->epoch = q->epoch;
	a->seq = q->seq;
	a->found = facts.epoch == q->epoch &&
		   pp_outbox_find(s->outbox, q->seq, &a->signal, &a->refused) == 0;
}

/* One request inside the transaction. */
static int do_request(struct pp_store *s, struct pp_store_request *q)
{
	struct pp_outbox_facts facts;

	pp_outbox_facts(s->outbox, &facts);
	switch (q->type) {
	case PP_STORE_APPEND:
		return do_append(s, q);
	case PP_STORE_RECEIPT:
		return do_receipt(s, q);
	case PP_STORE_END:
		return do_end(s, q);
	case PP_STORE_REOFFER:
		return q->epoch == facts.epoch ? pp_outbox_reoffer(s->outbox, q->seq, &q->now) : 0;
	case PP_STORE_FIND:
		do_find(s, q);
		return 0;
	default:
		return 0;
	}
}

/* What the caller must hear of a request that a lost store did not carry out. */
static void fail_request(struct pp_store *s, const struct pp_store_request *q)
{
	struct pp_store_answer *a;

	switch (q->type) {
	case PP_STORE_APPEND:
		answer(s, PP_STORE_FAILED)->ticket = q->draft.ticket;
		break;
	case PP_STORE_RECEIPT:
		answer(s, PP_STORE_KEPT)->receipt = q->receipt;
		break;
	case PP_STORE_FIND:
		a = answer(s, PP_STORE_FOUND);
		a->epoch = q->epoch;
		a->seq = q->seq;
		break;
	default:
		break;
	}
}

static int write_batch(struct pp_store *s, struct pp_store_request *batch)
{
	int r = pp_outbox_begin(s->outbox);

	for (struct pp_store_request *q = batch; r == 0 && q; q = q->next)
		r = do_request(s, q);
	if (r == 0 && batch->now.mono_ms - s->purged_ms >= PURGE_EVERY_MS) {
		s->purged_ms = batch->now.mono_ms;
		r = pp_outbox_purge(s->outbox, &batch->now);
	}
	if (r < 0) {
		pp_outbox_rollback(s->outbox);
		return r;
	}
	return pp_outbox_commit(s->outbox);
}

/* Rows that the server wants again are loaded after the commit that made them unreceipted. */
static void after_commit(struct pp_store *s, const struct pp_store_request *batch)
{
	for (const struct pp_store_request *q = batch; q && s->outbox; q = q->next)
		if (q->type == PP_STORE_REOFFER)
			load_from(s, q->seq, &q->now);
	if (s->outbox)
		pp_outbox_facts(s->outbox, &answer(s, PP_STORE_FACTS)->facts);
}

static void run_batch(struct pp_store *s, struct pp_store_request *batch)
{
	int r = s->outbox ? write_batch(s, batch) : -EROFS;

	if (r == 0) {
		after_commit(s, batch);
		return;
	}
	drop_made(s);
	lose(s, r);
	for (const struct pp_store_request *q = batch; q; q = q->next)
		fail_request(s, q);
}

static bool writes(const struct pp_store_request *q)
{
	return q->type != PP_STORE_OPEN && q->type != PP_STORE_RENEW && q->type != PP_STORE_PING &&
	       q->type != PP_STORE_WRITE && q->type != PP_STORE_KEY;
}

static void do_key(struct pp_store *s, const struct pp_store_request *q)
{
	/* The key before it has signed what is there. */
	pp_outbox_signers(&s->options.outbox, &s->signers);
	s->options.outbox.signers = &s->signers;
	s->options.outbox.key = q->key;
	if (s->outbox)
		pp_outbox_rekey(s->outbox, q->key);
}

static void do_write(struct pp_store *s, const struct pp_store_request *q)
{
	struct pp_store_answer *a = answer(s, PP_STORE_WROTE);

	a->error = pp_file_write(q->path, q->text, strlen(q->text), 0600);
	snprintf(a->why, sizeof(a->why), "%s", q->path);
}

static void run_alone(struct pp_store *s, struct pp_store_request *q)
{
	if (q->type == PP_STORE_OPEN)
		do_open(s, &q->now);
	else if (q->type == PP_STORE_RENEW)
		do_renew(s, q);
	else if (q->type == PP_STORE_PING)
		answer(s, PP_STORE_PONG);
	else if (q->type == PP_STORE_KEY)
		do_key(s, q);
	else
		do_write(s, q);
}

/* Takes a run of writing requests, or one of the others, off the list. */
static struct pp_store_request *cut(struct pp_store_request **list)
{
	struct pp_store_request *first = *list, *q = first;

	while (writes(first) && q->next && writes(q->next))
		q = q->next;
	*list = q->next;
	q->next = NULL;
	return first;
}

static void run_all(struct pp_store *s, struct pp_store_request *list)
{
	while (list) {
		struct pp_store_request *batch = cut(&list);

		if (writes(batch))
			run_batch(s, batch);
		else
			run_alone(s, batch);
		tell(s);
		while (batch) {
			struct pp_store_request *next = batch->next;

			free_request(batch);
			batch = next;
		}
	}
}

static void run(void *user)
{
	struct pp_store *s = user;

	pp_lock_enter(s->lock);
	while (!s->ending || s->first) {
		struct pp_store_request *list = s->first;

		if (!list && !s->loading) {
			(void)pp_condition_wait(s->wake, s->lock, UINT64_MAX);
			continue;
		}
		s->first = NULL;
		s->last = &s->first;
		s->waiting = 0;
		pp_lock_leave(s->lock);
		run_all(s, list);
		if (s->loading)
			load_some(s);
		tell(s);
		pp_lock_enter(s->lock);
	}
	pp_lock_leave(s->lock);
}

int pp_store_new(const struct pp_store_options *options, struct pp_store **ret_store)
{
	struct pp_store *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->options = *options;
	if (options->outbox.signers) {
		s->signers = *options->outbox.signers;
		s->options.outbox.signers = &s->signers;
	}
	s->last = &s->first;
	s->answers_last = &s->answers;
	s->made_last = &s->made;
	s->reader = (struct pp_outbox_reader){ .limit = LOAD_AT_ONCE, .fn = add_loaded, .user = s };
	r = pp_lock_new(&s->lock);
	if (r == 0)
		r = pp_condition_new(&s->wake);
	if (r == 0)
		r = pp_thread_start(run, s, &s->thread);
	if (r < 0) {
		pp_condition_free(s->wake);
		pp_lock_free(s->lock);
		free(s);
		return r;
	}
	*ret_store = s;
	return 0;
}

struct pp_store *pp_store_free(struct pp_store *s)
{
	struct pp_store_answer *a;

	if (!s)
		return NULL;
	pp_lock_enter(s->lock);
	s->ending = true;
	pp_condition_wake(s->wake);
	pp_lock_leave(s->lock);
	s->thread = pp_thread_join(s->thread);
	while ((a = pp_store_next(s)))
		pp_store_answer_free(a);
	pp_outbox_close(s->outbox);
	pp_condition_free(s->wake);
	pp_lock_free(s->lock);
	free(s);
	return NULL;
}

int pp_store_push(struct pp_store *s, struct pp_store_request *request)
{
	int r = 0;

	pp_lock_enter(s->lock);
	if (s->waiting >= s->options.queue_limit) {
		r = -ENOBUFS;
	} else {
		request->next = NULL;
		*s->last = request;
		s->last = &request->next;
		s->waiting++;
		pp_condition_wake(s->wake);
	}
	pp_lock_leave(s->lock);
	if (r < 0)
		free_request(request);
	return r;
}

struct pp_store_answer *pp_store_next(struct pp_store *s)
{
	struct pp_store_answer *a;

	pp_lock_enter(s->lock);
	a = s->answers;
	if (a) {
		s->answers = a->next;
		if (!s->answers)
			s->answers_last = &s->answers;
		a->next = NULL;
	}
	pp_lock_leave(s->lock);
	return a;
}
