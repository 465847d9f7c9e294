/* SPDX-License-Identifier: Apache-2.0 */
/* smoke.c -- simulation.smoke [seed [history [log]]]: one run, for who works on the world. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "echo.h"
#include "scene.h"
#include "world/world.h"

static void print_line(void *user, const char *line, size_t length)
{
	(void)user;
	printf("%.*s\n", (int)length, line);
}

static void print_counts(void)
{
	for (int i = 0; i < WORLD_KIND_COUNT; i++) {
		uint32_t asked, struck;

		world_choices_count((enum world_kind)i, &asked, &struck);
		if (asked)
			fprintf(stderr, "  %-12s %8u asked %6u struck\n",
				world_kind_text((enum world_kind)i), asked, struck);
	}
}

int main(int argc, char **argv)
{
	int64_t seed = 1;
	uint64_t presses;

	if (argc > 1 && pp_text_i64(argv[1], strlen(argv[1]), 0, INT64_MAX, &seed) < 0)
		return 2;
	if (argc > 2)
		world_history_to(print_line, NULL);
	world_log_show(argc > 3);
	presses = scene_run((uint64_t)seed);
	if (argc > 2)
		print_counts();
	fprintf(stderr,
		"seed %" PRId64 " hash %016" PRIx64 " lines %" PRIu64 " presses %" PRIu64
		" alarms %" PRIu64 "\n",
		seed, world_history_hash(), world_history_count(), presses, echo_alarms());
	return 0;
}
