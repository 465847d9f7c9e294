/* SPDX-License-Identifier: Apache-2.0 */
/* ladders.c -- rings, steps and calls of each incident, followed entry by entry: what fired too
 * early, too late, out of order or for nobody, and who is called though others have it. Judges only
 * histories whose entries name rings. What one transaction does is seen in one look, which may be
 * cut short: a state that is wrong in the middle is judged when a look has come to its end. */
#include "ladders.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reboots.h"

#define ROOM_US (2 * S_US)
#define FAULT_US (150 * S_US) /* a fault that began so long ago may still last */

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

/* Links and clocks of its own do not hold up a ladder. */
static bool hurts(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_HIT ||
	       (line->kind_of == PP_LINE_FAULT && !is_text(line->kind, "clock") &&
		       !begins(line->kind, "link"));
}

/* The server was up and its disk well all the time. */
static bool was_well(const struct facts *f, uint64_t from, uint64_t to)
{
	const struct life *life = f->server ? facts_life(f, f->server, from) : NULL;
	size_t until = facts_line_after(f, to);

	if (!life || life->ready_us > from || !facts_runs(life, to) || life->frozen)
		return false;
	for (size_t i = facts_line_after(f, from > FAULT_US ? from - FAULT_US : 0); i < until; i++)
		if (line_at(f, i)->node == f->server && hurts(line_at(f, i)))
			return false;
	return true;
}

/* ---- what is known ---- */

static struct story *story_of(struct tale *t, const char *incident)
{
	for (size_t i = 0; i < t->story_count; i++)
		if (t->stories[i].incident == incident)
			return &t->stories[i];
	t->stories[t->story_count] = (struct story){ .incident = incident, .broken = NONE };
	return &t->stories[t->story_count++];
}

static int ring_index(const char *name)
{
	static const char *const names[RING_COUNT] = { "desk", "neighbours", "agencies",
		"fallback" };

	for (int i = 0; i < RING_COUNT; i++)
		if (is_text(name, names[i]))
			return i;
	return -1;
}

static struct callout *callout_find(struct tale *t, int64_t id)
{
	for (size_t i = 0; i < t->callout_count; i++)
		if (t->callouts[i].id == id)
			return &t->callouts[i];
	return NULL;
}

static bool is_coming(const char *state)
{
	return is_text(state, "call.accepted") || is_text(state, "call.en-route") ||
	       is_text(state, "call.on-scene") || is_text(state, "call.done");
}

static unsigned coming(const struct tale *t, const struct story *s, int ring)
{
	unsigned count = 0;

	for (size_t i = 0; i < t->callout_count; i++) {
		const struct callout *o = &t->callouts[i];

		count += o->story == s && (ring < 0 || o->ring == ring) && is_coming(o->state);
	}
	return count;
}

/* Whether everybody whom the running step has called refuses. */
static bool all_refuse(const struct tale *t, const struct story *s, int ring)
{
	unsigned calls = 0, refused = 0;

	for (size_t i = 0; i < t->callout_count; i++) {
		const struct callout *o = &t->callouts[i];

		if (o->story != s || o->ring != ring || o->line < s->rings[ring].line)
			continue;
		calls++;
		refused += is_text(o->state, "call.refused");
	}
	return calls > 0 && refused == calls;
}

/* ---- a step ---- */

static void check_overdue(const struct tale *t, const struct ring *r, size_t next)
{
	const struct facts *f = t->c->f;
	uint64_t at = next == NONE ? f->end_us : line_at(f, next)->t_us;
	uint64_t due = t->part == PART_GAP ? reboots_due(f, r->line, r->wait_us) : NEVER_US;

	if (due == NEVER_US)
		return;
	due += ROOM_US + f->blur_us;
	if (at <= due || !was_well(f, due - 3 * S_US, due))
		return;
	breach(t->c, LINES(r->line, next, facts_line_after(f, due)),
		"incident %s, %s: the next step did not fire in its time",
		line_at(f, r->line)->incident, line_at(f, r->line)->ring);
}

