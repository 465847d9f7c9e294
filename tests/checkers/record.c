/* SPDX-License-Identifier: Apache-2.0 */
/* record.c -- the chain of the timeline, a server that goes on after a failed sync, bounds. */
#include "breach.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* ---- the chain ---- */

struct chain {
	size_t *by_height; /* line of the newest entry of each height; NONE */
	int64_t top, size;
};

static bool is_same(const char *a, const char *b)
{
	return !a || !b || a == b;
}

/* Whether a cut, or an older copy, may have taken an entry back between those lines. */
static bool may_differ(const struct facts *f, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_CRASH && line->node == f->server &&
			is_text(line->how, "power"))
			return true;
	}
	return facts_undone(f, f->record, from, to);
}

static void check_linked(struct court *c, struct chain *k, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *line = line_at(f, index);
	size_t old = k->by_height[line->height], below = k->by_height[line->height - 1];

	if (old != NONE && !is_same(line_at(f, old)->hash, line->hash) &&
		!may_differ(f, old, index))
		breach(c, LINES(old, index), "entry %" PRId64 " of the timeline was rewritten",
			line->height);
	if (below != NONE && !is_same(line_at(f, below)->hash, line->previous) &&
		!may_differ(f, below, index))
		breach(c, LINES(below, index),
			"entry %" PRId64 " does not follow from the one before it", line->height);
	if (below == NONE && line->height > 1 && k->top > 0 && k->top < line->height)
		breach(c, LINES(k->by_height[k->top], index),
			"entries %" PRId64 " to %" PRId64 " are missing", k->top + 1,
			line->height - 1);
}

static void chain_entry(struct court *c, struct chain *k, size_t index)
{
	const struct pp_line *line = line_at(c->f, index);

	if (line->height < 1 || line->height >= k->size)
		return;
	check_linked(c, k, index);
	k->by_height[line->height] = index;
	if (line->height > k->top)
		k->top = line->height;
}

/* A head that went out must be of an entry that is still there. */
static void check_head(struct court *c, const struct chain *k, size_t index)
{
	const struct facts *f = c->f;
	const struct pp_line *head = line_at(f, index);
	size_t entry;

	if (head->height < 1 || head->height > k->top || facts_undone(f, f->record, index, f->end))
		return;
	entry = k->by_height[head->height];
	if (entry != NONE && !is_same(line_at(f, entry)->hash, head->hash))
		breach(c, LINES(index, entry),
			"the head of entry %" PRId64 " that went out is not that of the record",
			head->height);
}

static void check_cut_off(struct court *c, const struct chain *k)
{
	const struct facts *f = c->f;
	size_t last_look = NONE;

	for (size_t i = 0; i <= f->end; i++)
		if (facts_read_all(f, line_at(f, i)))
			last_look = i;
	for (size_t i = 0; last_look != NONE && k->top > 0 && i < last_look; i++) {
		const struct pp_line *head = line_at(f, i);

		if (head->kind_of != PP_LINE_HEAD || head->height <= k->top ||
			!facts_before(f, i, last_look) || facts_undone(f, f->record, i, f->end))
			continue;
		breach(c, LINES(i, k->by_height[k->top], last_look),
			"a head of height %" PRId64 " went out, and the timeline ends at %" PRId64,
			head->height, k->top);
		return;
	}
}

void check_chain_break(struct court *c)
{
	const struct facts *f = c->f;
	struct chain k = { .top = 0, .size = (int64_t)f->end + 2 };

	if (!is_never(c))
		return;
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->height >= k.size &&
			line_at(f, i)->height < 1000000)
			k.size = line_at(f, i)->height + 1;
	k.by_height = malloc((size_t)(k.size + 1) * sizeof(*k.by_height));
	assert(k.by_height);
	for (int64_t i = 0; i <= k.size; i++)
		k.by_height[i] = NONE;
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == PP_LINE_ENTRY)
			chain_entry(c, &k, i);
		if (line->kind_of == PP_LINE_CHAIN && line->has_ok && !line->ok)
			breach(c, LINES(i), "the record does not verify: %s",
				line->why ? line->why : "?");
	}
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_HEAD)
			check_head(c, &k, i);
	if (pp_history_sees(f->h, PP_LINE_ENTRY))
		check_cut_off(c, &k);
	free(k.by_height);
}

/* ---- after a failed sync ---- */

void check_carried_on(struct court *c)
{
	const struct facts *f = c->f;

	for (size_t i = 0; is_never(c) && i <= f->end; i++) {
		const struct pp_line *hit = line_at(f, i);

		if (hit->kind_of != PP_LINE_HIT || hit->node != f->server || !f->server ||
			!is_text(hit->call, "sync") || !is_text(hit->file, "record"))
			continue;
		for (size_t j = i + 1; j <= f->end; j++) {
			const struct pp_line *line = line_at(f, j);

			if ((line->kind_of == PP_LINE_CRASH || line->kind_of == PP_LINE_START) &&
				line->node == hit->node)
				break;
			if (line->kind_of != PP_LINE_RECEIPT || !facts_before(f, i, j))
				continue;
			breach(c, LINES(i, j), "the server gave a receipt after a sync had failed");
			break;
		}
	}
}

/* ---- bounds ---- */

void check_bound_exceeded(struct court *c)
{
	for (size_t i = 0; is_never(c) && i <= c->f->end; i++) {
		const struct pp_line *line = line_at(c->f, i);

		if (line->kind_of == PP_LINE_SIZE && line->bound != PP_ABSENT &&
			line->value > line->bound)
			breach(c, LINES(i), "%s: %s is %" PRId64 ", its bound is %" PRId64,
				line->node ? line->node : "?", line->what ? line->what : "?",
				line->value, line->bound);
	}
}
