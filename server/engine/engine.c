/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c -- the writing thread: waits for messages, actions and time; each turn is one batch and
 * one commit. */
#include "engine/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/clock.h"
#include "core/text.h"
#include "db/db.h"
#include "desk.h"
#include "jobs.h"
#include "lane.h"
#include "mqtt/backoff.h"

#define TICK_US 1000000u
#define RECONNECT_MIN_US 500000u
#define RECONNECT_MAX_US 5000000u
#define SESSION_EXPIRY_S 86400u /* the broker queues for us while we restart */
#define QUEUE_LIMIT 8192u       /* messages; beyond it the post sends again */
#define QUEUE_BYTES 16777216u   /* of their payloads */
#define RECORD_WAIT_MS 250      /* another program's lock is waited for, at a time */
#define RECORD_AGAIN_US 250000u
#define RESUME_AFTER_US                                                                            \
	2000000u /* posts that were not listened to for longer get their time back */
#define DROPPED_TOPIC "$SYS/broker/publish/messages/dropped"

struct pp_engine {
	/* The thread's own, once it runs. */
	struct pp_ledger *ledger;
	struct pp_signer *signer;
	struct pp_desk *desk;
	struct pp_mqtt *mqtt;
	struct pp_loop *loop;
	struct pp_loop_source *on_event, *on_ask, *on_tick, *on_reconnect, *on_again, *on_later;
	struct pp_backoff backoff;
	struct pp_engine_counts counting;
	struct pp_lanes lanes;
	struct pp_job *under_way, **under_way_end; /* in the batch */
	uint64_t token;
	uint64_t waiting_us; /* since when the record has not let us write; 0: it does */

	/* Between the threads. */
	struct pp_jobs *jobs;
	pthread_mutex_t lock; /* of what follows */
	struct pp_engine_counts counts;
	uint64_t busy; /* changes turned away */
	bool stopping, has_committed;
	int failure;

	/* The asking side's. */
	struct pp_loop_source *on_answer;
	pp_loop_fn *commit_fn, *failure_fn;
	void *commit_user, *failure_user;
	pthread_t thread;
	bool runs;
};

static struct pp_desk_now now_of(void)
{
	return (struct pp_desk_now){ .wall_ms = pp_clock_wall_ms(),
		.mono_ms = (int64_t)(pp_clock_mono_us() / 1000) };
}

/* ---- one turn ---- */

static void job_enter(struct pp_engine *e, struct pp_job *job)
{
	job->next = NULL;
	*e->under_way_end = job;
	e->under_way_end = &job->next;
}

static void job_fail(struct pp_job *job, int error)
{
	job->result = (struct pp_action_result){ .error = error };
	snprintf(job->result.reason, sizeof(job->result.reason), "%s",
		error == -ENOSPC  ? "its disk is full"
		: error == -EBUSY ? "another program holds it"
				  : "the record could not be written");
}

/* Answers the jobs of the batch: from their items, or (error) with the failure of the record. */
static void jobs_answer(struct pp_engine *e, int error)
{
	struct pp_job *job = e->under_way, *next;

	e->under_way = NULL;
	e->under_way_end = &e->under_way;
	for (; job; job = next) {
		int failed = error != 0 ? error : job->item->error;

		next = job->next;
		if (failed)
			job_fail(job, failed);
		else
			job->result = job->item->out.action;
		pp_jobs_answer(e->jobs, job);
	}
}

static void jobs_turn_away(struct pp_engine *e, int error)
{
	struct pp_job *job;

	while ((job = pp_jobs_take(e->jobs)))
		job_enter(e, job);
	jobs_answer(e, error);
	pp_loop_wake(e->on_answer);
}

/* The record has failed: nothing more is written, and the program is told to end (I13). */
static void engine_fail(struct pp_engine *e, int error)
{
	pp_jobs_close(e->jobs);
	jobs_turn_away(e, error);
	pthread_mutex_lock(&e->lock);
	e->failure = error;
	pthread_mutex_unlock(&e->lock);
	pp_loop_wake(e->on_answer);
	pp_loop_stop(e->loop, error);
}

