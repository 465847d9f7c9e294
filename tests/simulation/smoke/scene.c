/* SPDX-License-Identifier: Apache-2.0 */
/* scene.c -- hands on the buttons, and a server that is away now and then. */
#include "scene.h"

#include <stdbool.h>

#include "echo.h"
#include "world/edge.h"

#define FAULTS_US (600 * WORLD_S)
#define HEALED_US (240 * WORLD_S)

static struct {
	struct world_edge *edge;
	uint64_t presses;
	bool away;
} self;

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

static void go(void *user)
{
	(void)user;
	if (world_is_healed())
		return;
	self.away = !self.away;
	echo_away(self.away);
	world_after((uint64_t)(20 + world_pick(WORLD_CHOICE_link, 60)) * WORLD_S, go, NULL);
}

uint64_t scene_run(uint64_t seed)
{
	static const char *const keys[] = { ECHO_SERVER_KEY, NULL };

	world_choose_by_seed(seed);
	world_begin();
	echo_begin();
	self.edge = world_edge_new("kendal", "boja-01", keys);
	world_edge_boot(self.edge);
	world_after(15 * WORLD_S, press, NULL);
	world_after(60 * WORLD_S, go, NULL);
	world_run_until(FAULTS_US);
	world_heal();
	echo_away(false);
	world_history("healed", NULL);
	world_run_until(FAULTS_US + HEALED_US);
	world_edge_look(self.edge, WORLD_DISK_LEAST, "end");
	world_history("end", NULL);
	return self.presses;
}
