/* SPDX-License-Identifier: Apache-2.0 */
/* desk.c -- a batch from messages, and answers from what the ledger made of it. */
#include "desk_inside.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "intake/answers.h"
#include "outcome.h"
#include "store/ladders.h"
#include "store/signals.h"

#define CLOCK_STEP_MS 2000 /* a clock that is slewed stays below it between two batches */

#define REGISTRY_TRIES 3
#define BURST_ITEMS 32
#define BURST_TICKS 3 /* seconds without one */

/* ---- the registry in memory ---- */

/* 1: it has changed and was loaded again. */
static int directory_renew(struct pp_desk *d)
{
	struct pp_db *db = pp_ledger_db(d->o.ledger);
	struct pp_directory *fresh;
	int64_t version;
	int r = pp_db_data_version(db, &version);

	if (r < 0 || version == d->data_version)
		return r;
	r = pp_directory_is_current(d->directory, db);
	if (r == 1)
		d->data_version = version; /* another process has written something else */
	if (r != 0)
		return r < 0 ? r : 0;
	r = pp_directory_load(db, &fresh);
	if (r < 0)
		return r;
	pp_directory_free(d->directory);
	d->directory = fresh;
	d->data_version = version;
	return 1;
}

struct watcher {
	struct pp_watch *watch;
	int64_t mono_ms;
};
static int watch_begin(void *user, const char *tenant, const char *post)
{
	struct watcher *w = user;

	return pp_watch_is_watched(w->watch, tenant, post)
		       ? 0
		       : pp_watch_heard(w->watch, tenant, post, w->mono_ms);
}

/* Posts that are watched no longer but are active again: they must not be silent. */
static int watch_add(struct pp_desk *d, int64_t mono_ms)
{
	struct watcher w = { d->watch, mono_ms };

	return pp_store_each_supervised(pp_ledger_db(d->o.ledger), watch_begin, &w);
}

/* Posts that may not speak, inactive or revoked, may be silent. */
static void watch_prune(struct pp_desk *d)
{
	struct pp_watch_post p;

	for (size_t i = 0; pp_watch_at(d->watch, i, &p);) {
		const struct pp_directory_post *post =
			pp_directory_find(d->directory, p.tenant, p.post);

		if (post && post->active && post->key_count > 0)
			i++;
		else
			pp_watch_forget(d->watch, p.tenant, p.post);
	}
}

/* What another process has changed in the registry holds from here on. 1: something has. */
static int registry_follow(struct pp_desk *d, int64_t mono_ms)
{
	int r = directory_renew(d);

	if (r <= 0)
		return r;
	watch_prune(d);
	r = watch_add(d, mono_ms);
	return r < 0 ? r : 1;
}

static int desk_load(struct pp_desk *d, struct pp_desk_now now)
{
	struct pp_db *db = pp_ledger_db(d->o.ledger);
	int r = pp_watch_new(&d->watch);

	if (r == 0)
		r = pp_refusals_new(&d->refusals);
	if (r == 0)
		r = pp_commands_new(&d->commands);
	if (r == 0)
		r = pp_claims_new(&d->claims);
	if (r == 0)
		r = pp_commands_follow(d->commands, db, now.wall_ms, now.mono_ms);
	if (r == 0)
		r = pp_db_data_version(db, &d->data_version);
	if (r == 0)
		r = pp_directory_load(db, &d->directory);
	return r < 0 ? r : watch_add(d, now.mono_ms);
}

int pp_desk_new(
	const struct pp_desk_options *options, struct pp_desk_now now, struct pp_desk **ret_desk)
{
	struct pp_desk *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->o = *options;
	d->clock_ms = now.wall_ms - now.mono_ms;
	r = pp_ledger_look(options->ledger,
		&(struct pp_ledger_clock){ now.wall_ms, now.mono_ms, options->boot });
	if (r >= 0)
		r = pp_ledger_boot(options->ledger, options->boot, now.uptime_ms);
	if (r >= 0)
		r = desk_load(d, now);
	if (r < 0) {
		pp_desk_free(d);
		return r;
	}
	*ret_desk = d;
	return 0;
}

