/* SPDX-License-Identifier: Apache-2.0 */
/* adversary.h -- whoever owns the broker: replays what went over it, forges what never did, and
 * sets the retained flag. Private to the town. */
#ifndef TOWN_ADVERSARY_H
#define TOWN_ADVERSARY_H

#include "conn.h"

/* Keys that prove nothing where they are used: of nobody, or of another post. Borrowed. */
void adversary_key(const struct pp_key *key);
/* A post whose topics it may write on. */
void adversary_post(const char *tenant, const char *post);
/* Every message that has been published; what it does with it is a choice (replay, forge). */
void adversary_sees(const struct message *m);
/* Before that: it may come once more as a retained one (a choice). True: as that alone. */
bool adversary_keeps(const struct message *m);

#endif
