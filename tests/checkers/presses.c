/* SPDX-License-Identifier: Apache-2.0 */
/* presses.c -- lost, late, unexpected, duplicated, and what was not taken in time. */
#include "breach.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROMISE_US (15 * S_US) /* I1 */
#define TAKEN_US (1 * S_US)    /* press to *taken*, never over */
#define SETTLED_US (20 * S_US) /* a sound post has long taken it */
#define DISK_AGAIN_US (65 * S_US)

static const struct signal *with_row(const struct press *p)
{
	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		if (s->row != NONE)
			return s;
	return NULL;
}

static bool is_present(const struct press *p)
{
	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		if (s->present)
			return true;
	return false;
}

/* Whether anything has gone wrong with the post's disk up to then. */
static bool had_trouble(const struct facts *f, const char *post, size_t to)
{
	return facts_any(f, PP_LINE_FAULT, post, 0, to) || facts_any(f, PP_LINE_HIT, post, 0, to) ||
	       facts_undone(f, facts_outbox(f, post), 0, to);
}

static uint64_t due_us(const struct facts *f, const struct press *p)
{
	uint64_t from = p->accepted_us > f->healed_us ? p->accepted_us : f->healed_us;

	return from + PROMISE_US + f->blur_us;
}

/* ---- capture ---- */

static bool is_untaken(const struct court *c, const struct press *p)
{
	const struct facts *f = c->f;

	if (!pp_history_sees(f->h, PP_LINE_STORED) || p->captured_us == NEVER_US || p->signals)
		return false;
	return p->life->end_us > p->at_us + SETTLED_US &&
	       !had_trouble(f, p->post, facts_line_after(f, p->at_us + SETTLED_US));
}

static void check_slow(struct court *c, const struct press *p)
{
	const struct facts *f = c->f;
	uint64_t limit = p->at_us + TAKEN_US + f->blur_us;

	if (!is_promise(c) || !pp_history_sees(f->h, PP_LINE_STORED) || p->at_us < f->healed_us ||
		p->captured_us == NEVER_US || p->life->end_us <= limit || limit > f->end_us)
		return;
	if (p->at_us < f->healed_us + DISK_AGAIN_US && had_trouble(f, p->post, p->line))
		return;
	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		if (s->stored != NONE && line_at(f, s->stored)->t_us <= limit)
			return;
	breach(c, LINES(p->line, p->signals ? p->signals->stored : NONE),
		"%s %s: a press was not in the outbox after %u ms", p->post, p->point,
		TAKEN_US / MS_US);
}

void check_capture(struct court *c)
{
	for (size_t i = 0; i < c->f->press_count; i++) {
		const struct press *p = &c->f->presses[i];

		if (is_never(c) && is_untaken(c, p))
			breach(c, LINES(p->line, p->release),
				"%s %s: a press was never taken, though the agent ran", p->post,
				p->point);
		else
			check_slow(c, p);
	}
}

/* ---- lost and late ---- */

static bool is_judged(const struct court *c, const struct press *p)
{
	return is_promise(c) && p->accepted_us != NEVER_US && due_us(c->f, p) <= c->f->end_us;
}

/* A row that an older copy of the record took back, of a press that the post has nowhere else. */
static bool is_excused(const struct facts *f, const struct press *p, const struct signal *s)
{
	return s && s->stored == NONE && facts_undone(f, f->record, s->row, f->end) &&
	       p->life->crash != NONE;
}

void check_lost(struct court *c)
{
	for (size_t i = 0; i < c->f->press_count; i++) {
		const struct press *p = &c->f->presses[i];
		const struct signal *s = with_row(p);

		if (!is_judged(c, p) || is_present(p) || is_untaken(c, p) || is_excused(c->f, p, s))
			continue;
		breach(c,
			LINES(p->line, p->signals ? p->signals->stored : NONE, s ? s->row : NONE,
				c->f->healed),
			"%s %s: an accepted press is not in the record at the end", p->post,
			p->point);
	}
}

