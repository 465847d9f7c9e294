/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c -- orders of the server: to the pure rules of agent/orders.h, to the disk, and
 * answered. */
#include "edge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "protocol/seal.h"

#define FILE_MAX 65536u

static struct pp_orders_now now_of(const struct pp_edge *e, const struct pp_command *command)
{
	struct pp_outbox_facts facts;

	pp_keeper_facts(e->keeper, &facts);
	return (struct pp_orders_now){ .epoch = facts.epoch,
		.boot = facts.boot,
		.mono_us = pp_loop_now_us(e->loop),
		.can_sound = command && pp_annunciator_can_sound(e->roles,
						e->settings->wiring.output_count, command->class) };
}

/* Lost on the way, it is asked for again by the same order. */
static void reply_send(struct pp_edge *e, const struct pp_reply *reply)
{
	const char *topic = e->topics[PP_CHANNEL_ANSWER];
	uint8_t signature[PP_SIGNATURE_SIZE];
	char *text = NULL;
	size_t length;
	int r = pp_reply_encode(reply, &text, &length);

	if (r == 0)
		r = pp_seal(e->key, topic, text, length, signature);
	if (r < 0) {
		pp_log(PP_LOG_ERROR, "command.answer", "why=\"%s\"", strerror(-r));
		free(text);
		return;
	}
	pp_sender_put(e->sender, PP_LOOSE_ANSWER, topic, text, length, signature);
}

static void answered(struct pp_edge *e, const struct pp_reply *reply)
{
	bool done = reply->result == PP_RESULT_DONE;

	e->counts.commands += done;
	e->counts.commands_refused += !done;
	pp_log(PP_LOG_NOTICE, "command.answered", "id=%016" PRIx64 " result=%s detail=\"%s\"",
		reply->id, pp_result_text(reply->result), reply->detail);
	reply_send(e, reply);
}

static void carry_out(struct pp_edge *e, bool all)
{
	struct pp_orders_now now = now_of(e, NULL);
	struct pp_reply reply;

	while (pp_orders_kept(e->orders, all, &now, &reply))
		answered(e, &reply);
}

static void keep(struct pp_edge *e)
{
	char *path = strdup(e->orders_path), *text = pp_orders_text(e->orders);

	if (!path || !text || !pp_keeper_durable(e->keeper)) {
		free(path);
		free(text);
		carry_out(e, true); /* there is no disk to wait for */
		return;
	}
	pp_keeper_write(e->keeper, path, text);
	e->orders_write = ++e->writes;
}

void pp_commands_take(struct pp_edge *e, const struct pp_command *command)
{
	struct pp_orders_now now = now_of(e, command);
	struct pp_reply reply = { 0 };

	switch (pp_orders_take(e->orders, command, &now, &reply)) {
	case PP_ORDERS_EXPIRED:
		e->counts.commands_expired++;
		return;
	case PP_ORDERS_FULL:
		e->counts.commands_full++;
		return;
	case PP_ORDERS_AGAIN:
		e->counts.commands_again++;
		if (reply.id)
			reply_send(e, &reply);
		return;
	case PP_ORDERS_ANSWER:
		answered(e, &reply);
		return;
	case PP_ORDERS_KEEP:
		keep(e);
		return;
	}
}

/* Files are written in the order of asking. */
void pp_commands_wrote(struct pp_edge *e)
{
	e->wrote++;
	if (e->orders_write && e->wrote >= e->orders_write) {
		e->orders_write = 0;
		carry_out(e, true);
	}
}

int pp_commands_open(struct pp_edge *e)
{
	snprintf(e->orders_path, sizeof(e->orders_path), "%s/orders", e->scalars->data);
	if (pp_file_read(e->orders_path, FILE_MAX, &e->orders_text, NULL) < 0)
		e->orders_text = NULL;
	return pp_orders_new(&e->orders);
}

/* Whether an order is of this boot is known only when the outbox is open. */
void pp_commands_begin(struct pp_edge *e)
{
	struct pp_orders_now now = now_of(e, NULL);

	if (e->orders_text)
		pp_orders_load(e->orders, e->orders_text, &now);
	free(e->orders_text);
	e->orders_text = NULL;
}

void pp_commands_step(struct pp_edge *e)
{
	if (pp_orders_deadline(e->orders) > pp_loop_now_us(e->loop))
		return;
	/* A store that hung may have dropped what it was asked: those files are awaited no more. */
	e->writes = e->wrote;
	e->orders_write = 0;
	carry_out(e, false);
}

void pp_commands_close(struct pp_edge *e)
{
	e->orders = pp_orders_free(e->orders);
	free(e->orders_text);
	e->orders_text = NULL;
}
