/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.c -- one loop: wires, outbox answers, network events, one timer for every deadline, and
 * the watchdog. */
#include "edge.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

/* A thread that has told nothing for so long does not live: then the watchdog is not fed. A store
 * that is silent is lost long before that (STORE_SILENT_US of traffic.c), so the first is a second
 * net below our own code. The network's may be held by a resolver, and says nothing during an idle
 * back-off of a minute. */
#define STORE_DEAD_US 60000000u
#define UPLINK_SILENT_US 180000000u

struct pp_agent_now pp_edge_now(const struct pp_edge *e)
{
	uint64_t mono_us = pp_loop_now_us(e->loop);
	int64_t since_ms = (int64_t)(pp_clock_mono_us() - mono_us) / 1000;

	return (struct pp_agent_now){
		.mono_us = mono_us,
		.wall_ms = pp_clock_wall_ms() - since_ms,
		.synchronised = pp_clock_synchronised(),
	};
}

struct pp_outbox_now pp_edge_row_now(const struct pp_edge *e)
{
	struct pp_agent_now now = pp_edge_now(e);

	return (struct pp_outbox_now){
		.mono_ms = (int64_t)(now.mono_us / 1000),
		.wall_ms = now.synchronised ? now.wall_ms : PP_AT_UNKNOWN,
	};
}

/* Fed only by real progress: this loop runs, the store's thread answers or is known as lost, the
 * network's thread has told something. */
static void feed_watchdog(struct pp_edge *e)
{
	uint64_t now_us = pp_loop_now_us(e->loop), uplink_us = pp_uplink_alive_us(e->uplink);
	struct pp_outbox_now now = pp_edge_row_now(e);

	if (!e->watchdog_us || now_us < e->feed_us)
		return;
	e->feed_us = now_us + e->watchdog_us / 3;
	pp_keeper_ping(e->keeper, &now);
	/* A disk that hangs has been told, and signals go on in memory: a restart would lose them,
	 * and a process whose thread waits for a disk cannot die: it would keep the lines. */
	if (pp_keeper_durable(e->keeper) && now_us - e->store_alive_us > STORE_DEAD_US) {
		pp_log(PP_LOG_ERROR, "watchdog.store", "silent_s=%llu",
			(unsigned long long)((now_us - e->store_alive_us) / 1000000));
		return;
	}
	if (uplink_us < e->started_us)
		uplink_us = e->started_us;
	if (now_us - uplink_us > UPLINK_SILENT_US) {
		pp_log(PP_LOG_ERROR, "watchdog.uplink", "silent_s=%llu",
			(unsigned long long)((now_us - uplink_us) / 1000000));
		return;
	}
	pp_notify("WATCHDOG=1");
}

static uint64_t earliest(const struct pp_edge *e)
{
	uint64_t deadline = pp_panel_deadline(e), traffic_us = pp_traffic_deadline(e);

	if (traffic_us < deadline)
		deadline = traffic_us;
	if (e->levels_us < deadline)
		deadline = e->levels_us;
	if (e->sample_us < deadline)
		deadline = e->sample_us;
	return e->watchdog_us && e->feed_us < deadline ? e->feed_us : deadline;
}

void pp_edge_settle(struct pp_edge *e)
{
	pp_levels_read(e);
	pp_panel_step(e);
	pp_report_sample(e);
	pp_traffic_step(e);
	pp_panel_show(e);
	feed_watchdog(e);
	(void)pp_loop_arm_at(e->on_timer, earliest(e));
}

static void on_source(void *user, int fd, uint32_t events)
{
	struct pp_edge *e = user;

	(void)fd;
	(void)events;
	if (pp_panel_read(e) < 0)
		pp_loop_stop(e->loop, EXIT_FAILURE); /* no wires any more: start anew, loudly */
	pp_edge_settle(e);
}

static void on_mqtt(void *user, int fd, uint32_t events)
{
	struct pp_edge *e = user;

	(void)fd;
	(void)events;
	/* What is left over keeps the descriptor readable, so the wires get their turn in between.
	 */
	(void)pp_traffic_read_mqtt(e);
	pp_edge_settle(e);
}

static void on_store(void *user)
{
	struct pp_edge *e = user;

	pp_traffic_read_store(e);
	pp_edge_settle(e);
}

static void on_timer(void *user)
{
	struct pp_edge *e = user;

	/* Edges that are there already come before what the time decides. */
	if (pp_panel_read(e) < 0)
		pp_loop_stop(e->loop, EXIT_FAILURE);
	pp_edge_settle(e);
}

static void on_control(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	pp_control_answer(user);
}

