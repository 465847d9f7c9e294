/* SPDX-License-Identifier: Apache-2.0 */
/* lights.c -- lamps that say more than is true: before it is durable, for another press, for none.
 */
#include "breach.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lamps.h"

#define STEP_ROOM_US (2 * S_US) /* the world may tell of a move after the lamp has */
#define QUIET_US (30 * S_US)    /* nothing has moved for so long: lamps have followed */
#define YOUNG_US (5 * S_US)     /* a press whose own light may still come */
#define PRESSES_MAX 30          /* beats name the 32 newest */

/* ---- before durable ---- */

struct claims {
	size_t *rows;   /* by signal: its row in the place that is looked at, NONE: it has none */
	size_t *signal; /* by signal: the line that claims it */
	size_t *press;  /* by press */
	const char *where;
	bool is_record;
};

static void claim_light(struct court *c, struct claims *k, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	const char *role = k->is_record ? "received" : "taken";

	if (!line->on || !is_text(line->role, role) ||
		(!k->is_record && facts_outbox(f, line->post) != k->where))
		return;
	for (size_t i = 0; i < f->press_count; i++)
		if (k->press[i] == NONE && speaks_for(f, line, &f->presses[i]))
			k->press[i] = index;
}

static bool has_row(const struct claims *k, const struct facts *f, const struct press *p)
{
	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		if (k->rows[s - f->signals] != NONE || (!k->is_record && s->row != NONE))
			return true;
	return false;
}

static void look(struct court *c, struct claims *k, size_t index)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i];

		if (k->signal[i] == NONE || k->rows[i] != NONE ||
			!facts_before(f, k->signal[i], index))
			continue;
		breach(c, LINES(k->signal[i], index),
			"%s %s/%" PRId64 ": a receipt was given, and the record does not have it",
			s->post, s->epoch, s->seq);
		k->signal[i] = NONE;
	}
	for (size_t i = 0; i < f->press_count; i++) {
		const struct press *p = &f->presses[i];

		if (k->press[i] == NONE || has_row(k, f, p) || !facts_before(f, k->press[i], index))
			continue;
		if (!k->is_record || !pp_history_sees(f->h, PP_LINE_RECEIPT))
			breach(c, LINES(p->line, k->press[i], index),
				"%s %s: *%s* was lit, and %s does not have it", p->post, p->point,
				k->is_record ? "received" : "taken", k->where);
		k->press[i] = NONE;
	}
}

static void forget(const struct facts *f, struct claims *k)
{
	marks_clear(f, k->rows);
	marks_clear(f, k->signal);
	for (size_t i = 0; i < f->press_count; i++)
		k->press[i] = NONE;
}

static void claim_line(struct court *c, struct claims *k, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	const struct signal *s = NULL;

	if (line->kind_of == PP_LINE_LIGHT) {
		claim_light(c, k, index);
		return;
	}
	if (line->kind_of == PP_LINE_RECEIPT && k->is_record && is_text(line->result, "recorded")) {
		s = facts_signal(f, line);
		if (s && k->signal[s - f->signals] == NONE)
			k->signal[s - f->signals] = index;
	}
	if (line->where != k->where)
		return;
	if (line->kind_of == PP_LINE_RUIN || line->kind_of == PP_LINE_RESTORE)
		forget(f, k);
	else if (line->kind_of == PP_LINE_LOOK)
		look(c, k, index);
	else if (line->kind_of == PP_LINE_ROW || line->kind_of == PP_LINE_GONE)
		s = facts_signal(f, line);
	if (s)
		k->rows[s - f->signals] = line->kind_of == PP_LINE_ROW ? index : NONE;
}

static void check_place(struct court *c, const char *where)
{
	const struct facts *f = c->f;
	struct claims k = { .rows = marks_new(f),
		.signal = marks_new(f),
		.press = malloc((f->press_count + 1) * sizeof(size_t)),
		.where = where,
		.is_record = where == f->record };

	assert(k.rows && k.signal && k.press);
	forget(f, &k);
	for (size_t i = 0; i <= f->end; i++)
		claim_line(c, &k, i);
	free(k.rows);
	free(k.signal);
	free(k.press);
}

static bool is_first_look(const struct facts *f, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (line_at(f, i)->kind_of == PP_LINE_LOOK &&
			line_at(f, i)->where == line_at(f, index)->where)
			return false;
	return line_at(f, index)->kind_of == PP_LINE_LOOK && line_at(f, index)->where;
}

void check_light_before_durable(struct court *c)
{
	for (size_t i = 0; is_never(c) && i <= c->f->end; i++)
		if (is_first_look(c->f, i))
			check_place(c, line_at(c->f, i)->where);
}

/* ---- the wrong press ---- */