struct pp_desk *pp_desk_free(struct pp_desk *d)
{
	if (!d)
		return NULL;
	d->applied = d->count;
	pp_desk_clear(d);
	pp_directory_free(d->directory);
	pp_watch_free(d->watch);
	pp_refusals_free(d->refusals);
	pp_commands_free(d->commands);
	pp_claims_free(d->claims);
	free(d);
	return NULL;
}

/* ---- the clock ---- */

/* What the posts' clocks are compared with has jumped: what was kept of them dates every signal by
 * as much wrong, and would call it late. The next state says it anew. What waits in the batch was
 * dated by the clock before. */
static int clock_check(struct pp_desk *d, struct pp_desk_now now)
{
	const struct pp_ledger_clock clock = { now.wall_ms, now.mono_ms, d->o.boot };
	int64_t clock_ms = now.wall_ms - now.mono_ms, step = clock_ms - d->clock_ms;
	int r = 0;

	if (step <= -CLOCK_STEP_MS || step >= CLOCK_STEP_MS) {
		r = pp_ledger_look(d->o.ledger, &clock);
		for (size_t i = 0; r >= 0 && i < d->count; i++)
			d->items[i]->arrived_ms += step;
	}
	if (r >= 0)
		d->clock_ms = clock_ms;
	return r;
}

/* ---- into the batch ---- */

bool pp_desk_is_full(const struct pp_desk *d)
{
	return d->count >= PP_DESK_BATCH_MAX;
}

static int security_add(struct pp_desk *d, const struct pp_refused *refused)
{
	struct pp_item *item;

	assert(d->count < 2 * PP_DESK_BATCH_MAX);
	item = pp_item_new(PP_ITEM_SECURITY);
	if (!item)
		return -ENOMEM;
	memcpy(item->tenant, refused->tenant, sizeof(item->tenant));
	memcpy(item->post, refused->post, sizeof(item->post));
	item->in.security = refused->security;
	d->items[d->count++] = item;
	return 0;
}

static int security_note(struct pp_desk *d, const struct pp_refused *refused, int64_t mono_ms)
{
	if (!pp_refusals_feed(d->refusals, refused, mono_ms))
		return 0;
	return security_add(d, refused);
}

/* Counts it, tells the post where it has a right to know, and makes a security event of it. */
static int refuse(struct pp_desk *d, const struct pp_intake *in, int64_t mono_ms)
{
	const struct pp_addressee to = { pp_outcome_key(&d->o, in->topic.tenant, in->topic.post),
		in->topic.tenant, in->topic.post };
	const char *word = pp_refusal_word(in->refusal);
	struct pp_refused refused = { .security.count = 1 };
	struct pp_answer answer;

	pp_outcome_count_refusal(d->o.counts, in->refusal);
	if (in->has_receipt && pp_answer_receipts(&to, &in->receipt, 1, &answer) == 0)
		pp_outcome_send(&d->o, &answer);
	if (!word || !pp_directory_has_tenant(d->directory, in->topic.tenant))
		return 0;
	memcpy(refused.tenant, in->topic.tenant, sizeof(refused.tenant));
	/* Invented names must not make an event each. */
	if (in->refusal != PP_REFUSED_UNKNOWN_POST)
		memcpy(refused.post, in->topic.post, sizeof(refused.post));
	snprintf(refused.security.kind, sizeof(refused.security.kind), "%s", word);
	snprintf(refused.security.detail, sizeof(refused.security.detail), "%s on %s",
		pp_channel_text(in->topic.channel), in->topic.post);
	return security_note(d, &refused, mono_ms);
}

int pp_desk_message(struct pp_desk *d, const struct pp_message *message, struct pp_desk_now now)
{
	struct pp_intake in;
	int r = clock_check(d, now);

	assert(!pp_desk_is_full(d));
	/* It may have been revoked a moment ago: looked at once a batch. */
	if (r >= 0 && d->count == 0)
		r = registry_follow(d, now.mono_ms);
	if (r >= 0)
		r = pp_intake_verify(d->directory, message, &in);
	/* Or enrolled. */
	if (r == 0 && pp_refusal_word(in.refusal)) {
		r = registry_follow(d, now.mono_ms);
		if (r > 0)
			r = pp_intake_verify(d->directory, message, &in);
	}
	if (r < 0)
		return r;
	if (in.refusal != PP_REFUSED_NONE)
		return refuse(d, &in, now.mono_ms);
	if (in.item) {
		d->arrived_us[d->count] = message->arrived_us;
		d->items[d->count++] = in.item;
	} else {
		d->o.counts->wills++;
		pp_watch_hasten(d->watch, in.topic.tenant, in.topic.post, now.mono_ms);
	}
	return 0;
}

