/* SPDX-License-Identifier: Apache-2.0 */
/* people.c -- what people are told, who is believed, and what a timeline may say. */
#include "ladders.h"

#include <inttypes.h>
#include <string.h>

/* A receiver that was dead is tried again after at most 5 minutes. */
#define TOLD_US (320 * S_US)

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

static bool was_undone(const struct facts *f)
{
	return facts_undone(f, f->record, 0, f->end);
}

/* ---- cancel before press ---- */

static bool is_fact(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_ENTRY && line->incident &&
	       (is_text(line->kind, "incident.restore") || is_text(line->kind, "incident.cancel"));
}

static bool was_opened(const struct facts *f, const struct pp_line *fact, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY &&
			line_at(f, i)->incident == fact->incident &&
			is_text(line_at(f, i)->kind, "incident.opened"))
			return true;
	return false;
}

/* A restore or cancel in the record, and its alarm gone for good. */
static void check_hidden(struct court *c, const struct signal *s)
{
	const struct facts *f = c->f;

	if (s->type != f->alarm || s->row == NONE || s->present || was_undone(f) ||
		facts_any(f, PP_LINE_CRASH, f->server, s->row, f->end))
		return;
	for (size_t i = s->row; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ROW && line_at(f, i)->post == s->post &&
			line_at(f, i)->epoch == s->epoch && line_at(f, i)->cause == s->seq) {
			breach(c, LINES(s->row, i),
				"%s %s/%" PRId64 ": its restore deleted an alarm", s->post,
				s->epoch, s->seq);
			return;
		}
}

void check_cancel_before_press(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; is_never(c) && i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (is_fact(line) && !was_opened(f, line, i))
			breach(c, LINES(i), "incident %s: %s before its alarm", line->incident,
				line->kind);
		if (line->kind_of == PP_LINE_ENTRY && is_text(line->kind, "incident.closed") &&
			!begins(line->actor, "user:") && !begins(line->actor, "ctl:"))
			breach(c, LINES(i), "incident %s: closed by %s", line->incident,
				line->actor ? line->actor : "nobody");
	}
	for (size_t i = 0; is_never(c) && i < f->signal_count; i++)
		check_hidden(c, &f->signals[i]);
}

/* ---- notifications ---- */

/* The newest line of that notification. */
static size_t queued_find(const struct facts *f, const char *key)
{
	for (size_t i = f->end + 1; i-- > 0;)
		if (line_at(f, i)->kind_of == PP_LINE_QUEUED && line_at(f, i)->key == key)
			return i;
	return NONE;
}

/* A request with that key; is_good: that the sink took. */
static size_t told_find(const struct facts *f, const char *key, bool is_good)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_TOLD && line->key == key &&
			(!is_good || (line->answer >= 200 && line->answer < 300)))
			return i;
	}
	return NONE;
}

static void check_queued(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);

	if (queued_find(f, line->key) != index)
		return;
	for (size_t i = 0; i < index; i++) {
		const struct pp_line *o = line_at(f, i);

		if (o->kind_of == PP_LINE_QUEUED && o->key != line->key &&
			o->target == line->target && o->entry == line->entry &&
			o->channel == line->channel && o->contact == line->contact &&
			o->way_number == line->way_number && line->entry != PP_ABSENT) {
			breach(c, LINES(i, index),
				"%s was queued twice for one event, as %s and %s", line->target,
				o->key, line->key);
			return;
		}
	}
	if (pp_history_sees(f->h, PP_LINE_TOLD) && is_text(line->state, "sent") &&
		told_find(f, line->key, true) == NONE)
		breach(c, LINES(index, told_find(f, line->key, false)),
			"notification %s is called sent, and the receiver never took it",
			line->key);
}

static bool is_call(const char *kind)
{
	return begins(kind, "call.") || is_text(kind, "sms") || is_text(kind, "mail");
}

/* (After its alarms were parted an incident may have as many as before once more.) */
static bool is_other_event(const struct facts *f, const char *a, const char *b)
{
	size_t one = a ? queued_find(f, a) : NONE, two = b ? queued_find(f, b) : NONE;

	return one != NONE && two != NONE && f->kin_count > 0 &&
	       line_at(f, one)->entry != line_at(f, two)->entry;
}

