/* SPDX-License-Identifier: Apache-2.0 */
/* agent_rig.h -- an agent with four points, its effects kept, and inputs in one line each. */
#ifndef AGENT_RIG_H
#define AGENT_RIG_H

#include "agent/agent.h"

#include "pospin_test.h"

#define SECOND 1000000u
#define EPOCH 0x1111u
enum { CRIME, MEDICAL, SILENT, SMOKE };

static const struct pp_agent_point points[] = {
	{ "panic-crime", PP_KIND_PANIC, PP_CLASS_CRIME, false, true },
	{ "panic-medical", PP_KIND_PANIC, PP_CLASS_MEDICAL, false, true },
	{ "panic-silent", PP_KIND_PANIC, PP_CLASS_CRIME, true, false },
	{ "smoke", PP_KIND_SMOKE, PP_CLASS_FIRE, false, true },
};

struct rig {
	struct pp_agent *agent;
	struct pp_agent_now now;
	size_t count;
	struct pp_effect effects[64];
};

static inline void rig_emit(void *user, const struct pp_effect *effect)
{
	struct rig *rig = user;

	assert_true(rig->count < PP_COUNT(rig->effects));
	rig->effects[rig->count++] = *effect;
}

static inline void rig_init(struct rig *rig, uint64_t state_every_us)
{
	struct pp_agent_config config = {
		.points = points,
		.point_count = PP_COUNT(points),
		.state_every_us = state_every_us,
		.version = "0.1.0",
		.config_hash = "0123456789abcdef",
	};

	memset(rig, 0, sizeof(*rig));
	rig->now = (struct pp_agent_now){
		.mono_us = 1000 * SECOND, .wall_ms = 1763750400000, .synchronised = true
	};
	assert_int_equal(pp_agent_new(&config, rig->now.mono_us, &rig->agent), 0);
}

static inline void rig_step(struct rig *rig, struct pp_agent_input in)
{
	pp_agent_step(rig->agent, &in, &rig->now, rig_emit, rig);
}

static inline void rig_wait(struct rig *rig, uint64_t us)
{
	rig->now.mono_us += us;
	rig->now.wall_ms += (int64_t)(us / 1000);
	rig_step(rig, (struct pp_agent_input){ .type = PP_AGENT_TICK });
}

/* The newest effect of a type, or NULL; everything older is forgotten. */
static inline const struct pp_effect *rig_take(struct rig *rig, enum pp_effect_type type)
{
	static struct pp_effect found;
	bool any = false;

	for (size_t i = 0; i < rig->count; i++)
		if (rig->effects[i].type == type) {
			found = rig->effects[i];
			any = true;
		}
	rig->count = 0;
	return any ? &found : NULL;
}

static inline void rig_outbox(struct rig *rig, uint64_t epoch, bool durable)
{
	rig_step(rig, (struct pp_agent_input){
			      .type = PP_AGENT_OUTBOX, .epoch = epoch, .durable = durable });
}

/* An agent with a sound outbox, nothing said yet. */
static inline void rig_start(struct rig *rig)
{
	rig_init(rig, 10 * SECOND);
	rig_outbox(rig, EPOCH, true);
	rig->count = 0;
}

static inline uint64_t rig_sense(struct rig *rig, size_t point, enum pp_signal_type type)
{
	const struct pp_effect *effect;

	rig_step(rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			      .point = point,
			      .event = { .type = type, .at_us = rig->now.mono_us } });
	effect = rig_take(rig, PP_EFFECT_APPEND);
	assert_non_null(effect);
	return effect->ticket;
}

static inline void rig_appended(struct rig *rig, uint64_t ticket, int64_t seq, bool durable)
{
	rig_step(rig, (struct pp_agent_input){ .type = PP_AGENT_APPENDED,
			      .ticket = ticket,
			      .epoch = EPOCH,
			      .seq = seq,
			      .durable = durable });
}

static inline void rig_kept(struct rig *rig, int64_t seq, enum pp_receipt_result result)
{
	struct pp_receipt receipt = {
		.epoch = EPOCH, .seq = seq, .result = result, .incident = "KDL-26-000001"
	};

	rig_step(rig, (struct pp_agent_input){ .type = PP_AGENT_KEPT, .receipt = &receipt });
}

static inline struct pp_state rig_state(struct rig *rig, int64_t oldest, int64_t last)
{
	struct pp_agent_outbox outbox = {
		.boot = 3, .oldest = oldest, .last = last, .waiting = oldest > 0
	};
	struct pp_state state;

	pp_agent_state_make(rig->agent, &outbox, rig->now.mono_us, &state);
	return state;
}

static inline struct pp_beat rig_echo(const struct pp_state *state, int64_t high)
{
	return (struct pp_beat){ .epoch = state->epoch,
		.boot = state->boot,
		.mono_ms = state->mono_ms,
		.n = state->n,
		.high = high };
}

/* Presses of the outbox that the beat tells of, numbers 1 to count. */
static inline void rig_beat_lists(struct pp_beat *beat, size_t count, enum pp_step step)
{
	for (size_t i = 0; i < count; i++)
		beat->open[i] = (struct pp_open_press){ .seq = (int64_t)i + 1, .step = step };
	beat->count = count;
}

static inline void rig_beat(struct rig *rig, const struct pp_beat *beat)
{
	rig_step(rig, (struct pp_agent_input){ .type = PP_AGENT_BEAT, .beat = beat });
}

static inline struct pp_view rig_view(struct rig *rig)
{
	struct pp_view view;

	pp_agent_view(rig->agent, rig->now.mono_us, &view);
	return view;
}

#endif
