/* SPDX-License-Identifier: Apache-2.0 */
/* writer.c -- waits for messages, actions and time; each turn is one batch and one commit. */
#include "writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/clock.h"
#include "core/text.h"
#include "db/db.h"
#include "desk.h"
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
#define ROLL_POSTS 50 /* are asked at a time: as many states come back */
#define ROLL_US 100000u
#define RESUME_AFTER_US                                                                            \
	2000000u /* posts that were not listened to for longer get their time back */
#define DROPPED_TOPIC "$SYS/broker/publish/messages/dropped"

struct pp_writer {
	struct pp_ledger *ledger;
	struct pp_signer *signer;
	struct pp_desk *desk;
	struct pp_mqtt *mqtt;
	struct pp_loop *loop;
	struct pp_loop_source *on_event, *on_ask, *on_tick, *on_reconnect, *on_again, *on_later,
		*on_roll;
	struct pp_backoff backoff;
	struct pp_engine_counts counting;
	struct pp_lanes lanes;
	struct pp_job *under_way, **under_way_end; /* in the batch */
	struct pp_jobs *jobs;
	struct pp_board *board;
	uint64_t token;
	size_t roll_from; /* of the roll call, the next post */
	uint64_t waiting_us; /* since when the record has not let us write; 0: it does */
};

static struct pp_desk_now now_of(void)
{
	return (struct pp_desk_now){ .wall_ms = pp_clock_wall_ms(),
		.mono_ms = (int64_t)(pp_clock_mono_us() / 1000),
		.uptime_ms = (int64_t)(pp_clock_boot_us() / 1000) };
}

/* ---- one turn ---- */

