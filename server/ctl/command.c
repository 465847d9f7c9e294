/* SPDX-License-Identifier: Apache-2.0 */
/* command.c -- a command's table as an argp parser, which is told never to exit. */
#include "command.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "inert.h"

#define KEY_HELP '?'
#define KEY_USAGE 1000 /* no letter in any locale */
#define KEY_FIRST 256

struct parse {
	struct pp_ctl_call *call;
	bool helped;
};

static int option_take(
	struct pp_ctl_call *call, size_t index, const char *value, struct argp_state *state)
{
	const struct pp_ctl_option *option = &call->command->options[index];

	if (call->counts[index] > 0 && !option->many) {
		argp_error(state, "--%s is given twice", option->name);
		return EINVAL;
	}
	if (call->counts[index] == PP_CTL_MANY_MAX) {
		argp_error(
			state, "--%s is given more than %d times", option->name, PP_CTL_MANY_MAX);
		return EINVAL;
	}
	if (option->value && value[0] == '\0') {
		argp_error(state, "--%s: its %s is empty", option->name, option->value);
		return EINVAL;
	}
	call->values[index][call->counts[index]++] = value;
	return 0;
}

static int word_take(struct pp_ctl_call *call, const char *word, struct argp_state *state)
{
	if (call->word_count == PP_CTL_WORDS_MAX || !call->command->words[call->word_count]) {
		argp_error(state, "'%s' is one word too many", word);
		return EINVAL;
	}
	if (word[0] == '\0') {
		argp_error(state, "%s is empty", call->command->words[call->word_count]);
		return EINVAL;
	}
	call->words[call->word_count++] = word;
	return 0;
}

static int whole_check(const struct pp_ctl_call *call, struct argp_state *state)
{
	const struct pp_ctl_command *command = call->command;

	for (size_t i = 0; i < command->option_count; i++) {
		if (command->options[i].required && call->counts[i] == 0) {
			argp_error(state, "--%s %s is missing", command->options[i].name,
				command->options[i].value);
			return EINVAL;
		}
	}
	if (command->words[call->word_count] && command->words[call->word_count][0] != '[') {
		argp_error(state, "%s is missing", command->words[call->word_count]);
		return EINVAL;
	}
	return 0;
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->out_stream = parse->call->out;
		state->err_stream = parse->call->err;
		return 0;
	case KEY_HELP:
	case KEY_USAGE:
		argp_state_help(state, state->out_stream,
			key == KEY_HELP ? ARGP_HELP_STD_HELP : ARGP_HELP_USAGE);
		parse->helped = true;
		return ECANCELED; /* nothing behind it matters */
	case ARGP_KEY_ARG:
		return word_take(parse->call, arg, state);
	case ARGP_KEY_END:
		return whole_check(parse->call, state);
	default:
		if (key < KEY_FIRST || key >= KEY_FIRST + (int)parse->call->command->option_count)
			return ARGP_ERR_UNKNOWN;
		return option_take(parse->call, (size_t)(key - KEY_FIRST), arg ? arg : "", state);
	}
}

static void options_fill(const struct pp_ctl_command *command, struct argp_option *ret_options)
{
	size_t i;

	assert(command->option_count <= PP_CTL_OPTIONS_MAX);
	for (i = 0; i < command->option_count; i++) {
		ret_options[i] = (struct argp_option){
			.name = command->options[i].name,
			.key = KEY_FIRST + (int)i,
			.arg = command->options[i].value,
			.doc = command->options[i].help,
		};
	}
	ret_options[i++] = (struct argp_option){ "help", KEY_HELP, NULL, 0, "Shows this", -1 };
	ret_options[i++] = (struct argp_option){ "usage", KEY_USAGE, NULL, 0,
		"Shows the options in short", -1 };
	ret_options[i] = (struct argp_option){ 0 };
}

/* The command line is getopt's to complain about, too, and it writes to stderr by itself. */
static int call_parse(struct pp_ctl_call *call, int argc, char **argv, bool *ret_helped)
{
	const struct pp_ctl_command *command = call->command;
	struct argp_option options[PP_CTL_OPTIONS_MAX + 3];
	struct parse parse = { .call = call };
	struct pp_buf words = { 0 }, doc = { 0 };
	int r;

	options_fill(command, options);
	for (size_t i = 0; command->words[i]; i++)
		pp_buf_addf(&words, "%s%s", i > 0 ? " " : "", command->words[i]);
	pp_buf_addf(&doc, "%s%s%s", command->help, command->detail ? "\v" : "",
		command->detail ? command->detail : "");
	if (words.failed || doc.failed) {
		r = ENOMEM;
	} else {
		struct argp argp = { .options = options,
			.parser = parse_key,
			.args_doc = words.data,
			.doc = doc.data };

		argv[0] = call->title;
		r = argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &parse);
	}
	pp_buf_done(&words);
	pp_buf_done(&doc);
	*ret_helped = parse.helped;
	return r;
}

int pp_ctl_command_run(
	const struct pp_ctl_command *command, int argc, char **argv, FILE *out, FILE *err)
{
	struct pp_ctl_call call = { .command = command, .out = out, .err = err };
	char *first = argv[0];
	bool helped;
	int r;

	snprintf(call.title, sizeof(call.title), "pospinctl %s%s%s",
		command->group ? command->group : "", command->group ? " " : "", command->name);
	r = call_parse(&call, argc, argv, &helped);
	argv[0] = first;
	if (helped)
		return PP_CTL_DONE;
	return r == 0 ? command->run(&call) : PP_CTL_USAGE;
}

static size_t option_find(const struct pp_ctl_call *call, const char *name)
{
	size_t i = 0;

	while (i < call->command->option_count && strcmp(call->command->options[i].name, name) != 0)
		i++;
	assert(i < call->command->option_count);
	return i;
}

bool pp_ctl_has(const struct pp_ctl_call *call, const char *option)
{
	return call->counts[option_find(call, option)] > 0;
}

const char *pp_ctl_get(const struct pp_ctl_call *call, const char *option)
{
	return call->values[option_find(call, option)][0];
}

const char *const *pp_ctl_all(const struct pp_ctl_call *call, const char *option)
{
	return call->values[option_find(call, option)];
}

int pp_ctl_number(struct pp_ctl_call *call, const char *option, long long min, long long max,
	long long *value)
{
	const char *text = pp_ctl_get(call, option);
	int64_t number;

	if (!text)
		return PP_CTL_DONE;
	if (pp_text_i64(text, strlen(text), min, max, &number) < 0)
		return pp_ctl_fail(call, "--%s: expected a number from %lld to %lld, got '%s'",
			option, min, max, text);
	*value = number;
	return PP_CTL_DONE;
}

int pp_ctl_fail(struct pp_ctl_call *call, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(call->err, "%s: ", call->title);
	pp_inert_write(call->err, text);
	fputc('\n', call->err);
	return PP_CTL_FAILED;
}

const char *pp_ctl_words_of(int error)
{
	return strerror(error < 0 ? -error : error);
}
