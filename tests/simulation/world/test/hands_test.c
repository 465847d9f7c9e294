/* SPDX-License-Identifier: Apache-2.0 */
/* hands_test.c -- hands on a button whose contact bounces: it does what the last hand does. */
#include "rig.h"
#include "wires.h"
#include "world/edge.h"

#define BOUNCE_US 18500u /* the longest bouncing there is */

static struct {
	struct world_edge *edge;
	uint64_t number;
} self;

static void post_make(void)
{
	static const char *const keys[] = { "server", NULL };

	self.edge = world_edge_new("kendal", "boja-01", keys);
}

static void press(void *user)
{
	(void)user;
	self.number = world_edge_press(self.edge, "panic-fire", 400 * (uint64_t)WORLD_MS);
}

static void is_closed(void *user)
{
	(void)user;
	CHECK(wire_is_active(world_edge_node(self.edge), "panic-fire"));
}

static void is_open(void *user)
{
	(void)user;
	CHECK(!wire_is_active(world_edge_node(self.edge), "panic-fire"));
}

/* At 0, let go at 400 ms; the next 0.1 to 20 ms after that. */
static void press_again(void *user)
{
	uint64_t again_us = 400 * WORLD_MS + *(uint64_t *)user, let_go_us;

	post_make();
	press(NULL);
	CHECK(self.number == 1);
	world_at(400 * WORLD_MS - 1, is_closed, NULL);
	world_at(again_us, press, NULL);
	let_go_us = again_us + 400 * WORLD_MS;
	for (uint64_t at = again_us + BOUNCE_US; at < let_go_us; at += WORLD_MS)
		world_at(at, is_closed, NULL);
	for (uint64_t at = let_go_us + BOUNCE_US; at < let_go_us + WORLD_S; at += WORLD_MS)
		world_at(at, is_open, NULL);
	world_run_until(let_go_us + WORLD_S);
	CHECK(self.number == 2);
}

static void what_is_pressed_while_the_release_still_bounces_stays_pressed(void **state)
{
	const struct world_choice release[] = { { WORLD_CHOICE_bounce, 1, 4, 3 } };
	const struct world_choice each[] = { { WORLD_CHOICE_bounce, 0, 4, 3 },
		{ WORLD_CHOICE_bounce, 1, 4, 3 }, { WORLD_CHOICE_bounce, 2, 4, 3 },
		{ WORLD_CHOICE_bounce, 3, 4, 3 } };

	(void)state;
	for (uint64_t after_us = 100; after_us <= 20000; after_us += 300) {
		in_world_with(release, 1, press_again, &after_us);
		in_world_with(each, 4, press_again, &after_us);
	}
}

/* At 2 ms its bouncing has opened it. */
static void press_what_is_held(void *user)
{
	(void)user;
	post_make();
	press(NULL);
	world_at(2 * WORLD_MS - 1, is_open, NULL);
	world_at(2 * WORLD_MS, press, NULL);
	world_run_until(3 * WORLD_MS);
	CHECK(self.number == 0);
	world_at(30 * WORLD_MS, is_closed, NULL);
	world_at(399 * WORLD_MS, is_closed, NULL);
	world_at(419 * WORLD_MS, is_open, NULL);
	world_run_until(WORLD_S);
}

static void what_is_held_is_not_pressed_again_though_it_bounces_open(void **state)
{
	const struct world_choice list[] = { { WORLD_CHOICE_bounce, 0, 4, 3 } };

	(void)state;
	in_world_with(list, 1, press_what_is_held, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_pressed_while_the_release_still_bounces_stays_pressed),
		cmocka_unit_test(what_is_held_is_not_pressed_again_though_it_bounces_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