static void job_enter(struct pp_writer *w, struct pp_job *job)
{
	job->next = NULL;
	*w->under_way_end = job;
	w->under_way_end = &job->next;
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
static void jobs_answer(struct pp_writer *w, int error)
{
	struct pp_job *job = w->under_way, *next;

	w->under_way = NULL;
	w->under_way_end = &w->under_way;
	for (; job; job = next) {
		int failed = error != 0 ? error : job->item->error;

		next = job->next;
		if (failed)
			job_fail(job, failed);
		else
			job->result = job->item->out.action;
		pp_jobs_answer(w->jobs, job);
	}
}

static void jobs_turn_away(struct pp_writer *w, int error)
{
	struct pp_job *job;

	while ((job = pp_jobs_take(w->jobs)))
		job_enter(w, job);
	jobs_answer(w, error);
	pp_board_answered(w->board);
}

/* The record has failed: nothing more is written, and the program is told to end (I13). */
static void writer_fail(struct pp_writer *w, int error)
{
	pp_jobs_close(w->jobs);
	jobs_turn_away(w, error);
	pp_board_failed(w->board, error);
	pp_loop_stop(w->loop, error);
}

/* Another program holds the record, or its disk is full. Nothing was written: the batch is kept
 * and tried again, and nothing more is taken from the network, whose queue is bounded; posts get no
 * receipt and send again. People are told at once, instead of their clicks' happening later. */
static void record_wait(struct pp_writer *w, int error)
{
	jobs_turn_away(w, error);
	pp_desk_drop_actions(w->desk);
	if (!w->waiting_us) {
		w->waiting_us = pp_clock_mono_us();
		w->counting.record_waits++;
		(void)pp_loop_set_fd_events(w->on_event, 0);
	}
	w->counting.record_error = error;
	pp_board_show(w->board, &w->counting);
	(void)pp_loop_arm_at(w->on_again, pp_clock_mono_us() + RECORD_AGAIN_US);
}

static void record_go_on(struct pp_writer *w)
{
	uint64_t now_us = pp_clock_mono_us();

	if (!w->waiting_us)
		return;
	if (now_us - w->waiting_us >= RESUME_AFTER_US)
		pp_desk_resume(w->desk, (int64_t)(now_us / 1000));
	w->waiting_us = 0;
	w->counting.record_error = 0;
	pp_board_show(w->board, &w->counting);
	(void)pp_loop_set_fd_events(w->on_event, EPOLLIN);
	pp_loop_wake(w->on_later);
}

/* The batch is told: whoever is called late by a slow disk has all his time all the same. If the
 * record cannot say so now, the next step comes earlier, never later. */
static bool steps_delay(struct pp_writer *w)
{
	int r = pp_ledger_told(w->ledger, now_of().uptime_ms);

	if (r < 0 && !pp_desk_may_try_again(r)) {
		writer_fail(w, r);
		return false;
	}
	if (r == 1)
		pp_board_committed(w->board, &w->counting);
	return true;
}

/* Commits the batch and tells the other side. r: what went wrong before. false: the record
 * has failed. */
static bool turn(struct pp_writer *w, int r)
{
	int committed = r < 0 ? r : pp_desk_commit(w->desk, now_of());

	if (pp_desk_may_try_again(committed)) {
		record_wait(w, committed);
		return true;
	}
	if (committed < 0) {
		writer_fail(w, committed);
		return false;
	}
	record_go_on(w);
	if (committed == 0)
		return true;
	jobs_answer(w, 0);
	pp_desk_observe(w->desk, pp_clock_mono_us());
	pp_desk_clear(w->desk);
	pp_board_committed(w->board, &w->counting);
	return steps_delay(w);
}

/* ---- what wakes it ---- */

static void answer_send(
	void *user, const char *topic, const void *payload, size_t length, const uint8_t *sig)
{
	struct pp_writer *w = user;

	if (pp_mqtt_publish(w->mqtt, topic, payload, length, sig, ++w->token) < 0)
		w->counting.publish_failures++;
}

static int message_enter(struct pp_writer *w, const struct pp_mqtt_event *event)
{
	struct pp_desk_now now = now_of();
	const struct pp_message message = { .topic = event->topic,
		.payload = event->payload ? event->payload : "",
		.length = event->length,
		.retained = event->retained,
		.signature = event->has_signature ? event->signature : NULL,
		.arrived_us = event->at_us,
		.arrived_ms = now.wall_ms - (now.mono_ms - (int64_t)(event->at_us / 1000)) };

	return pp_desk_message(w->desk, &message, now);
}

/* Takes the event, or leaves NULL in its place when it has to wait. */
static int message_take(struct pp_writer *w, struct pp_mqtt_event **event)
{
	uint64_t now_us = pp_clock_mono_us();

	switch (pp_lanes_sort(&w->lanes, event, now_us)) {
	case PP_THROTTLE_NOW:
		return message_enter(w, *event);
	case PP_THROTTLE_DROP:
		w->counting.throttled++;
		return pp_desk_flood(w->desk, (*event)->topic, (int64_t)(now_us / 1000));
	default:
		return 0;
	}
}

static int dropped_take(struct pp_writer *w, const struct pp_mqtt_event *event)
{
	int64_t dropped;

	if (pp_text_i64(event->payload, event->length, 0, INT64_MAX, &dropped) == 0)
		w->counting.broker_dropped = (uint64_t)dropped;
	return 0;
}

/* Takes the event, or leaves NULL in its place. */
static int event_take(struct pp_writer *w, struct pp_mqtt_event **ret_event)
{
	const struct pp_mqtt_event *event = *ret_event;
	uint32_t random;

	switch (event->type) {
	case PP_MQTT_MESSAGE:
		return strcmp(event->topic, DROPPED_TOPIC) == 0 ? dropped_take(w, event)
								: message_take(w, ret_event);
	case PP_MQTT_CONNECTED:
		w->counting.broker_connected = true;
		pp_backoff_reset(&w->backoff);
		w->roll_from = 0;
		return pp_loop_arm_at(w->on_roll, 0);
	case PP_MQTT_LOST:
		w->counting.broker_connected = false;
		memcpy(w->counting.broker_why, event->why, sizeof(event->why));
		pp_random(&random, sizeof(random));
		return pp_loop_arm_at(w->on_reconnect,
			pp_clock_mono_us() + pp_backoff_next_us(&w->backoff, random));
	case PP_MQTT_PUBLISHED:
		/* A beat or receipt that did not arrive is asked for again: nothing to do. */
		w->counting.publish_failures += event->reason < 0 || event->reason >= 0x80;
		return 0;
	default:
		return 0;
	}
}

static int later_take(struct pp_writer *w)
{
	struct pp_mqtt_event *event;
	int r = 0;

	for (size_t taken = 0; r == 0 && !pp_desk_is_full(w->desk) &&
			       (event = pp_lanes_later(&w->lanes, taken, pp_clock_mono_us()));
		taken++) {
		r = message_enter(w, event);
		pp_mqtt_event_free(event);
	}
	return r;
}

static void messages_take(void *user)
{
	struct pp_writer *w = user;
	struct pp_mqtt_event *event;
	int r = 0;

	/* What waits becomes one batch; what comes meanwhile becomes the next. */
	while (r == 0 && !w->waiting_us && !pp_desk_is_full(w->desk) &&
		pp_mqtt_next(w->mqtt, &event) == 1) {
		r = event_take(w, &event);
		pp_mqtt_event_free(event);
	}
	if (r == 0 && !w->waiting_us)
		r = later_take(w);
	if (turn(w, r) && !w->waiting_us && w->lanes.later.count > 0)
		pp_loop_wake(w->on_later);
}

static void on_event(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	messages_take(user);
}

static void on_reconnect(void *user)
{
	struct pp_writer *w = user;

	(void)pp_mqtt_connect(w->mqtt);
}

/* A broker that was away may have forgotten what posts sent to nobody, and a dead connection is
 * noticed after as long as posts wait before they send again: they are asked now. */
static void on_roll(void *user)
{
	struct pp_writer *w = user;

	if (w->counting.broker_connected && pp_desk_roll_call(w->desk, &w->roll_from, ROLL_POSTS))
		(void)pp_loop_arm_at(w->on_roll, pp_loop_now_us(w->loop) + ROLL_US);
}

static void on_again(void *user)
{
	struct pp_writer *w = user;

	if (w->waiting_us)
		(void)turn(w, 0);
}

/* 1: taken; 0: none waits. */
static int job_take(struct pp_writer *w)
{
	struct pp_job *job = pp_jobs_take(w->jobs);
	int r;

	if (!job)
		return 0;
	job_enter(w, job);
	r = job->action.type == PP_ACTION_TEXT
		    ? pp_desk_text(w->desk, &job->action, now_of(), &job->item)
		    : pp_desk_action(w->desk, &job->action, &job->item);
	return r < 0 ? r : 1;
}

static void on_ask(void *user)
{
	struct pp_writer *w = user;
	/* Seen before the jobs are: what was asked before the end was told is among them. */
	bool ending = pp_board_is_ending(w->board), full;
	int r;

	if (w->waiting_us)
		jobs_turn_away(w, w->counting.record_error);
	do {
		do {
			full = pp_desk_is_full(w->desk);
			r = full ? 0 : job_take(w);
		} while (r == 1);
		if (!turn(w, r))
			return;
	} while (full && !w->waiting_us); /* there may be more */
	if (ending)
		pp_loop_stop(w->loop, 0);
}

static void on_tick(void *user)
{
	struct pp_writer *w = user;
	struct pp_mqtt_counts counts;
	uint64_t steps = w->counting.steps;
	bool more;
	int r;

	if (!w->waiting_us && !turn(w, pp_desk_tick(w->desk, now_of())))
		return;
	/* What fires nothing is not tried at once again. */
	more = !w->waiting_us && w->counting.steps > steps && pp_desk_is_behind(w->desk, now_of());
	r = w->waiting_us ? 0 : pp_ledger_heads_write(w->ledger);
	if (r < 0) {
		writer_fail(w, r);
		return;
	}
	pp_mqtt_counts(w->mqtt, &counts);
	w->counting.queue_dropped = counts.dropped_full;
	w->counting.queued = counts.waiting;
	w->counting.progress++;
	pp_board_show(w->board, &w->counting);
	(void)pp_loop_arm_at(w->on_tick, pp_loop_now_us(w->loop) + (more ? 0 : TICK_US));
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

static int record_open(struct pp_writer *w, const struct pp_engine_options *options)
{
	struct pp_ledger_options ledger = { .record_path = options->record_path,
		.heads_path = options->heads_path };
	struct pp_desk_options desk = { .publish = answer_send, .user = w, .counts = &w->counting };
	int r = pp_signer_load(options->key_path, &w->signer);

	if (r < 0)
		return start_fail(options, r, "signing key", options->key_path);
	ledger.key = pp_signer_newest(w->signer);
	r = pp_ledger_take_up(&ledger, &w->ledger);
	if (r == 0)
		pp_db_set_wait(pp_ledger_db(w->ledger), RECORD_WAIT_MS);
	if (r == 0)
		w->counting.record_lost = (uint64_t)pp_ledger_lost(w->ledger);
	desk.ledger = w->ledger;
	desk.signer = w->signer;
	if (r == 0)
		r = pp_clock_boot_number(&desk.boot);
	if (r == 0)
		r = pp_desk_new(&desk, now_of(), &w->desk);
	return r < 0 ? start_fail(options, r, "record", options->record_path) : 0;
}

static int broker_open(struct pp_writer *w, const struct pp_mqtt_options *options)
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
	pp_backoff_init(&w->backoff, RECONNECT_MIN_US, RECONNECT_MAX_US);
	return pp_mqtt_new(&o, &w->mqtt);
}

static int sources_add(struct pp_writer *w)
{
	int r = pp_loop_new(&w->loop);

	if (r == 0)
		r = pp_loop_add_fd(
			w->loop, pp_mqtt_fd(w->mqtt), EPOLLIN, on_event, w, &w->on_event);
	if (r == 0)
		r = pp_loop_add_wake(w->loop, on_ask, w, &w->on_ask);
	if (r == 0)
		r = pp_loop_add_wake(w->loop, messages_take, w, &w->on_later);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 50000, on_tick, w, &w->on_tick);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 50000, on_reconnect, w, &w->on_reconnect);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 50000, on_again, w, &w->on_again);
	if (r == 0)
		r = pp_loop_add_timer(w->loop, 50000, on_roll, w, &w->on_roll);
	return r;
}