/* When it was in the record, for good. */
static size_t row_for_good(const struct facts *f, const struct press *p)
{
	size_t best = NONE;

	for (const struct signal *s = p->signals; s; s = s->next_of_press) {
		size_t row = s->row;

		if (!s->present)
			continue;
		if (facts_undone(f, f->record, s->row, s->row_back))
			row = s->row_back;
		if (row < best)
			best = row;
	}
	return best;
}

void check_late(struct court *c)
{
	for (size_t i = 0; i < c->f->press_count; i++) {
		const struct press *p = &c->f->presses[i];
		size_t row;

		if (!is_judged(c, p) || !is_present(p))
			continue;
		row = row_for_good(c->f, p);
		if (line_at(c->f, row)->t_us > due_us(c->f, p))
			breach(c, LINES(p->line, c->f->healed, row),
				"%s %s: a press came into the record %" PRIu64 " ms too late",
				p->post, p->point,
				(line_at(c->f, row)->t_us - due_us(c->f, p)) / MS_US);
	}
}

/* ---- unexpected ---- */

static bool is_alarm(const struct facts *f, const struct signal *s)
{
	return s->type && s->type == f->alarm;
}

static bool has_signal(const struct facts *f, const char *incident)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_ROW && line->where == f->record &&
			line->incident == incident)
			return true;
		if (line->kind_of == PP_LINE_ACT && is_text(line->move, "report") &&
			line->incident == incident)
			return true;
		/* The answer was lost: its entry is checked against who has asked. */
		if (line->kind_of == PP_LINE_ENTRY && line->incident == incident &&
			is_text(line->kind, "incident.opened") && line->actor &&
			strncmp(line->actor, "user:", 5) == 0)
			return true;
	}
	return false;
}

static bool is_new(const struct facts *f, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (line_at(f, i)->kind_of == PP_LINE_INCIDENT &&
			line_at(f, i)->incident == line_at(f, index)->incident)
			return false;
	return true;
}

/* Recorded of what may be believed: the post's own bytes on its own topic, not retained. */
static void check_brought(struct court *c, const struct signal *s)
{
	const struct facts *f = c->f;

	if (s->row == NONE || (s->given != NONE && !facts_before(f, s->row, s->given)))
		return;
	breach(c, LINES(s->sent, s->row),
		"%s %s/%" PRId64 ": recorded, and nothing that may be believed had brought it",
		s->post, s->epoch, s->seq);
}

void check_unexpected(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < f->signal_count; i++)
		if (is_never(c) && pp_history_sees(f->h, PP_LINE_GIVEN))
			check_brought(c, &f->signals[i]);

	for (size_t i = 0; is_never(c) && i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i];

		if (s->row == NONE || !is_alarm(f, s) || s->forged)
			continue;
		if (!s->press)
			breach(c, LINES(s->row),
				"%s %s %s/%" PRId64 ": an alarm that nobody raised", s->post,
				s->point, s->epoch, s->seq);
		else if (facts_before(f, s->row, s->press->line))
			breach(c, LINES(s->row, s->press->line),
				"%s %s %s/%" PRId64 ": recorded before it was pressed", s->post,
				s->point, s->epoch, s->seq);
	}
	for (size_t i = 0; is_never(c) && i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_INCIDENT && line->incident && is_new(f, i) &&
			!has_signal(f, line->incident))
			breach(c, LINES(i), "incident %s has neither signal nor report",
				line->incident);
	}
}

/* ---- duplicated ---- */

static void check_rows(struct court *c)
{
	const struct facts *f = c->f;
	const struct signal *s;
	size_t *seen;

	seen = marks_new(f);
	assert(seen);
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_RESTORE && line->where == f->record)
			marks_clear(f, seen);
		if ((line->kind_of != PP_LINE_ROW && line->kind_of != PP_LINE_GONE) ||
			line->where != f->record || !(s = facts_signal(f, line)))
			continue;
		/* (What people make one, or part, goes into another incident.) */
		if (line->kind_of == PP_LINE_ROW && !line->moved && seen[s - f->signals] != NONE &&
			is_alarm(f, s))
			breach(c, LINES(seen[s - f->signals], i),
				"%s %s/%" PRId64 ": one triple, two records", s->post, s->epoch,
				s->seq);
		seen[s - f->signals] = line->kind_of == PP_LINE_ROW ? i : NONE;
	}
	free(seen);
}

