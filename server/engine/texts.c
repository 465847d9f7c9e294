/* SPDX-License-Identifier: Apache-2.0 */
/* texts.c -- a post's text message into the batch, as if it had come over the broker. */
#include "desk_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "intake/text.h"
#include "outcome.h"

static_assert(PP_NUMBER_MAX + 1 == PP_TEXT_NUMBER_SIZE, "one length of numbers");

/* Where its receipt goes back, once it is in the record. */
static void way_back(const struct pp_desk *d, const struct pp_action *action, struct pp_item *item)
{
	struct pp_way_back *back = &item->in.signal.back;

	item->in.signal.by_text = true;
	back->key = pp_outcome_key(&d->o, item->tenant, item->post);
	(void)pp_text_number(action->name ? action->name : "", back->number);
	snprintf(back->via, sizeof(back->via), "%s", action->code ? action->code : "");
}

/* 1: a signal of a post is in the batch; 0: it was refused. */
static int signal_enter(struct pp_desk *d, const struct pp_action *action, struct pp_desk_now now)
{
	size_t before = d->count;
	struct pp_text_message m;
	int r = pp_intake_text(d->directory, action->text, &m);

	if (r == -EBADMSG || r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = pp_desk_message(d,
		&(struct pp_message){ .topic = m.topic,
			.payload = m.compact.payload,
			.length = m.compact.length,
			.signature = m.compact.signature,
			.arrived_ms = now.wall_ms },
		now);
	pp_text_message_done(&m);
	if (r < 0)
		return r;
	/* What was refused may have left a security event behind. */
	if (d->count == before || d->items[d->count - 1]->type != PP_ITEM_SIGNAL)
		return 0;
	way_back(d, action, d->items[d->count - 1]);
	return 1;
}

/* The answer is an item of its own: what is believed no longer when the batch is written is taken
 * out of it. */
int pp_desk_text(struct pp_desk *d, struct pp_action *action, struct pp_desk_now now,
	const struct pp_item **ret_item)
{
	struct pp_item *item;
	int r;

	assert(!pp_desk_is_full(d));
	r = signal_enter(d, action, now);
	if (r < 0)
		return r;
	d->o.counts->texts += r == 1;
	d->o.counts->texts_refused += r == 0;
	action->state = r == 1 ? "taken" : "refused";
	item = pp_item_new(PP_ITEM_ACTION);
	if (!item)
		return -ENOMEM;
	item->in.action = action;
	d->items[d->count++] = item;
	*ret_item = item;
	return 0;
}

/* (A signal that failed by itself was rolled back alone; its answer lies right behind it.) */
void pp_desk_texts_answer(struct pp_desk *d)
{
	for (size_t i = 1; i < d->count; i++) {
		const struct pp_item *signal = d->items[i - 1];
		struct pp_item *answer = d->items[i];

		if (signal->type == PP_ITEM_SIGNAL && signal->in.signal.by_text && signal->error &&
			answer->type == PP_ITEM_ACTION &&
			answer->in.action->type == PP_ACTION_TEXT)
			answer->error = signal->error;
	}
}