int pp_writer_new(const struct pp_engine_options *options, struct pp_jobs *jobs,
	struct pp_board *board, struct pp_writer **ret_writer)
{
	struct pp_writer *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->jobs = jobs;
	w->board = board;
	w->under_way_end = &w->under_way;
	r = record_open(w, options);
	if (r == 0)
		r = broker_open(w, &options->broker);
	if (r == 0)
		r = sources_add(w);
	if (r < 0) {
		pp_writer_free(w);
		return r;
	}
	*ret_writer = w;
	return 0;
}

struct pp_writer *pp_writer_free(struct pp_writer *w)
{
	if (!w)
		return NULL;
	pp_loop_source_free(w->on_event);
	pp_loop_source_free(w->on_ask);
	pp_loop_source_free(w->on_later);
	pp_lane_done(&w->lanes.later);
	pp_loop_source_free(w->on_tick);
	pp_loop_source_free(w->on_reconnect);
	pp_loop_source_free(w->on_again);
	pp_loop_source_free(w->on_roll);
	pp_mqtt_free(w->mqtt);
	pp_loop_free(w->loop);
	pp_desk_free(w->desk);
	pp_ledger_close(w->ledger);
	pp_signer_free(w->signer);
	free(w);
	return NULL;
}

int pp_writer_run(struct pp_writer *w)
{
	(void)pp_loop_arm_at(w->on_tick, 0);
	(void)pp_mqtt_connect(w->mqtt);
	return pp_loop_run(w->loop);
}

void pp_writer_wake(struct pp_writer *w)
{
	pp_loop_wake(w->on_ask);
}
