/* SPDX-License-Identifier: Apache-2.0 */
/* notices.c -- the messages of a call: by one way after the other, each under one key, to their
 * end; none begins once others have it, and then whoever was told is told that. */
#include "ladders.h"

#include <inttypes.h>
#include <string.h>

#define UNDER_WAY_US (15 * S_US)   /* a try that had begun */
#define PERSON_WAIT_US (85 * S_US) /* a person is tried again each minute; a try takes 10 s */

static bool is_row(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_QUEUED && line->contact && line->callout > 0;
}

static bool waits(const struct pp_line *line)
{
	return is_text(line->state, "queued") || is_text(line->state, "held");
}

/* The newest line of that key at that time. */
static size_t state_at(const struct facts *f, const char *key, uint64_t at_us)
{
	size_t found = NONE;

	for (size_t i = 0; i <= f->end && line_at(f, i)->t_us <= at_us; i++)
		if (line_at(f, i)->kind_of == PP_LINE_QUEUED && line_at(f, i)->key == key)
			found = i;
	return found;
}

static bool is_first(const struct facts *f, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (line_at(f, i)->kind_of == PP_LINE_QUEUED &&
			line_at(f, i)->key == line_at(f, index)->key)
			return false;
	return true;
}

/* (A look may have been cut short between the two.) */
static size_t look_after(const struct facts *f, size_t index)
{
	for (size_t i = index; i <= f->end; i++)
		if (facts_read_all(f, line_at(f, i)))
			return i;
	return NONE;
}

/* ---- others have it ---- */

static size_t stop_of(const struct facts *f, int64_t callout)
{
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->callout == callout &&
			is_text(line_at(f, i)->kind, "call.stopped"))
			return i;
	return NONE;
}

static void check_withdrawn(struct court *c, size_t row, size_t stop)
{
	const struct facts *f = c->f;
	const char *key = line_at(f, row)->key;
	uint64_t at_us = line_at(f, stop)->t_us;
	size_t look = look_after(f, stop), state;

	state = look == NONE ? NONE : state_at(f, key, line_at(f, look)->t_us);
	if (state != NONE && waits(line_at(f, state)))
		breach(c, LINES(stop, state),
			"call %" PRId64 ": others have it, and a message of it still waits",
			line_at(f, row)->callout);
	for (size_t i = stop; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_TOLD && line->key == key &&
			line->t_us > at_us + UNDER_WAY_US + f->blur_us) {
			breach(c, LINES(row, stop, i),
				"call %" PRId64 ": somebody is told of it though others have it",
				line_at(f, row)->callout);
			return;
		}
	}
}

/* Another row tells the same contact of the same incident, whatever was merged into it. */
static bool is_of_the_same(
	const struct facts *f, const struct pp_line *a, const struct pp_line *b, size_t until)
{
	return is_row(a) && a->contact == b->contact &&
	       facts_whole(f, a->incident, until) == facts_whole(f, b->incident, until);
}

/* Whether the contact was called once more for what was one incident when this call was stopped, by
 * whichever call (a fallback calls again by the same one): then that message has the word. One that
 * has had it before has none to come. */
static bool was_called_again(const struct facts *f, const struct pp_line *row, size_t stop)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *o = line_at(f, i);
		size_t its_stop;

		if (o->entry <= row->entry || !is_text(o->purpose, "alarm") ||
			!is_of_the_same(f, o, row, stop))
			continue;
		its_stop = stop_of(f, o->callout);
		if (its_stop == NONE || its_stop >= stop)
			return true;
	}
	return false;
}

/* The newest of that call at that entry. */
static const char *call_at(const struct facts *f, int64_t callout, size_t until)
{
	const char *kind = "";

	for (size_t i = 0; i <= until; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->callout == callout &&
			strncmp(line_at(f, i)->kind, "call.", 5) == 0)
			kind = line_at(f, i)->kind;
	return kind;
}

/* The last of the calls that are stopped with that one: whoever is told so is told after it. */
static size_t last_stop_with(const struct facts *f, size_t stop)
{
	size_t last = stop;

	for (size_t i = stop + 1; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of != PP_LINE_ENTRY || line->height <= line_at(f, last)->height)
			continue;
		if (!is_text(line->kind, "call.stopped") ||
			line->incident != line_at(f, stop)->incident ||
			line->actor != line_at(f, stop)->actor)
			break;
		last = i;
	}
	return last;
}

static bool is_called_or_comes(const char *call)
{
	return is_text(call, "call.notified") || is_text(call, "call.accepted") ||
	       is_text(call, "call.en-route") || is_text(call, "call.on-scene");
}

/* He was called or came by that call as the others were stopped, and only his own word has ended it
 * since, in the same look: he has said no, or was there and has gone. */
static bool ended_it_himself(const struct facts *f, int64_t callout, size_t stopped, size_t look)
{
	for (size_t i = stopped + 1; i <= look; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->callout == callout &&
			(is_text(line_at(f, i)->kind, "call.stopped") ||
				is_text(line_at(f, i)->kind, "call.expired")))
			return false;
	return is_called_or_comes(call_at(f, callout, stopped));
}

/* By another call of the incident he, or his agency, is still called, or comes. */
static bool is_wanted(const struct facts *f, const struct pp_line *told, size_t stop)
{
	size_t look = look_after(f, stop), stopped = last_stop_with(f, stop);

	for (size_t i = 0; i <= look; i++) {
		const struct pp_line *o = line_at(f, i);

		if (is_of_the_same(f, o, told, look) &&
			(is_called_or_comes(call_at(f, o->callout, look)) ||
				ended_it_himself(f, o->callout, stopped, look)))
			return true;
	}
	return false;
}

static size_t entry_at(const struct facts *f, int64_t height)
{
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->height == height)
			return i;
	return NONE;
}

