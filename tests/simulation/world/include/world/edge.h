/* SPDX-License-Identifier: Apache-2.0 */
/* world/edge.h -- a post in the world: the shipped agent on a machine of its own, its wires and its
 * lamps. */
#ifndef WORLD_EDGE_H
#define WORLD_EDGE_H

#include "world/world.h"

/* A post has these points: panic-crime, panic-fire (buttons), panic-silent (a silent one of class
 * crime), smoke (a detector of class fire), mains (a contact); and these outputs: taken-crime,
 * received-crime, acknowledged-crime, dispatched-crime, on-scene-crime, taken-fire, received-fire,
 * trouble, server-away, siren.
 *
 * It writes into the history: point, press, release, wire, boot, start, ready, crash, light, and of
 * its outbox row, gone and look: `durable' at each lighting of *taken*, `cut' after each power
 * cut. */
struct world_edge;

/* Named "<tenant>/<post>" on the wire; the machine is named like the post. Its key is
 * world_key_pem("<tenant>/<post>"); the server's public keys are those of the names in server_keys
 * (NULL-terminated). Does not boot it. */
struct world_edge *world_edge_new(
	const char *tenant, const char *post, const char *const *server_keys);
struct world_node *world_edge_node(const struct world_edge *e);
const char *world_edge_name(const struct world_edge *e);
/* Boots the machine, and the agent on it. An agent that ends is started again, as systemd does. */
void world_edge_boot(struct world_edge *e);
void world_edge_reload(struct world_edge *e); /* SIGHUP */
void world_edge_stop(struct world_edge *e);   /* SIGTERM, and it is started again */
/* A hand on a button, from now on for hold_us (bounces by choice). Goes into the history, with the
 * press's number (from 1 over all posts), which is returned. 0: somebody holds it already, or its
 * line is away: nothing was done. */
uint64_t world_edge_press(struct world_edge *e, const char *point, uint64_t hold_us);
void world_edge_level(struct world_edge *e, const char *point, bool active); /* any other input */
bool world_edge_lamp(const struct world_edge *e, const char *output);
/* Writes row, gone and look (of that how) of its outbox: what its disk would leave. In an event. */
void world_edge_look(struct world_edge *e, enum world_disk_view view, const char *how);
/* The registry's entry for this post, as the site file of the server wants it: its public key. */
void world_edge_public(const struct world_edge *e, char ret_base64[48]);

#endif
