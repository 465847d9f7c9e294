/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- pospin-recorder: follows the record and the posts' readings into a time-series store. A
 * process of its own, so that a store that hangs cannot touch an alarm. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/recorder_settings.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/local.h"
#include "core/log.h"
#include "crypto/sign.h"
#include "db/db.h"
#include "loop/loop.h"
#include "mqtt/backoff.h"
#include "mqtt/mqtt.h"
#include "recorder/feed.h"
#include "recorder/push.h"
#include "recorder/report.h"
#include "recorder/spool.h"
#include "recorder/status.h"

#define CLIENT_ID                                                                                  \
	"svc-recorder" /* the name in its certificate, which the broker makes the client id */
#define TICK_US 500000 /* how often another's commit is looked for */
#define TICK_ACCURACY_US 100000
#define GATHER_US 10000 /* between two transactions while messages stream in */
#define GATHER_ACCURACY_US 1000
#define EVENTS_AT_ONCE 100
#define MESSAGES_AT_ONCE 256
#define QUEUE_MESSAGES 256
#define RECORD_CACHE_KIB 64
#define BATCH_BYTES 131072
#define SESSION_S 86400 /* the broker queues readings while this program restarts */

struct recorder {
	struct pp_recorder_settings settings;
	char *token;
	struct pp_loop *loop;
	struct pp_loop_source *term, *interrupt, *tick, *network, *reconnect, *gather;
	struct pp_spool *spool;
	struct pp_db *record; /* NULL while it cannot be read */
	struct pp_mqtt *mqtt;
	struct pp_push *push;
	struct pp_backoff backoff;
	struct pp_feed_counts counts;
	/* Taken from the network, not yet durable: kept until the spool has them. */
	struct pp_mqtt_event *held[MESSAGES_AT_ONCE];
	size_t held_count;
	uint64_t stored_us; /* when the last were stored */
	bool record_lost, spool_lost, full;
	int64_t boot; /* a number of the kernel's boot */
	bool broker, store_lost;
	char store_why[160];
	uint64_t started_us;
	int control_fd; /* -1: none */
	struct pp_loop_source *control;
};

const char *argp_program_version = "pospin-recorder " POSPIN_VERSION;

/* --- what flows in --- */

static void spool_trouble(struct recorder *r, int error)
{
	if (error < 0 && !r->spool_lost)
		pp_log(PP_LOG_ERROR, "spool.failed", "error=\"%s\" action=\"keep and try again\"",
			pp_spool_error(r->spool));
	if (error == 0 && r->spool_lost)
		pp_log(PP_LOG_NOTICE, "spool.back", "path=%s", r->settings.spool_path);
	r->spool_lost = error < 0;
}

static uint64_t refusals(const struct recorder *r)
{
	return r->counts.messages_refused + r->counts.readings_refused + r->counts.events_refused;
}

/* The first, and then every thousandth: a sensor gone mad must not fill the log. */
static void refusals_told(const struct recorder *r, uint64_t before)
{
	uint64_t now = refusals(r);

	if (now != before && (before == 0 || now / 1000 != before / 1000))
		pp_log(PP_LOG_WARNING, "feed.refused", "count=%" PRIu64 " last=\"%s\"", now,
			r->counts.last_refusal);
}

static void full_told(struct recorder *r)
{
	bool full = pp_spool_full(r->spool);

	if (full && !r->full)
		pp_log(PP_LOG_ERROR, "spool.full",
			"limit_mb=%" PRId64 " action=\"readings are refused\"",
			r->settings.spool_mb);
	if (!full && r->full)
		pp_log(PP_LOG_NOTICE, "spool.room", "readings_refused=%" PRIu64,
			r->counts.readings_full);
	r->full = full;
}

static void network_changed(struct recorder *r, const struct pp_mqtt_event *event)
{
	uint32_t random;

	if (event->type == PP_MQTT_CONNECTED || event->type == PP_MQTT_LOST)
		r->broker = event->type == PP_MQTT_CONNECTED;
	if (event->type == PP_MQTT_CONNECTED) {
		pp_log(PP_LOG_NOTICE, "broker.connected", "host=%s port=%" PRId64,
			r->settings.broker.host, r->settings.broker.port);
		pp_backoff_reset(&r->backoff);
	} else if (event->type == PP_MQTT_LOST) {
		pp_log(PP_LOG_WARNING, "broker.lost", "why=\"%s\"", event->why);
		pp_random(&random, sizeof(random));
		(void)pp_loop_arm_at(r->reconnect,
			pp_loop_now_us(r->loop) + pp_backoff_next_us(&r->backoff, random));
	}
}