static void on_signal(void *user, int number)
{
	struct pp_edge *e = user;

	if (number == SIGHUP) {
		pp_identity_reload(e);
		pp_edge_settle(e);
		return;
	}
	pp_log(PP_LOG_NOTICE, "edge.stop", "signal=%d", number);
	if (!pp_keeper_durable(e->keeper) && pp_sender_depth(e->sender))
		pp_log(PP_LOG_ERROR, "edge.memory",
			"unreceipted=%zu note=\"what is in memory alone ends with this process\"",
			pp_sender_depth(e->sender));
	pp_loop_stop(e->loop, EXIT_SUCCESS);
}

static void wake_loop(void *user)
{
	struct pp_edge *e = user;

	pp_loop_wake(e->on_store);
}

/* Two agents on one outbox would number twice. Where there is no such folder there is no outbox
 * either. */
static int take_lock(struct pp_edge *e)
{
	char path[600];
	int r = pp_dir_make(e->scalars->data, 0750);

	snprintf(path, sizeof(path), "%s/lock", e->scalars->data);
	if (r == 0)
		r = pp_file_lock(path, &e->lock_fd);
	if (r == -EBUSY) {
		pp_log(PP_LOG_ERROR, "edge.lock",
			"file=%s why=\"another pospin-edge runs on this folder\"", path);
		return r;
	}
	if (r < 0)
		pp_log(PP_LOG_ERROR, "edge.data", "folder=%s why=\"%s\"", e->scalars->data,
			strerror(-r));
	return 0;
}

/* Signals first: every thread made afterwards inherits that they are blocked. */
static int open_loop(struct pp_edge *e)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	int r = pp_loop_new(&e->loop);

	for (size_t i = 0; r == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		r = pp_loop_add_signal(e->loop, signals[i], on_signal, e, &e->on_signal[i]);
	if (r == 0)
		r = pp_loop_add_timer(e->loop, 50, on_timer, e, &e->on_timer);
	return r < 0 ? r : pp_loop_add_wake(e->loop, on_store, e, &e->on_store);
}

static int open_all(struct pp_edge *e)
{
	int r = open_loop(e);

	e->started_us = r < 0 ? 0 : pp_clock_mono_us();
	e->store_alive_us = e->started_us;
	e->sample_us = e->started_us + (uint64_t)e->scalars->sample_every_us;
	if (r == 0)
		r = take_lock(e);
	if (r == 0)
		r = pp_traffic_open(e, wake_loop);
	if (r == 0)
		r = pp_panel_open(e);
	if (r == 0)
		r = pp_levels_open(e);
	if (r == 0)
		r = pp_loop_add_fd(
			e->loop, pp_source_fd(e->source), EPOLLIN, on_source, e, &e->on_source);
	if (r == 0)
		r = pp_loop_add_fd(e->loop, pp_mqtt_fd(e->mqtt), EPOLLIN, on_mqtt, e, &e->on_mqtt);
	if (r == 0 && pp_control_open(e) == 0)
		r = pp_loop_add_fd(e->loop, e->control_fd, EPOLLIN, on_control, e, &e->on_control);
	return r;
}

static void close_all(struct pp_edge *e)
{
	pp_control_close(e);
	e->on_source = pp_loop_source_free(e->on_source);
	e->on_mqtt = pp_loop_source_free(e->on_mqtt);
	e->on_control = pp_loop_source_free(e->on_control);
	pp_levels_close(e);
	pp_panel_close(e);
	pp_traffic_close(e); /* the store's thread may wake us until here */
	e->on_store = pp_loop_source_free(e->on_store);
	e->on_timer = pp_loop_source_free(e->on_timer);
	for (size_t i = 0; i < sizeof(e->on_signal) / sizeof(e->on_signal[0]); i++)
		e->on_signal[i] = pp_loop_source_free(e->on_signal[i]);
	e->loop = pp_loop_free(e->loop);
	pp_file_unlock(e->lock_fd);
}

int pp_edge_run(const struct pp_edge_settings *settings)
{
	struct pp_edge *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return EXIT_FAILURE;
	e->settings = settings;
	e->scalars = &settings->scalars;
	e->control_fd = -1;
	e->lock_fd = -1;
	e->annunciate_us = UINT64_MAX;
	e->keys_retry_us = UINT64_MAX;
	e->watchdog_us = pp_watchdog_us();
	r = open_all(e);
	if (r < 0) {
		pp_log(PP_LOG_ERROR, "edge.start", "why=\"%s\"", strerror(-r));
		r = EXIT_FAILURE;
	} else {
		pp_log(PP_LOG_NOTICE, "edge.start", "version=%s post=%s/%s points=%zu outputs=%zu",
			POSPIN_VERSION, e->scalars->tenant, e->scalars->post,
			settings->wiring.point_count, settings->wiring.output_count);
		pp_panel_start(e);
		pp_edge_settle(e);
		pp_notify("READY=1");
		r = pp_loop_run(e->loop);
		pp_notify("STOPPING=1");
	}
	close_all(e);
	free(e);
	return r < 0 ? EXIT_FAILURE : r;
}
