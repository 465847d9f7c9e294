/* SPDX-License-Identifier: Apache-2.0 */
/* client_watch.c -- receipts, heads and signals at the moment in which a program hands them over,
 * or is handed them. */
#include "client_watch.h"

#include <inttypes.h>

#include "protocol/signal.h"
#include "protocol/state.h"
#include "protocol/topic.h"
#include "world/world.h"

static struct {
	client_watch_fn *fn;
	void *user;
} on_receipt;

void client_watch_receipts(client_watch_fn *fn, void *user)
{
	on_receipt.fn = fn;
	on_receipt.user = user;
}

static void receipts_write(const char *event, const char *post, const char *text, size_t length)
{
	struct pp_receipt receipts[PP_RECEIPTS_MAX];
	char why[160];
	size_t count;

	if (pp_receipts_decode(text, length, receipts, PP_RECEIPTS_MAX, &count, why) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		world_history(event,
			"\"post\":\"%s\",\"epoch\":\"%016" PRIx64 "\",\"seq\":%" PRId64
			",\"result\":\"%s\",\"incident\":\"%s\"",
			post, receipts[i].epoch, receipts[i].seq,
			receipts[i].result == PP_RECEIPT_RECORDED ? "recorded" : "refused",
			receipts[i].incident);
}

static void head_write(const char *post, const char *text, size_t length)
{
	static struct pp_beat beat; /* too large for a small stack */
	char why[160];

	if (pp_beat_decode(text, length, &beat, why) == 0 && beat.head_height > 0)
		world_history("head", "\"height\":%" PRId64 ",\"hash\":\"%.16s\",\"to\":\"%s\"",
			beat.head_height, beat.head_hash, post);
}

static void signal_write(const char *event, const char *post, const char *text, size_t length)
{
	struct pp_signal signal;
	char why[160];

	if (pp_signal_decode(text, length, &signal, why) == 0)
		world_history(event,
			"\"post\":\"%s\",\"epoch\":\"%016" PRIx64 "\",\"seq\":%" PRId64, post,
			signal.epoch, signal.seq);
}

void client_watch_publish(bool by_server, const char *topic, const void *payload, size_t length)
{
	struct pp_topic parsed;

	if (pp_topic_parse(topic, &parsed) < 0)
		return;
	if (by_server && parsed.channel == PP_CHANNEL_RECEIPT) {
		receipts_write("receipt", parsed.post, payload, length);
		if (on_receipt.fn)
			on_receipt.fn(on_receipt.user);
	} else if (by_server && parsed.channel == PP_CHANNEL_BEAT) {
		head_write(parsed.post, payload, length);
	} else if (!by_server && parsed.channel == PP_CHANNEL_SIGNAL) {
		signal_write("sent", parsed.post, payload, length);
	}
}

void client_watch_given(bool to_server, const char *topic, const void *payload, size_t length)
{
	struct pp_topic parsed;

	if (pp_topic_parse(topic, &parsed) < 0)
		return;
	if (to_server && parsed.channel == PP_CHANNEL_SIGNAL)
		signal_write("given", parsed.post, payload, length);
	else if (!to_server && parsed.channel == PP_CHANNEL_RECEIPT)
		receipts_write("answered", parsed.post, payload, length);
}
