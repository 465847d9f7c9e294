/* SPDX-License-Identifier: Apache-2.0 */
/* detector.c -- a digital smoke or heat detector as a state machine on a debounced wire. */
#include "detector/detector.h"

#include <errno.h>
#include <stdlib.h>

#define DETECTOR_DEBOUNCE_US 20000u
#define DETECTOR_VERIFY_MAX_US 30000000u
#define DETECTOR_AWAY_MAX_US 1000000u
#define DETECTOR_RESTORE_US 5000000u

enum phase { PHASE_QUIET, PHASE_VERIFYING, PHASE_ALARM };

struct detector {
	struct pp_wire *wire;
	uint64_t verify_us;
	uint64_t first_us; /* first edge of this smoke */
	uint64_t dismissed;
	uint32_t flags;
	enum phase phase;
};

static void *detector_free(void *k)
{
	struct detector *d = k;

	if (d)
		pp_wire_free(d->wire);
	free(d);
	return NULL;
}

static int detector_new(const struct pp_sensor_config *config, void **ret_k)
{
	uint64_t away_us = config->verify_us / 10;
	struct detector *d;
	int r;

	if (config->verify_us > DETECTOR_VERIFY_MAX_US)
		return -EINVAL;
	if (away_us > DETECTOR_AWAY_MAX_US)
		away_us = DETECTOR_AWAY_MAX_US;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->verify_us = config->verify_us;
	r = pp_kind_wire_new(config, DETECTOR_DEBOUNCE_US, away_us, &d->wire);
	if (r < 0) {
		detector_free(d);
		return r;
	}
	*ret_k = d;
	return 0;
}

static void alarm_tell(struct detector *d, uint32_t flags, const struct pp_kind_out *out)
{
	d->phase = PHASE_ALARM;
	pp_kind_emit(out, PP_SIGNAL_ALARM, d->first_us, d->flags | flags, NULL);
}

static void smoke_seen(struct detector *d, const struct pp_kind_out *out)
{
	if (d->phase == PHASE_VERIFYING) {
		/* It had been away and is back: that is no puff of steam. */
		alarm_tell(d, PP_FLAG_VERIFIED, out);
		return;
	}
	if (d->phase == PHASE_ALARM)
		return;
	d->first_us = pp_wire_onset(d->wire);
	d->flags = pp_wire_at_start(d->wire) ? PP_FLAG_AT_START : 0;
	if (d->verify_us == 0)
		alarm_tell(d, 0, out);
	else
		d->phase = PHASE_VERIFYING;
}

static void window_end(struct detector *d, const struct pp_kind_out *out)
{
	if (pp_wire_is_on(d->wire)) {
		alarm_tell(d, PP_FLAG_VERIFIED, out);
		return;
	}
	d->phase = PHASE_QUIET;
	d->dismissed++;
}

static uint64_t phase_deadline(const struct detector *d)
{
	if (d->phase == PHASE_VERIFYING)
		return d->first_us + d->verify_us;
	if (d->phase == PHASE_ALARM && !pp_wire_is_on(d->wire))
		return pp_wire_onset(d->wire) + DETECTOR_RESTORE_US;
	return UINT64_MAX;
}

static void wire_moved(
	struct detector *d, unsigned what, uint64_t now_us, const struct pp_kind_out *out)
{
	if ((what & PP_WIRE_CHANGED) && pp_wire_is_on(d->wire))
		smoke_seen(d, out);
	pp_kind_emit_chatter(out, what, now_us);
}

static void detector_feed(
	void *k, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out)
{
	struct detector *d = k;

	wire_moved(d, (edge ? pp_wire_feed : pp_wire_start)(d->wire, active, at_us), at_us, out);
}

static void detector_step(void *k, uint64_t now_us, const struct pp_kind_out *out)
{
	struct detector *d = k;

	wire_moved(d, pp_wire_step(d->wire, now_us), now_us, out);
	if (now_us < phase_deadline(d))
		return;
	if (d->phase == PHASE_VERIFYING) {
		window_end(d, out);
		return;
	}
	d->phase = PHASE_QUIET;
	pp_kind_emit(out, PP_SIGNAL_RESTORE, pp_wire_onset(d->wire), 0, NULL);
}

static uint64_t detector_deadline(const void *k)
{
	const struct detector *d = k;
	uint64_t wire_us = pp_wire_deadline(d->wire), phase_us = phase_deadline(d);

	return wire_us < phase_us ? wire_us : phase_us;
}

static void detector_view(const void *k, struct pp_kind_view *ret_view)
{
	const struct detector *d = k;
	struct pp_kind_view view = { .state = PP_POINT_NORMAL, .dismissed = d->dismissed };

	if (pp_wire_chatters(d->wire)) {
		view.state = PP_POINT_TROUBLE;
		view.detail = "chatter";
	}
	if (d->phase == PHASE_ALARM)
		view.state = PP_POINT_ALARM;
	view.pre_alarm = d->phase == PHASE_VERIFYING;
	*ret_view = view;
}

const struct pp_kind_ops pp_detector_ops = {
	.new = detector_new,
	.free = detector_free,
	.feed = detector_feed,
	.step = detector_step,
	.deadline = detector_deadline,
	.view = detector_view,
};
