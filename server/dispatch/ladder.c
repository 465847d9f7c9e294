/* SPDX-License-Identifier: Apache-2.0 */
/* ladder.c -- the rings of a plan, step by step. */
#include "dispatch/ladder.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define X(name, text) text,
static const char *const state_texts[] = { PP_LADDER_STATES(X) };
static const char *const why_texts[] = { PP_LADDER_WHYS(X) };
#undef X

const char *pp_ladder_state_text(enum pp_ladder_state state)
{
	assert(state < PP_LADDER_STATE_COUNT);
	return state_texts[state];
}

int pp_ladder_state_parse(const char *text)
{
	for (int i = 0; i < PP_LADDER_STATE_COUNT; i++) {
		if (strcmp(text, state_texts[i]) == 0)
			return i;
	}
	return -EINVAL;
}

const char *pp_ladder_why_text(enum pp_ladder_why why)
{
	assert(why < PP_LADDER_WHY_COUNT);
	return why_texts[why];
}

/* One feed. */
struct turn {
	struct pp_ladder *l;
	const struct pp_plan *plan;
	int64_t now_ms;
	struct pp_ladder_effect *effects;
	size_t count;
};

static void emit(struct turn *t, struct pp_ladder_effect effect)
{
	assert(t->count < PP_LADDER_EFFECTS_MAX);
	t->effects[t->count++] = effect;
}

static void ring_end(struct turn *t, enum pp_ring ring, enum pp_ladder_why why)
{
	struct pp_ladder_ring *r = &t->l->rings[ring];

	r->state = why != PP_LADDER_WHY_SPENT ? PP_LADDER_ENDED
		   : r->called > 0            ? PP_LADDER_SPENT
					      : PP_LADDER_NONE;
	emit(t, (struct pp_ladder_effect){ .ring = ring, .step = r->step, .why = why });
}

/* Fires `step`, or finds that there is none. from_ms: what its wait is counted from. */
static void ring_fire(struct turn *t, enum pp_ring ring, unsigned step, int64_t from_ms)
{
	const struct pp_plan_ring *plan = &t->plan->rings[ring];
	struct pp_ladder_ring *r = &t->l->rings[ring];

	if (step >= plan->step_count) {
		ring_end(t, ring, PP_LADDER_WHY_SPENT);
		return;
	}
	r->state = PP_LADDER_RUNNING;
	r->step = step;
	r->called++;
	r->due_ms = from_ms + plan->steps[step].wait_ms;
	emit(t, (struct pp_ladder_effect){ .fire = true, .ring = ring, .step = step });
}

/* A deadline that was met holds the next one in its place: nothing drifts. */
static int64_t base_of(const struct turn *t, int64_t due_ms)
{
	return t->now_ms - due_ms <= PP_LADDER_SLACK_MS ? due_ms : t->now_ms;
}

static void rings_start(struct turn *t)
{
	for (enum pp_ring ring = 0; ring < PP_RING_COUNT; ring++) {
		if (t->plan->rings[ring].step_count > 0)
			ring_fire(t, ring, 0, t->now_ms);
	}
}

static bool is_running(const struct turn *t, enum pp_ring ring)
{
	return t->l->rings[ring].state == PP_LADDER_RUNNING;
}

/* It has called people who have not answered: whether it runs still, or has called them all. */
static bool is_open(const struct turn *t, enum pp_ring ring)
{
	return is_running(t, ring) || t->l->rings[ring].state == PP_LADDER_SPENT;
}

static void taken(struct turn *t)
{
	t->l->taken = true;
	for (enum pp_ring ring = 0; ring < PP_RING_COUNT; ring++) {
		if (is_open(t, ring) && t->plan->rings[ring].until == PP_UNTIL_TAKEN)
			ring_end(t, ring, PP_LADDER_WHY_TAKEN);
	}
}

/* Whoever was told "it is taken" is told anew, from the first step on. */
static void returned(struct turn *t)
{
	t->l->taken = false;
	for (enum pp_ring ring = 0; ring < PP_RING_COUNT; ring++) {
		const struct pp_plan_ring *plan = &t->plan->rings[ring];

		if (plan->step_count > 0 && plan->until == PP_UNTIL_TAKEN && !is_running(t, ring) &&
			t->l->rings[ring].accepted == 0)
			ring_fire(t, ring, 0, t->now_ms);
	}
}

/* A late alarm has left some of them out: those begin, and those who were called in vain hear of
 * this one, unless somebody has it and they wait for that. */
static void fresh(struct turn *t)
{
	for (enum pp_ring ring = 0; ring < PP_RING_COUNT; ring++) {
		const struct pp_plan_ring *plan = &t->plan->rings[ring];

		if (plan->step_count > 0 && !is_running(t, ring) &&
			t->l->rings[ring].accepted == 0 &&
			!(t->l->taken && plan->until == PP_UNTIL_TAKEN))
			ring_fire(t, ring, 0, t->now_ms);
	}
}

static void accepted(struct turn *t, enum pp_ring ring)
{
	t->l->rings[ring].accepted++;
	if (ring != PP_RING_FALLBACK && is_open(t, ring))
		ring_end(t, ring, PP_LADDER_WHY_ACCEPTED);
}

