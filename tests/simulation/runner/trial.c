/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c -- runs the town once, keeps its history, judges it. */
#include "trial.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "checkers/checkers.h"
#include "explore.h"
#include "town/town.h"

static struct {
	char *text;
	size_t length, size;
} history; /* of the one run in this process */

static void keep(void *user, const char *line, size_t length)
{
	(void)user;
	if (history.length + length + 2 > history.size) {
		history.size = history.size ? 2 * history.size + length : 1 << 20;
		history.text = realloc(history.text, history.size);
		assert(history.text);
	}
	memcpy(history.text + history.length, line, length);
	history.length += length;
	history.text[history.length++] = '\n';
	history.text[history.length] = '\0';
}

/* ---- answers from a list ---- */

struct answers {
	const struct world_choice *list;
	size_t size, *slots; /* index + 1 */
};

static size_t slot_of(const struct answers *a, const struct world_choice *q)
{
	size_t i = ((size_t)q->kind * 0x9e3779b97f4a7c15u + q->ordinal * 0xd1342543de82ef95u) >> 20;

	for (i &= a->size - 1; a->slots[i]; i = (i + 1) & (a->size - 1)) {
		const struct world_choice *c = &a->list[a->slots[i] - 1];

		if (c->kind == q->kind && c->ordinal == q->ordinal)
			break;
	}
	return i;
}

static uint32_t answer(void *user, const struct world_choice *question)
{
	const struct answers *a = user;
	size_t found = a->slots[slot_of(a, question)];

	if (!found)
		return 0;
	return a->list[found - 1].value < question->n ? a->list[found - 1].value : question->n - 1;
}

static void choose_by_list(const struct trial *t)
{
	struct answers *a = calloc(1, sizeof(*a));

	assert(a);
	a->list = t->list;
	for (a->size = 64; a->size < 2 * t->count + 2;)
		a->size *= 2;
	a->slots = calloc(a->size, sizeof(*a->slots));
	assert(a->slots);
	for (size_t i = 0; i < t->count; i++)
		a->slots[slot_of(a, &t->list[i])] = i + 1;
	world_random_seed(t->seed);
	world_choose_by(answer, a);
}

/* ---- the run ---- */

void trial_begin(const struct trial *t)
{
	if (t->listed) {
		choose_by_list(t);
	} else {
		world_choose_by_seed(t->seed);
		town_profile(t->seed);
	}
	world_history_to(keep, NULL);
	world_log_show(!t->quiet_log);
	world_begin();
}

static void verdict_take(const struct trial *t, const struct pp_history *h,
	const struct pp_verdict *v, struct outcome *out)
{
	out->breaches = (uint32_t)pp_verdict_total(v);
	for (size_t i = 0; i < pp_verdict_count(v); i++) {
		const struct pp_breach *b = pp_verdict_breach(v, i);

		if (i == 0) {
			out->check = (int)b->check;
			snprintf(out->words, sizeof(out->words), "%s: %s", pp_check_name(b->check),
				b->words);
		}
		if (!t->print)
			continue;
		printf("%s (%s): %s\n", pp_check_name(b->check), pp_check_invariants(b->check),
			b->words);
		for (size_t k = 0; k < PP_BREACH_LINES && b->lines[k]; k++)
			printf("  line %zu: %s\n", b->lines[k],
				pp_history_line(h, b->lines[k] - 1)->raw);
	}
}

static void judge(const struct trial *t, struct outcome *out)
{
	struct pp_history *h;
	struct pp_verdict *v;
	char where[160];
	int r = pp_history_parse(history.text, history.length, &h, where);

	if (r < 0) {
		out->breaches = 1;
		snprintf(out->words, sizeof(out->words), "the history cannot be read: %s", where);
		return;
	}
	r = pp_judge(h, PP_JUDGE_ALL, &v);
	assert(r == 0);
	verdict_take(t, h, v, out);
}

static void history_write(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(history.text, 1, history.length, file) != history.length)
		fprintf(stderr, "simulation: %s cannot be written\n", path);
	if (file)
		fclose(file);
}

void trial_end(const struct trial *t, struct outcome *out, uint64_t post_ms)
{
	const struct world_choice *made;
	size_t count;

	out->seed = t->seed;
	out->check = -1;
	out->hash = world_history_hash();
	out->lines = world_history_count();
	out->post_ms = post_ms;
	made = world_choices(&count);
	out->choice_count = (uint32_t)(count < TRIAL_CHOICES_MAX ? count : TRIAL_CHOICES_MAX);
	if (count)
		memcpy(out->choices, made, out->choice_count * sizeof(*made));
	for (int i = 0; i < WORLD_KIND_COUNT; i++) {
		uint32_t asked;

		world_choices_count((enum world_kind)i, &asked, &out->struck[i]);
	}
	if (t->history)
		history_write(t->history);
	judge(t, out);
	out->done = true;
}

void trial_run(const struct trial *t, struct outcome *out)
{
	const struct scope *scope = scope_of_seed(t->seed);
	struct town_plan plan = town_plan_of(t->seed);

	trial_begin(t);
	if (scope) {
		trial_end(t, out, scope_run(scope));
		return;
	}
	town_begin(&plan, t->seed);
	town_run();
	trial_end(t, out, plan.posts * (plan.rough_us + plan.calm_us) / 1000);
}

bool outcome_is_finding(const struct outcome *out)
{
	return !out->done || out->breaches > 0;
}

const char *outcome_words(const struct outcome *out, char ret_text[TRIAL_WORDS + 40])
{
	if (out->done)
		snprintf(ret_text, TRIAL_WORDS + 40, "%s", out->words);
	else if (WIFSIGNALED(out->status))
		snprintf(ret_text, TRIAL_WORDS + 40, "ended by signal %d: %s",
			WTERMSIG(out->status), out->words);
	else
		snprintf(ret_text, TRIAL_WORDS + 40, "ended with status %d: %s",
			WEXITSTATUS(out->status), out->words);
	return ret_text;
}
