/* SPDX-License-Identifier: Apache-2.0 */
/* keeper.c -- goes on in memory when the disk does not. */
#include "outbox/keeper.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memo.h"

#define FULL_MAX 256 /* alarms; the 257th is gone, as its presser saw */

enum mode { OPENING, DURABLE, MEMORY };

/* Handed to the store, not answered yet. If the store is lost, a draft is numbered anew in memory,
 * and a receipt counts all the same. */
struct pending {
	struct pending *next;
	uint64_t pushed_us;
	bool is_receipt;
	struct pp_draft draft;
	struct pp_receipt receipt;
};

struct pp_keeper {
	struct pp_keeper_options options;
	pp_keeper_fn *fn;
	void *user;
	struct pp_store *store;
	enum mode mode;
	uint64_t opened_us; /* when opening was asked for */
	uint64_t retry_us;
	uint64_t wait_us;   /* until the lost store is tried once more */
	uint64_t pinged_us; /* the oldest ping without an answer; 0: none */
	struct pending *first, **last;
	struct pending *full, **full_last; /* alarms that found no room: taken up when there is */
	size_t full_count;
	int64_t full_at;              /* unreceipted when that was told; -1: not known yet */
	uint64_t durable_us;          /* since when the store has been found */
	bool anew;                    /* and it had to be begun anew, before it was good for long */
	struct pp_outbox_facts facts; /* of the store */
	struct pp_mint memory;
	struct pp_ends ends; /* that the store has not confirmed */
	int64_t held;        /* unreceipted, in memory */
	bool spoken;         /* the store's loss has been told */
	bool unread; /* rows may wait in the store that nobody else has: of an earlier run, or such
		      * as the server wants again */
};

static void push(struct pp_keeper *k, struct pp_store_request *q, const struct pp_outbox_now *now);

static struct pp_store_request *request(enum pp_store_request_type type)
{
	struct pp_store_request *q = calloc(1, sizeof(*q));

	assert(q);
	q->type = type;
	return q;
}

int pp_keeper_new(const struct pp_keeper_options *options, pp_keeper_fn *fn, void *user,
	const struct pp_outbox_now *now, struct pp_keeper **ret_keeper)
{
	struct pp_keeper *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return -ENOMEM;
	k->options = *options;
	k->fn = fn;
	k->user = user;
	k->last = &k->first;
	k->full_last = &k->full;
	k->opened_us = (uint64_t)now->mono_ms * 1000;
	k->retry_us = UINT64_MAX;
	k->unread = true;
	r = pp_store_new(&options->store, &k->store);
	if (r < 0) {
		free(k);
		return r;
	}
	if (options->memo)
		pp_memo_read(options->memo, &options->store.outbox, now->mono_ms, &k->ends);
	push(k, request(PP_STORE_OPEN), now);
	*ret_keeper = k;
	return 0;
}

static void drop_first(struct pp_keeper *k)
{
	struct pending *p = k->first;

	k->first = p->next;
	if (!k->first)
		k->last = &k->first;
	free(p);
}

static void drop_full(struct pp_keeper *k)
{
	struct pending *p = k->full;

	k->full = p->next;
	if (!k->full)
		k->full_last = &k->full;
	k->full_count--;
	free(p);
}

struct pp_keeper *pp_keeper_free(struct pp_keeper *k)
{
	if (!k)
		return NULL;
	pp_store_free(k->store);
	while (k->first)
		drop_first(k);
	while (k->full)
		drop_full(k);
	free(k);
	return NULL;
}

static void push(struct pp_keeper *k, struct pp_store_request *q, const struct pp_outbox_now *now)
{
	if (now)
		q->now = *now;
	/* A full queue means a disk that hangs: appends are saved by going to memory, the rest
	 * comes again by itself. */
	(void)pp_store_push(k->store, q);
}