static void counts_show(struct pp_engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->counts = e->counting;
	pthread_mutex_unlock(&e->lock);
}

/* Another program holds the record, or its disk is full. Nothing was written: the batch is kept
 * and tried again, and nothing more is taken from the network, whose queue is bounded; posts get no
 * receipt and send again. People are told at once, instead of their clicks' happening later. */
static void record_wait(struct pp_engine *e, int error)
{
	jobs_turn_away(e, error);
	pp_desk_drop_actions(e->desk);
	if (!e->waiting_us) {
		e->waiting_us = pp_clock_mono_us();
		e->counting.record_waits++;
		(void)pp_loop_set_fd_events(e->on_event, 0);
	}
	e->counting.record_error = error;
	counts_show(e);
	(void)pp_loop_arm_at(e->on_again, pp_clock_mono_us() + RECORD_AGAIN_US);
}

static void record_go_on(struct pp_engine *e)
{
	uint64_t now_us = pp_clock_mono_us();

	if (!e->waiting_us)
		return;
	if (now_us - e->waiting_us >= RESUME_AFTER_US)
		pp_desk_resume(e->desk, (int64_t)(now_us / 1000));
	e->waiting_us = 0;
	e->counting.record_error = 0;
	counts_show(e);
	(void)pp_loop_set_fd_events(e->on_event, EPOLLIN);
	pp_loop_wake(e->on_later);
}

/* Commits the batch and tells the other side. r: what went wrong before. false: the engine has
 * failed. */
static bool turn(struct pp_engine *e, int r)
{
	int committed = r < 0 ? r : pp_desk_commit(e->desk, now_of());

	if (pp_desk_may_try_again(committed)) {
		record_wait(e, committed);
		return true;
	}
	if (committed < 0) {
		engine_fail(e, committed);
		return false;
	}
	record_go_on(e);
	if (committed == 0)
		return true;
	jobs_answer(e, 0);
	pp_desk_observe(e->desk, pp_clock_mono_us());
	pp_desk_clear(e->desk);
	pthread_mutex_lock(&e->lock);
	e->has_committed = true;
	e->counts = e->counting;
	pthread_mutex_unlock(&e->lock);
	pp_loop_wake(e->on_answer);
	return true;
}

/* ---- what wakes it ---- */

static void answer_send(
	void *user, const char *topic, const void *payload, size_t length, const uint8_t *sig)
{
	struct pp_engine *e = user;

	if (pp_mqtt_publish(e->mqtt, topic, payload, length, sig, ++e->token) < 0)
		e->counting.publish_failures++;
}

static int message_enter(struct pp_engine *e, const struct pp_mqtt_event *event)
{
	struct pp_desk_now now = now_of();
	const struct pp_message message = { .topic = event->topic,
		.payload = event->payload ? event->payload : "",
		.length = event->length,
		.retained = event->retained,
		.signature = event->has_signature ? event->signature : NULL,
		.arrived_us = event->at_us,
		.arrived_ms = now.wall_ms - (now.mono_ms - (int64_t)(event->at_us / 1000)) };

	return pp_desk_message(e->desk, &message, now);
}

/* Takes the event, or leaves NULL in its place when it has to wait. */
static int message_take(struct pp_engine *e, struct pp_mqtt_event **event)
{
	uint64_t now_us = pp_clock_mono_us();

	switch (pp_lanes_sort(&e->lanes, event, now_us)) {
	case PP_THROTTLE_NOW:
		return message_enter(e, *event);
	case PP_THROTTLE_DROP:
		e->counting.throttled++;
		return pp_desk_flood(e->desk, (*event)->topic, (int64_t)(now_us / 1000));
	default:
		return 0;
	}
}

