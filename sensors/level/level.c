/* SPDX-License-Identifier: Apache-2.0 */
/* level.c -- threshold, hysteresis, baseline and range of an analogue level; what an activation
 * means is decided by the kind behind it. */
#include "level/level.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contact/contact.h"
#include "detector/detector.h"

#define HOUR_US 3600e6
#define DRIFT_HOURS 12.0       /* the baseline follows by a threshold in so many hours */
#define DRIFT_SHARE_MAX 0.6    /* of the threshold */
#define DRIFT_CLEAN_SHARE 0.9  /* of `drift`: no longer dirty */
#define DRIFT_GAP_US 10000000u /* a longer pause between readings counts as this */

enum range { RANGE_SOUND, RANGE_UNDER, RANGE_OVER };
static const char *const range_details[] = { NULL, "under-range", "over-range" };

struct level {
	const struct pp_kind_ops *ops; /* of the kind behind */
	void *k;
	struct pp_level_config config;
	double baseline;
	uint64_t last_us; /* of the last sound reading; 0: none yet */
	bool seen;        /* a reading has come ... */
	bool begun;       /* ... and a sound one */
	bool over, active, at_start, dirty;
	uint64_t over_us; /* first reading that was over */
	enum range range, range_next;
	uint64_t range_us; /* since when range_next is what is read */
};

/* Dates what the kind behind tells: it knows only when the hold was over. */
struct relay {
	const struct level *level;
	const struct pp_kind_out *out;
};

static void relay_emit(void *user, const struct pp_sensor_event *event)
{
	const struct relay *relay = user;
	struct pp_sensor_event dated = *event;
	bool begins = event->type == PP_SIGNAL_ALARM ||
		      (event->type == PP_SIGNAL_TROUBLE && strcmp(event->detail, "chatter") != 0);

	if (begins && relay->level->over_us < dated.at_us)
		dated.at_us = relay->level->over_us;
	relay->out->emit(relay->out->user, &dated);
}

static const struct pp_kind_ops *ops_behind(enum pp_kind kind)
{
	switch (kind) {
	case PP_KIND_SMOKE:
	case PP_KIND_HEAT:
	case PP_KIND_FLOOD:
		return &pp_detector_ops;
	case PP_KIND_BATTERY:
	case PP_KIND_INPUT:
		return &pp_contact_ops;
	default:
		return NULL;
	}
}

static void *level_free(void *k)
{
	struct level *l = k;

	if (l && l->k)
		l->ops->free(l->k);
	free(l);
	return NULL;
}

/* Comparisons are written so that no NaN passes. */
static bool config_is_sound(const struct pp_sensor_config *config)
{
	const struct pp_level_config *l = &config->level;
	double alarm = fabs(l->alarm);

	return alarm > 0 && alarm <= 1e12 && l->hysteresis >= 0 && l->hysteresis < alarm &&
	       l->drift >= 0 && l->drift <= DRIFT_SHARE_MAX * alarm && l->min < l->clean &&
	       l->clean < l->max && l->clean + l->alarm > l->min && l->clean + l->alarm < l->max &&
	       l->hold_us <= PP_LEVEL_HOLD_MAX_US &&
	       config->verify_us <= PP_LEVEL_HOLD_MAX_US - l->hold_us;
}

static int level_new(const struct pp_sensor_config *config, void **ret_k)
{
	const struct pp_kind_ops *ops = ops_behind(config->kind);
	struct level *l;
	int r;

	if (!ops || !config_is_sound(config))
		return -EINVAL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->ops = ops;
	l->config = config->level;
	if (l->config.hysteresis == 0)
		l->config.hysteresis = fabs(l->config.alarm) / 5;
	l->baseline = l->config.clean;
	r = ops->new (config, &l->k);
	if (r < 0) {
		level_free(l);
		return r;
	}
	*ret_k = l;
	return 0;
}

static void active_set(struct level *l, bool active, uint64_t at_us, struct relay *relay)
{
	const struct pp_kind_out out = { .emit = relay_emit, .user = relay };
	bool edge = !(active && l->at_start);

	l->active = active;
	l->at_start = false;
	l->ops->feed(l->k, active, edge, at_us, &out);
}

