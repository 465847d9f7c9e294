/* SPDX-License-Identifier: Apache-2.0 */
/* text_receipts.c -- the receipt of a signal that came by text message, queued as a text message in
 * the transaction that records the signal: it cannot go out before the commit has returned, and a
 * crash after that does not lose it. */
#include "book.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "ledger/text_receipts.h"
#include "protocol/compact.h"
#include "protocol/seal.h"
#include "protocol/topic.h"

#define HOUR_MS 3600000
#define KEY_BYTES 16
#define KEY_SIZE (sizeof("receipt-") + 2 * KEY_BYTES + 4)

/* The beginning of the keys of one signal's receipts; a number follows. */
static void key_begin(const struct pp_item *item, char ret_key[KEY_SIZE])
{
	const struct pp_signal *s = &item->in.signal.signal;
	char what[PP_TENANT_MAX + PP_POST_MAX + 64], hex[2 * KEY_BYTES + 1];
	uint8_t digest[PP_SHA256_SIZE];
	int length = snprintf(what, sizeof(what), "%s\n%s\n%016" PRIx64 "\n%" PRId64, item->tenant,
		item->post, s->epoch, s->seq);

	pp_sha256(what, (size_t)length, digest);
	pp_text_hex(digest, KEY_BYTES, hex);
	snprintf(ret_key, KEY_SIZE, "receipt-%s-", hex);
}

/* What the post will believe: the same bytes under the same topic as over the broker. */
static int text_make(const struct pp_item *item, char ret_text[PP_COMPACT_RECEIPT_MAX + 1])
{
	struct pp_receipt receipt = { .epoch = item->in.signal.signal.epoch,
		.seq = item->in.signal.signal.seq,
		.result = PP_RECEIPT_RECORDED };
	char topic[PP_TOPIC_MAX], *payload;
	uint8_t sig[PP_SIGNATURE_SIZE];
	size_t length;
	int r = pp_topic_format(item->tenant, item->post, PP_CHANNEL_RECEIPT, topic);

	memcpy(receipt.incident, item->out.incident, sizeof(receipt.incident));
	if (r == 0)
		r = pp_receipts_encode(&receipt, 1, &payload, &length);
	if (r < 0)
		return r;
	r = pp_seal(item->in.signal.back.key, topic, payload, length, sig);
	if (r == 0)
		r = pp_compact_receipt_write(payload, length, sig, ret_text);
	free(payload);
	return r;
}

static int event_write(struct pp_ledger *l, const struct pp_item *item,
	const struct pp_incident *incident, struct pp_written *ret_written)
{
	const struct pp_signal *s = &item->in.signal.signal;
	char epoch[17];
	struct pp_event event = { .tenant = item->tenant,
		.kind = "receipt.texted",
		.actor = "server",
		.incident = incident->incident_id ? incident : NULL,
		.post = item->post,
		.point = s->point,
		.body = pp_json_object(),
		.personal_field = "to",
		.personal = item->in.signal.back.number };

	snprintf(epoch, sizeof(epoch), "%016" PRIx64, s->epoch);
	if (incident->incident_id)
		(void)pp_json_set_text(event.body, "number", incident->number);
	(void)pp_json_set_text(event.body, "epoch", epoch);
	(void)pp_json_set_i64(event.body, "seq", s->seq);
	(void)pp_json_set_text(event.body, "via", item->in.signal.back.via);
	return pp_timeline_write(l, &event, ret_written);
}

static int receipt_queue(struct pp_ledger *l, struct pp_item *item, const char *key)
{
	struct pp_incident incident = { .incident_id = 0 };
	char text[PP_COMPACT_RECEIPT_MAX + 1];
	struct pp_written written;
	int r = text_make(item, text);

	if (r == 0 && item->out.incident[0])
		r = pp_store_incident_by_number(l->db, item->tenant, item->out.incident, &incident);
	if (r >= 0)
		r = event_write(l, item, &incident, &written);
	if (r < 0)
		return r;
	return pp_store_notification_add(
		l->db, &(struct pp_notification_new){ .tenant = item->tenant,
			       .target = item->post,
			       .key = key,
			       .body = "{}",
			       .incident_id = incident.incident_id,
			       .event_id = written.event_id,
			       .now_ms = l->now_ms,
			       .channel = "sms",
			       .address = item->in.signal.back.number,
			       .text = text,
			       .purpose = "receipt",
			       .via = item->in.signal.back.via });
}

/* A text that somebody plays again and again makes no bill. 1: one more may go. */
static int may_send(
	struct pp_ledger *l, const struct pp_item *item, const char *begin, int64_t *ret_before)
{
	const struct pp_text_receipts_of of = { .key = begin,
		.tenant = item->tenant,
		.post = item->post,
		.since_ms = l->now_ms - HOUR_MS,
		.now_ms = l->now_ms };
	const int64_t share =
		item->out.duplicate ? PP_TEXT_RECEIPTS_AGAIN : PP_TEXT_RECEIPTS_OF_HOUR;
	struct pp_text_receipts had;
	int r = pp_store_text_receipts(l->db, &of, &had);

	if (r < 0)
		return r;
	*ret_before = had.count;
	return !had.queued && had.count < PP_TEXT_RECEIPTS_OF_SIGNAL && had.of_post < share &&
	       (had.newest_ms > l->now_ms || l->now_ms - had.newest_ms >= PP_TEXT_RECEIPT_PAUSE_MS);
}

static int receipt_apply(struct pp_ledger *l, struct pp_item *item)
{
	char begin[KEY_SIZE], key[KEY_SIZE + 20];
	int64_t before;
	int r;

	key_begin(item, begin);
	r = item->in.signal.back.number[0] ? may_send(l, item, begin, &before) : 0;
	if (r <= 0)
		return r;
	snprintf(key, sizeof(key), "%s%" PRId64, begin, before + 1);
	r = receipt_queue(l, item, key);
	item->out.texted = r == 0;
	return r;
}

/* The signal stands, whatever becomes of the text. */
int pp_text_receipt_apply(struct pp_ledger *l, struct pp_item *item)
{
	int applied, r;

	if (item->out.conflict)
		return 0;
	r = pp_db_run(l->db, "SAVEPOINT receipt");
	if (r < 0)
		return r;
	applied = receipt_apply(l, item);
	if (applied < 0 && pp_ledger_is_fatal(applied))
		return applied;
	if (applied < 0)
		r = pp_db_exec(l->db, "ROLLBACK TO receipt");
	item->out.untexted = !item->out.texted;
	return r < 0 ? r : pp_db_run(l->db, "RELEASE receipt");
}

int pp_text_receipt_withdraw(struct pp_ledger *l, const struct pp_item *item)
{
	char begin[KEY_SIZE];

	key_begin(item, begin);
	return pp_store_text_receipts_withdraw(
		l->db, begin, l->now_ms, "the post is receipted over the broker");
}
