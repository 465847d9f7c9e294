/* SPDX-License-Identifier: Apache-2.0 */
/* choices.c -- answers by seed, by list or by somebody else, each under its name. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

static struct {
	world_chooser *fn;
	void *user;
	uint64_t streams[WORLD_KIND_COUNT]; /* of a seed: one for each kind */
	uint32_t rates[WORLD_KIND_COUNT];
	uint32_t asked[WORLD_KIND_COUNT], struck[WORLD_KIND_COUNT];
	const struct world_choice *list;
	size_t list_count;
	struct world_choice *made;
	size_t made_count, made_size;
	uint64_t random;
} self = {
#define WORLD_KIND_RATE(id, budget, rate, what) .rates[WORLD_CHOICE_##id] = (rate),
	WORLD_KINDS(WORLD_KIND_RATE)
#undef WORLD_KIND_RATE
		.random = 1
};

const char *world_kind_text(enum world_kind kind)
{
	static const char *const texts[] = {
#define WORLD_KIND_TEXT(id, budget, rate, what) #id,
		WORLD_KINDS(WORLD_KIND_TEXT)
#undef WORLD_KIND_TEXT
	};

	return texts[kind];
}

enum world_budget world_kind_budget(enum world_kind kind)
{
	static const enum world_budget budgets[] = {
#define WORLD_KIND_BUDGET(id, budget, rate, what) WORLD_##budget,
		WORLD_KINDS(WORLD_KIND_BUDGET)
#undef WORLD_KIND_BUDGET
	};

	return budgets[kind];
}

/* splitmix64. */
uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t world_random(void)
{
	return random_next(&self.random);
}

void world_random_seed(uint64_t seed)
{
	self.random = seed * 0x2545f4914f6cdd1du + 1;
}

void world_rate_set(enum world_kind kind, uint32_t per_million)
{
	self.rates[kind] = per_million;
}

uint32_t world_rate(enum world_kind kind)
{
	return self.rates[kind];
}

static uint32_t by_seed(void *user, const struct world_choice *q)
{
	uint64_t drawn = random_next(&self.streams[q->kind]);

	(void)user;
	return (uint32_t)((drawn >> 20) % q->n);
}

void world_choose_by_seed(uint64_t seed)
{
	for (size_t i = 0; i < WORLD_KIND_COUNT; i++) {
		self.streams[i] = seed ^ (i + 1) * 0xd1342543de82ef95u;
		(void)random_next(&self.streams[i]);
	}
	world_random_seed(seed);
	world_choose_by(by_seed, NULL);
}

static uint32_t by_list(void *user, const struct world_choice *q)
{
	(void)user;
	for (size_t i = 0; i < self.list_count; i++)
		if (self.list[i].kind == q->kind && self.list[i].ordinal == q->ordinal)
			return self.list[i].value < q->n ? self.list[i].value : q->n - 1;
	return 0;
}

void world_choose_by_list(const struct world_choice *list, size_t count)
{
	self.list = list;
	self.list_count = count;
	world_choose_by(by_list, NULL);
}

void world_choose_by(world_chooser *fn, void *user)
{
	self.fn = fn;
	self.user = user;
}

static void note(const struct world_choice *q)
{
	if (self.made_count == self.made_size) {
		self.made_size = self.made_size ? 2 * self.made_size : 256;
		self.made = realloc(self.made, self.made_size * sizeof(*self.made));
		assert(self.made);
	}
	self.made[self.made_count++] = *q;
	self.struck[q->kind]++;
}

static uint32_t ask(struct world_choice *q)
{
	q->value = self.fn ? self.fn(self.user, q) : 0;
	assert(q->value < q->n);
	if (q->value)
		note(q);
	return q->value;
}

static bool is_quiet(enum world_kind kind)
{
	enum world_budget budget = world_kind_budget(kind);

	return the_world.healed && budget != WORLD_ORDER && budget != WORLD_PRESS;
}

/* Asked at places that come ten thousand times a run: a kind that is off costs nothing. */
uint32_t world_choose(enum world_kind kind, uint32_t n)
{
	struct world_choice q = { .kind = kind, .n = n };

	if (n < 2 || is_quiet(kind))
		return 0;
	q.ordinal = self.asked[kind]++;
	if (self.fn != by_seed)
		return ask(&q);
	if (random_next(&self.streams[kind]) % 1000000 >= self.rates[kind])
		return 0;
	q.value = 1 + (uint32_t)((random_next(&self.streams[kind]) >> 20) % (n - 1));
	note(&q);
	return q.value;
}

uint32_t world_pick(enum world_kind kind, uint32_t n)
{
	struct world_choice q = { .kind = kind, .n = n };

	if (n < 2 || is_quiet(kind))
		return 0;
	q.ordinal = self.asked[kind]++;
	return ask(&q);
}

const struct world_choice *world_choices(size_t *ret_count)
{
	*ret_count = self.made_count;
	return self.made;
}

void world_choices_count(enum world_kind kind, uint32_t *ret_asked, uint32_t *ret_struck)
{
	*ret_asked = self.asked[kind];
	*ret_struck = self.struck[kind];
}
