/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c -- runs the town of one seed in this process and prints its history: what a failing seed
 * is looked at with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "town/town.h"

static void print(void *user, const char *line, size_t length)
{
	(void)user;
	fwrite(line, 1, length, stdout);
	putchar('\n');
}

int main(int argc, char **argv)
{
	bool calm = false, quiet = false;
	struct town_plan plan;
	uint64_t seed = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--calm") == 0)
			calm = true;
		else if (strcmp(argv[i], "--quiet") == 0)
			quiet = true;
		else if (strcmp(argv[i], "--log") == 0)
			world_log_show(true);
		else
			seed = strtoull(argv[i], NULL, 10);
	}
	world_choose_by_seed(seed);
	if (calm)
		for (unsigned kind = 0; kind < WORLD_KIND_COUNT; kind++)
			world_rate_set(kind, 0);
	else
		town_profile(seed);
	if (!quiet)
		world_history_to(print, NULL);
	plan = town_plan_of(seed);
	world_begin();
	town_begin(&plan, seed);
	town_run();
	fprintf(stderr, "seed %llu: %llu lines, hash %016llx\n", (unsigned long long)seed,
		(unsigned long long)world_history_count(),
		(unsigned long long)world_history_hash());
	fflush(stdout);
	_Exit(EXIT_SUCCESS); /* nothing of a run is freed */
}