static bool messages_take(struct recorder *r)
{
	struct pp_mqtt_event *event;

	while (r->held_count < MESSAGES_AT_ONCE && pp_mqtt_next(r->mqtt, &event) == 1) {
		if (event->type == PP_MQTT_MESSAGE) {
			r->held[r->held_count++] = event;
			continue;
		}
		network_changed(r, event);
		pp_mqtt_event_free(event);
	}
	return r->held_count > 0;
}

static int messages_store(struct recorder *r)
{
	struct pp_feed_now now = { pp_clock_wall_ms(), pp_clock_mono_us(), r->boot };
	uint64_t before = refusals(r);
	int error = pp_feed_samples(r->spool, r->held, r->held_count, &now, &r->counts);

	spool_trouble(r, error);
	if (error < 0)
		return error;
	refusals_told(r, before);
	for (size_t i = 0; i < r->held_count; i++)
		pp_mqtt_event_free(r->held[i]);
	r->held_count = 0;
	pp_push_kick(r->push);
	return 0;
}

/* A message that comes alone is stored at once. Those of a stream share a wake-up and a
 * transaction: one for each two or three of them was most of what the recorder did. */
static bool messages_wait(struct recorder *r)
{
	uint64_t due_us = r->stored_us + GATHER_US;

	if (r->held_count == MESSAGES_AT_ONCE || pp_clock_mono_us() >= due_us)
		return false;
	(void)pp_loop_set_fd_events(r->network, 0);
	(void)pp_loop_arm_at(r->gather, due_us);
	return true;
}

static void messages_handle(struct recorder *r)
{
	while (messages_take(r) && !messages_wait(r)) {
		if (messages_store(r) < 0) {
			/* Nothing more is taken until the tick has put these away: the network
			 * waits. */
			(void)pp_loop_set_fd_events(r->network, 0);
			return;
		}
		r->stored_us = pp_clock_mono_us();
	}
}

static void gathered(void *user)
{
	struct recorder *r = user;

	(void)pp_loop_set_fd_events(r->network, EPOLLIN);
	messages_handle(r);
}

/* The broker has been told that these have arrived. */
static void messages_finish(struct recorder *r)
{
	(void)pp_mqtt_drop(r->mqtt);
	while (messages_take(r) && messages_store(r) == 0)
		;
}

static void network_readable(void *user, int fd, uint32_t events)
{
	(void)fd;
	(void)events;
	messages_handle(user);
}

static void record_follow(struct recorder *r)
{
	uint64_t before = refusals(r);
	int found = 0;

	if (!r->record)
		found = pp_db_open(r->settings.record, PP_DB_READ, &r->record);
	if (r->record && found == 0)
		found = pp_db_tune(r->record, RECORD_CACHE_KIB, 1000);
	while (found >= 0 &&
		(found = pp_feed_record(r->spool, r->record, EVENTS_AT_ONCE, &r->counts)) > 0)
		pp_push_kick(r->push);
	refusals_told(r, before);
	if (found < 0 && !r->record_lost)
		pp_log(PP_LOG_ERROR, "record.unread", "path=%s error=\"%s\"", r->settings.record,
			strerrordesc_np(-found));
	if (found == 0 && r->record_lost)
		pp_log(PP_LOG_NOTICE, "record.back", "path=%s", r->settings.record);
	r->record_lost = found < 0;
	if (found < 0)
		r->record = pp_db_close(r->record);
}

static void ticked(void *user)
{
	struct recorder *r = user;

	if (r->held_count == 0 || messages_store(r) == 0) {
		(void)pp_loop_set_fd_events(r->network, EPOLLIN);
		record_follow(r);
	}
	full_told(r);
	pp_notify("WATCHDOG=1");
	(void)pp_loop_arm_at(r->tick, pp_loop_now_us(r->loop) + TICK_US);
}

static void reconnect_due(void *user)
{
	struct recorder *r = user;

	if (pp_mqtt_connect(r->mqtt) < 0)
		(void)pp_loop_arm_at(r->reconnect, pp_loop_now_us(r->loop) + 1000000);
}

static void pushed(void *user, enum pp_push_news news, const char *text)
{
	struct recorder *r = user;

	switch (news) {
	case PP_PUSH_STORE_LOST:
		r->store_lost = true;
		snprintf(r->store_why, sizeof(r->store_why), "%s", text);
		pp_log(PP_LOG_WARNING, "store.lost", "url=%s why=\"%s\" action=\"spool\"",
			r->settings.store_shown, text);
		break;
	case PP_PUSH_STORE_BACK:
		r->store_lost = false;
		r->store_why[0] = '\0';
		pp_log(PP_LOG_NOTICE, "store.back", "url=%s", r->settings.store_shown);
		break;
	case PP_PUSH_POISON:
		pp_log(PP_LOG_WARNING, "store.poison", "why=\"%s\" see=\"pospin-recorder status\"",
			text);
		break;
	case PP_PUSH_SPOOL_FAILED:
		spool_trouble(r, -EIO);
		break;
	}
}