/* What is over, and no row of the store: it must not say at the next start that it stands. One that
 * hangs hears of it behind the row that it has not finished, one that is lost when it is found.
 * What an earlier run has noted (ticket 0) ends by the restore that is told for it (STANDS). */
static void push_end(
	struct pp_keeper *k, const struct pp_draft *draft, const struct pp_outbox_now *now)
{
	struct pp_store_request *q;

	if (!pp_ends_is(&draft->signal) || !draft->ticket)
		return;
	q = request(PP_STORE_END);
	q->draft = *draft;
	push(k, q, now);
}

/* An older one stays where it cannot be written: it says nothing of what began after it. */
static void write_memo(const struct pp_keeper *k)
{
	if (k->options.memo)
		(void)pp_memo_write(k->options.memo, &k->options.store.outbox, &k->ends);
}

static void forget_end(struct pp_keeper *k, uint64_t ticket)
{
	if (pp_ends_drop(&k->ends, ticket))
		write_memo(k);
}

static void push_ends(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	struct pp_draft draft;

	for (size_t i = 0; i < k->ends.count; i++) {
		pp_ends_get(&k->ends, i, &draft);
		push_end(k, &draft, now);
	}
}

static void emit_memory(
	struct pp_keeper *k, const struct pp_draft *draft, const struct pp_outbox_now *now)
{
	bool alarm = draft->signal.type == PP_SIGNAL_ALARM || draft->signal.kind == PP_KIND_POST;
	int64_t limit = alarm ? k->options.memory_max : k->options.memory_max * 3 / 4;
	struct pp_store_answer a = { .type = PP_STORE_FULL, .ticket = draft->ticket };

	push_end(k, draft, now);
	if (k->held < limit && pp_mint_make(&k->memory, draft, &a.parcel) == 0) {
		a.type = PP_STORE_APPENDED;
		k->held++;
	}
	k->fn(k->user, &a);
	pp_parcel_free(a.parcel);
}

static void tell_opened(struct pp_keeper *k)
{
	struct pp_store_answer a = { .type = PP_STORE_OPENED, .durable = k->mode == DURABLE };

	pp_keeper_facts(k, &a.facts);
	k->fn(k->user, &a);
}

static void tell_lost(struct pp_keeper *k, const char *why, int error)
{
	struct pp_store_answer a = { .type = PP_STORE_LOST, .error = error };

	snprintf(a.why, sizeof(a.why), "%s", why);
	k->fn(k->user, &a);
}

static void tell_kept(struct pp_keeper *k, const struct pp_receipt *receipt)
{
	struct pp_store_answer a = { .type = PP_STORE_KEPT, .receipt = *receipt };

	k->fn(k->user, &a);
}

/* A lost disk is tried soon, always: it may hold what nobody else has, and what an older record
 * lacks must be there 15 s after the disk is well, whether or not anybody has asked for it. Only
 * one that had to be begun anew is tried ever less often until it has been good for long: each
 * beginning is an epoch, which the server keeps for ever. */
static void wait_longer(struct pp_keeper *k, uint64_t now_us)
{
	bool good = k->durable_us && now_us - k->durable_us >= k->options.retry_us;
	uint64_t first_us =
		k->options.retry_first_us ? k->options.retry_first_us : k->options.retry_us;
	uint64_t most_us;

	k->durable_us = 0;
	k->anew = k->anew && !good;
	most_us =
		k->anew || 2 * first_us > k->options.retry_us ? k->options.retry_us : 2 * first_us;
	k->wait_us = good || k->unread || !k->wait_us ? first_us : 2 * k->wait_us;
	if (k->wait_us > most_us)
		k->wait_us = most_us;
	k->retry_us = now_us + k->wait_us;
}

