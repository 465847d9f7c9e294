/* SPDX-License-Identifier: Apache-2.0 */
/* net.h -- the links between the machines and the broker: each carries streams of packets in both
 * ways, in order and whole as TCP does, late when it is slow, later still when it was dark. */
#ifndef TOWN_NET_H
#define TOWN_NET_H

#include "world/world.h"

enum net_way { NET_UP, NET_DOWN }; /* to the broker, from it */

struct net_link;
struct net_link *net_link_of(struct world_node *node); /* made when first asked for */
struct world_node *net_node(const struct net_link *l);
struct net_link *net_next(struct net_link *l); /* NULL: the first */
/* Nothing passes that way until it is opened; what is on its way waits. */
void net_set(struct net_link *l, enum net_way way, bool open);
void net_slow(struct net_link *l, uint64_t extra_us); /* 0: as usual */
bool net_is_open(const struct net_link *l, enum net_way way);
/* All links of a broker that hangs. */
void net_freeze(bool frozen);
bool net_is_frozen(void);
void net_hurry(void); /* nothing is late any more */

/* One direction of one connection. */
struct net_pipe;
typedef void net_deliver_fn(void *user, void *packet);
struct net_pipe *net_pipe_new(struct net_link *l, enum net_way way, net_deliver_fn *fn, void *user);
void net_pipe_put(struct net_pipe *p, void *packet);

/* How long something takes that is no stream: usually 2 ms, by choice (latency) up to 8 s. */
uint64_t net_latency_us(void);

#endif