static bool is_move(const struct pp_line *line, const char *incident, int rung)
{
	int to = RUNG_NONE;

	if (line->incident != incident)
		return false;
	if (line->kind_of == PP_LINE_ACT && (!line->has_ok || line->ok)) {
		to = is_text(line->move, "acknowledge") ? RUNG_ACKNOWLEDGED
		     : is_text(line->move, "dispatch")  ? RUNG_DISPATCHED
		     : is_text(line->move, "on-scene")  ? RUNG_ON_SCENE
		     : is_text(line->move, "close")     ? RUNG_CLOSED
							: RUNG_NONE;
	} else if (line->kind_of == PP_LINE_INCIDENT) {
		to = rung_of_state(line->state);
	} else if (line->kind_of == PP_LINE_ENTRY && line->kind &&
		   strncmp(line->kind, "incident.", 9) == 0) {
		to = rung_of_state(line->kind + 9);
	}
	return to >= rung;
}

/* Whether that incident had come so far, or beyond. */
static bool has_moved(const struct facts *f, const char *incident, int rung, uint64_t at_us)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->t_us > at_us + STEP_ROOM_US + f->blur_us)
			break;
		if (is_move(line, incident, rung))
			return true;
	}
	return false;
}

/* (After an older record was put back a press belongs to another incident.) */
static bool has_step(const struct facts *f, const struct press *p, int rung, uint64_t at_us)
{
	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		for (size_t i = s->row; s->row != NONE && i <= s->row_last; i++) {
			const struct pp_line *line = line_at(f, i);

			if (line->kind_of == PP_LINE_ROW && line->incident &&
				facts_signal(f, line) == s &&
				has_moved(f, line->incident, rung, at_us))
				return true;
		}
	return false;
}

/* A moment: by the order of lines where that is sure, and one is named. */
struct moment {
	uint64_t at_us;
	size_t line;
};

static bool came(const struct facts *f, size_t index, const struct moment *at)
{
	if (at->line != NONE && f->blur_us == 0)
		return index < at->line;
	return in_time(f, index, at->at_us);
}

static bool has_come(
	const struct facts *f, const struct press *p, int rung, const struct moment *at)
{
	bool receipts = pp_history_sees(f->h, PP_LINE_RECEIPT);
	bool answers = pp_history_sees(f->h, PP_LINE_ANSWERED);

	if (rung > RUNG_RECEIVED)
		return has_step(f, p, rung, at->at_us);
	/* What the server has recorded and said so is safe, also what no disk of the post held. */
	if (rung == RUNG_TAKEN && has_come(f, p, RUNG_RECEIVED, at))
		return true;
	for (const struct signal *s = p->signals; s; s = s->next_of_press) {
		if (rung == RUNG_TAKEN && came(f, s->stored, at))
			return true;
		if (rung == RUNG_RECEIVED &&
			came(f, answers ? s->answered : receipts ? s->receipt : s->row, at))
			return true;
	}
	return false;
}

/* Whether this history can tell how far presses have come. */
static bool is_seen(const struct facts *f, int rung)
{
	if (rung == RUNG_TAKEN)
		return pp_history_sees(f->h, PP_LINE_STORED);
	if (rung == RUNG_RECEIVED)
		return pp_history_sees(f->h, PP_LINE_RECEIPT) || pp_history_sees(f->h, PP_LINE_ROW);
	return pp_history_sees(f->h, PP_LINE_ENTRY) || pp_history_sees(f->h, PP_LINE_ACT);
}

static void check_span(struct court *c, const struct span *s, int rung)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < f->press_count; i++) {
		const struct press *p = &f->presses[i];
		struct moment at = { p->captured_us, NONE };

		if (speaks_for(f, line_at(f, s->on), p))
			at = (struct moment){ s->from_us, s->on };
		else if (at.at_us < s->from_us)
			at.at_us = s->from_us;
		if (p->post != s->post || !concerns(s->class, p) || p->captured_us == NEVER_US ||
			p->life != s->life || at.at_us + f->blur_us >= s->to_us ||
			has_come(f, p, rung, &at))
			continue;
		breach(c, LINES(p->line, p->signals ? p->signals->row : NONE, s->on, s->off),
			"%s: *%s* is lit while the press of %s has not come so far", s->post,
			s->role, p->point);
		return;
	}
}

void check_wrong_light(struct court *c)
{
	const struct facts *f = c->f;
	struct lamps lamps;
	int r = lamps_new(f, &lamps);

	assert(r == 0);
	for (size_t i = 0; is_never(c) && i < lamps.count; i++) {
		const struct span *s = &lamps.spans[i];
		int rung = rung_of(s->role);

		if (rung == RUNG_NONE || !is_seen(f, rung) || !s->life || s->life->frozen ||
			facts_undone(f, facts_outbox(f, s->post), 0, s->on))
			continue;
		if (rung > RUNG_RECEIVED &&
			(is_flash(f, &lamps, s) || facts_undone(f, f->record, 0, s->on)))
			continue;
		check_span(c, s, rung);
	}
	lamps_done(&lamps);
}

