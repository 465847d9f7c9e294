/* SPDX-License-Identifier: Apache-2.0 */
/* profile.c -- what a seed plans, and which faults are on in it: few kinds, hard, in one seed; all
 * kinds, softly, in another. */
#include "town/town.h"

struct dice {
	uint64_t state;
};

/* splitmix64 */
static uint32_t roll(struct dice *d, uint32_t sides)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ z >> 31) >> 32) % sides;
}

/* What a kind is when a seed has it on: of each message, of each second of a link, every ten
 * seconds. Others are the world's. */
static uint32_t base_rate(enum world_kind kind)
{
	static const struct {
		enum world_kind kind;
		uint32_t rate;
	} own[] = {
		{ WORLD_CHOICE_lose, 20000 },
		{ WORLD_CHOICE_duplicate, 20000 },
		{ WORLD_CHOICE_reorder, 20000 },
		{ WORLD_CHOICE_replay, 20000 },
		{ WORLD_CHOICE_forge, 60000 },
		{ WORLD_CHOICE_retain, 15000 },
		{ WORLD_CHOICE_link, 6000 },
		{ WORLD_CHOICE_broker, 1500 },
		{ WORLD_CHOICE_restore, 30000 },
		{ WORLD_CHOICE_sink, 200000 },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].kind == kind)
			return own[i].rate;
	return world_rate(kind);
}

void town_profile(uint64_t seed)
{
	static const uint32_t percent[] = { 30, 100, 100, 300, 1000 };
	struct dice d = { seed * 2 + 1 };
	bool most = roll(&d, 4) == 0;

	for (unsigned kind = 0; kind < WORLD_KIND_COUNT; kind++) {
		bool on = roll(&d, 100) < (most ? 85u : 35u);
		uint64_t rate = (uint64_t)base_rate(kind) *
				percent[roll(&d, sizeof(percent) / sizeof(percent[0]))] / 100;

		if (kind == WORLD_CHOICE_restore)
			on = on && roll(&d, 3) == 0;
		world_rate_set(kind, on ? (uint32_t)(rate < 500000 ? rate : 500000) : 0);
	}
}

struct town_plan town_plan_of(uint64_t seed)
{
	struct dice d = { seed ^ UINT64_C(0x746f776e) };
	struct town_plan plan = { .posts = 1 + roll(&d, 3), .presses = 1 + roll(&d, 12) };

	plan.rough_us = (60 + roll(&d, 400)) * (uint64_t)WORLD_S;
	plan.calm_us = 180 * (uint64_t)WORLD_S;
	plan.people = roll(&d, 4) != 0;
	plan.clerk = roll(&d, 4) == 0;
	if (roll(&d, 12) == 0)
		plan.revoke_us = (20 + roll(&d, 200)) * (uint64_t)WORLD_S;
	plan.calls = roll(&d, 4) != 0;
	return plan;
}
