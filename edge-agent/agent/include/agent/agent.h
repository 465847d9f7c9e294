/* SPDX-License-Identifier: Apache-2.0 */
/* agent/agent.h -- what a post decides: sensor events become signals, receipts and beats become
 * lamps. Pure: inputs and the time go in, effects come out; it touches no clock, file, socket,
 * thread or global. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "annunciator/view.h"
#include "protocol/signal.h"
#include "protocol/state.h"
#include "sensor/sensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the settings say of a point, as far as the agent cares. */
struct pp_agent_point {
	char id[PP_POINT_MAX + 1];
	enum pp_kind kind;
	enum pp_class class;
	bool silent; /* no lamp, no siren, no fallback sound */
	bool sounds; /* may sound the siren */
};

struct pp_agent_config {
	const struct pp_agent_point
		*points; /* borrowed for the agent's life; at most PP_POINTS_MAX */
	size_t point_count;
	uint64_t state_every_us; /* the promises about liveness scale with it */
	const char *version;     /* told in every state; borrowed */
	const char *config_hash; /* 16 hex digits; borrowed */
};

/* The time of an input, read once. */
struct pp_agent_now {
	uint64_t mono_us;  /* CLOCK_MONOTONIC */
	int64_t wall_ms;   /* UTC */
	bool synchronised; /* wall_ms can be believed */
};

enum pp_agent_input_type {
	PP_AGENT_TICK,     /* nothing but time */
	PP_AGENT_SENSOR,   /* a sensor has decided: point, event */
	PP_AGENT_OUTPUTS,  /* outputs are away, or all are back: lost, detail ("outputs siren ...")
			    */
	PP_AGENT_POINT,    /* how a point stands: point, state, detail, pre_alarm */
	PP_AGENT_OUTBOX,   /* the outbox numbers in `epoch` from now on; durable or not */
	PP_AGENT_STANDS,   /* told before the start and not taken back: event.type ALARM or TROUBLE,
			      event.detail, event.at_us (when it was over; 0: nobody saw that),
			      row (point, epoch, seq, pressed_us); before OUTBOX */
	PP_AGENT_RESUMED,  /* an unreceipted alarm from before the start: row */
	PP_AGENT_FOUND,    /* answer to PP_EFFECT_LOOKUP: row; row.point "" and class unspecified if
			      row.seq was found no more */
	PP_AGENT_APPENDED, /* ticket is (epoch, seq); durable or not */
	PP_AGENT_FULL,     /* ticket was refused for want of room */
	PP_AGENT_ROOM,     /* the outbox has room again */
	PP_AGENT_RECEIPT,  /* verified, and its triple is held: receipt */
	PP_AGENT_DAMAGED,  /* the outbox file was damaged and set aside */
	PP_AGENT_RENEWED,  /* what `epoch` had unreceipted comes again under another */
	PP_AGENT_KEPT,     /* receipt is synced (or cannot be: the store is lost) */
	PP_AGENT_BEAT,     /* verified: beat; seq: the lowest number of its epoch that was given out
			      by this process and never sent, 0: none */
	PP_AGENT_PROGRESS, /* verified */
	PP_AGENT_LINK,     /* connected or not */
};

/* An alarm as the outbox remembers it. */
struct pp_agent_row {
	uint64_t epoch;
	int64_t seq;
	bool found;
	char point[PP_POINT_MAX + 1];
	enum pp_class class;
	uint32_t flags;
	uint64_t pressed_us; /* CLOCK_MONOTONIC; 0: in an earlier boot */
	bool refused;
};

struct pp_agent_input {
	enum pp_agent_input_type type;
	size_t point;
	struct pp_sensor_event event;
	enum pp_point_state state;
	const char *detail;
	bool pre_alarm;
	uint64_t ticket, epoch;
	int64_t seq;
	bool durable;
	bool connected, lost;
	struct pp_agent_row row;
	const struct pp_receipt *receipt;
	const struct pp_beat *beat;
};