static int dropped_take(struct pp_engine *e, const struct pp_mqtt_event *event)
{
	int64_t dropped;

	if (pp_text_i64(event->payload, event->length, 0, INT64_MAX, &dropped) == 0)
		e->counting.broker_dropped = (uint64_t)dropped;
	return 0;
}

/* Takes the event, or leaves NULL in its place. */
static int event_take(struct pp_engine *e, struct pp_mqtt_event **ret_event)
{
	const struct pp_mqtt_event *event = *ret_event;
	uint32_t random;

	switch (event->type) {
	case PP_MQTT_MESSAGE:
		return strcmp(event->topic, DROPPED_TOPIC) == 0 ? dropped_take(e, event)
								: message_take(e, ret_event);
	case PP_MQTT_CONNECTED:
		e->counting.broker_connected = true;
		pp_backoff_reset(&e->backoff);
		return 0;
	case PP_MQTT_LOST:
		e->counting.broker_connected = false;
		memcpy(e->counting.broker_why, event->why, sizeof(event->why));
		pp_random(&random, sizeof(random));
		return pp_loop_arm_at(e->on_reconnect,
			pp_clock_mono_us() + pp_backoff_next_us(&e->backoff, random));
	case PP_MQTT_PUBLISHED:
		/* A beat or receipt that did not arrive is asked for again: nothing to do. */
		e->counting.publish_failures += event->reason < 0 || event->reason >= 0x80;
		return 0;
	default:
		return 0;
	}
}

static int later_take(struct pp_engine *e)
{
	struct pp_mqtt_event *event;
	int r = 0;

	for (size_t taken = 0; r == 0 && !pp_desk_is_full(e->desk) &&
			       (event = pp_lanes_later(&e->lanes, taken, pp_clock_mono_us()));
		taken++) {
		r = message_enter(e, event);
		pp_mqtt_event_free(event);
	}
	return r;
}

static void messages_take(void *user)
{
	struct pp_engine *e = user;
	struct pp_mqtt_event *event;
	int r = 0;

	/* What waits becomes one batch; what comes meanwhile becomes the next. */
	while (r == 0 && !e->waiting_us && !pp_desk_is_full(e->desk) &&
		pp_mqtt_next(e->mqtt, &event) == 1) {
		r = event_take(e, &event);
		pp_mqtt_event_free(event);
	}
	if (r == 0 && !e->waiting_us)
		r = later_take(e);
	if (turn(e, r) && !e->waiting_us && e->lanes.later.count > 0)
		pp_loop_wake(e->on_later);
}

static void on_event(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	messages_take(user);
}

static void on_reconnect(void *user)
{
	struct pp_engine *e = user;

	(void)pp_mqtt_connect(e->mqtt);
}

static void on_again(void *user)
{
	struct pp_engine *e = user;

	if (e->waiting_us)
		(void)turn(e, 0);
}

/* 1: taken; 0: none waits. */
static int job_take(struct pp_engine *e)
{
	struct pp_job *job = pp_jobs_take(e->jobs);
	int r;

	if (!job)
		return 0;
	job_enter(e, job);
	r = pp_desk_action(e->desk, &job->action, &job->item);
	return r < 0 ? r : 1;
}

static void on_ask(void *user)
{
	struct pp_engine *e = user;
	bool stopping, full;
	int r;

	if (e->waiting_us)
		jobs_turn_away(e, e->counting.record_error);
	do {
		do {
			full = pp_desk_is_full(e->desk);
			r = full ? 0 : job_take(e);
		} while (r == 1);
		if (!turn(e, r))
			return;
	} while (full && !e->waiting_us); /* there may be more */
	pthread_mutex_lock(&e->lock);
	stopping = e->stopping;
	pthread_mutex_unlock(&e->lock);
	if (stopping)
		pp_loop_stop(e->loop, 0);
}

