/* SPDX-License-Identifier: Apache-2.0 */
/* command.h -- what a command of pospinctl is: its words and options in a table, and a function. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PP_CTL_DONE 0
#define PP_CTL_FAILED 1
#define PP_CTL_USAGE 2

#define PP_CTL_WORDS_MAX 2
#define PP_CTL_OPTIONS_MAX 12
#define PP_CTL_MANY_MAX 16 /* values of an option that may be given many times */

struct pp_ctl_option {
	const char *name;  /* without its dashes */
	const char *value; /* what its value is called in the help; NULL: a flag without one */
	bool required;
	bool many;
	const char *help;
};

struct pp_ctl_call;
struct pp_ctl_command {
	const char *group; /* NULL: the command stands alone */
	const char *name;
	const char *help;                        /* one line */
	const char *detail;                      /* more, below the options; may be NULL */
	const char *words[PP_CTL_WORDS_MAX + 1]; /* what must follow, by name, "[NAME]" may;
						   NULL ends */
	const struct pp_ctl_option *options;
	size_t option_count;
	int (*run)(struct pp_ctl_call *call); /* returns PP_CTL_DONE or pp_ctl_fail(...) */
};

/* One command line, taken apart. All texts are argv's. */
struct pp_ctl_call {
	const struct pp_ctl_command *command;
	FILE *out, *err;
	char title[64]; /* "pospinctl pki init" */
	size_t word_count;
	const char *words[PP_CTL_WORDS_MAX];
	size_t counts[PP_CTL_OPTIONS_MAX];
	const char *values[PP_CTL_OPTIONS_MAX][PP_CTL_MANY_MAX + 1]; /* NULL ends each */
};

/* Parses argv (argv[0] is the command's own name) and runs the command. The exit status. */
int pp_ctl_command_run(
	const struct pp_ctl_command *command, int argc, char **argv, FILE *out, FILE *err);

/* The names must be the command's own (asserted). */
bool pp_ctl_has(const struct pp_ctl_call *call, const char *option);
const char *pp_ctl_get(const struct pp_ctl_call *call, const char *option); /* NULL: not given */
const char *const *pp_ctl_all(const struct pp_ctl_call *call, const char *option); /* NULL ends */
/* An integer within bounds; fallback where the option is not given. 0, or PP_CTL_FAILED after
 * having said why. */
int pp_ctl_number(struct pp_ctl_call *call, const char *option, long long min, long long max,
	long long *value);

/* Says on err what failed, with control characters made visible. Returns PP_CTL_FAILED. */
int pp_ctl_fail(struct pp_ctl_call *call, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *pp_ctl_words_of(int error); /* what a -errno means, in words */

#endif