static void check_key(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);

	/* A storm is told again as long as it lasts, also when only restores have come; a clock
	 * that steps makes it sooner than a minute. What nobody takes is told again each minute,
	 * and that it is taken each time it is. Each time is an entry of its own. */
	bool again = is_text(line->kind, "incident.storm") ||
		     is_text(line->kind, "incident.escalated") ||
		     is_text(line->kind, "incident.taken") || is_call(line->kind);

	for (size_t i = 0; !again && i < index; i++) {
		const struct pp_line *o = line_at(f, i);

		if (o->kind_of == PP_LINE_TOLD && o->sink == line->sink &&
			o->incident == line->incident && o->kind == line->kind &&
			o->signals == line->signals && o->key != line->key &&
			!is_other_event(f, o->key, line->key)) {
			breach(c, LINES(i, index), "%s was told of incident %s (%s) with a new key",
				line->sink, line->incident, line->kind);
			return;
		}
	}
	if (pp_history_sees(f->h, PP_LINE_QUEUED) && queued_find(f, line->key) == NONE)
		breach(c, LINES(index), "%s was told something that is not in the record: key %s",
			line->sink, line->key);
}

static bool is_alert(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_ENTRY &&
	       (is_text(line->kind, "incident.opened") || is_text(line->kind, "incident.signal"));
}

static bool is_queued(const struct facts *f, const struct pp_line *entry, const char *target)
{
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_QUEUED && line->target == target &&
			line->entry == entry->height)
			return true;
	}
	return false;
}

/* Each alert is queued for each receiver, in the transaction of the alert itself. */
static void check_alert(struct court *c, size_t index)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < index; i++) {
		const struct pp_line *target = line_at(f, i);

		if (target->kind_of == PP_LINE_TARGET && target->name &&
			!is_queued(f, line_at(f, index), target->name))
			breach(c, LINES(index, i), "%s of incident %s was queued for %s nowhere",
				line_at(f, index)->kind, line_at(f, index)->incident, target->name);
	}
}

static void check_delivered(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	uint64_t from = line->t_us > f->healed_us ? line->t_us : f->healed_us;

	if (queued_find(f, line->key) != index || !is_text(line->state, "queued") ||
		from + TOLD_US + f->blur_us > f->end_us)
		return;
	breach(c, LINES(index, told_find(f, line->key, false), f->end),
		"notification %s is still queued, though its receiver is well", line->key);
}

void check_notification(struct court *c)
{
	const struct facts *f = c->f;
	bool undone = was_undone(f);

	notices_check(c, undone);
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (is_never(c) && !undone && line->kind_of == PP_LINE_QUEUED)
			check_queued(c, i);
		if (is_never(c) && !undone && line->kind_of == PP_LINE_TOLD)
			check_key(c, i);
		if (is_never(c) && !undone && is_alert(line) &&
			pp_history_sees(f->h, PP_LINE_QUEUED))
			check_alert(c, i);
		if (is_promise(c) && line->kind_of == PP_LINE_QUEUED)
			check_delivered(c, i);
	}
}

/* ---- identity ---- */

static void check_forged(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *forge = line_at(f, index);
	const struct signal *s;

	if (!forge->post || !forge->epoch || forge->seq == PP_ABSENT)
		return;
	s = facts_signal(f, forge);
	if (!s || !s->forged)
		return;
	if (s->row != NONE)
		breach(c, LINES(index, s->row),
			"%s %s/%" PRId64 ": a forged signal (%s) is in the record", s->post,
			s->epoch, s->seq, forge->why ? forge->why : "?");
	else if (s->receipt != NONE)
		breach(c, LINES(index, s->receipt),
			"%s %s/%" PRId64 ": a forged signal (%s) was receipted", s->post, s->epoch,
			s->seq, forge->why ? forge->why : "?");
}

static void check_revoked(struct court *c, size_t index)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < f->signal_count; i++) {
		const struct signal *s = &f->signals[i];

		if (s->post != line_at(f, index)->post)
			continue;
		if (s->receipt != NONE && facts_before(f, index, s->receipt))
			breach(c, LINES(index, s->receipt),
				"%s %s/%" PRId64 ": recorded after its post was revoked", s->post,
				s->epoch, s->seq);
	}
}

