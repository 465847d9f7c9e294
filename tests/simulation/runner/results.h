/* SPDX-License-Identifier: Apache-2.0 */
/* results.h -- what a series of runs came to, added to an append-only file. */
#ifndef RUNNER_RESULTS_H
#define RUNNER_RESULTS_H

#include "trial.h"

#define FINDINGS_MAX 20

struct finding {
	uint64_t seed;
	char words[TRIAL_WORDS + 40];
};

struct tally {
	const char *mode;  /* "random", "exhaustive", "replay" */
	const char *scope; /* exhaustive: its name; else NULL */
	const char *command;
	uint64_t from, to, runs, lines, post_ms;
	uint64_t struck[WORLD_KIND_COUNT];
	uint64_t finding_count;
	struct finding findings[FINDINGS_MAX];
	double seconds, cpu_seconds; /* on the wall; of processors, by all runs together */
};

void tally_add(struct tally *t, const struct outcome *out);
/* Faults of all kinds that were injected: choices that are no order and no press. */
uint64_t tally_faults(const struct tally *t);
/* One line: {"date","commit","mode","command","seeds":[from,to],"runs",...}. -errno. */
int tally_append(const struct tally *t, const char *path, const char *commit);
/* The seed after the last one of all random runs in that file; 1 if there is none. */
uint64_t results_next_seed(const char *path);

#endif
