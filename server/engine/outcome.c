/* SPDX-License-Identifier: Apache-2.0 */
/* outcome.c -- telling what the ledger has made true: receipts first, then beats and progress. */
#include "outcome.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void pp_outcome_send(const struct pp_desk_options *o, struct pp_answer *a)
{
	o->publish(o->user, a->topic, a->text, a->length, a->sig);
	pp_answer_done(a);
}

const struct pp_key *pp_outcome_key(
	const struct pp_desk_options *o, const char *tenant, const char *post)
{
	return o->signer ? pp_signer_key(o->signer, tenant, post) : o->key;
}

static bool is_same_post(const struct pp_item *a, const struct pp_item *b)
{
	return strcmp(a->post, b->post) == 0 && strcmp(a->tenant, b->tenant) == 0;
}

/* Whether an earlier item of the batch satisfies test for the same post. */
static bool is_repeated(
	struct pp_item *const *items, size_t index, bool (*test)(const struct pp_item *))
{
	for (size_t i = 0; i < index; i++) {
		if (test(items[i]) && is_same_post(items[i], items[index]))
			return true;
	}
	return false;
}

static bool has_receipt(const struct pp_item *item)
{
	return item->type == PP_ITEM_SIGNAL && item->error == 0;
}

static bool has_progress(const struct pp_item *item)
{
	return item->error == 0 && item->out.progress;
}

static struct pp_receipt receipt_of(const struct pp_item *item)
{
	struct pp_receipt r = { .epoch = item->in.signal.signal.epoch,
		.seq = item->in.signal.signal.seq,
		.result = item->out.conflict ? PP_RECEIPT_REFUSED : PP_RECEIPT_RECORDED };

	memcpy(r.incident, item->out.incident, sizeof(r.incident));
	if (item->out.conflict)
		snprintf(r.reason, sizeof(r.reason), PP_REASON_CONFLICT);
	return r;
}

/* All receipts of the batch for the post of items[first]. */
static void receipts_publish(
	const struct pp_desk_options *o, struct pp_item *const *items, size_t total, size_t first)
{
	const struct pp_item *of = items[first];
	const struct pp_addressee to = { pp_outcome_key(o, of->tenant, of->post), of->tenant,
		of->post };
	struct pp_receipt receipts[PP_RECEIPTS_MAX];
	struct pp_answer answer;
	size_t count = 0;

	for (size_t i = first; i <= total; i++) {
		bool full = count == PP_RECEIPTS_MAX;

		if ((full || i == total) && count > 0) {
			if (pp_answer_receipts(&to, receipts, count, &answer) == 0)
				pp_outcome_send(o, &answer);
			count = 0;
		}
		if (i < total && has_receipt(items[i]) && is_same_post(items[i], of))
			receipts[count++] = receipt_of(items[i]);
	}
}

/* Before anything is signed: the states of the batch say which keys their posts trust. */
static void states_learn(
	const struct pp_desk_options *o, struct pp_item *const *items, size_t total)
{
	for (size_t i = 0; o->signer && i < total; i++) {
		struct pp_item *item = items[i];

		if (item->type != PP_ITEM_STATE || item->error != 0 || item->out.duplicate)
			continue;
		pp_signer_learn(o->signer, item->tenant, item->post, &item->in.state);
		pp_signer_fill(o->signer, &item->in.state, &item->out.beat);
	}
}

/* An incident of several posts has moved. */
static void others_publish(const struct pp_desk_options *o, const struct pp_item *item)
{
	struct pp_answer answer;

	for (size_t i = 0; i < item->out.also_count; i++) {
		const char *post = item->out.also[i];
		const struct pp_addressee to = { pp_outcome_key(o, item->tenant, post),
			item->tenant, post };

		if (pp_answer_progress(&to, &answer) == 0)
			pp_outcome_send(o, &answer);
	}
}

void pp_outcome_publish(const struct pp_desk_options *o, struct pp_item *const *items, size_t total)
{
	struct pp_answer answer;

	states_learn(o, items, total);

	for (size_t i = 0; i < total; i++) {
		if (has_receipt(items[i]) && !is_repeated(items, i, has_receipt))
			receipts_publish(o, items, total, i);
	}
	for (size_t i = 0; i < total; i++) {
		const struct pp_item *item = items[i];
		const struct pp_addressee to = { pp_outcome_key(o, item->tenant, item->post),
			item->tenant, item->post };

		if (item->type == PP_ITEM_STATE && item->error == 0 && !item->out.duplicate &&
			pp_answer_beat(&to, &item->out.beat, &answer) == 0)
			pp_outcome_send(o, &answer);
		if (has_progress(item) && !is_repeated(items, i, has_progress) &&
			pp_answer_progress(&to, &answer) == 0)
			pp_outcome_send(o, &answer);
		if (has_progress(item))
			others_publish(o, item);
	}
}

void pp_outcome_count(struct pp_engine_counts *c, const struct pp_item *item)
{
	c->item_errors += item->error != 0;
	if (item->error != 0)
		return;
	switch (item->type) {
	case PP_ITEM_SIGNAL:
		c->conflicts += item->out.conflict;
		c->duplicates += item->out.duplicate;
		c->signals += !item->out.duplicate && !item->out.conflict;
		c->late += item->out.late;
		c->texts_answered += item->out.texted;
		c->texts_unanswered += item->out.untexted;
		c->counted += item->out.counted;
		break;
	case PP_ITEM_STATE:
		c->states_stale += item->out.duplicate && !item->out.too_many_epochs;
		c->epochs_refused += item->out.too_many_epochs;
		c->states += !item->out.duplicate;
		break;
	case PP_ITEM_ACTION:
		c->actions_refused += item->out.action.error != 0;
		c->codes_wrong += item->out.code_wrong;
		c->codes_unseen += item->out.code_unseen;
		c->actions +=
			item->out.action.error == 0 && item->in.action->type != PP_ACTION_PRESENCE;
		break;
	case PP_ITEM_REPLY:
		c->replies_unknown += item->out.duplicate;
		c->replies += !item->out.duplicate;
		break;
	case PP_ITEM_EXPIRY:
		c->commands_unanswered += item->out.commands;
		break;
	case PP_ITEM_SILENCE:
	case PP_ITEM_SECURITY:
		break;
	case PP_ITEM_STORMS:
		c->troubles_told += item->out.troubles;
		c->collapsed += item->out.collapsed;
		break;
	case PP_ITEM_LADDERS:
		c->steps += item->out.steps;
		break;
	case PP_ITEM_RETURN:
		c->returns += item->out.progress;
		break;
	}
}

void pp_outcome_count_refusal(struct pp_engine_counts *c, enum pp_refusal refusal)
{
	uint64_t *const counts[PP_REFUSAL_COUNT] = {
		[PP_REFUSED_RETAINED] = &c->refused_retained,
		[PP_REFUSED_TOPIC] = &c->refused_topic,
		[PP_REFUSED_VERSION] = &c->refused_version,
		[PP_REFUSED_FORM] = &c->refused_form,
		[PP_REFUSED_UNKNOWN_POST] = &c->refused_unknown_post,
		[PP_REFUSED_UNSIGNED] = &c->refused_signature,
		[PP_REFUSED_FORGED] = &c->refused_signature,
		[PP_REFUSED_REVOKED] = &c->refused_revoked,
	};

	assert(counts[refusal]);
	++*counts[refusal];
}