int pp_desk_action(
	struct pp_desk *d, const struct pp_action *action, const struct pp_item **ret_item)
{
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);

	assert(!pp_desk_is_full(d));
	if (!item)
		return -ENOMEM;
	snprintf(item->tenant, sizeof(item->tenant), "%s", action->tenant);
	item->in.action = action;
	d->items[d->count++] = item;
	*ret_item = item;
	return 0;
}

static int silence_add(struct pp_desk *d, const struct pp_watch_post *lost, int64_t wall_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_SILENCE);

	if (!item)
		return -ENOMEM;
	memcpy(item->tenant, lost->tenant, sizeof(item->tenant));
	memcpy(item->post, lost->post, sizeof(item->post));
	item->arrived_ms = wall_ms;
	d->items[d->count++] = item;
	return 0;
}

/* Orders whose time is over. */
static int expiries_add(struct pp_desk *d, int64_t mono_ms)
{
	struct pp_commands_out over;
	struct pp_item *item;

	while (!pp_desk_is_full(d) && pp_commands_over(d->commands, mono_ms, &over)) {
		item = pp_item_new(PP_ITEM_EXPIRY);
		if (!item)
			return -ENOMEM;
		snprintf(item->tenant, sizeof(item->tenant), "%s", over.tenant);
		snprintf(item->post, sizeof(item->post), "%s", over.post);
		item->in.expired = over.id;
		d->items[d->count++] = item;
	}
	return 0;
}

/* Orders that are in the record, at once and again until they are answered. */
static void commands_send(struct pp_desk *d, int64_t mono_ms)
{
	struct pp_commands_out out;
	struct pp_answer answer;

	while (pp_commands_next(d->commands, mono_ms, &out)) {
		const struct pp_addressee to = { pp_outcome_key(&d->o, out.tenant, out.post),
			out.tenant, out.post };

		if (pp_answer_command(&to, out.payload, &answer) < 0)
			continue;
		d->o.counts->commands_sent++;
		pp_outcome_send(&d->o, &answer);
	}
}

/* An item has room for all that a message may hold. What a thousand posts that came back at once
 * have needed is given back when they are through. */
static void memory_trim(struct pp_desk *d)
{
	if (d->burst_ticks > 0 && --d->burst_ticks == 0)
		(void)malloc_trim(0);
}

int pp_desk_tick(struct pp_desk *d, struct pp_desk_now now)
{
	struct pp_watch_post lost;
	struct pp_refused refused;
	struct pp_db *db = pp_ledger_db(d->o.ledger);
	struct pp_item *item;
	int r = registry_follow(d, now.mono_ms);

	memory_trim(d);
	if (r < 0)
		return r;
	r = 0;
	/* What does not fit waits for the next second. */
	while (r == 0 && !pp_desk_is_full(d) && pp_watch_next_lost(d->watch, now.mono_ms, &lost))
		r = silence_add(d, &lost, now.wall_ms);
	while (r == 0 && !pp_desk_is_full(d) &&
		pp_refusals_next(d->refusals, now.mono_ms, &refused))
		r = security_add(d, &refused);
	if (r >= 0)
		r = expiries_add(d, now.mono_ms);
	if (r >= 0)
		commands_send(d, now.mono_ms);
	if (r >= 0)
		r = pp_claims_look(d->claims, db, now.mono_ms);
	while (r >= 0 && !pp_desk_is_full(d) && (r = pp_claims_item(d->claims, db, &item)) == 1)
		d->items[d->count++] = item;
	if (r >= 0 && !pp_desk_is_full(d) && (r = pp_due_storms(db, now.wall_ms, &item)) == 1)
		d->items[d->count++] = item;
	if (r >= 0 && !pp_desk_is_full(d) &&
		(r = pp_due_ladders(db, now.uptime_ms, &d->kept_ms, &item)) == 1)
		d->items[d->count++] = item;
	return r < 0 ? r : 0;
}