static bool differ(int64_t a, int64_t b)
{
	return a != PP_ABSENT && b != PP_ABSENT && a != b;
}

static bool is_other(const struct pp_line *a, const struct pp_line *b)
{
	return (a->point && b->point && a->point != b->point) ||
	       (a->signal && b->signal && a->signal != b->signal) || differ(a->boot, b->boot) ||
	       differ(a->mono, b->mono);
}

/* A number that had left the post, and that the post gave again. */
static void check_numbers(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);
		const struct signal *s;

		if (line->kind_of != PP_LINE_ROW || line->where == f->record ||
			!(s = facts_signal(f, line)) || s->row == NONE || s->sent == NONE ||
			!facts_before(f, s->sent, i) || !is_other(line_at(f, s->row), line) ||
			facts_undone(f, line->where, 0, i))
			continue;
		breach(c, LINES(s->sent, s->row, i), "%s %s/%" PRId64 ": one number, two signals",
			s->post, s->epoch, s->seq);
	}
}

static bool may_be_twins(const struct facts *f, const struct signal *a, const struct signal *b)
{
	size_t to = a->row > b->row ? a->row : b->row;

	if (had_trouble(f, a->post, to) || facts_undone(f, f->record, 0, to))
		return true;
	/* (Held through boots whose clocks show the same: the post counts its boots.) */
	if (a->press_boot == b->press_boot && !(a->epoch == b->epoch && differ(a->boot, b->boot)))
		return false;
	return a->at_start || b->at_start;
}

static void check_twins(struct court *c, const struct press *p)
{
	for (const struct signal *a = p->signals; a; a = a->next_of_press)
		for (const struct signal *b = a->next_of_press; b; b = b->next_of_press)
			if (a->row != NONE && b->row != NONE && !may_be_twins(c->f, a, b))
				breach(c, LINES(p->line, a->row, b->row),
					"%s %s: one press, two alarms in the record", p->post,
					p->point);
}

/* What is told of an incident, or of those that people have made one or parted. */
struct tally {
	size_t rows, entries, twins, opened, line, look;
	bool storm;
	int64_t signals;
};

/* The incident of a signal as the look has it that found what line `index` says: people may have
 * made it one with another since it came, or parted it. */
static const char *incident_at(const struct facts *f, const struct signal *s, size_t index)
{
	const char *incident = NULL;

	for (size_t i = s->row; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->where != f->record)
			continue;
		if (i > index && line->kind_of == PP_LINE_LOOK)
			break;
		if (line->kind_of == PP_LINE_ROW && facts_signal(f, line) == s)
			incident = line->incident;
	}
	return incident;
}

/* Its press had a number before, in the incident that it joins: nobody is told twice. */
static bool is_twin(const struct facts *f, const struct signal *s)
{
	if (!s->press)
		return false;
	for (const struct signal *o = s->press->signals; o; o = o->next_of_press)
		if (o != s && o->row != NONE && o->row < s->row && o->epoch != s->epoch &&
			incident_at(f, o, s->row) == incident_at(f, s, s->row))
			return true;
	return false;
}

/* The incident by which a family is known: its first one. */
static const char *family_of(const struct facts *f, const char *incident)
{
	for (size_t i = 0; incident && i < f->kin_count; i++)
		if (f->kin[i].incident == incident)
			return f->kin[i].family;
	return incident;
}

static void tally_entry(const struct facts *f, size_t index, struct tally *t)
{
	const struct pp_line *line = line_at(f, index);

	/* (What a person has reported, or parted, is no alarm of its own.) */
	if (is_text(line->kind, "incident.opened") && line->actor &&
		strncmp(line->actor, "user:", 5) == 0)
		return;
	if (is_text(line->kind, "incident.opened")) {
		t->opened++;
		t->entries++;
	} else if (is_text(line->kind, "incident.signal")) {
		t->entries++;
	} else if (is_text(line->kind, "incident.storm") || is_text(line->kind, "incident.calm")) {
		t->storm = true;
	} else {
		return;
	}
	t->line = index;
}

