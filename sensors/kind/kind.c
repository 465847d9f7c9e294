/* SPDX-License-Identifier: Apache-2.0 */
/* kind.c -- what the kinds of sensors have in common. */
#include "kind/kind.h"

#include <errno.h>

#define KIND_DEBOUNCE_MIN_US 1000u
#define KIND_DEBOUNCE_MAX_US 500000u
#define KIND_CHATTER_EDGES 40u
#define KIND_CHATTER_US 10000000u

void pp_kind_emit(const struct pp_kind_out *out, enum pp_signal_type type, uint64_t at_us,
	uint32_t flags, const char *detail)
{
	struct pp_sensor_event event = {
		.type = type, .at_us = at_us, .flags = flags, .detail = detail
	};

	out->emit(out->user, &event);
}

void pp_kind_emit_chatter(const struct pp_kind_out *out, unsigned what, uint64_t at_us)
{
	if (what & PP_WIRE_CHATTERS)
		pp_kind_emit(out, PP_SIGNAL_TROUBLE, at_us, 0, "chatter");
	if (what & PP_WIRE_CALMED)
		pp_kind_emit(out, PP_SIGNAL_TROUBLE_RESTORE, at_us, 0, "chatter");
}

int pp_kind_wire_new(const struct pp_sensor_config *config, uint64_t default_us, uint64_t off_us,
	struct pp_wire **ret_wire)
{
	uint64_t debounce_us = config->debounce_us ? config->debounce_us : default_us;
	struct pp_wire_config wire = {
		.on_us = debounce_us,
		.off_us = off_us > debounce_us ? off_us : debounce_us,
		.chatter_edges = config->chatter_edges ? config->chatter_edges : KIND_CHATTER_EDGES,
		.chatter_us = config->chatter_us ? config->chatter_us : KIND_CHATTER_US,
	};
	int r;

	if (debounce_us < KIND_DEBOUNCE_MIN_US || debounce_us > KIND_DEBOUNCE_MAX_US)
		return -EINVAL;
	r = pp_wire_new(&wire, ret_wire);
	return r == -ERANGE ? -EINVAL : r;
}
