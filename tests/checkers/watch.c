/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c -- doubt that is not told, silence that is not shown, programs that do not come back. */
#include "breach.h"

#include <assert.h>
#include <inttypes.h>

#include "ladders.h"
#include "lamps.h"
#include "reboots.h"

#define DOUBT_US (10 * S_US)
#define DOUBT_ROOM_US (1 * S_US)
#define DESK_US (60 * S_US)
#define DESK_BACK_US (45 * S_US)
#define POST_US (30 * S_US)
#define FLIGHT_US (10 * S_US) /* what was on its way when the link broke may still arrive */
#define FAULT_US (150 * S_US) /* a fault that began so long ago may still last */
#define RUNNING_US (5 * S_US)
#define TROUBLE_US (90 * S_US)

/* ---- no silent doubt ---- */

/* Changes of the lamps that tell of a doubt: *taken* of the press's class, or the trouble lamp. */
static size_t blinks(const struct facts *f, const struct press *p, uint64_t from, uint64_t to)
{
	size_t count = 0;

	for (size_t i = facts_line_after(f, from); i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->t_us > to)
			break;
		if (line->kind_of != PP_LINE_LIGHT || line->post != p->post)
			continue;
		if (is_text(line->role, "trouble") ||
			(is_text(line->role, "taken") && concerns(line->class, p)))
			count++;
	}
	return count;
}

static size_t receipt_of(const struct press *p)
{
	size_t best = NONE;

	for (const struct signal *s = p->signals; s; s = s->next_of_press)
		if (s->receipt < best)
			best = s->receipt;
	return best;
}

static bool is_alone(const struct facts *f, const struct press *p)
{
	for (size_t i = 0; i < f->press_count; i++) {
		const struct press *q = &f->presses[i];

		if (q != p && q->post == p->post && q->class == p->class &&
			q->at_us < p->at_us + 2 * DOUBT_US)
			return false;
	}
	return true;
}

/* Whether *received* of its class was lit at any time in between. */
static bool was_received(
	const struct lamps *lamps, const struct press *p, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < lamps->count; i++) {
		const struct span *s = &lamps->spans[i];

		if (s->post == p->post && is_text(s->role, "received") && concerns(s->class, p) &&
			s->from_us <= to && s->to_us >= from)
			return true;
	}
	return false;
}

static void check_doubt(struct court *c, const struct lamps *lamps, const struct press *p)
{
	const struct facts *f = c->f;
	uint64_t due = p->at_us + DOUBT_US, until = due + DOUBT_ROOM_US + f->blur_us;
	size_t receipt = receipt_of(p);
	bool came = in_time(f, receipt, until);

	if (p->silent || p->captured_us == NEVER_US || p->life->end_us < until + S_US ||
		f->end_us < until || facts_any(f, PP_LINE_REVOKE, p->post, 0, f->end))
		return;
	/* A receipt that came, or was lost on its way: only for a press without others can be told
	 * from the lamps which. */
	if (came && (!is_alone(f, p) || was_received(lamps, p, p->at_us, until)))
		return;
	if (blinks(f, p, due - f->blur_us, until) >= 2)
		return;
	breach(c, LINES(p->line, receipt, facts_line_after(f, due)),
		"%s %s: no receipt came in 10 s, and no lamp told of it", p->post, p->point);
}

void check_silent_doubt(struct court *c)
{
	const struct facts *f = c->f;
	struct lamps lamps;
	int r;

	if (!is_never(c) || !pp_history_sees(f->h, PP_LINE_RECEIPT) ||
		!pp_history_sees(f->h, PP_LINE_LIGHT))
		return;
	r = lamps_new(f, &lamps);
	assert(r == 0);
	for (size_t i = 0; i < f->press_count; i++)
		check_doubt(c, &lamps, &f->presses[i]);
	lamps_done(&lamps);
}

/* ---- supervision ---- */

/* A time in which a post and the server are apart, or its agent is down. */
struct silence {
	size_t from, to; /* lines; to NONE: it lasts */
};

/* They are apart, and what the post says arrives all the same. */
static bool is_heard(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_APART && is_text(line->way, "down");
}

static bool is_over(const struct pp_line *line, const char *post, bool apart, bool words)
{
	if (!apart)
		return line->kind_of == PP_LINE_START && line->node == post;
	return line->post == post &&
	       (line->kind_of == PP_LINE_TOGETHER || (words && is_heard(line)));
}

