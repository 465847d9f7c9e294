/* SPDX-License-Identifier: Apache-2.0 */
/* facts_presses.c -- which signal is of which press, and what each press was promised. */
#include "facts_presses.h"

#include <stdlib.h>
#include <string.h>

#include "facts.h"

#define BEFORE_US (50 * MS_US)
#define AFTER_US (300 * MS_US)
#define REARM_US (80 * MS_US)    /* released for less than this: it is the same press */
#define AT_START_US (60 * MS_US) /* held for so long after the agent was ready */
#define CHATTER_WITHIN_US (70 * S_US)
#define CHATTER_PRESSES 19 /* no more than so many within that can be no chatter */

static const struct pp_line *declared(const struct facts *f, const struct pp_line *press)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_POINT && line->post == press->post &&
			line->point == press->point)
			return line;
	}
	return NULL;
}

static void release_find(const struct facts *f, struct press *press)
{
	for (size_t i = press->line + 1; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of != PP_LINE_RELEASE || line->post != press->post ||
			line->point != press->point)
			continue;
		press->release = i;
		press->until_us = line->t_us;
		return;
	}
}

static void presses_read(struct facts *f)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i), *point;
		struct press *press = &f->presses[f->press_count];

		if (line->kind_of != PP_LINE_PRESS || !line->post || !line->point)
			continue;
		point = declared(f, line);
		*press = (struct press){ .post = line->post,
			.point = line->point,
			.class = point ? point->class : line->class,
			.silent = point && point->silent,
			.line = i,
			.release = NONE,
			.at_us = line->t_us,
			.until_us = f->end_us,
			.captured_us = NEVER_US,
			.accepted_us = NEVER_US };
		release_find(f, press);
		f->press_count++;
	}
}

/* ---- whose press ---- */

struct match {
	struct press *press;
	unsigned boot;
	uint64_t off_us;
	bool foreseen;  /* the signal was seen before the press */
	bool unkept;    /* the power cut that ended that boot had left nothing of it */
	bool misplaced; /* signals of another boot of its epoch say that it is of another */
};

static bool is_better(const struct match *a, const struct match *b)
{
	if (!b->press || a->foreseen != b->foreseen)
		return !b->press || b->foreseen;
	if (a->unkept != b->unkept)
		return b->unkept;
	if (a->misplaced != b->misplaced)
		return b->misplaced;
	return a->off_us < b->off_us;
}

/* The first line that knows of it, wherever it was. */
static size_t first_seen(const struct signal *s)
{
	const size_t lines[] = { s->stored, s->sent, s->given, s->receipt, s->answered, s->row };
	size_t first = NONE;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (lines[i] < first)
			first = lines[i];
	return first;
}

/* Clocks of two boots show the same time: then it is of a press that had been. */
static bool was_seen_before(const struct facts *f, const struct signal *s, const struct press *p)
{
	size_t first = first_seen(s);

	return first != NONE && facts_before(f, first, p->line);
}

/* Whether a complete look after the power cut that ended the boot of that stretch did not find it,
 * and nobody had heard of it then: what is in memory alone does not outlive its boot. */
static bool was_not_kept(const struct facts *f, const struct signal *s, const struct stretch *k)
{
	const char *outbox = facts_outbox(f, s->post);
	size_t first = first_seen(s);

	for (size_t i = k->line + 1; i <= f->end && first != NONE; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_BOOT && line->node == k->node)
			return false;
		if (line->kind_of == PP_LINE_LOOK && outbox && line->where == outbox &&
			is_text(line->how, "cut"))
			return facts_before(f, i, first) && !facts_undone(f, outbox, 0, first);
	}
	return false;
}

/* Whether its epoch counts boots otherwise than they were, if it were of that one. */
static bool is_misplaced(const struct facts *f, const struct signal *s, unsigned boot)
{
	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *o = &f->signals[i];

		if (o == s || !o->press || o->post != s->post || o->epoch != s->epoch ||
			o->boot == PP_ABSENT || s->boot == PP_ABSENT)
			continue;
		if ((o->boot < s->boot) != (o->press_boot < boot) ||
			(o->boot > s->boot) != (o->press_boot > boot))
			return true;
	}
	return false;
}

