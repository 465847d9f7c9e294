/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/ladder.h -- who is called next when nobody answers: the rings of a plan over time. Pure.
 * Times are milliseconds of CLOCK_BOOTTIME of one boot of the server's machine, so that no step of
 * the wall clock and no restart of the program moves a deadline (contract, I10). */
#ifndef DISPATCH_LADDER_H
#define DISPATCH_LADDER_H

#include "dispatch/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* A step that fires so little late leaves the next deadline where it was; after a longer absence
 * the next step has its whole time again. */
#define PP_LADDER_SLACK_MS 2000
#define PP_LADDER_KEEP_MS 5000 /* how often the clock is written down, for after a reboot */
#define PP_LADDER_NEVER INT64_MAX

#define PP_LADDER_STATES(X)                                                                        \
	X(NONE, "none")       /* it has nobody to call, or the fallback is not needed */           \
	X(RUNNING, "running") /* `step` was fired; the next is due at due_ms */                    \
	X(ENDED, "ended")     /* what it waited for has come */                                    \
	X(SPENT, "spent")     /* its last step is over, and nobody came */
#define PP_LADDER_WHYS(X)                                                                          \
	X(TAKEN, "taken") X(ACCEPTED, "accepted") X(CLOSED, "closed") X(SPENT, "spent")

#define X(name, text) PP_LADDER_##name,
enum pp_ladder_state { PP_LADDER_STATES(X) PP_LADDER_STATE_COUNT };
#undef X
#define X(name, text) PP_LADDER_WHY_##name,
enum pp_ladder_why { PP_LADDER_WHYS(X) PP_LADDER_WHY_COUNT };
#undef X
const char *pp_ladder_state_text(enum pp_ladder_state state);
int pp_ladder_state_parse(const char *text); /* -EINVAL */
const char *pp_ladder_why_text(enum pp_ladder_why why);

struct pp_ladder_ring {
	enum pp_ladder_state state;
	unsigned step;     /* of the fallback: how often it has fired, less one */
	unsigned called;   /* steps that have found anybody to call */
	unsigned accepted; /* calls of this ring that are accepted now */
	int64_t due_ms;    /* RUNNING only */
};
/* Of one incident; zeroed: nothing has begun. The last ring is the fallback. */
struct pp_ladder {
	struct pp_ladder_ring rings[PP_RING_COUNT + 1];
	bool taken; /* an operator holds the incident */
	bool over;  /* closed, or gone into another */
};

enum pp_ladder_event {
	PP_LADDER_OPENED,   /* all rings start */
	PP_LADDER_TICK,     /* time has gone by */
	PP_LADDER_TAKEN,    /* an operator has acknowledged the incident */
	PP_LADDER_RETURNED, /* ... and is gone again */
	PP_LADDER_FRESH,    /* it began with a late alarm, and has one of this minute now */
	PP_LADDER_ACCEPTED, /* ring: one of its calls was accepted */
	PP_LADDER_LOST,     /* ring: one that had accepted comes no more */
	PP_LADDER_LEFT,     /* nobody comes, and whoever was there has gone */
	PP_LADDER_REFUSED,  /* ring, step: all whom it has called refuse */
	PP_LADDER_EMPTY,    /* ring, step: it was fired, and there was nobody to call */
	PP_LADDER_CLOSED,   /* the incident is closed or was merged into another */
};
struct pp_ladder_input {
	enum pp_ladder_event event;
	enum pp_ring ring; /* PP_RING_FALLBACK: of the fallback */
	unsigned step;
};
struct pp_ladder_effect {
	bool fire; /* call whom ring and step name; else the ring has ended, because of `why` */
	enum pp_ring ring;
	unsigned step;
	enum pp_ladder_why why;
};
#define PP_LADDER_EFFECTS_MAX (2 * (PP_RING_COUNT + 1))

/* Feeds one input at now_ms. Returns how many effects there are, to be carried out in order. The
 * plan is read at each step: one that was changed since has fewer or more steps from here on. */
size_t pp_ladder_feed(struct pp_ladder *l, const struct pp_plan *plan,
	const struct pp_ladder_input *input, int64_t now_ms,
	struct pp_ladder_effect ret_effects[PP_LADDER_EFFECTS_MAX]);
/* When the next step is due; PP_LADDER_NEVER: nothing runs. */
int64_t pp_ladder_due(const struct pp_ladder *l);

#endif
