/* SPDX-License-Identifier: Apache-2.0 */
/* wires.h -- what hangs on a machine's lines: it is there whether or not a program looks. */
#ifndef WORLD_WIRES_H
#define WORLD_WIRES_H

#include "inside.h"

struct wire_facts {
	const char *id; /* borrowed, as all texts */
	bool output;
	const char *role, *class; /* outputs; class NULL: shared */
	bool safe;                /* outputs: the level that ExecStopPost= leaves */
};
void wires_add(struct world_node *n, const struct wire_facts *facts);
/* An input's contact. False: it is so already. */
bool wire_set(struct world_node *n, const char *id, bool active);
bool wire_is_active(const struct world_node *n, const char *id);
bool wire_is_lost(const struct world_node *n, const char *id);
/* The line goes away (its chip is unplugged), or comes back. */
void wire_lose(struct world_node *n, const char *id, bool lost);
/* Called when an output has changed. */
typedef void wires_fn(void *user, const struct wire_facts *facts, bool active);
void wires_watch(struct world_node *n, wires_fn *fn, void *user);

#endif