static void moment_match(
	struct facts *f, const struct signal *s, int64_t at, struct match *best,
	const struct stretch *k)
{
	uint64_t before = BEFORE_US + f->blur_us, after = AFTER_US + f->blur_us;

	for (size_t i = 0; i < f->press_count; i++) {
		struct press *p = &f->presses[i];
		uint64_t until = s->at_start ? p->until_us : p->at_us, moment = (uint64_t)at, off;
		struct match found;

		if (p->post != s->post || p->point != s->point || moment + before < p->at_us ||
			moment > until + after)
			continue;
		off = moment > p->at_us ? moment - p->at_us : p->at_us - moment;
		found = (struct match){ p, k->boot, off, was_seen_before(f, s, p),
			was_not_kept(f, s, k), is_misplaced(f, s, k->boot) };
		if (is_better(&found, best))
			*best = found;
	}
}

static void signal_match(struct facts *f, struct signal *s)
{
	struct match best = { .press = NULL };

	for (size_t i = 0; i < f->stretch_count; i++) {
		const struct stretch *k = &f->stretches[i];
		int64_t at = k->zero_us + s->mono * (int64_t)MS_US;

		/* (A stretch that begins with a `sync` holds for what was just before it, too.) */
		if (k->node != s->post || at < 0 || (uint64_t)at + S_US < k->from_us ||
			(k->to_us != NEVER_US && (uint64_t)at > k->to_us + S_US))
			continue;
		moment_match(f, s, at, &best, k);
	}
	if (!best.press)
		return;
	s->press = best.press;
	s->press_boot = best.boot;
	s->next_of_press = best.press->signals;
	best.press->signals = s;
}

/* ---- what was promised ---- */

static bool wire_was_good(const struct facts *f, const struct press *p)
{
	bool ok = true;

	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->t_us > p->at_us + CAPTURE_US && line->t_us > p->until_us)
			break;
		if (line->kind_of != PP_LINE_WIRE || line->post != p->post ||
			line->point != p->point)
			continue;
		ok = line->ok;
		if (i > p->line && !ok)
			return false;
	}
	return ok;
}

/* The press before it on the same point; NULL: there is none. */
static const struct press *press_before(const struct facts *f, const struct press *p)
{
	for (const struct press *q = p; q-- > f->presses;)
		if (q->post == p->post && q->point == p->point)
			return q;
	return NULL;
}

static bool may_chatter(const struct facts *f, const struct press *p)
{
	size_t count = 0;

	for (const struct press *q = p; (q = press_before(f, q)) != NULL;) {
		if (q->at_us + CHATTER_WITHIN_US < p->at_us)
			break;
		count++;
	}
	return count >= CHATTER_PRESSES;
}

static bool is_fair(const struct facts *f, const struct press *p)
{
	const struct press *before = press_before(f, p);
	const struct pp_line *point = declared(f, line_at(f, p->line));

	if (!point || (point->kind && !is_text(point->kind, "panic")))
		return false;
	if (before && before->until_us + REARM_US > p->at_us)
		return false;
	return wire_was_good(f, p) && !may_chatter(f, p) &&
	       !facts_any(f, PP_LINE_REVOKE, p->post, 0, f->end);
}

/* A restore of the press that is dated before that moment, and was kept. */
static bool has_restore(const struct facts *f, const struct press *p, uint64_t before_us)
{
	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i], *alarm = p->signals;
		int64_t after_us = (s->mono - alarm->mono) * (int64_t)MS_US;

		if (s->post == p->post && s->point == p->point && s->epoch == alarm->epoch &&
			s->boot == alarm->boot && s->type && is_text(s->type, "restore") &&
			after_us > 0 && p->at_us + (uint64_t)after_us < before_us &&
			(s->stored != NONE || s->row != NONE))
			return true;
	}
	return false;
}

/* Whether an agent knew that it had been let go: it ran long enough after that, or has said so. */
static bool was_seen_to_end(const struct facts *f, const struct press *p)
{
	const struct life *life = facts_life(f, p->post, p->until_us);

	return life && (life->end_us > p->until_us + CAPTURE_US + f->blur_us ||
			       has_restore(f, p, life->end_us));
}

/* What a post cannot tell from a button that was held all the time: let go and pressed again while
 * no agent ran, or so shortly before one was killed that it cannot have known, in one boot. */
static bool looks_held(const struct facts *f, const struct press *p)
{
	const struct press *before = press_before(f, p);

	return before && before->release != NONE && before->signals &&
	       !was_seen_to_end(f, before) &&
	       !facts_any(f, PP_LINE_BOOT, p->post, before->line, p->line);
}

