/* SPDX-License-Identifier: Apache-2.0 */
/* orders.c -- remembers orders by id until they expire, and holds what one of them sounds. */
#include "agent/orders.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define LINE_FORMAT "%016" PRIx64 " %016" PRIx64 " %" PRId64 " %" PRId64 "\n"

#define SILENCED "a later order has silenced it"

struct order {
	struct pp_command command;
	bool waits; /* for the disk */
	bool ended; /* ... and a silence has come meanwhile */
	uint64_t since_us;
	struct pp_reply reply; /* what was answered, unless it waits */
};

struct pp_orders {
	size_t count;
	struct order list[PP_ORDERS_MAX];
	struct pp_view_order sound;
	/* What the newest silence was: sounds ordered before it that come after it are over. */
	struct pp_command silence;
};

int pp_orders_new(struct pp_orders **ret_orders)
{
	struct pp_orders *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	*ret_orders = o;
	return 0;
}

struct pp_orders *pp_orders_free(struct pp_orders *o)
{
	free(o);
	return NULL;
}

static bool is_expired(const struct pp_command *c, const struct pp_orders_now *now)
{
	int64_t mono_ms = (int64_t)(now->mono_us / 1000);

	return c->epoch != now->epoch || c->boot != now->boot || c->until_ms < mono_ms ||
	       c->until_ms - mono_ms > PP_ORDERS_AHEAD_MS;
}

/* An id is remembered as long as its order could be believed, and no longer. Not by epoch: that may
 * come back, when a lost disk does. */
static void forget(struct pp_orders *o, const struct pp_orders_now *now)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].command.until_ms >= (int64_t)(now->mono_us / 1000))
			o->list[kept++] = o->list[i];
	o->count = kept;
}

static struct order *find(struct pp_orders *o, uint64_t id)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].command.id == id)
			return &o->list[i];
	return NULL;
}

static void answer(struct order *order, enum pp_result result, const char *detail)
{
	order->waits = false;
	order->reply = (struct pp_reply){ .id = order->command.id, .result = result };
	snprintf(order->reply.detail, sizeof(order->reply.detail), "%s", detail);
}

static void sound(struct pp_orders *o, struct order *order, const struct pp_orders_now *now)
{
	o->sound = (struct pp_view_order){ .active = true,
		.neighbour = order->command.of[0],
		.class = order->command.class,
		.start_us = now->mono_us,
		.end_us = now->mono_us + (uint64_t)order->command.seconds * 1000000 };
	answer(order, PP_RESULT_DONE, "");
}

/* Orders hold for the same time each, so that the one that was given first ends first. */
static bool is_silenced(const struct pp_orders *o, const struct pp_command *c)
{
	return o->silence.id && c->epoch == o->silence.epoch && c->boot == o->silence.boot &&
	       c->until_ms < o->silence.until_ms;
}

/* What still waits for the disk was ordered before the silence, too. */
static void waiting_end(struct pp_orders *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].waits && is_silenced(o, &o->list[i].command))
			o->list[i].ended = true;
}

/* Sounding twice would hurt: such an order waits until it cannot be forgotten. */
static enum pp_orders_verdict begin(
	struct pp_orders *o, struct order *order, const struct pp_orders_now *now)
{
	switch (order->command.order) {
	case PP_ORDER_SILENCE:
		o->sound.active = false;
		o->silence = order->command;
		waiting_end(o);
		answer(order, PP_RESULT_DONE, "");
		return PP_ORDERS_ANSWER;
	case PP_ORDER_SOUND:
		if (is_silenced(o, &order->command)) {
			answer(order, PP_RESULT_REFUSED, SILENCED);
			return PP_ORDERS_ANSWER;
		}
		order->waits = now->can_sound;
		if (order->waits)
			return PP_ORDERS_KEEP;
		answer(order, PP_RESULT_REFUSED, "this post has no siren for it");
		return PP_ORDERS_ANSWER;
	default:
		answer(order, PP_RESULT_REFUSED, "this version does not know the order");
		return PP_ORDERS_ANSWER;
	}
}

