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
#include "http/web.h"
#include "loop/loop.h"
#include "roles/roles.h"
#include "service/service.h"

enum mode { MODE_RUN, MODE_CHECK, MODE_PRINT };

struct arguments {
	const char *config;
	enum mode mode;
};

struct server {
	struct pp_server_settings settings;
	struct pp_loop *loop;
	struct pp_loop_source *term, *interrupt, *watchdog;
	struct pp_service *service;
	struct pp_web *web;
	uint64_t progress;         /* of the engine when the watchdog was last fed */
	int lock_fd;               /* held while this process works on the record */
	struct pp_problem problem; /* what a failing start is about */
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
}

/* Fed only while the engine gets on: a thread that hangs must not be kept alive by a loop that
 * runs. */
static void on_watchdog(void *user)
{
	struct server *s = user;
	struct pp_engine_counts counts;

	pp_engine_counts(pp_service_engine(s->service), &counts);
	if (counts.progress != s->progress)
		pp_notify("WATCHDOG=1");
	s->progress = counts.progress;
	(void)pp_loop_arm_at(s->watchdog, pp_loop_now_us(s->loop) + pp_watchdog_us() / 2);
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
	return r;
}

static int service_start(struct server *s)
{
	return pp_service_new(&s->settings, s->loop, &s->problem, &s->service);
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
		.session_absolute_ms = c->session_absolute_us / 1000,
		.factor_roles = pp_roles_of_words(c->factor_required),
		.sms_inbound = c->sms.inbound,
		.metrics_token = c->http.metrics_token,
		.certificate = c->broker.certificate,
		.crl = c->broker.crl,
		.version = POSPIN_VERSION,
		.problem = &s->problem,
	};

	int r = pp_web_new(&web, s->loop, pp_service_engine(s->service), &s->web);

	if (r < 0)
		return r;
	pp_web_add_counters(s->web, "notifications", pp_notifier_table, pp_notifier_table_count,
		pp_notifier_counts(pp_service_notifier(s->service)));
	pp_service_on_commit(s->service, on_commit, s);
	return 0;
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
		{ "service", service_start },
		{ "http", web_start },
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
	return 0;
}

static void server_end(struct server *s)
{
	/* The service first: its engine still answers requests that wait for it. */
	pp_service_free(s->service);
	pp_web_free(s->web);
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
