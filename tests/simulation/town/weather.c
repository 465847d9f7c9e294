/* SPDX-License-Identifier: Apache-2.0 */
/* weather.c -- faults that last: each begins by a choice, is told, and is healed by its own event
 * or when everything heals. */
#include "weather.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "broker.h"
#include "net.h"
#include "server.h"

#define PLACES_MAX 16

enum fault_kind {
	FAULT_DARK, /* nothing passes in either way */
	FAULT_UP,   /* one way only */
	FAULT_DOWN,
	FAULT_SLOW,
	FAULT_RESET,     /* over at once */
	FAULT_HALF_OPEN, /* over at once: the broker has forgotten, and nobody is told */
	FAULT_BROKER_RESTART,
	FAULT_BROKER_CUT,
	FAULT_BROKER_HANGS,
	FAULT_BROKER_FORGETS,
	FAULT_BROKER_SWALLOWS,
	FAULT_BROKER_REFUSES,
	FAULT_BROKER_SHORT_QUEUE,
	FAULT_CLOCK,
	FAULT_KIND_COUNT
};
static const char *const words[FAULT_KIND_COUNT] = { "link-dark", "link-no-up", "link-no-down",
	"link-slow", "link-reset", "link-half-open", "broker-restart", "broker-power-cut",
	"broker-hangs", "broker-forgets", "broker-swallows", "broker-refuses", "broker-short-queue",
	"clock" };

struct fault {
	enum fault_kind kind;
	unsigned id;
	struct world_node *node; /* NULL: the broker */
	uint64_t event;
	LIST_ENTRY(fault) entry;
};

/* NOTHING_DOWN: what the post says arrives. NOTHING_UP: not even that. */
enum passing { PASSING, NOTHING_DOWN, NOTHING_UP };

/* The one weather of the one world in this process. */
static struct {
	struct world_node *server, *posts[PLACES_MAX];
	enum passing passing[PLACES_MAX];
	size_t post_count;
	unsigned last_id;
	LIST_HEAD(, fault) faults;
} weather;

static bool is_shut(struct world_node *node, enum net_way way)
{
	return !net_is_open(net_link_of(node), way);
}

/* What passes between that post and the server. */
static enum passing passing_now(size_t post)
{
	if (broker_is_deaf() || is_shut(weather.posts[post], NET_UP) ||
		is_shut(weather.server, NET_DOWN))
		return NOTHING_UP;
	if (is_shut(weather.posts[post], NET_DOWN) || is_shut(weather.server, NET_UP))
		return NOTHING_DOWN;
	return PASSING;
}

static void apart_write(void)
{
	for (size_t i = 0; i < weather.post_count; i++) {
		enum passing now = passing_now(i);

		if (now == weather.passing[i])
			continue;
		weather.passing[i] = now;
		world_history(now == PASSING ? "together" : "apart", "\"post\":\"%s\"%s",
			world_node_name(weather.posts[i]),
			now == NOTHING_DOWN ? ",\"way\":\"down\"" : "");
	}
}

/* Whether another fault of that kind goes on there. */
static bool goes_on(enum fault_kind kind, const struct world_node *node)
{
	const struct fault *f;

	LIST_FOREACH(f, &weather.faults, entry)
	if (f->kind == kind && f->node == node)
		return true;
	return false;
}

static void link_set(struct world_node *node)
{
	struct net_link *l = net_link_of(node);
	bool dark = goes_on(FAULT_DARK, node);

	net_set(l, NET_UP, !dark && !goes_on(FAULT_UP, node));
	net_set(l, NET_DOWN, !dark && !goes_on(FAULT_DOWN, node));
	net_slow(l, goes_on(FAULT_SLOW, node) ? 3 * WORLD_S : 0);
}

static void broker_set(void)
{
	broker_freeze(goes_on(FAULT_BROKER_HANGS, NULL));
	broker_swallow(goes_on(FAULT_BROKER_SWALLOWS, NULL));
	broker_refuse(goes_on(FAULT_BROKER_REFUSES, NULL));
	broker_limit(goes_on(FAULT_BROKER_SHORT_QUEUE, NULL) ? 3 : 0);
	if (!goes_on(FAULT_BROKER_RESTART, NULL) && !goes_on(FAULT_BROKER_CUT, NULL))
		broker_start();
}

static void clock_right(struct world_node *node)
{
	if (!goes_on(FAULT_CLOCK, node))
		world_wall_synchronise(node, true);
}

