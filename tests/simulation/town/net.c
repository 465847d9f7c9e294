/* SPDX-License-Identifier: Apache-2.0 */
/* net.c -- links, and streams of packets on them. */
#include "net.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/queue.h>

#define LATENCY_US (2 * WORLD_MS)

struct packet {
	void *content;
	uint64_t at_us;
	STAILQ_ENTRY(packet) entry;
};

struct net_pipe {
	struct net_link *link;
	enum net_way way;
	net_deliver_fn *fn;
	void *user;
	STAILQ_HEAD(, packet) packets;
	uint64_t last_us; /* when the newest of them arrives */
	bool pumping;     /* an event is under way */
	SLIST_ENTRY(net_pipe) entry;
};

struct net_link {
	struct world_node *node;
	bool closed[2];
	uint64_t extra_us;
	SLIST_HEAD(, net_pipe) pipes;
	SLIST_ENTRY(net_link) entry;
};

/* The one net of the one world in this process. */
static struct {
	SLIST_HEAD(, net_link) links;
	bool frozen;
} net;

struct net_link *net_link_of(struct world_node *node)
{
	struct net_link *l;

	SLIST_FOREACH(l, &net.links, entry)
	if (l->node == node)
		return l;
	l = calloc(1, sizeof(*l));
	assert(l);
	l->node = node;
	SLIST_INSERT_HEAD(&net.links, l, entry);
	return l;
}

struct world_node *net_node(const struct net_link *l)
{
	return l->node;
}

struct net_link *net_next(struct net_link *l)
{
	return l ? SLIST_NEXT(l, entry) : SLIST_FIRST(&net.links);
}

uint64_t net_latency_us(void)
{
	static const uint32_t late_ms[] = { 0, 20, 100, 500, 2000, 8000 };
	uint32_t i;

	if (world_is_healed())
		return LATENCY_US;
	i = world_choose(WORLD_CHOICE_latency, sizeof(late_ms) / sizeof(late_ms[0]));
	return LATENCY_US + (uint64_t)late_ms[i] * WORLD_MS;
}

bool net_is_open(const struct net_link *l, enum net_way way)
{
	return !net.frozen && !l->closed[way];
}

static void pump(void *user);

static void pump_later(struct net_pipe *p, uint64_t at_us)
{
	if (p->pumping || STAILQ_EMPTY(&p->packets))
		return;
	p->pumping = true;
	world_at(at_us, pump, p);
}

/* Delivers what has arrived. A closed link keeps it; net_set goes on. */
static void pump(void *user)
{
	struct net_pipe *p = user;
	struct packet *packet;

	p->pumping = false;
	while ((packet = STAILQ_FIRST(&p->packets)) && net_is_open(p->link, p->way) &&
		packet->at_us <= world_now_us()) {
		STAILQ_REMOVE_HEAD(&p->packets, entry);
		p->fn(p->user, packet->content);
		free(packet);
	}
	if (packet && net_is_open(p->link, p->way))
		pump_later(p, packet->at_us);
}

static void pump_all(struct net_link *l)
{
	struct net_pipe *p;

	SLIST_FOREACH(p, &l->pipes, entry)
	pump_later(p, world_now_us() + LATENCY_US);
}

void net_set(struct net_link *l, enum net_way way, bool open)
{
	l->closed[way] = !open;
	if (open)
		pump_all(l);
}

void net_slow(struct net_link *l, uint64_t extra_us)
{
	l->extra_us = extra_us;
}

void net_freeze(bool frozen)
{
	struct net_link *l;

	net.frozen = frozen;
	if (!frozen) {
		SLIST_FOREACH(l, &net.links, entry)
		pump_all(l);
	}
}

/* What crept is there soon. An earlier event that comes later finds nothing to do. */
void net_hurry(void)
{
	uint64_t soon_us = world_now_us() + LATENCY_US;
	struct net_link *l;
	struct net_pipe *p;
	struct packet *packet;

	SLIST_FOREACH(l, &net.links, entry)
	SLIST_FOREACH(p, &l->pipes, entry)
	{
		STAILQ_FOREACH(packet, &p->packets, entry)
		packet->at_us = packet->at_us < soon_us ? packet->at_us : soon_us;
		p->last_us = p->last_us < soon_us ? p->last_us : soon_us;
		p->pumping = false;
		pump_later(p, soon_us);
	}
}

bool net_is_frozen(void)
{
	return net.frozen;
}

struct net_pipe *net_pipe_new(struct net_link *l, enum net_way way, net_deliver_fn *fn, void *user)
{
	struct net_pipe *p = calloc(1, sizeof(*p));

	assert(p);
	*p = (struct net_pipe){ .link = l, .way = way, .fn = fn, .user = user };
	STAILQ_INIT(&p->packets);
	SLIST_INSERT_HEAD(&l->pipes, p, entry);
	return p;
}

void net_pipe_put(struct net_pipe *p, void *content)
{
	struct packet *packet = calloc(1, sizeof(*packet));
	uint64_t at_us = world_now_us() + net_latency_us() + p->link->extra_us;

	assert(packet);
	packet->content = content;
	packet->at_us = at_us > p->last_us ? at_us : p->last_us;
	p->last_us = packet->at_us;
	STAILQ_INSERT_TAIL(&p->packets, packet, entry);
	if (net_is_open(p->link, p->way))
		pump_later(p, packet->at_us);
}