/* (Who reads late sees it late: that a step has fired is sure only while the disk is well.) */
static void check_early(const struct tale *t, const struct ring *r, size_t next)
{
	const struct facts *f = t->c->f;
	const struct pp_line *step = line_at(f, r->line);
	const struct life *life = f->server ? facts_life(f, f->server, step->t_us) : NULL;

	if (t->part != PART_GAP || !life || life->ready >= r->line ||
		life->ready_us + f->blur_us > step->t_us || reboots_any(f, r->line, next) ||
		!was_well(f, step->t_us, step->t_us) ||
		line_at(f, next)->t_us + ROOM_US + f->blur_us >= step->t_us + r->wait_us)
		return;
	breach(t->c, LINES(r->line, next), "incident %s, %s: the next step fired too early",
		step->incident, step->ring);
}

static void check_order(const struct tale *t, const struct ring *r, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	bool follows = line->step == r->step + 1;

	if (t->part != PART_ORDER || follows || (!r->running && line->step == 1))
		return;
	breach(t->c, LINES(r->line, index),
		"incident %s, %s: step %" PRId64 " fired after step %" PRId64, line->incident,
		line->ring, line->step, r->step);
}

static void check_wanted(const struct tale *t, const struct story *s, int ring, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	const char *why = s->over                                         ? "it is over"
			  : s->taken && !is_text(line->until, "accepted") ? "somebody has taken it"
			  : ring == RING_FALLBACK && coming(t, s, -1) > 0 ? "somebody comes"
									  : NULL;

	if (t->part == PART_TOLD && why)
		breach(t->c, LINES(s->last, index), "incident %s, %s: a step fired, though %s",
			s->incident, line->ring, why);
}

static void step_read(struct tale *t, struct story *s, int ring, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	struct ring *r = &s->rings[ring];

	check_wanted(t, s, ring, index);
	check_order(t, r, index);
	if (r->running)
		check_overdue(t, r, index);
	if (r->running && !all_refuse(t, s, ring))
		check_early(t, r, index);
	*r = (struct ring){ .running = true,
		.until_accepted = is_text(line->until, "accepted"),
		.step = line->step,
		.line = index,
		.wait_us = line->wait > 0 ? (uint64_t)line->wait * MS_US : 0 };
}

static void ended_read(struct tale *t, struct story *s, int ring, size_t index)
{
	struct ring *r = &s->rings[ring];
	bool spent = is_text(line_at(t->c->f, index)->why, "spent");

	if (r->running)
		check_overdue(t, r, index);
	if (r->running && spent && !all_refuse(t, s, ring))
		check_early(t, r, index);
	r->running = false;
	r->ended = !spent;
}

/* ---- a call ---- */