/* What is asked for, and what stands on the timeline of it. */
static const struct {
	const char *move, *kind;
	bool elsewhere; /* also of an incident that it has made */
	bool again;     /* a second time changes nothing */
} moves[] = {
	{ "acknowledge", "incident.acknowledged", false, false },
	{ "dispatch", "incident.dispatched", false, false },
	{ "on-scene", "incident.on-scene", false, false },
	{ "close", "incident.closed", false, false },
	{ "note", "incident.note", false, false },
	{ "hand-over", "incident.offered", false, false },
	{ "take-over", "incident.handed-over", false, false },
	{ "convert", "incident.converted", false, false },
	{ "merge", "incident.merged", false, true },
	{ "split", "incident.split", false, false },
	{ "link", "incident.linked", true, true },
	{ "unlink", "incident.unlinked", false, true },
	{ "report", "incident.opened", true, true },
	/* What these bring with them. */
	{ "report", "incident.note", true, true },
	{ "report", "incident.acknowledged", true, true },
	{ "split", "incident.opened", true, true },
	{ "split", "incident.acknowledged", true, true },
	{ "split", "incident.linked", true, true },
	{ "call", "incident.dispatched", false, true },
	{ "call", "incident.on-scene", false, true },
	{ "call", "incident.returned", false, true },
	{ "convert", "incident.returned", false, true },
};

/* (Calls go with their incident into what that is made a part of.) */
static bool is_asked(const struct facts *f, const struct pp_line *act, size_t entry, size_t move)
{
	const struct pp_line *done = line_at(f, entry);

	if (act->kind_of != PP_LINE_ACT || act->who != done->actor ||
		!is_text(act->move, moves[move].move))
		return false;
	return moves[move].elsewhere || act->incident == done->incident ||
	       (is_text(act->move, "call") &&
		       facts_whole(f, act->incident, entry) == done->incident);
}

/* A move that its actor never asked for. (An observer may write the answer after the event.) */
static void check_move(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *entry = line_at(f, index);
	bool is_move = false;

	if (!pp_history_sees(f->h, PP_LINE_ACT) || !begins(entry->actor, "user:"))
		return;
	for (size_t k = 0; k < sizeof(moves) / sizeof(moves[0]); k++) {
		if (!is_text(entry->kind, moves[k].kind))
			continue;
		is_move = true;
		for (size_t i = 0; i <= f->end; i++)
			if (is_asked(f, line_at(f, i), index, k))
				return;
	}
	if (is_move)
		breach(c, LINES(index), "incident %s: %s by %s, who never asked for it",
			entry->incident, entry->kind, entry->actor);
}

static bool is_done(const struct pp_line *entry, const struct pp_line *act, size_t move)
{
	return entry->kind_of == PP_LINE_ENTRY && entry->actor == act->who &&
	       entry->incident == act->incident && is_text(entry->kind, moves[move].kind);
}

/* A move that was answered with yes, and is in no timeline. */
static void check_promised_move(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *act = line_at(f, index);
	size_t last_look = NONE, move = 0;

	while (move < sizeof(moves) / sizeof(moves[0]) && !is_text(act->move, moves[move].move))
		move++;
	if (!act->ok || was_undone(f) || !pp_history_sees(f->h, PP_LINE_ENTRY) ||
		move == sizeof(moves) / sizeof(moves[0]) || moves[move].again)
		return;
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (is_done(line, act, move))
			return;
		if (facts_read_all(f, line))
			last_look = i;
	}
	if (last_look != NONE && facts_before(f, index, last_look))
		breach(c, LINES(index, last_look),
			"incident %s: %s by %s was answered yes, and is nowhere", act->incident,
			act->move, act->who);
}

void check_foreign_identity(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; is_never(c) && i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_FORGE)
			check_forged(c, i);
		else if (line->kind_of == PP_LINE_REVOKE)
			check_revoked(c, i);
		else if (line->kind_of == PP_LINE_ENTRY)
			check_move(c, i);
		else if (line->kind_of == PP_LINE_ACT)
			check_promised_move(c, i);
	}
}
