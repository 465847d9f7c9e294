/* SPDX-License-Identifier: Apache-2.0 */
/* desk_inside.h -- the desk's state, for desk.c and texts.c. Private to the room. */
#ifndef ENGINE_DESK_INSIDE_H
#define ENGINE_DESK_INSIDE_H

#include "claims.h"
#include "commands.h"
#include "desk.h"
#include "intake/refusals.h"
#include "registry/directory.h"
#include "supervision/watch.h"

struct pp_desk {
	struct pp_desk_options o;
	struct pp_directory *directory;
	int64_t data_version; /* of the record when the directory was last looked at */
	struct pp_watch *watch;
	struct pp_refusals *refusals;
	struct pp_commands *commands;
	struct pp_claims *claims;
	int64_t kept_ms;  /* when the uptime was last written down */
	int64_t clock_ms; /* UTC minus monotonic, when last looked at */
	/* Every message and every answer may bring a security event beside itself. */
	size_t count, applied; /* the first `applied` are in the record */
	unsigned burst_ticks;  /* until what a burst has needed is given back; 0: nothing to give */
	struct pp_item *items[2 * PP_DESK_BATCH_MAX];
	uint64_t arrived_us[2 * PP_DESK_BATCH_MAX]; /* of the same item; 0: none */
};

/* texts.c: after the commit, what a text held and could not be recorded is not called taken. */
void pp_desk_texts_answer(struct pp_desk *d);

#endif