enum pp_orders_verdict pp_orders_take(struct pp_orders *o, const struct pp_command *command,
	const struct pp_orders_now *now, struct pp_reply *ret_reply)
{
	enum pp_orders_verdict verdict;
	struct order *order;

	if (is_expired(command, now))
		return PP_ORDERS_EXPIRED;
	forget(o, now);
	order = find(o, command->id);
	if (order) {
		*ret_reply = order->reply;
		return PP_ORDERS_AGAIN;
	}
	if (o->count == PP_ORDERS_MAX)
		return PP_ORDERS_FULL;
	order = &o->list[o->count++];
	*order = (struct order){ .command = *command, .since_us = now->mono_us };
	verdict = begin(o, order, now);
	*ret_reply = order->reply;
	return verdict;
}

char *pp_orders_text(const struct pp_orders *o)
{
	struct pp_buf b = { 0 };
	char *text;

	pp_buf_addf(&b, "# orders taken: id epoch boot until\n");
	for (size_t i = 0; i < o->count; i++) {
		const struct pp_command *c = &o->list[i].command;

		if (c->order == PP_ORDER_SOUND)
			pp_buf_addf(&b, LINE_FORMAT, c->id, c->epoch, c->boot, c->until_ms);
	}
	return pp_buf_take(&b, &text, NULL) < 0 ? NULL : text;
}

static uint64_t hex_read(const char *word)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	if (pp_text_unhex(word, strlen(word), bytes, sizeof(bytes)) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		value = value << 8 | bytes[i];
	return value;
}

/* "id epoch boot until" */
static bool line_read(const char *line, size_t length, struct pp_command *ret_command)
{
	char words[4][24], copy[100], *at = copy;
	struct pp_command c = { .order = PP_ORDER_SOUND };

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	for (size_t i = 0; i < 4; i++) {
		size_t n = strcspn(at, " ");

		if (n == 0 || n >= sizeof(words[i]))
			return false;
		memcpy(words[i], at, n);
		words[i][n] = '\0';
		at += n + (at[n] == ' ');
	}
	c.id = hex_read(words[0]);
	c.epoch = hex_read(words[1]);
	if (!c.id || pp_text_i64(words[2], strlen(words[2]), 1, INT64_MAX, &c.boot) < 0 ||
		pp_text_i64(words[3], strlen(words[3]), 0, INT64_MAX, &c.until_ms) < 0)
		return false;
	*ret_command = c;
	return true;
}

void pp_orders_load(struct pp_orders *o, const char *text, const struct pp_orders_now *now)
{
	struct pp_command c;

	while (*text && o->count < PP_ORDERS_MAX) {
		size_t length = strcspn(text, "\n");

		if (line_read(text, length, &c) && !is_expired(&c, now) && !find(o, c.id)) {
			struct order *order = &o->list[o->count++];

			*order = (struct order){ .command = c };
			answer(order, PP_RESULT_INTERRUPTED, "");
		}
		text += length + (text[length] == '\n');
	}
}

bool pp_orders_kept(
	struct pp_orders *o, bool all, const struct pp_orders_now *now, struct pp_reply *ret_reply)
{
	for (size_t i = 0; i < o->count; i++) {
		struct order *order = &o->list[i];

		if (!order->waits || (!all && now->mono_us - order->since_us < PP_ORDERS_WAIT_US))
			continue;
		if (is_expired(&order->command, now))
			answer(order, PP_RESULT_REFUSED, "expired while the disk was waited for");
		else if (order->ended)
			answer(order, PP_RESULT_REFUSED, SILENCED);
		else
			sound(o, order, now);
		*ret_reply = order->reply;
		return true;
	}
	return false;
}

uint64_t pp_orders_deadline(const struct pp_orders *o)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < o->count; i++)
		if (o->list[i].waits && o->list[i].since_us + PP_ORDERS_WAIT_US < deadline)
			deadline = o->list[i].since_us + PP_ORDERS_WAIT_US;
	return deadline;
}

void pp_orders_view(const struct pp_orders *o, uint64_t now_us, struct pp_view *view)
{
	view->order = o->sound;
	view->order.active = o->sound.active && now_us < o->sound.end_us;
}
