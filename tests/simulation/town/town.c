/* SPDX-License-Identifier: Apache-2.0 */
/* town.c -- puts the regency together, presses buttons, heals, and tells the end. */
#include "town/town.h"

#include <assert.h>
#include <inttypes.h>

#include "broker.h"
#include "client_watch.h"
#include "pages.h"
#include "people.h"
#include "server.h"
#include "site.h"
#include "weather.h"
#include "world/edge.h"

#define PEOPLE_CALM_US (110 * (uint64_t)WORLD_S) /* then they go home, and lamps may settle */
#define LOOKS_MAX 40 /* complete looks at moments at which a receipt goes out */

/* The one town of the one world in this process. */
static struct {
	struct town_plan plan;
	struct world_edge *posts[TOWN_POSTS_MAX];
	unsigned looks, receipts;
} town;

static const char *const names[TOWN_POSTS_MAX + 1] = { "boja-01", "boja-02", "boja-03", "boja-04",
	NULL };

struct world_edge *town_post(unsigned index)
{
	assert(index < town.plan.posts);
	return town.posts[index];
}

/* ---- looking at the disk in the instant of a receipt ---- */

static void look_durable(void *user)
{
	(void)user;
	server_look_durable();
}

static void on_receipt(void *user)
{
	(void)user;
	town.receipts++;
	if (town.looks >= LOOKS_MAX || (town.receipts > 8 && town.receipts % 4 != 0))
		return;
	town.looks++;
	world_aside(look_durable, NULL);
}

/* ---- presses ---- */

static const char *const buttons[] = { "panic-crime", "panic-fire", "panic-silent" };
static const uint32_t holds_ms[] = { 200, 60, 50, 400, 1500, 12000 };

static void press(void *user)
{
	uint32_t post = world_pick(WORLD_CHOICE_press, town.plan.posts);
	uint32_t button = world_pick(WORLD_CHOICE_press, 3);
	uint32_t hold = world_pick(WORLD_CHOICE_press, 6);

	(void)user;
	(void)world_edge_press(
		town.posts[post], buttons[button], (uint64_t)holds_ms[hold] * WORLD_MS);
}

static void presses_plan(void)
{
	uint32_t seconds = (uint32_t)(town.plan.rough_us / WORLD_S);

	for (unsigned i = 0; i < town.plan.presses; i++)
		world_at((uint64_t)world_pick(WORLD_CHOICE_press, seconds) * WORLD_S +
				 world_pick(WORLD_CHOICE_press, 1000) * WORLD_MS,
			press, NULL);
}

/* ---- old copies of the record, updates of the server ---- */

static void keeper_look(void *user)
{
	(void)user;
	switch (world_choose(WORLD_CHOICE_restore, 5)) {
	case 1:
	case 2:
		server_backup();
		break;
	case 3:
		(void)server_restore(false);
		break;
	case 4:
		server_end_and_start();
		break;
	default:
		break;
	}
	if (!world_is_healed())
		world_after(10 * WORLD_S, keeper_look, NULL);
}

static void clerk_look(void *user)
{
	(void)user;
	server_clerk(NULL);
	if (!world_is_healed())
		world_after((30 + (uint64_t)world_pick(WORLD_CHOICE_person, 120)) * WORLD_S,
			clerk_look, NULL);
}

static void revoke(void *user)
{
	(void)user;
	server_clerk(names[0]);
}

/* ---- the whole ---- */

void town_begin(const struct town_plan *plan, uint64_t seed)
{
	static const char *const keys[] = { SERVER_KEY, NULL };
	struct world_node *nodes[TOWN_POSTS_MAX];

	assert(plan->posts >= 1 && plan->posts <= TOWN_POSTS_MAX);
	town.plan = *plan;
	world_history("begin",
		"\"format\":1,\"by\":\"simulation\",\"seed\":%" PRIu64
		",\"blur\":0,\"sees\":[\"receipt\",\"row\",\"act\",\"told\","
		"\"entry\",\"queued\",\"incident\",\"desk\",\"head\",\"forge\",\"light\","
		"\"given\",\"answered\",\"page\"]",
		seed);
	for (size_t i = 0; i < SITE_WEBHOOKS; i++)
		world_history("target", "\"name\":\"%s\"", site_webhooks[i]);
	client_watch_receipts(on_receipt, NULL);
	broker_begin();
	server_begin(names, plan->posts, plan->calls);
	for (unsigned i = 0; i < plan->posts; i++) {
		town.posts[i] = world_edge_new(SERVER_TENANT, names[i], keys);
		nodes[i] = world_edge_node(town.posts[i]);
	}
	server_boot();
	for (unsigned i = 0; i < plan->posts; i++)
		world_edge_boot(town.posts[i]);
	weather_begin(server_node(), nodes, plan->posts);
	if (plan->people) {
		pages_begin();
		people_begin(plan->rough_us + PEOPLE_CALM_US);
	}
	presses_plan();
	world_after(10 * WORLD_S, keeper_look, NULL);
	if (plan->clerk)
		world_after(20 * WORLD_S, clerk_look, NULL);
	/* An older record would know nothing of it. */
	if (plan->revoke_us && world_rate(WORLD_CHOICE_restore) == 0)
		world_at(plan->revoke_us, revoke, NULL);
}

void town_heal(void)
{
	world_heal();
	weather_heal();
	pages_heal();
	server_boot();
	for (unsigned i = 0; i < town.plan.posts; i++)
		world_edge_boot(town.posts[i]);
	world_history("healed", NULL);
}

void town_end(void)
{
	server_look_end();
	world_history("end", NULL);
}

void town_run(void)
{
	(void)world_run_until(town.plan.rough_us);
	town_heal();
	(void)world_run_until(town.plan.rough_us + town.plan.calm_us - WORLD_S);
	server_counts();
	(void)world_run_until(town.plan.rough_us + town.plan.calm_us);
	town_end();
}