static void go_to_memory(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	if (k->mode == MEMORY)
		return;
	k->mode = MEMORY;
	wait_longer(k, (uint64_t)now->mono_ms * 1000);
	/* One epoch for the life of the process: the server keeps every epoch for ever. */
	if (!k->memory.epoch)
		k->memory.epoch = pp_mint_epoch();
	k->memory.boot = k->facts.boot ? k->facts.boot : 1;
	k->memory.key = k->options.store.outbox.key;
	snprintf(k->memory.topic, sizeof(k->memory.topic), "%s", k->options.store.outbox.topic);
	tell_opened(k);
	while (k->first) {
		struct pending p = *k->first;

		drop_first(k);
		if (p.is_receipt)
			tell_kept(k, &p.receipt);
		else
			emit_memory(k, &p.draft, now);
	}
	while (k->full) {
		struct pp_draft draft = k->full->draft;

		drop_full(k);
		emit_memory(k, &draft, now);
	}
}

/* Remembers what the store is asked until it answers. If too much waits for it, it is lost. */
static void ask(struct pp_keeper *k, struct pp_store_request *q, const struct pp_outbox_now *now)
{
	struct pending *p = calloc(1, sizeof(*p));

	assert(p);
	p->is_receipt = q->type == PP_STORE_RECEIPT;
	p->draft = q->draft;
	p->receipt = q->receipt;
	p->pushed_us = (uint64_t)now->mono_ms * 1000;
	*k->last = p;
	k->last = &p->next;
	q->now = *now;
	if (pp_store_push(k->store, q) < 0) {
		tell_lost(k, "too much waits for the disk", -ENOBUFS);
		go_to_memory(k, now);
	}
}

int pp_keeper_append(
	struct pp_keeper *k, const struct pp_draft *draft, const struct pp_outbox_now *now)
{
	struct pp_store_request *q;

	if (pp_ends_note(&k->ends, draft))
		write_memo(k);
	if (k->mode == MEMORY) {
		emit_memory(k, draft, now);
		return 0;
	}
	q = request(PP_STORE_APPEND);
	q->draft = *draft;
	ask(k, q, now);
	return 0;
}

void pp_keeper_receipt(
	struct pp_keeper *k, const struct pp_receipt *receipt, const struct pp_outbox_now *now)
{
	struct pp_store_request *q;

	if (k->memory.epoch && receipt->epoch == k->memory.epoch) {
		if (receipt->result == PP_RECEIPT_RECORDED && k->held > 0)
			k->held--;
		tell_kept(k, receipt);
		return;
	}
	q = request(PP_STORE_RECEIPT);
	q->receipt = *receipt;
	if (k->mode != MEMORY) {
		ask(k, q, now);
		return;
	}
	push(k, q, now);
	tell_kept(k, receipt); /* *received* need not wait for a store that is lost */
}

void pp_keeper_reoffer(
	struct pp_keeper *k, uint64_t epoch, int64_t high, const struct pp_outbox_now *now)
{
	struct pp_store_request *q = request(PP_STORE_REOFFER);

	q->epoch = epoch;
	q->seq = high;
	push(k, q, now);
	/* Whatever the epoch in use: the server lacks rows that only the disk has. */
	k->unread = true;
	if (k->mode == MEMORY)
		k->retry_us = (uint64_t)now->mono_ms * 1000;
}

void pp_keeper_renew(struct pp_keeper *k, uint64_t epoch, const struct pp_outbox_now *now)
{
	struct pp_store_request *q = request(PP_STORE_RENEW);

	q->epoch = epoch;
	push(k, q, now);
}

void pp_keeper_find(
	struct pp_keeper *k, uint64_t epoch, int64_t seq, const struct pp_outbox_now *now)
{
	struct pp_store_request *q = request(PP_STORE_FIND);

	q->epoch = epoch;
	q->seq = seq;
	push(k, q, now);
}

void pp_keeper_write(struct pp_keeper *k, char *path, char *text)
{
	struct pp_store_request *q = request(PP_STORE_WRITE);

	q->path = path;
	q->text = text;
	push(k, q, NULL);
}

