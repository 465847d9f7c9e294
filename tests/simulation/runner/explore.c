/* SPDX-License-Identifier: Apache-2.0 */
/* explore.c -- depth first over all answers, by forking: what was before a question is run once. */
#include "explore.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shrink.h"
#include "town/town.h"
#include "world/edge.h"

#define SCOPE_SEED UINT64_C(9000000000000000)
#define FIRST_PRESS_US (12 * (uint64_t)WORLD_S)
#define PRESS_EVERY_US (150 * (uint64_t)WORLD_MS)
#define WINDOW_US (2 * (uint64_t)WORLD_S) /* after the last press */
#define CALM_US (45 * (uint64_t)WORLD_S)

static const struct scope scopes[] = {
	{ "one-press", "one press, one thing goes wrong", 1,
		{ [WORLD_ORDER] = 1, [WORLD_CRASH] = 1, [WORLD_LOSS] = 1, [WORLD_DUPLICATE] = 1 },
		1 },
	{ "one-press-hurt-twice", "one press, two things go wrong", 1,
		{ [WORLD_CRASH] = 2, [WORLD_LOSS] = 2, [WORLD_DUPLICATE] = 2 }, 2 },
	{ "two-presses", "two presses, one thing goes wrong", 2,
		{ [WORLD_ORDER] = 1, [WORLD_CRASH] = 1, [WORLD_LOSS] = 1, [WORLD_DUPLICATE] = 1 },
		1 },
	{ "two-presses-hurt-twice", "two presses, two things go wrong", 2,
		{ [WORLD_CRASH] = 2, [WORLD_LOSS] = 2, [WORLD_DUPLICATE] = 2 }, 2 },
	{ "three-presses", "three presses, two things go wrong", 3,
		{ [WORLD_CRASH] = 2, [WORLD_LOSS] = 2, [WORLD_DUPLICATE] = 2 }, 2 },
	{ "all", "three presses, two crashes, two losses, two repetitions", 3,
		{ [WORLD_CRASH] = 2, [WORLD_LOSS] = 2, [WORLD_DUPLICATE] = 2 }, 6 },
};

const struct scope *scope_at(size_t index)
{
	return index < sizeof(scopes) / sizeof(scopes[0]) ? &scopes[index] : NULL;
}

const struct scope *scope_find(const char *name)
{
	for (size_t i = 0; scope_at(i); i++)
		if (strcmp(scopes[i].name, name) == 0)
			return &scopes[i];
	return NULL;
}

uint64_t scope_seed(const struct scope *s)
{
	return SCOPE_SEED + (uint64_t)(s - scopes);
}

const struct scope *scope_of_seed(uint64_t seed)
{
	return seed >= SCOPE_SEED ? scope_at((size_t)(seed - SCOPE_SEED)) : NULL;
}

/* ---- the town of a scope ---- */

static void press(void *user)
{
	(void)world_edge_press(town_post(0), user, 100 * (uint64_t)WORLD_MS);
}

static uint64_t window_end_us(const struct scope *s)
{
	return FIRST_PRESS_US + (s->presses - 1) * PRESS_EVERY_US + WINDOW_US;
}

uint64_t scope_run(const struct scope *s)
{
	static char points[][16] = { "panic-crime", "panic-fire", "panic-crime" };
	const struct town_plan plan = {
		.posts = 1, .rough_us = window_end_us(s), .calm_us = CALM_US
	};

	town_begin(&plan, scope_seed(s));
	for (unsigned i = 0; i < s->presses; i++)
		world_at(FIRST_PRESS_US + i * PRESS_EVERY_US, press, points[i]);
	town_run();
	return (plan.rough_us + plan.calm_us) / 1000;
}

/* ---- the search ---- */

#define SAVED_MAX 8

/* What all processes of a search share. */
struct board {
	atomic_uint_fast64_t histories, lines, post_ms, findings, saved;
	atomic_bool unclosed;
	atomic_uint_fast64_t struck[WORLD_KIND_COUNT];
	char words[SAVED_MAX][TRIAL_WORDS + 40];
};

struct search {
	const struct scope *scope;
	struct board *board;
	const char *out;
	time_t until;                  /* 0: none */
	unsigned workers, mine, first; /* first: number of the next answer at the top */
	unsigned left[WORLD_BUDGET_COUNT], all;
};

static void finding_save(const struct search *s, const struct saved *saved, const char *words)
{
	uint64_t number = atomic_fetch_add(&s->board->findings, 1);
	char path[512];

	if (number >= SAVED_MAX)
		return;
	snprintf(s->board->words[number], sizeof(s->board->words[number]), "%s", words);
	snprintf(path, sizeof(path), "%s/%s-%" PRIu64 ".choices", s->out, s->scope->name, number);
	if (saved_write(saved, path) == 0)
		printf("%s: %s\n  tests/simulation/run --replay %s\n", s->scope->name, words, path);
	fflush(stdout);
}

static struct saved *made_so_far(const struct search *s, const struct world_choice *last)
{
	struct saved *saved = calloc(1, sizeof(*saved));
	const struct world_choice *made;

