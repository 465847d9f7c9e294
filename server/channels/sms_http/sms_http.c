/* SPDX-License-Identifier: Apache-2.0 */
/* sms_http.c -- the channel that posts SMS to a gateway. */
#include "sms_http/sms_http.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

#define TRIES 8
#define ANSWER_MAX 8192
#define AUTHORIZATION_MAX 500

struct try {
	struct channel *channel;
	pp_channel_done_fn *done; /* NULL: free */
	void *user;
};

struct channel {
	struct pp_fetcher *fetcher;
	const char *url;
	struct pp_form form;
	char *authorization; /* "Authorization: ..."; NULL: none */
	struct try tries[TRIES];
};

static void channel_close(void *channel)
{
	struct channel *c = channel;

	if (!c)
		return;
	free(c->authorization);
	free(c);
}

static int authorization_read(struct channel *c, const char *path)
{
	char *text, header[AUTHORIZATION_MAX + 32];
	int r;

	if (!path || path[0] == '\0')
		return 0;
	r = pp_file_read(path, AUTHORIZATION_MAX, &text, NULL);
	if (r < 0)
		return r;
	text[strcspn(text, "\r\n")] = '\0';
	snprintf(header, sizeof(header), "Authorization: %s", text);
	free(text);
	c->authorization = strdup(header);
	return c->authorization ? 0 : -ENOMEM;
}

static int channel_open(const struct pp_channel_host *host, void **ret_channel)
{
	const struct pp_server_settings *s = host->settings;
	char why[160];
	struct channel *c;
	int r;

	if (!s->sms.url || s->sms.url[0] == '\0')
		return -ENOTSUP;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->fetcher = host->fetcher;
	c->url = s->sms.url;
	c->form = (struct pp_form){ .template = s->sms.template,
		.type = s->sms.type,
		.success = s->sms.success,
		.reference = s->sms.reference };
	r = c->form.template && c->form.template[0] ? pp_form_check(&c->form, why) : -EINVAL;
	if (r == 0)
		r = authorization_read(c, s->sms.authorization);
	if (r < 0) {
		channel_close(c);
		return r;
	}
	*ret_channel = c;
	return 0;
}

static void on_answer(void *user, const struct pp_fetch_answer *answer)
{
	struct try *t = user, ended = *t;
	struct pp_channel_outcome outcome;

	pp_channel_http_judge(answer, &ended.channel->form, "sms.url", &outcome);
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

static int post(struct channel *c, const char *key, const char *body, struct try *t)
{
	const char *headers[5] = { NULL };
	char type[64], idempotency[120];
	size_t count = 0;

	snprintf(type, sizeof(type), "Content-Type: %s", pp_form_content_type(&c->form));
	snprintf(idempotency, sizeof(idempotency), "Idempotency-Key: %s", key);
	headers[count++] = type;
	headers[count++] = idempotency;
	if (c->authorization)
		headers[count++] = c->authorization;
	return pp_fetcher_start(c->fetcher,
		&(struct pp_fetch_request){ .method = "POST",
			.url = c->url,
			.headers = headers,
			.body = body,
			.length = strlen(body),
			.timeout_ms = PP_CHANNEL_TIMEOUT_MS,
			.answer_limit = ANSWER_MAX },
		on_answer, t);
}

static int try_start(
	void *channel, const struct pp_message *m, pp_channel_done_fn *done, void *user)
{
	struct channel *c = channel;
	struct try *t = try_find(c);
	struct pp_message_values values;
	char *body;
	int r;

	if (pp_phone_check(m->address) || m->key[0] == '\0' || strpbrk(m->key, "\r\n"))
		return -EINVAL;
	r = pp_message_values(m, &values);
	if (r < 0)
		return r;
	r = pp_form_fill(&c->form, values.all, &body);
	pp_message_values_done(&values);
	if (r < 0)
		return r;
	r = post(c, m->key, body, t);
	if (r == 0)
		*t = (struct try){ c, done, user };
	free(body);
	return r;
}

const struct pp_channel_ops pp_sms_http_ops = {
	.name = "sms",
	.way = "gateway",
	.tries = TRIES,
	.open = channel_open,
	.close = channel_close,
	.address_check = pp_phone_check,
	.start = try_start,
};
