/* SPDX-License-Identifier: Apache-2.0 */
/* effects.c -- carries out what the agent has decided. */
#include "edge.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "protocol/seal.h"

/* Carried out only when the agent has finished its step: an answer may come at once, and must find
 * a settled agent. */
static void on_effect(void *user, const struct pp_effect *effect)
{
	struct pp_edge *e = user;

	if (effect->type == PP_EFFECT_KEYS) { /* its beat is gone later */
		pp_keys_rotate(e, effect->beat);
		return;
	}
	if (e->effect_count == e->effect_size) {
		size_t size = e->effect_size ? 2 * e->effect_size : 64;
		struct pp_effect *grown = realloc(e->effects, size * sizeof(*grown));

		assert(grown);
		e->effects = grown;
		e->effect_size = size;
	}
	e->effects[e->effect_count++] = *effect;
}

static void append(struct pp_edge *e, const struct pp_effect *effect)
{
	struct pp_outbox_now now = pp_edge_row_now(e);
	struct pp_draft draft = { .ticket = effect->ticket,
		.signal = effect->signal,
		.cause_ticket = effect->cause_ticket,
		.cause_epoch = effect->cause_epoch };
	int r = pp_keeper_append(e->keeper, &draft, &now);

	assert(r == 0);
}

/* What the server has recorded is not sent again, whether or not our own note of it gets to the
 * disk. */
static void keep(struct pp_edge *e, const struct pp_receipt *receipt)
{
	struct pp_outbox_now now = pp_edge_row_now(e);

	if (receipt->result == PP_RECEIPT_RECORDED)
		(void)pp_sender_recorded(e->sender, receipt->epoch, receipt->seq);
	else
		(void)pp_sender_refused(
			e->sender, receipt->epoch, receipt->seq, pp_loop_now_us(e->loop));
	pp_keeper_receipt(e->keeper, receipt, &now);
}

static void send_state(struct pp_edge *e, bool first)
{
	const char *topic = e->topics[PP_CHANNEL_STATE];
	uint8_t signature[PP_SIGNATURE_SIZE];
	struct pp_outbox_facts facts;
	struct pp_agent_outbox outbox;
	struct pp_state state;
	char *text = NULL;
	size_t length;
	int r;

	pp_keeper_facts(e->keeper, &facts);
	outbox = (struct pp_agent_outbox){ .boot = facts.boot,
		.last = facts.last_seq,
		.oldest = pp_sender_oldest(e->sender, facts.epoch),
		.waiting = pp_sender_depth(e->sender) > 0 };
	pp_agent_state_make(e->agent, &outbox, pp_loop_now_us(e->loop), &state);
	pp_keys_name(e, &state);
	r = pp_state_encode(&state, &text, &length);
	if (r == 0)
		r = pp_seal(e->key, topic, text, length, signature);
	if (r < 0) {
		pp_log(PP_LOG_ERROR, "state.encode", "why=\"%s\"", strerror(-r));
		free(text);
		return;
	}
	pp_sender_put(e->sender, PP_LOOSE_STATE, topic, text, length, signature);
	pp_sender_state_first(e->sender, first);
}

static void carry_out(struct pp_edge *e, const struct pp_effect *effect)
{
	struct pp_outbox_now now = pp_edge_row_now(e);

	switch (effect->type) {
	case PP_EFFECT_APPEND:
		append(e, effect);
		break;
	case PP_EFFECT_KEEP:
		keep(e, &effect->receipt);
		break;
	case PP_EFFECT_AGAIN:
		pp_sender_again(e->sender, effect->epoch, effect->seq, pp_loop_now_us(e->loop));
		break;
	case PP_EFFECT_UNHEARD:
		pp_sender_unheard(e->sender, effect->before_us, pp_loop_now_us(e->loop));
		break;
	case PP_EFFECT_REOFFER:
		pp_log(PP_LOG_WARNING, "outbox.reoffer", "high=%" PRId64, effect->seq);
		pp_keeper_reoffer(e->keeper, effect->epoch, effect->seq, &now);
		break;
	case PP_EFFECT_RENEW:
		pp_log(PP_LOG_ERROR, "outbox.old",
			"epoch=%016" PRIx64 " why=\"the server has more of it\"", effect->epoch);
		pp_keeper_renew(e->keeper, effect->epoch, &now);
		break;
	case PP_EFFECT_LOOKUP:
		pp_keeper_find(e->keeper, effect->epoch, effect->seq, &now);
		break;
	case PP_EFFECT_STATE:
		send_state(e, effect->first);
		break;
	case PP_EFFECT_KEYS:
		break;
	}
}

void pp_traffic_input(struct pp_edge *e, const struct pp_agent_input *in)
{
	struct pp_agent_now now = pp_edge_now(e);

	pp_agent_step(e->agent, in, &now, on_effect, e);
	if (e->carrying_out)
		return;
	e->carrying_out = true;
	for (size_t i = 0; i < e->effect_count; i++) {
		struct pp_effect effect = e->effects[i]; /* the list may grow and move */

		carry_out(e, &effect);
	}
	e->effect_count = 0;
	e->carrying_out = false;
}
