/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- pospin-server: reads its settings, starts the rooms in order, runs the loop, ends them
 * in the opposite order. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/server_settings.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "engine/engine.h"
#include "http/web.h"
#include "loop/loop.h"
#include "notify/notifier.h"

#define KEEPALIVE_S 5 /* a broker that hangs is noticed after some 12 s */
#define CONNECT_TIMEOUT_S 5
#define LOOK_US 1000000u
/* The name in its certificate, which the broker makes the client id. */
#define CLIENT_ID "svc-server"

enum mode { MODE_RUN, MODE_CHECK, MODE_PRINT };

struct arguments {
	const char *config;
	enum mode mode;
};

struct server {
	struct pp_server_settings settings;
	struct pp_loop *loop;
	struct pp_loop_source *term, *interrupt, *watchdog, *look;
	struct pp_engine *engine;
	struct pp_web *web;
	struct pp_notifier *notifier;
	uint64_t progress;            /* of the engine when the watchdog was last fed */
	int lock_fd;                  /* held while this process works on the record */
	struct pp_engine_counts seen; /* what the log has been told of */
	bool dropping;                /* messages, when the log was last told */
	struct pp_problem problem;    /* what a failing start is about */
};

const char *argp_program_version = "pospin-server " POSPIN_VERSION;

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
		argp_error(state, "unexpected '%s'", value);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "Settings (default: /etc/pospin/server.yaml)", 0 },
	{ "check-config", 'k', NULL, 0, "Check the settings and end", 0 },
	{ "print-config", 'p', NULL, 0, "Print all settings as they hold and end", 0 },
	{ 0 },
};

static const struct argp parser = { options, on_option, NULL,
	"Turns the signals of the posts into incidents: takes them from the broker, records them, "
	"tells people.",
	NULL, NULL, NULL };

/* --- what the loop calls --- */

static void on_signal(void *user, int signal)
{
	struct server *s = user;

	pp_log(PP_LOG_NOTICE, "server.ending", "signal=%s", sigabbrev_np(signal));
	pp_loop_stop(s->loop, EXIT_SUCCESS);
}

static void on_commit(void *user)
{
	struct server *s = user;

	pp_web_committed(s->web);
	pp_notifier_committed(s->notifier);
}

static void on_failure(void *user)
{
	struct server *s = user;

	pp_log(PP_LOG_ERROR, "record.failed", "error=\"%s\" action=end",
		strerrordesc_np(-pp_engine_failure(s->engine)));
	pp_loop_stop(s->loop, EXIT_FAILURE);
}

/* Fed only while the engine gets on: a thread that hangs must not be kept alive by a loop that
 * runs. */
static void on_watchdog(void *user)
{
	struct server *s = user;
	struct pp_engine_counts counts;

	pp_engine_counts(s->engine, &counts);
	if (counts.progress != s->progress)
		pp_notify("WATCHDOG=1");
	s->progress = counts.progress;
	(void)pp_loop_arm_at(s->watchdog, pp_loop_now_us(s->loop) + pp_watchdog_us() / 2);
}

/* What nobody sees at the desk, told once when it begins and once when it ends. */
static void on_look(void *user)
{
	struct server *s = user;
	struct pp_engine_counts c;
	bool dropping;

	pp_engine_counts(s->engine, &c);
	if (c.broker_connected && !s->seen.broker_connected)
		pp_log(PP_LOG_NOTICE, "broker.connected", "host=%s port=%lld",
			s->settings.broker.host, (long long)s->settings.broker.port);
	else if (!c.broker_connected &&
		 (s->seen.broker_connected || strcmp(c.broker_why, s->seen.broker_why) != 0))
		pp_log(PP_LOG_WARNING, "broker.away", "host=%s port=%lld error=\"%s\"",
			s->settings.broker.host, (long long)s->settings.broker.port, c.broker_why);
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

/* --- start and end --- */

static int loop_start(struct server *s)
{
	int r = pp_loop_new(&s->loop);

	if (r == 0)
		r = pp_loop_add_signal(s->loop, SIGTERM, on_signal, s, &s->term);
	if (r == 0)
		r = pp_loop_add_signal(s->loop, SIGINT, on_signal, s, &s->interrupt);
	if (r == 0)
		r = pp_loop_add_timer(s->loop, 100000, on_watchdog, s, &s->watchdog);
	if (r == 0)
		r = pp_loop_add_timer(s->loop, 100000, on_look, s, &s->look);
	return r;
}

static int engine_start(struct server *s)
{
	const struct pp_server_settings *c = &s->settings;
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
		.problem = &s->problem,
	};
	int r = pp_engine_new(&engine, s->loop, &s->engine);

	if (r < 0)
		return r;
	pp_engine_on_commit(s->engine, on_commit, s);
	pp_engine_on_failure(s->engine, on_failure, s);
	return 0;
}

static int web_start(struct server *s)
{
	const struct pp_server_settings *c = &s->settings;
	const struct pp_web_options web = {
		.record_path = c->record_path,
		.address = c->http.address,
		.port = (uint16_t)c->http.port,
		.socket = c->http.socket,
		.console = c->http.console,
		.origin = c->origin,
		.session_idle_ms = c->session_idle_us / 1000,
		.metrics_token = c->http.metrics_token,
		.certificate = c->broker.certificate,
		.crl = c->broker.crl,
		.version = POSPIN_VERSION,
		.problem = &s->problem,
	};

	return pp_web_new(&web, s->loop, s->engine, &s->web);
}

