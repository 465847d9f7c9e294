/* SPDX-License-Identifier: Apache-2.0 */
/* state.h -- the agent's memory, shared by its modules. */
#ifndef AGENT_STATE_H
#define AGENT_STATE_H

#include "agent/agent.h"
#include "agent/presses.h"

enum pp_post_trouble { PP_POST_STORAGE, PP_POST_FULL, PP_POST_OUTPUTS, PP_POST_TROUBLE_COUNT };

struct point {
	enum pp_point_state state;
	bool pre_alarm;
	char detail[PP_DETAIL_MAX + 1];
	uint64_t alarm_ticket, alarm_epoch; /* of its last alarm, which a restore names */
	int64_t alarm_seq;
};

/* The newest state sent: only its echo counts. */
struct newest {
	uint64_t epoch;
	int64_t boot, mono_ms, n;
	int64_t oldest; /* unreceipted when it was made; 0: none */
	int64_t last;   /* highest seq there was when it was made */
	int64_t floor;  /* everything up to here was receipted when it was made */
	uint64_t sent_us;
	bool waiting; /* something had no receipt when it was made */
	bool answered;
};

/* An open press that a beat names and this process does not know: asked of the outbox, once. */
struct lookup {
	uint64_t epoch;
	int64_t seq;
	enum pp_step step;
	bool failed;
};

/* Told before the start and not taken back yet. */
struct stood {
	size_t point;
	bool alarm, this_boot;
	uint64_t epoch;
	int64_t seq; /* 0: not of this epoch */
	uint64_t over_us; /* it was seen to end; 0: not that anybody knows */
	char detail[PP_DETAIL_MAX + 1];
};

/* Decided before the outbox has said what stands. */
struct held {
	size_t point;
	struct pp_sensor_event event;
	char detail[PP_DETAIL_MAX + 1];
};

#define STOOD_MAX 64
#define HELD_MAX 64

struct pp_agent {
	struct pp_agent_config config;
	uint64_t started_us;
	uint64_t epoch;
	uint64_t last_ticket;
	struct point points[PP_POINTS_MAX];
	struct pp_presses presses;
	bool troubles[PP_POST_TROUBLE_COUNT];
	bool connected, state_wanted, away;
	bool outputs_lost;
	char outputs[PP_DETAIL_MAX + 1]; /* "outputs siren ..." */
	uint64_t next_state_us;
	struct newest newest;
	uint64_t last_beat_us, round_trip_us;
	bool drill; /* of the newest beat */
	uint64_t beaten_epoch;  /* of the newest beat: the server knows its clock */
	uint64_t renewing;      /* the epoch that turned out to be an old copy's; 0: none */
	uint64_t claimed_epoch; /* what the beat before said is recorded */
	int64_t claimed_high;
	int64_t reoffer_high;
	uint64_t reoffer_us;
	size_t lookup_count;
	struct lookup lookups[PP_OPEN_MAX];
	struct pp_agent_counts counts;
	bool released; /* nothing is held back any more */
	size_t stood_count, held_count;
	struct stood stood[STOOD_MAX];
	struct held held[HELD_MAX];
};

/* What one pp_agent_step works with. */
struct pp_turn {
	const struct pp_agent_now *now;
	pp_effect_fn *emit;
	void *user;
};

/* agent.c: a sensor's event becomes a signal; any signal gets its ticket. */
void pp_agent_sense(struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_turn *step);
uint64_t pp_agent_append(struct pp_agent *a, struct pp_effect *e, const struct pp_turn *step);
void pp_agent_fill(const struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_agent_now *now, struct pp_signal *ret_signal);

const char *pp_post_trouble_text(enum pp_post_trouble which);

/* standing.c: what stood before the start is neither told twice nor left standing. */
bool pp_standing_hold(struct pp_agent *a, const struct pp_agent_input *in);
void pp_standing_release(struct pp_agent *a, const struct pp_turn *step);
void pp_standing_add(struct pp_agent *a, const struct pp_agent_input *in);
bool pp_standing_knows(struct pp_agent *a, size_t point, const struct pp_sensor_event *event,
	const struct pp_turn *step);
void pp_standing_tick(struct pp_agent *a, const struct pp_turn *step);
uint64_t pp_standing_deadline(const struct pp_agent *a);

void pp_liveness_beat(
	struct pp_agent *a, const struct pp_agent_input *in, const struct pp_turn *step);
void pp_liveness_link(struct pp_agent *a, bool connected);
void pp_liveness_resume(struct pp_agent *a, const struct pp_agent_row *row, uint64_t now_us);
void pp_liveness_found(struct pp_agent *a, const struct pp_agent_row *row, uint64_t now_us);
void pp_liveness_renewed(struct pp_agent *a, uint64_t epoch);
/* The outbox of epoch is an old copy: what beats say of it is not believed any more. */
void pp_liveness_renew(struct pp_agent *a, uint64_t epoch, const struct pp_turn *step);
void pp_liveness_tick(struct pp_agent *a, const struct pp_turn *step);
uint64_t pp_liveness_deadline(const struct pp_agent *a);

#endif
