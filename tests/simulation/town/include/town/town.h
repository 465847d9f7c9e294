/* SPDX-License-Identifier: Apache-2.0 */
/* town/town.h -- a whole simulated regency: posts, one server, the broker between them, receivers
 * of notifications, operators, and everything that goes wrong with them. There is one in a process.
 */
#ifndef TOWN_TOWN_H
#define TOWN_TOWN_H

#include "world/world.h"

#define TOWN_POSTS_MAX 4

struct town_plan {
	unsigned posts;
	unsigned presses;   /* at random moments while it is rough */
	uint64_t rough_us;  /* faults may begin until then */
	uint64_t calm_us;   /* after that: everything heals, and what was promised must come true */
	bool people;        /* operators at work */
	bool calls;         /* a plan of its own, and people who answer */
	bool clerk;         /* the site file is imported again now and then */
	uint64_t revoke_us; /* when the keys of the first post are revoked; 0: never */
};
/* What a seed of a random run plans. */
struct town_plan town_plan_of(uint64_t seed);
/* Swarm testing: which kinds of faults are on in a seed, and how hard. Before world_begin. */
void town_profile(uint64_t seed);

/* After world_begin: makes and boots everything. seed goes into the first line of the history. */
void town_begin(const struct town_plan *plan, uint64_t seed);
/* Runs the plan to its end and writes the last looks and the last line. */
void town_run(void);
/* For plans of one's own (an exhaustive search): the pieces. */
struct world_edge *town_post(unsigned index);
void town_heal(void); /* now */
void town_end(void);  /* the last looks, the last line */

#endif