void pp_keeper_rekey(struct pp_keeper *k, const struct pp_key *key)
{
	struct pp_store_request *q = request(PP_STORE_KEY);

	k->options.store.outbox.key = key;
	k->memory.key = key;
	q->key = key;
	push(k, q, NULL);
}

void pp_keeper_ping(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	if (!k->pinged_us)
		k->pinged_us = (uint64_t)now->mono_ms * 1000;
	push(k, request(PP_STORE_PING), NULL);
}

static void read_opened(
	struct pp_keeper *k, const struct pp_store_answer *a, const struct pp_outbox_now *now)
{
	bool known = k->mode == DURABLE && k->facts.epoch == a->facts.epoch;

	k->anew = k->anew || (k->facts.epoch && k->facts.epoch != a->facts.epoch);
	k->facts = a->facts;
	if (known)
		return; /* it was asked for more than once while the disk hung */
	k->mode = DURABLE;
	k->pinged_us = 0;
	k->durable_us = (uint64_t)now->mono_ms * 1000;
	k->retry_us = UINT64_MAX;
	k->spoken = false;
	push_ends(k, now);
	tell_opened(k);
}

/* A state must know every number that can have been sent before it. */
static void note_number(struct pp_keeper *k, const struct pp_store_answer *a)
{
	if (a->parcel && a->parcel->epoch == k->facts.epoch && a->parcel->seq > k->facts.last_seq)
		k->facts.last_seq = a->parcel->seq;
}

/* An alarm without room is remembered, as far as that goes: its presser has been told already. */
static void take_answered(
	struct pp_keeper *k, const struct pp_store_answer *a, const struct pp_outbox_now *now)
{
	struct pending *p = k->first;

	if (a->type == PP_STORE_FULL)
		push_end(k, &p->draft, now);
	if (a->type == PP_STORE_APPENDED || p->draft.signal.type != PP_SIGNAL_ALARM ||
		k->full_count == FULL_MAX) {
		drop_first(k);
		return;
	}
	k->first = p->next;
	if (!k->first)
		k->last = &k->first;
	p->next = NULL;
	p->draft.late = true;
	*k->full_last = p;
	k->full_last = &p->next;
	k->full_count++;
	k->full_at = -1;
}

/* Only when less waits than did then: else the same answer would come again, for ever. */
static void try_full(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	size_t count = k->full_count;

	if (count && k->full_at < 0)
		k->full_at = k->facts.unreceipted;
	if (k->mode != DURABLE || !count || k->facts.unreceipted >= k->full_at)
		return;
	k->full_at = k->facts.unreceipted;
	while (count-- > 0 && k->full) {
		struct pp_store_request *q = request(PP_STORE_APPEND);

		q->draft = k->full->draft;
		drop_full(k);
		ask(k, q, now);
	}
}

/* In order, so the answered draft is the first. One that is not waiting any more was numbered in
 * memory meanwhile: its durable row exists all the same and is sent like every other. */
static void read_appended(
	struct pp_keeper *k, struct pp_store_answer *a, const struct pp_outbox_now *now)
{
	if (!k->first || k->first->is_receipt || k->first->draft.ticket != a->ticket) {
		char why[160];

		if (!a->parcel || pp_signal_decode(a->parcel->payload, a->parcel->length,
					  &a->signal, why) < 0)
			return;
		a->type = PP_STORE_LOADED;
	} else {
		take_answered(k, a, now);
	}
	if (a->type != PP_STORE_FULL)
		forget_end(k, a->ticket);
	note_number(k, a);
	a->durable = true;
	k->fn(k->user, a);
}

/* One that is not waiting any more was told when the disk was left, and the server may have lost
 * since what it said then. */
static void read_kept(struct pp_keeper *k, struct pp_store_answer *a)
{
	const struct pending *p = k->first;

	if (!p || !p->is_receipt || p->receipt.epoch != a->receipt.epoch ||
		p->receipt.seq != a->receipt.seq)
		return;
	drop_first(k);
	k->fn(k->user, a);
}

