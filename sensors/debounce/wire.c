/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c -- debounce and chatter of one wire, joined. */
#include "debounce/wire.h"

#include <errno.h>
#include <stdlib.h>

#include "debounce/chatter.h"
#include "debounce/debounce.h"

struct pp_wire {
	struct pp_debounce *debounce;
	struct pp_chatter *chatter;
	uint64_t on_us;
	uint64_t start_us, last_on_us;
	bool started_on, was_on;
};

int pp_wire_new(const struct pp_wire_config *config, struct pp_wire **ret)
{
	struct pp_wire *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->on_us = config->on_us;
	r = pp_debounce_new(config->on_us, config->off_us, &w->debounce);
	if (r == 0)
		r = pp_chatter_new(config->chatter_edges, config->chatter_us, &w->chatter);
	if (r < 0)
		goto fail;
	*ret = w;
	return 0;
fail:
	pp_wire_free(w);
	return r;
}

struct pp_wire *pp_wire_free(struct pp_wire *w)
{
	if (!w)
		return NULL;
	pp_debounce_free(w->debounce);
	pp_chatter_free(w->chatter);
	free(w);
	return NULL;
}

static uint64_t hold_wanted(const struct pp_wire *w, uint64_t now_us)
{
	uint64_t hold_us = PP_WIRE_HOLD_US;

	if (!pp_chatter_is_on(w->chatter))
		return w->on_us;
	if (w->was_on && now_us - w->last_on_us < PP_WIRE_QUIET_US)
		hold_us = PP_WIRE_LONG_HOLD_US;
	return hold_us > w->on_us ? hold_us : w->on_us;
}

static unsigned changed(struct pp_wire *w, uint64_t now_us)
{
	if (pp_debounce_level(w->debounce)) {
		w->was_on = true;
		w->last_on_us = now_us;
	} else {
		pp_chatter_told(w->chatter, now_us);
	}
	return PP_WIRE_CHANGED;
}

unsigned pp_wire_start(struct pp_wire *w, bool level, uint64_t now_us)
{
	w->start_us = now_us;
	w->started_on = level;
	pp_chatter_start(w->chatter, level, now_us);
	return pp_debounce_feed(w->debounce, level, now_us) ? changed(w, now_us) : 0;
}

unsigned pp_wire_feed(struct pp_wire *w, bool level, uint64_t now_us)
{
	unsigned what = pp_chatter_feed(w->chatter, level, now_us) ? PP_WIRE_CHATTERS : 0;

	pp_debounce_set_on(w->debounce, hold_wanted(w, now_us));
	if (pp_debounce_feed(w->debounce, level, now_us))
		what |= changed(w, now_us);
	if (!(what & PP_WIRE_CHATTERS) || pp_debounce_level(w->debounce) ||
		!pp_chatter_is_plausible(w->chatter))
		return what;
	pp_debounce_force_on(w->debounce, pp_chatter_onset(w->chatter));
	return what | changed(w, now_us);
}

unsigned pp_wire_step(struct pp_wire *w, uint64_t now_us)
{
	unsigned what = pp_debounce_step(w->debounce, now_us) ? changed(w, now_us) : 0;

	if (pp_chatter_step(w->chatter, now_us))
		what |= PP_WIRE_CALMED;
	return what;
}

uint64_t pp_wire_deadline(const struct pp_wire *w)
{
	uint64_t level_us = pp_debounce_deadline(w->debounce),
		 calm_us = pp_chatter_deadline(w->chatter);

	return level_us < calm_us ? level_us : calm_us;
}

bool pp_wire_is_on(const struct pp_wire *w)
{
	return pp_debounce_level(w->debounce);
}

bool pp_wire_chatters(const struct pp_wire *w)
{
	return pp_chatter_is_on(w->chatter);
}

uint64_t pp_wire_onset(const struct pp_wire *w)
{
	return pp_debounce_onset(w->debounce);
}

bool pp_wire_at_start(const struct pp_wire *w)
{
	return w->started_on && pp_debounce_onset(w->debounce) == w->start_us;
}