bool pp_desk_is_behind(struct pp_desk *d, struct pp_desk_now now)
{
	int64_t due_ms;

	return pp_store_ladder_next(pp_ledger_db(d->o.ledger), &due_ms) == 0 &&
	       due_ms <= now.uptime_ms;
}

int pp_desk_flood(struct pp_desk *d, const char *topic, int64_t mono_ms)
{
	struct pp_refused refused = { .security = { .kind = "flood",
					      .detail = "more than its share while others wait",
					      .count = 1 } };
	const struct pp_directory_post *post;
	struct pp_topic parsed;

	if (pp_topic_parse(topic, &parsed) < 0)
		return 0;
	post = pp_directory_find(d->directory, parsed.tenant, parsed.post);
	if (!post)
		return 0;
	memcpy(refused.tenant, parsed.tenant, sizeof(refused.tenant));
	memcpy(refused.post, parsed.post, sizeof(refused.post));
	return security_note(d, &refused, mono_ms);
}

void pp_desk_observe(struct pp_desk *d, uint64_t now_us)
{
	struct pp_engine_counts *c = d->o.counts;

	pp_histogram_feed(&c->batch, &pp_bounds_batch, (double)d->applied);
	for (size_t i = 0; i < d->applied; i++) {
		uint64_t at_us = d->arrived_us[i];

		if (d->items[i]->type == PP_ITEM_SIGNAL && at_us && now_us >= at_us)
			pp_histogram_feed(&c->receipt_seconds, &pp_bounds_seconds,
				(double)(now_us - at_us) / 1e6);
	}
}

void pp_desk_clear(struct pp_desk *d)
{
	if (d->applied >= BURST_ITEMS)
		d->burst_ticks = BURST_TICKS;
	for (size_t i = 0; i < d->applied; i++)
		pp_item_free(d->items[i]);
	d->count -= d->applied;
	memmove(d->arrived_us, d->arrived_us + d->applied, d->count * sizeof(d->arrived_us[0]));
	memset(d->arrived_us + d->count, 0, d->applied * sizeof(d->arrived_us[0]));
	memmove(d->items, d->items + d->applied, d->count * sizeof(d->items[0]));
	d->applied = 0;
}

bool pp_desk_may_try_again(int error)
{
	return error == -EBUSY || error == -ENOSPC;
}

void pp_desk_resume(struct pp_desk *d, int64_t mono_ms)
{
	struct pp_watch_post p;

	for (size_t i = 0; pp_watch_at(d->watch, i, &p); i++)
		(void)pp_watch_heard(d->watch, p.tenant, p.post, mono_ms); /* it is there */
}

/* ---- out of the commit ---- */

/* What the ledger finds is told like what the intake refuses. */
static struct pp_refused refused_of(const struct pp_item *item, const char *kind)
{
	struct pp_refused refused = { .security.count = 1 };

	memcpy(refused.tenant, item->tenant, sizeof(refused.tenant));
	memcpy(refused.post, item->post, sizeof(refused.post));
	snprintf(refused.security.kind, sizeof(refused.security.kind), "%s", kind);
	return refused;
}

static int epochs_note(struct pp_desk *d, const struct pp_item *item, int64_t mono_ms)
{
	struct pp_refused refused = refused_of(item, "too-many-epochs");

	snprintf(refused.security.detail, sizeof(refused.security.detail), "epoch %016llx",
		(unsigned long long)item->in.state.epoch);
	return security_note(d, &refused, mono_ms);
}

static int conflict_note(struct pp_desk *d, const struct pp_item *item, int64_t mono_ms)
{
	struct pp_refused refused = refused_of(item, "conflict");

	snprintf(refused.security.detail, sizeof(refused.security.detail), "epoch %016llx seq %lld",
		(unsigned long long)item->in.signal.signal.epoch,
		(long long)item->in.signal.signal.seq);
	return security_note(d, &refused, mono_ms);
}

