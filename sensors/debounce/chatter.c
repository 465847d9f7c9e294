/* SPDX-License-Identifier: Apache-2.0 */
/* chatter.c -- the last so many edges in a ring: when the oldest is too young, the line chatters.
 */
#include "debounce/chatter.h"

#include <errno.h>
#include <stdlib.h>

#define CHATTER_PLAUSIBLE_SHARE 5u /* one n-th of the time */

struct mark {
	uint64_t at_us;
	uint64_t on_us; /* how long the line had been on altogether by then */
};

struct pp_chatter {
	unsigned edges, count, next; /* size of the ring, used, where the next mark goes */
	uint64_t within_us;
	struct mark train;  /* first edge of the running train of edges */
	bool train_level;   /* the level before it */
	unsigned held_back; /* edges of that train which may still turn out to be bounce */
	struct mark now;    /* the last edge */
	struct mark onset;  /* of the chatter */
	struct mark told;   /* what came before has been told already */
	bool level, on, plausible;
	struct mark ring[];
};

int pp_chatter_new(unsigned edges, uint64_t within_us, struct pp_chatter **ret)
{
	struct pp_chatter *c;

	if (edges < PP_CHATTER_EDGES_MIN || edges > PP_CHATTER_EDGES_MAX)
		return -ERANGE;
	if (within_us < PP_CHATTER_WITHIN_MIN_US || within_us > PP_CHATTER_WITHIN_MAX_US)
		return -ERANGE;
	c = calloc(1, sizeof(*c) + edges * sizeof(c->ring[0]));
	if (!c)
		return -ENOMEM;
	c->edges = edges;
	c->within_us = within_us;
	*ret = c;
	return 0;
}

struct pp_chatter *pp_chatter_free(struct pp_chatter *c)
{
	free(c);
	return NULL;
}

static void time_pass(struct pp_chatter *c, bool level, uint64_t now_us)
{
	if (c->level)
		c->now.on_us += now_us - c->now.at_us;
	c->now.at_us = now_us;
	c->level = level;
}

void pp_chatter_start(struct pp_chatter *c, bool level, uint64_t now_us)
{
	/* Nobody knows what the line did before: no time on is claimed for it. */
	c->level = level;
	c->now.at_us = now_us;
	c->count = 0;
	c->held_back = 0;
}

/* Counts one edge; the first one that is too many begins the chatter. */
static void mark_add(struct pp_chatter *c, struct mark mark)
{
	struct mark oldest = c->ring[c->next];
	bool full = c->count == c->edges;

	c->ring[c->next] = mark;
	c->next = (c->next + 1) % c->edges;
	if (!full)
		c->count++;
	if (c->on || !full || mark.at_us - oldest.at_us > c->within_us)
		return;
	c->on = true;
	c->onset = oldest;
}

/* The edges of a short train are held back. If it turns out to be the bounce of one switching, its
 * first edge is all that counts; if it comes back to where it began, it was a pulse: two. */
static void edge_add(struct pp_chatter *c, bool before, uint64_t gap_us)
{
	if (c->count == 0 || gap_us >= PP_CHATTER_GAP_US) {
		if (c->held_back > 0 && before == c->train_level)
			mark_add(c, c->train);
		c->train = c->now;
		c->train_level = before;
		c->held_back = 0;
	} else if (c->now.at_us - c->train.at_us <= PP_CHATTER_BOUNCE_US) {
		c->held_back += c->held_back < c->edges;
		return;
	}
	for (; c->held_back > 0; c->held_back--)
		mark_add(c, c->train);
	mark_add(c, c->now);
}

int pp_chatter_feed(struct pp_chatter *c, bool level, uint64_t now_us)
{
	uint64_t gap_us = now_us - c->now.at_us;
	bool level_before = c->level, on_before = c->on;

	time_pass(c, level, now_us);
	edge_add(c, level_before, gap_us);
	if (c->on == on_before)
		return 0;
	if (c->onset.at_us < c->told.at_us)
		c->onset = c->told;
	c->plausible = (c->now.on_us - c->onset.on_us) * CHATTER_PLAUSIBLE_SHARE >=
		       c->now.at_us - c->onset.at_us;
	return 1;
}

void pp_chatter_told(struct pp_chatter *c, uint64_t now_us)
{
	c->told.at_us = now_us;
	c->told.on_us = c->now.on_us + (c->level ? now_us - c->now.at_us : 0);
}

int pp_chatter_step(struct pp_chatter *c, uint64_t now_us)
{
	if (!c->on || now_us - c->now.at_us < PP_CHATTER_CALM_US)
		return 0;
	c->on = false;
	c->count = 0;
	return 1;
}

uint64_t pp_chatter_deadline(const struct pp_chatter *c)
{
	return c->on ? c->now.at_us + PP_CHATTER_CALM_US : UINT64_MAX;
}

bool pp_chatter_is_on(const struct pp_chatter *c)
{
	return c->on;
}

uint64_t pp_chatter_onset(const struct pp_chatter *c)
{
	return c->onset.at_us;
}

bool pp_chatter_is_plausible(const struct pp_chatter *c)
{
	return c->plausible;
}