static bool may_follow(const char *before, const char *after)
{
	static const struct {
		const char *from, *to;
	} moves[] = {
		{ "notified", "accepted refused en-route on-scene expired stopped" },
		{ "accepted", "refused en-route on-scene" },
		{ "refused", "accepted en-route on-scene" },
		{ "en-route", "refused on-scene" },
		{ "on-scene", "done" },
		{ "expired", "accepted refused en-route on-scene stopped" },
		{ "stopped", "accepted en-route on-scene" },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (strcmp(before + strlen("call."), moves[i].from) == 0)
			return strstr(moves[i].to, after + strlen("call.")) != NULL;
	return false;
}

static void callout_begin(struct tale *t, struct story *s, int ring, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	const struct ring *r = &s->rings[ring];

	if (t->part == PART_TOLD && (!r->running || r->step != line->step))
		breach(t->c, LINES(r->line, index),
			"incident %s, %s: somebody is called, and no such step is running",
			s->incident, line->ring);
	t->callouts[t->callout_count++] = (struct callout){ .id = line->callout,
		.story = s,
		.ring = ring,
		.step = line->step,
		.state = line->kind,
		.post = line->post,
		.line = index };
}

static void callout_read(struct tale *t, struct story *s, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	struct callout *o = callout_find(t, line->callout);
	int ring = ring_index(line->ring);

	if (ring < 0) /* a unit that the desk has sent */
		return;
	if (is_text(line->kind, "call.notified") && !o) {
		callout_begin(t, s, ring, index);
		return;
	}
	if (t->part == PART_CALLS && (!o || !may_follow(o->state, line->kind)))
		breach(t->c, LINES(o ? o->told : NONE, index), "call %" PRId64 ": %s after %s",
			line->callout, line->kind, o ? o->state : "nothing");
	/* Others have it: whoever was told so comes only when they have it no more. */
	if (t->part == PART_CALLS && o && is_text(o->state, "call.stopped") &&
		!is_text(line->kind, "call.on-scene") && (s->taken || coming(t, s, -1) > 0))
		breach(t->c, LINES(o->told, index), "call %" PRId64 ": %s though others have it",
			line->callout, line->kind);
	if (o) {
		o->story = o->story && o->story->into ? s : o->story;
		o->state = line->kind;
		o->told = index;
	}
}

/* ---- an entry ---- */

static void merge_read(struct tale *t, struct story *from, const char *other)
{
	struct story *into = other ? story_of(t, other) : NULL;

	from->over = true;
	from->into = into;
	for (size_t i = 0; into && i < t->callout_count; i++)
		if (t->callouts[i].story == from && is_coming(t->callouts[i].state))
			t->callouts[i].story = into;
	if (into)
		into->taken = into->taken || from->taken;
}

/* An exercise has become serious: whoever had it, was called or was coming had an exercise, and all
 * begins anew. */
static void convert_read(struct tale *t, struct story *s)
{
	s->taken = false;
	memset(s->rings, 0, sizeof(s->rings));
	for (size_t i = 0; i < t->callout_count; i++) {
		struct callout *o = &t->callouts[i];

		if (o->story != s || is_text(o->state, "call.refused"))
			continue;
		if (is_text(o->state, "call.on-scene") || is_text(o->state, "call.done"))
			o->story = NULL; /* the new ladder does not know of them */
		else
			o->state = "call.stopped";
	}
}

/* Parted from another: whoever was called to its post, and does not come yet, goes with it. */
static void part_read(struct tale *t, struct story *part, const struct pp_line *line)
{
	const struct story *from = story_of(t, line->other);

	for (size_t i = 0; line->post && i < t->callout_count; i++) {
		struct callout *o = &t->callouts[i];
		const struct story *s = o->story;

		while (s && s->into)
			s = s->into;
		if (s == from && o->post == line->post && !is_coming(o->state))
			o->story = part;
	}
}

/* Nobody comes any more; whoever has been there and gone does not come to what it becomes. */
static void stand_down_read(struct tale *t, const struct story *s)
{
	for (size_t i = 0; i < t->callout_count; i++)
		if (t->callouts[i].story == s && is_text(t->callouts[i].state, "call.done"))
			t->callouts[i].story = NULL;
}

static void entry_read(struct tale *t, size_t index)
{
	const struct pp_line *line = line_at(t->c->f, index);
	struct story *s = story_of(t, line->incident);
	int ring = ring_index(line->ring);

	if (is_text(line->kind, "incident.opened"))
		s->opened = true;
	if (is_text(line->kind, "incident.opened") && line->other)
		part_read(t, s, line);
	else if (is_text(line->kind, "incident.acknowledged"))
		s->taken = true;
	else if (is_text(line->kind, "incident.returned"))
		s->taken = false;
	else if (is_text(line->kind, "incident.closed"))
		s->over = true;
	else if (is_text(line->kind, "incident.stood-down"))
		stand_down_read(t, s);
	else if (is_text(line->kind, "incident.converted"))
		convert_read(t, s);
	else if (is_text(line->kind, "incident.merged"))
		merge_read(t, s, line->other);
	else if (is_text(line->kind, "ladder.step") && ring >= 0)
		step_read(t, s, ring, index);
	else if (is_text(line->kind, "ladder.ended") && ring >= 0)
		ended_read(t, s, ring, index);
	else if (begins(line->kind, "call.") && line->callout != PP_ABSENT)
		callout_read(t, s, index);
	s->last = index;
	t->moved = true;
}

/* ---- what may not stay so ---- */

static const char *gap_of(const struct tale *t, const struct story *s)
{
	bool running = false;

	if (s->over || !s->opened)
		return NULL;
	/* (A step of the desk has its time, whatever people say: its roles have no call.) */
	for (int i = RING_DESK + 1; i < RING_FALLBACK; i++)
		if (s->rings[i].running && all_refuse(t, s, i))
			return "all whom the step has called refuse, and nobody else is called";
	for (int i = 0; i < RING_COUNT; i++)
		running |= s->rings[i].running;
	if (!running && !s->taken && coming(t, s, -1) == 0)
		return "nobody has it, nobody comes, and nobody is called";
	return NULL;
}

static const char *going_on(const struct tale *t, const struct story *s)
{
	for (int i = 0; i < RING_COUNT; i++) {
		const struct ring *r = &s->rings[i];

		if (!r->running)
			continue;
		if (s->over)
			return "it is over, and a ring goes on";
		if (s->taken && !r->until_accepted)
			return "somebody has taken it, and a ring goes on";
		if (i == RING_FALLBACK ? coming(t, s, -1) > 0 : coming(t, s, i) > 0)
			return "somebody comes, and the ring goes on";
	}
	return NULL;
}

/* Whether what the ring waits for has come. The fallback waits until somebody has it or comes, also
 * for those whom that of another has called before the two were made one, though its own has ended
 * once, for somebody who has come and gone. */
static bool has_come(const struct tale *t, const struct story *s, int ring)
{
	const struct ring *r = &s->rings[ring];

	if (s->over || (s->taken && !r->until_accepted))
		return true;
	return !r->running && (ring == RING_FALLBACK ? coming(t, s, -1) > 0 : r->ended);
}

/* A call that waits for an answer which nobody waits for any more. What has become a part of
 * another waits there. */
static const char *left_over(const struct tale *t, const struct story *of)
{
	const struct story *s = of;

	while (s->into)
		s = s->into;
	for (size_t i = 0; i < t->callout_count; i++) {
		const struct callout *o = &t->callouts[i];
		const struct ring *r = &s->rings[o->ring];
		bool notified = is_text(o->state, "call.notified");

		if (o->story != of || (!notified && !is_text(o->state, "call.expired")))
			continue;
		/* Whoever the fallback has called is called for as long as it runs. */
		if (notified && (!r->running || (r->step != o->step && o->ring != RING_FALLBACK)))
			return "its step is over, and a call of it has not ended";
		if (has_come(t, s, o->ring))
			return "others have it, and whoever was called is not told";
	}
	return NULL;
}

static void story_judge(struct tale *t, struct story *s)
{
	const char *why = t->part == PART_GAP     ? gap_of(t, s)
			  : t->part == PART_TOLD  ? going_on(t, s)
			  : t->part == PART_CALLS ? left_over(t, s)
						  : NULL;

	if (why && s->broken == NONE)
		breach(t->c, LINES(s->last), "incident %s: %s", s->incident, why);
	s->broken = why ? s->last : NONE;
}

static bool names_rings(const struct facts *f)
{
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->ring)
			return true;
	return false;
}

