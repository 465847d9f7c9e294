/* SPDX-License-Identifier: Apache-2.0 */
/* states.c -- liveness into the record: states, the beats that answer them, silence; and refused
 * messages. */
#include "gather.h"

#include <string.h>

#include "core/text.h"
#include "store/storms.h"
#include "store/timeline.h"
#include "supervision/boot_clock.h"

/* Presses of an incident that was closed this recently are still told, so that their lamps can go
 * out. */
#define CLOSED_TOLD_MS 600000

static int clock_feed(struct pp_ledger *l, const struct pp_origin *o, const struct pp_state *state,
	int64_t arrived_ms)
{
	struct pp_boot_clock_row row = { 0 };
	struct pp_boot_clock clock;
	int r = pp_store_boot_clock(l->db, o, state->boot, &row);

	if (r < 0)
		return r;
	clock = (struct pp_boot_clock){ row.low, row.low_before, row.states };
	pp_boot_clock_feed(&clock, state->mono_ms, arrived_ms);
	row = (struct pp_boot_clock_row){ clock.low, clock.low_before, clock.states };
	return pp_store_boot_clock_put(l->db, o, state->boot, &row);
}

static int post_event(
	struct pp_ledger *l, const struct pp_item *item, const char *kind, struct pp_json *body)
{
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = item->tenant,
			.kind = kind,
			.actor = "server",
			.post = item->post,
			.body = body },
		NULL);
}

static int post_found(struct pp_ledger *l, const struct pp_item *item)
{
	const struct pp_trouble_row row = {
		.tenant = item->tenant, .post = item->post, .point = "", .kind = "unsupervised"
	};
	struct pp_json *body = pp_json_object();
	int64_t since_ms;
	int r = pp_trouble_mend(l, &row);

	if (r == 0)
		r = pp_store_trouble_end(l->db, &row, &since_ms);

	if (r < 0) {
		pp_json_free(body);
		return r;
	}
	if (r > 0)
		(void)pp_json_set_i64(body, "since", since_ms);
	return post_event(l, item, "post.supervised", body);
}

/* A new epoch is remembered for ever, because of replays; so a post has so many on one day, and a
 * state of one more keeps nobody alive. Its signals are recorded all the same. */
#define EPOCHS_A_DAY 1500 /* more than a disk that fails and heals each minute needs */
#define DAY_MS 86400000

static int epoch_admit(struct pp_ledger *l, struct pp_item *item, const struct pp_origin *origin)
{
	int64_t count;
	int r = pp_store_epochs_count(l->db, origin, l->now_ms - DAY_MS, EPOCHS_A_DAY, &count);

	if (r == 0 && count >= EPOCHS_A_DAY)
		item->out.duplicate = item->out.too_many_epochs = true;
	return r;
}

int pp_apply_state(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_state *state = &item->in.state;
	struct pp_origin origin;
	struct pp_epoch_row epoch;
	int r;

	pp_origin_init(&origin, item->tenant, item->post, state->epoch);
	r = pp_store_epoch(l->db, &origin, &epoch);
	if (r < 0)
		return r;
	item->out.duplicate = !pp_state_is_newer(epoch.boot, epoch.mono, state);
	if (!item->out.duplicate && !epoch.known)
		r = epoch_admit(l, item, &origin);
	if (r < 0 || item->out.duplicate)
		return r;
	r = clock_feed(l, &origin, state, item->arrived_ms);
	if (r == 0)
		r = pp_store_epoch_heard(l->db, &origin, state->boot, state->mono_ms, l->now_ms);
	if (r == 0)
		r = pp_store_state_put(
			l->db, &origin, state, item->arrived_ms, &item->out.supervised_again);
	if (r == 0 && item->out.supervised_again)
		r = post_found(l, item);
	return r;
}

int pp_beat_fill(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_state *state = &item->in.state;
	struct pp_beat *beat = &item->out.beat;
	struct pp_origin origin;
	struct pp_epoch_row epoch;
	uint8_t hash[PP_SHA256_SIZE];
	int r;

	pp_origin_init(&origin, item->tenant, item->post, state->epoch);
	*beat = (struct pp_beat){
		.epoch = state->epoch, .boot = state->boot, .mono_ms = state->mono_ms, .n = state->n
	};
	r = pp_store_epoch(l->db, &origin, &epoch);
	if (r == 0)
		r = pp_store_open_presses(
			l->db, &origin, l->now_ms - CLOSED_TOLD_MS, beat->open, &beat->count);
	if (r == 0)
		r = pp_store_head(l->db, item->tenant, &beat->head_height, hash);
	if (r == 0)
		r = pp_mode_drill(l, item->tenant, item->post);
	if (r < 0)
		return r;
	beat->drill = r;
	beat->high = epoch.high;
	if (beat->head_height > 0)
		pp_text_hex(hash, sizeof(hash), beat->head_hash);
	return 0;
}

int pp_apply_silence(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_trouble_row row = { .tenant = item->tenant,
		.post = item->post,
		.point = "",
		.kind = "unsupervised",
		.detail = "",
		.since_ms = item->arrived_ms };
	struct pp_json *body;
	int r = pp_store_state_lost(l->db, item->tenant, item->post);

	if (r > 0)
		r = pp_store_trouble_raise(l->db, &row);
	if (r > 0) {
		r = pp_trouble_begin(l, &row, false);
		r = r < 0 ? r : 1;
	}
	if (r <= 0)
		return r;
	body = pp_json_object();
	(void)pp_json_set_i64(body, "since", item->arrived_ms);
	return post_event(l, item, "post.unsupervised", body);
}

int pp_apply_security(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_security *s = &item->in.security;
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "kind", s->kind);
	(void)pp_json_set_text(body, "detail", s->detail);
	(void)pp_json_set_i64(body, "count", s->count);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = item->tenant,
			.kind = "security",
			.actor = "server",
			.post = item->post[0] ? item->post : NULL,
			.body = body },
		NULL);
}
