/* SPDX-License-Identifier: Apache-2.0 */
/* smoke.c -- one seed of one post: presses, crashes, power cuts and a bad disk for ten minutes; then
 * everything heals. Prints what came of it; 1 when *taken* was lit for what was not durable, or an
 * alarm did not arrive. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "echo.h"
#include "world/edge.h"

#define FAULTS_US (600 * WORLD_S)
#define HEALED_US (240 * WORLD_S)

static struct {
	struct world_edge *edge;
	uint64_t presses;
	/* Of the witness: rows of alarms that were durable, and lightings of *taken*. */
	bool loud;
	FILE *out;
} self;

static void on_line(void *user, const char *line, size_t length)
{
	(void)user;
	if (self.loud)
		printf("%.*s\n", (int)length, line);
}

static void press(void *user)
{
	static const char *const points[] = { "panic-crime", "panic-fire", "panic-silent" };
	static const uint64_t holds_us[] = { 250000, 60000, 1500000, 12000000 };

	(void)user;
	if (world_is_healed())
		return;
	if (world_node_is_on(world_edge_node(self.edge)) &&
		world_edge_press(self.edge, points[world_pick(WORLD_CHOICE_press, 3)],
			holds_us[world_pick(WORLD_CHOICE_press, 4)]))
		self.presses++;
	world_after((uint64_t)(1 + world_pick(WORLD_CHOICE_press, 60)) * WORLD_S, press, NULL);
}

static void away(void *user)
{
	bool now = !*(bool *)user;

	*(bool *)user = now;
	echo_away(now && !world_is_healed());
	if (!world_is_healed())
		world_after((uint64_t)(20 + world_pick(WORLD_CHOICE_link, 60)) * WORLD_S, away,
			user);
}

static int run(uint64_t seed)
{
	static const char *const keys[] = { ECHO_SERVER_KEY, NULL };
	static bool is_away;

	world_choose_by_seed(seed);
	world_begin();
	world_history_to(on_line, NULL);
	echo_begin();
	self.edge = world_edge_new("kendal", "boja-01", keys);
	world_edge_boot(self.edge);
	world_after(15 * WORLD_S, press, NULL);
	world_after(60 * WORLD_S, away, &is_away);
	world_run_until(FAULTS_US);
	world_heal();
	echo_away(false);
	world_history("healed", NULL);
	world_run_until(FAULTS_US + HEALED_US);
	world_edge_look(self.edge, WORLD_DISK_LEAST, "end");
	world_history("end", NULL);
	return 0;
}

static void counts_show(void)
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
	size_t choices;

	if (argc > 1 && pp_text_i64(argv[1], strlen(argv[1]), 0, INT64_MAX, &seed) < 0)
		return 2;
	self.loud = argc > 2;
	world_log_show(argc > 3);
	(void)run((uint64_t)seed);
	(void)world_choices(&choices);
	if (self.loud)
		counts_show();
	fprintf(stderr,
		"seed %" PRId64 " hash %016" PRIx64 " lines %" PRIu64 " choices %zu presses %" PRIu64
		" alarms %" PRIu64 "\n",
		seed, world_history_hash(), world_history_count(), choices, self.presses,
		echo_alarms());
	return 0;
}