/* words: only until what the post says may arrive. */
static struct silence silence_at(const struct facts *f, const char *post, size_t index, bool words)
{
	bool apart = line_at(f, index)->kind_of == PP_LINE_APART;

	for (size_t i = index + 1; i <= f->end; i++)
		if (is_over(line_at(f, i), post, apart, words))
			return (struct silence){ index, i };
	return (struct silence){ index, NONE };
}

static uint64_t time_of(const struct facts *f, size_t index)
{
	return index == NONE ? f->end_us : line_at(f, index)->t_us;
}

/* The server was up, unhurt and thawed all the time. */
static bool server_was_well(const struct facts *f, uint64_t from, uint64_t to)
{
	const struct life *life = f->server ? facts_life(f, f->server, from) : NULL;
	size_t before;

	if (!life || life->ready_us > from || !facts_runs(life, to) || life->frozen)
		return false;
	before = facts_line_after(f, from > FAULT_US ? from - FAULT_US : 0);
	return !facts_any(f, PP_LINE_FAULT, f->server, before, facts_line_after(f, to)) &&
	       !facts_any(f, PP_LINE_HIT, f->server, before, facts_line_after(f, to));
}

/* What the desk shows of the post at that time. NULL: it was never told. */
static const struct pp_line *desk_at(const struct facts *f, const char *post, uint64_t at_us)
{
	const struct pp_line *shown = NULL;

	for (size_t i = 0; i <= f->end && line_at(f, i)->t_us <= at_us; i++)
		if (line_at(f, i)->kind_of == PP_LINE_DESK && line_at(f, i)->post == post)
			shown = line_at(f, i);
	return shown;
}

/* Nothing of it can be on its way any more: no link was mended, and broker and server are well. */
static bool is_still(const struct facts *f, const char *post, const struct silence *s, size_t to)
{
	const char *broker = pp_history_text(f->h, "broker");
	uint64_t from = line_at(f, s->from)->t_us;
	size_t before = facts_line_after(f, from > FAULT_US ? from - FAULT_US : 0);

	return !facts_any(f, PP_LINE_APART, post, s->from + 1, to) &&
	       !facts_any(f, PP_LINE_TOGETHER, post, before, to) &&
	       !(broker && facts_any(f, PP_LINE_FAULT, broker, before, to)) &&
	       server_was_well(f, from > S_US ? from - S_US : 0, line_at(f, to)->t_us);
}

/* Replayed words keep nobody alive. */
static void check_replayed(struct court *c, const char *post, const struct silence *s, uint64_t due)
{
	const struct facts *f = c->f;
	size_t to = s->to == NONE ? f->end : s->to;

	for (size_t i = facts_line_after(f, due); i < to; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of != PP_LINE_DESK || line->post != post ||
			!is_text(line->shows, "supervised") || !is_still(f, post, s, i))
			continue;
		breach(c, LINES(s->from, i),
			"%s: long silent, and the desk shows it supervised again", post);
		return;
	}
}

static void check_desk(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index), *shown;
	const char *post = line->kind_of == PP_LINE_APART ? line->post : line->node;
	struct silence s = silence_at(f, post, index, true);
	uint64_t due = line->t_us + DESK_US + f->blur_us;

	/* (Who may not speak any more may be silent.) */
	if (is_heard(line) || time_of(f, s.to) < due || f->end_us < due ||
		facts_any(f, PP_LINE_REVOKE, post, 0, facts_line_after(f, due)) ||
		!server_was_well(f, line->t_us > S_US ? line->t_us - S_US : 0, due))
		return;
	shown = desk_at(f, post, due);
	if (shown && is_text(shown->shows, "supervised"))
		breach(c, LINES(index, shown->number - 1, facts_line_after(f, due)),
			"%s: silent for 60 s, and the desk shows it supervised", post);
	check_replayed(c, post, &s, due);
}

