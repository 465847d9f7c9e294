/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h -- orders that are in the record and not answered yet: sent, and sent again. Private
 * to the room. Times are monotonic: a step of the server's clock neither ends nor prolongs one. */
#ifndef ENGINE_COMMANDS_H
#define ENGINE_COMMANDS_H

#include "db/db.h"
#include "store/commands.h"

#define PP_COMMANDS_MAX 256 /* under way at once; what is beyond waits for a place */
#define PP_COMMANDS_AGAIN_MS 5000

struct pp_commands;

int pp_commands_new(struct pp_commands **ret_commands);      /* -ENOMEM; the caller owns it */
struct pp_commands *pp_commands_free(struct pp_commands *c); /* NULL is fine; returns NULL */
/* What the record holds open now. wall_ms: to know how long one of before the start has left. */
int pp_commands_follow(struct pp_commands *c, struct pp_db *db, int64_t wall_ms, int64_t mono_ms);

struct pp_commands_out {
	const char *tenant, *post, *payload; /* borrowed until the next call */
	uint64_t id;
};
/* The next that is to be sent now. */
bool pp_commands_next(struct pp_commands *c, int64_t mono_ms, struct pp_commands_out *ret_out);
/* The next whose time is over; told once. */
bool pp_commands_over(struct pp_commands *c, int64_t mono_ms, struct pp_commands_out *ret_out);

#endif