/* The ring goes on behind the step that had found somebody. */
static void lost(struct turn *t, enum pp_ring ring)
{
	struct pp_ladder_ring *r = &t->l->rings[ring];
	bool is_taken = t->l->taken && ring != PP_RING_FALLBACK &&
			t->plan->rings[ring].until == PP_UNTIL_TAKEN;

	if (r->accepted > 0)
		r->accepted--;
	if (ring != PP_RING_FALLBACK && r->accepted == 0 && r->state == PP_LADDER_ENDED &&
		!is_taken)
		ring_fire(t, ring, r->step + 1, t->now_ms);
}

/* Whoever has been there and is gone is as one who comes no more. */
static void left(struct turn *t)
{
	for (enum pp_ring ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		if (t->l->rings[ring].accepted == 0)
			continue;
		t->l->rings[ring].accepted = 1;
		lost(t, ring);
	}
}

static void refused(struct turn *t, const struct pp_ladder_input *in)
{
	struct pp_ladder_ring *r = &t->l->rings[in->ring];

	if (in->ring == PP_RING_FALLBACK || !is_running(t, in->ring) || r->step != in->step)
		return;
	if (in->event == PP_LADDER_EMPTY)
		r->called--;
	ring_fire(t, in->ring, in->step + 1, t->now_ms);
}

static void tick(struct turn *t)
{
	for (enum pp_ring ring = 0; ring < PP_RING_COUNT; ring++) {
		struct pp_ladder_ring *r = &t->l->rings[ring];

		if (is_running(t, ring) && r->due_ms <= t->now_ms)
			ring_fire(t, ring, r->step + 1, base_of(t, r->due_ms));
	}
}

static void closed(struct turn *t)
{
	t->l->over = true;
	for (enum pp_ring ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		if (is_open(t, ring))
			ring_end(t, ring, PP_LADDER_WHY_CLOSED);
	}
}

/* Nobody holds it, nobody comes, and a ring has called everybody whom it knows, or none does. Once
 * it was so, a ring that begins again changes nothing. */
static bool is_deserted(const struct pp_ladder *l)
{
	bool running = false, spent = l->rings[PP_RING_FALLBACK].state == PP_LADDER_RUNNING;

	for (enum pp_ring ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		if (l->rings[ring].accepted > 0)
			return false;
		spent |= l->rings[ring].state == PP_LADDER_SPENT;
		running |= ring < PP_RING_FALLBACK && l->rings[ring].state == PP_LADDER_RUNNING;
	}
	return (spent || !running) && !l->taken && !l->over;
}

/* The fallback runs for as long as that is so. */
static void fallback(struct turn *t)
{
	struct pp_ladder_ring *r = &t->l->rings[PP_RING_FALLBACK];
	bool was_running = r->state == PP_LADDER_RUNNING;

	if (!is_deserted(t->l)) {
		if (was_running)
			ring_end(t, PP_RING_FALLBACK,
				t->l->taken ? PP_LADDER_WHY_TAKEN : PP_LADDER_WHY_ACCEPTED);
		return;
	}
	if (was_running && r->due_ms > t->now_ms)
		return;
	r->due_ms = (was_running ? base_of(t, r->due_ms) : t->now_ms) + t->plan->fallback.wait_ms;
	r->step = was_running ? r->step + 1 : 0;
	r->state = PP_LADDER_RUNNING;
	emit(t, (struct pp_ladder_effect){
			.fire = true, .ring = PP_RING_FALLBACK, .step = r->step });
}

static void input_take(struct turn *t, const struct pp_ladder_input *in)
{
	switch (in->event) {
	case PP_LADDER_OPENED:
		rings_start(t);
		break;
	case PP_LADDER_TAKEN:
		taken(t);
		break;
	case PP_LADDER_RETURNED:
		returned(t);
		break;
	case PP_LADDER_FRESH:
		fresh(t);
		break;
	case PP_LADDER_ACCEPTED:
		accepted(t, in->ring);
		break;
	case PP_LADDER_LOST:
		lost(t, in->ring);
		break;
	case PP_LADDER_LEFT:
		left(t);
		break;
	case PP_LADDER_REFUSED:
	case PP_LADDER_EMPTY:
		refused(t, in);
		break;
	case PP_LADDER_CLOSED:
		closed(t);
		break;
	case PP_LADDER_TICK:
	default:
		tick(t);
		break;
	}
}

size_t pp_ladder_feed(struct pp_ladder *l, const struct pp_plan *plan,
	const struct pp_ladder_input *input, int64_t now_ms,
	struct pp_ladder_effect ret_effects[PP_LADDER_EFFECTS_MAX])
{
	struct turn t = { .l = l, .plan = plan, .now_ms = now_ms, .effects = ret_effects };

	assert(input->ring <= PP_RING_FALLBACK);
	if (l->over)
		return 0;
	input_take(&t, input);
	fallback(&t);
	return t.count;
}

int64_t pp_ladder_due(const struct pp_ladder *l)
{
	int64_t due_ms = PP_LADDER_NEVER;

	for (enum pp_ring ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		const struct pp_ladder_ring *r = &l->rings[ring];

		if (r->state == PP_LADDER_RUNNING && r->due_ms < due_ms)
			due_ms = r->due_ms;
	}
	return due_ms;
}
