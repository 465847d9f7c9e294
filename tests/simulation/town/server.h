/* SPDX-License-Identifier: Apache-2.0 */
/* server.h -- the server's machine: the shipped engine and notifier on it, looked at from outside
 * and from its desk. Private to the town. */
#ifndef TOWN_SERVER_H
#define TOWN_SERVER_H

#include "world/world.h"

#include "db/db.h"
#include "engine/engine.h"

#define SERVER_TENANT "kendal"
#define SERVER_POSTS_MAX 4
#define SERVER_KEY "server" /* its name for world_key_pem */

/* Makes the machine and its record: the site with those posts (their keys are world_key_pem of
 * "<tenant>/<post>"), and, unless the built-in plan shall do, that of plan.h with its ways out. Not
 * booted yet. */
void server_begin(const char *const *posts, size_t count, bool has_plan);
struct world_node *server_node(void);
void server_boot(void);
void server_end_and_start(void); /* SIGTERM, as an update does it */
void server_kill(void);
/* Runs fn in the server's program, on its loop, with a connection to the record of its own; not at
 * all when the program ends before. The same that waits already is run once. False: it does not
 * run, or has not begun yet. */
typedef void server_fn(void *user, struct pp_engine *engine, struct pp_db *record);
bool server_ask(server_fn *fn, void *user);

/* An old copy of the record: taken now, put back now (the program is killed before and started
 * after). The signed heads stay as they are, unless with_heads. */
void server_backup(void);
bool server_restore(bool with_heads); /* once in a run; false: not done */

/* What the program has counted, into the history, soon. */
void server_counts(void);
/* Starts pospinctl beside it: the site file is imported again, or all keys of a post (borrowed) are
 * revoked. */
void server_clerk(const char *revoked);

/* A complete look at what would be left if the machine lost its power in this instant. */
void server_look_durable(void);
void server_look_end(void);

#endif