/* Whoever was told gets one word that others have it. He has had it if it came after that message
 * had gone out, though by the stop of another of his calls, and the call of that message is stopped
 * only later. It is of one incident: of another only once the two are one. */
static bool has_heard_before(
	const struct facts *f, const struct pp_line *told, const struct pp_line *word)
{
	size_t called = entry_at(f, told->entry), heard = entry_at(f, word->entry), state;

	if (called == NONE || heard == NONE || word->entry <= told->entry)
		return false;
	state = state_at(f, told->key, line_at(f, heard)->t_us);
	return state != NONE && is_text(line_at(f, state)->state, "sent") &&
	       line_at(f, heard)->incident == facts_whole(f, line_at(f, called)->incident, heard);
}

static void check_stop_word(struct court *c, size_t row, size_t stop)
{
	const struct facts *f = c->f;
	const struct pp_line *told = line_at(f, row);
	size_t state = state_at(f, told->key, line_at(f, stop)->t_us);

	if (state == NONE || look_after(f, stop) == NONE ||
		!is_text(line_at(f, state)->state, "sent") || was_called_again(f, told, stop) ||
		is_wanted(f, told, stop))
		return;
	for (size_t i = 0; i <= f->end; i++)
		if (is_row(line_at(f, i)) && is_text(line_at(f, i)->purpose, "stop") &&
			line_at(f, i)->contact == told->contact &&
			(line_at(f, i)->entry >= line_at(f, stop)->height ||
				has_heard_before(f, told, line_at(f, i))))
			return;
	breach(c, LINES(row, state, stop),
		"call %" PRId64 ": %s was told to come, and not that others have it", told->callout,
		told->contact);
}

void notices_judge(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; pp_history_sees(f->h, PP_LINE_QUEUED) && i <= f->end; i++) {
		size_t stop;

		if (!is_row(line_at(f, i)) || !is_text(line_at(f, i)->purpose, "alarm") ||
			!is_first(f, i))
			continue;
		stop = stop_of(f, line_at(f, i)->callout);
		if (stop == NONE)
			continue;
		check_withdrawn(c, i, stop);
		/* (Of an exercise that has become serious nobody is told that others have it.) */
		if (line_at(f, stop)->ring)
			check_stop_word(c, i, stop);
	}
}

/* ---- one way after the other ---- */

/* The line in which a way of the same contact and call before it has failed. */
static bool has_failed_before(const struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	for (size_t i = 0; i <= f->end && line_at(f, i)->t_us <= line->t_us; i++) {
		const struct pp_line *o = line_at(f, i);

		if (is_row(o) && o->callout == line->callout && o->contact == line->contact &&
			o->entry == line->entry && o->way_number < line->way_number &&
			is_text(o->state, "failed"))
			return true;
	}
	return false;
}

static void check_way(struct court *c, size_t index)
{
	const struct pp_line *line = line_at(c->f, index);

	if (line->way_number <= 0 || !is_text(line->state, "queued") ||
		has_failed_before(c->f, index))
		return;
	breach(c, LINES(index),
		"call %" PRId64 ": %s is told by a further way, and the one before has not failed",
		line->callout, line->contact);
}

static bool has_next(const struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *o = line_at(f, i);

		if (is_row(o) && o->callout == line->callout && o->contact == line->contact &&
			o->entry == line->entry && o->way_number > line->way_number &&
			!is_text(o->state, "held") && i <= look_after(f, index))
			return true;
	}
	return false;
}

static bool has_further(const struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	for (size_t i = 0; i <= f->end; i++)
		if (is_row(line_at(f, i)) && line_at(f, i)->callout == line->callout &&
			line_at(f, i)->contact == line->contact &&
			line_at(f, i)->entry == line->entry &&
			line_at(f, i)->way_number > line->way_number)
			return true;
	return false;
}

/* Where a way has failed the next one is tried, in the same moment. */
static void check_failed(struct court *c, size_t index)
{
	const struct pp_line *line = line_at(c->f, index);

	if (look_after(c->f, index) == NONE)
		return;
	if (is_text(line->state, "failed") && has_further(c->f, index) && !has_next(c->f, index))
		breach(c, LINES(index),
			"call %" PRId64 ": a way to %s has failed, and the next is not tried",
			line->callout, line->contact);
}

static void check_called(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *call = line_at(f, index);

	if (look_after(f, index) == NONE)
		return;
	for (size_t i = 0; i <= f->end; i++)
		if (is_row(line_at(f, i)) && line_at(f, i)->entry == call->height &&
			!is_text(line_at(f, i)->state, "held"))
			return;
	breach(c, LINES(index), "call %" PRId64 ": somebody is called, and nothing is sent",
		call->callout);
}

static void check_ended(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	uint64_t from = line->t_us > f->healed_us ? line->t_us : f->healed_us;

	if (!is_text(line->state, "queued") || from + PERSON_WAIT_US + f->blur_us > f->end_us ||
		state_at(f, line->key, f->end_us) != index)
		return;
	breach(c, LINES(index, f->healed, f->end),
		"call %" PRId64 ": a message to %s waits, though all is well", line->callout,
		line->contact);
}

void notices_check(struct court *c, bool undone)
{
	const struct facts *f = c->f;

	for (size_t i = 0; pp_history_sees(f->h, PP_LINE_QUEUED) && i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (is_never(c) && !undone && line->kind_of == PP_LINE_ENTRY &&
			is_text(line->kind, "call.notified"))
			check_called(c, i);
		if (!is_row(line))
			continue;
		if (is_never(c) && !undone) {
			check_way(c, i);
			check_failed(c, i);
		}
		if (is_promise(c) && !undone)
			check_ended(c, i);
	}
}
