/* SPDX-License-Identifier: Apache-2.0 */
/* liveness.c -- states out, beats in: when a state is sent, and what the server's answer does to
 * the open presses. */
#include "state.h"

#include <assert.h>
#include <string.h>

#define ANSWER_WAIT_US 2000000u /* progress waits this long for the answer to the state before */
#define REOFFER_EVERY_US 600000000u /* the same rows are offered again at most this often */
#define FOREIGN_KEEP_US 600000000u  /* a received press of an epoch that beats no longer name */

static uint64_t stale_us(const struct pp_agent *a)
{
	uint64_t scaled =
		a->config.state_every_us * (PP_BEAT_STALE_MS / 100) / (PP_STATE_EVERY_MS / 100);

	return scaled > PP_BEAT_STALE_MS * 1000u ? scaled : PP_BEAT_STALE_MS * 1000u;
}

static uint64_t heard_us(const struct pp_agent *a)
{
	return a->last_beat_us ? a->last_beat_us : a->started_us;
}

bool pp_agent_server_away(const struct pp_agent *a, uint64_t now_us)
{
	return now_us > heard_us(a) && now_us - heard_us(a) >= stale_us(a);
}

uint64_t pp_agent_last_beat_us(const struct pp_agent *a)
{
	return a->last_beat_us;
}

uint64_t pp_agent_round_trip_us(const struct pp_agent *a)
{
	return a->round_trip_us;
}

void pp_liveness_link(struct pp_agent *a, bool connected)
{
	a->connected = connected;
	if (connected)
		a->next_state_us = 0;
}

/* An answer that is still on its way must not be outdated by a newer state: under a stream of
 * progress none would count. */
static bool answer_pending(const struct pp_agent *a, uint64_t now_us)
{
	return a->newest.n && !a->newest.answered && now_us - a->newest.sent_us < ANSWER_WAIT_US;
}

static bool state_due(const struct pp_agent *a, uint64_t now_us)
{
	if (!a->connected || !a->epoch)
		return false;
	return now_us >= a->next_state_us || (a->state_wanted && !answer_pending(a, now_us));
}

void pp_liveness_tick(struct pp_agent *a, const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_STATE, .first = a->beaten_epoch != a->epoch };

	a->away = pp_agent_server_away(a, step->now->mono_us);
	if (!state_due(a, step->now->mono_us))
		return;
	a->state_wanted = false;
	a->next_state_us = step->now->mono_us + a->config.state_every_us;
	step->emit(step->user, &e);
}

uint64_t pp_liveness_deadline(const struct pp_agent *a)
{
	uint64_t deadline = a->away ? UINT64_MAX : heard_us(a) + stale_us(a);

	if (!a->connected || !a->epoch)
		return deadline;
	if (a->next_state_us < deadline)
		deadline = a->next_state_us;
	if (a->state_wanted && a->newest.sent_us + ANSWER_WAIT_US < deadline)
		deadline = a->newest.sent_us + ANSWER_WAIT_US;
	return deadline;
}

void pp_agent_state_make(struct pp_agent *a, const struct pp_agent_outbox *outbox, uint64_t now_us,
	struct pp_state *ret_state)
{
	int64_t mono_ms = (int64_t)(now_us / 1000);
	struct pp_state *s = ret_state;

	memset(s, 0, sizeof(*s));
	/* The server takes only what is newer than the last; two in one millisecond must differ. */
	if (a->newest.n && mono_ms <= a->newest.mono_ms)
		mono_ms = a->newest.mono_ms + 1;
	s->epoch = a->epoch;
	s->boot = outbox->boot;
	s->mono_ms = mono_ms;
	s->n = a->newest.n + 1;
	s->oldest = outbox->oldest;
	memcpy(s->config, a->config.config_hash, sizeof(s->config));
	strncpy(s->version, a->config.version, sizeof(s->version) - 1);
	s->count = a->config.point_count;
	for (size_t i = 0; i < s->count; i++) {
		memcpy(s->points[i].point, a->config.points[i].id, sizeof(s->points[i].point));
		memcpy(s->points[i].detail, a->points[i].detail, sizeof(s->points[i].detail));
		s->points[i].state = a->points[i].state;
	}
	a->newest = (struct newest){
		.epoch = s->epoch,
		.boot = s->boot,
		.mono_ms = s->mono_ms,
		.n = s->n,
		.oldest = s->oldest,
		.last = outbox->last,
		.floor = outbox->oldest ? outbox->oldest - 1 : outbox->last,
		.sent_us = now_us,
		.waiting = outbox->waiting,
	};
}

static const struct pp_open_press *find_open(const struct pp_beat *beat, int64_t seq)
{
	for (size_t i = 0; i < beat->count; i++)
		if (beat->open[i].seq == seq)
			return &beat->open[i];
	return NULL;
}

