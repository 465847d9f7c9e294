/* SPDX-License-Identifier: Apache-2.0 */
/* weather.h -- what goes wrong between the machines and with their clocks, second by second.
 * Private to the town. */
#ifndef TOWN_WEATHER_H
#define TOWN_WEATHER_H

#include "world/world.h"

#include <stddef.h>

/* Looks at all links, the broker and all clocks once a second from now on. posts: their machines,
 * borrowed. */
void weather_begin(struct world_node *server, struct world_node *const *posts, size_t count);
/* Everything that goes on wrong is over. */
void weather_heal(void);

#endif