/* The agent lived, and could not reach the server. */
static void check_away(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	struct silence s = silence_at(f, line->post, index, false);
	uint64_t due = line->t_us + POST_US + FLIGHT_US + f->blur_us;
	const struct life *life = facts_life(f, line->post, line->t_us);
	bool has_lamp = false, lit = false;

	if (line->kind_of != PP_LINE_APART || time_of(f, s.to) < due || f->end_us < due || !life ||
		life->frozen || life->ready_us > line->t_us || !facts_runs(life, due))
		return;
	/* By its level: an agent that starts may find it lit by the one before, and leave it so. */
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *o = line_at(f, i);

		if (o->kind_of != PP_LINE_LIGHT || o->post != line->post ||
			!is_text(o->role, "server-away"))
			continue;
		has_lamp = true;
		if (o->t_us <= due)
			lit = o->on;
	}
	if (lit)
		return;
	if (has_lamp || pp_history_sees(f->h, PP_LINE_LIGHT))
		breach(c, LINES(index, facts_line_after(f, due)),
			"%s: cut off for 40 s, and its lamp does not say so", line->post);
}

/* After everything has healed a post that speaks is supervised again, and knows it. */
static void check_back(struct court *c, const struct lamps *lamps, const struct life *life)
{
	const struct facts *f = c->f;
	uint64_t from = life->ready_us > f->healed_us ? life->ready_us : f->healed_us;
	const struct life *server = f->server ? facts_life(f, f->server, f->end_us - 1) : NULL;
	const struct pp_line *shown = desk_at(f, life->node, f->end_us);

	if (!server || server->ready_us == NEVER_US || life == server || life->crash != NONE ||
		facts_any(f, PP_LINE_REVOKE, life->node, 0, f->end))
		return;
	if (server->ready_us > from)
		from = server->ready_us;
	if (from + DESK_BACK_US + f->blur_us > f->end_us)
		return;
	if (shown && !is_text(shown->shows, "supervised"))
		breach(c, LINES(f->healed, shown->number - 1, f->end),
			"%s: it speaks, and the desk does not show it", life->node);
	for (size_t i = 0; i < lamps->count; i++) {
		const struct span *o = &lamps->spans[i];

		if (o->life == life && is_text(o->role, "server-away") && o->off == NONE)
			breach(c, LINES(f->healed, o->on, f->end),
				"%s: the server is there, and its lamp says away", life->node);
	}
}

void check_supervision(struct court *c)
{
	const struct facts *f = c->f;
	struct lamps lamps;
	int r = lamps_new(f, &lamps);

	assert(r == 0);
	for (size_t i = 0; is_never(c) && i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_APART ||
			(line->kind_of == PP_LINE_CRASH && line->node != f->server))
			check_desk(c, i);
		if (line->kind_of == PP_LINE_APART)
			check_away(c, i);
	}
	for (size_t i = 0; is_promise(c) && i < f->life_count; i++)
		if (f->lives[i].ready_us != NEVER_US)
			check_back(c, &lamps, &f->lives[i]);
	lamps_done(&lamps);
}

/* ---- recovery ---- */

static bool is_calm(const struct facts *f, const struct life *life)
{
	if (f->healed != NONE && life->start_us >= f->healed_us)
		return true;
	return !facts_any(f, PP_LINE_FAULT, life->node, 0, f->end) &&
	       !facts_any(f, PP_LINE_HIT, life->node, 0, f->end);
}

static void check_life(struct court *c, const struct life *life)
{
	const struct facts *f = c->f;
	uint64_t due = life->start_us + RUNNING_US + f->blur_us;

	if (life->crash != NONE && is_text(line_at(f, life->crash)->how, "assert") && is_never(c))
		breach(c, LINES(life->crash), "%s: a program ended by an assertion: %s", life->node,
			line_at(f, life->crash)->what ? line_at(f, life->crash)->what : "?");
	if (is_never(c) && !life->frozen && is_calm(f, life) && life->ready_us > due &&
		life->end_us > due && f->end_us >= due)
		breach(c, LINES(life->start, life->ready), "%s: not ready 5 s after its start",
			life->node);
}

/* What was destroyed must be spoken of: a trouble of the post, whatever its kind. */
static void check_ruin(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *ruin = line_at(f, index);
	uint64_t from = ruin->t_us > f->healed_us ? ruin->t_us : f->healed_us;

	if (!ruin->post || f->end_us < from + TROUBLE_US + f->blur_us ||
		!pp_history_sees(f->h, PP_LINE_TROUBLE) || !is_text(ruin->what, "rows"))
		return;
	for (size_t i = index; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_TROUBLE && line_at(f, i)->post == ruin->post)
			return;
	breach(c, LINES(index, f->end), "%s: stored rows were destroyed, and nobody was told",
		ruin->post);
}