/* When one of its signals was durable at the post, for good; NEVER_US: it was not. */
static uint64_t durable_us(const struct facts *f, const struct press *p)
{
	const char *outbox = facts_outbox(f, p->post);

	for (const struct signal *s = p->signals; s; s = s->next_of_press) {
		size_t until = s->row == NONE ? f->end : s->row;

		if (s->row != NONE && (s->stored == NONE || s->row < s->stored))
			return line_at(f, s->row)->t_us;
		if (s->stored != NONE && !facts_undone(f, outbox, s->stored, until))
			return line_at(f, s->stored)->t_us;
	}
	return NEVER_US;
}

/* A lamp that blinks for an older press may be lit in the moment of a new one: it goes dark again
 * as soon as the post knows of that, at the latest when it must. */
static bool goes_dark(const struct facts *f, const struct press *p, size_t lit)
{
	const struct pp_line *on = line_at(f, lit);

	for (size_t i = lit + 1; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->t_us > p->at_us + CAPTURE_US + f->blur_us ||
			line->t_us >= p->life->end_us)
			return false;
		if (line->kind_of == PP_LINE_LIGHT && line->post == on->post &&
			line->role == on->role && line->class == on->class && !line->on)
			return true;
	}
	return false;
}

/* For observers who do not see the outbox: *taken* lit for that class while no other press of it
 * was young. */
static uint64_t lit_us(const struct facts *f, const struct press *p)
{
	uint64_t room = 2 * S_US + 2 * f->blur_us;

	if (pp_history_sees(f->h, PP_LINE_STORED) || p->silent)
		return NEVER_US;
	for (size_t i = 0; i < f->press_count; i++) {
		const struct press *q = &f->presses[i];

		if (q != p && q->post == p->post && q->class == p->class &&
			q->at_us < p->at_us + room && p->at_us < q->at_us + room)
			return NEVER_US;
	}
	for (size_t i = p->line + 1; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->t_us > p->life->end_us)
			break;
		if (line->kind_of == PP_LINE_LIGHT && line->post == p->post &&
			line->class == p->class && line->on && is_text(line->role, "taken") &&
			line->t_us > p->at_us + f->blur_us && !goes_dark(f, p, i) &&
			!facts_undone(f, facts_outbox(f, p->post), i, f->end))
			return line->t_us;
	}
	return NEVER_US;
}

static bool lives_on(const struct life *life, const struct facts *f)
{
	return life->crash == NONE && life->end_us == f->end_us;
}

/* Held while an agent starts that lives on. */
static void promise_at_start(struct facts *f, struct press *p)
{
	for (size_t i = 0; i < f->life_count; i++) {
		struct life *life = &f->lives[i];

		if (life->node != p->post || life->ready_us == NEVER_US ||
			life->ready_us < p->at_us ||
			p->until_us < life->ready_us + AT_START_US + f->blur_us)
			continue;
		if (!lives_on(life, f) || looks_held(f, p))
			continue;
		p->life = life;
		p->at_start = true;
		p->accepted_us = life->ready_us;
		return;
	}
}

static void promise(struct facts *f, struct press *p)
{
	struct life *life = facts_life(f, p->post, p->at_us);

	if (!is_fair(f, p))
		return;
	if (!life || life->ready_us > p->at_us || p->until_us < p->at_us + HOLD_US) {
		promise_at_start(f, p);
		return;
	}
	p->life = life;
	if (!life->frozen && life->end_us > p->at_us + CAPTURE_US + f->blur_us)
		p->captured_us = p->at_us + CAPTURE_US + f->blur_us;
	p->accepted_us = durable_us(f, p);
	if (p->accepted_us == NEVER_US)
		p->accepted_us = lit_us(f, p);
	if (p->accepted_us == NEVER_US && lives_on(life, f))
		p->accepted_us = p->at_us;
	if (p->accepted_us == NEVER_US)
		promise_at_start(f, p);
}

void facts_presses_make(struct facts *f)
{
	presses_read(f);
	for (size_t i = 0; i < f->signal_count; i++) {
		struct signal *s = &f->signals[i];

		if (s->mono != PP_ABSENT && s->point && s->type && s->type == f->alarm)
			signal_match(f, s);
	}
	for (size_t i = 0; i < f->press_count; i++)
		promise(f, &f->presses[i]);
}