static void again(uint64_t epoch, int64_t seq, const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_AGAIN, .epoch = epoch, .seq = seq };

	step->emit(step->user, &e);
}

/* Messages of a post come to the server in order, and receipts go out before the beat: what was
 * with the broker before this state and has no receipt now was swallowed on the way, by a broker
 * that had forgotten the server or did not know yet that it was gone. */
static void unheard(struct pp_agent *a, const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_UNHEARD, .before_us = a->newest.sent_us };

	if (a->newest.waiting)
		step->emit(step->user, &e);
}

static struct lookup *find_lookup(struct pp_agent *a, uint64_t epoch, int64_t seq)
{
	for (size_t i = 0; i < a->lookup_count; i++)
		if (a->lookups[i].epoch == epoch && a->lookups[i].seq == seq)
			return &a->lookups[i];
	return NULL;
}

static void look_up(struct pp_agent *a, uint64_t epoch, const struct pp_open_press *open,
	const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_LOOKUP, .epoch = epoch, .seq = open->seq };
	struct lookup *known = find_lookup(a, epoch, open->seq);

	if (known) {
		known->step = open->step;
		return;
	}
	if (a->lookup_count == PP_OPEN_MAX) {
		a->lookup_count--;
		memmove(&a->lookups[0], &a->lookups[1], a->lookup_count * sizeof(a->lookups[0]));
	}
	a->lookups[a->lookup_count++] =
		(struct lookup){ .epoch = epoch, .seq = open->seq, .step = open->step };
	step->emit(step->user, &e);
}

/* What the beat says of one open press. */
static void apply_open(struct pp_agent *a, uint64_t epoch, const struct pp_open_press *open,
	const struct pp_turn *step)
{
	struct pp_press *press = pp_presses_find(&a->presses, epoch, open->seq);

	if (!press) {
		if (open->step != PP_STEP_CLOSED)
			look_up(a, epoch, open, step);
		return;
	}
	if (press->rung < PP_RUNG_RECEIVED) {
		press->told = pp_rung_of_step(open->step);
		again(epoch, open->seq, step); /* the receipt was missed; the lamp follows it */
		return;
	}
	if (open->step == PP_STEP_CLOSED)
		pp_presses_remove(&a->presses, press);
	else
		press->rung = pp_rung_of_step(open->step);
}

/* A beat lists at most PP_OPEN_MAX presses, the newest: below those nothing is said. */
static bool told(const struct pp_beat *beat, int64_t seq)
{
	int64_t lowest = INT64_MAX;

	for (size_t i = 0; i < beat->count; i++)
		if (beat->open[i].seq < lowest)
			lowest = beat->open[i].seq;
	return beat->count < PP_OPEN_MAX || seq > lowest;
}

static bool over(const struct pp_press *press, const struct pp_beat *beat, uint64_t now_us)
{
	if (press->rung < PP_RUNG_RECEIVED)
		return false;
	if (press->epoch != beat->epoch)
		return now_us - press->receipt_us >= FOREIGN_KEEP_US;
	return press->receipt_n < beat->n && told(beat, press->seq) && !find_open(beat, press->seq);
}

static void reoffer(struct pp_agent *a, const struct pp_beat *beat, const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_REOFFER, .epoch = beat->epoch, .seq = beat->high };
	uint64_t now_us = step->now->mono_us;

	if (a->reoffer_us && a->reoffer_high == beat->high &&
		now_us - a->reoffer_us < REOFFER_EVERY_US)
		return;
	a->reoffer_high = beat->high;
	a->reoffer_us = now_us;
	/* What the server no longer holds is not received any more. */
	for (size_t i = 0; i < a->presses.count; i++) {
		struct pp_press *press = &a->presses.list[i];

		if (press->epoch == beat->epoch && press->seq > beat->high &&
			press->receipt_n < beat->n && press->rung > PP_RUNG_TAKEN &&
			!find_open(beat, press->seq)) {
			press->rung = PP_RUNG_TAKEN;
			press->told = PP_RUNG_NONE;
			press->sounds = false;
		}
	}
	step->emit(step->user, &e);
}

/* More is recorded than was ever numbered here: the outbox is an old copy of itself (a card that
 * was put back, or has forgotten), and what it numbers next would be taken for what is recorded.
 * The newest signals may have overtaken their state, so the state after the claim decides. */
static bool outbox_is_old(struct pp_agent *a, const struct pp_beat *beat)
{
	bool old = a->claimed_epoch == beat->epoch && a->claimed_high > a->newest.last;

	a->claimed_epoch = beat->epoch;
	a->claimed_high = beat->high;
	return old;
}