static void control_asked(void *user, int fd, uint32_t events)
{
	struct recorder *r = user;
	struct pp_recorder_facts facts = {
		.version = POSPIN_VERSION,
		.uptime_s = (int64_t)((pp_loop_now_us(r->loop) - r->started_us) / 1000000),
		.broker = r->broker,
		.store = !r->store_lost,
		.store_why = r->store_why,
		.record = !r->record_lost,
		.spool_limit_bytes = r->settings.spool_mb << 20,
		.written = pp_push_written(r->push),
		.counts = &r->counts,
	};
	char *text;
	size_t length;

	(void)events;
	(void)pp_spool_count(r->spool, &facts.waiting, &facts.poison);
	(void)pp_spool_cursor(r->spool, &facts.taken);
	(void)pp_spool_bytes(r->spool, &facts.spool_bytes);
	if (pp_recorder_report(&facts, &text, &length) < 0)
		return;
	(void)pp_local_tell(fd, text, length);
	free(text);
}

static void on_signal(void *user, int signal)
{
	struct recorder *r = user;

	pp_log(PP_LOG_NOTICE, "recorder.ending", "signal=%s", sigabbrev_np(signal));
	pp_loop_stop(r->loop, EXIT_SUCCESS);
}

/* --- start and end --- */

static int loop_start(struct recorder *r)
{
	int error = pp_loop_new(&r->loop);

	if (error == 0)
		error = pp_clock_boot_number(&r->boot);
	if (error == 0)
		error = pp_loop_add_signal(r->loop, SIGTERM, on_signal, r, &r->term);
	if (error == 0)
		error = pp_loop_add_signal(r->loop, SIGINT, on_signal, r, &r->interrupt);
	if (error == 0)
		error = pp_loop_add_timer(r->loop, TICK_ACCURACY_US, ticked, r, &r->tick);
	if (error == 0)
		error = pp_loop_add_timer(r->loop, 0, reconnect_due, r, &r->reconnect);
	if (error == 0)
		error = pp_loop_add_timer(
			r->loop, GATHER_ACCURACY_US, gathered, r, &r->gather);
	return error;
}

static int spool_start(struct recorder *r)
{
	int error = pp_dir_make(r->settings.data, 0750);

	return error < 0 ? error
			 : pp_spool_open(r->settings.spool_path, r->settings.spool_mb << 20, false,
				   &r->spool);
}

static int push_start(struct recorder *r)
{
	struct pp_push_options options = { r->loop, r->spool, &r->settings, NULL, pushed, r };

	if (r->settings.store.token[0]) {
		int error = pp_file_read(r->settings.store.token, 400, &r->token, NULL);

		if (error < 0)
			return error;
		r->token[strcspn(r->token, "\r\n")] = '\0';
		options.token = r->token;
	}
	return pp_push_new(&options, &r->push);
}

static int network_start(struct recorder *r)
{
	static const char *const topics[] = { "pospin/v1/+/+/sample", NULL };
	const struct pp_mqtt_options options = {
		.host = r->settings.broker.host,
		.port = (uint16_t)r->settings.broker.port,
		.client_id = CLIENT_ID,
		.ca_path = r->settings.broker.ca,
		.cert_path = r->settings.broker.certificate,
		.key_path = r->settings.broker.key,
		.keepalive_s = 20,
		.connect_timeout_s = 5,
		.session_expiry_s = SESSION_S,
		.subscriptions = topics,
		.queue_limit = QUEUE_MESSAGES,
		.block_when_full = true,
	};
	int error = pp_mqtt_new(&options, &r->mqtt);

	pp_backoff_init(&r->backoff, 500000, 10000000);
	if (error == 0)
		error = pp_loop_add_fd(
			r->loop, pp_mqtt_fd(r->mqtt), EPOLLIN, network_readable, r, &r->network);
	return error == 0 ? pp_mqtt_connect(r->mqtt) : error;
}

/* A recorder without its status socket is still a recorder. */
static int control_start(struct recorder *r)
{
	int error = 0;

	r->started_us = pp_clock_mono_us();
	if (!r->settings.control[0])
		return 0;
	r->control_fd = pp_local_listen(r->settings.control);
	if (r->control_fd >= 0)
		error = pp_loop_add_fd(
			r->loop, r->control_fd, EPOLLIN, control_asked, r, &r->control);
	if (r->control_fd < 0)
		pp_log(PP_LOG_WARNING, "control.open", "socket=%s why=\"%s\"", r->settings.control,
			strerrordesc_np(-r->control_fd));
	return error;
}

