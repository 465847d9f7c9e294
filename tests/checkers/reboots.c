/* SPDX-License-Identifier: Apache-2.0 */
/* reboots.c -- what remains of a time when the server's machine has lost its power. */
#include "reboots.h"

static bool is_cut(const struct facts *f, const struct pp_line *line)
{
	return line->kind_of == PP_LINE_CRASH && line->node == f->server &&
	       is_text(line->how, "power");
}

bool reboots_any(const struct facts *f, size_t from, size_t to)
{
	for (size_t i = from; i <= to && i <= f->end; i++)
		if (is_cut(f, line_at(f, i)))
			return true;
	return false;
}

/* When the machine booted: its clock may have run for a while before it was seen. */
static uint64_t boot_us(const struct pp_line *line)
{
	uint64_t ran_us = line->mono > 0 ? (uint64_t)line->mono * MS_US : 0;

	return line->t_us > ran_us ? line->t_us - ran_us : 0;
}

uint64_t reboots_due(const struct facts *f, size_t from, uint64_t wait_us)
{
	uint64_t due = line_at(f, from)->t_us + wait_us;
	bool dark = false;

	for (size_t i = 0; i <= f->end && (dark || i <= from || line_at(f, i)->t_us <= due); i++) {
		const struct pp_line *line = line_at(f, i);

		if (is_cut(f, line)) {
			dark = true;
		} else if (line->kind_of == PP_LINE_BOOT && line->node == f->server) {
			if (dark && i > from)
				due = boot_us(line) + wait_us;
			dark = false;
		}
	}
	return dark ? NEVER_US : due;
}
