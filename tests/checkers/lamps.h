/* SPDX-License-Identifier: Apache-2.0 */
/* lamps.h -- when each output was lit. */
#ifndef CHECKERS_LAMPS_H
#define CHECKERS_LAMPS_H

#include "facts.h"

enum rung { RUNG_TAKEN, RUNG_RECEIVED, RUNG_ACKNOWLEDGED, RUNG_DISPATCHED, RUNG_ON_SCENE };
#define RUNG_NONE (-1)
/* Of a role of the ladder; RUNG_NONE: it is none. */
int rung_of(const char *role);
/* How far an incident in that state has come; closed: beyond every rung. */
int rung_of_state(const char *state);
#define RUNG_CLOSED 100

struct span {
	const char *post, *role, *class;
	size_t on, off; /* lines; off NONE: lit to the end */
	uint64_t from_us, to_us;
	const struct life *life; /* the agent that lit it; the span ends with it */
};

struct lamps {
	struct span *spans; /* in order of `on` */
	size_t count;
};
int lamps_new(const struct facts *f, struct lamps *ret_lamps);
void lamps_done(struct lamps *lamps);
/* 100 ms on every 2 s while the post says *server away*: cannot be known now. */
bool is_flash(const struct facts *f, const struct lamps *lamps, const struct span *s);

/* Whether an output speaks for a press: shared, or of its class; never for a silent one. */
bool concerns(const char *class, const struct press *p);
/* Whether a lamp that went on at that line speaks for the press: its agent knew of it then. */
bool speaks_for(const struct facts *f, const struct pp_line *line, const struct press *p);

#endif
