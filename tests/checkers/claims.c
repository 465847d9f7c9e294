/* SPDX-License-Identifier: Apache-2.0 */
/* claims.c -- an incident stays with whoever has taken it while his page is there, and returns when
 * it has been away for 20 s. */
#include "breach.h"

#include <string.h>

#define GONE_US (20 * S_US)
#define WORD_US (6 * S_US) /* pages are spoken of every 5 s */
#define ROOM_US (4 * S_US)
#define EARLY_US (1 * S_US) /* clocks differ by less */
#define FAULT_US (150 * S_US)

/* From when on somebody holds an incident. */
struct claim {
	const char *incident, *holder;
	size_t line, end; /* of the entry that ends it; NONE: none does */
};

static bool ends_claim(const struct pp_line *line)
{
	return is_text(line->kind, "incident.returned") || is_text(line->kind, "incident.closed") ||
	       is_text(line->kind, "incident.merged") || is_text(line->kind, "incident.gathered") ||
	       is_text(line->kind, "incident.handed-over");
}

static bool begins_claim(const struct pp_line *line)
{
	return line->kind_of == PP_LINE_ENTRY && line->incident && line->actor &&
	       strncmp(line->actor, "user:", 5) == 0 &&
	       (is_text(line->kind, "incident.acknowledged") ||
		       is_text(line->kind, "incident.handed-over"));
}

static struct claim claim_of(const struct facts *f, size_t index)
{
	struct claim k = { line_at(f, index)->incident, line_at(f, index)->actor, index, NONE };

	for (size_t i = index + 1; i <= f->end && k.end == NONE; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY &&
			line_at(f, i)->incident == k.incident && ends_claim(line_at(f, i)))
			k.end = i;
	return k;
}

static bool is_page(const struct pp_line *line, const char *who)
{
	return line->kind_of == PP_LINE_PAGE && line->who == who;
}

/* His page at some line. */
struct page {
	bool on;
	uint64_t since_us;
	uint64_t gone_us; /* when it went the last time; 0: it never did */
};

static struct page page_at(const struct facts *f, const char *who, size_t index)
{
	struct page p = { .on = false };

	for (size_t i = 0; i <= index; i++) {
		const struct pp_line *line = line_at(f, i);

		if (!is_page(line, who))
			continue;
		p.on = line->on;
		p.since_us = line->t_us;
		p.gone_us = line->on ? p.gone_us : line->t_us;
	}
	return p;
}

/* The server ran, and wrote, all the time. */
static bool was_well(const struct facts *f, uint64_t from, uint64_t to)
{
	const struct life *life = f->server ? facts_life(f, f->server, from) : NULL;
	size_t before = facts_line_after(f, from > FAULT_US ? from - FAULT_US : 0);

	return life && life->ready_us <= from && facts_runs(life, to) && !life->frozen &&
	       !facts_any(f, PP_LINE_HIT, f->server, before, facts_line_after(f, to));
}

/* His page went at that line, or he has what he had no page for. */
static void check_kept(struct court *c, const struct claim *k, size_t gone)
{
	const struct facts *f = c->f;
	uint64_t from = line_at(f, gone)->t_us, due;

	for (size_t i = gone; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		due = from + GONE_US + WORD_US + ROOM_US + f->blur_us;
		if (line->t_us > due)
			break;
		if (i == k->end || (is_page(line, k->holder) && line->on))
			return;
		/* Whoever has just done something was there; a server that starts waits anew. */
		if ((line->kind_of == PP_LINE_ACT && line->who == k->holder) ||
			(line->kind_of == PP_LINE_READY && line->node == f->server))
			from = line->t_us;
	}
	due = from + GONE_US + WORD_US + ROOM_US + f->blur_us;
	if (due > f->end_us || !was_well(f, from, due))
		return;
	breach(c, LINES(k->line, gone, facts_line_after(f, due)),
		"incident %s: the page of %s has been away for 20 s, and it has not returned",
		k->incident, k->holder);
}

/* It had been away for 20 s, and if it has come back the server may not have heard so yet. */
static void check_taken_away(struct court *c, const struct claim *k)
{
	const struct facts *f = c->f;
	const struct pp_line *end = line_at(f, k->end);
	struct page page = page_at(f, k->holder, k->end);
	uint64_t back = GONE_US + WORD_US, away_until = page.on ? page.since_us : end->t_us;

	/* For so long his page was spoken of, unless the server could not listen. */
	if (end->t_us < back || !was_well(f, end->t_us - back, end->t_us))
		return;
	if ((!page.on || end->t_us <= page.since_us + ROOM_US + f->blur_us) &&
		away_until + EARLY_US + f->blur_us >= page.gone_us + GONE_US)
		return;
	breach(c, LINES(k->line, k->end), "incident %s: taken from %s, whose page %s there",
		k->incident, k->holder, page.on ? "is" : "was a moment ago");
}

void check_claim_kept(struct court *c)
{
	const struct facts *f = c->f;

	if (!is_never(c) || !pp_history_sees(f->h, PP_LINE_PAGE) ||
		facts_undone(f, f->record, 0, f->end))
		return;
	for (size_t i = 0; i <= f->end; i++) {
		struct claim k;

		if (!begins_claim(line_at(f, i)))
			continue;
		k = claim_of(f, i);
		if (!page_at(f, k.holder, i).on)
			check_kept(c, &k, i);
		for (size_t j = i + 1; j <= f->end && j < k.end; j++)
			if (is_page(line_at(f, j), k.holder) && !line_at(f, j)->on)
				check_kept(c, &k, j);
		if (k.end != NONE && is_text(line_at(f, k.end)->kind, "incident.returned") &&
			is_text(line_at(f, k.end)->actor, "server"))
			check_taken_away(c, &k);
	}
}
