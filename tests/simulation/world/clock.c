/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- core/clock.h over the clocks of the machine that asks. */
#include "core/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "inside.h"

#define MONO_AT_BOOT_US 7000000u /* a kernel has run so long before our program starts */

/* How far a clock that drifts has run while true time ran so long. */
static int64_t ran_us(const struct world_node *n, uint64_t true_us)
{
	return (int64_t)true_us + (int64_t)true_us / 1000 * n->drift_ppm / 1000;
}

static uint64_t since_us(const struct world_node *n)
{
	return the_world.now_us - n->ref_us;
}

static void rebase(struct world_node *n)
{
	int64_t ran = ran_us(n, since_us(n));

	n->mono_ref_us += (uint64_t)ran;
	n->wall_ref_us += ran;
	n->ref_us = the_world.now_us;
}

int64_t world_true_wall_ms(void)
{
	return WORLD_EPOCH_MS + (int64_t)(the_world.now_us / 1000);
}

void clock_boot(struct world_node *n)
{
	rebase(n);
	n->mono_ref_us = MONO_AT_BOOT_US;
	n->told_us = MONO_AT_BOOT_US - (int64_t)the_world.now_us;
	if (n->boots == 1 && n->wall_ref_us == 0)
		world_wall_synchronise(n, true);
}

uint64_t world_mono_us(const struct world_node *n)
{
	return n->mono_ref_us + (uint64_t)ran_us(n, since_us(n));
}

uint64_t world_true_us(const struct world_node *n, uint64_t mono_us)
{
	uint64_t want, guess;

	if (mono_us == UINT64_MAX || mono_us <= n->mono_ref_us)
		return mono_us == UINT64_MAX ? WORLD_NEVER : n->ref_us;
	want = mono_us - n->mono_ref_us;
	if (want > UINT64_MAX / 4)
		return WORLD_NEVER;
	guess = want - (uint64_t)((int64_t)want / 1000 * n->drift_ppm / 1000);
	while (ran_us(n, guess) < (int64_t)want)
		guess++;
	return n->ref_us + guess;
}

int64_t world_wall_ms(const struct world_node *n)
{
	return (n->wall_ref_us + ran_us(n, since_us(n))) / 1000;
}

void world_wall_set(struct world_node *n, int64_t wall_ms)
{
	world_history(
		"clock", "\"node\":\"%s\",\"by\":%" PRId64, n->name, wall_ms - world_wall_ms(n));
	rebase(n);
	n->wall_ref_us = wall_ms * 1000;
}

void world_wall_synchronise(struct world_node *n, bool is)
{
	n->synchronised = is;
	if (!is)
		return;
	rebase(n);
	n->wall_ref_us = (int64_t)WORLD_EPOCH_MS * 1000 + (int64_t)the_world.now_us;
}

/* Once a minute: how far the monotonic clock has gone astray since it was last told. */
static void tell_drift(void *user)
{
	struct world_node *n = user;
	int64_t off_us = (int64_t)world_mono_us(n) - (int64_t)the_world.now_us - n->told_us;

	if (n->on && (off_us > 40000 || off_us < -40000)) {
		world_history("sync", "\"node\":\"%s\",\"mono\":%" PRIu64 ".%03u", n->name,
			world_mono_us(n) / 1000, (unsigned)(world_mono_us(n) % 1000));
		n->told_us += off_us;
	}
	world_after(60 * WORLD_S, tell_drift, n);
}

void world_drift_set(struct world_node *n, int32_t ppm)
{
	if (n->drift_ppm == 0 && ppm != 0)
		world_after(60 * WORLD_S, tell_drift, n);
	rebase(n);
	n->drift_ppm = ppm;
}

static const struct world_node *here(void)
{
	const struct world_node *n = world_node_current();

	assert(n); /* the adapters are for programs */
	return n;
}

uint64_t pp_clock_mono_us(void)
{
	return world_mono_us(here());
}

uint64_t pp_clock_boot_us(void)
{
	return world_mono_us(here());
}

int64_t pp_clock_wall_ms(void)
{
	return world_wall_ms(here());
}

bool pp_clock_synchronised(void)
{
	return here()->synchronised;
}

static uint64_t boot_bits(const struct world_node *n, uint64_t salt)
{
	uint64_t state = ((uint64_t)n->number << 32 | n->boots) ^ salt;

	return random_next(&state);
}

int pp_clock_boot_id(char ret_id[33])
{
	snprintf(ret_id, 33, "%016" PRIx64 "%016" PRIx64, boot_bits(here(), 0x1111),
		boot_bits(here(), 0x2222));
	return 0;
}

int pp_clock_boot_number(int64_t *ret_boot)
{
	*ret_boot = (int64_t)(boot_bits(here(), 0x1111) >> 1);
	return 0;
}
