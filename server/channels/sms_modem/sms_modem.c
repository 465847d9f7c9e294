/* SPDX-License-Identifier: Apache-2.0 */
/* sms_modem.c -- the channel that sends SMS by a modem, and hears answers. */
#include "sms_modem/sms_modem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarm_inbox.h"
#include "engine/engine.h"
#include "modem/modem.h"
#include "protocol/compact.h"
#include "texts/reply.h"

#define TRIES 4
#define REPORTS 64 /* messages whose report may still come; older ones stay "sent" */

/* Whose report may still come. */
struct sent {
	char tenant[24];
	int64_t notification_id;
};

struct try {
	struct channel *channel;
	pp_channel_done_fn *done; /* NULL: free */
	void *user;
	uint64_t token;
	struct sent sent;
};

struct channel {
	struct pp_engine *engine;
	struct pp_modem *modem;
	struct pp_alarm_inbox alarms;
	uint64_t token; /* the newest */
	struct try tries[TRIES];
	struct {
		uint64_t token; /* 0: free */
		struct sent sent;
	} reports[REPORTS];
};

static void on_written(void *user, const struct pp_action_result *result)
{
	(void)user;
	(void)result; /* a code that is wrong or over counts for nothing */
}

static bool on_received(void *user, const char *number, const char *text)
{
	struct channel *c = user;
	struct pp_reply reply;
	struct pp_action action = { .type = PP_ACTION_CALL_ANSWER, .text = "sms" };

	if (pp_compact_is(text))
		return pp_alarm_inbox_take(&c->alarms,
			&(struct pp_action){ .type = PP_ACTION_TEXT,
				.text = text,
				.name = number,
				.code = pp_sms_modem_ops.way },
			text);
	if (pp_reply_parse(text, strlen(text), &reply) < 0)
		return true;
	action.code = reply.code;
	action.state = reply.verb;
	action.name = number;
	return pp_alarm_inbox_take(&c->alarms, &action, text);
}

static void on_dealt(void *user)
{
	struct channel *c = user;

	pp_modem_offer(c->modem);
}

static void on_delivered(void *user, uint64_t token, bool arrived)
{
	struct channel *c = user;

	for (size_t i = 0; i < REPORTS; i++) {
		const struct sent *sent = &c->reports[i].sent;
		const struct pp_action action = { .type = PP_ACTION_NOTIFICATION,
			.tenant = sent->tenant,
			.actor = "server",
			.notification_id = sent->notification_id,
			.state = arrived ? "delivered" : "failed",
			.text = arrived ? "the network reports delivery"
					: "the network reports failure" };

		if (c->reports[i].token != token)
			continue;
		c->reports[i].token = 0;
		(void)pp_engine_submit(c->engine, &action, on_written, NULL);
	}
}

static void channel_close(void *channel)
{
	struct channel *c = channel;

	if (!c)
		return;
	pp_modem_free(c->modem);
	free(c);
}

static int channel_open(const struct pp_channel_host *host, void **ret_channel)
{
	static const struct pp_modem_handlers handlers = {
		.received = on_received, .delivered = on_delivered
	};
	const char *bus = host->settings->sms.bus;
	struct channel *c;
	int r;

	if (!host->settings->sms.modem)
		return -ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->engine = host->engine;
	c->alarms.engine = host->engine;
	c->alarms.dealt = on_dealt;
	c->alarms.user = c;
	r = pp_modem_new(host->loop, bus ? bus : "", &handlers, c, &c->modem);
	if (r < 0) {
		channel_close(c);
		return r;
	}
	*ret_channel = c;
	return 0;
}

static void report_await(struct channel *c, const struct try *t)
{
	size_t i = t->token % REPORTS;

	c->reports[i].token = t->token;
	c->reports[i].sent = t->sent;
}

static void on_sent(void *user, uint64_t token, int error, const char *why)
{
	struct try *t = user, ended = *t;
	struct pp_channel_outcome o = { .word = PP_CHANNEL_TAKEN, .retry_after_s = -1 };

	assert(token == t->token);
	if (error == 0) {
		report_await(t->channel, t);
		pp_channel_say(&o, "the network has taken it");
	} else {
		o.word = PP_CHANNEL_AGAIN;
		pp_channel_say(&o, "not sent: %s", why && why[0] ? why : strerrordesc_np(-error));
	}
	t->done = NULL;
	ended.done(ended.user, &o);
}

static struct try *try_find(struct channel *c)
{
	struct try *t = c->tries;

	while (t < c->tries + TRIES && t->done)
		t++;
	assert(t < c->tries + TRIES); /* nobody starts more than ops.tries */
	return t;
}

static int try_start(
	void *channel, const struct pp_message *m, pp_channel_done_fn *done, void *user)
{
	struct channel *c = channel;
	struct try *t = try_find(c);
	struct pp_modem_message message = { .number = m->address,
		.text = m->text,
		.report = true,
		.token = ++c->token,
		.sent = on_sent,
		.user = t };
	int r;

	if (pp_phone_check(m->address))
		return -EINVAL;
	*t = (struct try){ .channel = c, .user = user, .token = message.token };
	t->sent.notification_id = m->notification_id;
	snprintf(t->sent.tenant, sizeof(t->sent.tenant), "%s", m->tenant);
	r = pp_modem_send(c->modem, &message);
	if (r == 0)
		t->done = done;
	return r;
}

const struct pp_channel_ops pp_sms_modem_ops = {
	.name = "sms",
	.way = "modem",
	.tries = TRIES,
	.open = channel_open,
	.close = channel_close,
	.address_check = pp_phone_check,
	.start = try_start,
};