static int notifier_start(struct server *s)
{
	const struct pp_notifier_options notifier = {
		.record_path = s->settings.record_path,
		.allow_private = s->settings.webhook_allow_private,
	};

	int r = pp_notifier_new(&notifier, s->loop, s->engine, &s->notifier);

	if (r == 0)
		pp_web_add_counters(s->web, "notifications", pp_notifier_table,
			pp_notifier_table_count, pp_notifier_counts(s->notifier));
	return r;
}

static int start_fail(struct server *s, int error, const char *what, const char *path)
{
	(void)pp_problem_at(&s->problem, NULL, "%s %s: %s", what, path, strerrordesc_np(-error));
	return error;
}

/* Two servers on one record would both tell people, and throw each other off the broker. */
static int record_lock(struct server *s)
{
	struct pp_buf b = { 0 };
	char *path;
	int r;

	pp_buf_addf(&b, "%s.lock", s->settings.record_path);
	r = pp_buf_take(&b, &path, NULL);
	if (r < 0)
		return r;
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (s->lock_fd < 0)
		r = start_fail(s, -errno, "lock", path);
	else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		(void)pp_problem_at(&s->problem, NULL, "record %s: %s", s->settings.record_path,
			r == -EWOULDBLOCK ? "another pospin-server works on it"
					  : strerrordesc_np(-r));
	}
	free(path);
	return r;
}

static int data_start(struct server *s)
{
	int r = pp_dir_make(s->settings.data, 0750);

	return r < 0 ? start_fail(s, r, "folder", s->settings.data) : record_lock(s);
}

/* The broker's files are read at each connection: what is missing is better said now. */
static int files_start(struct server *s)
{
	const struct pp_server_settings *c = &s->settings;
	const struct {
		const char *what, *path;
	} files[] = {
		{ "signing_key", c->signing_key },
		{ "broker.ca", c->broker.ca },
		{ "broker.certificate", c->broker.certificate },
		{ "broker.key", c->broker.key },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			return start_fail(s, -errno, files[i].what, files[i].path);
		close(fd);
	}
	return 0;
}

static int server_start(struct server *s)
{
	static const struct {
		const char *what;
		int (*start)(struct server *s);
	} rooms[] = {
		{ "files", files_start },
		{ "data", data_start },
		{ "loop", loop_start },
		{ "engine", engine_start },
		{ "http", web_start },
		{ "notify", notifier_start },
	};

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		int r = rooms[i].start(s);

		if (r < 0) {
			pp_log(PP_LOG_ERROR, "server.not-started", "room=%s error=\"%s\"",
				rooms[i].what,
				s->problem.text[0] ? s->problem.text : strerrordesc_np(-r));
			return r;
		}
	}
	if (pp_watchdog_us() > 0)
		on_watchdog(s);
	on_look(s);
	return 0;
}

static void server_end(struct server *s)
{
	/* The engine first: it still answers requests and reports that wait for it. */
	pp_engine_free(s->engine);
	pp_notifier_free(s->notifier);
	pp_web_free(s->web);
	pp_loop_source_free(s->look);
	pp_loop_source_free(s->watchdog);
	pp_loop_source_free(s->interrupt);
	pp_loop_source_free(s->term);
	pp_loop_free(s->loop);
	if (s->lock_fd >= 0)
		close(s->lock_fd); /* last: until then the record may be written */
}

/* On standard output, not in the log: the link is a key. */
static void setup_link_print(struct server *s)
{
	char link[PP_WEB_LINK_SIZE];

	if (pp_web_setup_link(s->web, link) < 0)
		return;
	printf("Buat operator pertama dengan tautan sekali pakai ini:\n"
	       "Create the first operator with this one-time link:\n"
	       "  %s\n",
		link);
	fflush(stdout);
}

static int server_run(struct server *s)
{
	int r = server_start(s);

	if (r == 0) {
		setup_link_print(s);
		pp_log(PP_LOG_NOTICE, "server.started", "version=%s address=%s port=%u",
			POSPIN_VERSION, s->settings.http.address, pp_web_port(s->web));
		pp_notify("READY=1");
		r = pp_loop_run(s->loop);
		pp_notify("STOPPING=1");
	}
	server_end(s);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { "/etc/pospin/server.yaml", MODE_RUN };
	struct server server = { .lock_fd = -1 };
	struct pp_problem problem = { "" };
	int r, code = EXIT_SUCCESS;

	argp_parse(&parser, argc, argv, 0, NULL, &arguments);
	pp_log_init("pospin-server", PP_LOG_INFO);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(027);
	r = pp_server_settings_read(arguments.config, &server.settings, &problem);
	if (r < 0) {
		fprintf(stderr, "pospin-server: %s\n",
			problem.text[0] ? problem.text : strerrordesc_np(-r));
		return EXIT_FAILURE;
	}
	if (arguments.mode == MODE_PRINT)
		pp_server_settings_print(&server.settings, stdout);
	else if (arguments.mode == MODE_CHECK)
		printf("%s: fine\n", arguments.config);
	else
		code = server_run(&server);
	pp_server_settings_done(&server.settings);
	return code;
}