static int outcome_note(struct pp_desk *d, const struct pp_item *item, int64_t mono_ms)
{
	if (item->type == PP_ITEM_STATE && item->error == 0 && !item->out.duplicate)
		return pp_watch_heard(d->watch, item->tenant, item->post, mono_ms);
	if (item->type == PP_ITEM_STATE && item->out.too_many_epochs)
		return epochs_note(d, item, mono_ms);
	if (item->type == PP_ITEM_SIGNAL && item->out.conflict)
		return conflict_note(d, item, mono_ms);
	if (item->type == PP_ITEM_ACTION)
		pp_claims_heard(d->claims, item->in.action, mono_ms);
	return 0;
}

/* A batch that was rolled back is applied again as if for the first time. */
static void outcomes_forget(struct pp_desk *d)
{
	for (size_t i = 0; i < d->count; i++) {
		memset(&d->items[i]->out, 0, sizeof(d->items[i]->out));
		d->items[i]->error = 0;
	}
}

/* Sends what this commit has made an order. */
static int commands_follow(struct pp_desk *d, struct pp_desk_now now)
{
	bool changed = false;
	int r;

	for (size_t i = 0; i < d->applied; i++)
		changed |= d->items[i]->error == 0 && d->items[i]->out.commands;
	if (!changed)
		return 0;
	r = pp_commands_follow(d->commands, pp_ledger_db(d->o.ledger), now.wall_ms, now.mono_ms);
	if (r == 0)
		commands_send(d, now.mono_ms);
	return r;
}

typedef bool keep_fn(const struct pp_desk *d, const struct pp_item *item);

static bool is_no_action(const struct pp_desk *d, const struct pp_item *item)
{
	(void)d;
	return item->type != PP_ITEM_ACTION;
}

/* States and answers come again, and are believed or not then. */
static bool is_still_believed(const struct pp_desk *d, const struct pp_item *item)
{
	return item->type == PP_ITEM_SIGNAL
		       ? pp_intake_holds(d->directory, item)
		       : item->type != PP_ITEM_STATE && item->type != PP_ITEM_REPLY;
}

static void items_keep(struct pp_desk *d, keep_fn *keeps)
{
	size_t kept = 0;

	assert(d->applied == 0);
	for (size_t i = 0; i < d->count; i++) {
		if (!keeps(d, d->items[i])) {
			pp_item_free(d->items[i]);
			continue;
		}
		d->arrived_us[kept] = d->arrived_us[i];
		d->items[kept++] = d->items[i];
	}
	d->count = kept;
}

void pp_desk_drop_actions(struct pp_desk *d)
{
	items_keep(d, is_no_action);
}

/* Whoever was revoked since the batch was begun has not spoken in it. */
static int batch_apply(struct pp_desk *d, struct pp_desk_now now)
{
	for (int tries = 0; tries < REGISTRY_TRIES; tries++) {
		int r;

		pp_ledger_expect(d->o.ledger, pp_directory_rev(d->directory));
		pp_ledger_set_uptime(d->o.ledger, now.uptime_ms);
		r = pp_ledger_apply(d->o.ledger, d->items, d->count, now.wall_ms);
		if (r != -ESTALE)
			return r;
		outcomes_forget(d);
		d->data_version = -1;
		r = registry_follow(d, now.mono_ms);
		if (r < 0)
			return r;
		items_keep(d, is_still_believed);
	}
	return -EBUSY;
}

int pp_desk_commit(struct pp_desk *d, struct pp_desk_now now)
{
	int r;

	assert(d->applied == 0);
	if (d->count == 0)
		return 0;
	r = clock_check(d, now);
	if (r < 0)
		return r;
	r = batch_apply(d, now);
	if (r < 0) {
		outcomes_forget(d);
		return r;
	}
	d->applied = d->count;
	d->o.counts->commits++;
	pp_desk_texts_answer(d);
	pp_outcome_publish(&d->o, d->items, d->applied);
	for (size_t i = 0; r == 0 && i < d->applied; i++) {
		pp_outcome_count(d->o.counts, d->items[i]);
		r = outcome_note(d, d->items[i], now.mono_ms);
	}
	if (r >= 0)
		r = commands_follow(d, now);
	return r < 0 ? r : 1;
}