/* ---- no press at all, or long over ---- */

static bool was_pressed(const struct facts *f, const struct span *s)
{
	for (size_t i = 0; i < f->press_count; i++)
		if (f->presses[i].post == s->post && concerns(s->class, &f->presses[i]) &&
			f->presses[i].at_us <= s->from_us + f->blur_us)
			return true;
	return false;
}

static bool is_quiet(const struct facts *f)
{
	uint64_t from = f->healed_us + QUIET_US;

	for (size_t i = 0; i <= f->end; i++) {
		enum pp_line_kind kind = line_at(f, i)->kind_of;

		if ((kind == PP_LINE_PRESS || kind == PP_LINE_ACT || kind == PP_LINE_START ||
			    kind == PP_LINE_CRASH || kind == PP_LINE_REVOKE) &&
			line_at(f, i)->t_us + QUIET_US > from)
			from = line_at(f, i)->t_us + QUIET_US;
	}
	return from + f->blur_us <= f->end_us;
}

static const char *state_of(const struct facts *f, const char *incident)
{
	const char *state = NULL;

	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_INCIDENT &&
			line_at(f, i)->incident == incident)
			state = line_at(f, i)->state;
	return state;
}

/* The least advanced of the open presses of a post and class at the end. */
struct ladder {
	size_t open;
	int least;
	bool unclear; /* nothing can be said */
	size_t row;   /* of the least advanced */
};

static bool is_silent(const struct facts *f, const struct signal *s)
{
	return !s->press || s->press->silent || !f->record;
}

static void ladder_add(const struct facts *f, const struct signal *s, struct ladder *l)
{
	const char *state = s->incident ? state_of(f, s->incident) : NULL;
	int rung = rung_of_state(state);

	if (!state || s->stored == NONE) {
		l->unclear = true;
		return;
	}
	if (rung == RUNG_CLOSED)
		return;
	if (l->open == 0 || rung < l->least) {
		l->least = rung;
		l->row = s->row;
	}
	l->open++;
}

static struct ladder ladder_make(const struct facts *f, const char *post, const char *class)
{
	struct ladder l = { 0, RUNG_CLOSED, false, NONE };
	const char *epoch = NULL;

	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i];

		if (s->post != post)
			continue;
		if (epoch && s->epoch != epoch)
			l.unclear = true; /* of other epochs beats say nothing */
		epoch = s->epoch;
		if (s->type != f->alarm || is_silent(f, s) || (class && s->press->class != class))
			continue;
		if (!s->present)
			l.unclear = true;
		else
			ladder_add(f, s, &l);
	}
	if (l.open > PRESSES_MAX || facts_undone(f, facts_outbox(f, post), 0, f->end))
		l.unclear = true;
	return l;
}

static void check_output(struct court *c, const struct span *s, int rung)
{
	const struct facts *f = c->f;
	const struct life *life = facts_life(f, s->post, f->end_us - 1);
	struct ladder l = ladder_make(f, s->post, s->class);
	bool lit = s->off == NONE && s->life == life, want = l.open && l.least >= rung;

	if (l.unclear || !life || life->frozen || lit == want ||
		facts_any(f, PP_LINE_REVOKE, s->post, 0, f->end))
		return;
	breach(c, LINES(l.row, s->on, s->off, f->end),
		"%s: *%s* (%s) is %s at the end, and is not %s", s->post, s->role,
		s->class ? s->class : "shared", lit ? "lit" : "dark", lit ? "true" : "told");
}

static bool is_last_of_output(const struct lamps *lamps, const struct span *s)
{
	for (const struct span *o = s + 1; o < lamps->spans + lamps->count; o++)
		if (o->post == s->post && o->role == s->role && o->class == s->class)
			return false;
	return true;
}

void check_stale_light(struct court *c)
{
	const struct facts *f = c->f;
	struct lamps lamps;
	int r = lamps_new(f, &lamps);

	assert(r == 0);
	for (size_t i = 0; i < lamps.count; i++) {
		const struct span *s = &lamps.spans[i];
		int rung = rung_of(s->role);

		if (rung == RUNG_NONE)
			continue;
		if (!was_pressed(f, s)) {
			if (is_never(c))
				breach(c, LINES(s->on), "%s: *%s* is lit for no press", s->post,
					s->role);
		} else if (is_promise(c) && is_last_of_output(&lamps, s) && is_quiet(f) &&
			   pp_history_sees(f->h, PP_LINE_INCIDENT) && f->knows_outboxes &&
			   !facts_undone(f, f->record, 0, f->end)) {
			check_output(c, s, rung);
		}
	}
	lamps_done(&lamps);
}
