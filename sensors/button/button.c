/* SPDX-License-Identifier: Apache-2.0 */
/* button.c -- the panic button as a state machine on a debounced wire. */
#include "button/button.h"

#include <errno.h>
#include <stdlib.h>

#define BUTTON_DEBOUNCE_US 5000u
#define BUTTON_DEBOUNCE_MAX_US 50000u /* longer would miss a press of 50 ms */
#define BUTTON_REARM_US 50000u
#define BUTTON_STUCK_US 60000000u
#define BUTTON_STUCK_MIN_US 1000000u
#define BUTTON_STUCK_MAX_US 3600000000u

struct button {
	struct pp_wire *wire; /* on: pressed, its alarm has been told */
	uint64_t stuck_us;
	bool stuck;
};

static void *button_free(void *k)
{
	struct button *b = k;

	if (b)
		pp_wire_free(b->wire);
	free(b);
	return NULL;
}

static int button_new(const struct pp_sensor_config *config, void **ret_k)
{
	uint64_t stuck_us = config->stuck_us ? config->stuck_us : BUTTON_STUCK_US;
	struct button *b;
	int r;

	if (stuck_us < BUTTON_STUCK_MIN_US || stuck_us > BUTTON_STUCK_MAX_US)
		return -EINVAL;
	if (config->debounce_us > BUTTON_DEBOUNCE_MAX_US)
		return -EINVAL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->stuck_us = stuck_us;
	r = pp_kind_wire_new(config, BUTTON_DEBOUNCE_US, BUTTON_REARM_US, &b->wire);
	if (r < 0) {
		button_free(b);
		return r;
	}
	*ret_k = b;
	return 0;
}

static void pressed(struct button *b, const struct pp_kind_out *out)
{
	uint32_t flags = pp_wire_at_start(b->wire) ? PP_FLAG_AT_START : 0;

	pp_kind_emit(out, PP_SIGNAL_ALARM, pp_wire_onset(b->wire), flags, NULL);
}

static void released(struct button *b, const struct pp_kind_out *out)
{
	if (b->stuck)
		pp_kind_emit(out, PP_SIGNAL_TROUBLE_RESTORE, pp_wire_onset(b->wire), 0, "stuck");
	b->stuck = false;
	pp_kind_emit(out, PP_SIGNAL_RESTORE, pp_wire_onset(b->wire), 0, NULL);
}

static void wire_moved(
	struct button *b, unsigned what, uint64_t now_us, const struct pp_kind_out *out)
{
	if (what & PP_WIRE_CHANGED) {
		if (pp_wire_is_on(b->wire))
			pressed(b, out);
		else
			released(b, out);
	}
	pp_kind_emit_chatter(out, what, now_us);
}

/* While it chatters nobody can say that it is held; that trouble is told already. */
static uint64_t stuck_deadline(const struct button *b)
{
	if (b->stuck || !pp_wire_is_on(b->wire) || pp_wire_chatters(b->wire))
		return UINT64_MAX;
	return pp_wire_onset(b->wire) + b->stuck_us;
}

static void button_feed(
	void *k, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out)
{
	struct button *b = k;

	wire_moved(b, (edge ? pp_wire_feed : pp_wire_start)(b->wire, active, at_us), at_us, out);
}

static void button_step(void *k, uint64_t now_us, const struct pp_kind_out *out)
{
	struct button *b = k;

	wire_moved(b, pp_wire_step(b->wire, now_us), now_us, out);
	if (now_us < stuck_deadline(b))
		return;
	b->stuck = true;
	pp_kind_emit(out, PP_SIGNAL_TROUBLE, now_us, 0, "stuck");
}

static uint64_t button_deadline(const void *k)
{
	const struct button *b = k;
	uint64_t wire_us = pp_wire_deadline(b->wire), stuck_us = stuck_deadline(b);

	return wire_us < stuck_us ? wire_us : stuck_us;
}

static void button_view(const void *k, struct pp_kind_view *ret_view)
{
	const struct button *b = k;
	struct pp_kind_view view = { .state = PP_POINT_NORMAL };

	if (pp_wire_chatters(b->wire)) {
		view.state = PP_POINT_TROUBLE;
		view.detail = "chatter";
	}
	if (pp_wire_is_on(b->wire))
		view.state = PP_POINT_ALARM;
	if (b->stuck) {
		view.state = PP_POINT_TROUBLE;
		view.detail = "stuck";
	}
	*ret_view = view;
}

const struct pp_kind_ops pp_button_ops = {
	.new = button_new,
	.free = button_free,
	.feed = button_feed,
	.step = button_step,
	.deadline = button_deadline,
	.view = button_view,
};