enum pp_effect_type {
	PP_EFFECT_APPEND, /* number, sign, sync and send `signal` (epoch, seq and boot are the
			     outbox's to fill) */
	PP_EFFECT_KEEP,   /* sync receipt, then input KEPT */
	PP_EFFECT_AGAIN, /* everything of epoch up to seq is recorded: send again, at once, what has
			    no receipt. A beat knows numbers only; the receipt compares what was
			    signed */
	PP_EFFECT_UNHEARD, /* the server has answered a state made at before_us: what the broker had
			      taken by then and has no receipt never got there. Send it again, at
			      once */
	PP_EFFECT_REOFFER, /* the server has lost what lies above high: offer it again */
	PP_EFFECT_RENEW,   /* the outbox of epoch is an old copy: it needs a new epoch */
	PP_EFFECT_LOOKUP,  /* find the alarm (epoch, seq), then input FOUND */
	PP_EFFECT_KEYS,    /* the server's new public keys are in `beat` */
	PP_EFFECT_STATE,   /* send a state now: pp_agent_state_make */
};

struct pp_effect {
	enum pp_effect_type type;
	uint64_t ticket;
	struct pp_signal signal;
	uint64_t cause_ticket; /* APPEND: the alarm that signal belongs to; 0: none */
	uint64_t cause_epoch; /* its epoch, once known; signal.cause is valid in that epoch alone */
	struct pp_receipt receipt;  /* KEEP */
	uint64_t epoch;             /* AGAIN, REOFFER, RENEW, LOOKUP */
	int64_t seq;                /* AGAIN, REOFFER: high; LOOKUP */
	uint64_t before_us;         /* UNHEARD */
	const struct pp_beat *beat; /* KEYS */
	bool first; /* STATE: the server cannot date this epoch yet: before everything else */
};
/* Called from pp_agent_step, in order. The effect is valid during the call only. */
typedef void pp_effect_fn(void *user, const struct pp_effect *effect);

struct pp_agent_counts {
	uint64_t beats, beats_stale, alarms, signals, lookups_failed;
};

struct pp_agent;

/* now_us: the start, from which the silence of the server is counted. */
int pp_agent_new(
	const struct pp_agent_config *config, uint64_t now_us, struct pp_agent **ret_agent);
struct pp_agent *pp_agent_free(struct pp_agent *a); /* NULL is fine; returns NULL */
void pp_agent_step(struct pp_agent *a, const struct pp_agent_input *in,
	const struct pp_agent_now *now, pp_effect_fn *emit, void *user);
uint64_t pp_agent_deadline(const struct pp_agent *a); /* when a TICK is due; UINT64_MAX: none */

/* What the outbox says when a state is made. */
struct pp_agent_outbox {
	int64_t boot;
	int64_t oldest; /* unreceipted of the current epoch; 0: none */
	int64_t last;   /* highest seq of the current epoch */
	bool waiting;   /* anything, of any epoch, has no receipt */
};
/* The answer to PP_EFFECT_STATE. From now on only a beat that echoes this one is accepted. */
void pp_agent_state_make(struct pp_agent *a, const struct pp_agent_outbox *outbox, uint64_t now_us,
	struct pp_state *ret_state);

void pp_agent_view(const struct pp_agent *a, uint64_t now_us, struct pp_view *ret_view);
bool pp_agent_server_away(const struct pp_agent *a, uint64_t now_us);
uint64_t pp_agent_last_beat_us(const struct pp_agent *a); /* 0: none yet */
uint64_t pp_agent_round_trip_us(
	const struct pp_agent *a); /* state to beat, the newest; 0: none yet */
enum pp_point_state pp_agent_point_state(
	const struct pp_agent *a, size_t point, const char **ret_detail);
void pp_agent_counts(const struct pp_agent *a, struct pp_agent_counts *ret_counts);

#endif