void pp_liveness_renew(struct pp_agent *a, uint64_t epoch, const struct pp_turn *step)
{
	struct pp_effect e = { .type = PP_EFFECT_RENEW, .epoch = epoch };

	a->renewing = epoch;
	step->emit(step->user, &e);
}

void pp_liveness_renewed(struct pp_agent *a, uint64_t epoch)
{
	if (a->renewing == epoch)
		a->renewing = 0;
	for (size_t i = a->presses.count; i-- > 0;)
		if (a->presses.list[i].epoch == epoch && a->presses.list[i].rung < PP_RUNG_RECEIVED)
			pp_presses_remove(&a->presses, &a->presses.list[i]);
}

static bool echoes_newest(const struct pp_agent *a, const struct pp_beat *beat)
{
	const struct newest *n = &a->newest;

	return n->n && !n->answered && beat->n == n->n && beat->mono_ms == n->mono_ms &&
	       beat->boot == n->boot && beat->epoch == n->epoch;
}

void pp_liveness_beat(
	struct pp_agent *a, const struct pp_agent_input *in, const struct pp_turn *step)
{
	const struct pp_beat *beat = in->beat;
	struct pp_effect e = { .type = PP_EFFECT_KEYS };

	if (!echoes_newest(a, beat)) {
		a->counts.beats_stale++;
		return;
	}
	a->counts.beats++;
	a->newest.answered = true;
	a->drill = beat->drill;
	a->beaten_epoch = beat->epoch;
	a->last_beat_us = step->now->mono_us;
	a->round_trip_us = step->now->mono_us - a->newest.sent_us;
	if (a->renewing == beat->epoch)
		return; /* the server lives; what it holds of this epoch is not ours alone */
	if (outbox_is_old(a, beat) || (in->seq && beat->high >= in->seq)) {
		pp_liveness_renew(a, beat->epoch, step);
		return;
	}
	if (beat->high > a->newest.last) {
		a->state_wanted = true;
		return; /* what it says of numbers cannot be believed before that is answered */
	}
	unheard(a, step);
	if (beat->high < a->newest.floor)
		reoffer(a, beat, step);
	for (size_t i = 0; i < beat->count; i++)
		apply_open(a, beat->epoch, &beat->open[i], step);
	for (size_t i = a->presses.count; i-- > 0;)
		if (over(&a->presses.list[i], beat, step->now->mono_us))
			pp_presses_remove(&a->presses, &a->presses.list[i]);
	if (a->newest.oldest && beat->high >= a->newest.oldest)
		again(beat->epoch, beat->high, step);
	if (beat->key_count) {
		e.beat = beat;
		step->emit(step->user, &e);
	}
}

static struct pp_press press_of(
	const struct pp_agent *a, const struct pp_agent_row *row, uint64_t now_us)
{
	bool fresh = row->pressed_us && now_us >= row->pressed_us &&
		     now_us - row->pressed_us < PP_LATE_AFTER_MS * 1000u;
	struct pp_press press = {
		.epoch = row->epoch,
		.seq = row->seq,
		.class = row->class,
		.silent = row->flags & PP_FLAG_SILENT,
		.refused = row->refused,
		.durable = true,
		.pressed_us = row->pressed_us,
	};

	for (size_t i = 0; i < a->config.point_count; i++)
		if (strcmp(a->config.points[i].id, row->point) == 0)
			press.sounds = a->config.points[i].sounds && fresh && !press.silent;
	return press;
}

void pp_liveness_resume(struct pp_agent *a, const struct pp_agent_row *row, uint64_t now_us)
{
	struct pp_press press = press_of(a, row, now_us);

	if (pp_presses_find(&a->presses, row->epoch, row->seq))
		return;
	press.rung = PP_RUNG_TAKEN;
	if (press.refused || !press.pressed_us) {
		press.doubt = true;
		press.doubt_us = now_us;
	}
	pp_presses_add(&a->presses, &press);
}

void pp_liveness_found(struct pp_agent *a, const struct pp_agent_row *row, uint64_t now_us)
{
	struct lookup *asked = find_lookup(a, row->epoch, row->seq);
	struct pp_press press = press_of(a, row, now_us);
	size_t index;

	if (!asked)
		return;
	if (!row->found) {
		a->counts.lookups_failed += !asked->failed;
		asked->failed =
			true; /* stays in the list, so that it is not asked for with every beat */
		return;
	}
	if (!pp_presses_find(&a->presses, row->epoch, row->seq)) {
		press.rung = pp_rung_of_step(asked->step);
		press.receipt_us = now_us;
		pp_presses_add(&a->presses, &press);
	}
	index = (size_t)(asked - a->lookups);
	a->lookup_count--;
	memmove(asked, asked + 1, (a->lookup_count - index) * sizeof(*asked));
}
