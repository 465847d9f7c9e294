/* SPDX-License-Identifier: Apache-2.0 */
/* checkers.c -- runs every checker over a history, and keeps what they say. */
#include "checkers/checkers.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breach.h"

struct pp_verdict {
	struct pp_breach list[PP_BREACHES_MAX];
	size_t count, total;
};

const char *pp_check_name(enum pp_check check)
{
#define X(name, text, invariants, words) text,
	static const char *const names[] = { PP_CHECKERS(X) };
#undef X
	assert((unsigned)check < PP_CHECK_COUNT);
	return names[check];
}

const char *pp_check_words(enum pp_check check)
{
#define X(name, text, invariants, words) words,
	static const char *const texts[] = { PP_CHECKERS(X) };
#undef X
	assert((unsigned)check < PP_CHECK_COUNT);
	return texts[check];
}

const char *pp_check_invariants(enum pp_check check)
{
#define X(name, text, invariants, words) invariants,
	static const char *const texts[] = { PP_CHECKERS(X) };
#undef X
	assert((unsigned)check < PP_CHECK_COUNT);
	return texts[check];
}

void breach(struct court *c, const size_t *lines, size_t count, const char *fmt, ...)
{
	struct pp_verdict *v = c->verdict;
	struct pp_breach *b = &v->list[v->count];
	size_t n = 0;
	va_list args;

	v->total++;
	if (v->count == PP_BREACHES_MAX)
		return;
	v->count++;
	memset(b, 0, sizeof(*b));
	b->check = c->check;
	for (size_t i = 0; i < count && n < PP_BREACH_LINES; i++) {
		if (lines[i] == NONE || lines[i] > c->f->end)
			continue;
		b->lines[n++] = line_at(c->f, lines[i])->number;
		b->at_us = line_at(c->f, lines[i])->t_us;
	}
	va_start(args, fmt);
	vsnprintf(b->words, sizeof(b->words), fmt, args);
	va_end(args);
}

int pp_judge(const struct pp_history *h, enum pp_judge_mode mode, struct pp_verdict **ret_verdict)
{
#define X(name, text, invariants, words) check_##name,
	static void (*const checks[])(struct court * c) = { PP_CHECKERS(X) };
#undef X
	struct facts *f;
	struct court c = { .mode = mode };
	int r = facts_new(h, &f);

	if (r < 0)
		return r;
	c.f = f;
	c.verdict = calloc(1, sizeof(*c.verdict));
	if (!c.verdict) {
		facts_free(f);
		return -ENOMEM;
	}
	for (int i = 0; i < PP_CHECK_COUNT; i++) {
		c.check = (enum pp_check)i;
		checks[i](&c);
	}
	facts_free(f);
	*ret_verdict = c.verdict;
	return 0;
}

struct pp_verdict *pp_verdict_free(struct pp_verdict *v)
{
	free(v);
	return NULL;
}

size_t pp_verdict_count(const struct pp_verdict *v)
{
	return v->count;
}

size_t pp_verdict_total(const struct pp_verdict *v)
{
	return v->total;
}

const struct pp_breach *pp_verdict_breach(const struct pp_verdict *v, size_t index)
{
	assert(index < v->count);
	return &v->list[index];
}
