/* SPDX-License-Identifier: Apache-2.0 */
/* push.c -- the sending side of the recorder. */
#include "recorder/push.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "recorder/pack.h"
#include "recorder/writer.h"

#define GATHER_US 250000
#define ACCURACY_US 50000
#define ANSWER_MAX 65536

struct pp_push {
	struct pp_push_options with;
	struct pp_fetcher *fetcher;
	struct pp_loop_source *timer;
	struct pp_writer writer;
	char url[512], create_url[512], authorization[512];
	bool created, busy, armed, lost;
	int64_t sent, last; /* of the batch under way */
	uint64_t written;
};

static void arm(struct pp_push *p, uint64_t wait_us)
{
	p->armed = true;
	(void)pp_loop_arm_at(p->timer, pp_loop_now_us(p->with.loop) + wait_us);
}

static void tell(struct pp_push *p, enum pp_push_news news, const char *text)
{
	p->with.news(p->with.user, news, text);
}

/* The store's words without what would break a line of the log. */
static void describe(const struct pp_fetch_answer *answer, char text[200])
{
	if (answer->error < 0) {
		snprintf(text, 200, "%.120s", answer->why);
		return;
	}
	snprintf(text, 200, "HTTP %ld %.150s", answer->status, answer->body ? answer->body : "");
	text[strcspn(text, "\r\n")] = '\0';
}

static void store_lost(struct pp_push *p, const char *text)
{
	if (!p->lost)
		tell(p, PP_PUSH_STORE_LOST, text);
	p->lost = true;
}

static void store_back(struct pp_push *p)
{
	if (p->lost)
		tell(p, PP_PUSH_STORE_BACK, "");
	p->lost = false;
}

static void spool_failed(struct pp_push *p)
{
	tell(p, PP_PUSH_SPOOL_FAILED, pp_spool_error(p->with.spool));
	arm(p, 5000000);
}

static void batch_answered(void *user, const struct pp_fetch_answer *answer)
{
	struct pp_push *p = user;
	struct pp_writer_answer given = { .error = answer->error,
		.status = answer->status,
		.retry_after_s = answer->retry_after_s,
		.sent = p->sent };
	char text[200];
	int r = 0;

	p->busy = false;
	describe(answer, text);
	switch (pp_writer_answered(&p->writer, &given)) {
	case PP_WRITER_DROP:
		r = pp_spool_drop(p->with.spool, p->last);
		p->written += (uint64_t)p->sent;
		store_back(p);
		arm(p, p->sent < PP_BATCH_MAX / 2 ? GATHER_US : 0);
		break;
	case PP_WRITER_AGAIN:
		arm(p, 0);
		break;
	case PP_WRITER_POISON:
		r = pp_spool_poison(p->with.spool, text);
		tell(p, PP_PUSH_POISON, text);
		arm(p, 0);
		break;
	case PP_WRITER_WAIT:
		store_lost(p, text);
		p->created = false; /* a store that was made anew has no database */
		arm(p, p->writer.wait_us);
		break;
	}
	if (r < 0)
		spool_failed(p);
}

static void database_answered(void *user, const struct pp_fetch_answer *answer)
{
	struct pp_push *p = user;
	struct pp_writer_answer given = { .error = answer->error,
		.status = answer->status,
		.retry_after_s = answer->retry_after_s };
	char text[200];

	p->busy = false;
	if (answer->error == 0 && answer->status == 200) {
		p->created = true;
		arm(p, 0);
		return;
	}
	/* A refusal is waited out like an outage: an administrator may be about to grant the right.
	 */
	describe(answer, text);
	if (given.status < 500)
		given.status = 503;
	(void)pp_writer_answered(&p->writer, &given);
	store_lost(p, text);
	arm(p, p->writer.wait_us);
}

static int start(struct pp_push *p, const char *url, const void *body, size_t length, bool packed)
{
	const char *headers[4] = { "Content-Type: text/plain; charset=utf-8" };
	size_t count = 1;
	struct pp_fetch_request request = { .method = "POST",
		.url = url,
		.headers = headers,
		.body = body,
		.length = length,
		.timeout_ms = (uint32_t)(p->with.settings->store.timeout_us / 1000),
		.answer_limit = ANSWER_MAX };
	int r;

	if (packed)
		headers[count++] = "Content-Encoding: gzip";
	if (p->authorization[0])
		headers[count++] = p->authorization;
	r = pp_fetcher_start(p->fetcher, &request, packed ? batch_answered : database_answered, p);
	p->busy = r == 0;
	if (r < 0)
		arm(p, 1000000);
	return r;
}

static void send_batch(struct pp_push *p)
{
	struct pp_buf text = { 0 };
	void *packed = NULL;
	size_t length = 0;
	int r = pp_spool_peek(p->with.spool, p->writer.count, &text, &p->last);

	if (r > 0) {
		p->sent = r;
		r = pp_pack(text.data, text.length, &packed, &length);
		if (r == 0)
			(void)start(p, p->url, packed, length, true);
		else
			arm(p, 1000000);
	} else if (r < 0) {
		spool_failed(p);
	}
	free(packed);
	pp_buf_done(&text);
}

static void due(void *user)
{
	struct pp_push *p = user;

	p->armed = false;
	if (p->busy)
		return;
	if (p->with.settings->store.api == 0 && !p->created)
		(void)start(p, p->create_url, "", 0, false);
	else
		send_batch(p);
}

void pp_push_kick(struct pp_push *p)
{
	if (!p->busy && !p->armed)
		arm(p, GATHER_US);
}

uint64_t pp_push_written(const struct pp_push *p)
{
	return p->written;
}

static void make_urls(struct pp_push *p)
{
	const struct pp_recorder_settings *s = p->with.settings;

	if (s->store.api == 0)
		snprintf(p->url, sizeof(p->url), "%s/write?db=%s&precision=ns", s->store.url,
			s->store.database);
	else
		snprintf(p->url, sizeof(p->url), "%s/api/v2/write?org=%s&bucket=%s&precision=ns",
			s->store.url, s->store.org, s->store.bucket);
	snprintf(p->create_url, sizeof(p->create_url),
		"%s/query?q=CREATE%%20DATABASE%%20%%22%s%%22", s->store.url, s->store.database);
	if (p->with.token)
		snprintf(p->authorization, sizeof(p->authorization), "Authorization: Token %.400s",
			p->with.token);
}

int pp_push_new(const struct pp_push_options *options, struct pp_push **ret_push)
{
	struct pp_push *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->with = *options;
	pp_writer_init(&p->writer);
	make_urls(p);
	r = pp_fetcher_new(options->loop, &p->fetcher);
	if (r == 0)
		r = pp_loop_add_timer(options->loop, ACCURACY_US, due, p, &p->timer);
	if (r < 0) {
		pp_push_free(p);
		return r;
	}
	arm(p, 0); /* what the last run left */
	*ret_push = p;
	return 0;
}

struct pp_push *pp_push_free(struct pp_push *p)
{
	if (!p)
		return NULL;
	pp_fetcher_free(p->fetcher);
	pp_loop_source_free(p->timer);
	free(p);
	return NULL;
}
