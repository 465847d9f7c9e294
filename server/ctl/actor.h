/* SPDX-License-Identifier: Apache-2.0 */
/* actor.h -- who is at work, for the timeline: the account on this machine. */
#ifndef CTL_ACTOR_H
#define CTL_ACTOR_H

#define PP_ACTOR_SIZE 48

/* "ctl:root"; an account without a name is its number. Returns its argument. */
const char *pp_actor(char ret_actor[PP_ACTOR_SIZE]);

#endif
