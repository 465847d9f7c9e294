/* SPDX-License-Identifier: Apache-2.0 */
/* webhook.c -- the channel that posts to a target of the site file. */
#include "webhook/webhook.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "core/clock.h"
#include "webhook/request.h"

#define TRIES 32

struct try {
	struct pp_form form;
	pp_channel_done_fn *done; /* NULL: free */
	void *user;
};

struct channel {
	struct pp_fetcher *fetcher;
	bool allow_private;
	struct try tries[TRIES];
};

static int channel_open(const struct pp_channel_host *host, void **ret_channel)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->fetcher = host->fetcher;
	c->allow_private = host->settings->webhook_allow_private;
	*ret_channel = c;
	return 0;
}

static void channel_close(void *channel)
{
	free(channel);
}

/* The name of a webhook: whether there is one of that name the record knows. */
static const char *address_check(const char *address)
{
	return address[0] ? NULL : "a webhook is named as in the site file";
}

static void on_answer(void *user, const struct pp_fetch_answer *answer)
{
	struct try *t = user, ended = *t;
	struct pp_channel_outcome outcome;

	pp_channel_http_judge(answer, &ended.form, "webhook.allow_private", &outcome);
	t->done = NULL;
	ended.done(ended.user, &outcome);
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
	struct pp_webhook w;
	int r = m->url[0] ? pp_webhook_build(m, pp_clock_wall_ms(), c->allow_private, &w)
			  : -EDESTADDRREQ;

	if (r < 0)
		return r;
	r = pp_fetcher_start(c->fetcher, &w.request, on_answer, t);
	if (r == 0)
		*t = (struct try){ m->form, done, user };
	pp_webhook_done(&w);
	return r;
}

const struct pp_channel_ops pp_webhook_ops = {
	.name = "webhook",
	.tries = TRIES,
	.open = channel_open,
	.close = channel_close,
	.address_check = address_check,
	.start = try_start,
};