static void on_tick(void *user)
{
	struct pp_engine *e = user;
	struct pp_mqtt_counts counts;
	int r;

	if (!e->waiting_us && !turn(e, pp_desk_tick(e->desk, now_of())))
		return;
	r = e->waiting_us ? 0 : pp_ledger_heads_write(e->ledger);
	if (r < 0) {
		engine_fail(e, r);
		return;
	}
	pp_mqtt_counts(e->mqtt, &counts);
	e->counting.queue_dropped = counts.dropped_full;
	e->counting.queued = counts.waiting;
	e->counting.progress++;
	counts_show(e);
	(void)pp_loop_arm_at(e->on_tick, pp_loop_now_us(e->loop) + TICK_US);
}

static void *engine_run(void *user)
{
	struct pp_engine *e = user;

	(void)pp_loop_arm_at(e->on_tick, 0);
	(void)pp_mqtt_connect(e->mqtt);
	(void)pp_loop_run(e->loop);
	return NULL;
}

/* ---- the asking side ---- */

static void on_answer(void *user)
{
	struct pp_engine *e = user;
	bool committed;
	int failure;

	pthread_mutex_lock(&e->lock);
	committed = e->has_committed;
	e->has_committed = false;
	failure = e->failure;
	pthread_mutex_unlock(&e->lock);
	pp_jobs_finish(e->jobs);
	if (committed && e->commit_fn)
		e->commit_fn(e->commit_user);
	if (failure != 0 && e->failure_fn)
		e->failure_fn(e->failure_user);
}

static int start_fail(
	const struct pp_engine_options *options, int error, const char *what, const char *path)
{
	const char *why = error == -ERANGE   ? "written by a newer program"
			  : error == -EINVAL ? "not what it should be"
					     : strerrordesc_np(-error);

	if (options->problem)
		(void)pp_problem_at(options->problem, NULL, "%s %s: %s", what, path, why);
	return error;
}

static int record_open(struct pp_engine *e, const struct pp_engine_options *options)
{
	struct pp_ledger_options ledger = { .record_path = options->record_path,
		.heads_path = options->heads_path };
	struct pp_desk_options desk = { .publish = answer_send, .user = e, .counts = &e->counting };
	int r = pp_signer_load(options->key_path, &e->signer);

	if (r < 0)
		return start_fail(options, r, "signing key", options->key_path);
	ledger.key = pp_signer_newest(e->signer);
	r = pp_ledger_open(&ledger, &e->ledger);
	if (r == 0)
		r = pp_db_settle(pp_ledger_db(e->ledger));
	if (r == 0)
		pp_db_set_wait(pp_ledger_db(e->ledger), RECORD_WAIT_MS);
	if (r == 0)
		e->counting.record_lost = (uint64_t)pp_ledger_lost(e->ledger);
	desk.ledger = e->ledger;
	desk.signer = e->signer;
	if (r == 0)
		r = pp_clock_boot_number(&desk.boot);
	if (r == 0)
		r = pp_desk_new(&desk, now_of(), &e->desk);
	return r < 0 ? start_fail(options, r, "record", options->record_path) : 0;
}

static int broker_open(struct pp_engine *e, const struct pp_mqtt_options *options)
{
	static const char *const subscriptions[] = { "pospin/v1/+/+/signal", "pospin/v1/+/+/state",
		"pospin/v1/+/+/answer", "pospin/v1/+/+/will", DROPPED_TOPIC, NULL };
	struct pp_mqtt_options o = *options;

	o.subscriptions = subscriptions;
	o.session_expiry_s = SESSION_EXPIRY_S;
	o.queue_limit = QUEUE_LIMIT;
	o.queue_bytes = QUEUE_BYTES;
	o.block_when_full = false;
	o.will_topic = NULL;
	pp_backoff_init(&e->backoff, RECONNECT_MIN_US, RECONNECT_MAX_US);
	return pp_mqtt_new(&o, &e->mqtt);
}