static void heal(void *user)
{
	struct fault *f = user;

	LIST_REMOVE(f, entry);
	world_cancel(f->event);
	if (!f->node)
		broker_set();
	else if (f->kind == FAULT_CLOCK)
		clock_right(f->node);
	else
		link_set(f->node);
	world_history("heal", "\"id\":%u", f->id);
	apart_write();
	free(f);
}

static struct fault *begin(enum fault_kind kind, struct world_node *node)
{
	struct fault *f = calloc(1, sizeof(*f));

	assert(f);
	*f = (struct fault){ .kind = kind, .node = node, .id = ++weather.last_id };
	LIST_INSERT_HEAD(&weather.faults, f, entry);
	world_history("fault", "\"id\":%u,\"kind\":\"%s\",\"node\":\"%s\"", f->id, words[kind],
		node ? world_node_name(node) : "broker");
	return f;
}

/* From half a second to two minutes. */
static void heal_later(struct fault *f, enum world_kind kind)
{
	static const uint32_t ms[] = { 500, 1500, 4000, 12000, 30000, 60000, 120000 };
	uint32_t i = world_pick(kind, sizeof(ms) / sizeof(ms[0]));

	apart_write();
	f->event = world_after((uint64_t)ms[i] * WORLD_MS, heal, f);
}

static void link_look(struct world_node *node)
{
	uint32_t which = world_choose(WORLD_CHOICE_link, 7);
	struct fault *f;

	if (which == 0)
		return;
	f = begin((enum fault_kind)(FAULT_DARK + which - 1), node);
	if (f->kind == FAULT_RESET || f->kind == FAULT_HALF_OPEN) {
		broker_throw_off(net_link_of(node), f->kind == FAULT_HALF_OPEN);
		heal(f);
		return;
	}
	link_set(node);
	heal_later(f, WORLD_CHOICE_link);
}

static void broker_look(void)
{
	uint32_t which = world_choose(WORLD_CHOICE_broker, 8);
	struct fault *f;

	if (which == 0)
		return;
	f = begin((enum fault_kind)(FAULT_BROKER_RESTART + which - 1), NULL);
	if (f->kind == FAULT_BROKER_RESTART || f->kind == FAULT_BROKER_CUT)
		broker_kill(f->kind == FAULT_BROKER_CUT);
	if (f->kind == FAULT_BROKER_FORGETS) {
		broker_forget();
		heal(f);
		return;
	}
	broker_set();
	heal_later(f, WORLD_CHOICE_broker);
}

/* No kernel lets a clock show a time before 1970. */
static void step(struct world_node *node, int64_t by_ms)
{
	int64_t wall_ms = world_wall_ms(node) + by_ms;

	world_wall_set(node, wall_ms < 0 ? 0 : wall_ms);
}

/* Steps to 1970 and 2099, an hour, a day, some seconds either way; or the time source is lost. */
static void clock_look(struct world_node *node)
{
	static const int64_t steps_s[] = { 3600, -3600, 86400, -86400, 3, -3, 40, -40, 700, -700 };
	const uint32_t count = sizeof(steps_s) / sizeof(steps_s[0]);
	uint32_t which = world_choose(WORLD_CHOICE_clock, 4 + count);

	if (which == 0)
		return;
	world_wall_synchronise(node, false);
	if (which == 2)
		world_wall_set(node, 1000);
	else if (which == 3)
		world_wall_set(node, INT64_C(4070908800000));
	else if (which > 3)
		step(node, steps_s[which - 4] * 1000);
	heal_later(begin(FAULT_CLOCK, node), WORLD_CHOICE_clock);
}

static void look(void *user)
{
	(void)user;
	broker_tick();
	link_look(weather.server);
	if (world_now_us() % (10 * WORLD_S) == 0)
		clock_look(weather.server); /* the posts' clocks are the world's */
	for (size_t i = 0; i < weather.post_count; i++)
		link_look(weather.posts[i]);
	broker_look();
	world_after(WORLD_S, look, NULL);
}

void weather_begin(struct world_node *server, struct world_node *const *posts, size_t count)
{
	assert(count <= PLACES_MAX);
	weather.server = server;
	weather.post_count = count;
	for (size_t i = 0; i < count; i++)
		weather.posts[i] = posts[i];
	world_after(WORLD_S, look, NULL);
}

void weather_heal(void)
{
	struct fault *f;

	while ((f = LIST_FIRST(&weather.faults)))
		heal(f);
	net_hurry();
}
