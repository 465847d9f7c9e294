/* SPDX-License-Identifier: Apache-2.0 */
/* sources/source.h -- where levels come from and lamps go to: GPIO lines (libgpiod), or a script
 * that stands for the wires. */
#ifndef SOURCES_SOURCE_H
#define SOURCES_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pp_bias { PP_BIAS_AS_IS, PP_BIAS_PULL_UP, PP_BIAS_PULL_DOWN, PP_BIAS_NONE };

/* One line. The script source looks at id, output, initial, analogue and rest only. */
struct pp_line {
	const char *id;   /* the point's id: what a script and messages call it */
	const char *name; /* kernel's line name ("GPIO17"), or NULL and ... */
	const char *chip; /* ... label of the chip with ... */
	unsigned offset;
	bool output;
	bool active_low;
	/* Outputs: active when requested. Inputs of a script: the level at rest (set it for
	 * normally-closed points); GPIO inputs ignore it. */
	bool initial;
	enum pp_bias bias; /* inputs */
	/* No line but a level: a script plays it, from `rest` on; the GPIO source passes it over.
	 */
	bool analogue;
	double rest;
};

struct pp_level_event {
	size_t line; /* index into the lines given */
	bool active;
	uint64_t at_us; /* kernel's edge timestamp, CLOCK_MONOTONIC */
	/* Edges of this line before this one were lost (the kernel's buffer was full); its level is
	 * true all the same. */
	bool gap;
	/* The line went away / is back (active is its level): no edge. Outputs tell this too.
	 * taken: lost because another program has it. */
	bool lost, found, taken;
};

struct pp_source; /* not thread-safe */

struct pp_source_why {
	/* Names the line and what is wrong: "panic-crime: line GPIO17 is used by 'gpioset'". */
	char text[256];
};

/* Requests every line. One that cannot be had (not there, taken by another program, no right to it)
 * is away, at start as when its chip is unplugged later: it is tried again once a second until it
 * is found. Lines are borrowed for the life of the source. consumer is the name shown to other
 * programs. On failure *why is set. -ENOTUNIQ: two lines bear the name, or two chips the label;
 * -EINVAL: two points on one line, ...; other -errno. */
int pp_source_gpio_new(const struct pp_line *lines, size_t count, const char *consumer,
	struct pp_source **ret_source, struct pp_source_why *why);

/* Levels from a script. Both paths may be NULL.
 *
 * script_path: a file of "<seconds from start> <id> on|off" lines, blank lines and "#" comments.
 * Seconds may have up to six decimals; lines of time 0 set the level at start. -EINVAL with *why
 * naming file and line.
 *
 * An analogue point takes a number instead: "<seconds> <id> 0.25".
 *
 * socket_path: a Unix socket (0600; one that nobody listens at is replaced; -EADDRINUSE otherwise)
 * with a line protocol. Every request gets an answer line: "ok", what it asked for, or "error:
 * ...". <id> on|off      an input changes now <id> 0.25        so does a level press <id> [ms]  an
 * input leaves its rest now and comes back ms (1..3,600,000; 200) later get <id>         "<id>
 * on|off" levels           one "<id> on|off" per line, then "ok" watch            one "<id> on|off"
 * per output, then one more whenever an output changes Eight clients, lines of 256 bytes; a client
 * that does not read its answers is dropped.
 *
 * Times are CLOCK_MONOTONIC; those of file lines are exact, however late they are read. */
int pp_source_script_new(const struct pp_line *lines, size_t count, const char *script_path,
	const char *socket_path, struct pp_source **ret_source, struct pp_source_why *why);

/* Leaves outputs as they are; NULL is fine; returns NULL. */
struct pp_source *pp_source_free(struct pp_source *s);

/* One descriptor (epoll), readable while events wait or a retry is due; then call pp_source_read.
 */
int pp_source_fd(const struct pp_source *s);
/* The level of a line now (outputs are read back). Call it once for each input right after the
 * request, before the first read: no event tells of a level that is already there. -ENODEV: away.
 */
int pp_source_get(struct pp_source *s, size_t line, bool *ret_active);
/* What an analogue line reads now. -ENODEV: this source has none. */
int pp_source_value(struct pp_source *s, size_t line, double *ret_value);
/* Up to size events in order of time. Count, or -errno when nothing can be read any more. 0 is
 * fine: the source looked after itself. */
int pp_source_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size);
/* -ENODEV while the line is away: it is set when it is back. -EINVAL: an input. */
int pp_source_set(struct pp_source *s, size_t line, bool active);

/* How a line stands. */
struct pp_line_view {
	bool behind;     /* it has events that pp_source_read has not given yet */
	int error;       /* why it is away: -EBUSY: another program has it; 0: it is there ... */
	const char *why; /* ... and in words that name it, until the next read; NULL: none */
};
void pp_source_view(const struct pp_source *s, size_t line, struct pp_line_view *ret_view);

#endif
