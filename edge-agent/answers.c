/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c -- what the outbox answers: to the agent, and to the sender what is to be sent. */
#include "edge.h"

#include <inttypes.h>
#include <string.h>

#include "core/log.h"

static struct pp_agent_row row_of(const struct pp_edge *e, const struct pp_store_answer *a)
{
	const struct pp_signal *s = &a->signal;
	struct pp_outbox_facts facts;
	struct pp_agent_row row = { .epoch = s->epoch,
		.seq = s->seq,
		.found = true,
		.class = s->class,
		.flags = s->flags,
		.refused = a->parcel ? a->parcel->refused : a->refused };

	pp_keeper_facts(e->keeper, &facts);
	memcpy(row.point, s->point, sizeof(row.point));
	/* Boots are counted anew in each outbox. */
	if (s->epoch == facts.epoch && s->boot == facts.boot && s->mono_ms > 0)
		row.pressed_us = (uint64_t)s->mono_ms * 1000;
	return row;
}

/* A row from before the start, or one that the server wants again. */
static void take_loaded(struct pp_edge *e, struct pp_store_answer *a)
{
	struct pp_agent_input in = { .type = PP_AGENT_RESUMED, .row = row_of(e, a) };
	bool alarm = a->parcel->alarm;

	if (pp_sender_add(e->sender, a->parcel, pp_loop_now_us(e->loop)) < 0)
		return; /* held already */
	a->parcel = NULL;
	if (alarm)
		pp_second_added(e);
	if (alarm && a->resumed)
		pp_traffic_input(e, &in);
}

static void take_appended(struct pp_edge *e, struct pp_store_answer *a)
{
	struct pp_agent_input in = { .type = PP_AGENT_APPENDED,
		.ticket = a->ticket,
		.epoch = a->parcel->epoch,
		.seq = a->parcel->seq,
		.durable = a->durable };

	pp_log(PP_LOG_INFO, "outbox.appended", "seq=%" PRId64 " durable=%s", a->parcel->seq,
		a->durable ? "true" : "false");
	if (pp_sender_add(e->sender, a->parcel, pp_loop_now_us(e->loop)) == 0)
		a->parcel = NULL;
	pp_second_added(e);
	pp_traffic_input(e, &in);
}

static void take_opened(struct pp_edge *e, const struct pp_store_answer *a)
{
	struct pp_agent_input in = {
		.type = PP_AGENT_OUTBOX, .epoch = a->facts.epoch, .durable = a->durable
	};

	pp_log(PP_LOG_NOTICE, "outbox.open",
		"epoch=%016" PRIx64 " boot=%" PRId64 " unreceipted=%" PRId64 " durable=%s",
		a->facts.epoch, a->facts.boot, a->facts.unreceipted, a->durable ? "true" : "false");
	pp_commands_begin(e);
	pp_traffic_input(e, &in);
}

static void take_standing(struct pp_edge *e, const struct pp_store_answer *a)
{
	const struct pp_signal *s = &a->signal;
	struct pp_agent_input in = { .type = PP_AGENT_STANDS,
		.event = { .type = s->type,
			.at_us = (uint64_t)a->over_ms * 1000,
			.detail = s->detail },
		.row = { .epoch = s->epoch, .seq = s->seq } };

	memcpy(in.row.point, s->point, sizeof(in.row.point));
	if (s->boot == a->facts.boot)
		in.row.pressed_us = (uint64_t)s->mono_ms * 1000;
	pp_traffic_input(e, &in);
}

static void take_found(struct pp_edge *e, const struct pp_store_answer *a)
{
	struct pp_agent_input in = { .type = PP_AGENT_FOUND };

	if (a->found && a->signal.type == PP_SIGNAL_ALARM)
		in.row = row_of(e, a);
	in.row.epoch = a->epoch;
	in.row.seq = a->seq;
	pp_traffic_input(e, &in);
}

void pp_traffic_answer(void *user, struct pp_store_answer *a)
{
	struct pp_edge *e = user;
	struct pp_agent_input in = {
		.ticket = a->ticket, .epoch = a->epoch, .seq = a->seq, .receipt = &a->receipt
	};

	e->store_alive_us = pp_loop_now_us(e->loop);
	switch (a->type) {
	case PP_STORE_OPENED:
		take_opened(e, a);
		break;
	case PP_STORE_STANDS:
		take_standing(e, a);
		break;
	case PP_STORE_LOADED:
		take_loaded(e, a);
		break;
	case PP_STORE_APPENDED:
		take_appended(e, a);
		break;
	case PP_STORE_FULL:
		pp_log(PP_LOG_ERROR, "outbox.full", "ticket=%" PRIu64, a->ticket);
		in.type = PP_AGENT_FULL;
		pp_traffic_input(e, &in);
		break;
	case PP_STORE_KEPT:
		in.type = PP_AGENT_KEPT;
		pp_traffic_input(e, &in);
		break;
	case PP_STORE_FOUND:
		take_found(e, a);
		break;
	case PP_STORE_LOST:
		pp_log(PP_LOG_ERROR, "outbox.lost",
			"error=%d why=\"%s\" note=\"going on in memory\"", a->error, a->why);
		break;
	case PP_STORE_DAMAGED:
		pp_log(PP_LOG_ERROR, "outbox.damaged",
			"file=\"%s\" saved=%" PRId64 " note=\"set aside, a new one begun\"", a->why,
			a->seq);
		in.type = PP_AGENT_DAMAGED;
		pp_traffic_input(e, &in);
		break;
	case PP_STORE_RENEWED:
		pp_sender_forget(e->sender, a->epoch);
		in.type = PP_AGENT_RENEWED;
		pp_traffic_input(e, &in);
		break;
	case PP_STORE_FACTS:
		in.type = PP_AGENT_ROOM;
		if (a->facts.room)
			pp_traffic_input(e, &in);
		break;
	case PP_STORE_WROTE:
		if (a->error < 0)
			pp_log(PP_LOG_ERROR, "file.write", "file=%s why=\"%s\"", a->why,
				strerror(-a->error));
		pp_commands_wrote(e);
		pp_keys_wrote(e, a);
		break;
	case PP_STORE_ALL_LOADED:
	case PP_STORE_ENDED:
	case PP_STORE_FAILED:
	case PP_STORE_PONG:
		break;
	}
}
