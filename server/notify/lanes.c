/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.c -- tries under way, by recipient. */
#include "notify/lanes.h"

static void hash_add(uint64_t *hash, const char *text)
{
	/* FNV-1a; two recipients of one number only share their places. */
	do
		*hash = (*hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
}

uint64_t pp_lanes_recipient(const char *tenant, const char *target, const char *address)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	hash_add(&hash, tenant);
	hash_add(&hash, target);
	hash_add(&hash, address);
	return hash ? hash : 1;
}

static struct pp_lane *lane_find(struct pp_lanes *l, uint64_t recipient)
{
	for (size_t i = 0; i < PP_LANES_SIZE; i++) {
		if (l->lanes[i].recipient == recipient)
			return &l->lanes[i];
	}
	return NULL;
}

/* A free lane, or that of a bad one with nothing under way. NULL: all are under way. */
static struct pp_lane *lane_take(struct pp_lanes *l)
{
	struct pp_lane *lane = lane_find(l, 0);

	for (size_t i = 0; !lane && i < PP_LANES_SIZE; i++) {
		struct pp_lane *old = &l->lanes[l->next++ % PP_LANES_SIZE];

		if (old->tries == 0)
			lane = old;
	}
	return lane;
}

bool pp_lanes_begin(struct pp_lanes *l, uint64_t recipient)
{
	struct pp_lane *lane = lane_find(l, recipient);

	if (!lane) {
		lane = lane_take(l);
		if (!lane)
			return false;
		*lane = (struct pp_lane){ .recipient = recipient };
	}
	if (lane->tries >= (lane->bad ? 1u : PP_LANE_TRIES))
		return false;
	lane->tries++;
	return true;
}

void pp_lanes_end(struct pp_lanes *l, uint64_t recipient, bool answered)
{
	struct pp_lane *lane = lane_find(l, recipient);

	if (!lane)
		return;
	lane->tries -= lane->tries > 0;
	lane->bad = !answered;
	if (lane->tries == 0 && answered)
		*lane = (struct pp_lane){ .recipient = 0 };
}
