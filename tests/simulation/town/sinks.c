/* SPDX-License-Identifier: Apache-2.0 */
/* sinks.c -- fetch/fetch.h of the simulated world: each request comes to the sink that its host
 * names, which takes it, or misbehaves by choice (sink). */
#include "sinks.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "callees.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "net.h"

struct exchange {
	struct pp_fetcher *fetcher;
	char *sink, *key, *body;
	uint64_t timeout_us;
	pp_fetch_fn *fn;
	void *user;
	struct pp_fetch_answer answer;
	STAILQ_ENTRY(exchange) entry;
};

struct pp_fetcher {
	struct world_process *process;
	struct pp_loop_source *wake;
	bool gone;
	STAILQ_HEAD(, exchange) answered;
};

static struct sinks_counts counts;

const struct sinks_counts *sinks_counts(void)
{
	return &counts;
}

/* ---- what a sink does ---- */

struct manner {
	bool taken;      /* the sink has it, and may have told people */
	long status;     /* what it said; 0: nothing */
	int error;       /* what arrives instead of its answer; 0: its answer */
	uint32_t late_s; /* so long after the request; beyond the time-out nothing arrives */
	long retry_after_s;
	const char *body;
};

/* The first is how it should be. */
static const struct manner manners[] = {
	{ true, 200, 0, 0, -1, "{\"ok\":true}" },
	{ true, 200, 0, 0, -1, "{\"error\":\"internal\"}" }, /* it says 200 all the same */
	{ false, 500, 0, 0, -1, "" }, { false, 503, 0, 1, 7, "" }, { false, 429, 0, 0, 3, "" },
	{ true, 200, 0, 8, -1, "" },            /* slow */
	{ true, 0, -ETIMEDOUT, 60, -1, "" },    /* takes it and hangs */
	{ false, 0, -ETIMEDOUT, 60, -1, "" },   /* hangs */
	{ true, 0, -ECONNRESET, 1, -1, "" },    /* the answer is lost */
	{ false, 0, -ECONNREFUSED, 0, -1, "" }, /* nobody there */
	{ false, 0, -EHOSTUNREACH, 2, -1, "" },
	{ true, 202, -EFBIG, 0, -1, "" }, /* more words than anybody wants */
	{ false, 301, 0, 0, -1, "" }, { false, 410, 0, 0, -1, "" }, /* for good */
};

static long answer_of(const struct manner *m)
{
	return m->error && m->error != -EFBIG ? 0 : m->status;
}

/* What the gateway of text messages is posted: see server.c. */
static void message_write(const struct exchange *x, const struct manner *m)
{
	const char *number = "", *purpose = "", *text = "";
	struct pp_json *json;

	if (pp_json_parse(x->body, strlen(x->body), &json, NULL) < 0)
		return;
	(void)pp_json_get_text(json, "number", 64, &number);
	(void)pp_json_get_text(json, "purpose", 64, &purpose);
	(void)pp_json_get_text(json, "text", 1024, &text);
	world_history("told",
		"\"sink\":\"%s\",\"key\":\"%s\",\"incident\":\"%s\",\"kind\":\"sms\","
		"\"purpose\":\"%s\",\"answer\":%ld",
		x->sink, x->key, number, purpose, answer_of(m));
	if (m->taken)
		callees_told(text);
	pp_json_free(json);
}

static void told_write(const struct exchange *x, const struct manner *m)
{
	const struct pp_json *incident;
	struct pp_json *json;
	const char *kind = "", *number = "";
	int64_t signals = 0;

	if (pp_json_parse(x->body, strlen(x->body), &json, NULL) < 0)
		return;
	(void)pp_json_get_text(json, "kind", 64, &kind);
	if (pp_json_get_object(json, "incident", &incident) == 0) {
		(void)pp_json_get_text(incident, "number", 64, &number);
		(void)pp_json_get_i64(incident, "signals", 0, INT64_MAX, &signals);
	}
	world_history("told",
		"\"sink\":\"%s\",\"key\":\"%s\",\"incident\":\"%s\",\"kind\":\"%s\","
		"\"signals\":%" PRId64 ",\"answer\":%ld",
		x->sink, x->key, number, kind, signals, answer_of(m));
	pp_json_free(json);
}

