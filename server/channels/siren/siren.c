/* SPDX-License-Identifier: Apache-2.0 */
/* siren.c -- the channel that sounds stations. */
#include "siren/siren.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "engine/engine.h"
#include "protocol/limits.h"
#include "protocol/words.h"

#define TRIES 8
#define SOUND_S 60

struct try {
	pp_channel_done_fn *done; /* NULL: free */
	void *user;
};

struct channel {
	struct pp_engine *engine;
	struct try tries[TRIES];
};

static int channel_open(const struct pp_channel_host *host, void **ret_channel)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->engine = host->engine;
	*ret_channel = c;
	return 0;
}

static void channel_close(void *channel)
{
	free(channel);
}

static const char *address_check(const char *address)
{
	const char *slash = strchr(address, '/');

	if (slash && pp_text_is_slug(address, (size_t)(slash - address), PP_TENANT_MAX) &&
		pp_text_is_slug(slash + 1, strlen(slash + 1), PP_POST_MAX))
		return NULL;
	return "expected tenant/post of a station";
}

static void on_ordered(void *user, const struct pp_action_result *result)
{
	struct try *t = user, ended = *t;
	struct pp_channel_outcome o = { .word = PP_CHANNEL_TAKEN, .retry_after_s = -1 };

	if (result->error == 0) {
		pp_channel_say(&o, "ordered: %s", result->reason);
	} else {
		o.word = result->error == -ENOENT || result->error == -EINVAL ? PP_CHANNEL_REFUSED
									      : PP_CHANNEL_AGAIN;
		pp_channel_say(&o, "not ordered: %s", result->reason);
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

/* "crime boja-01": the class, and of which near post. of: NULL where nobody's. */
struct wanted {
	char class[16];
	const char *of;
};
static struct wanted wanted_read(const char *text)
{
	const char *space = strchr(text, ' ');
	size_t length = space ? (size_t)(space - text) : strlen(text);
	struct wanted w = { .of = space ? space + 1 : NULL };

	if (length < sizeof(w.class))
		memcpy(w.class, text, length);
	/* A test sounds as what nobody mistakes for a class. */
	if (pp_class_parse(w.class) < 0)
		w = (struct wanted){ .class = "unspecified" };
	return w;
}

static int try_start(
	void *channel, const struct pp_message *m, pp_channel_done_fn *done, void *user)
{
	struct channel *c = channel;
	struct try *t = try_find(c);
	const struct wanted wanted = wanted_read(m->text);
	const struct pp_action action = { .type = PP_ACTION_ORDER,
		.tenant = m->tenant,
		.actor = "server",
		.post = strchr(m->address, '/') ? strchr(m->address, '/') + 1 : "",
		.order = strcmp(m->purpose, "stop") == 0 ? "silence" : "sound",
		.class = wanted.class,
		.other = wanted.of,
		.seconds = strcmp(m->purpose, "test") == 0 ? 3 : SOUND_S,
		.notification_id = m->notification_id };
	size_t length = strlen(m->tenant);
	int r;

	/* Nobody sounds another tenant's station. */
	if (address_check(m->address) || strncmp(m->address, m->tenant, length) != 0 ||
		m->address[length] != '/')
		return -EINVAL;
	r = pp_engine_submit(c->engine, &action, on_ordered, t);
	if (r == 0)
		*t = (struct try){ done, user };
	return r;
}

const struct pp_channel_ops pp_siren_ops = {
	.name = "siren",
	.tries = TRIES,
	.open = channel_open,
	.close = channel_close,
	.address_check = address_check,
	.start = try_start,
};
