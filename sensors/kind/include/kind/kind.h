/* SPDX-License-Identifier: Apache-2.0 */
/* kind/kind.h -- what a kind of sensor is to the room `sensor`: settings in, events out, six
 * functions between. */
#ifndef KIND_KIND_H
#define KIND_KIND_H

#include "debounce/wire.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An analogue level instead of a wire of two states; see level/level.h. In the unit of its source
 * (volts, degrees Celsius, ...). */
struct pp_level_config {
	/* Activated that far from the baseline: above it, or below it where negative. 0: the point
	 * has a wire of two states and the rest here means nothing. */
	double alarm;
	double clean;      /* the baseline at first: what is read at rest */
	double hysteresis; /* less than |alarm|; 0: a fifth of it */
	double drift;      /* the baseline may follow that far from clean, at most 0.6 |alarm| */
	double min, max;   /* what a sound sensor can read; min < max, clean between them */
	uint64_t hold_us;  /* counts when it has lasted so long; at most 30 s, verify_us included */
};

/* What the settings say of a point. Durations in microseconds; 0 takes the kind's default. */
struct pp_sensor_config {
	enum pp_kind kind;
	bool normally_closed; /* rest = current flows; a cut wire reads like an activation */
	/* 1,000..500,000, button at most 50,000. Default: button 5,000, detector 20,000, mains
	 * 500,000, others 50,000. */
	uint64_t debounce_us;
	uint64_t stuck_us;  /* button: held this long is trouble `stuck`; 1 s..1 h, default 60 s */
	uint64_t verify_us; /* detector: verification window, 0..30 s; 0: none */
	/* Trouble `chatter`: more than so many edges (4..1,000, default 40) within this time (100
	 * ms.. 10 min, default 10 s). The bounce of one switching counts as one edge. */
	unsigned chatter_edges;
	uint64_t chatter_us;
	struct pp_level_config level;
};

/* One thing a sensor has decided. */
struct pp_sensor_event {
	enum pp_signal_type type; /* ALARM, RESTORE, TROUBLE, TROUBLE_RESTORE */
	uint64_t at_us; /* of occurrence: first edge of the press, start of the smoke, ... */
	uint32_t flags; /* PP_FLAG_AT_START, PP_FLAG_VERIFIED */
	/* The same in a trouble and in its restore: "stuck", "chatter", "lost" (the line is gone),
	 * "taken" (another program has it), "gap" (the kernel dropped edges), "open" (tamper),
	 * "mains-lost", "low" (battery), "dirty", "under-range", "over-range", "unreadable ..."
	 * (levels). The first word tells them apart. NULL for alarms and their restores. Several
	 * troubles may be open at once. Valid during the call. */
	const char *detail;
};
/* Called from feed and step, zero or more times each, in the order of decision. */
typedef void pp_sensor_emit_fn(void *user, const struct pp_sensor_event *event);

/* Where a kind puts its events. */
struct pp_kind_out {
	pp_sensor_emit_fn *emit;
	void *user;
};

/* How a sensor stands now. */
struct pp_kind_view {
	enum pp_point_state state; /* NORMAL, ALARM or TROUBLE */
	const char *detail;        /* static; NULL: nothing to add */
	double baseline;           /* of a level */
	bool pre_alarm;            /* a detector that verifies right now */
	uint64_t dismissed;        /* smoke that was gone before its verification ended, so far */
};

/* One kind. `k` is what new made. Every time is monotonic microseconds and never goes back. */
struct pp_kind_ops {
	/* -EINVAL: a value out of range; -ENOMEM. The caller owns *ret_k. */
	int (*new)(const struct pp_sensor_config *config, void **ret_k);
	void *(*free)(void *k); /* NULL is fine; returns NULL */
	/* A level; active means activated, normally-closed is undone already. edge: false if it was
	 * read, at start or when a lost line is back. Every deadline up to at_us has been stepped
	 * through. */
	void (*feed)(
		void *k, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out);
	/* A reading, at_us as above; it is within no range. NULL where feed is what counts. */
	void (*value)(void *k, double value, uint64_t at_us, const struct pp_kind_out *out);
	/* Does what is due at now_us. It must move the deadline on. */
	void (*step)(void *k, uint64_t now_us, const struct pp_kind_out *out);
	uint64_t (*deadline)(const void *k); /* UINT64_MAX: nothing is pending */
	void (*view)(const void *k, struct pp_kind_view *ret_view);
};

/* Helpers for kinds. */
void pp_kind_emit(const struct pp_kind_out *out, enum pp_signal_type type, uint64_t at_us,
	uint32_t flags, const char *detail);
/* Emits trouble `chatter` or its restore if what (PP_WIRE_...) says so. */
void pp_kind_emit_chatter(const struct pp_kind_out *out, unsigned what, uint64_t at_us);
/* A wire with the settings' debounce (default_us where they have none) and chatter. Going off wants
 * at least off_us of calm. -EINVAL: settings out of range; -ENOMEM. The caller owns *ret_wire. */
int pp_kind_wire_new(const struct pp_sensor_config *config, uint64_t default_us, uint64_t off_us,
	struct pp_wire **ret_wire);

#endif