static size_t incidents_count(const struct facts *f)
{
	size_t count = 0;

	for (size_t i = 0; i <= f->end; i++)
		count += line_at(f, i)->kind_of == PP_LINE_ENTRY;
	return count;
}

bool ladders_follow(struct court *c, enum ladders_part part)
{
	const struct facts *f = c->f;
	struct tale t = { .c = c, .part = part };
	size_t room = 2 * incidents_count(f) + 1;

	if (!names_rings(f))
		return false;
	t.stories = calloc(room, sizeof(*t.stories));
	t.callouts = calloc(room, sizeof(*t.callouts));
	if (!t.stories || !t.callouts)
		abort();
	for (size_t i = 0; i <= f->end; i++) {
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->incident)
			entry_read(&t, i);
		if (!facts_read_all(f, line_at(f, i)))
			continue;
		for (size_t k = 0; t.moved && k < t.story_count; k++)
			story_judge(&t, &t.stories[k]);
		t.moved = false;
	}
	for (size_t i = 0; i < t.story_count; i++)
		for (int k = 0; k < RING_COUNT; k++)
			if (t.stories[i].rings[k].running)
				check_overdue(&t, &t.stories[i].rings[k], NONE);
	free(t.stories);
	free(t.callouts);
	return true;
}

static bool is_judged(const struct court *c)
{
	return is_never(c) && pp_history_sees(c->f->h, PP_LINE_ENTRY) &&
	       !facts_undone(c->f, c->f->record, 0, c->f->end);
}

void check_step_order(struct court *c)
{
	if (is_judged(c))
		(void)ladders_follow(c, PART_ORDER);
}

void check_told_after_taken(struct court *c)
{
	if (!is_judged(c))
		return;
	(void)ladders_follow(c, PART_TOLD);
	notices_judge(c);
}

void check_call_state(struct court *c)
{
	if (is_judged(c))
		(void)ladders_follow(c, PART_CALLS);
}
