/* SPDX-License-Identifier: Apache-2.0 */
/* service.c -- starts engine and notifier, carries the word of a commit between them, tells the log
 * what nobody sees at the desk. */
#include "service/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

#define KEEPALIVE_S 3 /* a broker that hangs is noticed after some 8 s */
#define CONNECT_TIMEOUT_S 5
#define LOOK_US 1000000u
/* The name in its certificate, which the broker makes the client id. */
#define CLIENT_ID "svc-server"

struct pp_service {
	const struct pp_server_settings *settings;
	struct pp_loop *loop;
	struct pp_loop_source *look;
	struct pp_engine *engine;
	struct pp_notifier *notifier;
	pp_loop_fn *commit_fn;
	void *commit_user;
	struct pp_engine_counts seen; /* what the log has been told of */
	bool dropping;                /* messages, when the log was last told */
};

static void on_commit(void *user)
{
	struct pp_service *s = user;

	if (s->commit_fn)
		s->commit_fn(s->commit_user);
	pp_notifier_committed(s->notifier);
}

static void on_failure(void *user)
{
	struct pp_service *s = user;

	pp_log(PP_LOG_ERROR, "record.failed", "error=\"%s\" action=end",
		strerrordesc_np(-pp_engine_failure(s->engine)));
	pp_loop_stop(s->loop, EXIT_FAILURE);
}

/* What nobody sees at the desk, told once when it begins and once when it ends. */
static void on_look(void *user)
{
	struct pp_service *s = user;
	struct pp_engine_counts c;
	bool dropping;

	pp_engine_counts(s->engine, &c);
	if (c.broker_connected && !s->seen.broker_connected)
		pp_log(PP_LOG_NOTICE, "broker.connected", "host=%s port=%lld",
			s->settings->broker.host, (long long)s->settings->broker.port);
	else if (!c.broker_connected &&
		 (s->seen.broker_connected || strcmp(c.broker_why, s->seen.broker_why) != 0))
		pp_log(PP_LOG_WARNING, "broker.away", "host=%s port=%lld error=\"%s\"",
			s->settings->broker.host, (long long)s->settings->broker.port,
			c.broker_why);
	dropping = c.throttled + c.queue_dropped > s->seen.throttled + s->seen.queue_dropped;
	if (dropping && !s->dropping)
		pp_log(PP_LOG_WARNING, "messages.dropped", "throttled=%llu queue_full=%llu",
			(unsigned long long)c.throttled, (unsigned long long)c.queue_dropped);
	s->dropping = dropping;
	if (c.record_error && c.record_error != s->seen.record_error)
		pp_log(PP_LOG_ERROR, "record.waiting", "error=\"%s\" action=\"no receipts\"",
			c.record_error == -EBUSY ? "another program holds it"
						 : strerrordesc_np(-c.record_error));
	else if (!c.record_error && s->seen.record_error)
		pp_log(PP_LOG_NOTICE, "record.back", "waits=%llu",
			(unsigned long long)c.record_waits);
	if (c.record_lost > s->seen.record_lost)
		pp_log(PP_LOG_ERROR, "record.restored",
			"lost_events=%llu note=\"an older copy was put back; posts bring back what "
			"they hold\"",
			(unsigned long long)c.record_lost);
	if (c.item_errors > s->seen.item_errors)
		pp_log(PP_LOG_ERROR, "record.refused", "items=%llu action=not-receipted",
			(unsigned long long)(c.item_errors - s->seen.item_errors));
	s->seen = c;
	(void)pp_loop_arm_at(s->look, pp_loop_now_us(s->loop) + LOOK_US);
}

static int engine_start(struct pp_service *s, struct pp_problem *problem)
{
	const struct pp_server_settings *c = s->settings;
	const struct pp_engine_options engine = {
		.record_path = c->record_path,
		.heads_path = c->heads_path,
		.key_path = c->signing_key,
		.broker = {
			.host = c->broker.host,
			.port = (uint16_t)c->broker.port,
			.client_id = CLIENT_ID,
			.ca_path = c->broker.ca,
			.cert_path = c->broker.certificate,
			.key_path = c->broker.key,
			.keepalive_s = KEEPALIVE_S,
			.connect_timeout_s = CONNECT_TIMEOUT_S,
		},
		.problem = problem,
	};

	return pp_engine_new(&engine, s->loop, &s->engine);
}

static int notifier_start(struct pp_service *s)
{
	const struct pp_notifier_options notifier = {
		.record_path = s->settings->record_path,
		.settings = s->settings,
	};

	return pp_notifier_new(&notifier, s->loop, s->engine, &s->notifier);
}

int pp_service_new(const struct pp_server_settings *settings, struct pp_loop *loop,
	struct pp_problem *problem, struct pp_service **ret_service)
{
	struct pp_service *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->settings = settings;
	s->loop = loop;
	r = engine_start(s, problem);
	if (r == 0)
		r = notifier_start(s);
	if (r == 0)
		r = pp_loop_add_timer(loop, 100000, on_look, s, &s->look);
	if (r < 0) {
		pp_service_free(s);
		return r;
	}
	/* Called by the loop alone, so not before both are there. */
	pp_engine_on_commit(s->engine, on_commit, s);
	pp_engine_on_failure(s->engine, on_failure, s);
	on_look(s);
	*ret_service = s;
	return 0;
}

struct pp_service *pp_service_free(struct pp_service *s)
{
	if (!s)
		return NULL;
	/* The engine first: it still answers reports that wait for it. */
	pp_engine_free(s->engine);
	pp_notifier_free(s->notifier);
	pp_loop_source_free(s->look);
	free(s);
	return NULL;
}

void pp_service_on_commit(struct pp_service *s, pp_loop_fn *fn, void *user)
{
	s->commit_fn = fn;
	s->commit_user = user;
}

struct pp_engine *pp_service_engine(struct pp_service *s)
{
	return s->engine;
}

const struct pp_notifier *pp_service_notifier(const struct pp_service *s)
{
	return s->notifier;
}