void check_recovery(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; i < f->life_count; i++)
		check_life(c, &f->lives[i]);
	for (size_t i = 0; is_promise(c) && i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_RUIN)
			check_ruin(c, i);
}

/* ---- ladders ---- */

/* Of the built-in plan, which is the one of every history that names no rings. */
#define DESK_WAIT_US (15 * S_US)
#define FALLBACK_WAIT_US (60 * S_US)
#define STEP_ROOM_US (2 * S_US)

static bool is_entry(const struct pp_line *line, const char *incident)
{
	return line->kind_of == PP_LINE_ENTRY && line->incident == incident;
}

/* The next entry of the incident behind index that says how it goes on. */
static size_t next_word(const struct facts *f, size_t index)
{
	static const char *const words[] = { "ladder.step", "incident.acknowledged",
		"incident.dispatched", "incident.closed", "incident.returned" };
	const char *incident = line_at(f, index)->incident;

	for (size_t i = index + 1; i <= f->end; i++) {
		if (!is_entry(line_at(f, i), incident))
			continue;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (is_text(line_at(f, i)->kind, words[k]))
				return i;
	}
	return NONE;
}

/* The last word of the incident before the step: it has opened, a claim has returned, or another
 * step is over. */
static const char *step_cause(const struct facts *f, size_t index)
{
	const char *incident = line_at(f, index)->incident;

	for (size_t i = index; i-- > 0;) {
		const struct pp_line *line = line_at(f, i);

		if (is_entry(line, incident) && (is_text(line->kind, "ladder.step") ||
							is_text(line->kind, "incident.opened") ||
							is_text(line->kind, "incident.returned")))
			return line->kind;
	}
	return "ladder.step";
}

/* The desk's step is the first one, also after a claim has returned. */
static uint64_t wait_of(const struct facts *f, size_t index)
{
	return is_text(step_cause(f, index), "ladder.step") ? FALLBACK_WAIT_US : DESK_WAIT_US;
}

/* The first line that names the incident: its receipt may be out before a page has read it. */
static const struct pp_line *first_word(const struct facts *f, const char *incident)
{
	size_t i = 0;

	while (line_at(f, i)->incident != incident)
		i++;
	return line_at(f, i);
}

/* By when it had fired, which is seen no sooner than somebody reads the record. false: that is not
 * known, because the program before may have written it, or the disk let readers wait. */
static bool is_fired(const struct facts *f, size_t index, uint64_t *ret_us)
{
	const struct pp_line *line = line_at(f, index);
	const struct life *life = f->server ? facts_life(f, f->server, line->t_us) : NULL;

	if (!life || life->ready >= index || life->ready_us + f->blur_us > line->t_us)
		return false;
	*ret_us = line->t_us;
	if (is_text(step_cause(f, index), "incident.opened"))
		*ret_us = first_word(f, line->incident)->t_us;
	else if (!server_was_well(f, line->t_us, line->t_us))
		return false;
	return true;
}

static void check_step(struct court *c, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	uint64_t wait = wait_of(f, index), due = reboots_due(f, index, wait);
	size_t next = next_word(f, index);
	const struct pp_line *word = next == NONE ? NULL : line_at(f, next);
	uint64_t fired_us;

	/* (After a reboot the rest runs from the boot, and that was before anybody was ready.) */
	if (word && is_text(word->kind, "ladder.step") && is_fired(f, index, &fired_us) &&
		!reboots_any(f, index, next) &&
		word->t_us + STEP_ROOM_US + f->blur_us < fired_us + wait)
		breach(c, LINES(index, next), "incident %s: the next step fired too early",
			line->incident);
	if (due == NEVER_US)
		return;
	due += STEP_ROOM_US + f->blur_us;
	if ((word && word->t_us <= due) || f->end_us < due ||
		!server_was_well(f, due - 3 * S_US, due))
		return;
	breach(c, LINES(index, next, facts_line_after(f, due)),
		"incident %s: nobody has taken it, and the next step did not fire in its time",
		line->incident);
}

void check_ladders(struct court *c)
{
	bool followed = ladders_follow(c, PART_GAP);

	for (size_t i = 0; !followed && i <= c->f->end; i++)
		if (line_at(c->f, i)->kind_of == PP_LINE_ENTRY &&
			is_text(line_at(c->f, i)->kind, "ladder.step"))
			check_step(c, i);
}
