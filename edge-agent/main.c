/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- pospin-edge: the command line. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "edge.h"

const char *argp_program_version = "pospin-edge " POSPIN_VERSION;

enum { CHECK_CONFIG = 256, PRINT_CONFIG, SAFE, ALLOW_ROOT, SOCKET, JSON, DEBUG, OUT, LOG };

enum word { WORD_NONE, WORD_STATUS, WORD_METRICS, WORD_DOCTOR, WORD_BUNDLE };

struct command {
	const char *config, *socket, *out, *log;
	enum word word;
	bool check, print, safe, json, allow_root, debug;
};

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "Settings (" PP_EDGE_SETTINGS_PATH ")", 0 },
	{ "check-config", CHECK_CONFIG, NULL, 0, "Read the settings, say what is wrong, end", 0 },
	{ "print-config", PRINT_CONFIG, NULL, 0,
		"Print every setting with its meaning; with --config, as that file sets it", 0 },
	{ "safe", SAFE, NULL, 0,
		"Put every output into its safe state, end (for use after a crash)", 0 },
	{ "allow-root", ALLOW_ROOT, NULL, 0, "Run as root although nothing here needs it", 0 },
	{ "debug", DEBUG, NULL, 0, "Log more", 0 },
	{ "socket", SOCKET, "PATH", 0, "The agent's control socket, instead of the settings' one",
		1 },
	{ "json", JSON, NULL, 0, "status, doctor: as JSON", 1 },
	{ "out", OUT, "FILE", 0, "support-bundle: the file to be made (.tar.gz)", 1 },
	{ "log", LOG, "FILE", 0, "support-bundle: log lines from this file, not the journal", 1 },
	{ 0 },
};

static enum word word_of(const char *text)
{
	static const char *const words[] = { [WORD_STATUS] = "status",
		[WORD_METRICS] = "metrics",
		[WORD_DOCTOR] = "doctor",
		[WORD_BUNDLE] = "support-bundle" };

	for (size_t i = WORD_STATUS; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0)
			return (enum word)i;
	return WORD_NONE;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct command *c = state->input;

	switch (key) {
	case 'c':
		c->config = arg;
		return 0;
	case CHECK_CONFIG:
		c->check = true;
		return 0;
	case PRINT_CONFIG:
		c->print = true;
		return 0;
	case SAFE:
		c->safe = true;
		return 0;
	case ALLOW_ROOT:
		c->allow_root = true;
		return 0;
	case DEBUG:
		c->debug = true;
		return 0;
	case SOCKET:
		c->socket = arg;
		return 0;
	case JSON:
		c->json = true;
		return 0;
	case OUT:
		c->out = arg;
		return 0;
	case LOG:
		c->log = arg;
		return 0;
	case ARGP_KEY_ARG:
		c->word = word_of(arg);
		if (state->arg_num > 0 || c->word == WORD_NONE)
			argp_error(state,
				"unknown command '%s', expected status, doctor, metrics or "
				"support-bundle",
				arg);
		return 0;
	case ARGP_KEY_END:
		if (c->word == WORD_BUNDLE && !c->out)
			argp_error(state, "support-bundle: --out FILE is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* It reads lines, a disk and the network: nothing that an ordinary user in the group gpio cannot
 * do. */
static bool may_run(const struct command *c)
{
	const char *allowed = getenv("POSPIN_ALLOW_ROOT");

	return geteuid() != 0 || c->allow_root || (allowed && strcmp(allowed, "1") == 0);
}

static int tell(const struct command *c, const struct pp_edge_settings *settings)
{
	const char *socket = c->socket ? c->socket : settings->scalars.control;
	const struct pp_doctor doctor = { settings, c->config, socket, c->out, c->log, c->json };

	switch (c->word) {
	case WORD_STATUS:
		return pp_status_show(socket, c->json);
	case WORD_METRICS:
		return pp_status_metrics(socket);
	case WORD_DOCTOR:
		return pp_doctor_show(&doctor);
	default:
		return pp_doctor_bundle(&doctor);
	}
}

static int act(const struct command *c, const struct pp_edge_settings *settings)
{
	if (c->check) {
		printf("%s: good: %zu points, %zu outputs\n", c->config,
			settings->wiring.point_count, settings->wiring.output_count);
		return EXIT_SUCCESS;
	}
	if (c->print) {
		pp_edge_settings_print(settings, stdout);
		return EXIT_SUCCESS;
	}
	if (c->word != WORD_NONE)
		return tell(c, settings);
	if (c->safe)
		return pp_panel_make_safe(settings) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (!may_run(c)) {
		fprintf(stderr, "pospin-edge: refusing to run as root; use an ordinary user in the "
				"group gpio"
				" (or --allow-root)\n");
		return EXIT_FAILURE;
	}
	return pp_edge_run(settings);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "[status|doctor|metrics|support-bundle]",
		"The agent of a PosPin post: reads buttons and detectors, drives lamps and sirens, "
		"reports to the server.\v"
		"status asks the running agent and says what is wrong and what to do; doctor looks "
		"also at keys, disk and the way to the broker, whether the agent runs or not; "
		"metrics prints the agent's figures for Prometheus; support-bundle puts all that, "
		"without secrets, into one file. Exit status of status and doctor: 0 healthy, 1 "
		"something is to be mended (status --json: 0 answered, 1 not).",
		NULL, NULL, NULL };
	struct command c = { 0 };
	static struct pp_edge_settings settings;
	struct pp_problem problem = { "" };
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	pp_log_init("pospin-edge", c.debug ? PP_LOG_DEBUG : PP_LOG_INFO);
	if (c.socket && c.word == WORD_STATUS)
		return pp_status_show(c.socket, c.json);
	if (c.socket && c.word == WORD_METRICS)
		return pp_status_metrics(c.socket);
	if (c.print && !c.config) {
		pp_edge_settings_print(NULL, stdout);
		return EXIT_SUCCESS;
	}
	if (!c.config)
		c.config = PP_EDGE_SETTINGS_PATH;
	if (pp_edge_settings_load(c.config, &settings, &problem) < 0) {
		fprintf(stderr, "pospin-edge: %s\n", problem.text);
		return EXIT_FAILURE;
	}
	code = act(&c, &settings);
	pp_edge_settings_done(&settings);
	return code;
}
