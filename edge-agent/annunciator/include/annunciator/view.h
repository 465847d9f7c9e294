/* SPDX-License-Identifier: Apache-2.0 */
/* annunciator/view.h -- what lamps and sirens are computed from: the open presses of this post, and
 * what is wrong with it. */
#ifndef ANNUNCIATOR_VIEW_H
#define ANNUNCIATOR_VIEW_H

#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_VIEW_PRESSES_MAX 64

/* How far a press has come. Each rung includes those below it. */
enum pp_rung {
	PP_RUNG_NONE,     /* decided, not yet (or never) durable here */
	PP_RUNG_TAKEN,    /* in the synced outbox */
	PP_RUNG_RECEIVED, /* in the server's record */
	PP_RUNG_ACKNOWLEDGED,
	PP_RUNG_DISPATCHED,
	PP_RUNG_ON_SCENE,
};

struct pp_view_press {
	enum pp_class class;
	enum pp_rung rung;
	bool durable; /* in the synced outbox: without it *taken* stays dark whatever comes later */
	bool silent;  /* drives no lamp and no sound */
	bool sounds;  /* may sound the siren; false for points set so and for late presses */
	bool doubt;   /* no valid receipt in time, or refused */
	uint64_t pressed_us; /* CLOCK_MONOTONIC */
	uint64_t doubt_us;   /* since when, if doubt */
};

/* A sound that the server has ordered; it drives sirens and kentongan, and while it is a near
 * post's alarm the lamp that says so. */
struct pp_view_order {
	bool active, neighbour;
	enum pp_class class;
	uint64_t start_us, end_us;
};

struct pp_view {
	bool server_away; /* no valid beat for too long */
	bool pre_alarm;   /* a detector verifies right now */
	bool trouble;     /* a point or the post itself is in trouble */
	bool drill;       /* by the newest beat: a press now is one */
	struct pp_view_order order;
	size_t count;
	struct pp_view_press presses[PP_VIEW_PRESSES_MAX];
};

#endif
