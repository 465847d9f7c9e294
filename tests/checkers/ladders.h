/* SPDX-License-Identifier: Apache-2.0 */
/* ladders.h -- incidents as their ladders see them. Private to the checkers. */
#ifndef CHECKERS_LADDERS_H
#define CHECKERS_LADDERS_H

#include "breach.h"

enum { RING_DESK, RING_NEIGHBOURS, RING_AGENCIES, RING_FALLBACK, RING_COUNT };

struct ring {
	bool running, until_accepted;
	bool ended; /* what it waited for has come */
	int64_t step;
	size_t line; /* of its step */
	uint64_t wait_us;
};
/* One incident. */
struct story {
	const char *incident;
	bool opened, taken, over;
	struct ring rings[RING_COUNT];
	struct story *into; /* it was made a part of; NULL: none */
	size_t last, broken; /* broken: since that entry; NONE: not */
};
struct callout {
	int64_t id;
	struct story *story;
	int ring;
	int64_t step;
	const char *state; /* "call.accepted" */
	const char *post;  /* to which it was called */
	size_t line, told; /* told: of its state */
};
/* Each checker follows the whole tale for its part of it. */
enum ladders_part { PART_GAP, PART_ORDER, PART_TOLD, PART_CALLS };
struct tale {
	struct court *c;
	enum ladders_part part;
	struct story *stories;
	size_t story_count;
	struct callout *callouts;
	size_t callout_count;
	bool moved;
};

/* False: the history does not name rings. */
bool ladders_follow(struct court *c, enum ladders_part part);
/* notices.c: what is sent to those who are called, and when it must not be any more. */
void notices_judge(struct court *c);
/* Their ways and their end; a part of notification. undone: the record has gone back. */
void notices_check(struct court *c, bool undone);

#endif