static int recorder_start(struct recorder *r)
{
	static const struct {
		const char *what;
		int (*start)(struct recorder *r);
	} rooms[] = {
		{ "loop", loop_start },
		{ "spool", spool_start },
		{ "push", push_start },
		{ "network", network_start },
		{ "control", control_start },
	};

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		int error = rooms[i].start(r);

		if (error < 0) {
			pp_log(PP_LOG_ERROR, "recorder.not-started", "room=%s error=\"%s\"",
				rooms[i].what, strerrordesc_np(-error));
			return error;
		}
	}
	ticked(r);
	return 0;
}

static void recorder_end(struct recorder *r)
{
	pp_loop_source_free(r->control);
	if (r->control_fd >= 0) {
		close(r->control_fd);
		(void)unlink(r->settings.control);
	}
	pp_loop_source_free(r->network);
	pp_mqtt_free(r->mqtt);
	for (size_t i = 0; i < r->held_count; i++)
		pp_mqtt_event_free(r->held[i]);
	pp_push_free(r->push);
	pp_db_close(r->record);
	pp_spool_close(r->spool);
	pp_loop_source_free(r->reconnect);
	pp_loop_source_free(r->gather);
	pp_loop_source_free(r->tick);
	pp_loop_source_free(r->interrupt);
	pp_loop_source_free(r->term);
	pp_loop_free(r->loop);
	free(r->token);
}

static int recorder_run(struct recorder *r)
{
	int error = recorder_start(r);

	if (error == 0) {
		pp_log(PP_LOG_NOTICE, "recorder.started", "version=%s store=%s", POSPIN_VERSION,
			r->settings.store_shown);
		pp_notify("READY=1");
		error = pp_loop_run(r->loop);
		pp_notify("STOPPING=1");
		messages_finish(r);
	}
	recorder_end(r);
	return error == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- the command line --- */

enum mode { MODE_RUN, MODE_CHECK, MODE_PRINT, MODE_STATUS, MODE_METRICS };

struct arguments {
	const char *config;
	enum mode mode;
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->config = value;
		return 0;
	case 'k':
		a->mode = MODE_CHECK;
		return 0;
	case 'p':
		a->mode = MODE_PRINT;
		return 0;
	case ARGP_KEY_ARG:
		if ((strcmp(value, "status") != 0 && strcmp(value, "metrics") != 0) ||
			state->arg_num > 0)
			argp_error(state, "unexpected '%s'", value);
		a->mode = strcmp(value, "status") == 0 ? MODE_STATUS : MODE_METRICS;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "Settings (default: /etc/pospin/recorder.yaml)", 0 },
	{ "check-config", 'k', NULL, 0, "Check the settings and end", 0 },
	{ "print-config", 'p', NULL, 0, "Print all settings as they hold and end", 0 },
	{ 0 },
};

static const struct argp parser = { options, on_option, "[status|metrics]",
	"Writes what happens and what posts read into a time-series store; `status` says how far "
	"it is, `metrics` says it for Prometheus.",
	NULL, NULL, NULL };

int main(int argc, char **argv)
{
	struct arguments arguments = { "/etc/pospin/recorder.yaml", MODE_RUN };
	struct recorder recorder = { .control_fd = -1 };
	struct pp_problem problem = { "" };
	int r, code = EXIT_SUCCESS;

	/* One heap for all threads: what the network's takes and this one frees is used again. */
	(void)mallopt(M_ARENA_MAX, 1);
	/* Batches go back whole: else glibc keeps ever larger ones, and pieces of them, on its
	 * heap. */
	(void)mallopt(M_MMAP_THRESHOLD, BATCH_BYTES);
	argp_parse(&parser, argc, argv, 0, NULL, &arguments);
	pp_log_init("pospin-recorder", PP_LOG_INFO);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(027);
	r = pp_recorder_settings_read(arguments.config, &recorder.settings, &problem);
	if (r < 0) {
		fprintf(stderr, "pospin-recorder: %s\n",
			problem.text[0] ? problem.text : strerrordesc_np(-r));
		return EXIT_FAILURE;
	}
	if (arguments.mode == MODE_PRINT)
		pp_recorder_settings_print(&recorder.settings, stdout);
	else if (arguments.mode == MODE_CHECK)
		printf("%s: fine\n", arguments.config);
	else if (arguments.mode == MODE_STATUS)
		code = pp_recorder_status(&recorder.settings, stdout) < 0 ? EXIT_FAILURE
									  : EXIT_SUCCESS;
	else if (arguments.mode == MODE_METRICS)
		code = pp_recorder_metrics(&recorder.settings, stdout, stderr) < 0 ? EXIT_FAILURE
										   : EXIT_SUCCESS;
	else
		code = recorder_run(&recorder);
	pp_recorder_settings_done(&recorder.settings);
	return code;
}