static void answer_arrives(void *user)
{
	struct exchange *x = user;

	if (x->fetcher->gone || !world_process_is_alive(x->fetcher->process))
		return;
	STAILQ_INSERT_TAIL(&x->fetcher->answered, x, entry);
	pp_loop_wake(x->fetcher->wake);
}

static void request_arrives(void *user)
{
	struct exchange *x = user;
	uint32_t which = world_choose(WORLD_CHOICE_sink, sizeof(manners) / sizeof(manners[0]));
	const struct manner *m = &manners[which];
	uint64_t late_us = (uint64_t)m->late_s * WORLD_S + net_latency_us();

	counts.asked++;
	counts.taken += m->taken;
	counts.misbehaved += which != 0;
	/* Also one that refuses has got it. */
	if ((m->taken || m->status) && strcmp(x->sink, "gateway") == 0)
		message_write(x, m);
	else if (m->taken || m->status)
		told_write(x, m);
	x->answer = (struct pp_fetch_answer){
		.error = m->error, .status = m->status, .retry_after_s = m->retry_after_s
	};
	if (late_us >= x->timeout_us) {
		late_us = x->timeout_us;
		x->answer = (struct pp_fetch_answer){ .error = -ETIMEDOUT, .retry_after_s = -1 };
	}
	x->answer.body = strdup(m->body);
	assert(x->answer.body);
	x->answer.length = strlen(m->body);
	world_after(late_us, answer_arrives, x);
}

/* ---- fetch/fetch.h ---- */

void pp_fetch_answer_done(struct pp_fetch_answer *a)
{
	free(a->body);
	a->body = NULL;
}

static void on_wake(void *user)
{
	struct pp_fetcher *f = user;
	struct exchange *x;

	while ((x = STAILQ_FIRST(&f->answered))) {
		STAILQ_REMOVE_HEAD(&f->answered, entry);
		x->fn(x->user, &x->answer);
		pp_fetch_answer_done(&x->answer);
		free(x->sink);
		free(x->key);
		free(x->body);
		free(x);
	}
}

int pp_fetcher_new(struct pp_loop *loop, struct pp_fetcher **ret_fetcher)
{
	struct pp_fetcher *f = calloc(1, sizeof(*f));
	int r;

	assert(f && world_process_current());
	f->process = world_process_current();
	STAILQ_INIT(&f->answered);
	r = pp_loop_add_wake(loop, on_wake, f, &f->wake);
	if (r < 0) {
		free(f);
		return r;
	}
	*ret_fetcher = f;
	return 0;
}

struct pp_fetcher *pp_fetcher_free(struct pp_fetcher *f)
{
	if (!f)
		return NULL;
	f->gone = true;
	pp_loop_source_free(f->wake);
	return NULL; /* an answer may still be on its way to it */
}

static char *host_of(const char *url)
{
	const char *host = strstr(url, "://");
	char *copied;

	assert(host);
	host += 3;
	copied = strndup(host, strcspn(host, "/:"));
	assert(copied);
	return copied;
}

static char *key_of(const char *const *headers)
{
	static const char name[] = "Idempotency-Key: ";
	char *copied = NULL;

	for (size_t i = 0; headers && headers[i]; i++)
		if (strncmp(headers[i], name, sizeof(name) - 1) == 0)
			copied = strdup(headers[i] + sizeof(name) - 1);
	assert(copied);
	return copied;
}

int pp_fetcher_start(
	struct pp_fetcher *f, const struct pp_fetch_request *request, pp_fetch_fn *fn, void *user)
{
	struct exchange *x = calloc(1, sizeof(*x));

	world_crash_point();
	assert(x);
	*x = (struct exchange){ .fetcher = f,
		.sink = host_of(request->url),
		.key = key_of(request->headers),
		.body = strndup(request->body, request->length),
		.timeout_us = request->timeout_ms * (uint64_t)WORLD_MS,
		.fn = fn,
		.user = user };
	assert(x->body);
	world_after(net_latency_us(), request_arrives, x);
	return 0;
}