/* Rows, events and the record's own count of one incident, or of its family. */
static struct tally tally_make(const struct facts *f, const char *incident)
{
	struct tally t = { .line = NONE, .look = NONE };

	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i];

		if (s->row == NONE || !is_alarm(f, s) || family_of(f, s->incident) != incident)
			continue;
		t.rows++;
		t.twins += is_twin(f, s);
	}
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_LOOK && line->where == f->record)
			t.look = i;
		if (!line->incident || family_of(f, line->incident) != incident)
			continue;
		if (line->kind_of == PP_LINE_ENTRY)
			tally_entry(f, i, &t);
		if (line->kind_of == PP_LINE_INCIDENT && line->signals > t.signals)
			t.signals = line->signals;
	}
	return t;
}

static bool is_alone(const struct facts *f, const char *incident)
{
	for (size_t i = 0; i < f->kin_count; i++)
		if (f->kin[i].family == incident)
			return false;
	return true;
}

static void check_incident(struct court *c, size_t index)
{
	const char *incident = family_of(c->f, line_at(c->f, index)->incident);
	struct tally t = tally_make(c->f, incident);

	if (t.look == NONE || t.look < index || t.rows == 0)
		return;
	if (t.opened > 1 && is_alone(c->f, incident))
		breach(c, LINES(index, t.line), "incident %s was opened twice", incident);
	else if (t.entries > t.rows)
		breach(c, LINES(index, t.line), "incident %s was told %zu times for %zu alarms",
			incident, t.entries, t.rows);
	else if (t.signals > 0 && (size_t)t.signals > t.rows)
		breach(c, LINES(index), "incident %s counts %" PRId64 " signals and has %zu",
			incident, t.signals, t.rows);
}

static bool is_first_of_incident(const struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	if ((line->kind_of != PP_LINE_INCIDENT && line->kind_of != PP_LINE_ROW) || !line->incident)
		return false;
	for (size_t i = 0; i < index; i++)
		if (line_at(f, i)->incident == line->incident &&
			(line_at(f, i)->kind_of == PP_LINE_INCIDENT ||
				line_at(f, i)->kind_of == PP_LINE_ROW))
			return false;
	return true;
}

static bool was_undone(const struct facts *f)
{
	return facts_undone(f, f->record, 0, f->end);
}

void check_duplicated(struct court *c)
{
	if (!is_never(c))
		return;
	check_rows(c);
	check_numbers(c);
	for (size_t i = 0; i < c->f->press_count; i++)
		check_twins(c, &c->f->presses[i]);
	for (size_t i = 0; !was_undone(c->f) && i <= c->f->end; i++)
		if (is_first_of_incident(c->f, i))
			check_incident(c, i);
}

/* ---- escalation ---- */

static void check_told(struct court *c, size_t index)
{
	const char *incident = family_of(c->f, line_at(c->f, index)->incident);
	struct tally t = tally_make(c->f, incident);

	if (!t.storm && t.entries < t.rows - t.twins)
		breach(c, LINES(index, t.line),
			"incident %s has %zu alarms, and people were told of %zu", incident,
			t.rows - t.twins, t.entries);
}

/* Each alarm which joins an open incident is told anew, or counted in a storm; and while nobody has
 * taken it the next step of its ladder fires in its time. */
void check_escalation_gap(struct court *c)
{
	if (!is_never(c) || !pp_history_sees(c->f->h, PP_LINE_ENTRY) || was_undone(c->f))
		return;
	for (size_t i = 0; i <= c->f->end; i++)
		if (line_at(c->f, i)->kind_of == PP_LINE_ROW &&
			line_at(c->f, i)->where == c->f->record && is_first_of_incident(c->f, i))
			check_told(c, i);
	check_ladders(c);
}