	assert(saved);
	made = world_choices(&saved->count);
	saved->seed = scope_seed(s->scope);
	if (saved->count >= TRIAL_CHOICES_MAX)
		saved->count = TRIAL_CHOICES_MAX - 1;
	if (saved->count)
		memcpy(saved->list, made, saved->count * sizeof(*made));
	if (last)
		saved->list[saved->count++] = *last;
	return saved;
}

/* A child that did not come to its end says nothing itself. */
static void child_wait(
	const struct search *s, pid_t pid, const struct world_choice *question, uint32_t value)
{
	struct world_choice last = *question;
	struct saved *saved;
	char words[80];
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	last.value = value;
	saved = made_so_far(s, &last);
	snprintf(words, sizeof(words), "a program ended by %s %d",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	finding_save(s, saved, words);
	free(saved);
}

static bool is_in_window(const struct search *s)
{
	uint64_t now_us = world_now_us();

	return now_us >= FIRST_PRESS_US && now_us < window_end_us(s->scope);
}

/* What a power cut leaves of what was not synced: all, nothing, or some. The first two are tried,
 * and cost nothing. */
static bool is_survival(const struct search *s, const struct world_choice *q)
{
	return is_in_window(s) && q->kind == WORLD_CHOICE_survive && q->n == 3;
}

static bool is_open(struct search *s, const struct world_choice *q)
{
	if (!is_in_window(s) || s->all == 0 || s->left[world_kind_budget(q->kind)] == 0)
		return false;
	/* Of what is not a fault, the order of events alone. */
	if (world_kind_budget(q->kind) == WORLD_ORDER && q->kind != WORLD_CHOICE_order)
		return false;
	if (s->until && time(NULL) >= s->until) {
		atomic_store(&s->board->unclosed, true);
		return false;
	}
	return true;
}

static uint32_t answer(void *user, const struct world_choice *q)
{
	struct search *s = user;
	bool top = s->all == s->scope->all, free_one = is_survival(s, q);
	uint32_t end = free_one ? 2 : q->n;

	if (!free_one && !is_open(s, q))
		return 0;
	for (uint32_t value = 1; value < end; value++) {
		pid_t pid;

		if (top && s->first++ % s->workers != s->mine)
			continue;
		pid = fork();
		assert(pid >= 0);
		if (pid == 0) {
			s->left[world_kind_budget(q->kind)] -= !free_one;
			s->all -= !free_one;
			return value;
		}
		child_wait(s, pid, q, value);
	}
	return 0;
}

static void history_end(struct search *s, uint64_t post_ms)
{
	struct outcome *out = calloc(1, sizeof(*out));
	struct saved *saved;

	assert(out);
	trial_end(&(struct trial){ .seed = scope_seed(s->scope) }, out, post_ms);
	atomic_fetch_add(&s->board->histories, 1);
	atomic_fetch_add(&s->board->lines, out->lines);
	atomic_fetch_add(&s->board->post_ms, post_ms);
	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		atomic_fetch_add(&s->board->struck[i], out->struck[i]);
	if (!outcome_is_finding(out))
		return;
	saved = made_so_far(s, NULL);
	finding_save(s, saved, out->words);
}

static void worker(struct search *s)
{
	const struct trial t = { .seed = scope_seed(s->scope), .listed = true, .quiet_log = true };
	pid_t self = getpid();
	uint64_t post_ms;

	trial_begin(&t);
	world_choose_by(answer, s);
	post_ms = scope_run(s->scope);
	/* Nothing went wrong: every worker comes to that one. */
	if (getpid() != self || s->mine == 0)
		history_end(s, post_ms);
	fflush(stdout);
	_exit(0);
}

static void tally_take(struct tally *t, struct board *b)
{
	t->runs = b->histories;
	t->lines = b->lines;
	t->post_ms = b->post_ms;
	t->finding_count = b->findings;
	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		t->struck[i] = b->struck[i];
	for (size_t i = 0; i < t->finding_count && i < SAVED_MAX; i++)
		memcpy(t->findings[i].words, b->words[i], sizeof(b->words[i]));
}

int explore(const struct scope *scope, unsigned workers, int64_t seconds, const char *out,
	struct tally *tally, bool *ret_closed)
{
	struct board *board = mmap(
		NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct search s = { .scope = scope,
		.board = board,
		.out = out,
		.until = seconds < 0 ? 0 : time(NULL) + seconds,
		.workers = workers,
		.all = scope->all };
	int status, failed = 0;

	if (board == MAP_FAILED)
		return -errno;
	memcpy(s.left, scope->budget, sizeof(s.left));
	fflush(NULL);
	for (s.mine = 0; s.mine < workers; s.mine++) {
		pid_t pid = fork();

		assert(pid >= 0);
		if (pid == 0)
			worker(&s);
	}
	while (wait(&status) > 0)
		failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	tally_take(tally, board);
	*ret_closed = !board->unclosed && !failed;
	(void)munmap(board, sizeof(*board));
	return failed ? -ECHILD : 0;
}
