/* SPDX-License-Identifier: Apache-2.0 */
/* notify/lanes.h -- how many tries to one recipient may be under way: fewer where none is answered,
 * so that those who hang leave the channel to the others. Pure. */
#ifndef NOTIFY_LANES_H
#define NOTIFY_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_LANES_SIZE 256 /* recipients that are remembered: those under way, and bad ones */
#define PP_LANE_TRIES 4   /* at once to one that answers; one to one that did not */

/* Zeroed it is empty. */
struct pp_lanes {
	struct pp_lane {
		uint64_t recipient; /* 0: free */
		unsigned tries;     /* under way */
		bool bad;           /* its last try had no answer */
	} lanes[PP_LANES_SIZE];
	size_t next; /* where a bad one is forgotten for a new one */
};

/* A number that stands for a recipient; never 0. */
uint64_t pp_lanes_recipient(const char *tenant, const char *target, const char *address);
/* true: begun; pp_lanes_end is to follow. false: enough are under way. */
bool pp_lanes_begin(struct pp_lanes *l, uint64_t recipient);
void pp_lanes_end(struct pp_lanes *l, uint64_t recipient, bool answered);

#endif