static void read_lost(
	struct pp_keeper *k, struct pp_store_answer *a, const struct pp_outbox_now *now)
{
	if (!k->spoken)
		k->fn(k->user, a);
	k->spoken = true;
	go_to_memory(k, now);
}

static void read_answer(
	struct pp_keeper *k, struct pp_store_answer *a, const struct pp_outbox_now *now)
{
	switch (a->type) {
	case PP_STORE_STANDS:
		if (a->signal.boot == a->facts.boot)
			a->over_ms = pp_ends_over(&k->ends, &a->signal);
		k->fn(k->user, a);
		break;
	case PP_STORE_OPENED:
		read_opened(k, a, now);
		break;
	case PP_STORE_APPENDED:
	case PP_STORE_FULL:
		read_appended(k, a, now);
		break;
	case PP_STORE_LOADED:
		note_number(k, a);
		k->fn(k->user, a);
		break;
	case PP_STORE_KEPT:
		read_kept(k, a);
		break;
	case PP_STORE_ENDED:
		forget_end(k, a->ticket);
		break;
	case PP_STORE_FAILED: /* LOST came before it, and the draft went to memory */
		break;
	case PP_STORE_LOST:
		read_lost(k, a, now);
		break;
	case PP_STORE_FACTS:
		k->facts = a->facts;
		k->fn(k->user, a);
		try_full(k, now);
		break;
	case PP_STORE_PONG:
		k->pinged_us = 0;
		k->fn(k->user, a);
		break;
	case PP_STORE_ALL_LOADED:
		k->unread = false;
		k->fn(k->user, a);
		break;
	default:
		k->fn(k->user, a);
		break;
	}
}

void pp_keeper_read(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	struct pp_store_answer *a;

	while ((a = pp_store_next(k->store))) {
		read_answer(k, a, now);
		pp_store_answer_free(a);
	}
}

/* What nobody waits for (the note of what the server has, old rows that are deleted) may hang as
 * well: then it is the ping that gets no answer. */
static uint64_t hang_deadline(const struct pp_keeper *k)
{
	uint64_t deadline = UINT64_MAX;

	if (k->mode == OPENING)
		return k->opened_us + k->options.hang_us;
	if (k->first)
		deadline = k->first->pushed_us + k->options.hang_us;
	if (k->mode == DURABLE && k->pinged_us && k->pinged_us + k->options.silent_us < deadline)
		deadline = k->pinged_us + k->options.silent_us;
	return deadline;
}

void pp_keeper_step(struct pp_keeper *k, const struct pp_outbox_now *now)
{
	uint64_t now_us = (uint64_t)now->mono_ms * 1000;

	if (now_us >= hang_deadline(k)) {
		tell_lost(k, "the disk does not answer", -ETIMEDOUT);
		k->spoken = true;
		go_to_memory(k, now);
	}
	if (now_us >= k->retry_us) {
		wait_longer(k, now_us);
		push(k, request(PP_STORE_OPEN), now);
	}
}

uint64_t pp_keeper_deadline(const struct pp_keeper *k)
{
	uint64_t hang_us = hang_deadline(k);

	return hang_us < k->retry_us ? hang_us : k->retry_us;
}

void pp_keeper_facts(const struct pp_keeper *k, struct pp_outbox_facts *ret_facts)
{
	*ret_facts = k->facts;
	if (k->mode != MEMORY)
		return;
	ret_facts->epoch = k->memory.epoch;
	ret_facts->boot = k->memory.boot;
	ret_facts->last_seq = k->memory.last_seq;
	ret_facts->room = k->held < k->options.memory_max / 2;
}

bool pp_keeper_durable(const struct pp_keeper *k)
{
	return k->mode == DURABLE;
}
