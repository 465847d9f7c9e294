/* SPDX-License-Identifier: Apache-2.0 */
/* second.c -- the second path of a post: alarms that no receipt has come for, as text messages, and
 * receipts that come back as such. */
#include "edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "protocol/compact.h"

static void on_sent(void *user, uint64_t token, int error, const char *why)
{
	struct pp_edge *e = user;

	if (error == 0) {
		e->counts.texts_sent++;
		pp_log(PP_LOG_NOTICE, "second.sent", "seq=%" PRIu64, token);
	} else {
		e->counts.texts_failed++;
		pp_log(PP_LOG_WARNING, "second.failed", "seq=%" PRIu64 " error=%d why=\"%s\"",
			token, error, why);
	}
	pp_second_done(&e->second, e->sender, error, pp_loop_now_us(e->loop));
	pp_edge_settle(e);
}

/* What the broker would have brought: the same bytes under the same topic, judged in the same
 * place. */
static void receipt_take(struct pp_edge *e, const struct pp_compact_receipt *c)
{
	struct pp_mqtt_event event = { .type = PP_MQTT_MESSAGE,
		.topic = e->topics[PP_CHANNEL_RECEIPT],
		.payload = c->payload,
		.length = c->length,
		.has_signature = true,
		.at_us = pp_loop_now_us(e->loop) };
	uint64_t receipts = e->counts.receipts;

	memcpy(event.signature, c->signature, sizeof(event.signature));
	pp_traffic_take(e, &event);
	if (e->counts.receipts == receipts)
		return; /* it was refused, and counted there */
	e->counts.texts_receipts++;
	pp_log(PP_LOG_NOTICE, "second.receipt", "seq=%" PRId64, c->receipt.seq);
}

/* From whatever number it came: the signature decides. What was looked at leaves the modem, so that
 * a flood of other texts does not fill it. */
static bool on_received(void *user, const char *number, const char *text)
{
	struct pp_compact_receipt c;
	struct pp_edge *e = user;
	int r = pp_second_read(e->sender, text, strlen(text), &c);

	(void)number;
	if (r == -ENOMEM)
		return false; /* it is offered again */
	if (r == 0) {
		receipt_take(e, &c);
		free(c.payload);
		pp_edge_settle(e);
		return true;
	}
	e->counts.texts_ignored += r == -EBADMSG;
	e->counts.texts_stale += r == -ESTALE;
	e->counts.receipts_unknown += r == -ENOENT;
	return true;
}

int pp_second_open(struct pp_edge *e)
{
	static const struct pp_modem_handlers handlers = { .received = on_received };

	e->second = (struct pp_second){ .after_us = (uint64_t)e->scalars->second_after_us };
	if (!e->scalars->second_number[0])
		return 0;
	return pp_modem_new(e->loop, e->scalars->second_bus, &handlers, e, &e->modem);
}

void pp_second_added(struct pp_edge *e)
{
	pp_second_stir(&e->second, pp_loop_now_us(e->loop));
}

static int parcel_send(struct pp_edge *e, const struct pp_parcel *parcel)
{
	uint8_t public_key[PP_PUBLIC_KEY_SIZE], hint[PP_COMPACT_HINT];
	char text[PP_COMPACT_MAX + 1];
	const struct pp_modem_message message = { .number = e->scalars->second_number,
		.text = text,
		.token = (uint64_t)parcel->seq,
		.sent = on_sent,
		.user = e };
	int r;

	pp_key_public(e->key, public_key);
	pp_compact_hint(public_key, hint);
	r = pp_compact_write(parcel->payload, parcel->length, hint, parcel->signature, text);
	return r < 0 ? r : pp_modem_send(e->modem, &message);
}

void pp_second_step(struct pp_edge *e)
{
	uint64_t now_us = pp_loop_now_us(e->loop);
	const struct pp_parcel *parcel;
	int r;

	while (e->modem && (parcel = pp_second_next(&e->second, e->sender, now_us))) {
		int64_t seq = parcel->seq;

		r = parcel_send(e, parcel);
		if (r == 0)
			return; /* on_sent goes on */
		e->counts.texts_failed++;
		pp_log(PP_LOG_WARNING, "second.failed", "seq=%" PRId64 " error=%d", seq, r);
		pp_second_done(&e->second, e->sender, r, now_us);
	}
}

const char *pp_second_state(const struct pp_edge *e)
{
	const char *why = e->modem ? pp_modem_why_away(e->modem) : "none";

	return why[0] ? why : "ready";
}

void pp_second_close(struct pp_edge *e)
{
	e->modem = pp_modem_free(e->modem);
}