static void range_take(
	struct level *l, enum range range, uint64_t at_us, const struct pp_kind_out *out)
{
	if (range != l->range_next) {
		l->range_next = range;
		l->range_us = at_us;
	}
	if (range == l->range || (l->seen && at_us - l->range_us < PP_LEVEL_RANGE_US))
		return;
	if (l->range != RANGE_SOUND)
		pp_kind_emit(out, PP_SIGNAL_TROUBLE_RESTORE, at_us, 0, range_details[l->range]);
	if (range != RANGE_SOUND)
		pp_kind_emit(out, PP_SIGNAL_TROUBLE, l->range_us, 0, range_details[range]);
	l->range = range;
}

static double clamp(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

static void baseline_follow(struct level *l, double value, uint64_t at_us)
{
	const struct pp_level_config *c = &l->config;
	uint64_t since_us = l->begun ? at_us - l->last_us : 0;
	double most;

	if (since_us > DRIFT_GAP_US)
		since_us = DRIFT_GAP_US;
	most = fabs(c->alarm) / DRIFT_HOURS * ((double)since_us / HOUR_US);
	l->baseline += clamp(value - l->baseline, -most, most);
	l->baseline = clamp(l->baseline, c->clean - c->drift, c->clean + c->drift);
}

static void dirt_tell(struct level *l, uint64_t at_us, const struct pp_kind_out *out)
{
	double away = fabs(l->baseline - l->config.clean);
	bool dirty = away >= l->config.drift * (l->dirty ? DRIFT_CLEAN_SHARE : 1);

	if (l->config.drift == 0 || dirty == l->dirty)
		return;
	l->dirty = dirty;
	pp_kind_emit(out, dirty ? PP_SIGNAL_TROUBLE : PP_SIGNAL_TROUBLE_RESTORE, at_us, 0, "dirty");
}

/* Over or not, with hysteresis; the baseline follows only what is not. */
static void threshold_take(struct level *l, double value, uint64_t at_us)
{
	const struct pp_level_config *c = &l->config;
	double away = (value - l->baseline) * (c->alarm < 0 ? -1 : 1), alarm = fabs(c->alarm);

	if (!l->over && away >= alarm) {
		l->over = true;
		l->over_us = at_us;
		l->at_start = !l->begun;
	} else if (l->over && away < alarm - c->hysteresis) {
		l->over = false;
	}
	if (!l->over)
		baseline_follow(l, value, at_us);
	l->begun = true;
	l->last_us = at_us;
}

static void level_value(void *k, double value, uint64_t at_us, const struct pp_kind_out *out)
{
	struct level *l = k;
	struct relay relay = { .level = l, .out = out };
	enum range range = !(value >= l->config.min)   ? RANGE_UNDER
			   : !(value <= l->config.max) ? RANGE_OVER
						       : RANGE_SOUND;

	range_take(l, range, at_us, out);
	l->seen = true;
	if (range == RANGE_SOUND) {
		if (!l->begun)
			l->ops->feed(l->k, false, false, at_us, out);
		threshold_take(l, value, at_us);
		dirt_tell(l, at_us, out);
	}
	if (l->over && !l->active && (l->at_start || at_us - l->over_us >= l->config.hold_us))
		active_set(l, true, at_us, &relay);
	else if (!l->over && l->active)
		active_set(l, false, at_us, &relay);
}

/* A level has no edges. */
static void level_feed(
	void *k, bool active, bool edge, uint64_t at_us, const struct pp_kind_out *out)
{
	(void)k;
	(void)active;
	(void)edge;
	(void)at_us;
	(void)out;
	assert(false);
}

static void level_step(void *k, uint64_t now_us, const struct pp_kind_out *out)
{
	struct level *l = k;
	struct relay relay = { .level = l, .out = out };
	const struct pp_kind_out behind = { .emit = relay_emit, .user = &relay };

	l->ops->step(l->k, now_us, &behind);
}

static uint64_t level_deadline(const void *k)
{
	const struct level *l = k;

	return l->ops->deadline(l->k);
}

static void level_view(const void *k, struct pp_kind_view *ret_view)
{
	const struct level *l = k;
	struct pp_kind_view view;

	l->ops->view(l->k, &view);
	if (view.state != PP_POINT_ALARM && (l->dirty || l->range != RANGE_SOUND)) {
		view.state = PP_POINT_TROUBLE;
		view.detail = l->range != RANGE_SOUND ? range_details[l->range] : "dirty";
	}
	view.baseline = l->baseline;
	*ret_view = view;
}

const struct pp_kind_ops pp_level_ops = {
	.new = level_new,
	.free = level_free,
	.feed = level_feed,
	.value = level_value,
	.step = level_step,
	.deadline = level_deadline,
	.view = level_view,
};
