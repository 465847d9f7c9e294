/* SPDX-License-Identifier: Apache-2.0 */
/* breach.h -- how a checker tells of a breach, and the checkers themselves. */
#ifndef CHECKERS_BREACH_H
#define CHECKERS_BREACH_H

#include "checkers/checkers.h"
#include "facts.h"

struct court {
	const struct facts *f;
	enum pp_judge_mode mode;
	enum pp_check check; /* the one at work */
	struct pp_verdict *verdict;
};

/* Indexes of the lines that prove it; NONE is left out. */
void breach(struct court *c, const size_t *lines, size_t count, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define LINES(...)                                                                                 \
	(const size_t[]){ __VA_ARGS__ }, sizeof((const size_t[]){ __VA_ARGS__ }) / sizeof(size_t)

static inline bool is_never(const struct court *c)
{
	return c->mode & PP_JUDGE_NEVER;
}
static inline bool is_promise(const struct court *c)
{
	return (c->mode & PP_JUDGE_PROMISE) && c->f->healed != NONE;
}

/* watch.c: steps that came too late or too early; a part of escalation-gap. */
void check_ladders(struct court *c);

#define X(name, text, invariants, words) void check_##name(struct court *c);
PP_CHECKERS(X)
#undef X

#endif
