/* SPDX-License-Identifier: Apache-2.0 */
/* presses.c -- a bounded table of open presses. */
#include "agent/presses.h"

#include <assert.h>
#include <string.h>

static struct pp_press *pick_victim(struct pp_presses *p)
{
	struct pp_press *victim = &p->list[0];

	for (size_t i = 1; i < p->count; i++)
		if (p->list[i].rung > victim->rung)
			victim = &p->list[i];
	return victim;
}

struct pp_press *pp_presses_add(struct pp_presses *p, const struct pp_press *press)
{
	if (p->count == PP_VIEW_PRESSES_MAX)
		pp_presses_remove(p, pick_victim(p));
	p->list[p->count] = *press;
	return &p->list[p->count++];
}

struct pp_press *pp_presses_by_ticket(struct pp_presses *p, uint64_t ticket)
{
	for (size_t i = 0; ticket && i < p->count; i++)
		if (p->list[i].ticket == ticket)
			return &p->list[i];
	return NULL;
}

struct pp_press *pp_presses_find(struct pp_presses *p, uint64_t epoch, int64_t seq)
{
	for (size_t i = 0; seq && i < p->count; i++)
		if (p->list[i].epoch == epoch && p->list[i].seq == seq)
			return &p->list[i];
	return NULL;
}

void pp_presses_remove(struct pp_presses *p, struct pp_press *press)
{
	size_t index = (size_t)(press - p->list);

	assert(index < p->count);
	p->count--;
	memmove(press, press + 1, (p->count - index) * sizeof(*press));
}

static bool waits(const struct pp_press *press)
{
	return press->rung < PP_RUNG_RECEIVED && !press->doubt;
}

size_t pp_presses_doubt(struct pp_presses *p, uint64_t now_us, uint64_t wait_us)
{
	size_t doubted = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct pp_press *press = &p->list[i];

		if (!waits(press) || now_us < press->pressed_us ||
			now_us - press->pressed_us < wait_us)
			continue;
		press->doubt = true;
		press->doubt_us = now_us;
		doubted++;
	}
	return doubted;
}

uint64_t pp_presses_deadline(const struct pp_presses *p, uint64_t wait_us)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < p->count; i++)
		if (waits(&p->list[i]) && p->list[i].pressed_us + wait_us < deadline)
			deadline = p->list[i].pressed_us + wait_us;
	return deadline;
}

enum pp_rung pp_rung_of_step(enum pp_step step)
{
	switch (step) {
	case PP_STEP_ACKNOWLEDGED:
		return PP_RUNG_ACKNOWLEDGED;
	case PP_STEP_DISPATCHED:
		return PP_RUNG_DISPATCHED;
	case PP_STEP_ON_SCENE:
		return PP_RUNG_ON_SCENE;
	default:
		return PP_RUNG_RECEIVED;
	}
}