static int sources_add(struct pp_engine *e, struct pp_loop *asking)
{
	int r = pp_loop_new(&e->loop);

	if (r == 0)
		r = pp_loop_add_fd(
			e->loop, pp_mqtt_fd(e->mqtt), EPOLLIN, on_event, e, &e->on_event);
	if (r == 0)
		r = pp_loop_add_wake(e->loop, on_ask, e, &e->on_ask);
	if (r == 0)
		r = pp_loop_add_wake(e->loop, messages_take, e, &e->on_later);
	if (r == 0)
		r = pp_loop_add_timer(e->loop, 50000, on_tick, e, &e->on_tick);
	if (r == 0)
		r = pp_loop_add_timer(e->loop, 50000, on_reconnect, e, &e->on_reconnect);
	if (r == 0)
		r = pp_loop_add_timer(e->loop, 50000, on_again, e, &e->on_again);
	if (r == 0)
		r = pp_loop_add_wake(asking, on_answer, e, &e->on_answer);
	return r;
}

int pp_engine_new(const struct pp_engine_options *options, struct pp_loop *loop,
	struct pp_engine **ret_engine)
{
	struct pp_engine *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	pthread_mutex_init(&e->lock, NULL);
	e->under_way_end = &e->under_way;
	r = pp_jobs_new(&e->jobs);
	if (r == 0)
		r = record_open(e, options);
	if (r == 0)
		r = broker_open(e, &options->broker);
	if (r == 0)
		r = sources_add(e, loop);
	if (r == 0)
		r = -pthread_create(&e->thread, NULL, engine_run, e);
	if (r < 0) {
		pp_engine_free(e);
		return r;
	}
	e->runs = true;
	*ret_engine = e;
	return 0;
}

static void engine_stop(struct pp_engine *e)
{
	pp_jobs_close(e->jobs);
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	pthread_mutex_unlock(&e->lock);
	pp_loop_wake(e->on_ask);
	pthread_join(e->thread, NULL);
	pp_jobs_finish(e->jobs);
}

struct pp_engine *pp_engine_free(struct pp_engine *e)
{
	if (!e)
		return NULL;
	if (e->runs)
		engine_stop(e);
	pp_loop_source_free(e->on_event);
	pp_loop_source_free(e->on_ask);
	pp_loop_source_free(e->on_later);
	pp_lane_done(&e->lanes.later);
	pp_loop_source_free(e->on_tick);
	pp_loop_source_free(e->on_reconnect);
	pp_loop_source_free(e->on_again);
	pp_loop_source_free(e->on_answer);
	pp_mqtt_free(e->mqtt);
	pp_loop_free(e->loop);
	pp_desk_free(e->desk);
	pp_ledger_close(e->ledger);
	pp_signer_free(e->signer);
	pp_jobs_free(e->jobs);
	pthread_mutex_destroy(&e->lock);
	free(e);
	return NULL;
}

int pp_engine_submit(
	struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *done, void *user)
{
	int r = pp_jobs_submit(e->jobs, action, done, user);

	if (r == 0)
		pp_loop_wake(e->on_ask);
	if (r == -ENOBUFS) {
		pthread_mutex_lock(&e->lock);
		e->busy++;
		pthread_mutex_unlock(&e->lock);
	}
	return r;
}

void pp_engine_on_commit(struct pp_engine *e, pp_loop_fn *fn, void *user)
{
	e->commit_fn = fn;
	e->commit_user = user;
}

void pp_engine_on_failure(struct pp_engine *e, pp_loop_fn *fn, void *user)
{
	e->failure_fn = fn;
	e->failure_user = user;
	pp_loop_wake(e->on_answer); /* it may have failed already */
}

int pp_engine_failure(struct pp_engine *e)
{
	int failure;

	pthread_mutex_lock(&e->lock);
	failure = e->failure;
	pthread_mutex_unlock(&e->lock);
	return failure;
}

void pp_engine_counts(struct pp_engine *e, struct pp_engine_counts *ret_counts)
{
	pthread_mutex_lock(&e->lock);
	*ret_counts = e->counts;
	ret_counts->actions_busy = e->busy;
	pthread_mutex_unlock(&e->lock);
}
