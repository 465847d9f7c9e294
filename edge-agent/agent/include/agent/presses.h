/* SPDX-License-Identifier: Apache-2.0 */
/* agent/presses.h -- the open presses of a post: from the moment they are decided until the server
 * says closed. Pure. */
#ifndef AGENT_PRESSES_H
#define AGENT_PRESSES_H

#include "annunciator/view.h"
#include "protocol/limits.h"
#include "protocol/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_press {
	uint64_t ticket; /* until the outbox has numbered it; 0: it came numbered */
	uint64_t epoch;
	int64_t seq; /* 0: not numbered yet */
	enum pp_class class;
	enum pp_rung rung;
	enum pp_rung told; /* by a beat, while its receipt is being synced */
	bool durable, silent, sounds;
	bool refused;
	bool doubt;
	uint64_t pressed_us, doubt_us;
	int64_t receipt_n; /* number of the newest state when its receipt came: only later beats can
			      close it */
	uint64_t receipt_us;
	char incident[PP_INCIDENT_MAX + 1];
};

struct pp_presses {
	size_t count;
	struct pp_press list[PP_VIEW_PRESSES_MAX];
};

/* Adds one. When the table is full the most advanced press, of those the oldest, makes room: its
 * lamps are the least needed. */
struct pp_press *pp_presses_add(struct pp_presses *p, const struct pp_press *press);
struct pp_press *pp_presses_by_ticket(struct pp_presses *p, uint64_t ticket); /* NULL: none */
struct pp_press *pp_presses_find(
	struct pp_presses *p, uint64_t epoch, int64_t seq); /* NULL: none */
void pp_presses_remove(struct pp_presses *p, struct pp_press *press);
/* Presses without receipt that were made wait_us ago or earlier come into doubt. Returns how many
 * did. */
size_t pp_presses_doubt(struct pp_presses *p, uint64_t now_us, uint64_t wait_us);
uint64_t pp_presses_deadline(const struct pp_presses *p,
	uint64_t wait_us); /* when pp_presses_doubt has work; UINT64_MAX */

/* RECEIVED ... ON_SCENE for a beat's step; a step that this version does not know is at least
 * RECEIVED. */
enum pp_rung pp_rung_of_step(enum pp_step step);

#endif
