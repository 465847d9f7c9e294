/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h -- one run of the town in this process, judged. The process is of no use afterwards. */
#ifndef RUNNER_TRIAL_H
#define RUNNER_TRIAL_H

#include "world/choices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRIAL_CHOICES_MAX 60000
#define TRIAL_WORDS 300

/* What is to be run. */
struct trial {
	uint64_t seed;
	bool listed; /* answers come from the list, not from the seed */
	const struct world_choice *list;
	size_t count;
	bool quiet_log;      /* false: the programs' logs go to standard error */
	const char *history; /* file that the history goes to; NULL: none */
	bool print;          /* breaches in words, on standard output */
};

/* What came of it; lies in memory that parent and child share. */
struct outcome {
	bool done;         /* false: it did not come to its end */
	int status, check; /* of waitpid; the first breach's checker, -1: none */
	uint64_t seed, hash, lines, post_ms;
	uint32_t breaches;
	char words[TRIAL_WORDS];
	uint32_t struck[WORLD_KIND_COUNT];
	uint32_t choice_count;
	struct world_choice choices[TRIAL_CHOICES_MAX]; /* answers other than 0 */
};

/* Runs and judges; does not return anything but in *out. */
void trial_run(const struct trial *t, struct outcome *out);
/* The pieces, for the explorer: to be called once each, in this order. */
void trial_begin(const struct trial *t);
void trial_end(const struct trial *t, struct outcome *out, uint64_t post_ms);

/* Whether it found anything: a breach, or no end. */
bool outcome_is_finding(const struct outcome *out);
/* "lost: ...", "ended by signal 6", ... */
const char *outcome_words(const struct outcome *out, char ret_text[TRIAL_WORDS + 40]);

#endif
