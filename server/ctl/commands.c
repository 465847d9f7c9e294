/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c -- the table of commands, and how the first words of a command line find theirs. */
#include "ctl/ctl.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "core/text.h"

#define KEY_HELP '?'
#define KEY_VERSION 'V'
#define KEY_USAGE 1000 /* no letter in any locale */

static const struct pp_ctl_command *const commands[] = {
	&pp_ctl_pki_init,
	&pp_ctl_pki_revoke,
	&pp_ctl_pki_refresh,
	&pp_ctl_pki_rotate_signing,
	&pp_ctl_pki_retire_signing,
	&pp_ctl_pki_rotate_services,
	&pp_ctl_pki_retire_services,
	&pp_ctl_pki_issue,
	&pp_ctl_post_request,
	&pp_ctl_post_enrol,
	&pp_ctl_post_renew,
	&pp_ctl_post_revoke,
	&pp_ctl_post_sound,
	&pp_ctl_post_silence,
	&pp_ctl_post_drill,
	&pp_ctl_import,
	&pp_ctl_plan_check,
	&pp_ctl_plan_import,
	&pp_ctl_plan_show,
	&pp_ctl_plan_who,
	&pp_ctl_contact_test,
	&pp_ctl_verify,
	&pp_ctl_audit_export,
	&pp_ctl_audit_verify,
	&pp_ctl_doctor,
	&pp_ctl_support_bundle,
	&pp_ctl_user_list,
	&pp_ctl_user_add,
	&pp_ctl_user_set,
	&pp_ctl_user_disable,
	&pp_ctl_user_enable,
	&pp_ctl_user_reset,
	&pp_ctl_user_totp,
	&pp_ctl_incident_list,
	&pp_ctl_incident_show,
	&pp_ctl_incident_ack,
	&pp_ctl_incident_dispatch,
	&pp_ctl_incident_on_scene,
	&pp_ctl_incident_close,
	&pp_ctl_incident_note,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

struct search {
	FILE *out, *err;
	const char *group; /* only its commands are listed; NULL: all */
	const struct pp_ctl_command *found;
	int at; /* argv's index of its last word */
	bool answered;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct pp_ctl_command *command_find(const char *group, const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (same(commands[i]->group, group) && same(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static bool group_exists(const char *group)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (same(commands[i]->group, group))
			return true;
	}
	return false;
}

/* argp calls this for the text behind the options and frees what it gets. */
static char *list_make(int key, const char *text, void *input)
{
	const struct search *search = input;
	struct pp_buf b = { 0 };
	char *list, words[40];

	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)(uintptr_t)text;
	pp_buf_addf(&b, "Commands (each has --help):\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct pp_ctl_command *c = commands[i];

		if (search && search->group && !same(c->group, search->group))
			continue;
		snprintf(words, sizeof(words), "%s%s%s", c->group ? c->group : "",
			c->group ? " " : "", c->name);
		pp_buf_addf(&b, "  %-18s %s\n", words, c->help);
	}
	pp_buf_addf(&b, "\nExit status: 0 done; 1 refused, failed or found wrong; 2 a command line "
			"that makes no sense.");
	return pp_buf_take(&b, &list, NULL) < 0 ? NULL : list;
}

static error_t unknown(
	struct search *search, const char *group, const char *name, struct argp_state *state)
{
	const char *best = NULL;
	size_t best_distance = 3;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const char *word =
			group || !commands[i]->group ? commands[i]->name : commands[i]->group;
		size_t distance = pp_text_distance(name, word);

		if ((!group || same(group, commands[i]->group)) && distance < best_distance) {
			best = word;
			best_distance = distance;
		}
	}
	search->group = group;
	argp_error(state, "there is no command '%s%s%.60s'%s%s%s", group ? group : "",
		group ? " " : "", name, best ? "; did you mean '" : "", best ? best : "",
		best ? "'?" : "");
	return EINVAL;
}

static error_t help(struct search *search, struct argp_state *state, unsigned flags)
{
	argp_state_help(state, state->out_stream, flags);
	search->answered = true;
	return ECANCELED;
}

/* The second word of a group's command. */
static error_t group_take(struct search *search, const char *group, struct argp_state *state)
{
	const char *name = state->next < state->argc ? state->argv[state->next] : NULL;

	search->group = group;
	if (!name) {
		argp_error(state, "%s what? See pospinctl %s --help", group, group);
		return EINVAL;
	}
	if (same(name, "--help") || same(name, "-?"))
		return help(search, state, ARGP_HELP_STD_HELP);
	search->found = command_find(group, name);
	search->at = state->next;
	return search->found ? 0 : unknown(search, group, name, state);
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct search *search = state->input;
	error_t r = 0;

	switch (key) {
	case ARGP_KEY_INIT:
		state->out_stream = search->out;
		state->err_stream = search->err;
		return 0;
	case KEY_HELP:
		return help(search, state, ARGP_HELP_STD_HELP);
	case KEY_USAGE:
		return help(search, state, ARGP_HELP_USAGE);
	case KEY_VERSION:
		fprintf(state->out_stream, "pospinctl %s\n", POSPIN_VERSION);
		search->answered = true;
		return ECANCELED;
	case ARGP_KEY_ARG:
		search->found = command_find(NULL, arg);
		search->at = state->next - 1;
		if (!search->found)
			r = group_exists(arg) ? group_take(search, arg, state)
					      : unknown(search, NULL, arg, state);
		state->next = state->argc; /* the rest is the command's */
		return r;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a command is missing");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int pp_ctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	static const struct argp_option options[] = {
		{ "help", KEY_HELP, NULL, 0, "Shows this", 0 },
		{ "usage", KEY_USAGE, NULL, 0, "Shows the options in short", 0 },
		{ "version", KEY_VERSION, NULL, 0, "Shows the version", 0 },
		{ 0 },
	};
	static const struct argp argp = { .options = options,
		.parser = parse_key,
		.args_doc = "COMMAND [WORD...]",
		.doc = "Keys, posts, the registry, incidents and the audit chain of PosPin.",
		.help_filter = list_make };
	struct search search = { .out = out, .err = err };
	error_t r = argp_parse(
		&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_IN_ORDER, NULL, &search);

	if (search.answered)
		return PP_CTL_DONE;
	if (r != 0 || !search.found)
		return PP_CTL_USAGE;
	return pp_ctl_command_run(search.found, argc - search.at, argv + search.at, out, err);
}
