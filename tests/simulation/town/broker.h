/* SPDX-License-Identifier: Apache-2.0 */
/* broker.h -- the broker of the simulated world, which promises nothing: it loses what it has
 * acknowledged, forgets sessions, gives twice, late and in another order. Private to the town. */
#ifndef TOWN_BROKER_H
#define TOWN_BROKER_H

#include "conn.h"

void broker_begin(void);
/* Once a second: connections in which nothing is heard any more are given up by either side. */
void broker_tick(void);

/* Its faults. All of them keep until they are taken back. */
/* Everything is forgotten, clients are thrown off; quietly: they are left to find out. */
void broker_kill(bool quietly);
void broker_start(void); /* it listens again */
void broker_freeze(bool frozen);
void broker_forget(void);             /* sessions and their queues; clients are thrown off */
void broker_swallow(bool swallowing); /* acknowledges everything, delivers nothing */
void broker_refuse(bool refusing);    /* new connections are refused */
void broker_limit(size_t messages);   /* queued for one session */
void broker_throw_off(struct net_link *l, bool quietly); /* connections over that link are reset */
bool broker_is_deaf(void);                               /* killed, frozen or swallowing */

/* Gives a message to whoever has subscribed to its topic, as though it had been published. How many
 * it was given to. */
size_t broker_route(const struct message *m);
/* What has happened to messages, for the summary of a run. */
/* dropped: there was no room, or it was too old. */
struct broker_counts {
	uint64_t published, delivered, lost, doubled, overtaken, dropped;
};
const struct broker_counts *broker_counts(void);

#endif
